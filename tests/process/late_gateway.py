"""Between the daemon and ibgw-sim: messages to the gateway can be kept back, and come later, over whatever link there is then."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress


class LateGateway:
    def __init__(self, port: int) -> None:
        self.there = port
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.lock = threading.Lock()
        self.wanted: Callable[[list[str]], bool] | None = None
        self.kept: list[bytes] = []
        self.links: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def keep(self, wanted: Callable[[list[str]], bool]) -> None:
        """From now on such a message goes no further."""
        with self.lock:
            self.wanted = wanted

    def pass_all(self) -> None:
        with self.lock:
            self.wanted = None

    def let_go(self, order_id: int | None = None) -> None:
        """What was kept reaches the gateway now; an order under another id, when the daemon has used its id again."""
        with self.lock:
            kept, self.kept = self.kept, []
            for frame in kept:
                fields = frame[4:].split(b"\0")
                if order_id is not None:
                    fields[1] = str(order_id).encode()
                payload = b"\0".join(fields)
                self.links[-1][1].sendall(struct.pack(">I", len(payload)) + payload)

    def say(self, payload: bytes, times: int) -> None:
        """To the daemon, as if the gateway had."""
        with self.lock:
            self.links[-1][0].sendall((struct.pack(">I", len(payload)) + payload) * times)

    def cut(self) -> None:
        with self.lock:
            for link in self.links:
                for each in link:
                    with suppress(OSError):
                        each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.server.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                here = self.server.accept()[0]
                there = socket.create_connection(("127.0.0.1", self.there))
            except OSError:
                return
            with self.lock:
                self.links.append((here, there))
            threading.Thread(target=self._down, args=(there, here), daemon=True).start()
            threading.Thread(target=self._up, args=(here, there), daemon=True).start()

    @staticmethod
    def _down(there: socket.socket, here: socket.socket) -> None:
        with suppress(OSError):
            while data := there.recv(65536):
                here.sendall(data)
        with suppress(OSError):
            here.shutdown(socket.SHUT_RDWR)

    def _up(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError), here.makefile("rb") as stream:
            there.sendall(stream.read(4))  # "API"
            while len(head := stream.read(4)) == 4:
                payload = stream.read(struct.unpack(">I", head)[0])
                with self.lock:
                    if self.wanted is not None and self.wanted(payload.decode("latin-1").split("\0")):
                        self.kept.append(head + payload)
                        continue
                    there.sendall(head + payload)
        with suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)
