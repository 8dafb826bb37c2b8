"""The order book: what it begins with, what it is told, what it misses, and what a restart does to it."""

import asyncio
import itertools
import random
import threading
from decimal import Decimal
from typing import Any

import pytest
from fake_daemon import DEADLINE_S, FakeDaemon, Refuse, Silence, eventually, order

from tradebus import (
    AsyncClient,
    AuthError,
    Client,
    NotConnected,
    Order,
    OrderBook,
    OrderError,
    OrderEvent,
    RequestError,
    RequestTimeout,
)
from tradebus._book import BookState
from tradebus._calls import Call

NEVER_S = 0.05


def of(name: str, status: str = "new", filled: float = 0, **more: Any) -> dict[str, Any]:
    """An order of this client."""
    open_ones = status not in ("filled", "canceled", "rejected", "expired")
    body = order(status, order_id=f"O-{name}", client_order_id=name, client="tester", qty=10, filled_qty=filled)
    return {**body, "leaves_qty": 10 - filled if open_ones else 0, **more}


def fill(name: str, qty: float) -> dict[str, Any]:
    return {"exec_id": name, "qty": qty, "price": 9.5, "commission": 0, "ts": 1}


class Told:
    """What on_change said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, int | None]] = []

    def __call__(self, changed: Order, event: OrderEvent | None) -> None:
        self.said.append((changed.client_order_id, changed.status, None if event is None else event.seq))


def at(book: Any, seq: int) -> Any:
    return eventually(lambda: book.seq >= seq and book.synced, f"event {seq} in the book")


def test_it_begins_with_the_orders_that_are_there(daemon: FakeDaemon, bus: Client) -> None:
    daemon.order_event(1, "fill", of("a", "filled", 10))
    daemon.order_event(2, "new", of("b"))
    daemon.order_event(3, "new", of("other", client="somebody"))
    told = Told()
    with bus.order_book(told) as book:
        assert book.synced and book.seq == 3
        assert [each.client_order_id for each in book] == ["a", "b"] and len(book) == 2
        assert [each.order_id for each in book.open_orders()] == ["O-b"]
        assert [each.order_id for each in book.closed_orders("AAPL")] == ["O-a"]
        assert book["a"] is book["O-a"] is book[book["a"]]
        assert "other" not in book and 5 not in book and book.get("x") is None
        with pytest.raises(KeyError):
            book["x"]
        (position,) = book.positions()
        assert (position.symbol, position.account, position.qty) == ("AAPL", "PAPER-1", 10)
        assert (book.position("AAPL"), book.position("AAPL", "other"), book.position("MSFT")) == (10, 0, 0)
    assert told.said == []
    assert book.is_closed and book["a"].status == "filled"


def test_what_is_in_it_is_told_before_it_is_closed(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()
    reached = {name: threading.Event() for name in "za"}
    gates = {name: threading.Event() for name in "za"}

    def slow(changed: Order, event: OrderEvent | None) -> None:
        reached[changed.client_order_id].set()
        assert gates[changed.client_order_id].wait(DEADLINE_S)
        told(changed, event)

    with bus.order_book(slow) as book:
        daemon.order_event(1, "new", of("z"))
        assert reached["z"].wait(DEADLINE_S)
        for seq, status in enumerate(("pending_new", "new", "filled"), 2):
            daemon.order_event(seq, status, of("a", status, 10 if status == "filled" else 0))
        eventually(lambda: len(book._queue) == 3, "three events behind the one that is told")
        gates["z"].set()
        assert reached["a"].wait(DEADLINE_S)
        assert book.wait("a", timeout=DEADLINE_S).status == "filled"
        threading.Timer(NEVER_S, gates["a"].set).start()  # it is being closed by then, or soon
    assert [(name, seq) for name, _, seq in told.said] == [("z", 1), ("a", 2), ("a", 3), ("a", 4)]


def test_closed_from_its_callback_it_says_no_more(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()

    def closing(changed: Order, event: OrderEvent | None) -> None:
        told(changed, event)
        book.close()

    book = bus.order_book(closing)
    for seq, status in enumerate(("pending_new", "new"), 1):
        daemon.order_event(seq, status, of("a", status))
    eventually(lambda: not book.thread.is_alive(), "the book's end")
    assert len(told.said) == 1


def test_it_lives(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()
    with bus.order_book(told) as book:
        assert list(book) == []
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        daemon.order_event(2, "fill", of("a", "partially_filled", 4), fill=fill("x1", 4))
        daemon.order_event(3, "pending_new", of("b", "pending_new", side="sell_short", symbol="MSFT"))
        daemon.order_event(4, "new", of("not-ours", client="somebody"))
        daemon.order_event(5, "fill", of("b", "filled", 0.1, side="sell_short", symbol="MSFT"), fill=fill("x2", 0.1))
        at(book, 5)
        assert [(each.client_order_id, each.status) for each in book] == [("b", "filled"), ("a", "partially_filled")]
        assert {p.symbol: p.qty for p in book.positions()} == {"AAPL": 4, "MSFT": -0.1}
        eventually(lambda: len(told.said) == 4, "the callbacks")
    assert told.said == [
        ("a", "pending_new", 1),
        ("a", "partially_filled", 2),
        ("b", "pending_new", 3),
        ("b", "filled", 5),
    ]


def test_events_that_overlap_the_listing_count_once(daemon: FakeDaemon, bus: Client) -> None:
    """Fills between the journal's position, the listing and the subscription."""
    daemon.order_event(1, "new", of("a"))
    listing = daemon._orders

    def busy(args: dict) -> dict:
        if len(daemon.events) == 1:
            daemon.order_event(2, "fill", of("a", "partially_filled", 4), fill=fill("x1", 4))
            page = listing(args)
            daemon.order_event(3, "fill", of("a", "partially_filled", 6), fill=fill("x2", 2))
            daemon.order_event(4, "pending_new", of("b", "pending_new"))
            daemon.order_event(5, "fill", of("b", "filled", 10), fill=fill("x3", 10))
            return page
        return listing(args)

    daemon.handlers["get_orders"] = busy
    with bus.order_book() as book:
        at(book, 5)
        assert (book["a"].filled_qty, book["b"].status, book.position("AAPL")) == (6, "filled", 16)
        daemon.order_event(6, "fill", of("a", "filled", 10), fill=fill("x4", 4))
        at(book, 6)
        assert book.position("AAPL") == 20 and not book.open_orders()


def test_lost_events_are_read_from_the_journal(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()
    with bus.order_book(told) as book:
        daemon.order_event(1, "pending_new", of("a", "pending_new"), lose=True)
        daemon.order_event(2, "fill", of("a", "partially_filled", 4), lose=True, fill=fill("x1", 4))
        daemon.order_event(3, "fill", of("a", "filled", 10), fill=fill("x2", 6))
        at(book, 3)
        assert book.position("AAPL") == 10
        eventually(lambda: len(told.said) == 3, "the callbacks")
    assert [seq for _, _, seq in told.said] == [1, 2, 3]


def test_the_last_event_lost_is_found_by_who_waits(daemon: FakeDaemon, bus: Client) -> None:
    daemon.order_event(1, "new", of("a"))
    with bus.order_book() as book:
        asked = len(daemon.ops("get_events"))
        eventually(lambda: len(daemon.ops("get_events")) >= asked + 2, "the looks after the subscription")
        daemon.order_event(2, "fill", of("a", "filled", 10), lose=True, fill=fill("x1", 10))
        assert book.wait("a", timeout=DEADLINE_S).status == "filled"
        assert book.position("AAPL") == 10


def test_duplicates_change_nothing(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()
    with bus.order_book(told) as book:
        for _ in range(3):
            daemon.order_event(1, "pending_new", of("a", "pending_new"))
            daemon.order_event(2, "fill", of("a", "partially_filled", 4), fill=fill("x1", 4))
            daemon.events = daemon.events[:2]
        daemon.order_event(3, "fill", of("a", "partially_filled", 5), fill=fill("x2", 1))
        at(book, 3)
        assert book.position("AAPL") == 5
        eventually(lambda: len(told.said) == 3, "the callbacks")
    assert [seq for _, _, seq in told.said] == [1, 2, 3]


def test_a_bust_takes_the_fill_back(daemon: FakeDaemon, bus: Client) -> None:
    with bus.order_book() as book:
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        daemon.order_event(2, "fill", of("a", "filled", 10), fill=fill("x1", 10))
        daemon.order_event(3, "bust", of("a", "canceled", 0), fill=fill("x1", 10))
        at(book, 3)
        assert book.positions() == [] and book["a"].status == "canceled"


def test_a_restart_goes_on_with_what_was_missed(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()
    with bus.order_book(told) as book:
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        at(book, 1)
        daemon.order_event(2, "new", of("a"), lose=True)
        with daemon.restarted() as again:
            again.order_event(3, "fill", of("a", "filled", 10), lose=True, fill=fill("x1", 10))
            at(book, 3)
            assert book.position("AAPL") == 10
            again.order_event(4, "pending_new", of("b", "pending_new"))
            at(book, 4)
            eventually(lambda: len(told.said) == 4, "the callbacks")
    assert [seq for _, _, seq in told.said] == [1, 2, 3, 4]


def test_a_restart_with_another_state_is_seen_though_no_event_tells(daemon: FakeDaemon, bus: Client) -> None:
    """A journal that lost its end in a power cut, and is as long again by now."""
    told = Told()
    with bus.order_book(told) as book:
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        daemon.order_event(2, "new", of("a"))
        at(book, 2)
        daemon.close()
        with FakeDaemon(2, daemon.stream, daemon.command) as again:
            again.order_event(1, "pending_new", of("a", "pending_new"), lose=True)
            again.order_event(2, "rejected", of("a", "rejected"), lose=True)
            eventually(lambda: book["a"].status == "rejected", "the truth")
            eventually(lambda: told.said[-1] == ("a", "rejected", None), "its callback")


def test_a_daemon_that_lost_its_journal_is_followed(daemon: FakeDaemon, bus: Client) -> None:
    with bus.order_book() as book:
        for seq in (1, 2, 3):
            daemon.order_event(seq, "new" if seq > 1 else "pending_new", of("a"))
        at(book, 3)
        daemon.close()
        with FakeDaemon(2, daemon.stream, daemon.command) as again:
            again.order_event(1, "pending_new", of("b", "pending_new"), lose=True)
            eventually(lambda: "b" in book and "a" not in book, "the orders of the new journal")
            again.order_event(2, "fill", of("b", "filled", 10), fill=fill("y", 10))
            eventually(lambda: book.position("AAPL") == 10 and book.seq == 2, "its events")


def test_a_journal_that_forgot_what_is_missing_makes_it_list_again(daemon: FakeDaemon, bus: Client) -> None:
    told = Told()
    with bus.order_book(told) as book:
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        at(book, 1)
        daemon.order_event(2, "new", of("a"), lose=True)
        daemon.order_event(3, "fill", of("a", "filled", 10), lose=True, fill=fill("x1", 10))
        del daemon.events[:2]
        daemon.order_event(4, "new", of("x", client="somebody"), lose=True)
        del daemon.events[0]
        daemon.order_event(5, "new", of("x", client="somebody"))
        eventually(lambda: book["a"].status == "filled" and book.position("AAPL") == 10, "the listing")
        eventually(lambda: told.said[-1] == ("a", "filled", None), "its callback")


def test_closed_orders_are_forgotten_and_their_fills_are_not(daemon: FakeDaemon, bus: Client) -> None:
    for n in range(50):
        daemon.order_event(n + 1, "fill", of(f"a{n}", "filled", 1, updated=n))
    daemon.order_event(51, "new", of("open", updated=0))
    with bus.order_book(closed_max=5) as book:
        assert [each.client_order_id for each in book] == [f"a{n}" for n in range(45, 50)] + ["open"]
        assert book.position("AAPL") == 50
        daemon.order_event(52, "bust", of("a3", "canceled", 0), fill=fill("x", 1))
        daemon.order_event(53, "fill", of("open", "filled", 10), fill=fill("y", 10))
        at(book, 53)
        assert book.position("AAPL") == 59 and len(book) == 5
        assert [each.client_order_id for each in book] == ["a47", "a48", "a49", "a3", "open"]


def test_wait_for_orders_that_come(daemon: FakeDaemon, bus: Client) -> None:
    daemon.handlers["get_order"] = lambda args: daemon.orders["O-a"]
    with bus.order_book() as book:
        placed = Order.from_map(of("a", "pending_new"))
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        at(book, 1)
        with pytest.raises(TimeoutError, match="O-a is still pending_new after 0.05 s"):
            book.wait(placed, timeout=NEVER_S)
        daemon.order_event(2, "new", of("a"))
        assert book.wait(placed, "working", DEADLINE_S).status == "new"
        with pytest.raises(TimeoutError):
            book.wait(placed, "fill", NEVER_S)
        daemon.order_event(3, "fill", of("a", "partially_filled", 4), fill=fill("x1", 4))
        assert book.wait("a", "fill", DEADLINE_S).filled_qty == 4
        later = threading.Timer(0.02, daemon.order_event, (4, "fill", of("a", "partially_filled", 9)))
        later.start()
        assert book.wait("a", lambda o: o.filled_qty > 8, DEADLINE_S).filled_qty == 9
        later.join()
        daemon.order_event(5, "canceled", of("a", "canceled", 9))
        assert book.wait(placed, timeout=DEADLINE_S).status == "canceled"
        assert book.wait(placed, lambda o: False, DEADLINE_S).closed
        with pytest.raises(RequestError, match="until"):
            book.wait(placed, "done")  # type: ignore[arg-type]


def test_wait_asks_for_an_order_that_is_not_in_the_book(daemon: FakeDaemon, bus: Client) -> None:
    def get_order(args: dict) -> dict:
        if args == {"client_order_id": "old"}:
            return of("old", "filled", 10)
        if args == {"order_id": "O-x"}:
            return of("x", client="somebody")
        raise Refuse("order.not_found")

    daemon.handlers["get_order"] = get_order
    with bus.order_book() as book:
        assert book.wait("old", timeout=DEADLINE_S).status == "filled"
        with pytest.raises(OrderError):
            book.wait("never", timeout=DEADLINE_S)
        with pytest.raises(RequestError, match='is of client "somebody"'):
            book.wait("O-x", timeout=DEADLINE_S)


def test_a_wait_that_ends_finds_its_fills_in_the_book(daemon: FakeDaemon, bus: Client) -> None:
    """Though the daemon told nobody yet."""
    daemon.handlers["get_order"] = lambda args: daemon.orders["O-a"]
    with bus.order_book() as book:
        daemon.order_event(1, "pending_new", of("a", "pending_new"), lose=True)
        daemon.order_event(2, "fill", of("a", "filled", 10), lose=True, fill=fill("x1", 10))
        assert book.wait("a", timeout=DEADLINE_S).status == "filled"
        assert book.position("AAPL") == 10 and not daemon.ops("get_order")


def test_waiting_ends_with_the_book(daemon: FakeDaemon, bus: Client) -> None:
    daemon.order_event(1, "new", of("a"))
    book = bus.order_book()
    later = threading.Timer(0.02, book.close)
    later.start()
    with pytest.raises(NotConnected, match="closed"):
        book.wait("a")
    later.join()


def test_a_callback_may_ask_fail_and_close(daemon: FakeDaemon, bus: Client) -> None:
    seen: list[Any] = []

    def on_change(changed: Order, event: OrderEvent | None) -> None:
        seen.append(bus.ping())
        if len(seen) == 1:
            with pytest.raises(RequestError, match="on_change must not wait"):
                books[0].wait(changed)
            raise ValueError("a bad strategy")
        books[0].close()

    books: list[OrderBook] = [bus.order_book(on_change)]
    for seq in (1, 2, 3):
        daemon.order_event(seq, "pending_new", of(f"a{seq}", "pending_new"))
    eventually(lambda: books[0].is_closed and not books[0].thread.is_alive(), "the end of its thread")
    assert seen == [7, 7]


def test_a_slow_callback_makes_it_read_the_journal(daemon: FakeDaemon) -> None:
    go_on = threading.Event()
    told: list[int] = []

    def slow(changed: Order, event: OrderEvent | None) -> None:
        go_on.wait(DEADLINE_S)
        told.append(0 if event is None else event.seq)

    with Client(daemon.stream, daemon.command, client="tester", queue_limit=5) as bus, bus.order_book(slow) as book:
        for seq in range(1, 101):
            daemon.order_event(seq, "pending_new" if seq == 1 else "new", of("a", tag=str(seq)))
        eventually(lambda: bus.counters["messages"] >= 100, "all messages")
        go_on.set()
        eventually(lambda: len(told) == 100, "all changes")
        assert told == list(range(1, 101)) and book["a"].tag == "100"


def test_a_book_that_cannot_be_read_says_why(daemon: FakeDaemon) -> None:
    def refuse(args: dict) -> None:
        raise Refuse("auth.role", "read only")

    daemon.handlers["get_orders"] = refuse
    with Client(daemon.stream, daemon.command, client="tester") as bus:
        with pytest.raises(AuthError, match="read only"):
            bus.order_book()
        with pytest.raises(RequestError, match="closed_max"):
            bus.order_book(closed_max=0)
    with Client(daemon.stream, daemon.command, recover=False) as bus, pytest.raises(RequestError, match="recover"):
        bus.order_book()
    daemon.close()
    with Client(daemon.stream, daemon.command) as bus, pytest.raises(NotConnected):
        bus.order_book(timeout=NEVER_S)


def test_an_unanswered_reading_is_tried_again(daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradebus._engine.RECOVER_S", 0.1)

    def never(args: dict) -> None:
        raise Silence

    with Client(daemon.stream, daemon.command, client="tester", timeout=0.5) as bus, bus.order_book() as book:
        events = daemon.handlers["get_events"]
        daemon.handlers["get_events"] = never
        daemon.order_event(1, "pending_new", of("a", "pending_new"), lose=True)
        daemon.order_event(2, "new", of("a"))
        eventually(lambda: not book.synced, "the failure")
        daemon.handlers["get_events"] = events
        at(book, 2)
        assert book["a"].status == "new"


def test_it_shares_the_stream_with_others(daemon: FakeDaemon, bus: Client) -> None:
    with bus.order_events() as events, bus.order_book() as book, bus.order_book() as other:
        daemon.order_event(1, "pending_new", of("a", "pending_new"))
        at(book, 1)
        at(other, 1)
        event = events.get(DEADLINE_S)
        assert event is not None and event.seq == 1
        with bus.order_book() as late:
            assert "a" in late
    assert book["a"] == other["a"]


def test_legs_count_one_by_one() -> None:
    legs = [
        {"symbol": "AAPL261127C00205000", "side": "buy", "ratio": 1},
        {"symbol": "AAPL261127C00210000", "side": "sell", "ratio": 2},
    ]
    state = BookState("tester", 10)
    for seq, filled in ((1, 0), (2, 3)):
        body = {"seq": seq, "ts": 1, "event": "pending_new", "order": of("a", "new", filled, legs=legs)}
        state.apply(OrderEvent.from_map(body))
    assert {p.symbol[-8:]: p.qty for p in state.positions()} == {"00205000": 3, "00210000": -6}


@pytest.mark.parametrize("seed", range(20))
def test_a_reading_while_everything_moves_ends_with_the_truth(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are placed, filled, busted and closed between the questions; pages are short and little is remembered."""
    monkeypatch.setattr("tradebus._book.PAGE", 3)
    chance = random.Random(seed)
    events: list[dict[str, Any]] = []
    orders: dict[str, dict[str, Any]] = {}
    clock = itertools.count(1)

    def happen() -> None:
        open_ones = [name for name, each in orders.items() if each["leaves_qty"] > 0]
        busted = [name for name, each in orders.items() if each["status"] == "filled"]
        what = chance.choice(("place", "place", "fill", "fill", "fill", "cancel", "bust"))
        now = next(clock)
        seq = now
        if what == "place" or not open_ones:
            name, what, one = f"n{now}", "pending_new", None
            changed = of(name, "pending_new", 0, side=chance.choice(("buy", "sell")), created=now, updated=now)
        elif what == "bust" and busted:
            name = chance.choice(busted)
            left = orders[name]["filled_qty"] - 1
            changed, one = {**orders[name], "status": "canceled", "filled_qty": left}, fill("x", 1)
        elif what == "fill":
            name = chance.choice(open_ones)
            qty = chance.randint(1, int(orders[name]["leaves_qty"]))
            filled = orders[name]["filled_qty"] + qty
            status = "filled" if filled == 10 else "partially_filled"
            more = {"status": status, "filled_qty": filled, "leaves_qty": 10 - filled}
            changed, one = {**orders[name], **more}, fill("x", qty)
        else:
            name, what, one = chance.choice(open_ones), "canceled", None
            changed = {**orders[name], "status": "canceled", "leaves_qty": 0}
        orders[name] = {**changed, "updated": now}
        events.append({"seq": seq, "ts": now, "event": what, "order": orders[name], **({"fill": one} if one else {})})

    def answer(call: Any) -> Any:
        args = call.args
        if call.op == "get_events":
            found = [e for e in events if e["seq"] > args["after"]][: args["limit"]]
            return call.decode({"events": found, "last_seq": len(events), "first_kept": 1})
        names = [f"O-{name}" for name in orders]
        begin = names.index(args["after_order"]) + 1 if args["after_order"] else 0
        return call.decode({"orders": list(orders.values())[begin : begin + args["limit"]]})

    for _ in range(chance.randint(0, 60)):
        happen()
    steps, got = BookState("tester", 4).load(), None
    moves = 200
    try:
        while True:
            step = steps.send(got)
            got = answer(step) if isinstance(step, Call) else None
            for _ in range(chance.randint(0, 3) if moves > 0 else 0):
                happen()
                moves -= 1
    except StopIteration as done:
        state = done.value
    for event in events:
        state.apply(OrderEvent.from_map(event))
    truth = sum((1 if each["side"] == "buy" else -1) * each["filled_qty"] for each in orders.values())
    assert sum(p.qty for p in state.positions()) == truth
    still_open = {each["order_id"] for each in orders.values() if each["leaves_qty"] > 0}
    assert set(state.open) == still_open and len(state.closed) <= 4
    for each in state.all():
        assert each == Order.from_map(orders[each.client_order_id])


def test_positions_are_exact() -> None:
    state = BookState("tester", 1)
    for seq in range(1, 11):
        body = {"seq": seq, "ts": 1, "event": "pending_new", "order": of(f"a{seq}", "filled", 0.1)}
        state.apply(OrderEvent.from_map(body))
    assert state.positions()[0].qty == 1.0
    assert sum(state._net.values()) == Decimal(1)


def test_asyncio(daemon: FakeDaemon) -> None:
    told: list[int] = []

    async def on_change(changed: Order, event: OrderEvent | None) -> None:
        await asyncio.sleep(0)
        told.append(0 if event is None else event.seq)

    async def until(condition: Any) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                await asyncio.sleep(0.002)

    async def test() -> None:
        daemon.handlers["get_order"] = lambda args: daemon.orders["O-a"]
        daemon.order_event(1, "fill", of("old", "filled", 10))
        async with AsyncClient(daemon.stream, daemon.command, client="tester") as bus:
            async with await bus.order_book(on_change) as book:
                assert book["old"].closed and book.position("AAPL") == 10
                waiting = asyncio.create_task(book.wait("a", timeout=DEADLINE_S))
                daemon.order_event(2, "pending_new", of("a", "pending_new"), lose=True)
                daemon.order_event(3, "new", of("a"))
                await until(lambda: book.seq == 3)
                with pytest.raises(TimeoutError, match="still new"):
                    await book.wait("a", timeout=NEVER_S)
                daemon.order_event(4, "fill", of("a", "filled", 10), lose=True, fill=fill("x", 10))
                assert (await waiting).filled_qty == 10
                again = await asyncio.to_thread(daemon.restarted)
                try:
                    again.order_event(5, "bust", of("a", "canceled", 0), lose=True, fill=fill("x", 10))
                    await until(lambda: book.synced and book.seq == 5)
                    assert book.position("AAPL") == 10
                    await until(lambda: told == [2, 3, 4, 5])
                finally:
                    await asyncio.to_thread(again.close)
            with pytest.raises(NotConnected, match="closed"):
                await book.wait("b")
            with pytest.raises((NotConnected, RequestTimeout)):
                await bus.order_book(timeout=NEVER_S)

    asyncio.run(test())
