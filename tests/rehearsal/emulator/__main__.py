"""Runs the emulator: `python -m emulator`. Its ports are GATEWAY_PORT (HTTP) and NAME_SERVER_PORT (DNS over UDP).

It ends when its standard input ends, with the functions that it has started: it does not outlive tests that are killed.
"""

import os
import signal
import sys
from threading import Thread

from ministack import app

from emulator import (
    alarms,
    buckets,
    budgets,
    email_identities,
    http_apis,
    name_server,
    receipt_rules,
    receiving_api,
    schedules,
)


def end_with_input() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


for service in (alarms, buckets, budgets, email_identities, http_apis, receipt_rules, receiving_api, schedules):
    service.install()
name_server.start(int(os.environ["NAME_SERVER_PORT"]))
Thread(target=end_with_input, daemon=True).start()
app.main()
