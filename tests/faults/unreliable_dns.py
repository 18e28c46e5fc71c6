"""A name server that can fail, and that can take its time."""

from __future__ import annotations

import socket
from threading import Thread
from time import sleep

from name_server import answer

SERVER_FAILURE = 2


class UnreliableDns:
    """Knows a few TXT records. `mode` is "right", "failing" or "slow"."""

    SLOW = 0.2

    def __init__(self, texts: dict[str, str]):
        self.texts = texts
        self.mode = "right"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        host, port = self.socket.getsockname()
        self.address = f"{host}:{port}"
        # Ends with the process.
        Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            query, client = self.socket.recvfrom(4096)
            Thread(target=self.respond, args=(self.mode, query, client), daemon=True).start()

    def respond(self, mode: str, query: bytes, client: tuple) -> None:
        response = answer(query, self.texts if mode != "failing" else {})
        if mode == "failing":
            response = response[:3] + bytes([response[3] & 0xF0 | SERVER_FAILURE]) + response[4:]
        if mode == "slow":
            sleep(self.SLOW)
        self.socket.sendto(response, client)
