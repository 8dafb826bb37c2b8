"""The same recording and the same orders give the same journal, byte by byte: ids, times, prices, everything. So does a
strategy that answers to ticks, when the recording waits for it (lockstep)."""

from __future__ import annotations

import collections
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
from harness import DEADLINE_S, Daemon, eventually
from venue_memory import records

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "clients" / "python"))

from tradebus import Client  # noqa: E402

REAL = ROOT.parent / "shared" / "data" / "market"
"""Recorded days that are no part of the project."""

MINUTE = 60_000_000_000
OPEN = 1_718_976_600_000_000_000  # 2024-06-21 09:30 in New York


def recording(path: Path) -> None:
    """Half an hour of a stock that wanders by cents."""
    dice = random.Random(5)
    rows = ["ts_ns,symbol,bid,bid_size,ask,ask_size"]
    ts, cents = OPEN, 19_000
    for _ in range(20_000):
        ts += dice.randrange(1, 180_000_000)
        cents += dice.choice((-1, 0, 1))
        sizes = dice.randrange(1, 9) * 100, dice.randrange(1, 9) * 100
        rows.append(f"{ts},AAPL,{(cents - 1) / 100:.2f},{sizes[0]},{(cents + 1) / 100:.2f},{sizes[1]}")
    path.write_text("\n".join(rows) + "\n")


def orders(symbol: str = "AAPL", price: float = 190, prefix: str = "k") -> list[dict[str, Any]]:
    """Of all kinds around a price."""
    out = []
    for i in range(60):
        buy = i % 2 == 0
        away = round(0.01 * (i - 30), 2)
        order: dict[str, Any] = {
            "client_order_id": f"{prefix}{i}",
            "symbol": symbol,
            "side": "buy" if buy else "sell",
            "qty": 10 * (i + 1),
            "order_type": "limit",
            "limit_price": round(price + away, 2),
            "time_in_force": ("day", "gtc")[i % 3 == 0],
        }
        if i % 5 == 0:
            sign = 1 if buy else -1
            order["bracket"] = {
                "take_profit": round(order["limit_price"] + sign * 0.15, 2),
                "stop_loss": round(order["limit_price"] - sign * 0.15, 2),
            }
        elif i % 7 == 0:
            order |= {"oco": f"{prefix}g{i // 21}", "side": "buy"}
        elif i % 11 == 0:
            order |= {"order_type": "trailing_stop", "trail_amount": "0.05"}
            del order["limit_price"]
        elif i % 13 == 0:
            order |= {"order_type": "stop", "stop_price": round(price + (0.1 if buy else -0.1), 2)}
            del order["limit_price"]
        out.append(order)
    return out


def recorded(*names: str) -> list[str]:
    files = [REAL / name for name in names]
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        pytest.skip(f"NOT TESTED on real ticks: {', '.join(missing)} is not there")
    return [str(file) for file in files]


def journal(daemon: Daemon) -> list[str]:
    """All events as clients see them; then the daemon ends, and what it wrote of orders, as it stands on the disk."""
    events: list[dict[str, Any]] = []
    last = -1
    while last != (last := daemon.request("get_status")["journal"]["last_seq"]):
        while page := daemon.request("get_events", after=events[-1]["seq"] if events else 0)["events"]:
            events += page
    assert daemon.request("get_status")["orders"]["anomalies"] == 0
    daemon.stop()
    written = [f"{seq} {data.hex()}" for seq, data in records(daemon.folder / "data" / "journal-replay") if data[0] == 1]
    assert len(written) == len(events)
    return [json.dumps(event, sort_keys=True) for event in events] + written


def check_equal(first: list[str], second: list[str], fills: int) -> None:
    assert sum('"event": "fill"' in line for line in first) > fills
    for one, other in zip(first, second):
        assert one == other
    assert len(first) == len(second)


# ---- orders that are there before it runs ---------------------------------------------------------------------------


def run_with_orders(start: Callable[..., Daemon], files: list[str], all_orders: list[dict[str, Any]]) -> list[str]:
    daemon = start(
        {
            "engine": {"data_provider": ["replay"]},
            "providers.replay": {"files": files, "speed": 0.0, "start": "connect"},
            "brokers.paper": {"cash": "10000000"},
        }
    )
    eventually(lambda: daemon.request("get_status")["brokers"][0]["state"] == "up", "the broker is up")
    strategy = daemon.requester("strategy")
    waited_for = {f"status|quote|{order['symbol']}|" for order in all_orders}
    ends = daemon.subscribe(*waited_for)
    for order in all_orders:
        strategy.request("place_order", **order)
        # One after the other: who sends the next before the answer to the last is not the same strategy twice.
        eventually(
            lambda: strategy.request("get_order", client_order_id=order["client_order_id"])["status"] != "pending_new",
            "the broker has answered",
        )
    daemon.request("connect", name="replay")
    while waited_for:
        topic, _ = ends.until(lambda topic, body: body["state"] == "ended")[-1]
        waited_for.discard(topic)
    return journal(daemon)


def test_two_runs_write_the_same_journal(start: Callable[..., Daemon], tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    recording(file)
    first = run_with_orders(start, [str(file)], orders())
    check_equal(first, run_with_orders(start, [str(file)], orders()), 30)


def test_replays_between_live_days_leave_their_orders_alone(start: Callable[..., Daemon], tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    recording(file)
    config = {"providers.replay": {"files": [str(file)], "speed": 0.0, "start": "connect"}}
    daemon = start(config, expect_stderr="trading-state")

    def broker_is_up() -> None:
        eventually(lambda: daemon.request("get_status")["brokers"][0]["state"] == "up", "the broker is up")

    def status_of(client_order_id: str) -> str:
        return str(daemon.request("get_order", client_order_id=client_order_id)["status"])

    order = {"symbol": "AAPL", "side": "buy", "qty": 1, "order_type": "limit", "limit_price": 1, "time_in_force": "gtc"}
    broker_is_up()
    daemon.request("place_order", client_order_id="mine", **order)
    eventually(lambda: status_of("mine") == "new", "the broker has it")
    daemon.request("kill_switch", state="reducing", symbol="MSFT")
    daemon.stop()
    daemon.environment["DATA_PROVIDER"] = "replay"
    for _ in range(2):
        daemon.restart()
        broker_is_up()
        assert daemon.request("get_orders", status="all")["orders"] == []
        assert daemon.request("kill_switch")["states"] == []
        placed = daemon.request("place_order", client_order_id="same", **order)
        assert "duplicate" not in placed
        daemon.stop()
    del daemon.environment["DATA_PROVIDER"]
    daemon.restart()
    broker_is_up()
    assert [(o["client_order_id"], o["status"]) for o in daemon.request("get_orders")["orders"]] == [("mine", "new")]
    assert [state["name"] for state in daemon.request("kill_switch")["states"]] == ["MSFT"]
    daemon.request("cancel_order", client_order_id="mine")
    eventually(lambda: status_of("mine") == "canceled", "it is canceled")


def test_two_runs_of_a_real_day_write_the_same_journal(start: Callable[..., Daemon]) -> None:
    """BAC and IBM on 2013-10-08: 960,000 quotes and prints."""
    files = recorded("us-equity-20131008/quotes.csv.gz", "us-equity-20131008/trades.csv.gz")
    all_orders = orders("IBM", 181.0, "i") + orders("BAC", 13.9, "b")
    first = run_with_orders(start, files, all_orders)
    check_equal(first, run_with_orders(start, files, all_orders), 60)


# ---- a strategy that answers to ticks -------------------------------------------------------------------------------


class Average:
    """Trades when the mean of the last prices crosses the mean of more of them; changes its mind now and then."""

    def __init__(self) -> None:
        self.prices: collections.deque[float] = collections.deque(maxlen=200)
        self.long = False
        self.orders = 0

    def see(self, bid: float | None, ask: float | None) -> None:
        if bid and ask:
            self.prices.append((bid + ask) / 2)

    def decide(self) -> list[tuple[str, dict[str, Any]]]:
        if len(self.prices) < 200:
            return []
        every = list(self.prices)
        fast, slow = sum(every[-20:]) / 20, sum(every) / 200
        if (fast > slow) == self.long:
            return []
        self.long = not self.long
        side, sign = ("buy", 1) if self.long else ("sell", -1)
        self.orders += 1
        asked: list[tuple[str, dict[str, Any]]] = []
        if self.orders > 1:
            asked.append(("cancel_order", {"client_order_id": f"a{self.orders - 1}"}))
        order: dict[str, Any] = {"client_order_id": f"m{self.orders}", "symbol": "AAPL", "side": side, "qty": 100}
        if self.orders % 3 == 0:
            stop, profit = (round(every[-1] - sign * away, 2) for away in (0.3, -0.3))
            order["bracket"] = {"take_profit": profit, "stop_loss": stop}
        asked.append(("place_order", {**order, "order_type": "market", "time_in_force": "day"}))
        away = round(every[-1] - sign * 0.05, 2)
        order = {"client_order_id": f"a{self.orders}", "symbol": "AAPL", "side": side, "qty": 50}
        asked.append(("place_order", {**order, "order_type": "limit", "limit_price": away, "time_in_force": "gtc"}))
        return asked


def lockstep(start: Callable[..., Daemon], files: list[str], latency_ms: int) -> Daemon:
    daemon = start(
        {
            "engine": {"data_provider": ["replay"]},
            "providers.replay": {"files": files, "speed": 0.0, "lockstep": True},
            "brokers.paper": {"cash": "10000000", "latency_ms": latency_ms},
        }
    )
    eventually(lambda: daemon.request("get_status")["brokers"][0]["state"] == "up", "the broker is up")
    return daemon


def run_over_plain_sockets(start: Callable[..., Daemon], files: list[str], begin: int, latency_ms: int) -> list[str]:
    """The strategy as any language can write it: one SUB, one DEALER."""
    daemon = lockstep(start, files, latency_ms)
    strategy = daemon.requester("strategy")
    stream = daemon.subscribe("status|quote|AAPL|", "quote|AAPL|", "replay|replay|")
    stream.until(lambda topic, body: topic.startswith("status|") and body["state"] == "live")
    average, until, ended = Average(), begin, False

    def step(to: int) -> bool:
        strategy.send(msgpack.packb({"v": 1, "id": to, "op": "replay_advance", "args": {"until": to}}))
        # It comes on the stream behind all that belongs to it.
        *quotes, (_, told) = stream.until(lambda topic, body: topic == "replay|replay|")
        for topic, body in quotes:
            if topic == "quote|AAPL|":
                average.see(body.get("bid"), body.get("ask"))
        reply = strategy.receive()
        assert reply["ok"] and reply["id"] == to and reply["result"]["seq"] == told["seq"], reply
        return bool(told["ended"])

    while not ended:
        until += MINUTE
        ended = step(until)
        for op, args in average.decide():
            strategy.ask(op, args)
            step(0)  # all that follows from it, before the next one
    assert average.orders > 10
    return journal(daemon)


def run_with_the_client(start: Callable[..., Daemon], files: list[str], begin: int, latency_ms: int) -> list[str]:
    daemon = lockstep(start, files, latency_ms)
    average, until = Average(), begin
    with Client(daemon.stream, daemon.command, client="strategy", timeout=DEADLINE_S) as bus:
        with bus.quotes("AAPL") as quotes, bus.replay() as replay:
            ended = False
            while not ended:
                until += MINUTE
                ended = replay.advance(until).ended
                while quote := quotes.get(0):
                    average.see(quote.bid, quote.ask)
                for op, args in average.decide():
                    try:
                        bus.request(op, **args)
                    except Exception as refused:
                        assert op == "cancel_order", refused
                    replay.settle()
    return journal(daemon)


@pytest.mark.parametrize("latency_ms", [0, 50])
def test_a_strategy_that_answers_to_ticks(start: Callable[..., Daemon], tmp_path: Path, latency_ms: int) -> None:
    file = tmp_path / "quotes.csv"
    recording(file)
    first = run_over_plain_sockets(start, [str(file)], OPEN, latency_ms)
    check_equal(first, run_over_plain_sockets(start, [str(file)], OPEN, latency_ms), 10)
    check_equal(first, run_with_the_client(start, [str(file)], OPEN, latency_ms), 10)


def test_a_strategy_that_answers_to_a_real_day(start: Callable[..., Daemon]) -> None:
    """AAPL on 2012-06-21: 150,000 quotes and prints, a decision a minute."""
    files = recorded("nasdaq-20120621/quotes.csv.gz", "nasdaq-20120621/trades.csv.gz")
    begin = 1_340_285_400_000_000_000  # 09:30 in New York
    first = run_with_the_client(start, files, begin, 20)
    check_equal(first, run_with_the_client(start, files, begin, 20), 30)
    check_equal(first, run_over_plain_sockets(start, files, begin, 20), 30)
