"""Runs the emulator: `python -m emulator`. Its ports are GATEWAY_PORT (HTTP) and NAME_SERVER_PORT (DNS over UDP)."""

import os

from ministack import app

from emulator import alarms, budgets, email_identities, http_apis, name_server, receipt_rules, schedules

for service in (alarms, budgets, email_identities, http_apis, receipt_rules, schedules):
    service.install()
name_server.start(int(os.environ["NAME_SERVER_PORT"]))
app.main()
