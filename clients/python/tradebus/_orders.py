"""Order events: one journal over all accounts, so that what the stream lost can always be had. No sockets.

A subscription to orders is not made before the journal's last seq is known: what comes after it is delivered, by the
stream or from the journal, and what came before it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradebus._sequence import Hole, JournalTracker, Ready
from tradebus._subscriber import Mark, Subscriber

Answer = Callable[[Mapping[str, Any] | None], None]  # None = nobody answered; an empty one = it was refused
AskEvents = Callable[[int, str | None, int | None, Answer], None]  # after, account, limit
Deliver = Callable[[bytes, int, dict[str, Any]], None]

DOUBT_BEATS = 2
"""Heartbeats at which the journal is asked after a subscription began or came back: the first may have been on its way
already when the daemon heard of the subscription."""


class Orders:
    """`subscribe` acts on the socket; `deliver(topic, seq, body)`, `tell_hole` and `mark` reach the subscribers."""

    def __init__(
        self,
        subscribe: Callable[[bytes], None],
        ask_events: AskEvents,
        deliver: Deliver,
        tell_hole: Callable[[Hole], None],
        mark: Callable[[Subscriber, Mark], None],
        recover: bool,
    ) -> None:
        self._subscribe = subscribe
        self._ask_events = ask_events
        self._deliver = deliver
        self._tell_hole = tell_hole
        self._mark = mark
        self._recover = recover
        self._keys: set[bytes] = set()  # subscribed to, or soon
        self._awaited: set[bytes] = set()  # of these, the ones whose journal position is still asked for
        self._floors: dict[Subscriber, int] = {}  # events up to here came before the subscription
        self._unplaced: list[Subscriber] = []  # it is not known yet from where on their events come
        self._journal = JournalTracker()
        self._doubt = 0

    @property
    def duplicates(self) -> int:
        return self._journal.duplicates

    def wanted_by(self, subscriber: Subscriber, seq: int) -> bool:
        return seq > self._floors.get(subscriber, 0)

    def add(self, subscriber: Subscriber, new_keys: Iterable[bytes]) -> None:
        """new_keys: of its topics, those that nobody else has subscribed to."""
        keys = set(new_keys)
        self._keys |= keys
        self._floors[subscriber] = 0
        if not self._recover:
            for key in keys:
                self._subscribe(key)
        elif keys:
            self._awaited |= keys
            self._unplaced.append(subscriber)
            self._find_position(subscriber, keys)
        else:
            self._floors[subscriber] = max(0, self._journal.next - 1)
            if self._awaited:
                self._unplaced.append(subscriber)
            else:
                self._mark(subscriber, Mark.BEGUN)

    def remove(self, subscriber: Subscriber, last_keys: Iterable[bytes]) -> list[bytes]:
        """last_keys: of its topics, those that nobody else needs. Returns those to unsubscribe from."""
        self._floors.pop(subscriber, None)
        self._unplaced = [each for each in self._unplaced if each is not subscriber]
        keys = set(last_keys)
        subscribed = keys - self._awaited
        self._awaited -= keys
        self._keys -= keys
        if not self._keys:
            self._journal = JournalTracker()
        return list(subscribed)

    def on_message(self, key: bytes, seq: int, body: dict[str, Any]) -> None:
        self._go_on(*self._journal.accept(seq, (key, body), self._recover))

    def doubt(self) -> None:
        """Events may have been lost without a later one to show it."""
        self._doubt = DOUBT_BEATS

    def on_heartbeat(self) -> None:
        if self._doubt:
            self._doubt -= 1
            if self._keys and self._recover:
                self._go_on([], self._journal.ask())

    def end(self) -> None:
        self._keys.clear()
        self._awaited.clear()

    def _find_position(self, subscriber: Subscriber, keys: set[bytes]) -> None:
        def answer(result: Mapping[str, Any] | None) -> None:
            left = keys & self._awaited
            if result is None and left:
                self._find_position(subscriber, left)
                return
            last = (result or {}).get("last_seq")
            if isinstance(last, int):
                if subscriber in self._floors:
                    self._floors[subscriber] = last
                self._journal.baseline(last)
            self._awaited -= left
            for key in left:
                self._subscribe(key)
            self.doubt()
            if not self._awaited:
                placed, self._unplaced = self._unplaced, []
                for each in placed:
                    self._mark(each, Mark.BEGUN)

        self._ask_events(0, self._account(), 1, answer)

    def _go_on(self, ready: list[Ready], ask_after: int | None) -> None:
        for seq, item in ready:
            if type(item) is Hole:
                self._tell_hole(item)
            else:
                self._deliver(item[0], seq, item[1])
        if ask_after is None:
            return
        journal = self._journal

        def answer(result: Mapping[str, Any] | None) -> None:
            if self._journal is not journal:
                return
            if result is None:
                self.doubt()  # nobody answered: ask again once the daemon is there
            try:
                found = [(int(event["seq"]), (_topic(event), event)) for event in (result or {})["events"]]
            except Exception:  # whatever a peer may send must not stop the client
                self._go_on(*journal.fail())
                return
            last = (result or {}).get("last_seq")
            if isinstance(last, int) and last < ask_after:
                self._begin_again()
            else:
                self._go_on(*journal.answer(found, (result or {}).get("first_kept")))

        self._ask_events(ask_after, self._account(), None, answer)

    def _begin_again(self) -> None:
        """It is another journal, shorter than what we have seen: the daemon lost its data. All of it is new to us."""
        held, self._journal = self._journal.pending, JournalTracker()
        for seq in sorted(held):
            self._deliver(held[seq][0], seq, held[seq][1])
        self._floors = dict.fromkeys(self._floors, 0)
        for subscriber in self._floors:
            self._mark(subscriber, Mark.OTHER_JOURNAL)
        self._journal.baseline(0)
        self._go_on([], self._journal.ask())

    def _account(self) -> str | None:
        """The account to ask for, when only one is subscribed to."""
        if len(self._keys) != 1:
            return None
        parts = next(iter(self._keys)).decode().split("|")
        return parts[1] if len(parts) == 3 and parts[1] else None


def _topic(event: Mapping[str, Any]) -> bytes:
    return f"order|{event['order']['account']}|".encode()
