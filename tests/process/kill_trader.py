"""One strategy of the kill test: it trades while the daemon dies under it, writes down what it was told, and follows its
orders as docs/protocol.md tells clients to."""

from __future__ import annotations

import itertools
import random
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any

import msgpack
from harness import DEADLINE_S, Requester, Stream

if TYPE_CHECKING:
    from kill_world import KillWorld

SYMBOLS = ("AAPL", "MSFT", "NVDA")
PAUSES_MS = (0, 0, 1, 3, 10)
UNIT = 10**9
CLOSED = {"filled", "canceled", "rejected", "expired"}
UNANSWERED = {"pending_new", "pending_cancel", "pending_replace", "in_doubt"}
SIGN = {"buy": 1, "buy_to_cover": 1, "sell": -1, "sell_short": -1}

EXPECTED_ERRORS = {"broker.unavailable", "broker.reconciling", "order.not_open", "order.not_found", "request.invalid"}
"""What a request may be refused with while the daemon and its broker come and go. (request.invalid: a replace that comes
after more was filled.)"""


class DaemonGone(Exception):
    """The daemon was killed under a request: it has no answer, and will get none."""


def billionths(value: float) -> int:
    return round(value * UNIT)


class View:
    """Orders as one client knows them: from the stream, and from get_events after each break."""

    def __init__(self) -> None:
        self.events: dict[int, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.last = 0
        self.twice = 0

    def take(self, event: dict[str, Any]) -> None:
        seq = event["seq"]
        if seq in self.events:
            self.twice += 1
            assert self.events[seq] == event, f"event {seq} was told twice, differently: {self.events[seq]} and {event}"
        assert seq > self.last or seq in self.events, (
            f"event {seq} came after {self.last} and was not told before: {event}"
        )
        self.events[seq] = event
        if seq > self.last:
            self.last = seq
            self.orders[event["order"]["order_id"]] = event["order"]

    def catch_up(self, requester: Requester) -> None:
        while True:
            answer = requester.request("get_events", after=self.last, limit=500)
            for event in answer["events"]:
                self.take(event)
            if not answer["events"]:
                return


class Trader(threading.Thread):
    def __init__(self, world: KillWorld, name: str, seed: str) -> None:
        super().__init__(name=name, daemon=True)
        self.world = world
        self.rng = random.Random(seed)
        self.generation = -1
        self.requester: Requester | None = None
        self.stream: Stream | None = None
        self.view = View()
        self.ids = itertools.count(1)
        self.placed: dict[str, dict[str, Any]] = {}  # what was sent, by client_order_id
        self.told: dict[str, str] = {}  # the order_id that an ok named
        self.unanswered: set[str] = set()
        self.refused: dict[str, str] = {}  # never recorded, as the last answer said
        self.counts: dict[str, int] = {}
        self.resting = threading.Event()
        self.failure: str | None = None

    # ---- life -------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            while not self.world.over:
                if not self.world.trading.is_set():
                    self.resting.set()
                    self.world.trading.wait(0.05)
                    continue
                self.resting.clear()
                try:
                    self.connect()
                    self.act()
                    self.listen(self.rng.choice(self.world.pauses_ms))
                except DaemonGone:
                    self.world.changed.wait_for_generation(self.generation)
        except Exception:
            self.failure = traceback.format_exc()
        finally:
            self.resting.set()

    def connect(self) -> None:
        if self.generation == self.world.generation:
            return
        self.close()
        self.generation, command, stream = self.world.endpoints
        context = self.world.daemon.context
        self.requester = Requester(context, command)
        self.ask("hello", {"client": self.name})
        self.stream = Stream(context, stream, "order|", "heartbeat|")
        self.wait_for_heartbeat()
        self.catch_up()

    def close(self) -> None:
        for each in (self.requester, self.stream):
            if each is not None:
                each.socket.close(0)
        self.requester = self.stream = None

    def gone(self) -> bool:
        return self.generation != self.world.generation or self.world.dying.is_set()

    def wait_for_heartbeat(self) -> None:
        """Then the daemon has the subscriptions: what follows is not missed. Events that came first are kept."""
        self.early: list[dict[str, Any]] = []
        end = time.monotonic() + DEADLINE_S
        while True:
            assert self.stream is not None
            if self.stream.socket.poll(20):
                topic, body = self.stream.next(0)
                if topic == "heartbeat|":
                    return
                self.early.append(body)
            if self.gone():
                raise DaemonGone
            assert time.monotonic() < end, "no heartbeat"

    def catch_up(self) -> None:
        while True:
            answer = self.ask("get_events", {"after": self.view.last, "limit": 500})["result"]
            for event in answer["events"]:
                self.view.take(event)
            if not answer["events"]:
                break
        for event in self.early:
            self.view.take(event)
        self.early = []

    def listen(self, wait_ms: int) -> None:
        assert self.stream is not None
        while self.stream.socket.poll(wait_ms):
            topic, body = self.stream.next(0)
            if topic != "heartbeat|":
                self.view.take(body)
            wait_ms = 0

    # ---- requests ---------------------------------------------------------------------------------------------------

    def ask(self, op: str, args: dict[str, Any], patience_s: float = DEADLINE_S) -> Any:
        """The reply. DaemonGone when there will be none; None when it did not come in time."""
        requester = self.requester
        assert requester is not None
        request_id = f"{self.name}-{next(self.ids)}"
        requester.send(msgpack.packb({"v": 1, "id": request_id, "op": op, "args": args}))
        end = time.monotonic() + patience_s
        while True:
            left = end - time.monotonic()
            if requester.socket.poll(max(0, min(20, int(left * 1000)))):
                reply = requester.receive(0)
                if reply.get("id") == request_id:
                    return reply
                self.late(reply)
                continue
            if self.gone():
                raise DaemonGone
            if left <= 0:
                assert patience_s < DEADLINE_S, f"no answer to {op} within {patience_s:g} s"
                return None

    def late(self, reply: dict[str, Any]) -> None:
        if reply["ok"] and "order_id" in reply["result"]:
            self.note(reply["result"])

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def note(self, order: dict[str, Any]) -> None:
        cid = order["client_order_id"]
        assert order["client"] == self.name, order
        before = self.told.setdefault(cid, order["order_id"])
        assert before == order["order_id"], f"{self.name} {cid} is {before}, and now {order['order_id']}"
        self.unanswered.discard(cid)

    def place(self, cid: str) -> dict[str, Any] | None:
        """Sends it, again or for the first time; what came of it is written down."""
        known_before = cid in self.told
        self.unanswered.add(cid)
        patience = self.rng.choice((0.0005, 0.002)) if self.rng.random() < 0.05 else DEADLINE_S
        reply = self.ask("place_order", self.placed[cid], patience)
        if reply is None:
            self.count("impatient")
            return None
        if reply["ok"]:
            order = reply["result"]
            assert order["client_order_id"] == cid
            if known_before:
                assert order.get("duplicate") is True, f"{cid} was told before, and is no duplicate: {order}"
            self.count("duplicate" if order.get("duplicate") else "placed")
            self.note(order)
            return order  # type: ignore[no-any-return]
        code = reply["error"]["code"]
        self.count(code)
        assert code in EXPECTED_ERRORS, f"{cid}: {reply['error']}, {self.placed[cid]}"
        assert not known_before, f"{cid} got ok before, its repeat: {reply['error']}"
        self.unanswered.discard(cid)
        self.refused[cid] = code
        return None

    # ---- what it does -----------------------------------------------------------------------------------------------

    def act(self) -> None:
        dice = self.rng.random()
        again = [cid for cid in self.unanswered if cid in self.placed]
        if again and dice < 0.3:
            self.count("repeated after no answer")
            self.place(self.rng.choice(sorted(again)))
        elif self.told and dice < 0.35:
            self.place(self.rng.choice([cid for cid in list(self.told)[-50:] if cid in self.placed] or [self.new_order()]))
        elif self.told and dice < 0.5:
            self.change("cancel_order", {})
        elif self.told and dice < 0.62:
            price = round(self.world.price * self.rng.uniform(0.5, 1.5), 2)
            terms = self.rng.choice(({"qty": self.rng.randint(1, 60)}, {"limit_price": price}))
            self.change("replace_order", terms)
        else:
            cids = self.new_orders()
            for cid in cids:
                self.place(cid)

    def change(self, op: str, terms: dict[str, Any]) -> None:
        cid = self.rng.choice(list(self.told)[-30:])
        reply = self.ask(op, {"client_order_id": cid, **terms})
        if reply["ok"]:
            self.count(op)
            self.note(reply["result"])
            return
        self.count(f"{op} {reply['error']['code']}")
        assert reply["error"]["code"] in EXPECTED_ERRORS - {"order.not_found"}, (op, cid, terms, reply["error"])

    def new_order(self, **more: Any) -> str:
        cid = f"c{next(self.ids)}"
        self.placed[cid] = {
            "client_order_id": cid,
            "symbol": self.rng.choice(self.world.symbols),
            "side": self.rng.choice(("buy", "buy", "sell_short", "sell")),
            "qty": self.rng.randint(1, 50),
            "order_type": "market",
            "time_in_force": "day",
            **more,
        }
        return cid

    def new_orders(self) -> list[str]:
        rng, price = self.rng, self.world.price
        symbol = self.world.symbols[0]
        buys = rng.random() < 0.5
        side = "buy" if buys else "sell_short"
        kind = rng.choice(("far", "far", "near", "marketable", "market", "ioc", "bracket", "oco"))
        if kind == "market":
            return [self.new_order()]
        if kind in ("far", "near", "marketable", "ioc"):
            away = {"far": -0.4, "near": -0.001, "marketable": 0.05, "ioc": 0.0}[kind]
            limit = round(price * (1 + (away if buys else -away)), 2)
            tif = "ioc" if kind == "ioc" else rng.choice(("day", "gtc"))
            return [
                self.new_order(symbol=symbol, side=side, order_type="limit", limit_price=limit, time_in_force=tif)
            ]
        if kind == "bracket":
            up, down = round(price * 1.002, 2), round(price * 0.998, 2)
            exits = {"take_profit": up, "stop_loss": down} if buys else {"take_profit": down, "stop_loss": up}
            if rng.random() < 0.5:
                limit = round(price * (1.01 if buys else 0.99), 2)
                more = {"order_type": "limit", "limit_price": limit}
                exits = {key: round(p + (0.02 if buys else -0.02) * price, 2) for key, p in exits.items()}
                exits["stop_loss"] = round(price * (0.97 if buys else 1.03), 2)
            else:
                more = {}
            cid = self.new_order(symbol=symbol, side=side, bracket=exits, **more)
            return [cid]
        group = f"g{next(self.ids)}"
        low, high = round(price * rng.uniform(0.995, 0.9999), 2), round(price * rng.uniform(1.0001, 1.005), 2)
        qty = rng.randint(1, 50)
        if buys:
            legs = ({"order_type": "limit", "limit_price": low}, {"order_type": "stop", "stop_price": high})
        else:
            legs = ({"order_type": "limit", "limit_price": high}, {"order_type": "stop", "stop_price": low})
        return [self.new_order(symbol=symbol, side=side, qty=qty, oco=group, time_in_force="gtc", **leg) for leg in legs]
