"""A name server on the loopback that knows a few TXT records (RFC 1035 section 4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, UDPServer
from threading import Thread

HEADER = 12
TXT, IN = 16, 1
RESPONSE, RECURSION, NAME_ERROR = 0x8000, 0x0180, 3


@contextmanager
def serve(texts: dict[str, str]) -> Iterator[str]:
    """Serves the TXT records. Every other name does not exist. Yields the address."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            query, server = self.request
            server.sendto(answer(query, texts), self.client_address)

    with UDPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        host, port = server.server_address
        try:
            yield f"{host}:{port}"
        finally:
            server.shutdown()
            thread.join()


def answer(query: bytes, texts: dict[str, str]) -> bytes:
    labels, at = [], HEADER
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode().lower())
        at += 1 + length
    question = query[HEADER : at + 5]
    [kind] = struct.unpack("!H", question[-4:-2])
    text = texts.get(".".join(labels), "").encode() if kind == TXT else b""
    code = 0 if text else NAME_ERROR
    header = query[:2] + struct.pack("!5H", RESPONSE | RECURSION | code, 1, int(bool(text)), 0, 0)
    if not text:
        return header + question
    # The name is a pointer to the one in the question; nobody may cache the record.
    pointer = 0xC000 | HEADER
    record = struct.pack("!HHHIHB", pointer, TXT, IN, 0, len(text) + 1, len(text)) + text
    return header + question + record
