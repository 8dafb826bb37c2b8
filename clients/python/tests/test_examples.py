"""The example programs, against the fake daemon."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_daemon import DEADLINE_S, FakeDaemon, eventually, order

from tradebus import Fill

EXAMPLES = Path(__file__).parents[3] / "examples" / "python"
sys.path.insert(0, str(EXAMPLES))

from moving_average import Crossover, Ledger  # noqa: E402


class Program:
    def __init__(self, daemon: FakeDaemon, name: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / name), "--stream", daemon.stream, "--command", daemon.command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    def said(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.lines)

    def end(self, with_signal: int | None = None) -> None:
        if with_signal is not None:
            self.process.send_signal(with_signal)
        assert self.process.wait(DEADLINE_S) == 0
        self._reader.join()
        assert self.process.stderr is not None
        assert self.process.stderr.read() == ""

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def start() -> Iterator[Any]:
    started: list[Program] = []

    def make(*arguments: Any) -> Program:
        started.append(Program(*arguments))
        return started[-1]

    yield make
    for program in started:
        program.close()


def paper(daemon: FakeDaemon, client: str) -> None:
    """Fills every order at once, at the price of 10."""

    def place(args: dict[str, Any]) -> dict[str, Any]:
        n = len(daemon.ops("place_order"))
        known = {"order_id": f"O-{n}", "client": client, **{k: args[k] for k in ("symbol", "side", "qty")}}
        fill = {"exec_id": f"x{n}", "qty": args["qty"], "price": 10.0 + n, "commission": 0.5, "ts": 5}
        daemon.order_event(2 * n - 1, "pending_new", order("pending_new", **known))
        daemon.order_event(2 * n, "fill", order("filled", **known), fill=fill)
        return order("pending_new", **known)

    daemon.handlers["place_order"] = place
    daemon.handlers["get_account_summary"] = lambda args: {"account": "PAPER-1", "equity": 1000, "realized_pnl": 3}


def test_quotes_and_fills(daemon: FakeDaemon, start: Any) -> None:
    paper(daemon, "quotes_and_fills")
    program = start(daemon, "quotes_and_fills.py", "--symbols", "AAPL,MSFT", "--pace", "0.05", "--trade-every", "0.05")
    daemon.wait_for_subscription("quote|MSFT|")
    daemon.quote(1)
    daemon.quote(2, "MSFT")
    eventually(lambda: program.said("AAPL 2.00/3.00  MSFT 3.00/4.00"), "a line of quotes")
    eventually(lambda: program.said("fill  buy 1 AAPL at"), "a fill")
    eventually(lambda: program.said("fill  sell 1 MSFT at"), "fills of the other symbol")
    program.end(signal.SIGTERM)


def test_quotes_and_fills_ends_without_a_daemon(daemon: FakeDaemon, start: Any) -> None:
    program = start(daemon, "quotes_and_fills.py", "--trade-every", "0.01")
    daemon.wait_for_subscription("quote|NVDA|")
    daemon.close()
    program.end(signal.SIGINT)


@pytest.mark.parametrize("ending", ["topic", "provider", "signal"])
def test_moving_average(daemon: FakeDaemon, start: Any, ending: str) -> None:
    paper(daemon, "moving_average")
    program = start(daemon, "moving_average.py", "--fast", "1", "--slow", "3", "--price", "trade")
    daemon.wait_for_subscription("trade|AAPL|")
    daemon.wait_for_subscription("status|")
    seq = 0

    def prices(*values: float) -> None:
        nonlocal seq
        for value in values:
            seq += 1
            daemon.publish("trade|AAPL|", seq, symbol="AAPL", ts=seq, price=value, size=1)

    prices(5, 5, 5, 4, 3, 8, 9)
    eventually(lambda: program.said("buy", "10 AAPL at 11.0000"), "the purchase")
    prices(2)
    eventually(lambda: program.said("sell", "10 AAPL at 12.0000"), "the sale")
    if ending == "topic":
        daemon.publish("status|trade|AAPL|", 1, state="ended", reason="end_of_data")
    elif ending == "provider":
        daemon.publish("status|provider|replay|", 1, state="down", reason="end_of_data")
    program.end(signal.SIGINT if ending == "signal" else None)
    why = "stopped" if ending == "signal" else "end of data"
    assert program.said(f"{why}: 2 fills, position 0 AAPL")
    assert program.said("own fills: realized 10.00, unrealized 0.00, commissions 1.00, total 9.00")
    assert program.said("account PAPER-1: realized 3.00", "equity 1000.00 USD")


def test_moving_average_for_some_time(daemon: FakeDaemon, start: Any) -> None:
    paper(daemon, "moving_average")
    program = start(daemon, "moving_average.py", "--for", "0.2")
    program.end()
    assert program.said("time is up: 0 fills, position 0 AAPL")


def test_a_bracket(daemon: FakeDaemon, start: Any) -> None:
    def place(args: dict[str, Any]) -> dict[str, Any]:
        def part(name: str, status: str, filled: float = 0, **more: Any) -> dict[str, Any]:
            ids = {"order_id": f"O{name}", "client_order_id": args["client_order_id"] + name, "client": "bracket"}
            got = {"qty": 2, "filled_qty": filled, "avg_price": 10.0 if filled else None}
            return order(status, **{**ids, **got, **more})

        def fill(name: str, price: float) -> dict[str, Any]:
            return {"exec_id": "x" + name, "qty": 2, "price": price, "commission": 0, "ts": 5}

        daemon.order_event(1, "pending_new", part("", "pending_new"))
        exits = {"side": "sell", "parent_id": "O"}
        for seq, name in enumerate((".take_profit", ".stop_loss"), 2):
            daemon.order_event(seq, "pending_new", part(name, "pending_new", held=True, **exits))
        daemon.order_event(4, "fill", part("", "filled", 2), fill=fill("", 10))
        sold = part(".take_profit", "filled", 2, **{**exits, "avg_price": 11.0})
        daemon.order_event(5, "fill", sold, fill=fill("t", 11))
        daemon.order_event(6, "canceled", part(".stop_loss", "canceled", **exits))
        return part("", "pending_new")

    daemon.handlers["place_order"] = place
    daemon.handlers["get_quote"] = lambda args: {"symbol": "AAPL", "ts": 1, "ask": 10.01}
    program = start(daemon, "bracket.py", "AAPL", "2", "--profit", "10")
    program.end()
    (asked,) = daemon.ops("place_order")
    assert asked["bracket"] == {"take_profit": "11.01", "stop_loss": "9.96"} and asked["qty"] == "2"
    assert program.said(".take_profit  pending_new  held")
    assert program.said(".take_profit  fill  filled  2 at 11.00")
    assert program.said("made 2.00, position 0 AAPL")


def test_a_crossover_is_told_once() -> None:
    signals = Crossover(1, 3)
    said = [signals.add(price) for price in (5, 5, 5, 4, 3, 8, 9, 9, 2, 1)]
    assert said == [None, None, None, None, None, "buy", None, None, "sell", None]


def test_the_ledger_counts_at_average_cost() -> None:
    ledger = Ledger()
    for side, qty, price in [("buy", 10, 10), ("buy", 10, 20), ("sell", 5, 18), ("sell", 20, 16), ("buy", 5, 15)]:
        ledger.add(side, Fill("x", qty, price, 1.0))
    # 20 at 15; 5 sold at 18: +15; 15 sold at 16: +15; 5 short at 16, bought at 15: +5
    assert (ledger.realized, ledger.qty, ledger.commissions, ledger.fills) == (35, 0, 5, 5)
    ledger.add("sell", Fill("y", 2, 30))
    assert ledger.unrealized(25) == 10
