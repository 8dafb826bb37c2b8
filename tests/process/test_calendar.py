"""get_calendar and calendar files, against the real daemon."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgpack
import pytest
from harness import DEADLINE_S, Daemon, RequestFailed, binary

YEARS = 46
SOURCE = Path(__file__).parents[2]


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def calendar(daemon: Daemon, exchange: str, start: Any, end: Any, **more: Any) -> Any:
    return daemon.request("get_calendar", exchange=exchange, start=start, end=end, **more)


def test_a_week_with_a_holiday_and_an_early_close(daemon: Daemon) -> None:
    answer = calendar(daemon, "XNYS", "2026-11-23", "2026-11-29")
    assert [s["date"] for s in answer["sessions"]] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"]
    assert answer["sessions"][0] == {
        "date": "2026-11-23", "open": ns("2026-11-23T14:30"), "close": ns("2026-11-23T21:00"), "early": False,
    }  # fmt: skip
    assert answer["sessions"][3] == {
        "date": "2026-11-27", "open": ns("2026-11-27T14:30"), "close": ns("2026-11-27T18:00"), "early": True,
        "name": "Day after Thanksgiving",
    }  # fmt: skip
    assert answer["closures"] == [{"date": "2026-11-26", "name": "Thanksgiving Day"}]
    assert (answer["exchange"], answer["timezone"]) == ("XNYS", "America/New_York")


def test_hours_before_and_after_come_when_asked_for(daemon: Daemon) -> None:
    (day,) = calendar(daemon, "NYSE", "2026-11-27", "2026-11-27", extended=True)["sessions"]
    assert (day["pre_open"], day["pre_close"]) == (ns("2026-11-27T09:00"), ns("2026-11-27T14:30"))
    assert (day["post_open"], day["post_close"]) == (ns("2026-11-27T18:00"), ns("2026-11-27T22:00"))
    assert day["utc_offset_s"] == -5 * 3600
    (day,) = calendar(daemon, "XTKS", "2026-11-27", "2026-11-27")["sessions"]
    assert (day["break_start"], day["break_end"]) == (ns("2026-11-27T02:30"), ns("2026-11-27T03:30"))


def test_a_range_of_times_has_the_sessions_that_touch_it(daemon: Daemon) -> None:
    def dates(exchange: str, start: str, end: str) -> list[str]:
        return [s["date"] for s in calendar(daemon, exchange, ns(start), ns(end))["sessions"]]

    assert dates("XNYS", "2026-11-24T21:00", "2026-11-25T14:30") == []
    assert dates("XNYS", "2026-11-24T20:59", "2026-11-25T14:31") == ["2026-11-24", "2026-11-25"]
    assert dates("CMES", "2026-11-22T23:30", "2026-11-22T23:31") == ["2026-11-23"]  # Sunday evening
    assert len(dates("XNYS", "1990-01-01T00:00", "2036-01-01T00:00")) == 11_577


def pages(daemon: Daemon, exchange: str, start: Any, end: Any, **more: Any) -> Iterator[Any]:
    requester = daemon.requester()
    following: Any = start
    while following is not None:
        args = {"exchange": exchange, "start": following, "end": end, **more}
        requester.send(msgpack.packb({"v": 1, "id": 1, "op": "get_calendar", "args": args}))
        frame = requester.socket.recv_multipart()[-1]
        assert len(frame) < 1_000_000
        reply = msgpack.unpackb(frame)
        assert reply["ok"], reply
        yield reply["result"]
        following = reply["result"].get("next_start")


def test_no_answer_passes_a_megabyte_and_the_pages_have_every_day_once(daemon: Daemon) -> None:
    for exchange in ("XNYS", "XTKS", "CMES", "24/7"):
        all_pages = list(pages(daemon, exchange, "1990-01-01", "2037-12-31", extended=True))
        assert len(all_pages) > 1, exchange
        sessions = [s for page in all_pages for s in page["sessions"]]
        closures = [c["date"] for page in all_pages for c in page["closures"]]
        by_year = [calendar(daemon, exchange, f"{y}-01-01", f"{y}-12-31", extended=True) for y in range(1990, 2038)]
        assert sessions == [s for year in by_year for s in year["sessions"]]
        assert closures == [c["date"] for year in by_year for c in year["closures"]]
    # Ends that are times: the first session of the next page may open on the evening before its date.
    times = list(pages(daemon, "CMES", ns("1990-01-01T00:00"), ns("2037-12-30T23:30"), extended=True))
    dates = [s["date"] for page in times for s in page["sessions"]]
    assert len(times) > 1 and dates == sorted(set(dates)) and dates[-1] == "2037-12-31"


def test_the_clients_follow_the_pages(daemon: Daemon) -> None:
    sys.path.insert(0, str(SOURCE / "clients" / "python"))
    from tradebus import Client

    with Client(daemon.stream, daemon.command) as client:
        days = client.calendar("XNYS", "1990-01-01", "2037-12-31", extended=True)
        assert len(days) == len({s.date for s in days}) > 48 * 250 and days[-1].pre_open is not None
        assert len(client.closures("XTKS", "1990-01-01", "2037-12-31")) > 48 * 12
    done = subprocess.run(
        [binary("tradebus"), "--command", daemon.command, "--json", "calendar", "XNYS"]
        + ["--start", "1990-01-01", "--end", "2037-12-31"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"open"') == len(days)


def test_all_years_of_most_exchanges_come_in_one_answer(daemon: Daemon) -> None:
    for exchange in ("XNYS", "XNAS", "OPRA", "XCBO", "XLON", "FX", "24/7"):
        answer = calendar(daemon, exchange, "1990-01-01", "2035-12-31")
        assert "next_start" not in answer
        sessions = answer["sessions"]
        assert len(sessions) > YEARS * 244, exchange
        assert all(s["open"] < s["close"] for s in sessions)
        assert all(a["date"] < b["date"] and a["close"] <= b["open"] for a, b in zip(sessions, sessions[1:]))


@pytest.mark.parametrize(
    ("args", "key"),
    [
        ({"exchange": "XNYZ"}, "exchange"),
        ({"exchange": ""}, "exchange"),
        ({"exchange": 5}, "exchange"),
        ({"exchange": "x" * 4000}, "exchange"),
        ({"exchange": None}, "exchange"),
        ({"start": "2026-13-01"}, "start"),
        ({"start": "2026-02-30"}, "start"),
        ({"start": "november"}, "start"),
        ({"start": ""}, "start"),
        ({"start": None}, "start"),
        ({"end": None}, "end"),
        ({"start": "1989-12-31"}, "start"),
        ({"start": "0000-01-01"}, "start"),
        ({"end": "2038-01-01"}, "end"),
        ({"end": "9999-12-31"}, "end"),
        ({"end": "2026-10-31"}, "start"),
        ({"start": -(2**63)}, "start"),
        ({"end": 2**63 - 1}, "end"),
        ({"end": 2**64 - 1}, "end"),
        ({"start": 1.5}, "start"),
        ({"start": [1]}, "start"),
        ({"extended": "yes"}, "extended"),
    ],
)
def test_bad_arguments_name_their_key(daemon: Daemon, args: dict[str, Any], key: str) -> None:
    with pytest.raises(RequestFailed) as failed:
        daemon.request("get_calendar", **{"exchange": "XNYS", "start": "2026-11-01", "end": "2026-11-30", **args})
    assert "request.invalid" in str(failed.value)
    assert failed.value.error["details"]["key"] == key
    assert calendar(daemon, "XNYS", "2026-11-02", "2026-11-02")["sessions"]


def test_a_file_in_the_data_folder_closes_a_day(start: Callable[..., Daemon], tmp_path: Path) -> None:
    folder = tmp_path / "data" / "calendars"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('[[XNYS.closure]]\nname = "Mourning"\ndate = 2026-12-01\n')
    more = tmp_path / "more.toml"
    more.write_text('[[XLON.special_day]]\nname = "Short"\ndate = "2026-12-02"\nclose = "11:00"\n')
    daemon = start({"engine": {"data_dir": str(tmp_path / "data")}, "calendar": {"files": [str(more)]}})
    assert calendar(daemon, "XNAS", "2026-12-01", "2026-12-01") | {"name": ""} == {
        "exchange": "XNAS", "name": "", "timezone": "America/New_York",
        "sessions": [], "closures": [{"date": "2026-12-01", "name": "Mourning"}],
    }  # fmt: skip
    (day,) = calendar(daemon, "XLON", "2026-12-02", "2026-12-02")["sessions"]
    assert day["early"] and day["close"] == ns("2026-12-02T11:00")


@pytest.mark.parametrize("option", ["--check-config", None])
def test_a_broken_file_is_told_with_file_line_and_key(tmp_path: Path, option: str | None) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('[[XNYS.closure]]\nname = "x"\ndate = "2026-02-30"\n')
    config = tmp_path / "tradebus.toml"
    config.write_text(f'[engine]\ndata_dir = "{tmp_path}"\n[calendar]\nfiles = ["{broken}"]\n')
    argv = [binary("tradebusd"), "--config", str(config), *([option] if option else [])]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(argv, capture_output=True, text=True, timeout=DEADLINE_S, env=environment)
    assert done.returncode == 2
    assert f"{broken}:3: key XNYS.closure.date must be a date" in done.stderr


def golden(name: str) -> list[list[str]]:
    shared = Path(os.environ.get("TRADEBUS_SHARED") or Path(__file__).parents[3] / "shared")
    path = shared / "data" / "calendar" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"there is no {path}")
    return [line.split(",") for line in path.read_text().split()[1:]]


@pytest.mark.parametrize("exchange", ["XNYS", "XLON", "XTKS"])
def test_the_recorded_schedules(daemon: Daemon, exchange: str) -> None:
    rows = golden(exchange.lower())
    answer = calendar(daemon, exchange, rows[0][0], rows[-1][0])["sessions"]
    found = [[s["date"], s["open"], s["close"], s["early"]] for s in answer]
    close = 4 if len(rows[0]) == 6 else 2
    assert found == [[r[0], ns(r[1][:16]), ns(r[close][:16]), r[-1] == "1"] for r in rows]


def test_the_command_prints_a_month(daemon: Daemon) -> None:
    argv = [binary("tradebus"), "calendar", "XNYS", "--month", "2026-11", "--command", daemon.command]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 0, done.stderr
    assert "2026-11-26  Thu      -      -" in done.stdout and "closed: Thanksgiving Day" in done.stdout
    assert "early close: Day after Thanksgiving" in done.stdout
    assert done.stdout.endswith("sessions 20, early closes 1, closed 1\n")
