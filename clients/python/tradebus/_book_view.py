"""What the order books of both clients share: reading one, and the way back after a loss. No sockets, no threads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from tradebus._book import BookState, Changes, exact
from tradebus._calls import Call
from tradebus._queue import Entry, EventQueue, Gap
from tradebus._subscriber import Mark
from tradebus.errors import NotConnected, RequestTimeout, TradebusError, invalid
from tradebus.models import BookPosition, Order, OrderEvent

CHECK_S = 5.0
CHECK_WAITING_S = 1.0  # while somebody waits for an order
RETRY_S = 0.5

OnChange: TypeAlias = Callable[[Order, OrderEvent | None], object]
Until: TypeAlias = Literal["working", "fill", "closed"] | Callable[[Order], bool]
Steps: TypeAlias = Generator[Call[Any] | Changes, Any, None]


class BookView:
    """The part of an order book that both clients share: reading it."""

    def __init__(self, client: str, closed_max: int, limit: int, lock: AbstractContextManager[Any]) -> None:
        if isinstance(closed_max, bool) or not isinstance(closed_max, int) or closed_max < 1:
            raise invalid("closed_max", f"closed_max {closed_max!r}: at least 1 closed order is remembered")
        self._state = BookState(client, closed_max)
        self._guard = lock
        self._queue = EventQueue(limit)
        self._synced = False
        self._begun = False  # from here on no event is lost without a word
        self._loaded = False
        self._lost = False  # something was, or may have been
        self._mark: Mark | None = None  # why that asks for a listing
        self._problem: TradebusError | None = None  # why the last reading failed
        self._waiting = 0  # callers of wait()
        self._looks_wanted = 0  # into the journal, for an order that is not there
        self._looks_done = 0

    def __getitem__(self, order: Order | str) -> Order:
        """By Order, order_id or client_order_id. Raises KeyError for one that is not in the book (yet)."""
        found = self.get(order)
        if found is None:
            raise KeyError(reference(order))
        return found

    def get(self, order: Order | str) -> Order | None:
        """The same; None when it is not there."""
        with self._guard:
            return self._state.find(reference(order))

    def __contains__(self, order: object) -> bool:
        return isinstance(order, (Order, str)) and self.get(order) is not None

    def __len__(self) -> int:
        with self._guard:
            return len(self._state.open) + len(self._state.closed)

    def __iter__(self) -> Iterator[Order]:
        """All of them as they are now: closed ones first, then open ones, the oldest first."""
        with self._guard:
            return iter(list(self._state.all()))

    def open_orders(self, symbol: str | None = None) -> list[Order]:
        """In the order in which they were placed."""
        with self._guard:
            return [each for each in self._state.open.values() if symbol in (None, each.symbol)]

    def closed_orders(self, symbol: str | None = None) -> list[Order]:
        """The last closed_max that were closed, the oldest first."""
        with self._guard:
            return [each for each in self._state.closed.values() if symbol in (None, each.symbol)]

    def positions(self) -> list[BookPosition]:
        """What this client's own fills add up to, of all time, busted ones taken out; flat ones are left out."""
        with self._guard:
            return self._state.positions()

    def position(self, symbol: str, account: str | None = None) -> float:
        """The same of one symbol; 0 when flat. Over all accounts when none is named."""
        wanted = [p for p in self.positions() if p.symbol == symbol and account in (None, p.account)]
        return float(sum((exact(p.qty) for p in wanted), Decimal(0)))

    @property
    def seq(self) -> int:
        """The last event of the journal that is in it."""
        with self._guard:
            return self._state.seq

    @property
    def synced(self) -> bool:
        """False from a loss on until what was lost has been read, and before the first reading."""
        with self._guard:
            return self._synced

    # ---- how it is kept -------------------------------------------------------------------------------------------

    def _queue_up(self, entries: list[Entry]) -> None:
        """Marks are noted at once: the queue may drop what is in it."""
        for _, _, item in entries:
            if isinstance(item, Mark):
                self._begun = self._begun or item is Mark.BEGUN
                self._mark = item
                self._lost, self._synced = True, False
        self._queue.extend(entry for entry in entries if not isinstance(entry[2], Mark))

    def _take(self) -> Changes:
        """What waits in the queue. Events behind a loss are left out: what is read after it has them."""
        changes: Changes = []
        for _, _, item in self._queue.take():
            if isinstance(item, Gap):
                self._lost, self._synced = True, False
            elif not self._lost:
                changes += self._state.apply(item)
        return changes

    def _read(self) -> Steps:
        """The way back after a loss, as _steps() says it. What is lost meanwhile asks for another one."""
        mark, self._mark, self._lost = self._mark, None, False
        looks = self._looks_wanted
        try:
            yield from self._steps(mark if self._loaded else Mark.BEGUN)
        except TradebusError as problem:
            self._mark = self._mark or mark
            self._lost, self._synced, self._problem = True, False, problem
            raise
        self._problem = None
        self._loaded = True
        self._looks_done = looks
        self._synced = not self._lost

    def _is_due(self) -> bool:
        """Something is to be read, and may help at once."""
        return (self._lost or self._looks_wanted > self._looks_done) and self._begun and self._problem is None

    def _want_look(self) -> int:
        """What _looks_done must reach until the journal was read from now on."""
        self._looks_wanted += 1
        return self._looks_wanted

    def _check_found(self, order: Order) -> None:
        """Of an order that the journal does not bring into the book."""
        if order.client != self._state.client or order.external:
            whose = "was placed elsewhere" if order.external else f'is of client "{order.client}"'
            raise invalid("order", f'order {order.order_id} {whose}; this book has those of "{self._state.client}"')

    def _check_s(self) -> float | None:
        """When to look for what was lost without a later event that shows it."""
        if not self._begun:
            return None
        if self._problem is not None:
            return RETRY_S
        return CHECK_WAITING_S if self._waiting else CHECK_S

    def _steps(self, mark: Mark | None) -> Steps:
        """The way back to the truth, as questions and as changes to tell: after a loss the journal is read on; at the
        beginning, in another start of the daemon and with another journal all orders are listed again."""
        before = self._state
        if mark is None and (yield from before.catch_up()):
            return
        after = yield from before.load()
        if mark is not Mark.BEGUN:
            yield from before.catch_up(after.seq)  # what can be told as events
        self._state = after
        if mark is not Mark.BEGUN:
            yield after.differences(before)


def is_reached(order: Order, until: Until) -> bool:
    """Also when nothing more can come."""
    if order.closed:
        return True
    if callable(until):
        return bool(until(order))
    if until == "working":
        return order.status not in ("pending_new", "in_doubt") and not order.held
    return until == "fill" and order.filled_qty > 0


def reference(order: Order | str) -> str:
    return order.order_id if isinstance(order, Order) else order


def not_ready(problem: TradebusError | None, connected: bool, timeout: float) -> TradebusError:
    """Why a book is not there."""
    if problem is not None:
        return problem
    if connected:
        return RequestTimeout("request.timeout", f"the orders of this client could not be read within {timeout:g} s")
    why = f"no daemon answered within {timeout:g} s: the order book is not there; is tradebusd running?"
    return NotConnected("client.not_connected", why)


def check_until(until: Until, in_callback: bool) -> None:
    if in_callback:
        raise invalid("wait", "on_change must not wait for changes: they are told by itself, one after the other")
    if not callable(until) and until not in ("working", "fill", "closed"):
        raise invalid("until", f"until {until!r}: working, fill, closed or a function of the order")
