"""Runs the stack on this machine for a person to try. Started by tests/serve."""

import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "template")]

import local_stack  # noqa: E402
from corpus import specimens  # noqa: E402
from stack_template import RELAY_ADDRESS, Stack  # noqa: E402

MAIL = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"  # the one that tests/events/ses-arlo.json announces

HELP = """
The stack runs. In a second terminal:

  export PORT={port}
  export PATH=$PWD/.tools/bin:$PATH
  cargo lambda invoke enroll  --invoke-address 127.0.0.1 --invoke-port "$PORT" --data-file tests/events/enroll-add.json
  cargo lambda invoke receive --invoke-address 127.0.0.1 --invoke-port "$PORT" --data-file tests/events/ses-arlo.json

and prestage, with the token that enroll returns:

  curl 'http://127.0.0.1:{port}/lambda-url/prestage/?token=mfar_...' --data '{{"email": "me@gmail.com"}}'

Logs are in {logs}. Ctrl-C ends it.
"""


def main() -> None:
    # Both signals leave the block below, which ends what it started.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit())
    logs = Path(tempfile.mkdtemp(prefix="mfa-relay-"))
    with local_stack.run(Stack({"RelayAddress": RELAY_ADDRESS}), logs) as relay:
        for function in relay.functions.values():
            function.start()
        mail = next(case.mail for case in specimens("arlo") if case.name == "arlo/2026-05-alternative")
        relay.ses.store(MAIL, mail.raw)
        print(HELP.format(port=relay.functions["receive"].emulator, logs=logs), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
