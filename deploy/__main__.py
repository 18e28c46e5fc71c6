"""Reads the command line and does what it asks for. Exit codes: 0 done, 1 failed, 2 nothing done yet."""

import sys

from deploy import doctor, launch, options, remove
from deploy.programs import Failed
from deploy.tools import put_on_path


def main() -> int:
    asked = options.read(sys.argv[1:])
    put_on_path()
    try:
        if asked.check:
            return doctor.check(asked.region, asked.stack)
        if asked.delete:
            return remove.remove(asked.region, asked.stack)
        return launch.launch(asked)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1


sys.exit(main())
