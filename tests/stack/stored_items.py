"""The table's raw items: the only module of the suite that knows their shape."""

from datetime import datetime, timedelta

PERIODS = ("opened_at", "expires_at")


class StoredItems:
    """The items of the stack's table, by its owner's DynamoDB client."""

    def __init__(self, dynamodb, table: str):
        self.dynamodb = dynamodb
        self.table = table

    def everything(self) -> str:
        """All items as text, to look for what must not be stored."""
        return str(self.dynamodb.scan(TableName=self.table)["Items"])

    def has_requests(self, tag: str) -> bool:
        """Whether any request of the mailbox that has the tag is stored."""
        return f"request#{tag}" in self.everything()

    def requests_of(self, tag: str) -> str:
        """The requests of the mailbox that has the tag, as text."""
        return str(self.request_item(tag))

    def last_opening(self, tag: str) -> datetime:
        """When the newest request of that mailbox was opened."""
        return max(
            datetime.fromisoformat(text) for name, text in attributes(self.request_item(tag)) if name == "opened_at"
        )

    def age_requests(self, tag: str, by: timedelta) -> None:
        """Moves the stored requests of that mailbox into the past, as if so much time had gone by since."""
        self.dynamodb.put_item(TableName=self.table, Item=aged(self.request_item(tag), by))

    def request_item(self, tag: str) -> dict:
        key = {"pk": {"S": f"request#{tag}"}}
        return self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)["Item"]


def attributes(node: object) -> list[tuple[str, str]]:
    """Name and text of every string attribute, however deep it lies."""
    found = []
    for name, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        match child:
            case {"S": str(text)}:
                found.append((name, text))
            case _:
                found += attributes(child)
    return found


def aged(node: object, by: timedelta) -> object:
    """The attribute with every period in it moved into the past."""
    if isinstance(node, list):
        return [aged(child, by) for child in node]
    if not isinstance(node, dict):
        return node
    return {
        name: {"S": earlier(child["S"], by)} if name in PERIODS and "S" in child else aged(child, by)
        for name, child in node.items()
    }


def earlier(text: str, by: timedelta) -> str:
    return (datetime.fromisoformat(text) - by).isoformat().replace("+00:00", "Z")
