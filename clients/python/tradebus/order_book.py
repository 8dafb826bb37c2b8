"""A live view of the ordinary client's own orders."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tradebus._book import Changes
from tradebus._book_view import BookView, OnChange, Until, check_until, is_reached, not_ready, reference
from tradebus._calls import Call
from tradebus._queue import Entry
from tradebus._subscriber import Subscriber
from tradebus.errors import NotConnected, TradebusError
from tradebus.models import Order
from tradebus.subscription import log


class OrderBook(Subscriber, BookView):
    """The orders of one client by order_id and client_order_id, open and closed, and the positions that their fills
    make. Any thread may ask; answers are copies of this moment.

    It is right again after a reconnect, after a loss on the stream, and in another start of the daemon: what it missed
    is read from the journal, and told to on_change like all else. Between a loss and that moment `synced` is False.
    on_change(order, event) runs in the book's own thread, in the order of the journal; event is None where only the
    outcome is known. It may make requests."""

    wants_marks = True

    def __init__(
        self,
        client: str,
        closed_max: int,
        limit: int,
        on_change: OnChange | None,
        ask: Callable[[Call[Any]], Any],
        find: Callable[[str], Order],
        leave: Callable[[OrderBook], None],
    ) -> None:
        Subscriber.__init__(self, ["order|"], raw=False)
        self._changed = threading.Condition()
        BookView.__init__(self, client, closed_max, limit, self._changed)
        self._on_change = on_change
        self._ask = ask
        self._find = find
        self._leave = leave
        self._ended = False
        self._mute = False
        self.thread = threading.Thread(target=self._run, name="tradebus-book", daemon=True)
        self.thread.start()

    def wait(self, order: Order | str, until: Until = "closed", timeout: float | None = None) -> Order:
        """Until the order is closed, or before that what is asked for: "working" = the broker has it, "fill" =
        something was executed, or a function of the order. Returns it. The order may be one that was just placed.

        Raises TimeoutError after `timeout` seconds, OrderError when there is no such order, NotConnected when the book
        is closed meanwhile, RequestError in on_change, which would wait for itself."""
        check_until(until, threading.current_thread() is self.thread)
        deadline = None if timeout is None else time.monotonic() + timeout
        name, look, asked = reference(order), 0, False
        with self._changed:
            self._waiting += 1
            self._changed.notify_all()
            try:
                while True:
                    known = self._state.find(name)
                    if known is not None and is_reached(known, until):
                        return known
                    if self._ended:
                        raise NotConnected("client.closed", f"the order book was closed before {name} was done")
                    left = None if deadline is None else deadline - time.monotonic()
                    if left is not None and left <= 0:
                        status = "not in the book" if known is None else f"still {known.status}"
                        raise TimeoutError(f"order {name} is {status} after {timeout:g} s")
                    if known is None and look == 0:
                        look = self._want_look()
                        self._changed.notify_all()
                    elif known is None and not asked and self._looks_done >= look:
                        asked = True
                        found = self._unlocked(lambda: self._find(name))
                        self._check_found(found)
                        if found.closed:
                            return found  # one that the book has forgotten
                        continue
                    self._changed.wait(left)
            finally:
                self._waiting -= 1

    def close(self) -> None:
        """No more changes; what is in it can still be read, and is told to on_change first. Called from on_change it
        is told no more."""
        self._leave(self)
        if self.thread is threading.current_thread():
            self._mute = True
        self.end()
        if not self._mute:
            self.thread.join()

    def __enter__(self) -> OrderBook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_closed(self) -> bool:
        return self._ended

    # ---- inside ---------------------------------------------------------------------------------------------------

    def wait_loaded(self, timeout: float, connected: Callable[[], bool]) -> None:
        """Until the orders are there."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._loaded:
                left = deadline - time.monotonic()
                if self._problem is not None or self._ended or left <= 0:
                    break
                self._changed.wait(left)
            ready, problem = self._loaded, self._problem
        if not ready:
            self.close()
            raise not_ready(problem, connected(), timeout)

    def put(self, entries: list[Entry]) -> None:
        with self._changed:
            if not self._ended:
                self._queue_up(entries)
                self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._ended:
            look = self._sleep(began)
            with self._changed:
                changes = self._take()
                self._changed.notify_all()
                look = look or self._is_due()
            self._tell(changes)
            if look and not self._ended:
                self._recover()
                began = time.monotonic()

    def _sleep(self, began: float) -> bool:
        """Until something came; True when it is time to look whether something was lost: the last event may be."""
        with self._changed:
            while not (len(self._queue) or self._ended or self._is_due()):
                due = self._check_s()
                left = None if due is None else began + due - time.monotonic()
                if left is not None and left <= 0:
                    return True
                self._changed.wait(left)
            return False

    def _recover(self) -> None:
        steps, answer = self._read(), None
        try:
            while True:
                with self._changed:
                    step = steps.send(answer)
                    self._changed.notify_all()
                answer = None
                if not isinstance(step, Call):
                    self._tell(step)
                    continue
                try:
                    answer = self._ask(step)
                except TradebusError as problem:
                    with self._changed:
                        steps.throw(problem)
        except StopIteration:
            pass
        except TradebusError as problem:
            if not self._ended:
                log.warning("order-book-behind code=%s reason=%s", problem.code, problem.message)
        with self._changed:
            self._changed.notify_all()

    def _tell(self, changes: Changes) -> None:
        if self._on_change is None:
            return
        for order, event in changes:
            if self._mute:
                return
            try:
                self._on_change(order, event)
            except Exception:
                log.exception("callback-failed order=%s", order.order_id)

    def _unlocked(self, question: Callable[[], Order]) -> Order:
        self._changed.release()
        try:
            return question()
        finally:
            self._changed.acquire()
