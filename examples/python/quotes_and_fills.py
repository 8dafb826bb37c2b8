#!/usr/bin/python3
"""Shows that a daemon is alive: prints the quotes of a few symbols once a second, trades one share on paper now and
then, and prints the fills. Ends on Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "clients" / "python"))  # when it is not installed

from tradebus import Client, NotConnected, Quote, TradebusError


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stream", default="tcp://127.0.0.1:5570", help="the daemon's stream endpoint")
    parser.add_argument("--command", default="tcp://127.0.0.1:5571", help="the daemon's command endpoint")
    parser.add_argument("--symbols", default="AAPL,MSFT,NVDA", help="comma-separated")
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between two lines of quotes")
    parser.add_argument("--trade-every", type=float, default=10.0, help="seconds between two orders; 0: none")
    return parser.parse_args()


def line(quotes: dict[str, Quote]) -> str:
    """One line: AAPL 190.01/190.03  MSFT ..."""

    def price(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f}"

    return "  ".join(f"{symbol} {price(q.bid)}/{price(q.ask)}" for symbol, q in sorted(quotes.items()))


def show_fills(bus: Client) -> None:
    """Until the client is closed."""
    for event in bus.order_events():
        order = event.order
        if order.client != bus.name:
            continue
        if event.fill is not None:
            print(f"fill  {order.side} {event.fill.qty:g} {order.symbol} at {event.fill.price:.2f}", flush=True)
        elif event.event == "rejected":
            print(f"rejected  {order.side} {order.qty:g} {order.symbol}: {order.reason}", flush=True)


def trade(bus: Client, symbol: str, side: str) -> None:
    try:
        bus.buy(symbol, 1) if side == "buy" else bus.sell(symbol, 1)
    except NotConnected:
        pass  # on its way down, or not up yet
    except TradebusError as problem:
        print(f"no order: {problem}", flush=True)


def main() -> int:
    options = arguments()
    symbols = [symbol for symbol in options.symbols.split(",") if symbol]
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())

    with Client(options.stream, options.command, client="quotes_and_fills", timeout=2) as bus:
        fills = threading.Thread(target=show_fills, args=(bus,), daemon=True)
        fills.start()
        orders = itertools.cycle((symbol, side) for symbol in symbols for side in ("buy", "sell"))
        quotes: dict[str, Quote] = {}
        next_line = next_trade = time.monotonic() + options.pace
        with bus.quotes(*symbols) as stream:
            while not stop.is_set():
                quote = stream.get(0.1)
                if quote is not None:
                    quotes[quote.symbol] = quote
                now = time.monotonic()
                if quotes and now >= next_line:
                    next_line = now + options.pace
                    print(line(quotes), flush=True)
                if options.trade_every > 0 and len(quotes) == len(symbols) and now >= next_trade:
                    next_trade = now + options.trade_every
                    trade(bus, *next(orders))
    fills.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
