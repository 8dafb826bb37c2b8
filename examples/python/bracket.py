#!/usr/bin/python3
"""Buys, with exits above and below: the daemon holds them until the entry is filled, and what fills one of them takes
it off the other. Follows them in the order book until the position is flat.

    python3 examples/python/bracket.py AAPL 10 --profit 0.5 --loss 0.5

The exits outlive this program: after Ctrl-C they go on working, and the next run's book shows them."""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "clients" / "python"))  # when it is not installed

from tradebus import Client, Order, OrderEvent, TradebusError

CENT = Decimal("0.01")


def say(order: Order, event: OrderEvent | None) -> None:
    what = "is" if event is None else event.event
    state = "held" if order.held else order.status
    fill = "" if event is None or event.fill is None else f"  {event.fill.qty:g} at {event.fill.price:.2f}"
    print(f"{order.client_order_id}  {what}  {state}{fill}", flush=True)


def trade(bus: Client, options: argparse.Namespace) -> int:
    ask = bus.quote(options.symbol).ask
    if ask is None:
        print(f"{options.symbol} has no offer now", file=sys.stderr)
        return 1
    price = Decimal(str(ask))
    exits = {}
    if options.profit > 0:
        exits["take_profit"] = (price * (1 + options.profit / 100)).quantize(CENT)
    if options.loss > 0:
        exits["stop_loss"] = (price * (1 - options.loss / 100)).quantize(CENT)
    with bus.order_book(say) as book:
        entry = book.wait(bus.buy(options.symbol, options.qty, bracket=exits))
        if entry.filled_qty == 0:
            print(f"not bought: {entry.reason or entry.status}", file=sys.stderr)
            return 1
        ends = [book.wait(f"{entry.client_order_id}.{name}") for name in exits]
        made = sum((end.avg_price or 0) * end.filled_qty for end in ends) - (entry.avg_price or 0) * entry.filled_qty
        print(f"made {made:.2f}, position {book.position(options.symbol):g} {options.symbol}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("symbol", nargs="?", default="AAPL")
    parser.add_argument("qty", nargs="?", type=Decimal, default=Decimal(1))
    parser.add_argument("--profit", type=Decimal, default=Decimal("0.5"), help="percent above the offer; 0: none")
    parser.add_argument("--loss", type=Decimal, default=Decimal("0.5"), help="percent below the offer; 0: none")
    parser.add_argument("--stream", default="tcp://127.0.0.1:5570")
    parser.add_argument("--command", default="tcp://127.0.0.1:5571")
    options = parser.parse_args()
    if options.profit <= 0 and options.loss <= 0:
        parser.error("--profit or --loss: a bracket has one exit at least")
    try:
        with Client(options.stream, options.command, client="bracket") as bus:
            return trade(bus, options)
    except TradebusError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; open orders go on working")
        return 0


if __name__ == "__main__":
    sys.exit(main())
