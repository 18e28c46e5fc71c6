"""Reads the command line and does what it asks for. Exit codes: 0 done, 1 failed, 2 nothing done yet."""

import sys

from deploy import doctor, launch, options, remove, tools
from deploy.programs import Failed


def main() -> int:
    asked = options.read(sys.argv[1:])
    tools.put_on_path()
    try:
        if not (asked.check or asked.delete):
            return launch.launch(asked)
        if packages := tools.missing("aws"):
            tools.install(packages)
        return doctor.check(asked.region, asked.stack) if asked.check else remove.remove(asked.region, asked.stack)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. It is safe to run deploy.sh again.", file=sys.stderr)
        return 1


sys.exit(main())
