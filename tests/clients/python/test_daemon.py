"""The order book and the journal's pages against the real daemon."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[3]
sys.path.insert(0, str(SOURCE / "tests" / "process"))
sys.path.insert(0, str(SOURCE / "clients" / "python"))

from harness import DEADLINE_S, Daemon, eventually  # noqa: E402

from tradebus import Client, Order, OrderEvent  # noqa: E402

FORGETFUL = "positions-accepted|position-differ|no longer knows this order"  # a broker that keeps nothing
FAST = {"providers.sim": {"ticks_per_second": 200}}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with Daemon(tmp_path / "daemon", FAST, expect_stderr=FORGETFUL) as started:
        yield started


def client_of(daemon: Daemon, name: str = "book-test", **more: Any) -> Client:
    return Client(daemon.stream, daemon.command, client=name, timeout=DEADLINE_S, **more)


def test_a_book_follows_orders_and_begins_with_earlier_ones(daemon: Daemon) -> None:
    told: list[tuple[str, int]] = []

    def on_change(order: Order, event: OrderEvent | None) -> None:
        assert event is not None
        told.append((event.event, event.seq))

    with client_of(daemon) as bus, client_of(daemon, "another") as other, bus.order_book(on_change) as book:
        assert len(book) == 0
        with bus.quotes("AAPL") as quotes:
            assert quotes.get(DEADLINE_S) is not None
        filled = book.wait(bus.buy("AAPL", 3), timeout=DEADLINE_S)
        assert (filled.status, book.position("AAPL")) == ("filled", 3)
        other.buy("AAPL", 5)
        resting = book.wait(bus.buy("AAPL", 1, limit_price=1, client_order_id="mine"), "working", DEADLINE_S)
        assert book["mine"] == resting and [each.order_id for each in book.open_orders()] == [resting.order_id]
        bus.cancel(resting)
        assert book.wait("mine", timeout=DEADLINE_S).status == "canceled"
        with bus.order_book() as second:
            assert list(second) == list(book) and second.positions() == book.positions()
        seqs = [seq for _, seq in told]
        assert seqs == sorted(set(seqs))
        ours = [e for e in bus.events(0).events if e.order.client == "book-test"]
        eventually(lambda: len(told) == len(ours), "every change")
        assert [(e.event, e.seq) for e in ours] == told


def test_many_orders_are_listed_page_by_page(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradebus._book.PAGE", 7)
    with client_of(daemon) as bus:
        names = [bus.buy("AAPL", 1, limit_price=1).client_order_id for _ in range(40)]
        with bus.order_book(closed_max=5) as book:
            assert [each.client_order_id for each in book.open_orders()] == names
            assert bus.cancel_all() == 40
            eventually(lambda: not book.open_orders(), "the cancels")
            assert len(book) == 5
        pages = [bus.orders("all", client="book-test", after_order="", limit=15)]
        while pages[-1]:
            pages.append(bus.orders("all", client="book-test", after_order=pages[-1][-1], limit=15))
        assert [each.client_order_id for page in pages for each in page] == names
        last = bus.events(0, limit=1).last_seq
        assert [e.seq for e in bus.events(3, 6).events] == [4, 5, 6] and bus.events(3, 6).last_seq >= last
        assert bus.events(last).events == ()


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_book_outlives_the_daemon(daemon: Daemon, ending: str) -> None:
    told: list[str] = []
    with client_of(daemon) as bus, bus.order_book(lambda order, event: told.append(order.status)) as book:
        with bus.quotes("AAPL") as quotes:
            assert quotes.get(DEADLINE_S) is not None
        book.wait(bus.buy("AAPL", 2), timeout=DEADLINE_S)
        bus.buy("AAPL", 1, limit_price=1, time_in_force="gtc", client_order_id="mine")
        book.wait("mine", "working", DEADLINE_S)
        before = daemon.epoch
        daemon.stop() if ending == "stop" else daemon.kill()
        daemon.restart(same_ports=True)
        eventually(lambda: bus.epoch not in (None, before) and book.synced, "the next start")
        truth = {each.order_id: each for each in bus.orders("all", client="book-test")}
        eventually(lambda: {each.order_id: each for each in book} == truth, "the same orders")
        assert book.position("AAPL") == 2


def test_a_bracket_and_what_the_broker_does_not_take(daemon: Daemon) -> None:
    with client_of(daemon) as bus, bus.order_book() as book:
        with bus.quotes("AAPL") as quotes:
            assert quotes.get(DEADLINE_S) is not None
        placed = bus.buy("AAPL", 2, bracket={"take_profit": "9999.5"}, client_order_id="e")
        entry = book.wait(placed, timeout=DEADLINE_S)
        assert entry.status == "filled"
        end = book.wait("e.take_profit", "working", DEADLINE_S)
        assert (end.parent_id, end.held) == (entry.order_id, False)
        assert (end.side, end.qty, end.limit_price) == ("sell", 2, 9999.5)
        assert bus.accept_positions() == 0
        refused = book.wait(bus.buy("AAPL", notional="100", order_type="limit", limit_price=1), timeout=DEADLINE_S)
        assert refused.status == "rejected"
        assert refused.reason is not None and refused.reason.startswith("broker.unsupported")
