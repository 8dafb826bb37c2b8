"""One turn of a client's loop, the same for the thread and for asyncio: read the sockets, let the engine act."""

from __future__ import annotations

from collections.abc import Callable

import zmq

from tradebus._engine import Engine
from tradebus._sockets import Sockets


class Loop:
    """Owner of the sockets and the engine. Only one thread may call it, except `sockets.wake`."""

    def __init__(
        self,
        sockets: Sockets,
        client: str,
        command: str,
        silence_ms: int | None,
        recover: bool,
        on_disconnect: Callable[[], None],
        on_reconnect: Callable[[bool], None],
    ) -> None:
        self.sockets = sockets
        self.disconnected = on_disconnect
        self.reconnected = on_reconnect
        self.engine = Engine(self, client, command, silence_ms, recover)

    def send(self, frames: list[bytes]) -> bool:
        return self.sockets.send(frames)

    def subscribe(self, topic: bytes) -> None:
        self.sockets.stream.subscribe(topic)

    def unsubscribe(self, topic: bytes) -> None:
        self.sockets.stream.unsubscribe(topic)

    def flags(self) -> tuple[int, int]:
        """What to poll the stream and the command socket for; 0 = not now."""
        stream = zmq.POLLIN if self.engine.reading else 0
        return stream, zmq.POLLIN | (zmq.POLLOUT if self.engine.requests.wants_to_send else 0)

    def turn(self) -> None:
        engine, sockets = self.engine, self.sockets
        for up in sockets.link_changes(sockets.command_monitor):
            engine.on_command_link(up)
        for up in sockets.link_changes(sockets.stream_monitor):
            if not up and engine.reading:
                self._read_stream(None)  # the last messages of that connection
            engine.on_stream_link(up)
        for frames in sockets.received(sockets.command):
            engine.on_command(frames)
        if engine.reading:
            self._read_stream(1_000)
        engine.tick()

    def _read_stream(self, limit: int | None) -> None:
        on_stream = self.engine.on_stream
        for frames in self.sockets.received(self.sockets.stream, limit):
            on_stream(frames)
