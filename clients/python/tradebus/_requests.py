"""Requests under way: ids, deadlines, and the rule that hello goes first on every connection. No sockets."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack

from tradebus._calls import Call
from tradebus.errors import NotConnected, Overloaded, RequestTimeout, TradebusError, from_reply

Done = Callable[[Any, TradebusError | None], None]
Send = Callable[[list[bytes]], bool]

WAITING_MAX = 10_000
"""Requests of one client that wait for an answer; more are refused, so that memory is bounded."""


@dataclass(slots=True, eq=False)
class _Waiting:
    id: int
    op: str
    frames: list[bytes]
    deadline: float  # seconds of the monotonic clock
    timeout: float
    repeatable: bool
    done: Done
    sent: bool = False


class Requests:
    """`send` returns False when there is no connection. `open` is False until the daemon knows who is asking: an order
    under another name would not be recognised when it is sent again."""

    def __init__(self, send: Send, command: str) -> None:
        self.open = False
        self.refusal: TradebusError | None = None  # why the daemon doesn't take this client: all requests fail with it
        self.unmatched = 0  # answers to nothing that waits: late, or undecodable
        self._send = send
        self._command = command
        self._last_id = 0
        self._waiting: dict[int, _Waiting] = {}
        self._outbox: deque[_Waiting] = deque()
        self._first: _Waiting | None = None  # hello
        self._deadlines: list[tuple[float, int]] = []

    @property
    def wants_to_send(self) -> bool:
        return self._first is not None or (self.open and bool(self._outbox))

    def add(self, call: Call[Any], timeout: float, done: Done, now: float, urgent: bool = False) -> None:
        """Sends when it can; `done` gets the result or the error, once. Times in seconds. urgent: before what waits to
        be sent, and not counted."""
        if urgent:
            self._outbox.appendleft(self._make(call, timeout, done, now))
            self.flush()
            return
        if len(self._waiting) >= WAITING_MAX:
            done(None, Overloaded("overloaded", f"{WAITING_MAX} requests of this client wait for answers already"))
            return
        self._outbox.append(self._make(call, timeout, done, now))
        self.flush()

    def add_first(self, call: Call[Any], timeout: float, done: Done, now: float) -> None:
        """For hello: before everything that waits, in place of an earlier one that was not sent."""
        if self._first is not None:
            self._waiting.pop(self._first.id, None)
        self._first = self._make(call, timeout, done, now)
        self.flush()

    def flush(self) -> None:
        if self._first is not None and self._try(self._first):
            self._first = None
        while self.open and self._outbox:
            if self.refusal is not None:
                refused = self._waiting.pop(self._outbox.popleft().id, None)
                if refused is not None:
                    refused.done(None, self.refusal)
                continue
            if self._outbox[0].id in self._waiting and not self._try(self._outbox[0]):
                return
            self._outbox.popleft()

    def on_frames(self, frames: list[bytes]) -> None:
        """One answer."""
        try:
            reply = msgpack.unpackb(frames[-1])
            waiting = self._waiting.pop(reply["id"])
            result = reply["result"] if reply["ok"] else None
            error = None if reply["ok"] else from_reply(reply["error"])
        except Exception:  # whatever a peer may send must not stop the client
            self.unmatched += 1
            return
        waiting.done(result, error)

    def link_lost(self) -> None:
        """The answers to what was sent will never come: repeat what may be repeated, fail the rest."""
        self.open = False
        again = []
        for waiting in [w for w in self._waiting.values() if w.sent]:
            if waiting.repeatable:
                waiting.sent = False
                again.append(waiting)
            else:
                del self._waiting[waiting.id]
                why = f"the connection to {self._command} went while {waiting.op} waited: it may have been done or not"
                waiting.done(None, RequestTimeout("request.timeout", why))
        self._outbox.extendleft(reversed(again))

    def expire(self, now: float) -> None:
        """Ends what has waited too long."""
        while self._deadlines and self._deadlines[0][0] <= now:
            _, request_id = heapq.heappop(self._deadlines)
            waiting = self._waiting.pop(request_id, None)
            if waiting is None:
                continue
            if waiting is self._first:
                self._first = None
            waiting.done(None, self._too_late(waiting))
        while self._outbox and self._outbox[0].id not in self._waiting:
            self._outbox.popleft()

    def next_deadline(self) -> float | None:
        while self._deadlines and self._deadlines[0][1] not in self._waiting:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def close(self, error: TradebusError) -> None:
        """Ends everything with an error."""
        self.open = False
        waiting, self._waiting = list(self._waiting.values()), {}
        self._outbox.clear()
        self._deadlines.clear()
        self._first = None
        for each in waiting:
            each.done(None, error)

    def _make(self, call: Call[Any], timeout: float, done: Done, now: float) -> _Waiting:
        self._last_id += 1
        body = {
            "v": 1,
            "id": self._last_id,
            "op": call.op,
            "args": call.args,
            "timeout_ms": max(1, int(timeout * 1000)),
        }
        frames = [b"", msgpack.packb(body)]
        waiting = _Waiting(self._last_id, call.op, frames, now + timeout, timeout, call.repeatable, done)
        self._waiting[waiting.id] = waiting
        heapq.heappush(self._deadlines, (waiting.deadline, waiting.id))
        return waiting

    def _try(self, waiting: _Waiting) -> bool:
        waiting.sent = self._send(waiting.frames)
        return waiting.sent

    def _too_late(self, waiting: _Waiting) -> TradebusError:
        if waiting.sent:
            why = f"no answer to {waiting.op} within {waiting.timeout:g} s: it may or may not have been done"
            return RequestTimeout("request.timeout", why)
        why = f"{waiting.op} was not sent: no daemon answers at {self._command}; is tradebusd running there?"
        return NotConnected("client.not_connected", why)
