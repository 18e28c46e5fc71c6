"""pyaarlo 0.8.0.27, with `mfa_relay.pyaarlo.Source` as its code source."""

import logging
import os
import sys

from mfa_relay.pyaarlo import Source
from pyaarlo import PyArlo

logging.basicConfig(level=logging.INFO)
arlo = PyArlo(
    username=os.environ["MAILBOX"],
    password=os.environ["PASSWORD"],
    tfa_type="email",
    tfa_source=Source(os.environ["MFA_RELAY_URL"], os.environ["MAILBOX"]),
    storage_dir=os.getcwd(),
    wait_for_initial_setup=False,
    backend="sse",
)
is_connected = arlo.is_connected
sys.stdout.flush()
# pyaarlo's threads never end.
os._exit(0 if is_connected else 1)
