"""The asyncio client: the same conversations, and the same surface."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fake_daemon import DEADLINE_S, FakeDaemon, Silence, eventually, order

import tradebus
from tradebus import AsyncClient, Client, NotConnected, RequestTimeout


def run(test: Coroutine[Any, Any, None]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(test, 2 * DEADLINE_S)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert others == [], "tasks left behind"

    asyncio.run(whole())


async def until(condition: Callable[[], Any], what: str) -> None:
    async def poll() -> None:
        while not condition():
            await asyncio.sleep(0.002)

    try:
        await asyncio.wait_for(poll(), DEADLINE_S)
    except TimeoutError:
        raise AssertionError(f"not in time: {what}") from None


async def open_quotes(daemon: FakeDaemon, bus: AsyncClient, **more: Any) -> Any:
    quotes = bus.stream("AAPL", **more)
    await until(lambda: "quote|AAPL|" in daemon.subscriptions, "the subscription")
    return quotes


async def take_seqs(subscription: Any, count: int) -> list[int]:
    events = [await subscription.get(DEADLINE_S) for _ in range(count)]
    assert None not in events
    return [event.seq for event in events]


def test_requests_and_errors(daemon: FakeDaemon) -> None:
    async def test() -> None:
        async with AsyncClient(daemon.stream, daemon.command, client="tester", timeout=DEADLINE_S) as bus:
            assert await bus.ping() == 7
            daemon.handlers["get_quote"] = lambda args: {"symbol": args["symbol"], "ts": 1}
            quotes = await asyncio.gather(*(bus.quote(f"S{n}") for n in range(100)))
            assert [q.symbol for q in quotes] == [f"S{n}" for n in range(100)]
            with pytest.raises(tradebus.RequestError) as caught:
                await bus.search("x")
            assert caught.value.code == "request.unknown_op"
            assert bus.server is not None and bus.epoch == 1

    run(test())
    assert daemon.requests[0] | {"id": 0} == {
        "v": 1,
        "id": 0,
        "op": "hello",
        "args": {"client": "tester"},
        "timeout_ms": 1000,
    }


def test_timeouts_cancellation_and_order_retry(daemon: FakeDaemon) -> None:
    def lazy(args: dict) -> dict:
        if len(daemon.ops("place_order")) == 1:
            raise Silence
        return order(client_order_id=args["client_order_id"])

    def never(args: dict) -> None:
        raise Silence

    async def test() -> None:
        daemon.handlers |= {"place_order": lazy, "get_status": never}
        async with AsyncClient(daemon.stream, daemon.command) as bus:
            await bus.request("ping", timeout=DEADLINE_S)
            await bus.place_order("AAPL", "buy", 1, timeout=1.5)
            first, second = daemon.ops("place_order")
            assert first == second
            with pytest.raises(RequestTimeout):
                await bus.request("get_status", timeout=0.05)
            waiting = asyncio.create_task(bus.status())
            await until(lambda: len(daemon.ops("get_status")) == 2, "the request")
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await bus.ping() == 7

    run(test())


def test_gaps_recovery_and_iteration(daemon: FakeDaemon) -> None:
    async def test() -> None:
        gaps: list = []

        async def on_gap(topic: str, first: int, last: int) -> None:
            gaps.append((topic, first, last))

        async with AsyncClient(daemon.stream, daemon.command, on_gap=on_gap) as bus:
            quotes = await open_quotes(daemon, bus)
            for seq in (1, 2, 2, 5, 6):
                daemon.quote(seq, keep=seq != 5)
            daemon.kept["quote|AAPL|"] += [{"symbol": "AAPL", "ts": 1, "seq": 4}]
            daemon.kept["quote|AAPL|"].sort(key=lambda body: body["seq"])
            seqs = []
            async for quote in quotes:
                seqs.append(quote.seq)
                if quote.seq == 6:
                    break
            assert seqs == [1, 2, 4, 5, 6]
            assert gaps == [("quote|AAPL|", 3, 3)]
            second = bus.quotes("AAPL")
            last = await second.get(DEADLINE_S)
            assert last is not None and (last.seq, last.snapshot) == (6, True)
            assert await second.get(0.01) is None
            await second.close()
            assert await second.get() is None

    run(test())


def test_restart(daemon: FakeDaemon) -> None:
    async def test() -> None:
        told: list = []

        async def back(restarted: bool) -> None:
            told.append((restarted, await bus.ping()))

        bus = AsyncClient(
            daemon.stream, daemon.command, on_disconnect=lambda: told.append("disconnect"), on_reconnect=back
        )
        async with bus:
            quotes = await open_quotes(daemon, bus)
            events = bus.order_events()
            await until(lambda: daemon.ops("get_events") and bus.epoch, "the first epoch")
            daemon.quote(1)
            daemon.order_event(1, "new", order())
            assert await take_seqs(quotes, 1) == [1]
            assert await take_seqs(events, 1) == [1]
            again = await asyncio.to_thread(daemon.restarted)
            try:
                again.order_event(2, "fill", order("filled"), lose=True)
                again.quote(1)
                again.quote(2)
                await until(lambda: "quote|AAPL|" in again.subscriptions, "the subscription")
                again.quote(3)
                assert await take_seqs(quotes, 3) == [1, 2, 3]
                assert await take_seqs(events, 1) == [2]
                await until(lambda: told == ["disconnect", (True, 7)], "both callbacks")
            finally:
                await asyncio.to_thread(again.close)

    run(test())


def test_a_lagging_reader_loses_the_oldest_and_is_told(daemon: FakeDaemon) -> None:
    async def test() -> None:
        gaps: list = []
        async with AsyncClient(daemon.stream, daemon.command, queue_limit=10) as bus:
            quotes = await open_quotes(daemon, bus, on_gap=lambda *gap: gaps.append(gap))
            for seq in range(1, 101):
                daemon.quote(seq)
            await until(lambda: quotes.dropped == 90, "the dropped ones")
            assert await take_seqs(quotes, 10) == list(range(91, 101))
            assert gaps == [("quote|AAPL|", 1, 90)]

    run(test())


def test_a_busy_stream_lets_other_tasks_run(daemon: FakeDaemon) -> None:
    async def test() -> None:
        async with AsyncClient(daemon.stream, daemon.command) as bus:
            quotes = await open_quotes(daemon, bus)
            for seq in range(1, 20_001):
                daemon.quote(seq, keep=False)
            eventually(lambda: not daemon._inbox, "all are sent")  # and wait in our socket: this loop stands still
            turns = 0

            async def count() -> None:
                nonlocal turns
                while True:
                    turns += 1
                    await asyncio.sleep(0)

            counting = asyncio.create_task(count())
            assert await take_seqs(quotes, 20_000) == list(range(1, 20_001))
            assert turns > 10
            counting.cancel()

    run(test())


def test_callbacks_may_await_and_fail(daemon: FakeDaemon) -> None:
    async def test() -> None:
        seen: list = []

        async def on_event(quote: tradebus.Quote) -> None:
            if quote.seq == 2:
                raise ValueError("a fault of the strategy")
            seen.append((quote.seq, await bus.ping()))

        async with AsyncClient(daemon.stream, daemon.command) as bus:
            bus.subscribe(["AAPL"], on_event=on_event)
            await until(lambda: "quote|AAPL|" in daemon.subscriptions, "the subscription")
            for seq in (1, 2, 3):
                daemon.quote(seq)
            await until(lambda: seen == [(1, 7), (3, 7)], "both callbacks")

    run(test())


def test_wait(daemon: FakeDaemon) -> None:
    async def test() -> None:
        daemon.handlers["get_order"] = lambda args: order("new")
        async with AsyncClient(daemon.stream, daemon.command) as bus:
            placed = await bus.order("O-1")
            waiting = asyncio.create_task(bus.wait(placed, DEADLINE_S))
            await until(lambda: "order|PAPER-1|" in daemon.subscriptions, "the subscription")
            daemon.order_event(6, "fill", order("filled"))
            assert (await waiting).status == "filled"
            with pytest.raises(TimeoutError):
                await bus.wait(placed, 0.02)

    run(test())


def test_a_client_that_is_not_open_says_so(daemon: FakeDaemon) -> None:
    async def test() -> None:
        bus = AsyncClient(daemon.stream, daemon.command)
        with pytest.raises(NotConnected, match="not started"):
            await bus.ping()
        async with bus:
            quotes = bus.quotes("AAPL")
            waiting = asyncio.create_task(quotes.get())
            assert await bus.ping() == 7
        assert await waiting is None
        with pytest.raises(NotConnected, match="closed"):
            bus.quotes("AAPL")
        await bus.close()

    run(test())


def test_no_thread_is_used(daemon: FakeDaemon) -> None:
    async def test() -> None:
        before = threading.active_count()
        async with AsyncClient(daemon.stream, daemon.command) as bus:
            await bus.ping()
            assert threading.active_count() == before

    run(test())


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


def test_both_clients_have_the_same_surface() -> None:
    assert public(AsyncClient) - {"start"} == public(Client)
    for name in public(Client):
        here, there = getattr(Client, name), getattr(AsyncClient, name)
        if not callable(here):
            continue
        mine, theirs = inspect.signature(here), inspect.signature(there)
        assert mine.parameters == theirs.parameters, name
        expected = str(mine.return_annotation).replace("Subscription[", "AsyncSubscription[")
        expected = f"Async{expected}" if expected in ("OrderBook", "Replay") else expected
        assert str(theirs.return_annotation) == expected, name
        assert there.__doc__, name
    assert inspect.signature(Client).parameters == inspect.signature(AsyncClient).parameters
