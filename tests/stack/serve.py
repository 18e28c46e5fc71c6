"""The relay on this machine for a person to try, started by tests/serve."""

import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "template")]

import local  # noqa: E402
from corpus import MAILS  # noqa: E402
from deployment import RELAY_ADDRESS, Stack  # noqa: E402

MAIL = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"  # the one that tests/events/ses-arlo.json announces

HOW = """
The stack stands. In a second terminal:

  export PORT={port}
  export PATH=$PWD/.tools/bin:$PATH
  cargo lambda invoke enroll  --invoke-address 127.0.0.1 --invoke-port "$PORT" --data-file tests/events/enroll-add.json
  cargo lambda invoke receive --invoke-address 127.0.0.1 --invoke-port "$PORT" --data-file tests/events/ses-arlo.json

and prestage, with the token that enroll has told:

  curl 'http://127.0.0.1:{port}/lambda-url/prestage/?token=mfar_...' --data '{{"email": "me@gmail.com"}}'

Logs are in {logs}. End with Ctrl-C.
"""


def main() -> None:
    # Both ways to end it leave the block below, which ends what it started.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit())
    logs = Path(tempfile.mkdtemp(prefix="mfa-relay-"))
    with local.run(Stack({"RelayAddress": RELAY_ADDRESS}), logs) as relay:
        for program in relay.functions.values():
            program.start()
        relay.store(MAIL, (MAILS / "arlo" / "2026-05-alternative.eml").read_bytes())
        port = relay.functions["receive"].emulator
        print(HOW.format(port=port, logs=logs), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
