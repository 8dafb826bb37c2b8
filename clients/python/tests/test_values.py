"""Values, tables and what a client leaves behind."""

import dataclasses
import os
import pickle
import subprocess
import sys
import types
from pathlib import Path

import pytest
from fake_daemon import FakeDaemon, eventually

import tradebus
from tradebus import Bar, Bars, Client, Order, Quote, TradebusError
from tradebus._queue import EventQueue, Gap


def test_unknown_keys_are_ignored_and_missing_ones_named() -> None:
    quote = Quote.from_map({"symbol": "A", "ts": 1, "of_tomorrow": {"x": 1}})
    assert quote == Quote("A", 1)
    with pytest.raises(ValueError, match="not a Quote.*ts"):
        Quote.from_map({"symbol": "A"})


@pytest.mark.parametrize("cls", [Quote, tradebus.Trade, Bar])
def test_values_made_quickly_are_the_same(cls: type) -> None:
    body = {"symbol": "A", "ts": 1, "price": 2, "size": 3, "open": 4, "high": 5, "low": 6, "close": 7, "volume": 8}
    names = {field.name for field in dataclasses.fields(cls)}
    fitting = {key: value for key, value in body.items() if key in names}
    quick, plain = cls.from_map(fitting, seq=9), cls(**fitting, seq=9)
    assert type(quick) is cls
    assert quick == plain and hash(quick) == hash(plain) and repr(quick) == repr(plain)
    with pytest.raises(AttributeError):
        quick.ts = 5


def test_values_do_not_change_and_have_no_dict() -> None:
    quote = Quote("A", 1)
    with pytest.raises(AttributeError):
        quote.bid = 5  # type: ignore[misc]
    assert not hasattr(quote, "__dict__")
    assert pickle.loads(pickle.dumps(quote)) == quote


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(tradebus.RiskError("risk.max_qty", "too many", {"k": 1}, 5)))
    assert (error.code, error.message, error.details, error.retry_after_ms) == ("risk.max_qty", "too many", {"k": 1}, 5)
    assert isinstance(error, TradebusError)
    assert str(error) == "risk.max_qty: too many"


def test_every_exported_name_exists() -> None:
    assert all(hasattr(tradebus, name) for name in tradebus.__all__)


def test_closed_orders() -> None:
    body = {"order_id": "O", "client_order_id": "c", "symbol": "A", "side": "buy"}
    open_ones = ("pending_new", "new", "partially_filled", "pending_cancel", "pending_replace", "in_doubt")
    assert not any(Order.from_map({**body, "status": status}).closed for status in open_ones)
    assert all(Order.from_map({**body, "status": s}).closed for s in ("filled", "canceled", "rejected", "expired"))


def test_all_keys_of_an_order_are_read() -> None:
    body = {
        **{"order_id": "O", "client_order_id": "c", "symbol": "A", "side": "buy", "status": "new", "notional": 500},
        **{"trail_amount": 0.5, "trail_percent": 1.5, "expires_at": 7, "extended_hours": True, "oco": "pair"},
        **{"limit_offset": 0.5, "target_strategy": "Vwap", "strategy_parameters": {"maxPctVol": "0.1"}},
        **{"held": True, "unrecorded": True, "parent_id": "P", "legs": [{"symbol": "L", "side": "sell", "ratio": 2}]},
    }
    order = Order.from_map(body)
    assert {key: value for key, value in order.to_dict().items() if key in body and key != "legs"} == {
        key: value for key, value in body.items() if key != "legs"
    }
    assert order.legs[0].ratio == 2 and not order.external
    assert len({order, Order.from_map(body)}) == 1
    elsewhere = {"order_id": "O", "symbol": "A", "side": "buy", "status": "new", "external": True}
    assert Order.from_map(elsewhere).client_order_id == "" and Order.from_map(elsewhere).external
    with pytest.raises(ValueError, match="client_order_id"):
        Order.from_map({**elsewhere, "external": False})
    fill = tradebus.Fill.from_map({"exec_id": "x", "qty": 1, "price": 2, "legs": [{"symbol": "L", "qty": 3}]})
    assert fill.legs[0] == tradebus.LegFill("L", qty=3)
    assert tradebus.Position.from_map({"symbol": "A", "qty": 1, "expected_qty": 2}).expected_qty == 2


BARS = Bars(
    [Bar("A", 1718980200000000000, 1, 2, 0.5, 1.5, 100), Bar("A", 1718980260000000000, 1, 2, 1, 2, 5)], "A", "1m"
)


def test_tables_read_like_lists() -> None:
    assert len(BARS) == 2 and BARS[-1].volume == 5 and [*BARS] == BARS
    assert repr(BARS) == "Bars(2 rows, source='', cached=False)"


def test_to_pandas_without_pandas_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        BARS.to_pandas()


def test_to_pandas_hands_over_rows_and_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    class Frame:
        def __init__(self, rows: list) -> None:
            self.rows = rows

        def __getitem__(self, name: str) -> list:
            return [row[name] for row in self.rows]

    def to_datetime(values: list, unit: str, utc: bool) -> types.SimpleNamespace:
        return types.SimpleNamespace(values=values, unit=unit, utc=utc, name=None)

    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=Frame, to_datetime=to_datetime))
    frame = BARS.to_pandas()
    assert frame.rows[0]["high"] == 2 and frame.rows[0]["timeframe"] == ""
    assert (frame.index.values[0], frame.index.unit, frame.index.utc) == (1718980200000000000, "ns", True)
    assert frame.index.name == "time"


def test_a_queue_drops_the_oldest_of_each_topic() -> None:
    queue = EventQueue(3)
    queue.extend([("a", 1, "a1"), ("b", 1, "b1"), ("a", 4, Gap("a", 2, 4)), ("a", 5, "a5"), ("b", 2, "b2")])
    queue.extend([("a", 6, "a6")])
    assert queue.dropped == 2
    assert [entry[2] for entry in queue.take()] == [Gap("a", 1, 4), Gap("b", 1, 1), "a5", "b2", "a6"]
    assert len(queue) == 0


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_clients_leave_no_files_open(daemon: FakeDaemon) -> None:
    with Client(daemon.stream, daemon.command) as bus:
        bus.ping()
    before = open_files()
    for _ in range(5):
        with Client(daemon.stream, daemon.command) as bus, bus.quotes("AAPL"):
            bus.ping()
    # The fake daemon's side of the connections, in this process too, is closed when ZeroMQ gets to it.
    eventually(lambda: open_files() <= before + 1, "all files of the clients are closed")


def test_a_program_that_forgets_to_close_still_ends(daemon: FakeDaemon) -> None:
    program = f"import tradebus; bus = tradebus.Client({daemon.stream!r}, {daemon.command!r}); print(bus.ping())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "7\n", "")
