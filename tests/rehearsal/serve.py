"""Leaves a deployed relay running for a person to try. Started by tests/serve."""

import shlex
import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), *(str(HERE.parent / folder) for folder in ("documents", "stack"))]

import world as worlds  # noqa: E402
from mail_builder import MAILBOX  # noqa: E402
from stack import Stack  # noqa: E402
from world import World  # noqa: E402

HELP = """
The relay is deployed in an AWS account on this machine, and {mailbox} is enrolled. In a second terminal:

  . {settings}
  ./deploy.sh --check us-east-1 mfa-relay
  curl --data '{{"email": "me@gmail.com"}}' "$PRESTAGE_URL"

The last command answers with a status URL. Press Enter here to have a code mailed, and look at that URL.
The mails, the functions and what they log: {log}. Ctrl-C ends it.
"""


def main() -> None:
    # Both signals leave the block below, which ends what it started.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit())
    folder = Path(tempfile.mkdtemp(prefix="mfa-relay-"))
    with worlds.begin(folder) as world:
        serve(world, folder)


def serve(world: World, folder: Path) -> None:
    account = world.create_account()
    stack = Stack(world, account, world.terminal(account), "us-east-1", "mfa-relay", "mfa.example.com")
    print(f"Deploying: ./deploy.sh {stack.region} {stack.name} {stack.address} --enroll {MAILBOX} ...", flush=True)
    zone = account.create_zone(stack.domain)
    enrolment = stack.enrolment(stack.deploy("--hosted-zone-id", zone, "--enroll", MAILBOX).stdout)
    settings = folder / "settings"
    exported = stack.terminal.environment | {"PRESTAGE_URL": enrolment.prestage}
    settings.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in exported.items()))
    print(HELP.format(mailbox=MAILBOX, settings=settings, log=world.aws.log), flush=True)
    for _ in sys.stdin:
        world.mail_servers.forward(world.mail_servers.code_mail(), enrolment.relay_address)
        print(f"{MAILBOX} has forwarded a code mail.", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
