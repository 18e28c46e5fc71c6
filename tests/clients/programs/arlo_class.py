"""arlo 1.2.64, by the subclass of the package."""

import os

from mfa_relay.arlo import Arlo

arlo = Arlo(os.environ["MAILBOX"], os.environ["PASSWORD"], os.environ["MFA_RELAY_URL"], browser="browser.json")
assert arlo.GetDevices() == []
