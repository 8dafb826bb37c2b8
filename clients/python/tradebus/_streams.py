"""From frames to events: decoding, order, recovery, and who gets what. No sockets, no threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgpack

from tradebus import _topics
from tradebus._orders import Answer, AskEvents, Orders
from tradebus._queue import Gap
from tradebus._sequence import Hole, Ready, Tracker
from tradebus._subscriber import Mark, Subscriber
from tradebus.models import Message

AskMissed = Callable[[str, int, Answer], None]  # topic, after


_MARKET = tuple(f"{kind}|" for kind in (*_topics.MARKET_KINDS, _topics.FEED))


class _Topic:
    __slots__ = (
        "key",
        "name",
        "decode",
        "tracker",
        "subscribers",
        "raw_only",
        "last",
        "is_order",
        "is_feed",
        "is_market",
    )

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.name = key.decode()
        self.decode = _topics.decoder(self.name)
        self.tracker = Tracker()
        self.subscribers: tuple[Subscriber, ...] = ()
        self.raw_only = False
        self.last: tuple[int, dict[str, Any]] | None = None
        self.is_order = key.startswith(_topics.ORDER)
        self.is_market = self.name.startswith(_MARKET)
        self.is_feed = self.name.startswith(_topics.FEED + "|")

    def set_subscribers(self, all_subscribers: Iterable[Subscriber]) -> None:
        self.subscribers = tuple(each for each in all_subscribers if each.wants(self.key))
        self.raw_only = all(each.raw for each in self.subscribers)


class Streams:
    """`subscribe` and `unsubscribe` act on the socket, once a topic however many subscribers share it."""

    def __init__(
        self,
        subscribe: Callable[[bytes], None],
        unsubscribe: Callable[[bytes], None],
        ask_missed: AskMissed,
        ask_events: AskEvents,
        recover: bool,
    ) -> None:
        self.garbage = 0  # frames that are no message
        self.messages = 0
        self._subscribe = subscribe
        self._unsubscribe = unsubscribe
        self._ask_missed = ask_missed
        self._ask_events = ask_events
        self._recover = recover
        self._subscribers: list[Subscriber] = []
        self._counts: dict[bytes, int] = {}
        self._topics: dict[bytes, _Topic] = {}
        self.orders = Orders(subscribe, ask_events, self._deliver_order, self._tell_order_hole, self._mark, recover)
        self._touched: dict[Subscriber, None] = {}

    # ---- subscribers ----------------------------------------------------------------------------------------------

    def add(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)
        for topic in self._topics.values():
            if subscriber.wants(topic.key):
                topic.set_subscribers(self._subscribers)
                self._repeat_last(topic, subscriber)
        new = []
        for key in subscriber.keys:
            self._counts[key] = self._counts.get(key, 0) + 1
            if self._counts[key] == 1:
                new.append(key)
        for key in new:
            if not key.startswith(_topics.ORDER):
                self._subscribe(key)
        if _takes_orders(subscriber):
            self.orders.add(subscriber, [key for key in new if key.startswith(_topics.ORDER)])
        self.flush()

    def remove(self, subscriber: Subscriber) -> None:
        if subscriber not in self._subscribers:
            return
        self._subscribers.remove(subscriber)
        self._touched.pop(subscriber, None)
        last = []
        for key in subscriber.keys:
            self._counts[key] -= 1
            if self._counts[key] == 0:
                del self._counts[key]
                last.append(key)
        for key in last:
            if not key.startswith(_topics.ORDER):
                self._unsubscribe(key)
        for key in self.orders.remove(subscriber, [key for key in last if key.startswith(_topics.ORDER)]):
            self._unsubscribe(key)
        for topic in [each for each in self._topics.values() if subscriber in each.subscribers]:
            topic.set_subscribers(self._subscribers)
            if not topic.subscribers:
                del self._topics[topic.key]

    def end(self) -> None:
        self.flush()
        self.orders.end()
        for subscriber in self._subscribers:
            subscriber.end()
        self._subscribers.clear()
        self._topics.clear()

    def _repeat_last(self, topic: _Topic, subscriber: Subscriber) -> None:
        # The socket has the topic already, so that the daemon sends a late subscriber nothing: it gets our copy.
        if topic.last is None or topic.is_order or topic.is_feed:
            return
        seq, body = topic.last
        body = {**body, "snapshot": True}
        event = Message(topic.name, body) if subscriber.raw else topic.decode(body)
        subscriber.buffer.append((topic.name, seq, event))
        self._touched[subscriber] = None

    # ---- messages -------------------------------------------------------------------------------------------------

    def on_message(self, key: bytes, payload: bytes) -> None:
        """One message. What it brings waits for flush()."""
        topic = self._topics.get(key)
        if topic is None:
            topic = self._open(key)
            if topic is None:
                return
        try:
            body = msgpack.unpackb(payload)
            seq = body.get("seq")
        except Exception:  # whatever a peer may send must not stop the client
            self.garbage += 1
            return
        self.messages += 1
        if type(seq) is not int:
            self._deliver(topic, 0, body)
        elif topic.is_order:
            self.orders.on_message(key, seq, body)
        else:
            tracker = topic.tracker
            if seq == tracker.next and not tracker.pending:  # as accept() would, without its call
                tracker.next = seq + 1
                self._deliver(topic, seq, body)
            else:
                self._in_turn(topic, *tracker.accept(seq, body, self._recover))

    def flush(self) -> None:
        """Hands each subscriber what has gathered for it."""
        for subscriber in self._touched:
            entries, subscriber.buffer = subscriber.buffer, []
            subscriber.put(entries)
        self._touched.clear()

    def restart(self) -> None:
        """The daemon started anew: market data numbers from 1 again, and all of it is wanted; of states (status,
        position, account) the next one will do; the journal goes on."""
        for topic in list(self._topics.values()):
            if not topic.is_order and topic.tracker.next:
                self._in_turn(topic, topic.tracker.restart(1 if topic.is_market else 0), None)
                topic.last = None
        for subscriber in self._subscribers:
            self._mark(subscriber, Mark.RESTARTED)
        self.flush()

    @property
    def duplicates(self) -> int:
        return self.orders.duplicates + sum(topic.tracker.duplicates for topic in self._topics.values())

    def _open(self, key: bytes) -> _Topic | None:
        try:
            topic = _Topic(key)
        except ValueError:
            self.garbage += 1
            return None
        topic.set_subscribers(self._subscribers)
        if not topic.subscribers:
            return None  # still under way when its subscription ended
        self._topics[key] = topic
        return topic

    def _deliver(self, topic: _Topic, seq: int, body: dict[str, Any]) -> None:
        event: Any = None
        if not topic.raw_only:
            try:
                event = topic.decode(body)
            except Exception:  # a map, but not of this kind
                self.garbage += 1
                return
        topic.last = (seq, body)
        name = topic.name
        for subscriber in topic.subscribers:
            if topic.is_order and not self.orders.wanted_by(subscriber, seq):
                continue
            self._touched[subscriber] = None
            if subscriber.raw:
                subscriber.buffer.append((name, seq, Message(name, body)))
            elif topic.is_feed:
                subscriber.buffer.extend([(name, seq, item) for item in event])
            else:
                subscriber.buffer.append((name, seq, event))

    def _tell_gap(self, name: str, subscribers: Iterable[Subscriber], hole: Hole) -> None:
        for subscriber in subscribers:
            self._touched[subscriber] = None
            subscriber.buffer.append((name, hole.last, Gap(name, hole.first, hole.last)))

    # ---- recovery -------------------------------------------------------------------------------------------------

    def _in_turn(self, topic: _Topic, ready: list[Ready], ask_after: int | None) -> None:
        for seq, item in ready:
            if type(item) is Hole:
                self._tell_gap(topic.name, topic.subscribers, item)
            else:
                self._deliver(topic, seq, item)
        if ask_after is None:
            return
        generation = topic.tracker.generation

        def answer(result: Mapping[str, Any] | None) -> None:
            if self._topics.get(topic.key) is not topic or topic.tracker.generation != generation:
                return
            try:
                found = None if result is None else [(int(m["seq"]), m) for m in result["messages"]]
            except Exception:
                found = None
            if result is None or found is None:
                self._in_turn(topic, *topic.tracker.fail())
            else:
                self._in_turn(topic, *topic.tracker.answer(found, result.get("first_kept")))
            self.flush()

        self._ask_missed(topic.name, ask_after, answer)

    # ---- orders ---------------------------------------------------------------------------------------------------

    def _deliver_order(self, key: bytes, seq: int, body: dict[str, Any]) -> None:
        topic = self._topics.get(key) or self._open(key)
        if topic is not None:
            self._deliver(topic, seq, body)

    def _tell_order_hole(self, hole: Hole) -> None:
        self._tell_gap("order|", [each for each in self._subscribers if _takes_orders(each)], hole)

    def _mark(self, subscriber: Subscriber, mark: Mark) -> None:
        if subscriber.wants_marks:
            subscriber.buffer.append(("order|", 0, mark))
            self._touched[subscriber] = None


def _takes_orders(subscriber: Subscriber) -> bool:
    return any(key.startswith(_topics.ORDER) for key in subscriber.keys)
