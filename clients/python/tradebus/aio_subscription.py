"""A subscription of the asyncio client."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Generic, TypeVar

from tradebus._queue import Entry, EventQueue, Gap
from tradebus._subscriber import Subscriber
from tradebus.subscription import OnGap, log

E = TypeVar("E")


class AsyncSubscription(Subscriber, Generic[E]):
    """See Subscription. Read by one task; on_gap is called there and may be a coroutine function."""

    def __init__(
        self,
        topics: Iterable[str],
        raw: bool,
        limit: int,
        on_gap: OnGap | None,
        leave: Callable[[AsyncSubscription[E]], None],
    ) -> None:
        super().__init__(topics, raw)
        self._leave = leave
        self._on_gap = on_gap
        self._queue = EventQueue(limit)
        self._batch: deque[Entry] = deque()
        self._changed = asyncio.Event()
        self._ended = False
        self.task: asyncio.Task[None] | None = None

    @property
    def dropped(self) -> int:
        """Events dropped because the reader lagged."""
        return self._queue.dropped

    @property
    def closed(self) -> bool:
        return self._ended

    async def get(self, timeout: float | None = None) -> E | None:
        """The next event; None after `timeout` seconds without one, or when the subscription has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._batch or await self._wait(deadline):
            entry = self._batch.popleft()
            if type(entry[2]) is not Gap:
                event: E = entry[2]
                return event
            await self._report(entry[2])
        return None

    async def __aiter__(self) -> AsyncIterator[E]:
        batch = self._batch
        while batch or await self._wait(None):
            batch = self._batch
            while batch:
                event = batch.popleft()[2]
                if type(event) is Gap:
                    await self._report(event)
                else:
                    yield event

    async def close(self) -> None:
        """No more events; what waits can still be read."""
        self._leave(self)
        self.end()
        if self.task is not None and self.task is not asyncio.current_task():
            await self.task

    async def __aenter__(self) -> AsyncSubscription[E]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def put(self, entries: list[Entry]) -> None:
        if not self._ended:
            self._queue.extend(entries)
            self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()

    def call(self, on_event: Callable[[E], object]) -> None:
        """Hands every event to a callback (or awaits it), in a task of its own, until the subscription ends."""

        async def run() -> None:
            async for event in self:
                if self._ended:
                    return
                try:
                    await maybe(on_event(event))
                except Exception:
                    log.exception("callback-failed topics=%s", ",".join(self.topics[:5]))

        self.task = asyncio.create_task(run(), name="tradebus-events")

    async def _wait(self, deadline: float | None) -> bool:
        while not len(self._queue):
            left = None if deadline is None else deadline - time.monotonic()
            if self._ended or (left is not None and left <= 0):
                return False
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return False
        self._batch = self._queue.take()
        return True

    async def _report(self, gap: Gap) -> None:
        if self._on_gap is not None:
            await maybe(self._on_gap(gap.topic, gap.first, gap.last))
        else:
            log.warning("gap topic=%s first=%d last=%d", gap.topic, gap.first, gap.last)


async def maybe(result: object) -> None:
    """Callbacks may be plain or coroutine functions."""
    if inspect.isawaitable(result):
        await result
