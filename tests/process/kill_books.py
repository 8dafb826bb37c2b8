"""The Python client's order books beside strategies whose daemon is killed again and again: one that lives through all
of it, reconnecting by itself, and a fresh one of a program that starts now. Both must be what the journal says.

Nothing has to stand still for it: a book that is at event N is held against the events up to N."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness import DEADLINE_S

sys.path.insert(0, str(Path(__file__).parents[2] / "clients" / "python"))

from tradebus import Client  # noqa: E402
from tradebus.models import Order  # noqa: E402
from tradebus.order_book import OrderBook  # noqa: E402

ALL = 1_000_000  # closed orders: a book that forgets could not be compared
SIGN = {"buy": 1, "buy_to_cover": 1, "sell": -1, "sell_short": -1}

Events = list[dict[str, Any]]
Look = tuple[str, int, dict[str, Order], dict[str, float]]  # which book, its seq, its orders, its positions


def _snapshot(book: OrderBook, at_least: int) -> tuple[int, dict[str, Order], dict[str, float]]:
    """The book at one event, `at_least` this one: its seq, its orders, its positions."""
    with book._changed:  # nothing happens in it meanwhile
        there = book._changed.wait_for(lambda: book.synced and book.seq >= at_least, DEADLINE_S)
        assert there, f"a book is at event {book.seq}, the journal at {at_least}; synced: {book.synced}"
        orders = {order.order_id: order for order in book}
        return book.seq, orders, {each.symbol: each.qty for each in book.positions()}


def check_books(books: list[ClientBook], events: Callable[[], Events]) -> None:
    """events() asks the daemon for all there ever were."""
    last = events()
    at_least = last[-1]["seq"] if last else 0
    with ThreadPoolExecutor(max(1, len(books))) as threads:
        looks = list(threads.map(lambda book: book.look(at_least), books))
    truth = events()
    for book, those in zip(books, looks):
        book.compare(those, truth)


class ClientBook:
    """Of one load client. It must be made while a daemon runs; the endpoints must stay the same for ever."""

    def __init__(self, name: str, stream: str, command: str) -> None:
        self.name = name
        self._endpoints = (stream, command)
        self._told: dict[str, Order] = {}
        self._news = threading.Condition()
        self._decoded: dict[str, tuple[int, Order]] = {}  # by order_id, with the event that it is from
        self._client = Client(stream, command, client=name, timeout=DEADLINE_S)
        self._book = self._client.order_book(lambda order, _: self._tell(order), closed_max=ALL)

    def close(self) -> None:
        self._client.close()

    def look(self, at_least: int) -> list[Look]:
        """The book that lived through it all, and a fresh one, both behind this event."""
        out: list[Look] = [("the book that lived through it", *_snapshot(self._book, at_least))]
        with Client(*self._endpoints, client=self.name, timeout=DEADLINE_S) as client:
            with client.order_book(closed_max=ALL) as book:
                out.append(("a fresh book", *_snapshot(book, at_least)))
        return out

    def compare(self, looks: list[Look], truth: Events) -> None:
        for look in looks:
            self._compare(*look, truth)

    def check_told(self) -> None:
        """What on_change was told last of each order is the order. For a time when nothing happens any more."""
        orders = {order.order_id: order for order in self._book}
        with self._news:
            told = self._news.wait_for(lambda: self._told == orders, DEADLINE_S)
            other = [oid for oid in {*orders, *self._told} if self._told.get(oid) != orders.get(oid)]
        assert told, f"{self.name}: on_change told {self._told.get(other[0])}, not {orders.get(other[0])}"

    def _tell(self, order: Order) -> None:
        with self._news:
            self._told[order.order_id] = order
            self._news.notify_all()

    def _compare(
        self, which: str, seq: int, orders: dict[str, Order], positions: dict[str, float], events: Events
    ) -> None:
        last: dict[str, dict[str, Any]] = {}  # the last event of each order
        held: dict[str, int] = {}
        for event in events:
            if event["seq"] > seq:
                break
            order = event["order"]
            if order["client"] != self.name:
                continue
            last[order["order_id"]] = event
            if event["event"] == "fill":
                qty = SIGN[order["side"]] * round(event["fill"]["qty"] * 10**9)
                held[order["symbol"]] = held.get(order["symbol"], 0) + qty
        other = [oid for oid in {*last, *orders} if oid not in last or self._order_at(last[oid]) != orders.get(oid)]
        assert not other, (
            f"{self.name}, {which}, at event {seq}: {len(other)} orders differ; it has {orders.get(other[0])}, "
            f"the journal {last.get(other[0])}"
        )
        made = {symbol: round(qty * 10**9) for symbol, qty in positions.items()}
        wanted = {symbol: qty for symbol, qty in held.items() if qty}
        assert made == wanted, f"{self.name}, {which}, at event {seq}: positions {made}, fills make {wanted}"

    def _order_at(self, event: dict[str, Any]) -> Order:
        """Decoded once: most orders don't change any more."""
        seq, order = self._decoded.get(event["order"]["order_id"], (0, None))
        if order is None or seq != event["seq"]:
            order = Order.from_map(event["order"])
            self._decoded[order.order_id] = event["seq"], order
        return order
