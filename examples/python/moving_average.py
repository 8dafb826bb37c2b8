#!/usr/bin/python3
"""A moving-average crossover, traded on paper: buys when the fast average rises above the slow one, sells when it falls
below. Prints each fill, and at the end what it made. Ends with the data (a replay), after --for seconds, or on Ctrl-C.

The same program runs on a replayed day, on paper and live: only the daemon's configuration differs."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "clients" / "python"))  # when it is not installed

from tradebus import Client, Fill, NotConnected, Order, OrderEvent, Quote, Status, Subscription, Trade, TradebusError

SETTLE_S = 3.0  # how long the end waits for the last order


class Average:
    """The mean of the last `length` prices."""

    def __init__(self, length: int) -> None:
        self.prices: deque[float] = deque(maxlen=length)
        self.total = 0.0

    def add(self, price: float) -> float | None:
        """The mean; None until there are enough prices."""
        if len(self.prices) == self.prices.maxlen:
            self.total -= self.prices[0]
        self.prices.append(price)
        self.total += price
        return self.total / len(self.prices) if len(self.prices) == self.prices.maxlen else None


class Crossover:
    """Says "buy" or "sell" when the fast average crosses the slow one."""

    def __init__(self, fast: int, slow: int) -> None:
        self.fast = Average(fast)
        self.slow = Average(slow)
        self.above: bool | None = None

    def add(self, price: float) -> str | None:
        fast, slow = self.fast.add(price), self.slow.add(price)
        if fast is None or slow is None or fast == slow:
            return None
        before, self.above = self.above, fast > slow
        if before is None or before == self.above:
            return None
        return "buy" if self.above else "sell"


class Ledger:
    """Profit and loss from our own fills, at average cost. Money in the instrument's currency."""

    def __init__(self) -> None:
        self.qty = 0.0
        self.cost = 0.0  # average, of what is held
        self.realized = 0.0
        self.commissions = 0.0
        self.fills = 0

    def add(self, side: str, fill: Fill) -> None:
        signed = fill.qty if side.startswith("buy") else -fill.qty
        self.fills += 1
        self.commissions += fill.commission
        closing = min(abs(signed), abs(self.qty)) if signed * self.qty < 0 else 0.0
        self.realized += closing * (fill.price - self.cost) * (1 if self.qty > 0 else -1)
        opening = abs(signed) - closing
        held = abs(self.qty) - closing
        if opening:
            self.cost = (held * self.cost + opening * fill.price) / (held + opening)
        self.qty += signed

    def unrealized(self, price: float | None) -> float:
        return 0.0 if price is None or self.qty == 0 else self.qty * (price - self.cost)


class Strategy:
    """Holds `qty` or nothing; one order at a time."""

    def __init__(self, bus: Client, symbol: str, qty: float, signals: Crossover) -> None:
        self.bus = bus
        self.symbol = symbol
        self.qty = qty
        self.signals = signals
        self.ledger = Ledger()
        self.working: Order | None = None
        self.last_price: float | None = None

    def on_price(self, price: float) -> None:
        self.last_price = price
        side = self.signals.add(price)
        if side is None or self.working is not None or (side == "buy") == (self.ledger.qty > 0):
            return
        try:
            place = self.bus.buy if side == "buy" else self.bus.sell
            order = place(self.symbol, self.qty if side == "buy" else self.ledger.qty)
            self.working = None if order.closed else order
        except TradebusError as problem:
            print(f"no order: {problem}", flush=True)

    def on_order(self, event: OrderEvent) -> None:
        order = event.order
        if order.client != self.bus.name or order.symbol != self.symbol:
            return
        if event.fill is not None:
            self.ledger.add(order.side, event.fill)
            fill = event.fill
            print(f"{event.time:%F %T} {order.side:4} {fill.qty:g} {order.symbol} at {fill.price:.4f}", flush=True)
        elif event.event == "rejected":
            print(f"rejected: {order.reason}", flush=True)
        if self.working is not None and order.order_id == self.working.order_id and order.closed:
            self.working = None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stream", default="tcp://127.0.0.1:5570", help="the daemon's stream endpoint")
    parser.add_argument("--command", default="tcp://127.0.0.1:5571", help="the daemon's command endpoint")
    parser.add_argument("--symbol", default="AAPL")
    parser.add_argument(
        "--price", choices=("trade", "mid"), default="mid", help="average trades, or quotes' mid prices"
    )
    parser.add_argument("--fast", type=int, default=10, help="prices in the fast average")
    parser.add_argument("--slow", type=int, default=40, help="prices in the slow average")
    parser.add_argument("--qty", type=float, default=10)
    parser.add_argument("--for", type=float, dest="seconds", help="seconds to run; without it until the data ends")
    parser.add_argument("--client", default="moving_average", help="the name that orders belong to")
    options = parser.parse_args()
    if not 0 < options.fast < options.slow:
        parser.error("--fast must be less than --slow")
    return options


def run(bus: Client, strategy: Strategy, kind: str, stop: threading.Event, seconds: float | None) -> str:
    """Trades until something ends it; returns what."""
    until = None if seconds is None else time.monotonic() + seconds
    with (
        bus.status_events() as statuses,
        bus.order_events() as orders,
        bus.stream(strategy.symbol, kinds=(kind,), status=True) as market,
    ):
        why = ""
        at_end = False
        while not why:
            # What became of our orders goes before what the market says next.
            while (change := orders.get(0)) is not None:
                strategy.on_order(change)
            while (status := statuses.get(0)) is not None:
                at_end = at_end or (status.subject == "provider" and status.reason == "end_of_data")
            event = market.get(0.05)
            if isinstance(event, Trade):
                strategy.on_price(event.price)
            elif isinstance(event, Quote) and event.mid is not None:
                strategy.on_price(event.mid)
            elif isinstance(event, Status):
                at_end = at_end or event.state == "ended"
            if stop.is_set():
                why = "stopped"
            elif until is not None and time.monotonic() >= until:
                why = "time is up"
            elif at_end and event is None:
                why = "end of data"
        settle(strategy, orders)
        return why


def settle(strategy: Strategy, orders: Subscription[OrderEvent]) -> None:
    """The last order may still be under way."""
    until = time.monotonic() + SETTLE_S
    while strategy.working is not None and (left := until - time.monotonic()) > 0:
        event = orders.get(left)
        if event is not None:
            strategy.on_order(event)


def report(bus: Client, strategy: Strategy, why: str) -> None:
    ledger = strategy.ledger
    unrealized = ledger.unrealized(strategy.last_price)
    print(f"{why}: {ledger.fills} fills, position {ledger.qty:g} {strategy.symbol}")
    print(
        f"own fills: realized {ledger.realized:.2f}, unrealized {unrealized:.2f}, "
        f"commissions {ledger.commissions:.2f}, total {ledger.realized + unrealized - ledger.commissions:.2f}"
    )
    try:
        account = bus.account()
        print(
            f"account {account.account}: realized {account.realized_pnl:.2f}, unrealized {account.unrealized_pnl:.2f}, "
            f"equity {account.equity:.2f} {account.currency}"
        )
    except TradebusError as problem:
        print(f"account: {problem}")


def main() -> int:
    options = arguments()
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with Client(options.stream, options.command, client=options.client, timeout=5) as bus:
        try:
            bus.hello()
        except NotConnected as problem:
            print(problem, file=sys.stderr)
            return 1
        strategy = Strategy(bus, options.symbol, options.qty, Crossover(options.fast, options.slow))
        why = run(bus, strategy, "trade" if options.price == "trade" else "quote", stop, options.seconds)
        report(bus, strategy, why)
    return 0


if __name__ == "__main__":
    sys.exit(main())
