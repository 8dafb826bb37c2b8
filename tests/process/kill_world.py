"""Strategies that trade while the daemon dies under them again and again, and what must be true whatever happened.

    with KillWorld(folder, seed, config) as world:
        world.run(kills=10)

A Trader is one strategy: a thread with sockets of its own that places, changes, cancels and repeats orders, writes down
what it was told, and follows its orders as docs/protocol.md tells clients to (the stream, and get_events after a break).
KillWorld ends the daemon with SIGKILL at random moments, starts it over the same data, and from time to time lets
everything come to rest and compares: what clients were told, what the daemon says, what its journal holds, what the paper
broker holds on disk. The Python client's order books (kill_books.py) are compared after each restart that is let live.
Moments come from the seed, but threads and disks have their own time: a seed that failed makes the same orders and
pauses again, not the same microsecond."""

from __future__ import annotations

import itertools
import os
import random
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from harness import DEADLINE_S, Daemon, RequestFailed, Requester
from kill_books import ClientBook, check_books
from kill_trader import CLOSED, PAUSES_MS, SIGN, SYMBOLS, UNANSWERED, Trader, View, billionths
from venue_memory import VenueMemory, journal_seqs, paper_memory


class _Generations:
    """Lets traders wait for the daemon that comes after the one they knew."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.value = 0

    def wait_for_generation(self, other_than: int) -> None:
        with self.condition:
            self.condition.wait_for(lambda: self.value != other_than, 0.1)

    def next(self) -> int:
        with self.condition:
            self.value += 1
            self.condition.notify_all()
            return self.value


class KillWorld:
    """With the paper broker; another venue overrides `brokers`, `market_price`, `memory` and what fails besides."""

    symbols: tuple[str, ...] = SYMBOLS
    pauses_ms: tuple[int, ...] = PAUSES_MS  # of a trader, between two of its deeds

    def __init__(
        self, folder: Path, seed: int, config: dict[str, dict[str, Any]], *, expect_stderr: str, traders: int = 4
    ) -> None:
        self.seed = seed
        self.rng = random.Random(f"kills-{seed}")
        self.price = 0.0
        self.over = False
        self.trading = threading.Event()
        self.dying = threading.Event()
        self.changed = _Generations()
        self.kills = 0
        self.in_doubt_seen = 0
        # Traders go to the ports of each start anew, so that none speaks to a daemon that it did not say hello to. The
        # books reconnect by themselves: to names that stay, which no other process takes meanwhile, as it might a port.
        self.sockets = tempfile.TemporaryDirectory(prefix="kills-")  # short enough for a socket's path
        self.lasting = f"ipc://{self.sockets.name}/stream", f"ipc://{self.sockets.name}/command"
        self.daemon = Daemon(
            folder,
            {
                "providers.sim": {"ticks_per_second": 400, "symbols": list(self.symbols)},
                **self.brokers(config),
                "bus": {
                    "heartbeat_ms": 20,
                    "stream": ["tcp://127.0.0.1:0", self.lasting[0]],
                    "command": ["tcp://127.0.0.1:0", self.lasting[1]],
                },
                **{key: value for key, value in config.items() if not key.startswith("brokers.") and key != "bus"},
            },
            expect_stderr=expect_stderr,
        )
        self.endpoints = (0, self.daemon.command, self.daemon.stream)
        self.traders = [Trader(self, f"strategy-{n}", f"{seed}-{n}") for n in range(traders)]
        self.books: list[ClientBook] = []
        self.asker: Requester | None = None
        self.history: list[dict[str, Any]] = []

    @property
    def generation(self) -> int:
        return self.endpoints[0]

    def __enter__(self) -> KillWorld:
        return self

    def __exit__(self, *_: object) -> None:
        self.over = True
        self.trading.set()
        for trader in self.traders:
            if trader.is_alive():
                trader.join(DEADLINE_S)
            trader.close()
        for book in self.books:
            book.close()
        self.daemon.close()
        self.sockets.cleanup()

    # ---- the venue --------------------------------------------------------------------------------------------------

    def brokers(self, config: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Their sections."""
        return {"brokers.paper": {"cash": "100000000000", **config.get("brokers.paper", {})}}

    def market_price(self) -> float:
        """About where the first symbol trades."""
        quotes = self.daemon.subscribe(f"quote|{self.symbols[0]}|")
        price = float(quotes.take(1)[0]["bid"])
        quotes.socket.close(0)
        return price

    def memory(self) -> VenueMemory:
        """What the venue itself knows."""
        return paper_memory(self.data)

    def disturb(self) -> None:
        """Something of the venue's own goes wrong, now and then."""

    # ---- killing ----------------------------------------------------------------------------------------------------

    def run(self, kills: int, checkpoint_every: int = 4) -> None:
        data = self.daemon.folder / "data"
        self.data = data
        self.price = self.market_price()
        self.books = [ClientBook(trader.name, *self.lasting) for trader in self.traders]
        for trader in self.traders:
            trader.start()
        self.trading.set()
        while self.kills < kills:
            # Half of the time while it recovers and reconciles, some of these before it says that it is ready.
            if self.rng.random() < 0.4:
                self.pause(self.rng.uniform(0, 0.05))
            else:
                self.trading.clear()  # what is under way goes on; without more of it the books are read faster
                self.check_books()
                self.trading.set()
                self.pause(self.rng.uniform(0.05, 0.8))
            self.disturb()
            self.kill()
            while self.kills < kills and self.rng.random() < 0.25:
                self.daemon._start()
                self.pause(self.rng.uniform(0, 0.12))
                self.daemon.kill()
                self.daemon.check_stderr()
                self.kills += 1
            self.revive()
            if self.kills % checkpoint_every == 0:
                self.checkpoint()
        self.pause(0.3)
        self.finish()

    def pause(self, seconds: float) -> None:
        """Lets the strategies trade; one that failed ends the test at once."""
        end = time.monotonic() + seconds
        while True:
            for trader in self.traders:
                assert trader.failure is None, f"{trader.name}:\n{trader.failure}"
            left = end - time.monotonic()
            if left <= 0:
                return
            threading.Event().wait(min(left, 0.05))

    def kill(self) -> None:
        self.dying.set()
        if self.asker is not None:
            self.asker.socket.close(0)
            self.asker = None
        self.daemon.kill()
        self.daemon.check_stderr()
        self.kills += 1

    def revive(self) -> None:
        self.daemon.restart()
        # In this order: who sees the new number must find the daemon alive.
        self.dying.clear()
        self.endpoints = (self.generation + 1, self.daemon.command, self.daemon.stream)
        self.changed.next()

    # ---- asking -----------------------------------------------------------------------------------------------------

    def request(self, op: str, **args: Any) -> Any:
        if self.asker is None:
            self.asker = self.daemon.requester("auditor")
        return self.asker.request(op, **args)

    def orders(self, status: str = "all") -> dict[str, dict[str, Any]]:
        out: dict[str, dict[str, Any]] = {}
        after = ""
        while True:
            page = self.request("get_orders", status=status, limit=5000, **({"after_order": after} if after else {}))
            if not after and len(page["orders"]) < 5000:
                return {order["order_id"]: order for order in page["orders"]}
            if not after:  # the newest came: begin with the oldest
                first = self.request("get_events", after=0, limit=1)["events"][0]["order"]
                out[first["order_id"]] = self.request("get_order", order_id=first["order_id"])
                after = first["order_id"]
                continue
            for order in page["orders"]:
                out[order["order_id"]] = order
            if not page["orders"]:
                return out
            after = page["orders"][-1]["order_id"]

    def events(self, *, anew: bool = False) -> list[dict[str, Any]]:
        """All there ever were; those that are known are asked for again only if told so."""
        out = [] if anew else self.history
        while True:
            after = out[-1]["seq"] if out else 0
            page = self.request("get_events", after=after, limit=self.rng.randint(500, 5000))["events"]
            if not page:
                return out
            out += page

    # ---- rest -------------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """The strategies stop; then no answer of the broker may be outstanding for long."""
        self.trading.clear()
        end = time.monotonic() + DEADLINE_S
        for trader in self.traders:
            while not trader.resting.wait(0.05):
                assert time.monotonic() < end, f"{trader.name} does not come to rest"
            assert trader.failure is None, f"{trader.name}:\n{trader.failure}"

        def why_not() -> str:
            status = self.request("get_status")
            states = {broker["broker"]: broker["state"] for broker in status["brokers"]}
            if set(states.values()) != {"up"}:
                return f"brokers are {states}"
            waiting = {
                oid: order["status"]
                for oid, order in self.orders("open").items()
                if order["status"] in UNANSWERED and not order.get("held")
            }
            self.in_doubt_seen += sum(1 for state in waiting.values() if state == "in_doubt")
            return f"not settled: {waiting}" if waiting else ""

        self.until(why_not)

    def until(self, why_not: Any, deadline_s: float = DEADLINE_S) -> None:
        end = time.monotonic() + deadline_s
        while True:
            try:
                reason = why_not()
            except RequestFailed as e:
                reason = str(e)
            if not reason:
                return
            assert time.monotonic() < end, f"not within {deadline_s:g} s: {reason}"

    def checkpoint(self) -> None:
        self.rest()
        self.compare(sample=30)
        self.trading.set()

    def finish(self) -> None:
        """Faults end, everything is canceled, so that no market moves it any more; then all must agree exactly."""
        self.rest()
        if self.daemon._config.pop("faults", None) is not None:
            self.kill()
            self.revive()
            self.rest()

        def why_not() -> str:
            self.request("cancel_all")
            left = self.orders("open")
            return f"still open: {[(o['order_id'], o['status'], o.get('reason')) for o in left.values()][:5]}" if left else ""

        self.until(why_not)
        known = list(self.history)
        assert self.events(anew=True)[: len(known)] == known, "events are not what they were"
        self.compare(sample=None)
        for book in self.books:
            book.check_told()
        memory = self.memory()
        assert not memory.open, f"the broker has open orders that the daemon closed: {sorted(memory.open)[:5]}"

    # ---- what must be true ------------------------------------------------------------------------------------------

    def compare(self, sample: int | None) -> None:
        events = self.events()
        self.check_replay(events)
        self.check_orders()
        self.check_clients(events, sample)
        self.check_broker()
        self.check_views()
        self.check_books()

    def check_replay(self, events: list[dict[str, Any]]) -> None:
        """The events alone tell a history that makes sense, and the journal holds no other."""
        seqs = [event["seq"] for event in events]
        assert seqs == sorted(set(seqs)), "seqs do not rise"
        filled: dict[str, int] = {}
        seen: dict[str, str] = {}
        execs: set[tuple[str, str]] = set()
        for event in events:
            order = event["order"]
            oid = order["order_id"]
            assert not order.get("external"), f"an order of ours is taken for one placed elsewhere: {event}"
            if oid not in seen:
                assert event["event"] in ("pending_new", "rejected"), f"{oid} begins with {event['event']}"
            if event["event"] == "fill":
                exec_id = event["fill"]["exec_id"]
                assert (order["broker"], exec_id) not in execs, f"execution {exec_id} was counted twice"
                execs.add((order["broker"], exec_id))
                filled[oid] = filled.get(oid, 0) + billionths(event["fill"]["qty"])
            assert billionths(order["filled_qty"]) == filled.get(oid, 0), f"filled_qty is not the sum of fills: {event}"
            assert billionths(order["filled_qty"]) <= billionths(order["qty"]), f"overfilled: {event}"
            if seen.get(oid) in CLOSED:
                assert order["status"] in CLOSED, f"{oid} was {seen[oid]}, and works again: {event}"
                # A late execution; or a late acceptance, which brings the broker's id.
                late = event["event"] == "fill" or (event["event"] == "new" and order["status"] == seen[oid])
                assert late, f"{oid} was {seen[oid]}, then {event}"
            seen[oid] = order["status"]
        _, in_journal = journal_seqs(self.data)
        every, _ = journal_seqs(self.data)
        assert every == list(range(every[0], every[0] + len(every))) and every[0] == 1, "the journal has holes"
        known = set(seqs)
        missing = [seq for seq in in_journal if seq not in known and seq <= seqs[-1]]
        assert not missing, f"get_events leaves out {missing[:10]}, which the journal has"
        assert known <= set(in_journal), f"get_events tells of {sorted(known - set(in_journal))[:10]}: not in the journal"

    def check_orders(self) -> None:
        """The last event of each order is the order."""

        def why_not() -> str:
            orders = self.orders()
            last: dict[str, dict[str, Any]] = {}
            for event in self.events():
                last[event["order"]["order_id"]] = event["order"]
            if set(orders) != set(last):
                return f"get_orders and get_events know other orders: {sorted(set(orders) ^ set(last))[:5]}"
            other = [oid for oid in orders if orders[oid] != last[oid]]
            return f"{orders[other[0]]} by get_orders, {last[other[0]]} by its last event" if other else ""

        self.until(why_not)

    def check_clients(self, events: list[dict[str, Any]], sample: int | None) -> None:
        """What got ok is there; sent again it is the same order; what was refused is not there."""
        by_client: dict[tuple[str, str], str] = {}
        for event in events:
            order = event["order"]
            key = (order["client"], order["client_order_id"])
            assert by_client.setdefault(key, order["order_id"]) == order["order_id"], f"{key} is more than one order"
        for trader in self.traders:
            requester = self.daemon.requester(trader.name)
            try:
                cids = sorted(trader.placed, key=lambda cid: int(cid[1:]))
                for cid in cids:
                    if cid in trader.told:
                        assert by_client.get((trader.name, cid)) == trader.told[cid], (
                            f"{trader.name} {cid} got ok as {trader.told[cid]}; events know it as "
                            f"{by_client.get((trader.name, cid))}"
                        )
                    elif cid in trader.refused and cid not in trader.unanswered:
                        assert (trader.name, cid) not in by_client, f"{trader.name} {cid} was refused, and is there"
                for cid in cids if sample is None else self.rng.sample(cids, min(sample, len(cids))):
                    recorded = by_client.get((trader.name, cid))
                    reply = requester.ask("get_order", {"client_order_id": cid})
                    if recorded is None:
                        assert not reply["ok"] and reply["error"]["code"] == "order.not_found", (cid, reply)
                        continue
                    assert reply["ok"] and reply["result"]["order_id"] == recorded, (cid, recorded, reply)
                    again = requester.ask("place_order", trader.placed[cid])
                    assert again["ok"] and again["result"].get("duplicate") is True, (cid, trader.placed[cid], again)
                    assert again["result"]["order_id"] == recorded, (cid, recorded, again)
                    trader.told.setdefault(cid, recorded)
                    trader.unanswered.discard(cid)
            finally:
                requester.socket.close(0)

    def check_broker(self) -> None:
        """The broker's own memory: each of its executions is booked once, nothing was sent twice or is unknown here."""

        def why_not() -> str:
            status = self.request("get_status")["orders"]
            events = self.events()
            orders = self.orders()
            positions = {p["symbol"]: p for p in self.request("get_positions")["positions"]}
            memory = self.memory()  # read last: it may know more, of fills of this moment
            assert not memory.twice, f"twice at the broker: {memory.twice}"
            unknown = set(memory.orders) - set(orders)
            assert not unknown, f"the broker has orders that are not known here: {sorted(unknown)[:5]}"
            booked = {
                e["fill"]["exec_id"]: (e["order"]["order_id"], billionths(e["fill"]["qty"]))
                for e in events
                if e["event"] == "fill"
            }
            invented = {x: booked[x] for x in booked if memory.fills.get(x) != booked[x]}
            assert not invented, f"fills that the broker does not have: {list(invented.items())[:5]}"
            lost = {x: memory.fills[x] for x in memory.fills if x not in booked}
            if lost:
                return f"executions that are not booked: {list(lost.items())[:5]}"
            works = {oid for oid, order in orders.items() if order["status"] not in CLOSED and not order.get("held")}
            if works != memory.open:
                told = {oid: orders[oid]["status"] for oid in sorted(works ^ memory.open)[:5]}
                return f"open here or at the broker, not at both: {told}; at the broker: {memory.open & set(told)}"
            by_client: dict[str, int] = {}
            for event in events:
                if event["event"] == "fill":
                    symbol, sign = event["order"]["symbol"], SIGN[event["order"]["side"]]
                    by_client[symbol] = by_client.get(symbol, 0) + sign * billionths(event["fill"]["qty"])
            by_client = {symbol: qty for symbol, qty in by_client.items() if qty}
            assert by_client == memory.positions
            told_positions = {symbol: billionths(p["qty"]) for symbol, p in positions.items() if p["qty"]}
            if told_positions != memory.positions:
                return f"get_positions {told_positions}, the broker {memory.positions}"
            differ = {symbol: p["expected_qty"] for symbol, p in positions.items() if "expected_qty" in p}
            if differ or status.get("position_differences"):
                return f"positions differ from the fills: {differ}, {status}"
            return ""

        self.until(why_not)

    def check_views(self) -> None:
        """Each client's own picture, made of the stream and of get_events, is the daemon's."""
        truth = {event["seq"]: event for event in self.events()}
        for trader in self.traders:
            unknown = set(trader.view.events) - set(truth)
            assert not unknown, f"{trader.name} was told of events that are no longer there: {sorted(unknown)[:5]}"
            other = [seq for seq, event in trader.view.events.items() if event != truth[seq]]
            assert not other, f"{trader.name} was told {trader.view.events[other[0]]}, and it is {truth[other[0]]}"
            requester = self.daemon.requester(trader.name)
            try:
                trader.view.catch_up(requester)
            finally:
                requester.socket.close(0)

            def why_not(view: View = trader.view) -> str:
                new: list[dict[str, Any]] = []
                orders = self.orders()
                for event in itertools.takewhile(lambda e: e["seq"] > view.last, reversed(list(self.events()))):
                    new.append(event)
                while new:
                    view.take(new.pop())
                other = [oid for oid in {*orders, *view.orders} if orders.get(oid) != view.orders.get(oid)]
                if not other:
                    return ""
                return f"a client sees {view.orders.get(other[0])}, the daemon says {orders.get(other[0])}"

            self.until(why_not)

    def check_books(self) -> None:
        """Each client's order books are the daemon's orders, also while strategies trade."""
        check_books(self.books, self.events)

    def summary(self) -> str:
        counts: dict[str, int] = {}
        for trader in self.traders:
            for what, n in trader.counts.items():
                counts[what] = counts.get(what, 0) + n
        memory = self.memory()
        return (
            f"seed {self.seed}: {self.kills} kills, {len(memory.orders)} orders and {len(memory.fills)} executions at the "
            f"broker, {counts}"
        )


def seeds(many: int) -> list[int]:
    """TRADEBUS_KILL_SEED (a comma-separated list), or fresh ones."""
    given = os.environ.get("TRADEBUS_KILL_SEED")
    if given:
        return [int(seed) for seed in given.split(",")]
    return [int.from_bytes(os.urandom(4), "big") for _ in range(many)]


def how_many_kills(ordinary: int) -> int:
    return int(os.environ.get("TRADEBUS_KILLS", ordinary))
