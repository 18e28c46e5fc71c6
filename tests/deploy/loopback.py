"""What `--test` talks to besides AWS's API: a prestage URL, a status URL and a mail server, on the loopback."""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Loopback:
    """The servers' state: what came in, and what they answer."""

    def __init__(self, folder: Path, replies: dict[str, str], pending: int):
        self.replies, self.pending = replies, pending
        self.stored = folder / "stored"
        self.mail = b""
        self.prestaged: list[dict] = []
        self.certificate = certify(folder)
        self.http = self.smtp = ""

    @property
    def prestage_url(self) -> str:
        return f"http://{self.http}/prestage?token=mfar_secret"

    @property
    def environment(self) -> dict[str, str]:
        return {"MFA_RELAY_TEST_SMTP": self.smtp, "SSL_CERT_FILE": str(self.certificate)}

    def status(self) -> dict:
        """The code of the mail that came over SMTP or was stored, after the given number of looks."""
        mail = self.mail or (self.stored.read_bytes() if self.stored.exists() else b"")
        code = re.search(rb"^(\d{6})\r?$", mail, re.MULTILINE)
        self.pending -= 1
        if code and self.pending < 0:
            return {"status": "complete", "code": code[1].decode()}
        return {"status": "pending"}


@contextmanager
def serving(folder: Path, replies: dict[str, str] | None = None, pending: int = 0) -> Iterator[Loopback]:
    """Runs both servers. `replies` holds the SMTP server's answers that are not success, by verb."""
    state = Loopback(folder, replies or {}, pending)
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), http_handler(state)), Smtp(("127.0.0.1", 0), smtp_handler(state))]
    state.http, state.smtp = (f"127.0.0.1:{server.server_address[1]}" for server in servers)
    threads = [Thread(target=server.serve_forever, args=(0.05,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield state
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()


def http_handler(state: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.prestaged.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if refusal := state.replies.get("POST"):
                self.answer(403, refusal)
            else:
                self.answer(200, f"http://{state.http}/status")

        def do_GET(self) -> None:
            self.answer(200, json.dumps(state.status()))

        def answer(self, code: int, text: str) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class Smtp(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def smtp_handler(state: Loopback) -> type[StreamRequestHandler]:
    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.say(state.replies.get("greeting", "220 inbound-smtp"))
            # STARTTLS replaces the file that is read from.
            while line := self.rfile.readline():
                verb = line.split(b":")[0].split()[0].decode().upper()
                if reply := state.replies.get(verb):
                    self.say(reply)
                elif verb == "EHLO":
                    self.say("250-inbound-smtp\r\n250 STARTTLS")
                elif verb == "STARTTLS":
                    self.say("220 go on")
                    self.start_tls()
                elif verb == "DATA":
                    self.say("354 go on")
                    state.mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                    self.say(state.replies.get("end of DATA", "250 accepted"))
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def start_tls(self) -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(state.certificate)
            self.request = context.wrap_socket(self.request, server_side=True)
            self.setup()

        def say(self, reply: str) -> None:
            self.wfile.write(f"{reply}\r\n".encode())

    return Handler


def certify(folder: Path) -> Path:
    """A certificate for the loopback with its key, which a client trusts that trusts this file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "inbound-smtp")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(key.private_bytes(*form) + certificate.public_bytes(serialization.Encoding.PEM))
    return file
