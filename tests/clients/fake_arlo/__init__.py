"""A fake Arlo cloud on loopback, for real and unmodified clients.

    with FakeArlo(folder) as arlo:
        account = arlo.add_account("me@gmail.com", "password")
        arlo.mailer = Forwarder(lambda: relay.smtp, enrolled["relay_address"])
        subprocess.run([program], env=arlo.environment)   # reaches https://ocapi-app.arlo.com here
        assert arlo.logins == ["me@gmail.com"]

What a test sets:

- `arlo.add_account(email, password, mfa=True)` makes an account, whose e-mail factor is its address.
- `arlo.mailer`: called with each `CodeMail` at the moment of startAuth, on a thread of the server. By default mails go
  nowhere. `forwarder.Forwarder` delivers them over SMTP, at once, later or in another order.
- `arlo.omitted`: names of fields that are left out of every answer, e.g. `{"expiresIn"}`.
- `arlo.clock_offset`: seconds that the cloud's clock is ahead; it writes the Date of its mails.
- `arlo.route(host, address, tls=True)`: clients reach this server at `https://host` (or `http://host`, then with
  `tls=False`), on the default port. The certificate is valid for `ROUTED_HOSTS`.

What a test looks at:

- `arlo.environment`: what a client's process needs to reach the cloud: a proxy that resolves Arlo's names to loopback,
  and the certificate of the tests. It has no PATH and no HOME. 127.0.0.1 is reached without the proxy.
- `arlo.mails`: every `CodeMail`, so their number is the number of codes that a client has asked for.
- `arlo.logins`: the address of each finished login; `arlo.refused_codes`: each otp that was wrong,
  and `arlo.wait_for_refused_codes(count)`.
- `arlo.calls`: `"POST ocapi-app.arlo.com/api/auth"` and so on, in order.
- `arlo.refused_hosts`: the other hosts that a client wanted to reach, which the proxy refused.

The rules are in `cloud.py`, which also says what of them is not verified against the real cloud.
"""

from fake_arlo.certificate import ROUTED_HOSTS
from fake_arlo.cloud import Account, CodeMail
from fake_arlo.service import FakeArlo

__all__ = ["ROUTED_HOSTS", "Account", "CodeMail", "FakeArlo"]
