"""Which rules of the active rule set apply to a recipient.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html#receiving-email-concepts-recipient
"""


def applying(rules: list[dict], recipient: str) -> list[dict]:
    """The enabled rules that process a mail for the recipient, in order, down to one that stops the processing."""
    found = []
    for rule in rules:
        if rule.get("Enabled") and applies(rule.get("Recipients", []), recipient):
            found.append(rule)
            if any("StopAction" in action for action in rule.get("Actions", [])):
                break
    return found


def applies(conditions: list[str], recipient: str) -> bool:
    """Whether a rule's recipient conditions match: an address with any +label, a domain, or its subdomains (".domain").

    A rule without conditions matches every recipient of the account's verified domains.
    """
    local, _, domain = recipient.lower().partition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return not conditions or any(
        condition in (recipient.lower(), plain, domain) or (condition.startswith(".") and domain.endswith(condition))
        for condition in map(str.lower, conditions)
    )
