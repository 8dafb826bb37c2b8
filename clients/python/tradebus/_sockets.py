"""The sockets of one client, their monitors and the means to wake their owner. Nothing here waits."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import zmq
from zmq.utils.monitor import parse_monitor_message

RECONNECT_MS = 250  # long enough to notice that a connection went before the next one brings messages
RECONNECT_MS_MAX = 2_000
RECEIVE_HWM = 100_000  # messages that may wait in the socket while the process is busy
KEEPALIVE_MS = 2_000  # a dead peer is found after three of these

BATCH_MAX = 1_000
"""Messages taken from a socket before others get their turn."""


@dataclass(frozen=True, slots=True)
class Curve:
    """CURVE keys as Z85 text: the daemon's public key, and this client's pair."""

    server_key: str
    public_key: str
    secret_key: str


class Sockets:
    """`stream`, `command` and the monitors are read and written without waiting; `waiters` are the same sockets in the
    form that the owner's poller takes (asyncio has one of its own)."""

    def __init__(self, stream: str, command: str, curve: Curve | None, context: zmq.Context[Any] | None = None) -> None:
        self._context = zmq.Context() if context is None else context
        events = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        sub = self._socket(zmq.SUB, curve)
        sub.rcvhwm = RECEIVE_HWM
        sub.sndhwm = 0  # subscriptions go this way: libzmq drops those beyond it without a word
        dealer = self._socket(zmq.DEALER, curve)
        dealer.immediate = True  # an order never waits in a queue for a daemon that may come up tomorrow
        self._owned = (sub, dealer)
        self.waiters = (sub, dealer, sub.get_monitor_socket(events), dealer.get_monitor_socket(events))
        self.stream, self.command, self.stream_monitor, self.command_monitor = map(_plain, self.waiters)
        self.wake_reader, self._wake_writer = socket.socketpair()
        self.wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._pid = os.getpid()
        try:
            self.stream.connect(stream)
            self.command.connect(command)
        except zmq.ZMQError:
            self.close()
            raise

    def _socket(self, kind: int, curve: Curve | None) -> zmq.Socket[Any]:
        made: zmq.Socket[Any] = self._context.socket(kind)
        made.linger = 0
        made.reconnect_ivl = RECONNECT_MS
        made.reconnect_ivl_max = RECONNECT_MS_MAX
        made.heartbeat_ivl = KEEPALIVE_MS
        made.heartbeat_timeout = 3 * KEEPALIVE_MS
        if curve is not None:
            made.curve_serverkey = curve.server_key.encode()
            made.curve_publickey = curve.public_key.encode()
            made.curve_secretkey = curve.secret_key.encode()
        return made

    def wake(self) -> None:
        """From any thread: the owner's poll returns."""
        with contextlib.suppress(BlockingIOError, OSError):  # full: it is awake already; closed: nobody sleeps
            self._wake_writer.send(b"x")

    def clear_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while len(self.wake_reader.recv(4096)) == 4096:
                pass

    def send(self, frames: list[bytes]) -> bool:
        """False when there is no connection, or it takes no more."""
        try:
            self.command.send_multipart(frames, zmq.DONTWAIT)
        except zmq.Again:
            return False
        return True

    def received(self, which: zmq.Socket[bytes], limit: int | None = BATCH_MAX) -> Iterator[list[bytes]]:
        """What waits in a socket, at most `limit` messages."""
        receive = which.recv_multipart
        taken = 0
        while limit is None or taken < limit:
            try:
                frames = receive(zmq.DONTWAIT)
            except zmq.Again:
                return
            taken += 1
            yield frames

    def link_changes(self, monitor: zmq.Socket[bytes]) -> Iterator[bool]:
        """True for each connection that came up, False for each that went."""
        for frames in self.received(monitor):
            yield parse_monitor_message(frames)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED

    def close(self) -> None:
        if os.getpid() != self._pid:
            return  # a forked child owns none of this
        for each in self._owned:
            with contextlib.suppress(zmq.ZMQError):
                each.disable_monitor()
        for each in self.waiters:
            each.close(0)
        self.wake_reader.close()
        self._wake_writer.close()
        self._context.term()


def _plain(waiter: zmq.Socket[Any]) -> zmq.Socket[bytes]:
    return waiter if type(waiter) is zmq.Socket else zmq.Socket.shadow(waiter.underlying)
