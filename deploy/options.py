"""The command line."""

import argparse

EXAMPLES = """examples:
  ./deploy.sh us-east-1 mfa-relay arlo@mfa.example.com --hosted-zone-id Z0123456789ABC --enroll me@gmail.com
  ./deploy.sh --check us-east-1 mfa-relay
  ./deploy.sh --delete us-east-1 mfa-relay
"""


def read(arguments: list[str]) -> argparse.Namespace:
    """The options; a wrong one ends the program with 2 and says what is right."""
    parser = argparse.ArgumentParser(
        prog="./deploy.sh",
        description="Builds and deploys the stack. Run it again at any time: only what differs is changed.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("region", help="a region of AWS in which SES receives mail, e.g. eu-west-1")
    add("stack", help="a name of yours for the relay, e.g. mfa-relay")
    add("address", nargs="?", metavar="relay-address", help="where mailboxes forward to, e.g. arlo@mfa.example.com")
    add("artifacts", nargs="?", metavar="artifact-bucket", help="a bucket for the programs; otherwise one is made")
    add("--hosted-zone-id", help="the Route 53 zone of the address's domain: the DNS records are then made for you")
    add("--rule-set", help="the active rule set of SES to join, where the account receives mail already")
    add("--owner-email", help="where alarms and the warning at a bill of $1 go")
    add("--window", type=int, metavar="SECONDS", help="how long a login waits for its code, 60 to 900")
    add("--log-days", type=int, metavar="DAYS", help="how long logs are kept")
    add("--arm64", action="store_true", help="run on ARM processors")
    add("--enroll", metavar="MAILBOX", help="enrol this mailbox and print what to paste into the client")
    add("--label", default="", help="a name for that enrolment, e.g. 'garden cameras'")
    add("--dry-run", action="store_true", help="say what would be done; change nothing")
    add("--check", action="store_true", help="examine a deployed stack, line by line, with the mend")
    add("--delete", action="store_true", help="remove the stack and all that it left")
    asked = parser.parse_args(arguments)
    if asked.check and asked.delete:
        parser.error("--check and --delete do not go together")
    if (asked.check or asked.delete) and asked.address:
        parser.error("--check and --delete take a region and a stack only")
    if asked.dry_run and (asked.check or asked.delete):
        parser.error("--dry-run is for deploying: --check changes nothing, and --delete deletes")
    if not (asked.check or asked.delete or asked.address):
        parser.error("the relay address is missing, e.g. arlo@mfa.example.com")
    return asked
