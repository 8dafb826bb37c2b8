"""A WebSocket client of a few lines on the standard library, which sees how a connection ends."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from dataclasses import dataclass
from typing import Any

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass(frozen=True)
class End:
    """How it ended: a closing handshake's code, an end of the TCP connection without one, or a reset."""

    how: str
    code: int = 0


class WebSocket:
    def __init__(self, host: str, port: int, path: str, deadline_s: float, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(deadline_s)
        self.socket.connect((host, port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass
        self.pings = 0

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, opcode: int, payload: bytes) -> None:
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
        self.socket.sendall(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def say(self, action: str, params: str) -> None:
        self.send(TEXT, json.dumps({"action": action, "params": params}).encode())

    def receive(self) -> list[dict[str, Any]] | End:
        """The next frame's events, or the end. Pings are answered."""
        while True:
            try:
                head = self.file.read(2)
                if len(head) < 2:
                    return End("dropped")
                length = head[1] & 127
                if length >= 126:
                    length = int.from_bytes(self.file.read(2 if length == 126 else 8), "big")
                payload = self.file.read(length)
            except ConnectionResetError:
                return End("reset")
            opcode = head[0] & 15
            if opcode == PING:
                self.pings += 1
                self.send(PONG, payload)
            elif opcode == CLOSE:
                self.send(CLOSE, payload[:2])
                self.socket.shutdown(socket.SHUT_RDWR)
                return End("closed", int.from_bytes(payload[:2], "big"))
            elif opcode == TEXT:
                events: list[dict[str, Any]] = json.loads(payload)
                return events

    def until_end(self) -> tuple[list[dict[str, Any]], End]:
        events: list[dict[str, Any]] = []
        while True:
            got = self.receive()
            if isinstance(got, End):
                return events, got
            events += got
