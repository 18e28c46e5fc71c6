"""Writes relay/tests/visible_text.json: what a real browser shows of each page and mail that the tests have.

python tests/browser/visible_text.py [chromium]

A test compares it with what the relay sees (relay/src/extract/page/tests.rs). Needs Chromium: `apt-get install
chromium`. Run it after a page or a base mail was added, review the difference, then commit it.
"""

import email
import email.policy
import http.server
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 120
OPTIONS = (
    "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-debugging-port=0"
)


def pages() -> dict[str, str]:
    """HTML by name: the pages of relay/tests/pages.json, and the HTML part of each base mail that has one."""
    listed = json.loads((ROOT / "relay/tests/pages.json").read_text())
    found = {page["name"]: page["html"] for page in listed}
    for path in sorted((ROOT / "tests/mail/base").glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        part = mail.get_body(("html",))
        if part is not None:
            found[path.stem] = part.get_content()
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the script and the pages, and takes the texts."""

    def do_GET(self) -> None:
        if self.path == "/pages":
            self.answer("application/json", json.dumps(self.server.pages).encode())
        else:
            script = (HERE / "visible_text.js").read_text()
            self.answer("text/html", f"<!doctype html><body><script>{script}</script>".encode())

    def do_POST(self) -> None:
        self.server.texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer("text/plain", b"")
        self.server.done.set()

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def visible_texts(chromium: str, html_by_name: dict[str, str]) -> dict[str, str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages, server.done = html_by_name, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile:
        # As root, Chromium runs only without its sandbox; the pages are this project's own.
        options = [*OPTIONS.split(), "--no-sandbox", f"--user-data-dir={profile}"]
        browser = subprocess.Popen(
            [chromium, *options, f"http://127.0.0.1:{server.server_port}/"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if not server.done.wait(SECONDS):
                sys.exit(f"{chromium} gave no answer within {SECONDS} s")
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()
    return server.texts


def lines(text: str) -> list[str]:
    """The lines that are not blank, each run of blanks as one."""
    found = (" ".join(line.split()) for line in text.splitlines())
    return [line for line in found if line]


def main() -> None:
    chromium = sys.argv[1] if len(sys.argv) > 1 else "chromium"
    texts = visible_texts(chromium, pages())
    written = {name: lines(text) for name, text in texts.items()}
    path = ROOT / "relay/tests/visible_text.json"
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")
    print(f"{path.relative_to(ROOT)}: {len(written)} pages")


if __name__ == "__main__":
    main()
