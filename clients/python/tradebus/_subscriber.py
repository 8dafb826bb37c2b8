"""What a subscription is to the streams."""

from __future__ import annotations

from collections.abc import Iterable

from tradebus._queue import Entry


class Subscriber:
    """Entries gather in `buffer` and go out with `put` once a batch."""

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
