"""What a cold start costs: CPU and memory of each function from its start to its first request for an event.

    cargo lambda build --package functions --release && cargo lambda build --package functions --release --examples
    python tests/speed/start.py

Each function connects to its endpoints over TLS before it asks for an event, here to a stand-in on loopback whose
certificate AWS_CA_BUNDLE names. The bare echo, built the same way, is what their CPU is compared with.
"""

import datetime
import http.server
import ipaddress
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[2]
FUNCTIONS = ["prestage", "receive", "expire", "enroll"]
RUNS = 51


class Endpoint(http.server.BaseHTTPRequestHandler):
    """A service that knows nobody: enough for a connection to be opened and kept."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Lambda's interface to a function, as far as the first request for an event."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FirstRequest)
        self.asked = threading.Event()


class FirstRequest(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.set()
        threading.Event().wait()  # no event ever comes: the function is ended by its process id

    def log_message(self, *_):
        pass


def certificate(folder):
    """A certificate for 127.0.0.1 that is its own root; returns the paths of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "stand-in.pem"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = folder / "stand-in.key"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, private


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def start(program, environment):
    """CPU milliseconds and peak megabytes of one start."""
    api = serve(RuntimeApi())
    environment = environment | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
    process = subprocess.Popen([program], env=environment)
    try:
        if not api.asked.wait(timeout=10):
            sys.exit(f"{program} never asked for an event")
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        nanoseconds = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
        status = Path(f"/proc/{process.pid}/status").read_text()
        kilobytes = int(status.split("VmHWM:")[1].split()[0])
    finally:
        process.kill()
        process.wait()
        api.shutdown()
    return nanoseconds / 1e6, kilobytes / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        pem, key = certificate(Path(folder))
        endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        endpoint.socket = context.wrap_socket(endpoint.socket, server_side=True)
        serve(endpoint)
        environment = {
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{endpoint.server_port}",
            "AWS_CA_BUNDLE": str(pem),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_SESSION_TOKEN": "x",
            "AWS_LAMBDA_FUNCTION_NAME": "x",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_VERSION": "x",
            "AWS_LAMBDA_LOG_STREAM_NAME": "x",
            "AWS_LAMBDA_LOG_GROUP_NAME": "x",
            "STACK": "x",
            "TABLE": "x",
            "BUCKET": "x",
            "RELAY_ADDRESS": "arlo@mfa.example.com",
            "WINDOW_SECONDS": "300",
            "ADDRESS_KEY": "x",
            "EXPIRE_FUNCTION_ARN": "x",
            "SCHEDULE_ROLE_ARN": "x",
            "SCHEDULE_GROUP": "x",
            "PRESTAGE_URL": "x",
        }
        figures = {name: [] for name in ["echo", *FUNCTIONS]}
        # In turn, so that a machine that slows down slows them all.
        for _ in range(RUNS):
            for name, found in figures.items():
                found.append(start(ROOT / "target" / "lambda" / name / "bootstrap", os.environ | environment))
    bare = statistics.median(cpu for cpu, _ in figures["echo"])
    print(f"{'function':10} {'CPU ms':>8} {'x echo':>7} {'peak MB':>8}   median of {RUNS} starts")
    for name, found in figures.items():
        cpu = statistics.median(cpu for cpu, _ in found)
        peak = max(peak for _, peak in found)
        print(f"{name:10} {cpu:8.2f} {cpu / bare:7.1f} {peak:8.1f}")


if __name__ == "__main__":
    main()
