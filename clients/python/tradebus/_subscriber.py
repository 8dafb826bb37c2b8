"""What a subscription is to the streams."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from tradebus._queue import Entry


class Mark(Enum):
    """Told between the events to subscribers that want marks."""

    BEGUN = "begun"  # from here on every order event comes, or a Gap
    OTHER_JOURNAL = "other_journal"  # the daemon lost its journal: seqs begin anew
    RESTARTED = "restarted"  # another start of the daemon


class Subscriber:
    """Entries gather in `buffer` and go out with `put` once a batch."""

    wants_marks = False

    def __init__(self, topics: Iterable[str], raw: bool) -> None:
        self.topics = tuple(dict.fromkeys(topics))
        self.raw = raw
        self.keys = tuple(topic.encode() for topic in self.topics)
        self.buffer: list[Entry] = []

    def put(self, entries: list[Entry]) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """No more events will come."""
        raise NotImplementedError

    def wants(self, key: bytes) -> bool:
        return any(key.startswith(prefix) for prefix in self.keys)
