"""The same recording and the same orders give the same journal, event by event: ids, times, prices, everything."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import Daemon, eventually

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


def orders() -> list[dict[str, Any]]:
    """Of all kinds around the first price."""
    out = []
    for i in range(60):
        buy = i % 2 == 0
        away = round(0.01 * (i - 30), 2)
        order: dict[str, Any] = {
            "client_order_id": f"k{i}",
            "symbol": "AAPL",
            "side": "buy" if buy else "sell",
            "qty": 10 * (i + 1),
            "order_type": "limit",
            "limit_price": round(190 + away, 2),
            "time_in_force": ("day", "gtc")[i % 3 == 0],
        }
        if i % 5 == 0:
            sign = 1 if buy else -1
            order["bracket"] = {
                "take_profit": round(order["limit_price"] + sign * 0.15, 2),
                "stop_loss": round(order["limit_price"] - sign * 0.15, 2),
            }
        elif i % 7 == 0:
            order |= {"oco": f"g{i // 21}", "side": "buy"}
        elif i % 11 == 0:
            order |= {"order_type": "trailing_stop", "trail_amount": "0.05"}
            del order["limit_price"]
        elif i % 13 == 0:
            order |= {"order_type": "stop", "stop_price": round(190 + (0.1 if buy else -0.1), 2)}
            del order["limit_price"]
        out.append(order)
    return out


def journal_of_a_run(start: Callable[..., Daemon], file: Path) -> list[str]:
    daemon = start(
        {
            "engine": {"data_provider": ["replay"]},
            "providers.replay": {"files": [str(file)], "speed": 0.0, "start": "connect"},
            "brokers.paper": {"cash": "10000000"},
        }
    )
    eventually(lambda: daemon.request("get_status")["brokers"][0]["state"] == "up", "the broker is up")
    strategy = daemon.requester("strategy")
    ends = daemon.subscribe("status|quote|AAPL|")
    for order in orders():
        strategy.request("place_order", **order)
        # One after the other: who sends the next before the answer to the last is not the same strategy twice.
        eventually(
            lambda: strategy.request("get_order", client_order_id=order["client_order_id"])["status"] != "pending_new",
            "the broker has answered",
        )
    daemon.request("connect", name="replay")
    ends.until(lambda topic, body: body["state"] == "ended")
    events: list[dict[str, Any]] = []
    last = -1
    while last != (last := daemon.request("get_status")["journal"]["last_seq"]):
        while page := strategy.request("get_events", after=events[-1]["seq"] if events else 0)["events"]:
            events += page
    assert daemon.request("get_status")["orders"]["anomalies"] == 0
    daemon.stop()
    return [json.dumps(event, sort_keys=True) for event in events]


def test_two_runs_write_the_same_journal(start: Callable[..., Daemon], tmp_path: Path) -> None:
    file = tmp_path / "quotes.csv"
    recording(file)
    first = journal_of_a_run(start, file)
    second = journal_of_a_run(start, file)
    assert sum('"event": "fill"' in line for line in first) > 30
    for one, other in zip(first, second):
        assert one == other
    assert len(first) == len(second)
