"""The client for asyncio: the same surface as `Client`, with `await`, `async with` and `async for`."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import zmq.asyncio

from tradebus import _calls, _surface, _topics
from tradebus._async_calls import AsyncCalls
from tradebus._book_view import OnChange
from tradebus._calls import Call
from tradebus._loop import Loop
from tradebus._queue import QUEUE_LIMIT
from tradebus._sockets import Curve, Sockets
from tradebus._surface import SILENCE_MS
from tradebus._values import order_ids
from tradebus.aio_order_book import AsyncOrderBook
from tradebus.aio_subscription import AsyncSubscription, maybe
from tradebus.client import CHECK_S, CLOSED_MAX, FIRST_CHECK_S, decoded
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
from tradebus.replay import AsyncReplay
from tradebus.subscription import OnGap, log

T = TypeVar("T")


class AsyncClient(AsyncCalls):
    """See Client for the arguments. Sockets open in `async with` (or start()); one event loop owns it.

    With cancel_on_disconnect the pings come from that loop: one that stands still for silence_ms loses its orders."""

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
        self._stream = stream
        self._command = command
        self._curve = curve
        self._recover = recover
        self._on_gap = on_gap
        self._on_disconnect = on_disconnect
        self._on_reconnect = on_reconnect
        self._queue_limit = queue_limit
        self._ids = order_ids(client)
        self._subscriptions: set[AsyncSubscription[Any] | AsyncOrderBook] = set()
        self._callbacks: set[asyncio.Task[None]] = set()
        self._loop: Loop | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> AsyncClient:
        """Opens the sockets; does not wait for the daemon."""
        if self._loop is None and not self._closing:
            self._loop = Loop(
                Sockets(self._stream, self._command, self._curve, zmq.asyncio.Context()),
                self.name,
                self._command,
                self._silence,
                self._recover,
                self._tell_disconnect,
                self._tell_reconnect,
            )
            self._task = asyncio.create_task(self._run_io(self._loop), name="tradebus-io")
        return self

    async def close(self) -> None:
        """Ends subscriptions, requests, tasks and sockets. May be called twice."""
        self._closing = True
        if self._loop is not None:
            self._loop.sockets.wake()
        me = asyncio.current_task()
        subscriptions = [each.task for each in self._subscriptions if each.task is not None]
        for task in [self._task, *subscriptions, *self._callbacks]:
            if task is not None and task is not me:
                await asyncio.wait([task])

    async def __aenter__(self) -> AsyncClient:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # ---- state ----------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """A heartbeat came within the last 3 s."""
        return self._loop is not None and self._loop.engine.connected

    @property
    def epoch(self) -> int | None:
        """Which start of the daemon this is; None before its first word."""
        return None if self._loop is None else self._loop.engine.epoch

    @property
    def server(self) -> ServerInfo | None:
        """The daemon's answer to the last hello."""
        return None if self._loop is None else self._loop.engine.server

    @property
    def counters(self) -> dict[str, int]:
        """messages, garbage (frames that are none), duplicates (dropped), unmatched_replies."""
        engine = self._started().engine
        return {
            "messages": engine.streams.messages,
            "garbage": engine.streams.garbage,
            "duplicates": engine.streams.duplicates,
            "unmatched_replies": engine.requests.unmatched,
        }

    # ---- subscriptions --------------------------------------------------------------------------------------------

    def stream(
        self,
        *symbols: str,
        kinds: Iterable[str] = ("quote",),
        status: bool = False,
        on_gap: OnGap | None = None,
        queue_limit: int | None = None,
    ) -> AsyncSubscription[Event]:
        """See Client.stream."""
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
    ) -> AsyncSubscription[Event]:
        """See Client.subscribe; on_event may be a coroutine function."""
        subscription: AsyncSubscription[Event] = self._open(
            _surface.market(symbols, kinds, status), False, on_gap, queue_limit
        )
        subscription.call(on_event)
        return subscription

    def quotes(self, *symbols: str, on_gap: OnGap | None = None) -> AsyncSubscription[Quote]:
        """See Client.quotes."""
        return self._open(_surface.market(symbols, ("quote",), False), False, on_gap, None)

    def trades(self, *symbols: str, on_gap: OnGap | None = None) -> AsyncSubscription[Trade]:
        """See Client.trades."""
        return self._open(_surface.market(symbols, ("trade",), False), False, on_gap, None)

    def feed(
        self, kind: str = "quote", *, on_gap: OnGap | None = None, queue_limit: int | None = None
    ) -> AsyncSubscription[Any]:
        """See Client.feed."""
        return self._open(_surface.feed(kind), False, on_gap, queue_limit)

    def order_events(self, account: str | None = None, *, on_gap: OnGap | None = None) -> AsyncSubscription[OrderEvent]:
        """See Client.order_events."""
        return self._open([_topics.keyed_topic("order", account)], False, on_gap, None)

    def position_updates(self, account: str | None = None) -> AsyncSubscription[Position]:
        """See Client.position_updates."""
        return self._open([_topics.keyed_topic("position", account)], False, None, None)

    def account_updates(self, account: str | None = None) -> AsyncSubscription[AccountSummary]:
        """See Client.account_updates."""
        return self._open([_topics.keyed_topic("account", account)], False, None, None)

    def status_events(self) -> AsyncSubscription[Status]:
        """See Client.status_events."""
        return self._open(["status|"], False, None, None)

    async def replay(self, name: str = "replay", *, timeout: float | None = None) -> AsyncReplay:
        """See Client.replay."""
        steps: AsyncSubscription[ReplayStep] = self._open([_topics.keyed_topic("replay", name)], False, None, None)
        replay = AsyncReplay(self, name, steps, self.timeout if timeout is None else timeout)
        try:
            await replay.begin()
        except BaseException:
            await steps.close()
            raise
        return replay

    def raw(
        self, *topics: str, on_gap: OnGap | None = None, queue_limit: int | None = None
    ) -> AsyncSubscription[Message]:
        """See Client.raw."""
        return self._open(_surface.raw(topics), True, on_gap, queue_limit)

    async def order_book(
        self,
        on_change: OnChange | None = None,
        *,
        closed_max: int = CLOSED_MAX,
        timeout: float | None = None,
    ) -> AsyncOrderBook:
        """See Client.order_book; on_change may be a coroutine function."""
        loop = self._started()
        _surface.check_recover(self._recover)
        book = AsyncOrderBook(
            self.name, closed_max, self._queue_limit, on_change, self._run, self._order_of_either_id, self._leave
        )
        self._subscriptions.add(book)
        loop.engine.subscribe(book)
        loop.sockets.wake()
        try:
            await book.wait_loaded(self.timeout if timeout is None else timeout, lambda: self.connected)
        except asyncio.CancelledError:
            self._leave(book)
            book.end()
            raise
        return book

    async def _order_of_either_id(self, name: str) -> Order:
        try:
            return await self._run(_calls.order(name, None))
        except OrderError:
            return await self._run(_calls.order(None, name))

    async def wait(self, order: Order, timeout: float | None = None) -> Order:
        """See Client.wait."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        if order.closed:
            return order
        async with self.order_events(order.account or None) as events:
            pause = FIRST_CHECK_S
            while True:
                order = await self.order(order.order_id)
                check = min(time.monotonic() + pause, deadline)
                pause = min(2 * pause, CHECK_S)
                while not order.closed and (left := check - time.monotonic()) > 0:
                    event = await events.get(left)
                    if event is not None and event.order.order_id == order.order_id:
                        order = event.order
                if order.closed:
                    return order
                if time.monotonic() >= deadline:
                    raise TimeoutError(f"order {order.order_id} is still {order.status} after {timeout:g} s")

    # ---- requests -------------------------------------------------------------------------------------------------

    async def request(self, op: str, timeout: float | None = None, **args: Any) -> Any:
        """Any op of the protocol; returns its result as it came."""
        return await self._run(Call(op, args, lambda result: result), timeout)

    async def _run(self, call: Call[T], timeout: float | None = None) -> T:
        loop = self._started()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(result: Any, error: TradebusError | None) -> None:
            if future.done():
                return  # its caller was cancelled
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        loop.engine.request(call, self.timeout if timeout is None else timeout, done)
        loop.sockets.wake()
        return decoded(call, await future)

    async def _place(self, call: Call[Order], timeout: float | None) -> Order:
        try:
            try:
                return await self._run(call, timeout)
            except RequestTimeout:
                if not call.repeatable:
                    raise
            return await self._run(call, timeout)
        except RequestTimeout as problem:
            problem.details = {"client_order_id": call.args["client_order_id"]}
            raise

    def _next_order_id(self) -> str:
        return next(self._ids)

    def _client_name(self) -> str:
        return self.name

    def _silence_ms(self) -> int | None:
        return self._silence

    # ---- the loop -------------------------------------------------------------------------------------------------

    def _started(self) -> Loop:
        if self._closing:
            raise NotConnected("client.closed", "this client is closed")
        if self._loop is None:
            raise NotConnected("client.closed", "this client is not started: use `async with AsyncClient(...)`")
        return self._loop

    def _open(
        self, topics: Iterable[str], raw: bool, on_gap: OnGap | None, queue_limit: int | None
    ) -> AsyncSubscription[Any]:
        loop = self._started()
        limit = self._queue_limit if queue_limit is None else queue_limit
        subscription: AsyncSubscription[Any] = AsyncSubscription(
            topics, raw, limit, self._on_gap if on_gap is None else on_gap, self._leave
        )
        self._subscriptions.add(subscription)
        loop.engine.subscribe(subscription)
        loop.sockets.wake()
        return subscription

    def _leave(self, subscription: AsyncSubscription[Any] | AsyncOrderBook) -> None:
        if self._loop is None or self._closing or subscription not in self._subscriptions:
            return
        self._subscriptions.discard(subscription)
        self._loop.engine.unsubscribe(subscription)

    async def _run_io(self, loop: Loop) -> None:
        error: TradebusError = NotConnected("client.closed", "this client was closed")
        try:
            await self._serve(loop)
        except Exception as problem:
            log.exception("client-failed command=%s", self._command)
            error = InternalError("internal", f"the client's own task failed: {problem!r}")
        finally:
            self._closing = True
            loop.engine.close(error)
            for subscription in self._subscriptions:
                subscription.end()
            loop.sockets.close()

    async def _serve(self, loop: Loop) -> None:
        stream, command, *monitors = loop.sockets.waiters
        poller = zmq.asyncio.Poller()
        for always in (loop.sockets.wake_reader, *monitors):
            poller.register(always, zmq.POLLIN)
        flags: tuple[int, int] | None = None
        while not self._closing:
            if flags != (wanted := loop.flags()):
                flags = wanted
                poller.register(stream, wanted[0])
                poller.register(command, wanted[1])
            await poller.poll(math.ceil(loop.engine.wait_s() * 1000))
            loop.sockets.clear_wake()
            loop.turn()

    def _tell_disconnect(self) -> None:
        log.info("disconnected command=%s", self._command)
        if self._on_disconnect is not None:
            self._tell(self._on_disconnect())

    def _tell_reconnect(self, restarted: bool) -> None:
        log.info("reconnected command=%s restarted=%s", self._command, restarted)
        if self._on_reconnect is not None:
            self._tell(self._on_reconnect(restarted))

    def _tell(self, result: object) -> None:
        if isinstance(result, Awaitable):
            task = asyncio.ensure_future(maybe(result))
            self._callbacks.add(task)
            task.add_done_callback(self._callbacks.discard)
