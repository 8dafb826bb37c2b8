"""The client without its sockets: what arrives goes in, what must be sent or told comes out. One thread owns it.

Epochs: messages are only read while it is known which start of the daemon they belong to. When the stream's connection
went, reading pauses until it is back and a hello sent after that was answered."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import Any, Protocol

import msgpack

from tradebus import _calls, _topics
from tradebus._calls import Call
from tradebus._orders import Answer
from tradebus._requests import Done, Requests
from tradebus._streams import Streams
from tradebus._subscriber import Subscriber
from tradebus.errors import TradebusError
from tradebus.models import ServerInfo

SILENCE_S = 3.0
"""No heartbeat for so long, and the daemon counts as gone. It sends one a second."""

HELLO_S = 1.0
"""An unanswered hello is sent again after this time."""

RECOVER_S = 5.0
"""What was missed is reported as lost when the daemon has not answered for so long."""


_PING = dataclasses.replace(_calls.ping(), repeatable=False)  # another connection has a ping of its own

_NO_ANSWER = ("request.timeout", "client.not_connected", "client.closed")


class Io(Protocol):
    """What the engine needs of its owner."""

    def send(self, frames: list[bytes]) -> bool: ...
    def subscribe(self, topic: bytes) -> None: ...
    def unsubscribe(self, topic: bytes) -> None: ...
    def disconnected(self) -> None: ...
    def reconnected(self, restarted: bool) -> None: ...


class Engine:
    def __init__(self, io: Io, client: str, command: str, silence_ms: int | None, recover: bool) -> None:
        """silence_ms: the daemon cancels this client's orders after so long a silence, so it is pinged in time."""
        self.epoch: int | None = None
        self.server: ServerInfo | None = None
        self.reading = True
        self.connected = False
        self.requests = Requests(io.send, command)
        self.streams = Streams(io.subscribe, io.unsubscribe, self._ask_missed, self._ask_events, recover)
        self._io = io
        # Not repeatable: each connection gets a hello of its own.
        self._hello = dataclasses.replace(_calls.hello(client, silence_ms), repeatable=False)
        self._silence_s = None if silence_ms is None else silence_ms / 1000
        self._next_ping = 0.0
        self._greeting = 0  # the newest hello; answers to older ones prove nothing
        self._command_up = False
        self._stream_up = False
        self._seen = 0.0
        self._was_connected = False
        io.subscribe(_topics.HEARTBEAT)

    # ---- what arrives ---------------------------------------------------------------------------------------------

    def on_command_link(self, up: bool) -> None:
        self._command_up = up
        if up:
            self.requests.open = False
            self._greet()
        else:
            self.requests.link_lost()

    def on_stream_link(self, up: bool) -> None:
        """Before `up=False`, everything that was received must have gone through on_stream."""
        self._stream_up = up
        if not up:
            self.reading = False
        elif not self.reading:
            self._greet()

    def on_command(self, frames: list[bytes]) -> None:
        self.requests.on_frames(frames)

    def on_stream(self, frames: list[bytes]) -> None:
        if len(frames) != 2:
            self.streams.garbage += 1
            return
        if frames[0] == _topics.HEARTBEAT and not self._on_heartbeat(frames[1]):
            return
        self.streams.on_message(frames[0], frames[1])

    def tick(self) -> None:
        """To be called whenever wait_s() has passed, and after what arrived was handled."""
        now = time.monotonic()
        self.requests.expire(now)
        self._keep_alive(now)
        if self.connected and now - self._seen > SILENCE_S:
            self.connected = False
            self.streams.orders.doubt()
            self._io.disconnected()
        self.requests.flush()
        self.streams.flush()

    def wait_s(self) -> float:
        """Seconds until tick() has something to do; at most one."""
        now = time.monotonic()
        deadline = self.requests.next_deadline()
        wait = 1.0 if deadline is None else deadline - now
        if self.connected:
            wait = min(wait, self._seen + SILENCE_S - now)
        if self._silence_s is not None and self.requests.open:
            wait = min(wait, self._next_ping - now)
        return max(0.0, min(wait, 1.0))

    # ---- what the owner wants -------------------------------------------------------------------------------------

    def request(self, call: Call[Any], timeout: float, done: Done) -> None:
        self.requests.add(call, timeout, done, time.monotonic())

    def subscribe(self, subscriber: Subscriber) -> None:
        self.streams.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        self.streams.remove(subscriber)

    def close(self, error: TradebusError) -> None:
        self.streams.end()
        self.requests.close(error)

    # ---- epochs ---------------------------------------------------------------------------------------------------

    def _greet(self) -> None:
        self._greeting += 1
        greeting = self._greeting

        def done(result: Any, error: TradebusError | None) -> None:
            if greeting != self._greeting:
                return
            if error is not None and (error.code in _NO_ANSWER or error.code == "overloaded"):
                if self._command_up or not self.reading:
                    self._greet()
                return
            # A refusal (auth.*) is an answer too: what is asked next gets the same one, and its caller sees it. Only
            # cancel_on_disconnect must not be missed: without it no request goes out at all.
            self.requests.refusal = error if self._silence_s is not None else None
            self._settle(result if isinstance(result, Mapping) else {})

        self.requests.add_first(self._hello, HELLO_S, done, time.monotonic())

    def _keep_alive(self, now: float) -> None:
        if self._silence_s is None or not self.requests.open or now < self._next_ping:
            return
        self._next_ping = now + self._silence_s / 3
        self.requests.add(_PING, self._silence_s, lambda result, error: None, now, urgent=True)

    def _settle(self, hello: Mapping[str, Any]) -> None:
        self.requests.open = self._command_up
        if self._silence_s is not None:
            self._next_ping = time.monotonic() + self._silence_s / 3
        try:
            self.server = ServerInfo.from_map(hello)
        except (TypeError, ValueError):
            self.server = None
        epoch = hello.get("epoch")
        if isinstance(epoch, int):
            self._learn(epoch)
        if not self.reading and self._stream_up:
            self.reading = True
            self.streams.orders.doubt()
        self.requests.flush()

    def _on_heartbeat(self, payload: bytes) -> bool:
        """False when it is none."""
        try:
            epoch = int(msgpack.unpackb(payload)["epoch"])
        except Exception:  # whatever a peer may send must not stop the client
            self.streams.garbage += 1
            return False
        self._learn(epoch)
        self.streams.orders.on_heartbeat()
        return True

    def _learn(self, epoch: int) -> None:
        """The daemon lives, in this epoch."""
        self._seen = time.monotonic()
        restarted = self.epoch is not None and epoch != self.epoch
        self.epoch = epoch
        if restarted:
            self.streams.restart()
            self.streams.orders.doubt()
            if self.connected:
                self.connected = False
                self._io.disconnected()
        if not self.connected:
            self.connected = True
            if self._was_connected:
                self._io.reconnected(restarted)
            self._was_connected = True

    # ---- recovery -------------------------------------------------------------------------------------------------

    def _ask_missed(self, topic: str, after: int, answer: Answer) -> None:
        self._recover(_calls.missed_raw(topic, after), answer)

    def _ask_events(self, after: int, account: str | None, limit: int | None, answer: Answer) -> None:
        self._recover(_calls.events_raw(after, account, limit), answer)

    def _recover(self, call: Call[Mapping[str, Any]], answer: Answer) -> None:
        def done(result: Any, error: TradebusError | None) -> None:
            if error is not None and error.code in _NO_ANSWER:
                answer(None)
            else:
                answer(result if error is None and isinstance(result, Mapping) else {})
            self.streams.flush()

        self.request(call, RECOVER_S, done)
