"""The bounded queue between the I/O and a consumer. When it lags, the oldest events go, and the loss is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

QUEUE_LIMIT = 100_000
"""Events that wait for one subscription; at 0.5 KiB each some 50 MiB, several seconds of a busy feed."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages first..last (seqs, inclusive) of a topic that this consumer does not get."""

    topic: str
    first: int
    last: int


Entry = tuple[str, int, Any]  # topic, seq, and an event or a Gap


class EventQueue:
    """Not thread-safe by itself: the owner holds its lock."""

    __slots__ = ("limit", "dropped", "_entries", "_lost")

    def __init__(self, limit: int) -> None:
        self.limit = max(1, limit)
        self.dropped = 0
        self._entries: deque[Entry] = deque()
        self._lost: dict[str, Gap] = {}

    def __len__(self) -> int:
        return len(self._entries) + len(self._lost)

    def extend(self, entries: Iterable[Entry]) -> None:
        queue = self._entries
        queue.extend(entries)
        while len(queue) > self.limit:
            self._drop(queue.popleft())

    def take(self) -> deque[Entry]:
        """Everything that waits, oldest first, after word of what was dropped before it."""
        taken = self._entries
        self._entries = deque()
        if self._lost:
            taken.extendleft((gap.topic, gap.last, gap) for gap in reversed(self._lost.values()))
            self._lost = {}
        return taken

    def _drop(self, entry: Entry) -> None:
        topic, seq, event = entry
        first, last = (event.first, event.last) if isinstance(event, Gap) else (seq, seq)
        if not isinstance(event, Gap):
            self.dropped += 1
        lost = self._lost.get(topic)
        self._lost[topic] = Gap(
            topic, min(lost.first, first) if lost else first, max(lost.last, last) if lost else last
        )
