"""A script without a library: `mfa_relay.arlo.login`, and a call with its token."""

import os
import urllib.request

from mfa_relay.arlo import login

session = login(os.environ["MAILBOX"], os.environ["PASSWORD"], os.environ["MFA_RELAY_URL"], browser="browser.json")
call = urllib.request.Request("https://myapi.arlo.com/hmsweb/v2/users/devices", headers=session.headers)
with urllib.request.urlopen(call) as answer:
    assert b'"code": 200' in answer.read()
