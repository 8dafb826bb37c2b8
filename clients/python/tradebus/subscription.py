"""A subscription of the ordinary client."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from tradebus._queue import Entry, EventQueue, Gap
from tradebus._subscriber import Subscriber

E = TypeVar("E")

OnGap = Callable[[str, int, int], object]  # topic, first and last missing seq

log = logging.getLogger("tradebus")


class Subscription(Subscriber, Generic[E]):
    """Events in order, each once. Iterate it, or call get(); close it, or use it in a `with`.

    At most `limit` events wait (as many again may be in the hands of the reader). When the reader lags, the oldest are
    dropped: `dropped` counts them and on_gap says which. What was lost on the way and cannot be recovered is told by
    on_gap too. on_gap runs in the reader's thread, between the events where the hole is.
    """

    def __init__(
        self,
        topics: Iterable[str],
        raw: bool,
        limit: int,
        on_gap: OnGap | None,
        leave: Callable[[Subscription[E]], None],
    ) -> None:
        super().__init__(topics, raw)
        self._leave = leave
        self._on_gap = on_gap
        self._queue = EventQueue(limit)
        self._batch: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self.thread: threading.Thread | None = None

    @property
    def dropped(self) -> int:
        """Events dropped because the reader lagged."""
        return self._queue.dropped

    @property
    def closed(self) -> bool:
        return self._ended

    def get(self, timeout: float | None = None) -> E | None:
        """The next event; None after `timeout` seconds without one, or when the subscription has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self._batch or self._wait(deadline):
            entry = self._batch.popleft()
            if type(entry[2]) is not Gap:
                event: E = entry[2]
                return event
            self._report(entry[2])
        return None

    def __iter__(self) -> Iterator[E]:
        batch = self._batch
        while batch or self._wait(None):
            batch = self._batch
            while batch:
                event = batch.popleft()[2]
                if type(event) is Gap:
                    self._report(event)
                else:
                    yield event

    def close(self) -> None:
        """No more events; what waits can still be read. A callback that runs now ends first."""
        self._leave(self)
        self.end()
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join()

    def __enter__(self) -> Subscription[E]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, entries: list[Entry]) -> None:
        with self._changed:
            if not self._ended:
                self._queue.extend(entries)
                self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def call(self, on_event: Callable[[E], object]) -> None:
        """Hands every event to a callback, in a thread of its own, until the subscription ends."""

        def run() -> None:
            for event in self:
                if self._ended:
                    return
                try:
                    on_event(event)
                except Exception:
                    log.exception("callback-failed topics=%s", ",".join(self.topics[:5]))

        self.thread = threading.Thread(target=run, name="tradebus-events", daemon=True)
        self.thread.start()

    def _wait(self, deadline: float | None) -> bool:
        with self._changed:
            while not len(self._queue):
                left = None if deadline is None else deadline - time.monotonic()
                if self._ended or (left is not None and left <= 0):
                    return False
                self._changed.wait(left)
            self._batch = self._queue.take()
            return True

    def _report(self, gap: Gap) -> None:
        if self._on_gap is not None:
            self._on_gap(gap.topic, gap.first, gap.last)
        else:
            log.warning("gap topic=%s first=%d last=%d", gap.topic, gap.first, gap.last)
