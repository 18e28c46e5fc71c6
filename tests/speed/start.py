"""What a cold start costs: CPU and memory of each function from its start to its first request for an event.

    cargo lambda build --package functions --release && cargo lambda build --package functions --release --example echo
    python tests/speed/start.py

Each function connects to its endpoints over TLS before it asks for an event, here to a fake of AWS on loopback whose
certificate AWS_CA_BUNDLE names. The bare echo, built the same way, is the baseline.

CPU time varies with what else the machine does, so compare it within one run only. Instructions in user space, which
valgrind counts if it is installed, vary by less than 1 %. Valgrind emulates a processor without the instructions (ADX)
that make ring's elliptic curves fast, so a TLS handshake weighs more in them than in CPU time.
"""

import datetime
import http.server
import ipaddress
import os
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[2]
FUNCTIONS = ["prestage", "receive", "expire", "enroll"]
RUNS = 51


class FakeAws(http.server.BaseHTTPRequestHandler):
    """Denies every request, which is enough to open a connection and keep it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class RuntimeApi(http.server.ThreadingHTTPServer):
    """Lambda's runtime API up to the first request for an event, which it never answers."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FirstRequest)
        self.asked = threading.Event()


class FirstRequest(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.set()
        threading.Event().wait()  # until the function is killed

    def log_message(self, *_):
        pass


def certificate(folder: Path) -> tuple[Path, Path]:
    """Writes a self-signed certificate for 127.0.0.1; returns the paths of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake-aws")])
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
    pem = folder / "fake-aws.pem"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = folder / "fake-aws.key"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, private


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@contextmanager
def environment() -> Iterator[Mapping[str, str]]:
    """What Lambda and template.yaml set, with a fake of AWS that serves as long as the block."""
    with tempfile.TemporaryDirectory() as folder:
        pem, key = certificate(Path(folder))
        aws = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeAws)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        aws.socket = context.wrap_socket(aws.socket, server_side=True)
        serve(aws)
        yield os.environ | {
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{aws.server_port}",
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
            "SMITHY_CLIENT_SDK_CUSTOM_PARTITION": str(Path(folder) / "partitions.json"),
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


@contextmanager
def started(command: list[str], surroundings: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    """A program that has asked for its first event."""
    api = serve(RuntimeApi())
    surroundings = surroundings | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        try:
            if not api.asked.wait(timeout=60):
                sys.exit(f"{command[-1]} never asked for an event")
            yield process
        finally:
            process.kill()
            api.shutdown()
            api.server_close()


def cpu_and_memory(program: Path, surroundings: Mapping[str, str]) -> tuple[float, float]:
    """CPU milliseconds and peak megabytes of one start."""
    with started([str(program)], surroundings) as process:
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        nanoseconds = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
        status = Path(f"/proc/{process.pid}/status").read_text()
        kilobytes = int(status.split("VmHWM:")[1].split()[0])
    return nanoseconds / 1e6, kilobytes / 1024


def instructions(program: Path, surroundings: Mapping[str, str]) -> float:
    """Millions of instructions of one start in user space."""

    def count() -> int:
        valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        with started([*valgrind, str(program)], surroundings) as process:
            process.terminate()
            _, report = process.communicate()
        return int(re.search(r"Collected : (\d+)", report)[1])

    # Valgrind is slow, so on a busy machine a handshake may time out: the largest count of three is complete.
    return max(count() for _ in range(3)) / 1e6


def main() -> None:
    programs = {name: ROOT / "target" / "lambda" / name / "bootstrap" for name in ["echo", *FUNCTIONS]}
    starts = {name: [] for name in programs}
    with environment() as surroundings:
        # In turn, so that a machine that slows down slows them all.
        for _ in range(RUNS):
            for name, program in programs.items():
                starts[name].append(cpu_and_memory(program, surroundings))
        counting = shutil.which("valgrind") is not None
        counted = {name: instructions(program, surroundings) for name, program in programs.items() if counting}
    baseline = statistics.median(cpu for cpu, _ in starts["echo"])
    print(f"{'function':10} {'CPU ms':>8} {'x echo':>7} {'peak MB':>8} {'M instr.':>9}   median of {RUNS} starts")
    for name, found in starts.items():
        cpu = statistics.median(cpu for cpu, _ in found)
        peak = max(peak for _, peak in found)
        millions = f"{counted[name]:9.2f}" if name in counted else f"{'-':>9}"
        print(f"{name:10} {cpu:8.2f} {cpu / baseline:7.1f} {peak:8.1f} {millions}")


if __name__ == "__main__":
    main()
