"""Requests, answers, errors, timeouts, and what happens when the connection goes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgpack
import pytest
from fake_daemon import DEADLINE_S, FakeDaemon, Refuse, Silence, eventually, order

import tradebus
from tradebus import Client, NotConnected, RequestError, RequestTimeout, TradebusError, _calls
from tradebus._requests import Requests


def test_hello_goes_first_and_names_the_client(daemon: FakeDaemon, bus: Client) -> None:
    assert bus.ping() == 7
    assert [r["op"] for r in daemon.requests] == ["hello", "ping"]
    assert daemon.requests[0]["args"] == {"client": "tester"}
    assert daemon.requests[1]["v"] == 1
    assert bus.server is not None and bus.server.server == "fake"
    assert bus.epoch == 1


@pytest.mark.parametrize(
    "code, cls",
    [
        ("request.malformed", tradebus.RequestError),
        ("request.unknown_op", tradebus.RequestError),
        ("request.invalid", tradebus.RequestError),
        ("request.timeout", tradebus.RequestTimeout),
        ("auth.denied", tradebus.AuthError),
        ("auth.role", tradebus.AuthError),
        ("instrument.unknown", tradebus.InstrumentError),
        ("provider.rate_limited", tradebus.ProviderError),
        ("broker.reconciling", tradebus.BrokerError),
        ("order.not_found", tradebus.OrderError),
        ("risk.max_qty", tradebus.RiskError),
        ("overloaded", tradebus.Overloaded),
        ("internal", tradebus.InternalError),
        ("new.family", tradebus.TradebusError),
    ],
)
def test_errors_have_classes(daemon: FakeDaemon, bus: Client, code: str, cls: type) -> None:
    def refuse(args: dict) -> None:
        raise Refuse(code, "the reason", details={"key": "symbol"}, retry_after_ms=250)

    daemon.handlers["get_quote"] = refuse
    with pytest.raises(cls) as caught:
        bus.quote("AAPL")
    assert type(caught.value) is cls
    assert (caught.value.code, caught.value.message) == (code, "the reason")
    assert caught.value.details == {"key": "symbol"}
    assert caught.value.retry_after_ms == 250


def test_an_unanswered_request_times_out_and_its_late_answer_is_counted(daemon: FakeDaemon, bus: Client) -> None:
    release = threading.Event()

    def late(args: dict) -> dict:
        release.wait(5)
        return {"symbol": "AAPL", "ts": 1}

    daemon.handlers["get_daily_snapshot"] = late
    with Client(daemon.stream, daemon.command, timeout=0.1) as short:
        short.request("ping", timeout=DEADLINE_S)
        with pytest.raises(RequestTimeout, match="may or may not"):
            short.daily("AAPL")
        release.set()
        eventually(lambda: short.counters["unmatched_replies"] == 1, "the late answer")
        assert daemon.ops("get_daily_snapshot") == [{"symbol": "AAPL"}]
        assert short.request("ping", timeout=DEADLINE_S) == {"ts": 7}


def test_the_daemon_is_told_how_long_the_client_waits(daemon: FakeDaemon) -> None:
    with Client(daemon.stream, daemon.command, timeout=2.5) as bus:
        bus.ping()
    assert daemon.requests[-1]["timeout_ms"] == 2500


def test_without_a_daemon_nothing_is_sent_later() -> None:
    with FakeDaemon() as gone:
        pass
    with Client(gone.stream, gone.command, timeout=0.2) as bus:
        with pytest.raises(NotConnected, match="is tradebusd running there"):
            bus.buy("AAPL", 1)
        with FakeDaemon(1, gone.stream, gone.command) as daemon:
            eventually(lambda: bus.connected, "the connection")
            assert bus.ping() == 7
            assert [r["op"] for r in daemon.requests] == ["hello", "ping"]


def test_garbage_answers_are_counted_and_ignored(daemon: FakeDaemon, bus: Client) -> None:
    bus.ping()
    answer = daemon._answer

    def garble(frames: list) -> None:
        for junk in (b"\xc1", b"", b"\x80", b"\x93\x01\x02\x03"):
            daemon._router.send_multipart([*frames[:-1], junk])
        daemon._router.send_multipart([frames[0], b"\x81\xa2id\x81\x01\x02"])
        answer(frames)

    daemon._answer = garble
    assert bus.ping() == 7
    assert bus.counters["unmatched_replies"] == 5


def test_many_threads_share_a_client(daemon: FakeDaemon, bus: Client) -> None:
    daemon.handlers["get_quote"] = lambda args: {"symbol": args["symbol"], "ts": 1, "bid": 2.0}

    def ask(n: int) -> bool:
        return bus.quote(f"S{n}").symbol == f"S{n}"

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(500)))
    ids = [r["id"] for r in daemon.requests]
    assert len(set(ids)) == len(ids)


def test_reads_are_repeated_and_other_requests_fail_when_the_connection_goes(daemon: FakeDaemon) -> None:
    def never(args: dict) -> None:
        raise Silence

    daemon.handlers["get_quote"] = daemon.handlers["cancel_all"] = never
    with Client(daemon.stream, daemon.command, timeout=DEADLINE_S) as bus, ThreadPoolExecutor(2) as pool:
        quote = pool.submit(bus.quote, "AAPL")
        cancel = pool.submit(bus.cancel_all)
        eventually(lambda: daemon.ops("get_quote") and daemon.ops("cancel_all"), "both requests")
        with daemon.restarted() as again:
            again.handlers["get_quote"] = lambda args: {"symbol": "AAPL", "ts": 5}
            with pytest.raises(RequestTimeout, match="went while cancel_all waited"):
                cancel.result(DEADLINE_S)
            assert quote.result(DEADLINE_S).ts == 5
            ops = [r["op"] for r in again.requests]
            assert ops[0] == "hello" and ops.count("get_quote") == 1
            assert not again.ops("cancel_all")


def test_an_order_is_sent_again_under_the_same_id(daemon: FakeDaemon, bus: Client) -> None:
    def lazy(args: dict) -> dict:
        if len(daemon.ops("place_order")) == 1:
            raise Silence
        return order(client_order_id=args["client_order_id"], duplicate=True)

    daemon.handlers["place_order"] = lazy
    bus.ping()
    placed = bus.place_order("AAPL", "buy", 1, timeout=1.5)
    first, second = daemon.ops("place_order")
    assert first == second
    assert placed.client_order_id == first["client_order_id"]
    assert placed.duplicate


def test_an_order_without_retry_is_sent_once(daemon: FakeDaemon, bus: Client) -> None:
    def never(args: dict) -> None:
        raise Silence

    daemon.handlers["place_order"] = never
    bus.ping()
    with pytest.raises(RequestTimeout) as caught:
        bus.place_order("AAPL", "buy", 1, timeout=0.1, retry=False)
    (sent,) = daemon.ops("place_order")
    assert caught.value.details == {"client_order_id": sent["client_order_id"]}


def test_an_order_in_flight_when_the_daemon_dies_is_sent_to_the_next_one(daemon: FakeDaemon) -> None:
    def never(args: dict) -> None:
        raise Silence

    daemon.handlers["place_order"] = never
    with Client(daemon.stream, daemon.command, timeout=DEADLINE_S) as bus, ThreadPoolExecutor(1) as pool:
        placing = pool.submit(bus.buy, "AAPL", 1)
        (sent,) = eventually(lambda: daemon.ops("place_order"), "the order")
        with daemon.restarted() as again:
            again.handlers["place_order"] = lambda args: order(client_order_id=args["client_order_id"])
            assert placing.result(DEADLINE_S).client_order_id == sent["client_order_id"]
            assert again.requests[0]["op"] == "hello"
            assert again.ops("place_order") == [sent]


def test_order_ids_are_unique_and_fit(daemon: FakeDaemon) -> None:
    daemon.handlers["place_order"] = lambda args: order(client_order_id=args["client_order_id"])
    ids = []
    for _ in range(2):
        with Client(daemon.stream, daemon.command, client="a-rather-long-name-for-a-strategy-of-ours") as bus:
            ids += [bus.buy("AAPL", 1).client_order_id for _ in range(5)]
    assert len(set(ids)) == 10
    assert all(1 <= len(each) <= 64 and each.isprintable() for each in ids)


@pytest.mark.parametrize(
    "fields, sent",
    [
        ({}, {"order_type": "market", "qty": 1}),
        ({"limit_price": Decimal("190.10")}, {"order_type": "limit", "limit_price": "190.10"}),
        ({"stop_price": 5}, {"order_type": "stop", "stop_price": 5}),
        ({"stop_price": "5.5", "limit_price": 5.25}, {"order_type": "stop_limit", "stop_price": "5.5"}),
        ({"trail_percent": 1.5}, {"order_type": "trailing_stop", "trail_percent": 1.5}),
        ({"order_type": "market", "tag": "x"}, {"order_type": "market", "tag": "x"}),
        ({"bracket": {"take_profit": Decimal("9"), "stop_loss": 7}}, {"bracket": {"take_profit": "9", "stop_loss": 7}}),
        ({"expires_at": datetime(2024, 6, 21, tzinfo=UTC)}, {"expires_at": 1718928000000000000}),
        ({"client_order_id": "mine"}, {"client_order_id": "mine"}),
        ({"oco": "pair", "limit_price": 9}, {"oco": "pair", "order_type": "limit"}),
        ({"trail_amount": "0.5"}, {"order_type": "trailing_stop", "trail_amount": "0.5"}),
        (
            {"trail_amount": 2, "limit_offset": Decimal("0.10")},
            {"order_type": "trailing_stop_limit", "limit_offset": "0.10"},
        ),
        ({"order_type": "market_if_touched", "stop_price": 5}, {"order_type": "market_if_touched", "stop_price": 5}),
        (
            {"limit_price": 9, "target_strategy": "Adaptive", "strategy_parameters": {"adaptivePriority": "Urgent"}},
            {
                "order_type": "limit",
                "target_strategy": "Adaptive",
                "strategy_parameters": {"adaptivePriority": "Urgent"},
            },
        ),
    ],
)
def test_what_an_order_says(daemon: FakeDaemon, bus: Client, fields: dict, sent: dict) -> None:
    daemon.handlers["place_order"] = lambda args: order()
    bus.sell("AAPL", 1, **fields)
    (args,) = daemon.ops("place_order")
    assert args["side"] == "sell" and args["symbol"] == "AAPL"
    assert sent.items() <= args.items()
    assert None not in args.values()


@pytest.mark.parametrize(
    "call, key",
    [
        (lambda bus: bus.buy("AAPL"), "qty"),
        (lambda bus: bus.buy("AAPL", 1, notional=5), "qty"),
        (lambda bus: bus.buy("AAPL", float("nan")), "qty"),
        (lambda bus: bus.buy("AAPL", True), "qty"),
        (lambda bus: bus.buy("AAPL", 1, limit_price="1e3"), "limit_price"),
        (lambda bus: bus.buy("AAPL", 1, limit_price=Decimal("Infinity")), "limit_price"),
        (lambda bus: bus.buy(" ", 1), "symbol"),
        (lambda bus: bus.buy("AAPL", 1, bracket={"profit": 9}), "bracket.profit"),
        (lambda bus: bus.buy("AAPL", 1, bracket={"stop_loss": "x"}), "bracket.stop_loss"),
        (lambda bus: bus.buy("AAPL", 1, bracket={"stop_loss_limit": 5}), "bracket"),
        (lambda bus: bus.buy("AAPL", 1, oco=""), "oco"),
        (
            lambda bus: bus.buy("AAPL", 1, target_strategy="Vwap", strategy_parameters={"maxPctVol": 0.1}),
            "strategy_parameters.maxPctVol",
        ),
        (lambda bus: bus.kill_switch(cancel_open=True), "cancel_open"),
        (lambda bus: bus.kill_switch("active", client=""), "client"),
        (lambda bus: bus.cancel_all(symbol=""), "symbol"),
        (lambda bus: bus.cancel_all(account=""), "account"),
        (lambda bus: bus.cancel(""), "order_id"),
        (lambda bus: bus.orders(client=""), "client"),
        (lambda bus: bus.buy("AAPL", 1, client_order_id=""), "client_order_id"),
        (lambda bus: bus.bars("AAPL", "2m"), "timeframe"),
        (lambda bus: bus.bars("AAPL", "1m", datetime(2024, 1, 1)), "start"),
        (lambda bus: bus.bars("AAPL", "1m", "2024-01-01T10:00:00"), "start"),
        (lambda bus: bus.bars("AAPL", "1m", "yesterday"), "start"),
        (lambda bus: bus.bars("AAPL", "1m", session="lunch"), "session"),
        (lambda bus: bus.bars("AAPL", "1m", limit=0), "limit"),
        (lambda bus: bus.chain("AAPL", "21.6.2024"), "expiry"),
        (lambda bus: bus.cancel(), "order_id"),
        (lambda bus: bus.connect(), "broker"),
        (lambda bus: bus.kill_switch("off"), "state"),
        (lambda bus: bus.stream("AAPL", kinds=("quotes",)), "kinds"),
        (lambda bus: bus.quotes("A|B"), "symbols"),
        (lambda bus: bus.quotes(), "symbols"),
        (lambda bus: bus.raw("quote|AAPL"), "topics"),
    ],
)
def test_bad_arguments_are_found_before_anything_is_sent(daemon: FakeDaemon, bus: Client, call, key: str) -> None:
    bus.ping()
    with pytest.raises(RequestError) as caught:
        call(bus)
    assert caught.value.code == "request.invalid"
    assert caught.value.details == {"key": key}
    assert [r["op"] for r in daemon.requests] == ["hello", "ping"]


def test_times_go_out_as_ns(daemon: FakeDaemon, bus: Client) -> None:
    daemon.handlers["get_historical_data"] = lambda args: {"bars": []}

    def start_of(value) -> int:
        bus.bars("AAPL", "1m", value)
        return daemon.ops("get_historical_data")[-1]["start"]

    assert start_of(17) == 17
    assert start_of("2024-06-21T14:30:00.000001Z") == 1718980200000001000
    assert start_of("2024-06-21T10:30:00-04:00") == 1718980200000000000
    assert start_of("2024-06-21") == start_of(date(2024, 6, 21)) == 1718928000000000000
    eastern = timezone(timedelta(hours=-4))
    assert start_of(datetime(2024, 6, 21, 10, 30, tzinfo=eastern)) == 1718980200000000000
    assert abs(start_of("-5d") - (time.time_ns() - 5 * 86400 * 10**9)) < 10**9
    args = daemon.ops("get_historical_data")[-1]
    assert abs(args["end"] - time.time_ns()) < 10**9


def test_every_op_has_its_call(daemon: FakeDaemon, bus: Client) -> None:
    bar = {"symbol": "AAPL", "ts": 1, "open": 1, "high": 2, "low": 1, "close": 2, "volume": 9, "new_key": 1}
    answers = {
        "get_status": {"providers": []},
        "get_quote": {"symbol": "AAPL", "ts": 1, "bid": 1},
        "get_snapshot": {"symbol": "AAPL", "quote": {"symbol": "AAPL", "ts": 1}, "more": 1},
        "get_historical_data": {"bars": [bar], "source": "sim", "cached": True},
        "get_ticker_details": {"symbol": "AAPL", "name": "Apple"},
        "get_daily_snapshot": {"symbol": "AAPL", "day": bar, "change": 0.5},
        "get_news": {"items": [{"id": "1", "ts": 1, "title": "t", "symbols": ["AAPL"]}]},
        "get_market_news": {"items": []},
        "get_option_chain": {"quotes": [{"symbol": "AAPL240621C00190000", "ts": 1, "strike": 190, "delta": 0.5}]},
        "search_symbols": {"matches": [{"symbol": "AAPL", "name": "Apple"}]},
        "get_calendar": {
            "sessions": [{"date": "2024-07-03", "open": 1, "close": 2, "early": True, "name": "x"}],
            "closures": [{"date": "2024-07-04", "name": "Independence Day"}],
        },
        "preview_order": {"broker": "ibkr", "account": "P", "commission": 1.05, "initial_margin_change": 950},
        "replace_order": order("pending_replace"),
        "cancel_order": order("pending_cancel"),
        "cancel_all": {"canceled": 3},
        "get_order": order(legs=[{"symbol": "A", "side": "buy", "ratio": 2}]),
        "get_orders": {"orders": [order()]},
        "get_positions": {"positions": [{"symbol": "AAPL", "qty": -5, "account": "P", "broker": "paper"}]},
        "get_account_summary": {"account": "P", "cash": 10.5, "equity": 11},
        "connect": {"state": "up", "reason": ""},
        "disconnect": {"state": "down", "reason": "requested"},
        "kill_switch": {
            "states": [{"scope": "account", "name": "P", "state": "halted", "reason": "lunch", "since": 5}]
        },
        "accept_positions": {"accepted": 2},
        "reload_risk": {"scopes": 3},
        "cache_stats": {"bars": {"hits": 1}},
        "cache_clear": {},
    }
    for op, answer in answers.items():
        daemon.handlers[op] = lambda args, answer=answer: answer
    assert bus.hello().client == "tester"
    assert bus.status() == {"providers": []}
    assert bus.quote("AAPL").bid == 1
    assert bus.snapshot("AAPL").quote.symbol == "AAPL"
    bars = bus.bars("AAPL", "5m", "-1d", adjusted=True, limit=7)
    assert (bars[0].close, bars[0].timeframe, bars.source, bars.cached, len(bars[:1])) == (2, "5m", "sim", True, 1)
    assert daemon.ops("get_historical_data")[0].items() >= {"timeframe": "5m", "adjusted": True, "limit": 7}.items()
    assert bus.details("AAPL").name == "Apple"
    assert bus.daily("AAPL").day.high == 2
    assert bus.news("AAPL", limit=1)[0].symbols == ("AAPL",)
    assert bus.market_news() == []
    assert bus.chain("AAPL", date(2024, 6, 21), right="call", strike_min=Decimal("180.5"))[0].delta == 0.5
    assert daemon.ops("get_option_chain") == [
        {"underlying": "AAPL", "expiry": "2024-06-21", "right": "call", "strike_min": "180.5"}
    ]
    assert bus.search("app")[0].symbol == "AAPL"
    assert bus.calendar("XNYS", date(2024, 7, 1), "2024-07-05")[0].early
    assert bus.calendar("XNYS", 5, "2024-07-05", extended=True)[0].pre_open is None
    assert bus.closures("XNYS", "2024-07-01", "2024-07-05")[0].name == "Independence Day"
    assert daemon.ops("get_calendar") == [
        {"exchange": "XNYS", "start": "2024-07-01", "end": "2024-07-05"},
        {"exchange": "XNYS", "start": 5, "end": "2024-07-05", "extended": True},
        {"exchange": "XNYS", "start": "2024-07-01", "end": "2024-07-05"},
    ]
    preview = bus.preview("AAPL", "buy", 5, limit_price="190.1", broker="ibkr")
    assert (preview.commission, preview.initial_margin_change, preview.equity) == (1.05, 950, None)
    assert daemon.ops("preview_order") == [
        {"symbol": "AAPL", "side": "buy", "qty": 5, "limit_price": "190.1", "order_type": "limit", "broker": "ibkr"}
    ]
    assert bus.replace("O-1", qty=2, limit_price="9.5").status == "pending_replace"
    assert daemon.ops("replace_order") == [{"order_id": "O-1", "qty": 2, "limit_price": "9.5"}]
    found = bus.order(client_order_id="c-1")
    assert found.legs[0].ratio == 2
    assert bus.cancel(found).status == "pending_cancel"
    assert daemon.ops("cancel_order") == [{"order_id": "O-1"}]
    assert bus.cancel_all(symbol="AAPL") == 3
    assert bus.orders("all", since=5)[0].order_id == "O-1"
    assert bus.positions(account="P")[0].qty == -5
    assert bus.account("P").equity == 11
    assert bus.connect(broker="paper").state == "up"
    assert bus.disconnect(provider="sim").name == "sim"
    (state,) = bus.kill_switch("halted", cancel_open=True, account="P", reason="lunch")
    assert (state.scope, state.name, state.state, state.reason, state.since) == ("account", "P", "halted", "lunch", 5)
    assert bus.kill_switch()[0] == state
    assert daemon.ops("kill_switch") == [
        {"state": "halted", "cancel_open": True, "account": "P", "reason": "lunch"},
        {},
    ]
    assert bus.accept_positions(symbol="AAPL") == 2
    assert bus.reload_risk() == 3
    bus.orders("all", client="me", after_order="O-1", limit=3)
    assert daemon.ops("get_orders")[-1] == {"status": "all", "client": "me", "after_order": "O-1", "limit": 3}
    assert daemon.ops("accept_positions") == [{"symbol": "AAPL"}]
    assert bus.cache_stats("bars") == {"bars": {"hits": 1}}
    assert bus.cache_clear() == {}
    assert bus.cache_clear("bars", symbol=" AAPL ") == {}
    assert daemon.ops("cache_clear") == [{}, {"kind": "bars", "symbol": "AAPL"}]
    daemon.quote(1)
    assert bus.missed("quote|AAPL|", 0).messages[0].bid == 2.0
    daemon.order_event(4, "new", order())
    assert bus.events(0).events[0].order.status == "new"
    assert bus.request("ping") == {"ts": 7}


def test_a_calendar_follows_the_pages(daemon: FakeDaemon, bus: Client) -> None:
    def answer(args: dict[str, Any]) -> dict[str, Any]:
        start = int(args["start"][:4])
        session = {"date": f"{start}-01-02", "open": 1, "close": 2, "early": False}
        more = {"next_start": f"{start + 1}-01-01"} if start < 2002 else {}
        return {"sessions": [session], "closures": [{"date": f"{start}-01-01", "name": "New Year"}], **more}

    daemon.handlers["get_calendar"] = answer
    days = bus.calendar("XNYS", "2000-01-01", "2002-12-31", extended=True)
    assert [str(s.date) for s in days] == ["2000-01-02", "2001-01-02", "2002-01-02"]
    assert [x["start"] for x in daemon.ops("get_calendar")] == ["2000-01-01", "2001-01-01", "2002-01-01"]
    assert all(x["end"] == "2002-12-31" and x["extended"] for x in daemon.ops("get_calendar"))
    assert len(bus.closures("XNYS", "2000-01-01", "2002-12-31")) == 3
    # A daemon that never gets anywhere is not asked for ever.
    daemon.handlers["get_calendar"] = lambda args: {**answer(args), "next_start": "2001-01-01"}
    with pytest.raises(TradebusError):
        bus.calendar("XNYS", "2000-01-01", "2002-12-31")


def test_bars_follow_the_pages(daemon: FakeDaemon, bus: Client) -> None:
    def page(args: dict) -> dict:
        first = args["start"]
        rows = [{"ts": ts, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1} for ts in range(first, min(first + 3, 10))]
        more = {"next_start": first + 3} if first + 3 < 10 else {}
        return {"bars": rows[: args.get("limit", 99)], "source": "sim", "cached": first > 0, **more}

    daemon.handlers["get_historical_data"] = page
    bars = bus.bars("AAPL", "1m", 0, 10, session="regular")
    assert [bar.ts for bar in bars] == list(range(10))
    assert (bars.cached, bars.stale) == (False, False)
    assert [bar.ts for bar in bus.bars("AAPL", "1m", 1, 10, limit=5)] == [1, 2, 3, 4, 5]
    assert [x["args"].get("limit") for x in daemon.requests if x["op"] == "get_historical_data"][-2:] == [5, 2]

    daemon.handlers["get_historical_data"] = lambda args: {"bars": [], "next_start": args["start"], "source": "sim"}
    with pytest.raises(tradebus.InternalError, match="cannot be read"):
        bus.bars("AAPL", "1m", 0, 10)


def test_an_answer_of_the_wrong_shape_is_an_error(daemon: FakeDaemon, bus: Client) -> None:
    for junk in (5, None, {}, {"bars": 3}, {"bars": [1]}):
        daemon.handlers["get_historical_data"] = lambda args, junk=junk: junk
        with pytest.raises(tradebus.InternalError, match="cannot be read"):
            bus.bars("AAPL")


def test_a_closed_client_says_so(daemon: FakeDaemon) -> None:
    bus = Client(daemon.stream, daemon.command)
    quotes = bus.quotes("AAPL")
    assert bus.ping() == 7
    bus.close()
    bus.close()
    assert list(quotes) == []
    with pytest.raises(NotConnected, match="closed"):
        bus.ping()
    with pytest.raises(NotConnected, match="closed"):
        bus.quotes("AAPL")
    quotes.close()


def test_closing_ends_requests_that_wait(daemon: FakeDaemon) -> None:
    def never(args: dict) -> None:
        raise Silence

    daemon.handlers["get_quote"] = never
    bus = Client(daemon.stream, daemon.command)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bus.quote, "AAPL")
        eventually(lambda: daemon.ops("get_quote"), "the request")
        bus.close()
        with pytest.raises(NotConnected, match="closed"):
            waiting.result(DEADLINE_S)


def test_a_bad_endpoint_is_an_error_and_leaves_nothing() -> None:
    with pytest.raises(Exception, match="rotocol|nvalid"):
        Client("nonsense", "tcp://127.0.0.1:1")


# ---- cancel_on_disconnect -----------------------------------------------------------------------------------------


def test_a_client_whose_orders_end_with_it_pings_in_time(daemon: FakeDaemon) -> None:
    with Client(daemon.stream, daemon.command, client="me", cancel_on_disconnect=True, silence_ms=60) as bus:
        eventually(lambda: len(daemon.ops("ping")) >= 5, "pings of its own")
        assert daemon.requests[0]["op"] == "hello"
        said = {"client": "me", "cancel_on_disconnect": True, "silence_ms": 60}
        assert daemon.requests[0]["args"] == said
        bus.hello()
        assert daemon.ops("hello")[-1] == said
        with daemon.restarted() as again:
            eventually(lambda: len(again.ops("ping")) >= 3, "pings to the next one")
            assert again.requests[0]["op"] == "hello" and again.requests[0]["args"] == said


def test_pings_go_before_what_waits() -> None:
    sent: list[str] = []
    requests = Requests(lambda frames: bool(sent.append(msgpack.unpackb(frames[-1])["op"])) or room[0], "tcp://x")
    room = [False]
    requests.open = True
    requests.add(_calls.status(), 1.0, lambda result, error: None, 0.0)
    requests.add(_calls.ping(), 1.0, lambda result, error: None, 0.0, urgent=True)
    sent.clear()
    room[0] = True
    requests.flush()
    assert sent == ["ping", "get_status"]


def test_without_cancel_on_disconnect_nobody_pings(daemon: FakeDaemon) -> None:
    with Client(daemon.stream, daemon.command, silence_ms=1) as bus:
        bus.request("hello")
        assert daemon.ops("ping") == [] and daemon.ops("hello")[0] == {"client": "python"}
    with pytest.raises(RequestError, match="silence_ms"):
        Client(daemon.stream, daemon.command, cancel_on_disconnect=True, silence_ms=0)


def test_a_daemon_that_does_not_offer_it_gets_no_order(daemon: FakeDaemon) -> None:
    def refuse(args: dict) -> None:
        raise Refuse("broker.unsupported", "cancel_on_disconnect is not offered")

    hello = daemon.handlers["hello"]
    daemon.handlers["hello"] = refuse
    with Client(daemon.stream, daemon.command, cancel_on_disconnect=True, timeout=DEADLINE_S) as bus:
        for _ in range(2):
            with pytest.raises(tradebus.BrokerError, match="not offered"):
                bus.buy("AAPL", 1)
        assert not daemon.ops("place_order")
        with daemon.restarted() as again:
            again.handlers["hello"] = hello
            again.handlers["place_order"] = lambda args: order(client_order_id=args["client_order_id"])
            eventually(lambda: again.ops("ping"), "a daemon that offers it")
            assert bus.buy("AAPL", 1).status == "new"
