"""Parses the command line and runs the action. Exit codes: 0 done, 1 failed, 2 refused before any change."""

import signal
import sys

from deploy import check, deployment, options, remove, tools
from deploy.errors import DeployError


def main() -> int:
    # `deploy.sh --check … | head` ends like any other program whose reader has gone, without a traceback.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # In a pipe too, each line appears when it is known.
    sys.stdout.reconfigure(line_buffering=True)
    given = options.read(sys.argv[1:])
    tools.extend_path()
    try:
        if not (given.check or given.delete):
            return deployment.deploy(given)
        action = check.check if given.check else remove.remove
        return action(given.region, given.stack)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. It is safe to run deploy.sh again.", file=sys.stderr)
        return 1


sys.exit(main())
