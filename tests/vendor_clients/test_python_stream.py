"""The vendor's Python clients stream: logins, subscriptions, every kind of event, and what goes wrong."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from venue import DEADLINE_S, FREE_KEY, KEY, Venue, eventually, without_proxies

PACKAGES = ["massive", "polygon"]


class Stream:
    def __init__(
        self, python: Path, package: str, venue: Venue, *topics: str, market: str = "stocks", key: str = KEY
    ) -> None:
        scheme, _, host = venue.websocket.partition("://")
        environment = without_proxies()
        if venue.certificates is not None:
            environment["SSL_CERT_FILE"] = str(venue.certificates / "ca.pem")
        script = Path(__file__).parent / "clients" / "python_stream.py"
        self.process = subprocess.Popen(
            [python, script, package, host, market, key, "1" if scheme == "wss" else "0", *topics],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=environment,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def command(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            line = self._lines.get(timeout=DEADLINE_S)
            assert line, "the client ended"
            if not line.startswith("{"):
                continue  # the client's own log
            message: dict[str, Any] = json.loads(line)
            if wanted(message):
                return message
        raise AssertionError(f"not among the messages of {DEADLINE_S:g} s")

    def end(self) -> None:
        if self.process.poll() is None:
            self.command(close=True)
        assert self.process.wait(DEADLINE_S) == 0


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_trades_quotes_and_bars_arrive(python: Path, package: str, venue: Venue) -> None:
    stream = Stream(python, package, venue, "T.AAPL", "Q.AAPL", "AM.*", "A.MSFT")
    trade = stream.until(lambda x: x["type"] == "EquityTrade")
    assert trade["symbol"] == "AAPL" and trade["price"] > 0 and trade["timestamp"] == 1718982000000
    assert stream.until(lambda x: x["type"] == "EquityQuote")["bid_price"] > 0
    venue.control("/clock", {"advance_ms": 60_000})
    stream.until(lambda x: x["type"] == "EquityAgg" and x["event_type"] == "A" and x["symbol"] == "MSFT")
    minute = stream.until(lambda x: x["type"] == "EquityAgg" and x["event_type"] == "AM" and x["symbol"] == "AAPL")
    (bar,) = venue.rows(f"/v2/aggs/ticker/AAPL/range/1/minute/{minute['start_timestamp']}/{minute['start_timestamp']}")
    assert [minute[x] for x in ("open", "high", "low", "close")] == [bar[x] for x in ("o", "h", "l", "c")]
    stream.end()


def test_options_stream_too(python: Path, package: str, venue: Venue) -> None:
    contract = "O:AAPL240628C00190000"
    stream = Stream(python, package, venue, f"T.{contract}", f"Q.{contract}", market="options")
    assert stream.until(lambda x: x["type"] == "EquityTrade")["symbol"] == contract
    assert stream.until(lambda x: x["type"] == "EquityQuote")["ask_size"] >= 1
    stream.end()


def test_subscriptions_change_while_it_runs(python: Path, package: str, venue: Venue) -> None:
    stream = Stream(python, package, venue, "T.AAPL")
    stream.until(lambda x: x["symbol"] == "AAPL")
    stream.command(subscribe=["Q.MSFT"], unsubscribe=["T.AAPL"])
    stream.until(lambda x: x["symbol"] == "MSFT")
    eventually(lambda: venue.stats()["subscriptions"] == ["stocks Q.MSFT"], "the old subscription is gone")
    stream.end()
    eventually(lambda: venue.stats()["connections"] == 0, "the connection is gone")


def test_every_kind_of_event_keeps_its_values(python: Path, package: str, venue: Venue) -> None:
    stream = Stream(python, package, venue, "AM.NOTHING")
    eventually(lambda: venue.stats()["subscriptions"], "subscribed")
    frame = [
        {"ev": "status", "status": "success", "message": "subscribed to: T.MSFT"},
        {
            "ev": "T",
            "sym": "MSFT",
            "x": 4,
            "i": "12345",
            "z": 3,
            "p": 114.125,
            "s": 100,
            "c": [0, 12],
            "t": 1536036818784,
            "q": 3681328,
        },
        {
            "ev": "T",
            "sym": "MSFT",
            "x": 4,
            "i": "9",
            "z": 3,
            "p": 114.13,
            "s": 0,
            "ds": "0.25",
            "t": 1536036818785,
            "q": 3681329,
        },
        {
            "ev": "Q",
            "sym": "MSFT",
            "bx": 4,
            "bp": 114.125,
            "bs": 100,
            "ax": 7,
            "ap": 114.128,
            "as": 160,
            "c": 0,
            "i": [604],
            "t": 1536036818784,
            "q": 5,
            "z": 3,
        },
        {
            "ev": "AM",
            "sym": "GTE",
            "v": 4110,
            "av": 9470157,
            "vw": 0.4488,
            "o": 0.4488,
            "c": 0.4486,
            "h": 0.4489,
            "l": 0.4486,
            "a": 0.4352,
            "z": 685.5,
            "s": 1610144640000,
            "e": 1610144700000,
        },
        {"ev": "LULD", "T": "MSFT", "h": 218.96, "l": 198.11, "i": [21], "z": 3, "t": 1601316752683746, "q": 290317},
        {
            "ev": "NOI",
            "T": "NTEST.Q",
            "t": 1601318039223013600,
            "at": 930,
            "a": "M",
            "i": 44,
            "x": 10,
            "o": 480,
            "p": 440,
            "b": 25.03,
        },
        {"ev": "FMV", "sym": "MSFT", "fmv": 114.5, "t": 1536036818784},
    ]
    venue.control("/ws/send", json.dumps(frame))
    trade = stream.until(lambda x: x["type"] == "EquityTrade")
    assert (trade["price"], trade["conditions"], trade["sequence_number"]) == (114.125, [0, 12], 3681328)
    assert stream.until(lambda x: x["type"] == "EquityTrade")["conditions"] is None
    assert stream.until(lambda x: x["type"] == "EquityQuote")["ask_price"] == 114.128
    bar = stream.until(lambda x: x["type"] == "EquityAgg")
    assert (bar["average_size"], bar["official_open_price"]) == (685.5, None)
    assert stream.until(lambda x: x["type"] == "LimitUpLimitDown")["high_price"] == 218.96
    assert stream.until(lambda x: x["type"] == "Imbalance")["book_clearing_price"] == 25.03
    assert stream.until(lambda x: x["type"] == "FairMarketValue")["fmv"] == 114.5
    stream.end()


def test_a_bad_login_raises_the_clients_own_error(python: Path, package: str, venue: Venue) -> None:
    for key, message in (("wrong", "authentication failed"), (FREE_KEY, "Your plan doesn't include websocket access")):
        stream = Stream(python, package, venue, "T.AAPL", key=key)
        failure = stream.until(lambda x: "failed" in x)
        assert failure["failed"] == "AuthError" and failure["message"].startswith(message)
        assert stream.process.wait(DEADLINE_S) == 0


def test_the_older_connection_is_evicted_with_1008(python: Path, package: str, venue: Venue) -> None:
    first = Stream(python, package, venue, "T.AAPL")
    first.until(lambda x: x["type"] == "EquityTrade")
    second = Stream(python, package, venue, "T.AAPL")
    failure = first.until(lambda x: "failed" in x)
    assert failure["failed"] == "ConnectionClosedError" and "1008" in failure["message"]
    second.until(lambda x: x["type"] == "EquityTrade")
    second.end()


def test_over_tls_with_a_ca_of_our_own(python: Path, tls_venue: Venue) -> None:
    stream = Stream(python, "massive", tls_venue, "T.AAPL")
    stream.until(lambda x: x["type"] == "EquityTrade")
    stream.end()
