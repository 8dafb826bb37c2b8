"""The vendor's Python clients ask everything they can ask about stocks, options, reference data, news and snapshots."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from calls import CALLS, Call
from venue import DEADLINE_S, FREE_KEY, KEY, Venue, without_proxies

PACKAGES = ["massive", "polygon"]
NOT_IN_POLYGON = {"list_stocks_splits", "list_stocks_dividends"}


def ask(python: Path, package: str, venue: Venue, calls: list[Call], key: str = KEY) -> list[Any]:
    environment = without_proxies()
    if venue.certificates is not None:
        environment["SSL_CERT_FILE"] = str(venue.certificates / "ca.pem")
    script = Path(__file__).parent / "clients" / "python_rest.py"
    done = subprocess.run(
        [python, script, package, venue.rest, key],
        input=json.dumps([[call.method, call.positional, call.arguments] for call in calls]),
        capture_output=True,
        text=True,
        timeout=4 * DEADLINE_S,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    results: list[Any] = json.loads(done.stdout)
    return results


def inside(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def compare(call: Call, rows: Any, served: list[Any]) -> None:
    assert isinstance(rows, list), f"{call.method} {call.target}: {rows}"
    assert len(rows) == len(served) >= call.rows_min, call.target
    for row, expected in zip(rows, served, strict=True):
        for name, key in call.fields.items():
            assert inside(row, name) == inside(expected, key), (call.target, name)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_call_gives_what_the_venue_served(python: Path, venue: Venue, package: str) -> None:
    results = ask(python, package, venue, CALLS)
    before = venue.stats()["calls"]
    for call, rows in zip(CALLS, results, strict=True):
        if package == "polygon" and call.method in NOT_IN_POLYGON:
            assert rows is None
            continue
        path = call.target.split("?")[0]
        compare(call, rows, venue.rows(call.target, call.key))
        if call.pages and "/range/" not in path:
            assert before[path] > 1, f"{path} came in one page"
    assert venue.stats()["auth_failures"] == 0


def test_over_tls_with_a_ca_of_our_own(python: Path, tls_venue: Venue) -> None:
    some = [call for call in CALLS if call.method in ("list_aggs", "get_last_trade", "list_snapshot_options_chain")]
    for call, rows in zip(some, ask(python, "massive", tls_venue, some), strict=True):
        assert isinstance(rows, list) and len(rows) >= call.rows_min, rows


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wrong_key_is_told(python: Path, venue: Venue, package: str) -> None:
    (said,) = ask(python, package, venue, CALLS[:1], key="wrong")
    assert said.startswith("BadResponse") and "Unknown API Key" in said
    assert venue.stats()["auth_failures"] == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_a_429_is_retried_and_passes(python: Path, venue: Venue, package: str) -> None:
    call = next(call for call in CALLS if call.method == "get_last_trade")
    venue.control("/faults", {"kind": 429, "count": 2, "path_prefix": "/v2/last/"})
    (rows,) = ask(python, package, venue, [call])
    assert venue.stats()["calls"]["/v2/last/trade/AAPL"] == 3
    compare(call, rows, venue.rows(call.target, call.key))


def test_the_free_plan_ends_after_five_calls_until_the_clock_moves(python: Path, venue: Venue) -> None:
    call = next(call for call in CALLS if call.method == "get_ticker_details")
    results = ask(python, "massive", venue, [call] * 6, key=FREE_KEY)
    assert [isinstance(rows, list) for rows in results] == [True] * 5 + [False]
    assert "429" in results[5]
    venue.control("/clock", {"advance_ms": 60_000})
    assert isinstance(ask(python, "massive", venue, [call], key=FREE_KEY)[0], list)


def test_what_a_plan_lacks_is_a_403(python: Path, venue: Venue) -> None:
    call = next(call for call in CALLS if call.method == "list_trades")
    (said,) = ask(python, "massive", venue, [call], key=FREE_KEY)
    assert "You are not entitled to this data" in said
