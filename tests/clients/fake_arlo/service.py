"""The cloud as a service: its HTTPS server, and the proxy by which clients find it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from fake_arlo import certificate
from fake_arlo.cloud import Account, Cloud, CodeMail
from fake_arlo.handler import Handler
from fake_arlo.proxy import Proxy, Route

# In seconds. Only a test that fails waits for the timeout.
POLL_INTERVAL = 0.05
TIMEOUT = 60


class CloudServer(ThreadingHTTPServer):
    daemon_threads = True
    # A stream of events stays open until its client closes it.
    block_on_close = False

    def __init__(self, cloud: Cloud, context: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.cloud = cloud
        self.calls: list[str] = []
        self.omitted: set[str] = set()
        self.ended = Event()

    def handle_error(self, *_: object) -> None:
        """A client that disconnects is no failure of the cloud; one that cannot go on fails its own test."""


class FakeArlo:
    """See the package's documentation."""

    def __init__(self, folder: Path):
        self.certificate, self.context = certificate.write(folder)
        self.cloud = Cloud()
        self.server = CloudServer(self.cloud, self.context)
        self.proxy = Proxy()
        for host in certificate.ARLO_HOSTS:
            self.proxy.routes[host] = Route(self.server.server_address)
        self.threads = [
            Thread(target=server.serve_forever, args=(POLL_INTERVAL,), daemon=True)
            for server in (self.server, self.proxy)
        ]

    def __enter__(self) -> FakeArlo:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.ended.set()
        for server in (self.server, self.proxy):
            server.shutdown()
            server.server_close()
        for thread in self.threads:
            thread.join()

    @property
    def environment(self) -> dict[str, str]:
        """SSL_CERT_FILE is read by curl_cffi and by Python itself, REQUESTS_CA_BUNDLE by requests."""
        host, port = self.proxy.server_address
        proxy, trusted = f"http://{host}:{port}", str(self.certificate)
        return {
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "http_proxy": proxy,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "SSL_CERT_FILE": trusted,
            "REQUESTS_CA_BUNDLE": trusted,
            "CURL_CA_BUNDLE": trusted,
        }

    def add_account(self, email: str, password: str, *, mfa: bool = True) -> Account:
        account = Account(email, password, mfa)
        self.cloud.accounts[email] = account
        return account

    def route(self, host: str, address: str, *, tls: bool = True) -> None:
        """Leads a name to a server (`"127.0.0.1:8080"`) that speaks plain HTTP."""
        server, _, port = address.rpartition(":")
        self.proxy.routes[host] = Route((server, int(port)), self.context if tls else None)

    @property
    def mails(self) -> list[CodeMail]:
        return self.cloud.mails

    @property
    def logins(self) -> list[str]:
        return self.cloud.logins

    @property
    def refused_codes(self) -> list[str]:
        return self.cloud.refused_codes

    def wait_for_refused_codes(self, count: int) -> None:
        """Waits until so many codes were wrong."""
        with self.cloud.changed:
            assert self.cloud.changed.wait_for(lambda: len(self.refused_codes) >= count, TIMEOUT)

    @property
    def calls(self) -> list[str]:
        return self.server.calls

    @property
    def refused_hosts(self) -> list[str]:
        return self.proxy.refused_hosts

    @property
    def mailer(self) -> Callable[[CodeMail], None]:
        return self.cloud.mailer

    @mailer.setter
    def mailer(self, mailer: Callable[[CodeMail], None]) -> None:
        self.cloud.mailer = mailer

    @property
    def omitted(self) -> set[str]:
        return self.server.omitted

    @omitted.setter
    def omitted(self, names: set[str]) -> None:
        self.server.omitted = names

    @property
    def clock_offset(self) -> float:
        return self.cloud.clock_offset

    @clock_offset.setter
    def clock_offset(self, seconds: float) -> None:
        self.cloud.clock_offset = seconds
