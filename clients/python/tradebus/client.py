"""The client for ordinary programs: requests that wait, subscriptions that iterate.

A background thread owns the sockets. Every method may be called from any thread at any time; each subscription is read
by one thread. Callbacks run in threads of their own, so that they may make requests; they never run in the thread of
the sockets, which a slow callback would stop.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

import zmq

from tradebus import _calls, _surface, _topics
from tradebus._book_view import OnChange
from tradebus._calls import Call
from tradebus._loop import Loop
from tradebus._queue import QUEUE_LIMIT
from tradebus._sockets import Curve, Sockets
from tradebus._surface import SILENCE_MS
from tradebus._sync_calls import SyncCalls
from tradebus._values import order_ids
from tradebus.errors import InternalError, NotConnected, OrderError, RequestTimeout, TradebusError
from tradebus.models import (
    AccountSummary,
    Event,
    Message,
    Order,
    OrderEvent,
    Position,
    Quote,
    ReplayStep,
    ServerInfo,
    Status,
    Trade,
)
from tradebus.order_book import OrderBook
from tradebus.replay import Replay
from tradebus.subscription import OnGap, Subscription, log

T = TypeVar("T")

_GRACE_S = 5.0  # beyond a request's timeout, before the thread of the sockets counts as stuck
CLOSED_MAX = 1_000  # closed orders in an order book
CHECK_S = 1.0  # how often wait() asks for the order when no event comes, in the end
FIRST_CHECK_S = 0.05  # and at first: the event may have come before the subscription was in force


class Client(SyncCalls):
    """A connection to tradebusd.

    stream, command: its ZeroMQ endpoints. client: this program's name; orders belong to it, also after a restart.
    timeout: seconds that a request waits for its answer.
    curve: keys, for a daemon that asks for them.
    recover: fetch what was lost on the way (get_missed, get_events) first; without it, on_gap is told at once.
    on_gap(topic, first_missing, last_missing): messages that a subscription does not get; without it they are logged.
    on_disconnect(), on_reconnect(restarted): no heartbeat for 3 s, and back again; restarted = another start of the
    daemon, with new sequences. Both run in a thread of their own.
    queue_limit: events that wait for a subscription's reader at most (default 100 000); the oldest go first.
    cancel_on_disconnect: the daemon cancels this client's open orders when the connection goes, or when nothing was
    heard for silence_ms; the client pings three times as often, from its own thread. A daemon that does not offer it
    gets no request: each fails with its refusal.

    The constructor does not wait for the daemon; the first request does. Close it, or use it in a `with`.
    """

    def __init__(
        self,
        stream: str = _surface.DEFAULT_STREAM,
        command: str = _surface.DEFAULT_COMMAND,
        *,
        client: str = "python",
        timeout: float = 10.0,
        curve: Curve | None = None,
        recover: bool = True,
        on_gap: OnGap | None = None,
        on_disconnect: Callable[[], object] | None = None,
        on_reconnect: Callable[[bool], object] | None = None,
        queue_limit: int = QUEUE_LIMIT,
        cancel_on_disconnect: bool = False,
        silence_ms: int = SILENCE_MS,
    ) -> None:
        self._silence = _surface.silence(cancel_on_disconnect, silence_ms)
        self.name = client
        self.timeout = timeout
        self._command = command
        self._on_gap = on_gap
        self._queue_limit = queue_limit
        self._ids = order_ids(client)
        self._notices: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._on_disconnect = on_disconnect
        self._on_reconnect = on_reconnect
        self._lock = threading.Lock()
        self._posted: deque[Callable[[], None]] = deque()
        self._closing = False
        self._ended = False
        self._recover = recover
        self._subscriptions: set[Subscription[Any] | OrderBook] = set()
        self._loop = Loop(
            Sockets(stream, command, curve),
            client,
            command,
            self._silence,
            recover,
            self._tell_disconnect,
            self._tell_reconnect,
        )
        self._threads = [threading.Thread(target=self._run_io, name="tradebus-io", daemon=True)]
        if on_disconnect is not None or on_reconnect is not None:
            self._threads.append(threading.Thread(target=self._run_notices, name="tradebus-notices", daemon=True))
        for thread in self._threads:
            thread.start()

    # ---- state ----------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """A heartbeat came within the last 3 s."""
        return self._loop.engine.connected

    @property
    def epoch(self) -> int | None:
        """Which start of the daemon this is; None before its first word."""
        return self._loop.engine.epoch

    @property
    def server(self) -> ServerInfo | None:
        """The daemon's answer to the last hello."""
        return self._loop.engine.server

    @property
    def counters(self) -> dict[str, int]:
        """messages, garbage (frames that are none), duplicates (dropped), unmatched_replies."""
        streams = self._loop.engine.streams
        return {
            "messages": streams.messages,
            "garbage": streams.garbage,
            "duplicates": streams.duplicates,
            "unmatched_replies": self._loop.engine.requests.unmatched,
        }

    def close(self) -> None:
        """Ends subscriptions, requests, threads and sockets. May be called twice, and by a callback."""
        with self._lock:
            self._closing = True
            callbacks = [each.thread for each in self._subscriptions if each.thread is not None]
        self._loop.sockets.wake()
        me = threading.current_thread()
        for thread in self._threads + callbacks:
            if thread is not me:
                thread.join()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- subscriptions --------------------------------------------------------------------------------------------

    def stream(
        self,
        *symbols: str,
        kinds: Iterable[str] = ("quote",),
        status: bool = False,
        on_gap: OnGap | None = None,
        queue_limit: int | None = None,
    ) -> Subscription[Event]:
        """Market data of some symbols; the last value comes at once where there is one.

        kinds: quote, trade, bar_1s, bar_1m, bar_5m, bar_1h, bar_1d, option, news.
        status: also Status events that tell when a topic is stale, has a hole upstream, was refused or has ended."""
        return self._open(_surface.market(symbols, kinds, status), False, on_gap, queue_limit)

    def subscribe(
        self,
        symbols: Iterable[str],
        kinds: Iterable[str] = ("quote",),
        *,
        on_event: Callable[[Any], object],
        status: bool = False,
        on_gap: OnGap | None = None,
        queue_limit: int | None = None,
    ) -> Subscription[Event]:
        """stream() with a callback, which runs in a thread of its own. Close what this returns to end it."""
        subscription: Subscription[Event] = self._open(
            _surface.market(symbols, kinds, status), False, on_gap, queue_limit
        )
        subscription.call(on_event)
        return subscription

    def quotes(self, *symbols: str, on_gap: OnGap | None = None) -> Subscription[Quote]:
        """Best bid and offer of some symbols."""
        return self._open(_surface.market(symbols, ("quote",), False), False, on_gap, None)

    def trades(self, *symbols: str, on_gap: OnGap | None = None) -> Subscription[Trade]:
        """Prints of some symbols."""
        return self._open(_surface.market(symbols, ("trade",), False), False, on_gap, None)

    def feed(
        self, kind: str = "quote", *, on_gap: OnGap | None = None, queue_limit: int | None = None
    ) -> Subscription[Any]:
        """Everything that flows of a kind, in batches: the fastest way to read much. Opens nothing upstream."""
        return self._open(_surface.feed(kind), False, on_gap, queue_limit)

    def order_events(self, account: str | None = None, *, on_gap: OnGap | None = None) -> Subscription[OrderEvent]:
        """Each change of each order, of one account or all; what was lost comes from the journal."""
        return self._open([_topics.keyed_topic("order", account)], False, on_gap, None)

    def position_updates(self, account: str | None = None) -> Subscription[Position]:
        """Positions as they change."""
        return self._open([_topics.keyed_topic("position", account)], False, None, None)

    def account_updates(self, account: str | None = None) -> Subscription[AccountSummary]:
        """Account summaries as they change."""
        return self._open([_topics.keyed_topic("account", account)], False, None, None)

    def status_events(self) -> Subscription[Status]:
        """States of all providers, brokers and topics as they change."""
        return self._open(["status|"], False, None, None)

    def replay(self, name: str = "replay", *, timeout: float | None = None) -> Replay:
        """The recording of a provider in lockstep, to drive it: see tradebus.replay. timeout: seconds for a step."""
        steps: Subscription[ReplayStep] = self._open([_topics.keyed_topic("replay", name)], False, None, None)
        try:
            return Replay(self, name, steps, self.timeout if timeout is None else timeout)
        except BaseException:
            steps.close()
            raise

    def raw(self, *topics: str, on_gap: OnGap | None = None, queue_limit: int | None = None) -> Subscription[Message]:
        """Any topics or their beginnings ("quote|AAPL|", "quote|"), bodies as they come."""
        return self._open(_surface.raw(topics), True, on_gap, queue_limit)

    def order_book(
        self,
        on_change: OnChange | None = None,
        *,
        closed_max: int = CLOSED_MAX,
        timeout: float | None = None,
    ) -> OrderBook:
        """A live view of this client's own orders, those of earlier runs too, and of the positions they made. Returns
        once they are there, at most `timeout` seconds later (a request's timeout when absent).

        on_change(order, event) is told each change from then on. closed_max: closed orders that are remembered."""
        _surface.check_recover(self._recover)
        book = OrderBook(
            self.name, closed_max, self._queue_limit, on_change, self._run, self._order_of_either_id, self._leave
        )
        try:
            with self._lock:
                self._subscriptions.add(book)
            self._post(lambda: self._loop.engine.subscribe(book))
        except TradebusError:
            book.end()
            raise
        book.wait_loaded(self.timeout if timeout is None else timeout, lambda: self.connected)
        return book

    def _order_of_either_id(self, name: str) -> Order:
        try:
            return self._run(_calls.order(name, None))
        except OrderError:
            return self._run(_calls.order(None, name))

    def wait(self, order: Order, timeout: float | None = None) -> Order:
        """Until the order is closed; returns it. Raises TimeoutError after `timeout` seconds."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        if order.closed:
            return order
        with self.order_events(order.account or None) as events:
            pause = FIRST_CHECK_S
            while True:
                order = self.order(order.order_id)  # also what happened before the subscription was in force
                check = min(time.monotonic() + pause, deadline)
                pause = min(2 * pause, CHECK_S)
                while not order.closed and (left := check - time.monotonic()) > 0:
                    event = events.get(left)
                    if event is not None and event.order.order_id == order.order_id:
                        order = event.order
                if order.closed:
                    return order
                if time.monotonic() >= deadline:
                    raise TimeoutError(f"order {order.order_id} is still {order.status} after {timeout:g} s")

    # ---- requests -------------------------------------------------------------------------------------------------

    def request(self, op: str, timeout: float | None = None, **args: Any) -> Any:
        """Any op of the protocol; returns its result as it came."""
        return self._run(Call(op, args, lambda result: result), timeout)

    def _run(self, call: Call[T], timeout: float | None = None) -> T:
        limit = self.timeout if timeout is None else timeout
        future: Future[Any] = Future()

        def done(result: Any, error: TradebusError | None) -> None:
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        self._post(lambda: self._loop.engine.request(call, limit, done))
        try:
            result = future.result(limit + _GRACE_S)
        except FutureTimeout:
            raise RequestTimeout("request.timeout", f"{call.op}: the client's own thread does not answer") from None
        return decoded(call, result)

    def _place(self, call: Call[Order], timeout: float | None) -> Order:
        try:
            try:
                return self._run(call, timeout)
            except RequestTimeout:
                if not call.repeatable:
                    raise
            return self._run(call, timeout)
        except RequestTimeout as problem:
            problem.details = {"client_order_id": call.args["client_order_id"]}
            raise

    def _next_order_id(self) -> str:
        with self._lock:
            return next(self._ids)

    def _client_name(self) -> str:
        return self.name

    def _silence_ms(self) -> int | None:
        return self._silence

    # ---- the threads ----------------------------------------------------------------------------------------------

    def _open(
        self, topics: Iterable[str], raw: bool, on_gap: OnGap | None, queue_limit: int | None
    ) -> Subscription[Any]:
        limit = self._queue_limit if queue_limit is None else queue_limit
        on_gap = self._on_gap if on_gap is None else on_gap
        subscription: Subscription[Any] = Subscription(topics, raw, limit, on_gap, self._leave)
        with self._lock:
            self._subscriptions.add(subscription)
        self._post(lambda: self._loop.engine.subscribe(subscription))
        return subscription

    def _leave(self, subscription: Subscription[Any] | OrderBook) -> None:
        with self._lock:
            if subscription not in self._subscriptions or self._closing:
                return
            self._subscriptions.discard(subscription)
        self._post(lambda: self._loop.engine.unsubscribe(subscription))

    def _post(self, action: Callable[[], None]) -> None:
        """Runs it in the thread of the sockets."""
        with self._lock:
            if self._closing or self._ended:
                raise NotConnected("client.closed", "this client is closed")
            self._posted.append(action)
        self._loop.sockets.wake()

    def _run_io(self) -> None:
        sockets, engine = self._loop.sockets, self._loop.engine
        error: TradebusError = NotConnected("client.closed", "this client was closed")
        try:
            self._serve()
        except Exception as problem:
            log.exception("client-failed command=%s", self._command)
            error = InternalError("internal", f"the client's own thread failed: {problem!r}")
        with self._lock:
            self._ended = True
        self._run_posted()
        engine.close(error)
        for subscription in list(self._subscriptions):
            subscription.end()
        self._notices.put(None)
        sockets.close()

    def _serve(self) -> None:
        loop = self._loop
        stream, command, *monitors = loop.sockets.waiters
        poller = zmq.Poller()
        for always in (loop.sockets.wake_reader, *monitors):
            poller.register(always, zmq.POLLIN)
        flags: tuple[int, int] | None = None
        while not self._closing:
            if flags != (wanted := loop.flags()):
                flags = wanted
                poller.register(stream, wanted[0])
                poller.register(command, wanted[1])
            ready = poller.poll(math.ceil(loop.engine.wait_s() * 1000))
            if any(which == loop.sockets.wake_reader.fileno() for which, _ in ready):
                loop.sockets.clear_wake()
            self._run_posted()
            loop.turn()

    def _run_posted(self) -> None:
        while self._posted:
            self._posted.popleft()()

    def _run_notices(self) -> None:
        while (notice := self._notices.get()) is not None:
            try:
                notice()
            except Exception:
                log.exception("callback-failed")

    def _tell_disconnect(self) -> None:
        log.info("disconnected command=%s", self._command)
        if self._on_disconnect is not None:
            self._notices.put(self._on_disconnect)

    def _tell_reconnect(self, restarted: bool) -> None:
        log.info("reconnected command=%s restarted=%s", self._command, restarted)
        on_reconnect = self._on_reconnect
        if on_reconnect is not None:
            self._notices.put(lambda: on_reconnect(restarted))


def decoded(call: Call[T], result: Any) -> T:
    """The value a result stands for. Raises InternalError when it is not what the protocol says."""
    try:
        return call.decode(result)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise InternalError("internal", f"the answer to {call.op} cannot be read: {problem!r}") from problem
