"""One client's orders as the journal tells them: bookkeeping and questions. No sockets, no threads, no clock.

Everything rests on one rule: an order's share of a position follows from the order itself (side, legs, filled_qty), so
that an event applied twice, or after a listing that knew of it already, changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias

from tradebus import _calls
from tradebus._calls import Call
from tradebus.errors import InternalError
from tradebus.models import BookPosition, Events, Order, OrderEvent

PAGE = 1_000
LOADS_MAX = 5  # when the journal loses events faster than they are read

Key: TypeAlias = tuple[str, str, str]  # broker, account, symbol
Changes: TypeAlias = list[tuple[Order, OrderEvent | None]]

_BUYS = ("buy", "buy_to_cover")


class BookState:
    """`seq`: everything up to this event of the journal is in it."""

    def __init__(self, client: str, closed_max: int) -> None:
        self.seq = 0
        self.open: dict[str, Order] = {}  # by order_id, in the order in which they were placed
        self.closed: dict[str, Order] = {}  # the oldest change first; at most closed_max
        self.client = client
        self._closed_max = closed_max
        self._ids: dict[str, str] = {}  # order_id by client_order_id
        self._net: dict[Key, Decimal] = {}
        self._unknown: dict[str, _Unknown] | None = None  # while it is loaded

    def find(self, order_id: str) -> Order | None:
        """By order_id or client_order_id."""
        known = self.open.get(order_id) or self.closed.get(order_id)
        if known is None and (other := self._ids.get(order_id)) is not None:
            known = self.open.get(other) or self.closed.get(other)
        return known

    def positions(self) -> list[BookPosition]:
        return [BookPosition(*key, float(qty)) for key, qty in sorted(self._net.items()) if qty]

    def apply(self, event: OrderEvent) -> Changes:
        """One event; nothing comes of those that were applied before and those of others."""
        order = event.order
        if event.seq <= self.seq:
            return []
        self.seq = event.seq
        if order.client != self.client or order.external:
            return []
        known = self._known(order.order_id)
        if known is None and self._unknown is not None:
            self._unknown.setdefault(order.order_id, _Unknown()).add(event)
            return []
        if known is not None or event.event == "pending_new":
            self._put(order, known)
        else:
            self._add(_fill_shares(event))  # of an order that was forgotten: closed long ago, and now busted
            self._store(order)
        if self._unknown is None:
            self.forget()
        return [(order, event)]

    def forget(self) -> None:
        """The closed orders that changed longest ago, beyond closed_max. Their fills stay in the positions."""
        while len(self.closed) > self._closed_max:
            order = self.closed.pop(next(iter(self.closed)))
            if self._ids.get(order.client_order_id) == order.order_id:
                del self._ids[order.client_order_id]

    # ---- questions ------------------------------------------------------------------------------------------------

    def catch_up(self, until: int | None = None) -> Generator[Call[Any] | Changes, Any, bool]:
        """Yields the questions for what came after `seq`, page by page, and is sent the answers; yields what changed
        too. Returns False when the journal can't say: it is another one, or forgot."""
        while True:
            page: Events = yield _calls.events(self.seq, until, None, PAGE)
            if page.last_seq < self.seq or page.first_kept > self.seq + 1:
                return False
            before, changes = self.seq, []
            for event in page.events:
                changes += self.apply(event)
            if changes:
                yield changes
            if self.seq == before:
                return True

    def load(self) -> Generator[Call[Any] | Changes, Any, BookState]:
        """Yields the questions for a state made anew from the daemon's orders, and is sent the answers. The journal's
        position comes first, so that no change falls between; after each page the state is brought to the journal's
        end, so that only what is whole is forgotten: never more than a page and closed_max closed orders are held."""
        for _ in range(LOADS_MAX):
            fresh = BookState(self.client, self._closed_max)
            fresh._unknown = {}
            begin: Events = yield _calls.events(0, None, None, 1)
            fresh.seq = begin.last_seq
            after = ""
            while True:
                page: list[Order] = yield _calls.orders("all", None, None, None, self.client, PAGE, after)
                for order in page:
                    fresh._list(order)
                if not (yield from _silently(fresh.catch_up())):
                    break
                fresh.closed = dict(sorted(fresh.closed.items(), key=lambda item: item[1].updated))
                fresh.forget()
                if not page or page[-1].order_id == after:
                    fresh._finish()
                    return fresh
                after = page[-1].order_id
        raise InternalError("internal", "the daemon's journal loses events faster than they can be read")

    def differences(self, other: BookState) -> Changes:
        """Orders of this state that the other one does not know, or otherwise."""
        return [(order, None) for order in self.all() if other._known(order.order_id) != order]

    def all(self) -> Iterator[Order]:
        yield from self.closed.values()
        yield from self.open.values()

    # ---- inside ---------------------------------------------------------------------------------------------------

    def _known(self, order_id: str) -> Order | None:
        return self.open.get(order_id) or self.closed.get(order_id)

    def _list(self, order: Order) -> None:
        """From a listing, which is newer than all events applied so far."""
        if order.external:
            return
        if self._unknown is not None:
            self._unknown.pop(order.order_id, None)
        self._put(order, self._known(order.order_id))

    def _finish(self) -> None:
        unknown, self._unknown = self._unknown or {}, None
        for each in unknown.values():
            if each.placed is not None:
                self._put(each.placed, None)
            else:
                self._add(each.shares)
        self.forget()
        self.open = dict(sorted(self.open.items(), key=lambda item: item[1].created))

    def _put(self, order: Order, known: Order | None) -> None:
        if known is not None:
            self._add([(key, -qty) for key, qty in _shares(known)])
        self._add(_shares(order))
        self._store(order)

    def _store(self, order: Order) -> None:
        self.closed.pop(order.order_id, None)
        if order.closed:
            self.open.pop(order.order_id, None)
            self.closed[order.order_id] = order
        else:
            self.open[order.order_id] = order
        self._ids[order.client_order_id] = order.order_id

    def _add(self, shares: Iterable[tuple[Key, Decimal]]) -> None:
        for key, qty in shares:
            total = self._net.get(key, Decimal(0)) + qty
            if total:
                self._net[key] = total
            else:
                self._net.pop(key, None)


def _silently(steps: Generator[Call[Any] | Changes, Any, bool]) -> Generator[Call[Any], Any, bool]:
    """Only the questions."""
    answer: Any = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return bool(done.value)
        answer = (yield step) if isinstance(step, Call) else None


def exact(value: float) -> Decimal:
    """The bus sends the double nearest to an exact decimal: its shortest text is that decimal."""
    return Decimal(str(value))


def _signed(side: str, qty: Decimal) -> Decimal:
    return qty if side in _BUYS else -qty


def _shares(order: Order) -> list[tuple[Key, Decimal]]:
    """What the order's fills add to positions."""
    filled = exact(order.filled_qty)
    if not filled:
        return []
    if order.legs:
        return [
            ((order.broker, order.account, leg.symbol), _signed(leg.side, filled * leg.ratio)) for leg in order.legs
        ]
    return [((order.broker, order.account, order.symbol), _signed(order.side, filled))]


def _fill_shares(event: OrderEvent) -> list[tuple[Key, Decimal]]:
    """What this event alone adds."""
    if event.fill is None:
        return []
    qty = -event.fill.qty if event.event == "bust" else event.fill.qty
    return _shares(dataclasses.replace(event.order, filled_qty=qty))


class _Unknown:
    """Events of an order that is not known while the book is loaded. A later page shows it with them, and this is
    thrown away; or it was forgotten already, and its fills come on top; or it was placed behind the last page."""

    def __init__(self) -> None:
        self.placed: Order | None = None  # its last state, when it was placed meanwhile
        self.shares: list[tuple[Key, Decimal]] = []

    def add(self, event: OrderEvent) -> None:
        self.shares += _fill_shares(event)
        if self.placed is not None or event.event == "pending_new":
            self.placed = event.order
