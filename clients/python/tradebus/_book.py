"""One client's orders as the journal tells them: bookkeeping and questions. No sockets, no threads, no clock.

Everything rests on one rule: an order's share of a position follows from the order itself (side, legs, filled_qty), so
that an event applied twice, or after a listing that knew of it already, changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from tradebus import _calls
from tradebus._calls import Call
from tradebus._queue import Entry, EventQueue, Gap
from tradebus._subscriber import Mark
from tradebus.errors import InternalError, NotConnected, RequestTimeout, TradebusError, invalid
from tradebus.models import BookPosition, Events, Order, OrderEvent

PAGE = 1_000
CHECK_S = 5.0
CHECK_WAITING_S = 1.0  # while somebody waits for an order
RETRY_S = 0.5
LOADS_MAX = 5  # when the journal loses events faster than they are read

Key: TypeAlias = tuple[str, str, str]  # broker, account, symbol
Changes: TypeAlias = list[tuple[Order, OrderEvent | None]]
OnChange: TypeAlias = Callable[[Order, OrderEvent | None], object]
Until: TypeAlias = Literal["working", "fill", "closed"] | Callable[[Order], bool]
Steps: TypeAlias = Generator[Call[Any] | Changes, Any, None]

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

    def catch_up(self) -> Generator[Call[Any] | Changes, Any, bool]:
        """Yields the questions for what came after `seq`, page by page, and is sent the answers; yields what changed
        too. Returns False when the journal can't say: it is another one, or forgot."""
        while True:
            page: Events = yield _calls.events(self.seq, None, None, PAGE)
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


# ---- what users read ----------------------------------------------------------------------------------------------


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
        if mark is None or mark is Mark.RESTARTED:
            found = yield from self._state.catch_up()
            if found and mark is None:
                return
        before = self._state
        after = yield from before.load()
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
