"""The command line of deploy.sh."""

import argparse
import difflib

from deploy import facts

USAGE = """./deploy.sh [options] <region> <stack> <relay-address> [<artifact-bucket>]
       ./deploy.sh --check <region> <stack>
       ./deploy.sh --delete <region> <stack>"""
EXAMPLES = """examples:
  ./deploy.sh us-east-1 mfa-relay arlo@mfa.example.com --hosted-zone-id Z0123456789ABC --enroll me@gmail.com
  ./deploy.sh --check us-east-1 mfa-relay
  ./deploy.sh --delete us-east-1 mfa-relay
"""
MISSING = {
    "region": "the region is missing, e.g. us-east-1",
    "stack": "the name of the stack is missing, e.g. mfa-relay",
    "address": "the relay address is missing, e.g. arlo@mfa.example.com",
}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.exit(2, f"./deploy.sh: {message}.\n./deploy.sh --help lists the arguments.\n")


def read(arguments: list) -> argparse.Namespace:
    """Parses the command line. Wrong usage ends the program with exit code 2 and says what is right.

    The values of the arguments are checked later, all at once, by `validation`.
    """
    parser = build()
    # Options may stand anywhere between the positional arguments.
    given, unknown = parser.parse_known_intermixed_args(arguments)
    if unknown:
        parser.error(explain(unknown[0], [option for action in parser._actions for option in action.option_strings]))
    looks = given.check or given.delete
    if given.check and given.delete:
        parser.error("--check and --delete cannot be combined")
    if looks and given.dry_run:
        parser.error("--dry-run is for a deployment: --check changes nothing, and --delete deletes")
    if looks and given.address:
        parser.error(f"--check and --delete take a region and a stack only (got also '{given.address}')")
    for name in ("region", "stack") if looks else MISSING:
        if getattr(given, name) is None:
            parser.error(MISSING[name])
    return given


def explain(word: str, options: list) -> str:
    if not word.startswith("-"):
        return f"'{word}' is one argument too many: a deployment takes a region, a stack, a relay address and a bucket"
    similar = difflib.get_close_matches(word.partition("=")[0], options, n=1)
    return f"there is no option {word}" + (f" (did you mean {similar[0]}?)" if similar else "")


def build() -> Parser:
    parser = Parser(
        usage=USAGE,
        description="Deploys the relay into an AWS account. Run it again at any time: it changes only what differs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        # An abbreviation would change its meaning, or become ambiguous, when an option is added.
        allow_abbrev=False,
    )
    window, days = facts.requirement("WindowSeconds"), facts.requirement("LogRetentionDays")
    # All titles are given here, because argparse's own differ from one Python version to the next.
    add = parser.add_argument_group("arguments").add_argument
    add("region", nargs="?", metavar="<region>", help="an AWS region in which SES receives mail, e.g. us-east-1")
    add("stack", nargs="?", metavar="<stack>", help="a name for the relay in this account, e.g. mfa-relay")
    add("address", nargs="?", metavar="<relay-address>", help="where mailboxes forward to, e.g. arlo@mfa.example.com")
    add(
        "artifacts",
        nargs="?",
        metavar="<artifact-bucket>",
        help="an S3 bucket of yours for the programs [default: deploy.sh creates one]",
    )
    add = parser.add_argument_group("options of a deployment").add_argument
    add("--hosted-zone-id", metavar="ID", help="create the DNS records in this hosted zone of Route 53")
    add("--rule-set", metavar="NAME", help="join this active SES rule set, if the account already receives mail")
    add("--owner-email", metavar="ADDRESS", help="send alarms and a warning at a bill of $1 to this address")
    add(
        "--window",
        metavar="SECONDS",
        help=f"how long a login waits for its code, {window} seconds [default: {facts.default('WindowSeconds')}]",
    )
    add(
        "--log-days",
        metavar="DAYS",
        help=f"how many days logs are kept, {days} [default: {facts.default('LogRetentionDays')}]",
    )
    add("--arm64", action="store_true", help="run on ARM processors")
    add("--build", action="store_true", help="compile the functions from this checkout [default: those of its release]")
    add("--enroll", metavar="MAILBOX", help="enrol this mailbox and print the settings for its client")
    add("--label", default="", help="a name for that enrolment, e.g. 'garden cameras'")
    add("--dry-run", action="store_true", help="print the commands that would run, and change nothing")
    add = parser.add_argument_group("other actions").add_argument
    add("--check", action="store_true", help="check a deployed stack and say how to fix what is wrong")
    add("--delete", action="store_true", help="delete the stack and everything that deploy.sh has created for it")
    add("-h", "--help", action="help", help="print this help")
    return parser
