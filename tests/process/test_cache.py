"""The cache as clients meet it: bars that outlive a crash, one call for all who ask, the pace of calls, pages."""

import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq
from harness import DEADLINE_S, Daemon, RequestFailed, binary, eventually
from small_disk import SmallDisk

SOURCE = Path(__file__).parents[2]
HOUR = 3_600 * 10**9
MONDAY = 1_718_596_800 * 10**9  # 2024-06-17, midnight in New York; the 19th was a holiday
DAY = 24 * HOUR


def minutes(start: int = MONDAY, end: int = MONDAY + DAY, **more: Any) -> dict[str, Any]:
    return {"symbol": "AAPL", "timeframe": "1m", "start": start, "end": end, **more}


def kind(daemon: Daemon, name: str) -> dict[str, Any]:
    (only,) = daemon.request("cache_stats", kind=name)["kinds"]
    assert only["kind"] == name
    return only


def test_an_unknown_kind_of_statistics_is_refused(daemon: Daemon) -> None:
    with pytest.raises(RequestFailed, match=r"request\.invalid.*there is no kind"):
        daemon.request("cache_stats", kind="moon")


def disk(daemon: Daemon) -> dict[str, Any]:
    return dict(daemon.request("cache_stats")["disk"])


def kept(daemon: Daemon, ranges: int = 1) -> None:
    eventually(lambda: disk(daemon)["ranges"] >= ranges, "the bars are on disk")


# ---- bars on disk ---------------------------------------------------------------------------------------------------


def test_kept_bars_outlive_a_power_cut(start: Callable[..., Daemon]) -> None:
    daemon = start()
    first = daemon.request("get_historical_data", **minutes())
    assert (len(first["bars"]), first["cached"], "next_start" in first) == (390, False, False)
    kept(daemon)
    daemon.kill()
    daemon.restart()
    again = daemon.request("get_historical_data", **minutes())
    assert (again["bars"], again["cached"]) == (first["bars"], True)
    assert kind(daemon, "bars")["upstream_calls"] == 0
    before = disk(daemon)["bytes"]
    # A question that reaches further asks for the rest only; the holiday is then known to be empty.
    wider = daemon.request("get_historical_data", **minutes(end=MONDAY + 3 * DAY))
    assert len(wider["bars"]) == 2 * 390
    assert kind(daemon, "bars")["upstream_calls"] == 1
    eventually(lambda: disk(daemon)["bytes"] > before, "it is written")
    daemon.kill()
    daemon.restart()
    holiday = daemon.request("get_historical_data", **minutes(MONDAY + 2 * DAY, MONDAY + 3 * DAY))
    assert (holiday["bars"], holiday["cached"]) == ([], True)
    assert kind(daemon, "bars")["upstream_calls"] == 0


def test_power_cuts_in_the_middle_of_writing_damage_nothing(start: Callable[..., Daemon]) -> None:
    daemon = start()
    weeks = 12
    expected = {
        week: daemon.request("get_historical_data", **minutes(MONDAY - week * 7 * DAY, MONDAY - week * 7 * DAY + 5 * DAY))
        for week in range(weeks)
    }
    daemon.request("cache_clear")
    for cut in range(6):
        requester = daemon.requester()
        for week in range(weeks):
            args = minutes(MONDAY - week * 7 * DAY, MONDAY - week * 7 * DAY + 5 * DAY)
            request = {"v": 1, "id": week, "op": "get_historical_data", "args": args}
            requester.send(msgpack.packb(request))
        for _ in range(2 * cut):  # the others are under way, or being written
            requester.receive()
        requester.socket.close(0)
        daemon.kill()
        daemon.restart()
        eventually(lambda: disk(daemon)["state"] == "up", "the file is open")
        for week, answer in expected.items():
            args = minutes(MONDAY - week * 7 * DAY, MONDAY - week * 7 * DAY + 5 * DAY)
            assert daemon.request("get_historical_data", **args)["bars"] == answer["bars"]
        daemon.request("cache_clear")
    daemon.stop()
    assert not list((daemon.folder / "data").glob("*.damaged-*"))
    with contextlib.closing(sqlite3.connect(daemon.folder / "data" / "bars.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_another_market_is_another_history(start: Callable[..., Daemon]) -> None:
    daemon = start()
    first = daemon.request("get_historical_data", **minutes())
    kept(daemon)
    daemon.stop()
    daemon._config["providers.sim"] = {"seed": 2}
    daemon.restart()
    other = daemon.request("get_historical_data", **minutes())
    assert other["cached"] is False and other["bars"] != first["bars"]


def test_a_damaged_file_is_set_aside(start: Callable[..., Daemon]) -> None:
    daemon = start(expect_stderr="bars-disk-damaged")
    daemon.request("get_historical_data", **minutes())
    kept(daemon)
    daemon.stop()
    folder = daemon.folder / "data"
    (folder / "bars.sqlite").write_bytes(b"not a database" * 1000)
    daemon.restart()
    assert daemon.request("get_historical_data", **minutes())["cached"] is False
    kept(daemon)
    (aside,) = folder.glob("bars.sqlite.damaged-*")
    assert aside.read_bytes() == b"not a database" * 1000
    assert daemon.stderr().count("bars-disk-damaged") == 1 and aside.name in daemon.stderr()


def test_a_newer_layout_is_refused_and_left_alone(start: Callable[..., Daemon]) -> None:
    daemon = start(expect_stderr="bars-disk-failed")
    daemon.request("get_historical_data", **minutes())
    kept(daemon)
    daemon.stop()
    path = daemon.folder / "data" / "bars.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 77")
    db.close()
    before = path.read_bytes()
    daemon.restart()
    assert len(daemon.request("get_historical_data", **minutes())["bars"]) == 390
    assert disk(daemon)["state"] == "failed" and "layout 77" in disk(daemon)["reason"]
    assert daemon.request("get_status")["bars_disk"]["state"] == "failed"
    daemon.stop()
    assert path.read_bytes() == before
    assert len([line for line in daemon.stderr().splitlines() if line]) == 1


def test_clearing_forgets_the_bars_on_disk(start: Callable[..., Daemon]) -> None:
    daemon = start()
    daemon.request("get_historical_data", **minutes())
    kept(daemon)
    assert daemon.request("cache_clear", kind="bars")["disk"]["ranges"] == 0
    assert daemon.request("get_historical_data", **minutes())["cached"] is False


def test_clearing_a_symbol_leaves_the_others(start: Callable[..., Daemon]) -> None:
    daemon = start()
    for symbol in ("AAPL", "MSFT"):
        daemon.request("get_historical_data", **{**minutes(), "symbol": symbol})
        daemon.request("get_ticker_details", symbol=symbol)
    kept(daemon, 2)
    assert daemon.request("cache_clear", kind="bars", symbol="AAPL")["disk"]["ranges"] == 1
    assert daemon.request("get_historical_data", **minutes())["cached"] is False
    assert daemon.request("get_historical_data", **{**minutes(), "symbol": "MSFT"})["cached"] is True
    assert daemon.request("get_ticker_details", symbol="AAPL")["cached"] is True
    kept(daemon, 2)
    assert daemon.request("cache_clear", symbol="AAPL")["disk"]["ranges"] == 1
    assert daemon.request("get_ticker_details", symbol="AAPL")["cached"] is False
    assert daemon.request("get_ticker_details", symbol="MSFT")["cached"] is True
    for args in ({"kind": "nonsense"}, {"symbol": ""}, {"symbol": "AAPL@sim"}, {"symbol": "x" * 5_000}, {"symbol": 5}):
        with pytest.raises(RequestFailed) as refused:
            daemon.request("cache_clear", **args)
        assert refused.value.code in ("request.invalid", "instrument.unknown"), args
    assert daemon.request("get_ticker_details", symbol="MSFT")["cached"] is True


def test_a_full_disk_costs_calls_and_no_answers(
    start: Callable[..., Daemon], small_disk: Callable[[int], SmallDisk]
) -> None:
    there = small_disk(1)
    daemon = start(
        {"engine": {"data_dir": str(there.folder)}, "journal": {"sync": "none"}, "brokers.paper": {"persist": False}},
        prefix=there.enter,
        expect_stderr="bars-disk-unwritable|journal-off",
    )
    first = daemon.request("get_historical_data", **minutes())
    kept(daemon)
    there.fill()
    day = 0
    while disk(daemon)["state"] == "up":  # what is free within the log's file is used up first
        day += 1
        assert day < 100
        answer = daemon.request("get_historical_data", **minutes(MONDAY - 7 * day * DAY, MONDAY - 7 * day * DAY + DAY))
        assert len(answer["bars"]) > 0
    assert disk(daemon)["state"] == "read_only" and "full" in disk(daemon)["reason"]
    assert disk(daemon)["skipped"] >= 1
    assert daemon.request("get_status")["bars_disk"]["state"] == "read_only"
    # What is kept is still read: the cache in memory forgets this answer first, as another limit is another question.
    calls = kind(daemon, "bars")["upstream_calls"]
    again = daemon.request("get_historical_data", **minutes(), limit=100)
    assert again["bars"] == first["bars"][:100] and again["cached"] is True
    assert kind(daemon, "bars")["upstream_calls"] == calls
    assert daemon.stderr().count("bars-disk-unwritable") == 1
    there.make_room()

    asked = 0

    def is_back() -> bool:  # it tries again with the next answer that it is to keep
        nonlocal asked
        asked += 1
        daemon.request("get_historical_data", **minutes(end=MONDAY + 10 * HOUR) | {"symbol": f"A{asked}"})
        return bool(disk(daemon)["state"] == "up")

    eventually(is_back, "the disk is written to again")
    before = disk(daemon)["ranges"]
    daemon.request("get_historical_data", **minutes(MONDAY - DAY * 3, MONDAY - DAY * 2))
    kept(daemon, before + 1)
    assert disk(daemon)["reason"] == ""


def test_what_must_be_forgotten_on_a_full_disk_is_not_read_again(
    start: Callable[..., Daemon], small_disk: Callable[[int], SmallDisk]
) -> None:
    there = small_disk(1)
    daemon = start(
        {"engine": {"data_dir": str(there.folder)}, "journal": {"sync": "none"}, "brokers.paper": {"persist": False}},
        prefix=there.enter,
        expect_stderr="bars-disk-|journal-off",
    )
    daemon.request("get_historical_data", **minutes())
    kept(daemon)
    there.fill()
    day = 0
    while disk(daemon)["state"] == "up":
        day += 1
        daemon.request("get_historical_data", **minutes(MONDAY - 7 * day * DAY, MONDAY - 7 * day * DAY + DAY))
    daemon.request("cache_clear", kind="bars", symbol="AAPL")
    assert daemon.request("get_historical_data", **minutes())["cached"] is False
    assert "bars-disk-dropped" in daemon.stderr()


# ---- quotes ---------------------------------------------------------------------------------------------------------


def test_a_loop_over_get_quote_opens_one_subscription(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"symbols": ["AAPL"]}})
    assert kind(daemon, "quotes")["entries"] == 0
    for _ in range(50):
        assert daemon.request("get_quote", symbol="AAPL")["bid"] > 0
    quotes = kind(daemon, "quotes")
    assert (quotes["upstream_calls"], quotes["misses"], quotes["hits"]) == (1, 1, 49)
    assert (quotes["entries"], quotes["stale"]) == (1, 0) and quotes["bytes"] > 0 and quotes["ttl_ms"] >= 1
    for _ in range(3):
        with pytest.raises(RequestFailed, match=r"instrument\.unknown"):
            daemon.request("get_quote", symbol="NOSUCH")
    assert kind(daemon, "quotes")["upstream_calls"] == 2  # once more, for what does not exist
    assert daemon.request("get_status")["cache"][0]["kind"] == "quotes"
    cleared = next(x for x in daemon.request("cache_clear", kind="quotes")["kinds"] if x["kind"] == "quotes")
    assert cleared["entries"] == 1  # it flows
    with pytest.raises(RequestFailed, match=r"instrument\.unknown"):
        daemon.request("get_quote", symbol="NOSUCH")
    assert kind(daemon, "quotes")["upstream_calls"] == 3


# ---- splits and dividends -------------------------------------------------------------------------------------------


def test_a_recorded_split_drops_the_adjusted_bars_and_leaves_the_raw_ones(
    start: Callable[..., Daemon], tmp_path: Path
) -> None:
    day = MONDAY + 5 * DAY
    trades = tmp_path / "trades.csv"
    trades.write_text("ts_ns,symbol,price,size\n" + "".join(f"{day + i * 10**9},XYZ,10,1\n" for i in range(3)))
    actions = tmp_path / "actions.csv"
    actions.write_text(f"ts_ns,symbol,action,value\n{day + 10**9},AAPL,split,4\n{day + 10**9},IBM,dividend,0.25\n")
    daemon = start(
        {
            "engine": {"data_provider": ["replay", "sim"]},
            "providers.replay": {"files": [str(trades), str(actions)], "speed": 0, "start": "connect"},
        }
    )

    def ask(symbol: str, adjusted: bool) -> bool:
        args = {**minutes(), "symbol": f"{symbol}@sim", "adjusted": adjusted}
        return bool(daemon.request("get_historical_data", **args)["cached"])

    asked = [(symbol, adjusted) for symbol in ("AAPL", "IBM", "MSFT") for adjusted in (False, True)]
    assert not any(ask(*each) for each in asked)
    kept(daemon, 6)
    assert all(ask(*each) for each in asked)
    daemon.request("connect", provider="replay")
    eventually(lambda: disk(daemon)["ranges"] == 5, "the adjusted bars of AAPL are gone; IBM had a dividend")
    assert [ask(*each) for each in asked] == [True, False, True, True, True, True]
    counters = next(p for p in daemon.request("get_status")["providers"] if p["provider"] == "replay")["counters"]
    assert {"name": "actions", "value": 2} in counters


def test_a_flood_of_recorded_splits_does_not_hold_up_questions(start: Callable[..., Daemon], tmp_path: Path) -> None:
    trades = tmp_path / "trades.csv"
    trades.write_text(f"ts_ns,symbol,price,size\n{MONDAY},XYZ,10,1\n")
    actions = tmp_path / "actions.csv"
    many = 100_000
    rows = (f"{MONDAY + i},S{i % 5_000},split,2\n" for i in range(many))
    actions.write_text("ts_ns,symbol,action,value\n" + "".join(rows))
    daemon = start(
        {
            "engine": {"data_provider": ["replay", "sim"]},
            "providers.replay": {"files": [str(trades), str(actions)], "speed": 0, "start": "connect"},
        }
    )
    for i in range(1_000):  # what a look through all that is kept takes
        daemon.request("get_ticker_details", symbol=f"Z{i}@sim")
    daemon.request("connect", provider="replay")

    def replay() -> dict[str, Any]:  # each of these is answered in time, or it raises
        return next(p for p in daemon.request("get_status")["providers"] if p["provider"] == "replay")

    eventually(lambda: replay()["reason"] == "end_of_data", "all of them are told")
    assert {"name": "actions", "value": many} in replay()["counters"]


# ---- one call for all -----------------------------------------------------------------------------------------------


def test_ten_thousand_equal_questions_make_one_call(start: Callable[..., Daemon]) -> None:
    clients, each = 64, 156
    daemon = start({"bus": {"requests_open_max": 20_000, "request_timeout_ms": 60_000}})
    sockets = [daemon.requester() for _ in range(clients)]
    request = {"v": 1, "op": "get_historical_data", "args": minutes(end=MONDAY + 20 * DAY, limit=20)}
    more = 10_000 - clients * each
    for number in range(each):
        for socket in sockets:
            socket.send(msgpack.packb({**request, "id": number}))
    for number in range(more):
        sockets[number].send(msgpack.packb({**request, "id": each}))
    bars = None
    for index, socket in enumerate(sockets):
        for _ in range(each + (1 if index < more else 0)):
            reply = socket.receive(60)
            assert reply["ok"], reply
            bars = bars or reply["result"]["bars"]
            assert reply["result"]["bars"] == bars
    stats = kind(daemon, "bars")
    assert stats["upstream_calls"] == 1
    assert stats["hits"] + stats["coalesced"] + stats["misses"] == 10_000


# ---- pace -----------------------------------------------------------------------------------------------------------


def test_calls_keep_to_the_pace_and_late_ones_are_told_when(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"calls_per_minute": 2}})
    for symbol in ("AAPL", "MSFT"):
        daemon.request("get_ticker_details", symbol=symbol)
    began = time.monotonic()
    refused = daemon.requester().ask("get_ticker_details", {"symbol": "TSLA"}, timeout_ms=600)
    took = time.monotonic() - began
    assert refused["error"]["code"] == "provider.rate_limited"
    assert 30_000 < refused["error"]["retry_after_ms"] <= 60_000
    assert "calls_per_minute = 2" in refused["error"]["message"]
    assert took > 0.3
    assert daemon.request("get_ticker_details", symbol="AAPL")["cached"] is True
    (pace,) = daemon.request("get_status")["pacing"]
    assert (pace["provider"], pace["rules"]["calls_per_minute"], pace["calls"]) == ("sim", 2, 2)
    assert (pace["refused"], pace["waiting"], pace["under_way"]) == (1, 0, 0)


def test_a_call_waits_for_its_turn(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"calls_per_second": 1}})
    began = time.monotonic()
    for symbol in ("A", "B", "C"):
        daemon.request("get_ticker_details", symbol=symbol)
    assert time.monotonic() - began >= 2


def test_the_last_answer_stands_in_while_calls_are_used_up(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"calls_per_minute": 1}, "cache.ttl": {"snapshot_s": 0.01, "snapshot_closed_s": 0.01}})
    first = daemon.request("get_daily_snapshot", symbol="AAPL")
    assert "stale" not in first
    ask = daemon.requester()

    def stale() -> Any:
        reply = ask.ask("get_daily_snapshot", {"symbol": "AAPL"}, timeout_ms=200)
        return reply["result"].get("stale") and reply["result"]

    again = eventually(stale, "the answer is past its time")
    assert again["cached"] is True and again["ts"] == first["ts"]
    assert kind(daemon, "snapshots")["stale"] >= 1


# ---- pages and sessions ---------------------------------------------------------------------------------------------


def test_a_year_of_minutes_comes_in_pages_below_a_megabyte(start: Callable[..., Daemon]) -> None:
    daemon = start({"bus": {"request_timeout_ms": 60_000}})
    socket = daemon.requester()
    at: int | None = MONDAY - 365 * DAY
    last = 0
    count = 0
    pages = 0
    while at is not None:
        socket.send(msgpack.packb({"v": 1, "id": 1, "op": "get_historical_data", "args": minutes(at, MONDAY)}))
        assert socket.socket.poll(int(DEADLINE_S * 1000))
        frame = socket.socket.recv_multipart()[-1]
        assert len(frame) < 1_000_000
        result = msgpack.unpackb(frame)["result"]
        assert all(b["ts"] > a["ts"] for a, b in zip(result["bars"], result["bars"][1:], strict=False))
        assert result["bars"][0]["ts"] > last
        last = result["bars"][-1]["ts"]
        count += len(result["bars"])
        pages += 1
        at = result.get("next_start")
    assert pages == count // 5_000 + 1
    # 250 sessions, one of them (July 3rd) and the days after Thanksgiving and before Christmas early ones at most.
    assert 250 * 390 - 3 * 180 <= count <= 250 * 390


def test_sessions_are_picked_by_the_calendar(start: Callable[..., Daemon]) -> None:
    daemon = start()
    hours = {"symbol": "AAPL", "timeframe": "1h", "start": MONDAY, "end": MONDAY + DAY}
    for session in ("all", "regular", "extended"):
        result = daemon.request("get_historical_data", **{**hours, "session": session})
        assert [(bar["ts"] - MONDAY) // HOUR for bar in result["bars"]] == [9, 10, 11, 12, 13, 14, 15]
    coins = {"symbol": "BTC-USD", "timeframe": "1h", "start": MONDAY, "end": MONDAY + DAY}
    assert len(daemon.request("get_historical_data", **coins)["bars"]) == 24


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"start": MONDAY + DAY, "end": MONDAY}, "start"),
        ({"start": -1}, "start"),
        ({"end": 4_200_000_000 * 10**9}, "start"),
        ({"limit": 0}, "limit"),
        ({"session": "lunch"}, "session"),
        ({"timeframe": "2m"}, "timeframe"),
        ({"adjusted": 3}, "adjusted"),
    ],
)
def test_bad_questions_name_their_key(daemon: Daemon, change: dict[str, Any], key: str) -> None:
    with pytest.raises(RequestFailed) as caught:
        daemon.request("get_historical_data", **{**minutes(), **change})
    assert caught.value.code == "request.invalid"
    assert caught.value.error["details"]["key"] == key


def test_a_billion_bars_are_a_page(daemon: Daemon) -> None:
    result = daemon.request("get_historical_data", **minutes(end=MONDAY + 60 * DAY, limit=1_000_000_000))
    assert len(result["bars"]) == 5_000 and result["next_start"] > result["bars"][-1]["ts"]


def test_a_symbol_that_does_not_exist_costs_one_call(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"symbols": ["AAPL"]}})
    for _ in range(3):
        with pytest.raises(RequestFailed) as caught:
            daemon.request("get_ticker_details", symbol="NOSUCH")
        assert caught.value.code == "instrument.unknown"
    assert kind(daemon, "details")["upstream_calls"] == 1


# ---- clients --------------------------------------------------------------------------------------------------------


def test_python_follows_the_pages(start: Callable[..., Daemon]) -> None:
    import sys

    sys.path.insert(0, str(SOURCE / "clients" / "python"))
    from tradebus import Client

    daemon = start()
    with Client(daemon.stream, daemon.command) as client:
        bars = client.bars("AAPL", "1m", MONDAY, MONDAY + 28 * DAY, session="regular", timeout=30)
        assert len(bars) == 18 * 390 - 180  # 20 weekdays less two holidays; July 3rd closes at 13:00
        assert all(b.ts > a.ts for a, b in zip(bars, bars[1:], strict=False))
        assert client.bars("AAPL", "1m", MONDAY, MONDAY + 28 * DAY, session="regular", timeout=30).cached
        assert len(client.bars("AAPL", "1m", MONDAY, MONDAY + 28 * DAY, limit=6_000, timeout=30)) == 6_000


def test_the_command_asks_for_sessions_and_adjusted_bars(daemon: Daemon) -> None:
    done = subprocess.run(
        [binary("tradebus"), "--command", daemon.command, "--stream", daemon.stream, "--json", "bars", "AAPL", "5m"]
        + ["--start", "2024-06-17", "--end", "2024-06-18", "--session", "regular", "--adjusted"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"open"') == 78


# ---- whatever is asked ------------------------------------------------------------------------------------------------


def test_whatever_is_asked_has_a_named_answer_and_leaves_the_cache_in_order(daemon: Daemon) -> None:
    year_2100 = 4_102_444_800 * 10**9
    ends = [MONDAY + DAY, MONDAY, -1, 0, 1, -(2**63), 2**63 - 1, 2**63, 2**64 - 1, year_2100, year_2100 + 1, 1.5]
    odd: list[Any] = [*ends, float("nan"), float("inf"), -float("inf"), "", "now", None, True, [], {}, b"\xff", "x" * 5_000]
    symbols: list[Any] = ["", "AAPL", "A" * 32, "A" * 33, "A" * 4_000, "a b", "\x00", "AAPL@", "@sim", "AAPL@nobody", "é"]
    questions: list[tuple[str, dict[str, Any]]] = []
    for value in odd:
        questions += [
            ("get_historical_data", minutes(start=value)),
            ("get_historical_data", minutes(end=value)),
            ("get_historical_data", minutes(limit=value)),
            ("get_historical_data", minutes(adjusted=value)),
            ("get_historical_data", minutes(session=value)),
            ("get_historical_data", {**minutes(), "timeframe": value}),
            ("get_news", {"symbol": "AAPL", "limit": value}),
            ("get_news", {"symbol": "AAPL", "since": value}),
            ("get_market_news", {"provider": value}),
            ("get_option_chain", {"underlying": "AAPL", "strike_min": value, "limit": 5}),
            ("get_option_chain", {"underlying": "AAPL", "expiry": value, "limit": 5}),
            ("get_option_chain", {"underlying": "AAPL", "strike_min": 200, "strike_max": value, "limit": 5}),
            ("search_symbols", {"text": value}),
            ("search_symbols", {"text": "A", "limit": value}),
            ("cache_clear", {"kind": value, "symbol": "NONE"}),
            ("get_calendar", {"exchange": "XNYS", "start": value, "end": value}),
        ]
    for limit in (0, 1, 10**9, 2**32, -1):
        questions.append(("get_historical_data", minutes(limit=limit)))
        questions.append(("get_news", {"symbol": "AAPL", "limit": limit}))
    for symbol in [*symbols, *odd]:
        questions += [(op, {"symbol": symbol}) for op in ("get_ticker_details", "get_daily_snapshot", "get_news")]
        questions.append(("get_historical_data", {**minutes(), "symbol": symbol}))
        questions.append(("get_option_chain", {"underlying": symbol}))
        questions.append(("cache_clear", {"symbol": symbol, "kind": "search"}))
    # Both ends, each against each.
    questions += [("get_historical_data", minutes(a, b)) for a in ends for b in ends]
    requester = daemon.requester()
    requester.socket.setsockopt(zmq.RCVHWM, 0)
    for number, (op, args) in enumerate(questions):
        requester.send(msgpack.packb({"v": 1, "id": number, "op": op, "args": args}))
    codes: dict[str, int] = {}
    for _ in questions:
        reply = requester.receive()
        if reply["ok"]:
            continue
        code = reply["error"]["code"]
        codes[code] = codes.get(code, 0) + 1
        assert code in {"request.invalid", "request.malformed", "instrument.unknown", "provider.unavailable", "provider.not_found"}, (
            questions[reply["id"]] if "id" in reply else None,
            reply["error"],
        )
        assert len(reply["error"]["message"]) < 1_000
    assert codes["request.invalid"] > 200
    assert len(daemon.request("get_historical_data", **minutes())["bars"]) == 390
    assert daemon.request("get_status")["bars_disk"]["state"] == "up"
