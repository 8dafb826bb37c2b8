"""The daemon with DATA_PROVIDER=ibkr against ibgw-sim, over sockets: streams, lines, ticks, bars, and all that a gateway
and its venue can do to a subscription."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgpack
import pytest
from harness import Daemon, RequestFailed, Stream, eventually

sys.path.insert(0, str(Path(__file__).parents[1] / "venues" / "ibgw"))

from ibgw import Client, Gateway, fields

LINK = "ibkr-link-down|ibkr-venue-lost|ibkr-no-line-left"


def settings(port: int, linger_s: float = 0.5, **more: Any) -> dict[str, dict[str, Any]]:
    return {
        "engine": {"data_provider": ["ibkr"]},
        "bus": {"linger_s": linger_s},
        "providers.ibkr": {"port": port, **more},
    }


def provider(daemon: Daemon) -> dict[str, Any]:
    [state] = daemon.request("get_status")["providers"]
    return dict(state)


def counter(daemon: Daemon, name: str) -> int:
    return {each["name"]: each["value"] for each in provider(daemon)["counters"]}[name]


def until_state(daemon: Daemon, state: str, reason: str | None = None) -> None:
    eventually(
        lambda: (now := provider(daemon))["state"] == state and reason in (None, now["reason"]),
        f"the provider is {state}",
    )


def until_topic(stream: Stream, topic: str, state: str, reason: str | None = None) -> dict[str, Any]:
    seen = stream.until(lambda t, b: t == topic and b["state"] == state and reason in (None, b["reason"]))
    return seen[-1][1]


def until_quote(stream: Stream, symbol: str, bid: float) -> dict[str, Any]:
    return stream.until(lambda t, b: t == f"quote|{symbol}|" and b.get("bid") == bid)[-1][1]


def ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000_000


def last_session() -> datetime:
    """A weekday that is over: the simulated gateway knows no holidays, the daemon's calendar does."""
    day = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day


# ---- streams --------------------------------------------------------------------------------------------------------


def test_quotes_and_trades_as_the_venue_says(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port))
    stream = daemon.subscribe("quote|AAPL|", "trade|AAPL|", "bar_1s|AAPL|", "status|trade|AAPL|")
    until_topic(stream, "status|trade|AAPL|", "live")
    there.control("/quote", symbol="AAPL", bid=187.11, bid_size=300, ask=187.14, ask_size=50)
    quote = stream.until(lambda t, b: t == "quote|AAPL|" and (b["bid"], b["ask"]) == (187.11, 187.14))[-1][1]
    assert (quote["bid_size"], quote["ask_size"]) == (300, 50)
    assert "quality" not in quote and quote["ts"] <= time.time_ns()
    there.control("/trade", symbol="AAPL", price=187.12, size=42)
    trade = stream.until(lambda t, b: t == "trade|AAPL|" and b["size"] == 42)[-1][1]
    assert trade["price"] == 187.12
    bar = stream.until(lambda t, b: t == "bar_1s|AAPL|" and b["final"])[-1][1]
    assert bar["close"] == 187.12 and bar["volume"] == 42
    assert counter(daemon, "lines_open") == 1 and counter(daemon, "tick_by_tick_open") == 1
    assert daemon.request("get_quote", symbol="AAPL")["bid"] == 187.11
    stream.unsubscribe("quote|AAPL|", "trade|AAPL|", "bar_1s|AAPL|")
    eventually(lambda: counter(daemon, "lines_open") == 0 and counter(daemon, "tick_by_tick_open") == 0, "all is closed")
    sent = there.control("/stats", "GET")
    assert sent


def test_without_room_for_ticks_trades_are_sampled_and_said_so(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon]
) -> None:
    there = gateway()
    daemon = start(settings(there.port, tick_by_tick=1))
    first = daemon.subscribe("trade|AAPL|", "status|trade|AAPL|")
    until_topic(first, "status|trade|AAPL|", "live", "")
    second = daemon.subscribe("trade|MSFT|", "quote|MSFT|", "status|trade|MSFT|")
    until_topic(second, "status|trade|MSFT|", "live", "sampled")
    assert counter(daemon, "tick_by_tick_open") == 1 and counter(daemon, "lines_open") == 1
    there.control("/trade", symbol="AAPL", price=190.5, size=7)
    assert first.until(lambda t, b: t == "trade|AAPL|" and b["size"] == 7)[-1][1]["price"] == 190.5
    there.control("/trade", symbol="MSFT", price=421.5, size=9)
    assert second.until(lambda t, b: t == "trade|MSFT|" and b["size"] == 9)[-1][1]["price"] == 421.5


def test_ticks_that_the_venue_refuses_are_sampled(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port, tick_by_tick=10))
    symbols = ["AAPL", "MSFT", "AMZN", "IBM", "SPY"]  # the gateway has three
    stream = daemon.subscribe(*(f"trade|{s}|" for s in symbols), *(f"status|trade|{s}|" for s in symbols))
    eventually(lambda: counter(daemon, "trades_sampled") == 2, "two are sampled")
    for n, symbol in enumerate(symbols):
        there.control("/trade", symbol=symbol, price=100 + n, size=n + 1)
        stream.until(lambda t, b, s=symbol, size=n + 1: t == f"trade|{s}|" and b["size"] == size)


def test_options_stream_with_greeks(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port))
    until_state(daemon, "up")
    chain = daemon.request("get_option_chain", underlying="AAPL", strike_min=185, strike_max=195, limit=40)["quotes"]
    assert len(chain) == 40 and all(x["underlying"] == "AAPL" for x in chain)
    priced = [x for x in chain if x.get("ask") and x.get("iv") and x.get("delta") is not None]
    assert len(priced) > 20
    symbol = chain[len(chain) // 2]["symbol"]
    stream = daemon.subscribe(f"option|{symbol}|", f"quote|{symbol}|")
    option = stream.until(lambda t, b: t.startswith("option|") and b.get("iv"))[-1][1]
    assert option["strike"] == chain[len(chain) // 2]["strike"] and option["underlying_price"] > 0
    there.control("/quote", symbol=symbol, bid=3.3, bid_size=4, ask=3.5, ask_size=5)
    stream.until(lambda t, b: t.startswith("quote|") and b.get("bid") == 3.3)
    assert counter(daemon, "lines_open") == 1


def test_data_that_is_not_subscribed(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway("--market-data", "delayed")
    live = start(settings(there.port))
    stream = live.subscribe("quote|AAPL|", "status|quote|AAPL|")
    assert until_topic(stream, "status|quote|AAPL|", "rejected")["reason"] == "provider.unsupported"
    with pytest.raises(RequestFailed) as refused:
        live.request("get_quote", symbol="MSFT")
    assert refused.value.code == "provider.unsupported" and "10089" in str(refused.value)
    chain = live.request("get_option_chain", underlying="AAPL", limit=30)["quotes"]
    assert len(chain) == 30 and not any("bid" in x or "ask" in x for x in chain)  # contracts alone
    late = start(settings(there.port, client_id=50, market_data_type=3))
    stream = late.subscribe("quote|AAPL|", "trade|AAPL|")
    assert stream.until(lambda t, b: t == "quote|AAPL|" and "bid" in b)[-1][1]["quality"] == "delayed"
    time_before = time.time_ns()
    there.control("/trade", symbol="AAPL", price=188.25, size=33)
    trade = stream.until(lambda t, b: t == "trade|AAPL|" and b["size"] == 33)[-1][1]
    assert trade["price"] == 188.25 and abs(trade["ts"] - time_before) < 60_000_000_000


def test_what_does_not_exist(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway().port))
    stream = daemon.subscribe("quote|NOSUCH|", "status|quote|NOSUCH|", "quote|BTC-USD|", "status|quote|BTC-USD|")
    reasons = {}
    while len(reasons) < 2:
        topic, body = stream.next()
        if body.get("state") == "rejected":
            reasons[topic] = body["reason"]
    assert reasons == {
        "status|quote|NOSUCH|": "instrument.unknown",
        "status|quote|BTC-USD|": "provider.unsupported",
    }


def test_a_listing_is_named(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway().port, primary_exchanges=["IBM=NYSE", "MSFT=NYSE"]))
    until_state(daemon, "up")
    assert daemon.request("get_ticker_details", symbol="IBM")["exchange"] == "XNYS"
    with pytest.raises(RequestFailed) as refused:  # it is not listed there
        daemon.request("get_ticker_details", symbol="MSFT")
    assert refused.value.code == "instrument.unknown" and "200" in str(refused.value)


def test_currency_pairs(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port))
    stream = daemon.subscribe("quote|EUR-USD|", "trade|EUR-USD|", "status|trade|EUR-USD|")
    until_topic(stream, "status|trade|EUR-USD|", "rejected", "provider.unsupported")
    there.control("/quote", con_id=12087792, bid=1.08001, ask=1.08003, bid_size=1000000, ask_size=2000000)
    assert until_quote(stream, "EUR-USD", 1.08001)["ask_size"] == 2_000_000
    now = datetime.now(timezone.utc)
    bars = daemon.request("get_historical_data", symbol="EUR-USD", timeframe="1h", start=ns(now - timedelta(days=7)), end=ns(now))["bars"]
    assert len(bars) > 50 and all(b["volume"] == 0 and "vwap" not in b for b in bars)


# ---- lines ----------------------------------------------------------------------------------------------------------


def test_a_lingering_topic_gives_up_its_line(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway().port, linger_s=600.0, lines=2))
    streams = {s: daemon.subscribe(f"quote|{s}|", f"status|quote|{s}|") for s in ("AAPL", "MSFT")}
    for symbol, stream in streams.items():
        until_topic(stream, f"status|quote|{symbol}|", "live")
    streams["AAPL"].unsubscribe("quote|AAPL|")
    eventually(
        lambda: [x for x in daemon.request("get_status")["subscriptions"] if x["topic"] == "quote|AAPL|"][0]["subscribers"] == 0,
        "it lingers",
    )
    third = daemon.subscribe("quote|IBM|", "status|quote|IBM|")
    until_topic(third, "status|quote|IBM|", "live")
    third.until(lambda t, b: t == "quote|IBM|")
    assert counter(daemon, "lines_open") == 2


def test_a_topic_without_a_line_is_refused_and_gets_in_when_one_is_free(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon]
) -> None:
    daemon = start(settings(gateway().port, lines=2))
    streams = {s: daemon.subscribe(f"quote|{s}|", f"status|quote|{s}|") for s in ("AAPL", "MSFT")}
    for symbol, stream in streams.items():
        until_topic(stream, f"status|quote|{symbol}|", "live")
    third = daemon.subscribe("quote|IBM|", "status|quote|IBM|")
    assert until_topic(third, "status|quote|IBM|", "rejected")["reason"] == "provider.rate_limited"
    # Another topic of a contract that has a line costs none.
    more = daemon.subscribe("option|AAPL|", "trade|MSFT|", "status|trade|MSFT|")
    until_topic(more, "status|trade|MSFT|", "live")
    streams["AAPL"].unsubscribe("quote|AAPL|")
    until_topic(third, "status|quote|IBM|", "live")
    third.until(lambda t, b: t == "quote|IBM|")
    assert counter(daemon, "lines_open") == 2 and counter(daemon, "topics_waiting") == 0


def test_the_venue_has_fewer_lines_than_were_thought(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon]
) -> None:
    daemon = start(settings(gateway("--lines", "1").port), expect_stderr=LINK)
    first = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    until_topic(first, "status|quote|AAPL|", "live")
    second = daemon.subscribe("quote|MSFT|", "status|quote|MSFT|")
    assert until_topic(second, "status|quote|MSFT|", "rejected")["reason"] == "provider.rate_limited"
    assert counter(daemon, "lines_allowed") == 1
    first.unsubscribe("quote|AAPL|")
    until_topic(second, "status|quote|MSFT|", "live")
    second.until(lambda t, b: t == "quote|MSFT|")


# ---- the link -------------------------------------------------------------------------------------------------------


def test_the_daily_restart_is_survived(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port), expect_stderr=LINK)
    stream = daemon.subscribe("quote|AAPL|", "trade|AAPL|", "status|quote|AAPL|", "status|provider|ibkr|")
    until_topic(stream, "status|quote|AAPL|", "live")
    there.control("/restart", down_ms=1500)
    until_topic(stream, "status|provider|ibkr|", "down", "transport")
    until_topic(stream, "status|quote|AAPL|", "gap", "transport")
    with pytest.raises(RequestFailed) as refused:
        daemon.request("get_ticker_details", symbol="IBM")
    assert refused.value.code == "provider.unavailable"
    until_topic(stream, "status|quote|AAPL|", "live")
    until_state(daemon, "up")
    there.control("/quote", symbol="AAPL", bid=181, ask=181.5)
    until_quote(stream, "AAPL", 181)
    there.control("/trade", symbol="AAPL", price=181.25, size=11)
    stream.until(lambda t, b: t == "trade|AAPL|" and b["size"] == 11)


def test_a_half_open_link_is_noticed(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port, probe_s=0.3, silence_s_max=0.3), expect_stderr=LINK)
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    until_topic(stream, "status|quote|AAPL|", "live")
    there.control("/half_open", on=True)
    until_topic(stream, "status|quote|AAPL|", "gap")
    there.control("/half_open", on=False)
    until_state(daemon, "up")
    there.control("/quote", symbol="AAPL", bid=182, ask=182.5)
    until_quote(stream, "AAPL", 182)


@pytest.mark.parametrize("code", [1101, 1102])
def test_the_venue_goes_and_comes_back(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon], code: int
) -> None:
    there = gateway()
    daemon = start(settings(there.port, tick_by_tick=1), expect_stderr=LINK)
    stream = daemon.subscribe("quote|AAPL|", "trade|AAPL|", "status|quote|AAPL|")
    until_topic(stream, "status|quote|AAPL|", "live")
    there.control("/connectivity", code=1100)
    until_state(daemon, "degraded", "venue")
    until_topic(stream, "status|quote|AAPL|", "gap", "venue")
    meanwhile = daemon.subscribe("quote|IBM|", "status|quote|IBM|")
    with pytest.raises(RequestFailed) as refused:
        daemon.request("get_ticker_details", symbol="IBM")
    assert refused.value.code == "provider.unavailable"
    there.control("/connectivity", code=code)
    until_state(daemon, "up")
    until_topic(stream, "status|quote|AAPL|", "live")
    there.control("/quote", symbol="AAPL", bid=183, ask=183.5)
    until_quote(stream, "AAPL", 183)
    until_topic(meanwhile, "status|quote|IBM|", "live")
    # Whether one by one or sampled: after 1101 the venue does not give the ticks of a stock again so soon.
    there.control("/trade", symbol="AAPL", price=183.25, size=13)
    stream.until(lambda t, b: t == "trade|AAPL|" and b["size"] == 13)


def test_farms_and_other_sessions(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port))
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    until_topic(stream, "status|quote|AAPL|", "live")
    there.control("/farm", name="usfarm", up=False)
    until_state(daemon, "degraded", "farm")
    there.control("/farm", name="usfarm", up=True)
    until_state(daemon, "up")
    there.control("/data", delivered="live", competing=True)
    until_state(daemon, "degraded", "competing_session")
    until_topic(stream, "status|quote|AAPL|", "gap", "competing_session")
    there.control("/data", delivered="live", competing=False)
    there.control("/quote", symbol="AAPL", bid=184, ask=184.5)
    until_quote(stream, "AAPL", 184)
    until_state(daemon, "up")


def test_another_client_id_is_taken(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    other = Client(there.port, client=101)
    other.read()
    daemon = start(settings(there.port), expect_stderr=LINK)
    until_state(daemon, "up")
    alone = start(settings(there.port, client_ids=1), expect_stderr=LINK)
    until_state(alone, "down", "client_id")


def test_a_gateway_that_comes_later(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    there.stop()
    daemon = start(settings(there.port, retry_s_max=0.5), expect_stderr=LINK)
    stream = daemon.subscribe("quote|AAPL|")
    until_state(daemon, "down", "transport")
    gateway("--port", str(there.port))
    assert stream.next()[1]["symbol"] == "AAPL"


def test_too_many_messages_are_noticed(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port), expect_stderr="ibkr-too-fast")
    stream = daemon.subscribe("quote|AAPL|")
    stream.next()
    there.control("/notice", code=100, text="Max rate of messages per second has been exceeded")
    there.control("/quote", symbol="AAPL", bid=185, ask=185.5)
    until_quote(stream, "AAPL", 185)
    assert daemon.request("get_ticker_details", symbol="IBM")["symbol"] == "IBM"


# ---- questions ------------------------------------------------------------------------------------------------------


def test_bars(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway().port))
    until_state(daemon, "up")
    day = last_session()
    ask = lambda timeframe, begin, end, **more: daemon.request(  # noqa: E731
        "get_historical_data", symbol="AAPL", timeframe=timeframe, start=ns(begin), end=ns(end), **more
    )
    begin, end = day + timedelta(hours=15), day + timedelta(hours=16)
    minutes = ask("1m", begin, end)
    assert minutes["source"] == "ibkr"
    days = ask("1d", day - timedelta(days=60), day + timedelta(days=1))["bars"]
    assert 35 < len(days) < 50
    assert all(b["low"] <= min(b["open"], b["close"]) and b["high"] >= max(b["open"], b["close"]) for b in days)
    if minutes["bars"]:  # no holiday
        assert [b["ts"] for b in minutes["bars"]] == [ns(begin + timedelta(minutes=n)) for n in range(60)]
        assert ask("5m", begin, end)["bars"][0]["ts"] == ns(begin)
        seconds = ask("1s", begin, begin + timedelta(minutes=90), limit=5000)["bars"]
        assert [b["ts"] for b in seconds[:3]] == [ns(begin), ns(begin + timedelta(seconds=1)), ns(begin + timedelta(seconds=2))]
        assert len(seconds) == 5000
        regular = ask("1m", day, day + timedelta(days=1), session="regular")["bars"]
        assert 200 < len(regular) <= 390
    with pytest.raises(RequestFailed) as refused:
        daemon.request("get_historical_data", symbol="NOSUCH", timeframe="1d", start=ns(begin), end=ns(end))
    assert refused.value.code == "instrument.unknown"


def ask_at_once(daemon: Daemon, count: int) -> list[dict[str, Any]]:
    """So many half hours of one stock's seconds, a question each."""
    begin = last_session() + timedelta(hours=15)
    askers = [daemon.requester() for _ in range(count)]
    for n, asker in enumerate(askers):
        times = {"start": ns(begin + timedelta(minutes=30 * n)), "end": ns(begin + timedelta(minutes=30 * (n + 1)))}
        asker.send(msgpack.packb({"v": 1, "id": n, "op": "get_historical_data", "args": {"symbol": "AAPL", "timeframe": "1s", **times}}))
    return [asker.receive() for asker in askers]


def test_bars_of_seconds_keep_the_venues_pace(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there.port))
    until_state(daemon, "up")
    asked = time.monotonic()
    answers = ask_at_once(daemon, 8)
    assert all(each["ok"] for each in answers), answers
    assert time.monotonic() - asked > 2, "the sixth of a contract within two seconds was to wait"
    assert counter(daemon, "pacing_violations") == 0
    # Who may not wait so long is refused, and told when to ask again.
    hurried = start(settings(there.port, client_id=60, history_wait_s_max=1.0))
    until_state(hurried, "up")
    answers = ask_at_once(hurried, 8)
    refused = [each["error"] for each in answers if not each["ok"]]
    assert len(refused) == 3 and {each["code"] for each in refused} == {"provider.rate_limited"}
    assert all(each["retry_after_ms"] > 0 for each in refused)


def test_details_a_day_news_search(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway().port))
    until_state(daemon, "up")
    details = daemon.request("get_ticker_details", symbol="BRK.B")
    assert details["name"].startswith("BERKSHIRE") and details["exchange"] == "XNYS" and details["currency"] == "USD"
    day = daemon.request("get_daily_snapshot", symbol="AAPL")
    assert day["day"]["ts"] > day["previous_day"]["ts"] and "change_percent" in day
    items = daemon.request("get_news", symbol="AAPL", limit=5)["items"]
    assert len(items) == 5 and items[0]["ts"] > items[-1]["ts"]
    assert items[0]["title"].startswith("APPLE") and items[0]["publisher"].startswith(("Briefing", "Dow"))
    assert daemon.request("search_symbols", text="apple")["matches"][0]["symbol"] == "AAPL"
    with pytest.raises(RequestFailed) as refused:
        daemon.request("get_market_news")
    assert refused.value.code == "provider.unsupported"


def test_both_halves_use_one_gateway(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    config = settings(there.port)
    config["engine"]["broker"] = ["ibkr"]
    config["brokers.ibkr"] = {"port": there.port}
    daemon = start(config)
    until_state(daemon, "up")
    eventually(lambda: daemon.request("get_status")["brokers"][0]["state"] == "up", "the broker is up")
    stream = daemon.subscribe("quote|AAPL|", "order|")
    stream.until(lambda t, b: t == "quote|AAPL|")
    daemon.request("place_order", client_order_id="one", symbol="AAPL", side="buy", qty=10, order_type="market", time_in_force="day")
    stream.until(lambda t, b: t.startswith("order|") and b["event"] == "fill")
    assert len(there.control("/stats", "GET")["clients"]) == 2


# ---- a gateway that does odd things ---------------------------------------------------------------------------------


class OddGateway(threading.Thread):
    """Answers what the test says. `on`: message id -> what is said to such a message, by its fields."""

    def __init__(self, on: dict[str, Callable[[list[str]], list[list[Any]]]]) -> None:
        super().__init__(daemon=True)
        self.on = {
            "71": lambda _: [[15, 1, "DU1"], [9, 1, 1], [4, 2, -1, 2104, "Market data farm connection is OK:usfarm", ""]],
            "9": lambda m: [self.contract(m[2]), [52, 1, m[2]]],
            **on,
        }
        self.heard: list[list[str]] = []
        self.connection: socket.socket | None = None
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.start()

    @staticmethod
    def contract(req_id: str) -> list[Any]:
        return [10, req_id, "AAPL", "STK", "", 0, "", "SMART", "USD", "AAPL", "NMS", "NMS", 265598, 0.01, "", "LMT,MKT", "SMART",
                1, 0, "APPLE INC", "NASDAQ", "", "Technology", "Computers", "Computers", "US/Eastern", "", "", "", "", 0, 1, "",
                "", "26", "", "COMMON", 1, 1, 100]  # fmt: skip

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.connection = connection
                self.serve(connection)

    def serve(self, connection: socket.socket) -> None:
        data = b""
        greeted = False
        while more := connection.recv(65536):
            data += more
            if not greeted and len(data) >= 8 and len(data) >= 8 + int.from_bytes(data[4:8], "big"):
                data = data[8 + int.from_bytes(data[4:8], "big") :]
                connection.sendall(fields(178, "20260611 09:30:00 EST"))
                greeted = True
            while greeted and len(data) >= 4 and len(data) >= 4 + int.from_bytes(data[:4], "big"):
                end = 4 + int.from_bytes(data[:4], "big")
                message, data = data[4:end].decode().split("\0")[:-1], data[end:]
                self.heard.append(message)
                for answer in self.on.get(message[0], lambda _: [])(message):
                    connection.sendall(answer if isinstance(answer, bytes) else fields(*answer))

    def asked(self, kind: str) -> int:
        return sum(each[0] == kind for each in self.heard)

    def say(self, *message: object) -> None:
        assert self.connection
        self.connection.sendall(fields(*message))

    def last_line(self) -> str:
        """The request id of the newest market data line."""
        return [each for each in self.heard if each[0] == "1"][-1][2]


def test_messages_that_nobody_knows_and_broken_ones(start: Callable[..., Daemon]) -> None:
    def line(m: list[str]) -> list[Any]:
        return [
            [250, 1, "from the future"],
            [1, 6, 77, 1, "1.5", "100", 0],  # of nobody
            [1, 6, m[2], 1],  # cut short
            [1, 6, m[2], 1, "a price", "100", 0],
            [4, 2, m[2], 10090, "Part of requested market data is not subscribed.", ""],
            [1, 6, m[2], 1, "190.01", "100", 1],
            [1, 6, m[2], 2, "190.02", "200", 1, "a field of later versions"],
        ]

    there = OddGateway({"1": line})
    daemon = start(settings(there.port), expect_stderr="ibkr-bad-message")
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    quote = stream.until(lambda t, b: t == "quote|AAPL|" and b.get("ask") == 190.02)[-1][1]
    assert quote["bid"] == 190.01
    assert provider(daemon)["state"] == "up"
    assert counter(daemon, "messages_bad") == 2 and counter(daemon, "unknown_ids") >= 1


def test_a_pacing_violation_is_waited_out_and_asked_again(start: Callable[..., Daemon]) -> None:
    begin = last_session() + timedelta(hours=15)
    seconds = [[int(begin.timestamp()) + n, 190, 190.5, 189.5, 190.1, 100, 190.05, 7] for n in range(1800)]
    answers = iter(
        [
            lambda m: [[4, 2, m[1], 162, "Historical Market Data Service error message:Historical data request pacing violation", ""]],
            lambda m: [[17, m[1], "20260611 09:30:00 EST", "20260611 10:00:00 EST", len(seconds), *sum(seconds, [])]],
        ]
    )
    there = OddGateway({"20": lambda m: next(answers)(m)})
    daemon = start(settings(there.port))
    until_state(daemon, "up")
    times = {"start": ns(begin), "end": ns(begin + timedelta(minutes=30))}
    reply = daemon.requester().ask("get_historical_data", {"symbol": "AAPL", "timeframe": "1s", **times}, timeout_ms=60_000)
    bars = reply["result"]["bars"]
    assert len(bars) == 1800 and bars[0]["open"] == 190 and bars[0]["trades"] == 7 and bars[0]["vwap"] == 190.05
    assert there.asked("20") == 2 and counter(daemon, "pacing_violations") == 1


def test_a_question_without_an_answer_is_given_up_and_canceled(start: Callable[..., Daemon]) -> None:
    there = OddGateway({})
    daemon = start(settings(there.port, history_timeout_s=1.0))
    until_state(daemon, "up")
    begin = last_session() + timedelta(hours=15)
    with pytest.raises(RequestFailed) as late:
        daemon.request("get_historical_data", symbol="AAPL", timeframe="1m", start=ns(begin), end=ns(begin + timedelta(hours=1)))
    assert late.value.code == "provider.unavailable"
    eventually(lambda: there.asked("25") == 1, "the gateway is told that nobody waits any more")
    assert counter(daemon, "history_open") == 0 and provider(daemon)["state"] == "up"


def bid_of(m: list[str], price: str = "190.01") -> list[Any]:
    return [1, 6, m[2], 1, price, "100", 1]


def test_a_line_that_ends_for_now_is_a_gap_and_comes_back(start: Callable[..., Daemon]) -> None:
    asked: list[float] = []

    def line(m: list[str]) -> list[Any]:
        asked.append(time.monotonic())
        if len(asked) in (2, 3):
            return [[4, 2, m[2], 10182, "Failed to request live updates (disconnected).", ""]]
        return [bid_of(m, f"{190 + len(asked)}")]

    there = OddGateway({"1": line})
    daemon = start(settings(there.port))
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    until_quote(stream, "AAPL", 191)
    there.say(4, 2, there.last_line(), 10182, "Failed to request live updates (disconnected).", "")
    until_topic(stream, "status|quote|AAPL|", "gap", "provider.unavailable")
    assert counter(daemon, "topics_to_retry") == 1 and counter(daemon, "lines_open") == 0
    late = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    assert late.next()[1].get("quality") == "stale" or late.next()[1]["state"] == "gap"
    seen = stream.until(lambda t, b: t == "status|quote|AAPL|" and b["state"] == "live")
    assert not [b for t, b in seen if t == "status|quote|AAPL|" and b["state"] == "gap"], "told once"
    assert len(asked) == 4 and counter(daemon, "topics_to_retry") == 0
    pauses = [later - sooner for sooner, later in zip(asked[1:], asked[2:])]
    assert pauses[0] > 1.5 and pauses[1] > 3.0  # the first one was a second
    until_quote(late, "AAPL", 194)


def test_a_line_refused_for_now_at_the_first_time_is_asked_for_again(start: Callable[..., Daemon]) -> None:
    refusals = iter([True])

    def line(m: list[str]) -> list[Any]:
        if next(refusals, False):
            return [[4, 2, m[2], 31415, "A number that nobody knows", ""]]
        return [bid_of(m)]

    there = OddGateway({"1": line})
    daemon = start(settings(there.port))
    until_state(daemon, "up")
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    until_topic(stream, "status|quote|AAPL|", "gap", "provider.unavailable")
    until_topic(stream, "status|quote|AAPL|", "live")
    assert there.asked("1") == 2


def test_a_contract_that_cannot_be_had_now_is_not_asked_for_at_once(start: Callable[..., Daemon]) -> None:
    there = OddGateway({"9": lambda m: [[4, 2, m[2], 31415, "A number that nobody knows", ""]]})
    daemon = start(settings(there.port))
    until_state(daemon, "up")
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    until_topic(stream, "status|quote|AAPL|", "gap", "provider.unavailable")
    eventually(lambda: there.asked("9") == 2, "it is asked for again")
    assert there.asked("9") == 2


def test_the_quality_of_a_line_is_told_when_it_changes(start: Callable[..., Daemon]) -> None:
    there = OddGateway({"1": lambda m: [bid_of(m)]})
    daemon = start(settings(there.port))
    stream = daemon.subscribe("quote|AAPL|")
    assert "quality" not in until_quote(stream, "AAPL", 190.01)
    there.say(58, 1, there.last_line(), 2)
    frozen = stream.until(lambda t, b: b.get("quality") == "frozen")[-1][1]
    assert frozen["bid"] == 190.01


def test_quotes_of_a_chain_take_no_lines_that_topics_have(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon]
) -> None:
    there = gateway("--lines", "2")
    daemon = start(settings(there.port, lines=2))  # no warning: the gateway never says 101
    until_state(daemon, "up")
    # Other strikes each time: the cache answers what was asked before.
    chain = lambda low: daemon.request("get_option_chain", underlying="AAPL", strike_min=low, strike_max=low + 5, limit=6)["quotes"]  # noqa: E731
    priced = lambda rows: sum("bid" in row or "ask" in row for row in rows)  # noqa: E731
    assert priced(chain(185)) == 6
    streams = {s: daemon.subscribe(f"quote|{s}|", f"status|quote|{s}|") for s in ("MSFT", "IBM")}
    for symbol, stream in streams.items():
        until_topic(stream, f"status|quote|{symbol}|", "live")
    rows = chain(180)
    assert len(rows) == 6 and priced(rows) == 0
    streams["MSFT"].unsubscribe("quote|MSFT|")
    eventually(lambda: counter(daemon, "lines_open") == 1, "a line is free")
    assert priced(chain(175)) == 6
    assert counter(daemon, "lines_borrowed") == 0 and counter(daemon, "lines_allowed") == 2
