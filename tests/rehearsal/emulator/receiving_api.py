"""What SES answers about receiving and MiniStack does not: UpdateReceiptRule and ListReceiptFilters.

https://docs.aws.amazon.com/ses/latest/APIReference/API_UpdateReceiptRule.html
https://docs.aws.amazon.com/ses/latest/APIReference/API_ListReceiptFilters.html
"""

from urllib.parse import parse_qs

from ministack.services import ses

Answer = tuple[int, dict, bytes]


def install() -> None:
    own = ses.handle_request
    added = {"UpdateReceiptRule": update_receipt_rule, "ListReceiptFilters": list_receipt_filters}

    async def handle(method: str, path: str, headers: dict, body: bytes, query: dict) -> Answer:
        # Version 1 of the API has form fields, version 2 has none.
        form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True) if body else {}
        handler = added.get(form.get("Action", [""])[0])
        return handler(form) if handler else await own(method, path, headers, body, query)

    ses.handle_request = handle


def update_receipt_rule(form: dict) -> Answer:
    rule = ses._receipt_rule_from_params(form)
    rules = ses._receipt_rule_sets.get(form["RuleSetName"][0], {"Rules": []})["Rules"]
    if rule["Name"] not in [known["Name"] for known in rules]:
        return ses._receipt_error("RuleDoesNotExist", f"Rule does not exist: {rule['Name']}")
    rules[:] = [rule if known["Name"] == rule["Name"] else known for known in rules]
    return ses._receipt_result("UpdateReceiptRule")


def list_receipt_filters(_: dict) -> Answer:
    """No account of the rehearsal has any."""
    return ses._receipt_result("ListReceiptFilters", {"Filters": []})
