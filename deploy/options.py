"""The command line of deploy.sh."""

from __future__ import annotations

import argparse
import difflib

from deploy import facts

USAGE = """./deploy.sh [options] <region> <stack> <relay-address> [<artifact-bucket>]
       ./deploy.sh --check|--test|--resume|--delete <region> <stack>
       ./deploy.sh --enroll|--show|--rotate|--revoke MAILBOX <region> <stack>
       ./deploy.sh --token-add|--token-revoke|--token-list MAILBOX <region> <stack>
       ./deploy.sh --list <region> <stack>"""
EXAMPLES = """examples:
  ./deploy.sh us-east-1 mfa-relay mfa.example.com --hosted-zone-id Z0123456789ABC --enroll me@gmail.com
  ./deploy.sh --check us-east-1 mfa-relay
  ./deploy.sh --test us-east-1 mfa-relay
  ./deploy.sh --show me@gmail.com us-east-1 mfa-relay
  ./deploy.sh --token-add me@gmail.com --label recorder us-east-1 mfa-relay
  ./deploy.sh --delete us-east-1 mfa-relay
"""
MISSING = {
    "region": "the region is missing, e.g. us-east-1",
    "stack": "the name of the stack is missing, e.g. mfa-relay",
    "relay_address": "the relay address or its domain is missing, e.g. mfa.example.com",
}
# What is done with a stack that exists. A deployment may enrol as well.
OF_STACK = ("--check", "--test", "--resume", "--delete")
OF_ENROLMENT = ("--enroll", "--show", "--list", "--rotate", "--revoke", "--token-add", "--token-revoke", "--token-list")
OF_DEPLOYMENT = (
    *("--hosted-zone-id", "--rule-set", "--owner-email", "--window", "--log-days", "--limit"),
    *("--arm64", "--build", "--dry-run"),
)
# Options that only some actions take.
TAKEN_BY = {
    "--label": ("--enroll", "--rotate", "--token-add", "--token-revoke"),
    "--trust": ("--enroll", "--rotate"),
    "--address": ("--rotate",),
    "--json": OF_ENROLMENT,
}


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        self.exit(2, f"./deploy.sh: {message}.\n./deploy.sh --help lists the arguments.\n")


def read(arguments: list) -> argparse.Namespace:
    """Parses the command line. Wrong usage ends the program with exit code 2 and says what is right.

    `action` is `None` for a deployment. The values of the arguments are checked later, all at once, by `validation`.
    """
    parser = build()
    # Options may stand anywhere between the positional arguments.
    given, unknown = parser.parse_known_intermixed_args(arguments)
    if unknown:
        parser.error(explain(unknown[0], [option for action in parser._actions for option in action.option_strings]))
    actions = [option for option in (*OF_STACK, *OF_ENROLMENT) if is_given(given, option)]
    if len(actions) > 1:
        parser.error(f"{actions[0]} and {actions[1]} cannot be combined")
    [action] = actions or [None]
    given.action = None if action == "--enroll" and given.relay_address is not None else action
    if problem := misplaced(given, action):
        parser.error(problem)
    for name in ("region", "stack") if given.action else MISSING:
        if getattr(given, name) is None:
            parser.error(MISSING[name])
    return given


def is_given(given: argparse.Namespace, option: str) -> bool:
    return getattr(given, option.strip("-").replace("-", "_")) is not None


def misplaced(given: argparse.Namespace, action: str | None) -> str:
    """The first argument that the action does not take, or lacks. Empty if there is none."""
    if given.action and given.relay_address is not None:
        return f"{action} takes a region and a stack only (got also '{given.relay_address}')"
    for option in OF_DEPLOYMENT if given.action else ():
        if is_given(given, option):
            return f"{option} is for a deployment, and {action} makes none"
    for option, takers in TAKEN_BY.items():
        if is_given(given, option) and action not in takers:
            return f"{option} is for {' and '.join(takers)}"
    if action in ("--token-add", "--token-revoke") and not given.label:
        return f"{action} needs the name of the program, e.g. --label recorder"
    return ""


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
    # All titles are given here, because argparse's own differ from one Python version to the next.
    add = parser.add_argument_group("arguments").add_argument
    add("region", nargs="?", metavar="<region>", help="an AWS region in which SES receives mail, e.g. us-east-1")
    add("stack", nargs="?", metavar="<stack>", help="a name for the relay in this account, e.g. mfa-relay")
    of_address = "where mailboxes forward to, e.g. arlo@mfa.example.com; a domain alone for one that nobody guesses"
    add("relay_address", nargs="?", metavar="<relay-address>", help=of_address)
    of_bucket = "an S3 bucket of yours for the programs [default: deploy.sh creates one]"
    add("artifacts", nargs="?", metavar="<artifact-bucket>", help=of_bucket)
    add_deployment(parser.add_argument_group("options of a deployment"))
    add_enrolments(parser.add_argument_group("enrolments (also with a deployment: --enroll)"))
    group = parser.add_argument_group("other actions")
    flag(group, "--check", "check a deployed stack and say how to fix what is wrong")
    flag(group, "--test", "log in with a code mail of its own, and time each step")
    flag(group, "--resume", "receive mail again before the pause after a flood is over")
    flag(group, "--delete", "delete the stack and everything that deploy.sh has created for it")
    group.add_argument("-h", "--help", action="help", help="print this help")
    return parser


def add_deployment(group: argparse._ArgumentGroup) -> None:
    window, days = facts.requirement("WindowSeconds"), facts.requirement("LogRetentionDays")
    of_window = f"how long a login waits for its code, {window} seconds [default: {facts.default('WindowSeconds')}]"
    of_days = f"how many days logs are kept, {days} [default: {facts.default('LogRetentionDays')}]"
    of_set = "join this active SES rule set, if the account already receives mail; '' for one of the stack's own"
    option(group, "--hosted-zone-id", "ID", "create the DNS records in this hosted zone of Route 53")
    option(group, "--rule-set", "NAME", of_set)
    option(group, "--owner-email", "ADDRESS", "send alarms and a warning at a bill of $1 to this address; '' for none")
    option(group, "--window", "SECONDS", of_window)
    option(group, "--log-days", "DAYS", of_days)
    of_limit = "a limit of the template, e.g. FloodMails=500; may be given several times"
    group.add_argument("--limit", metavar="NAME=VALUE", action="append", help=of_limit)
    # Without either, a stack keeps its processor: the functions are built before CloudFormation is asked.
    flag(group, "--arm64", "run on ARM processors")
    of_x86 = "run on x86 processors again"
    group.add_argument("--x86-64", dest="arm64", action="store_false", default=None, help=of_x86)
    flag(group, "--build", "compile the functions from this checkout [default: those of its release]")
    flag(group, "--dry-run", "print the commands that would run, and change nothing")


def add_enrolments(group: argparse._ArgumentGroup) -> None:
    option(group, "--enroll", "MAILBOX", "enrol this mailbox and print the settings for its client")
    option(group, "--show", "MAILBOX", "show its relay address, the last mail, and Gmail's confirmation if one waits")
    flag(group, "--list", "list the programs and dates of all enrolments")
    option(group, "--rotate", "MAILBOX", "replace a program's token, and the relay address if asked")
    option(group, "--revoke", "MAILBOX", "delete the mailbox's enrolment")
    option(group, "--token-add", "MAILBOX", "add a program of this --label with a token of its own")
    option(group, "--token-revoke", "MAILBOX", "revoke the token of the program of this --label")
    option(group, "--token-list", "MAILBOX", "list the programs of a mailbox, and when each was last used")
    option(group, "--label", "LABEL", "the name of a program, e.g. 'garden cameras'")
    of_trust = "what a mail needs for its code to be delivered: signed, forwarded or addressed [default: forwarded]"
    group.add_argument("--trust", metavar="TRUST", choices=("signed", "forwarded", "addressed"), help=of_trust)
    flag(group, "--address", "with --rotate: a new relay address as well, which needs a new forwarding rule")
    flag(group, "--json", "print the answer as one line of JSON")


def option(group: argparse._ArgumentGroup, name: str, metavar: str, text: str) -> None:
    group.add_argument(name, metavar=metavar, help=text)


def flag(group: argparse._ArgumentGroup, name: str, text: str) -> None:
    """An option without a value. Like the others it is `None` if it is not given."""
    group.add_argument(name, action="store_true", default=None, help=text)
