"""A live view of the asyncio client's own orders."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tradebus._book import Changes
from tradebus._book_view import BookView, OnChange, Until, check_until, is_reached, not_ready, reference
from tradebus._calls import Call
from tradebus._queue import Entry
from tradebus._subscriber import Subscriber
from tradebus.aio_subscription import maybe
from tradebus.errors import NotConnected, TradebusError
from tradebus.models import Order
from tradebus.subscription import log


class AsyncOrderBook(Subscriber, BookView):
    """See OrderBook. Reading it does not wait; on_change may be a coroutine function and runs in the book's task."""

    wants_marks = True

    def __init__(
        self,
        client: str,
        closed_max: int,
        limit: int,
        on_change: OnChange | None,
        ask: Callable[[Call[Any]], Awaitable[Any]],
        find: Callable[[str], Awaitable[Order]],
        leave: Callable[[AsyncOrderBook], None],
    ) -> None:
        Subscriber.__init__(self, ["order|"], raw=False)
        BookView.__init__(self, client, closed_max, limit, contextlib.nullcontext())
        self._changed = asyncio.Event()  # for the task
        self._told = asyncio.Event()  # for those who wait; a new one each time
        self._on_change = on_change
        self._ask = ask
        self._find = find
        self._leave = leave
        self._ended = False
        self._mute = False
        self.task = asyncio.create_task(self._run(), name="tradebus-book")

    async def wait(self, order: Order | str, until: Until = "closed", timeout: float | None = None) -> Order:
        """See OrderBook.wait."""
        check_until(until, asyncio.current_task() is self.task)
        name = reference(order)
        self._waiting += 1
        self._changed.set()
        try:
            async with asyncio.timeout(timeout):
                return await self._wait(name, until)
        except TimeoutError:
            known = self._state.find(name)
            status = "not in the book" if known is None else f"still {known.status}"
            raise TimeoutError(f"order {name} is {status} after {timeout:g} s") from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """See OrderBook.close."""
        self._leave(self)
        self._mute = self.task is asyncio.current_task()
        self.end()
        if not self._mute:
            await asyncio.wait([self.task])

    async def __aenter__(self) -> AsyncOrderBook:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def is_closed(self) -> bool:
        return self._ended

    # ---- inside ---------------------------------------------------------------------------------------------------

    async def wait_loaded(self, timeout: float, connected: Callable[[], bool]) -> None:
        """Until the orders are there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not self._loaded and self._problem is None and not self._ended:
                    await self._told.wait()
        if not self._loaded:
            await self.close()
            raise not_ready(self._problem, connected(), timeout)

    def put(self, entries: list[Entry]) -> None:
        if not self._ended:
            self._queue_up(entries)
            self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()
        self._wake()

    def _wake(self) -> None:
        told, self._told = self._told, asyncio.Event()
        told.set()

    async def _wait(self, name: str, until: Until) -> Order:
        look, asked = 0, False
        while True:
            known = self._state.find(name)
            if known is not None and is_reached(known, until):
                return known
            if self._ended:
                raise NotConnected("client.closed", f"the order book was closed before {name} was done")
            if known is None and look == 0:
                look = self._want_look()
                self._changed.set()
            elif known is None and not asked and self._looks_done >= look:
                asked = True
                found = await self._find(name)
                self._check_found(found)
                if found.closed:
                    return found  # one that the book has forgotten
                continue
            await self._told.wait()

    async def _run(self) -> None:
        began = time.monotonic()
        while not self._ended:
            look = await self._sleep(began)
            changes = self._take()
            self._wake()
            await self._tell(changes)
            if (look or self._is_due()) and not self._ended:
                await self._recover()
                began = time.monotonic()

    async def _sleep(self, began: float) -> bool:
        while not (len(self._queue) or self._ended or self._is_due()):
            due = self._check_s()
            left = None if due is None else began + due - time.monotonic()
            if left is not None and left <= 0:
                return True
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        return False

    async def _recover(self) -> None:
        steps, answer = self._read(), None
        try:
            while True:
                step = steps.send(answer)
                self._wake()
                answer = None
                if not isinstance(step, Call):
                    await self._tell(step)
                    continue
                try:
                    answer = await self._ask(step)
                except TradebusError as problem:
                    steps.throw(problem)
        except StopIteration:
            pass
        except TradebusError as problem:
            if not self._ended:
                log.warning("order-book-behind code=%s reason=%s", problem.code, problem.message)
        self._wake()

    async def _tell(self, changes: Changes) -> None:
        if self._on_change is None:
            return
        for order, event in changes:
            if self._mute:
                return
            try:
                await maybe(self._on_change(order, event))
            except Exception:
                log.exception("callback-failed order=%s", order.order_id)
