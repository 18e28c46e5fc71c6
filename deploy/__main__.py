"""Parses the command line and runs the action. Exit codes: 0 done, 1 failed, 2 refused before any change."""

import os
import signal
import sys

from deploy import check, ci, deployment, domain, enrolment, flood, options, probe, remove, tools
from deploy.errors import DeployError, RefusedError


def main() -> int:
    # `deploy.sh --check … | head` ends like any other program whose reader has gone, without a traceback.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # In a pipe too, each line appears when it is known.
    sys.stdout.reconfigure(line_buffering=True)
    given = options.read(sys.argv[1:])
    if problem := ci.refusal(given):
        print(f"./deploy.sh: {problem}", file=sys.stderr)
        return 2
    if given.relay_address:
        ci.hide(given.relay_address, domain.of(given.relay_address), given.owner_email)
    tools.extend_path()
    try:
        if not given.action:
            return deployment.deploy(given)
        of_stack = {
            "--check": check.check,
            "--test": probe.probe,
            "--resume": flood.resume,
            "--delete": remove.remove,
        }
        action = of_stack.get(given.action)
        return action(given.region, given.stack) if action else enrolment.act(given)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, RefusedError) else 1
    except BrokenPipeError:
        # Only `--test` outlives its reader, to clean up. Python flushes standard output at its end once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\nStopped. It is safe to run deploy.sh again.", file=sys.stderr)
        return 1


sys.exit(main())
