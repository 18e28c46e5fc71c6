"""The account's receipt rule sets in moto, by their owner's SES client."""

from moto_server import UNCHECKED
from relay import Relay

THEIRS = "default-rule-set"


class RuleSets:
    """The account's receipt rule sets: the stack's own and another one."""

    def __init__(self, relay: Relay, own: str):
        self.relay = relay
        self.names = {"own": own, "theirs": THEIRS, None: None}
        self.ses = UNCHECKED.client("ses", relay.moto.endpoint)
        with relay.moto.without_iam():
            for name in (own, THEIRS):
                self.ses.create_receipt_rule_set(RuleSetName=name)

    def activate(self, which: str | None) -> None:
        name = self.names[which]
        with self.relay.moto.without_iam():
            self.ses.set_active_receipt_rule_set(**({"RuleSetName": name} if name else {}))

    def active(self) -> str | None:
        with self.relay.moto.without_iam():
            name = self.ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        return next(which for which, known in self.names.items() if known == name)

    def add_rule(self, which: str, name: str, rule: dict | None = None) -> None:
        """Adds a rule to a set, by default one without actions."""
        with self.relay.moto.without_iam():
            self.ses.create_receipt_rule(RuleSetName=self.names[which], Rule={"Name": name})
            if rule:
                # moto lets no rule be created that calls a function which moto does not run.
                self.ses.update_receipt_rule(RuleSetName=self.names[which], Rule=rule | {"Name": name})

    def rule(self, which: str, name: str) -> dict:
        with self.relay.moto.without_iam():
            return self.ses.describe_receipt_rule(RuleSetName=self.names[which], RuleName=name)["Rule"]

    def remove(self) -> None:
        self.activate(None)
        with self.relay.moto.without_iam():
            for name in filter(None, self.names.values()):
                self.ses.delete_receipt_rule_set(RuleSetName=name)
