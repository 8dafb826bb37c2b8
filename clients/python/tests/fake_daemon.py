"""A small daemon that speaks the protocol page, for tests: XPUB and ROUTER in a thread, everything scripted.

It keeps what it published, so that get_missed and get_events answer truthfully; `lose` withholds a message."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgpack
import zmq

DEADLINE_S = 60.0  # generous: it is only waited out by a test that fails


def eventually(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """The condition's value once it is true; fails the test after the deadline."""
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        pause.wait(0.002)


class Refuse(Exception):
    """A handler's way to answer with an error."""

    def __init__(self, code: str, message: str = "because", **more: Any) -> None:
        super().__init__(code)
        self.error = {"code": code, "message": message, **more}


class Silence(Exception):
    """A handler's way not to answer."""


class FakeDaemon:
    def __init__(self, epoch: int = 1, stream: str = "tcp://127.0.0.1:*", command: str = "tcp://127.0.0.1:*") -> None:
        self.epoch = epoch
        self.requests: list[dict[str, Any]] = []
        self.subscriptions: list[str] = []  # every subscribe message in turn
        self.unsubscriptions: list[str] = []
        self.handlers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "hello": lambda args: {"server": "fake", "version": "0", "protocol": 1, "epoch": self.epoch} | args,
            "ping": lambda args: {"ts": 7},
            "get_missed": self._missed,
            "get_events": self._events,
            "get_orders": self._orders,
        }
        self.kept: dict[str, list[dict[str, Any]]] = {}
        self.events: list[dict[str, Any]] = []
        self.orders: dict[str, dict[str, Any]] = {}  # in the order in which they were placed
        self.heartbeats = True
        self._context = zmq.Context()
        self._xpub = self._context.socket(zmq.XPUB)
        self._router = self._context.socket(zmq.ROUTER)
        for each in (self._xpub, self._router):
            each.linger = 0
        self._xpub.sndhwm = 0
        self._xpub.xpub_verbose = True
        eventually(lambda: self._bind(self._xpub, stream), f"{stream} is free")
        eventually(lambda: self._bind(self._router, command), f"{command} is free")
        self.stream = self._xpub.last_endpoint.decode()
        self.command = self._router.last_endpoint.decode()
        self._inbox: list[list[bytes]] = []
        self._lock = threading.Lock()
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="fake-daemon")
        self._thread.start()

    @staticmethod
    def _bind(sock: zmq.Socket[bytes], endpoint: str) -> bool:
        try:
            sock.bind(endpoint)
        except zmq.ZMQError:
            return False
        return True

    # ---- what tests do --------------------------------------------------------------------------------------------

    def send(self, topic: str, payload: bytes) -> None:
        self.send_frames(topic.encode(), payload)

    def send_frames(self, *frames: bytes) -> None:
        with self._lock:
            self._inbox.append(list(frames))

    def publish(self, topic: str, seq: int, *, lose: bool = False, keep: bool = True, **body: Any) -> None:
        body = {"seq": seq, **body}
        if keep:
            self.kept.setdefault(topic, []).append(body)
        if not lose:
            self.send(topic, msgpack.packb(body))

    def quote(self, seq: int, symbol: str = "AAPL", *, lose: bool = False, keep: bool = True, **more: Any) -> None:
        body = {"symbol": symbol, "ts": seq * 1000, "rx": seq * 1000, "bid": 1.0 + seq, "ask": 2.0 + seq, **more}
        self.publish(f"quote|{symbol}|", seq, lose=lose, keep=keep, **body)

    def order_event(
        self, seq: int, event: str, order: dict[str, Any], *, lose: bool = False, fill: dict[str, Any] | None = None
    ) -> None:
        body: dict[str, Any] = {"seq": seq, "ts": seq, "event": event, "order": order}
        if fill is not None:
            body["fill"] = fill
        self.events.append(body)
        self.orders[order["order_id"]] = order
        if not lose:
            self.send(f"order|{order['account']}|", msgpack.packb(body))

    def wait_for_subscription(self, topic: str, times: int = 1) -> None:
        eventually(lambda: self.subscriptions.count(topic) >= times, f"{times} subscriptions to {topic}")

    def ops(self, op: str) -> list[dict[str, Any]]:
        return [each["args"] for each in list(self.requests) if each["op"] == op]

    def close(self) -> None:
        self._stop = True
        self._thread.join()

    def restarted(self) -> FakeDaemon:
        """The same endpoints, another epoch, everything but the journal forgotten."""
        self.close()
        again = FakeDaemon(self.epoch + 1, self.stream, self.command)
        again.events = self.events
        again.orders = self.orders
        return again

    def __enter__(self) -> FakeDaemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what a daemon does ---------------------------------------------------------------------------------------

    def _missed(self, args: dict[str, Any]) -> dict[str, Any]:
        kept = self.kept.get(args["topic"], [])
        messages = [m for m in kept if m["seq"] > args["after"]][: args.get("limit", 10_000)]
        first_kept = kept[0]["seq"] if kept else 0
        return {"messages": messages, "complete": first_kept <= args["after"] + 1, "first_kept": first_kept}

    def _events(self, args: dict[str, Any]) -> dict[str, Any]:
        last = min(self.events[-1]["seq"] if self.events else 0, args.get("until", 2**62))
        wanted = [
            e
            for e in self.events
            if args["after"] < e["seq"] <= last and args.get("account") in (None, e["order"]["account"])
        ]
        first = self.events[0]["seq"] if self.events else 0
        return {"events": wanted[: args.get("limit", 1000)], "last_seq": last, "first_kept": first}

    def _orders(self, args: dict[str, Any]) -> dict[str, Any]:
        names = list(self.orders)
        after, limit = args.get("after_order"), args.get("limit", 1000)
        wanted = [
            each
            for n, each in enumerate(self.orders.values())
            if args.get("client") in (None, each["client"])
            and (args.get("status") == "all" or each["leaves_qty"])
            and (after not in names or n > names.index(after))
        ]
        return {"orders": wanted[-limit:] if after is None else wanted[:limit]}

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._xpub, zmq.POLLIN)
        poller.register(self._router, zmq.POLLIN)
        next_beat = time.monotonic()
        while not self._stop:
            ready = dict(poller.poll(2))
            if self._router in ready:
                self._answer(self._router.recv_multipart())
            if self._xpub in ready:
                message = self._xpub.recv()
                (self.subscriptions if message[0] else self.unsubscriptions).append(message[1:].decode())
            with self._lock:
                inbox, self._inbox = self._inbox, []
            for frames in inbox:
                self._xpub.send_multipart(frames)
            if self.heartbeats and time.monotonic() >= next_beat:
                next_beat = time.monotonic() + 0.1
                self._xpub.send_multipart(
                    [b"heartbeat|", msgpack.packb({"epoch": self.epoch, "ts": 1, "uptime_ms": 1})]
                )
        self._xpub.close()
        self._router.close()
        self._context.term()

    def _answer(self, frames: list[bytes]) -> None:
        request = msgpack.unpackb(frames[-1])
        self.requests.append(request)
        reply: dict[str, Any] = {"v": 1, "id": request["id"]}
        try:
            handler = self.handlers.get(request["op"])
            if handler is None:
                raise Refuse("request.unknown_op", request["op"])
            reply |= {"ok": True, "result": handler(request["args"])}
        except Refuse as refusal:
            reply |= {"ok": False, "error": refusal.error}
        except Silence:
            return
        self._router.send_multipart([*frames[:-1], msgpack.packb(reply)])


def order(status: str = "new", **more: Any) -> dict[str, Any]:
    """An Order as the daemon sends it."""
    return {
        "order_id": "O-1",
        "client_order_id": "c-1",
        "client": "python",
        "broker": "paper",
        "account": "PAPER-1",
        "symbol": "AAPL",
        "side": "buy",
        "qty": 1,
        "order_type": "market",
        "time_in_force": "day",
        "status": status,
        "filled_qty": 1 if status == "filled" else 0,
        "leaves_qty": 0 if status == "filled" else 1,
        "created": 1,
        "updated": 2,
        **more,
    }
