"""massive-sim over real sockets: faults, endings, limits; nothing but the standard library on the other side."""

from __future__ import annotations

import gzip
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "vendor_clients"))

from venue import DEADLINE_S, KEY, Venue, binary, eventually, open_directly
from websocket import End, WebSocket

TARGET = "/v2/aggs/ticker/AAPL/range/1/day/2024-05-01/2024-06-20"


@pytest.fixture
def start() -> Iterator[Callable[..., Venue]]:
    running: list[Venue] = []

    def make(*arguments: str, **options: Any) -> Venue:
        running.append(Venue(*arguments, **options))
        return running[-1]

    yield make
    for venue in running:
        if venue.process.poll() is None:
            venue.stop()


def address(url: str) -> tuple[str, int]:
    host, _, port = url.partition("://")[2].rpartition(":")
    return host, int(port)


def ask(
    venue: Venue, headers: dict[str, str] | None = None, timeout: float = DEADLINE_S
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(*address(venue.rest), timeout=timeout)
    connection.request("GET", TARGET, headers={"Authorization": f"Bearer {KEY}", **(headers or {})})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def stream(venue: Venue, market: str = "stocks", **options: Any) -> WebSocket:
    return WebSocket(*address(venue.websocket), f"/{market}", DEADLINE_S, **options)


def logged_in(venue: Venue, topics: str = "", **options: Any) -> WebSocket:
    made = stream(venue, **options)
    made.receive()
    made.say("auth", KEY)
    assert made.receive() == [{"ev": "status", "status": "auth_success", "message": "authenticated"}]
    if topics:
        made.say("subscribe", topics)
        assert made.receive()
    return made


# ---- HTTP -----------------------------------------------------------------------------------------------------------


def test_one_connection_serves_many_calls_gzip_when_asked(start: Callable[..., Venue]) -> None:
    venue = start()
    connection = http.client.HTTPConnection(*address(venue.rest), timeout=DEADLINE_S)
    for _ in range(3):
        connection.request("GET", TARGET, headers={"Authorization": f"Bearer {KEY}", "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        assert answer.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(answer.read()))["resultsCount"] > 30
    assert ask(venue)[0].headers["Content-Encoding"] is None
    assert venue.stats()["calls_total"] == 4


def test_faults_of_an_answer(start: Callable[..., Venue]) -> None:
    venue = start()

    def with_fault(kind: str, **more: Any) -> tuple[http.client.HTTPResponse, bytes]:
        venue.control("/faults", {"kind": kind, **more})
        return ask(venue, {"Accept-Encoding": "gzip"})

    answer, body = with_fault("429", retry_after=7)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert b"exceeded the maximum requests per minute" in (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    assert with_fault("503")[0].status == 503
    answer, body = with_fault("html_error")
    assert answer.status == 502 and body.startswith(b"<html>")
    answer, body = with_fault("empty_body")
    assert (answer.status, body) == (200, b"")
    with pytest.raises((EOFError, zlib.error)):
        gzip.decompress(with_fault("truncated_gzip")[1])
    with pytest.raises(http.client.IncompleteRead):
        with_fault("cut")
    with pytest.raises(ConnectionResetError):
        with_fault("reset")
    with pytest.raises(http.client.BadStatusLine):
        with_fault("garbage")
    assert ask(venue)[0].status == 200
    assert venue.stats()["faults"] == 8


def test_faults_of_time(start: Callable[..., Venue]) -> None:
    venue = start()
    for kind in ("half_open", "slow_first_byte", "slow_body"):
        venue.control("/faults", {"kind": kind, "delay_ms": 60_000})
        with pytest.raises(TimeoutError):
            ask(venue, timeout=0.3)
    venue.control("/faults", {"kind": "slow_first_byte", "delay_ms": 50})
    assert ask(venue)[0].status == 200


def test_a_fault_keeps_to_its_path_and_count(start: Callable[..., Venue]) -> None:
    venue = start()
    venue.control("/faults", {"kind": 500, "count": 2, "path_prefix": "/v2/aggs/"})
    venue.get("/v1/marketstatus/now")
    assert [ask(venue)[0].status for _ in range(3)] == [500, 500, 200]


def test_tls_needs_the_ca(start: Callable[..., Venue], tmp_path: Path) -> None:
    subprocess.run([binary(), "--make-certificate", tmp_path], check=True)
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    venue = start(certificates=tmp_path)
    request = urllib.request.Request(venue.rest + TARGET, headers={"Authorization": f"Bearer {KEY}"})
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        open_directly(request, timeout=DEADLINE_S)
    trusting = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=f"{tmp_path}/ca.pem"))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trusting)
    with opener.open(request, timeout=DEADLINE_S) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ["--plain", "--address", "0.0.0.0", "--key", "k"],
        ["--plain"],
        ["--key", "k"],
        ["--plain", "--key", "SECRET=gold"],
    ],
)
def test_a_bad_start_says_why_in_one_line(arguments: list[str]) -> None:
    done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 1 and done.stderr.startswith("massive-sim: ") and done.stderr.count("\n") == 1
    assert "SECRET" not in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_status_0_and_closes_properly(start: Callable[..., Venue], sign: signal.Signals) -> None:
    venue = start()
    connection = logged_in(venue, "T.AAPL")
    venue.process.send_signal(sign)
    assert connection.until_end()[1] == End("closed", 1001)
    assert venue.process.wait(DEADLINE_S) == 0


# ---- WebSocket ------------------------------------------------------------------------------------------------------


def test_a_bad_key_is_dropped_without_a_closing_handshake(start: Callable[..., Venue]) -> None:
    connection = stream(start())
    connection.say("auth", "wrong")
    events, end = connection.until_end()
    assert [x["status"] for x in events] == ["connected", "auth_failed"]
    assert end == End("dropped")


def test_silence_instead_of_a_login_is_told(start: Callable[..., Venue]) -> None:
    connection = stream(start("--auth-timeout-ms", "50"))
    events, end = connection.until_end()
    assert events[-1] == {"ev": "status", "status": "auth_timeout", "message": "No authentication request received."}
    assert end.how == "closed"


@pytest.mark.parametrize("evict", ["older", "newcomer"])
def test_one_connection_too_many(start: Callable[..., Venue], evict: str) -> None:
    venue = start("--evict", evict)
    older = logged_in(venue, "T.AAPL")
    newcomer = logged_in(venue, "T.AAPL")
    loser, winner = (older, newcomer) if evict == "older" else (newcomer, older)
    events, end = loser.until_end()
    assert events[-1]["status"] == "max_connections" and end == End("closed", 1008)
    assert winner.receive()
    eventually(lambda: venue.stats()["connections"] == 1, "the loser is gone")


def test_all_can_be_cut_silenced_and_spoken_to(start: Callable[..., Venue]) -> None:
    venue = start("--connections-max", "3")
    one, two = logged_in(venue, "AM.AAPL"), logged_in(venue, "AM.AAPL")
    venue.control("/ws/send", '[{"ev":"X"}]')
    assert one.receive() == two.receive() == [{"ev": "X"}]
    venue.control("/ws/cut", {})
    assert one.until_end()[1] == End("dropped") and two.until_end()[1] == End("dropped")
    three = logged_in(venue, "AM.AAPL")
    venue.control("/ws/cut", {"reset": True})
    assert three.until_end()[1] == End("reset")
    venue.control("/ws/silence")
    four = stream(venue)
    four.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        four.receive()


def test_a_slow_consumer_is_cut_and_others_are_not(start: Callable[..., Venue]) -> None:
    venue = start("--connections-max", "2", "--buffer-max", "1000000")
    slow, quick = logged_in(venue, "AM.AAPL", receive_buffer=4096), logged_in(venue, "AM.AAPL")
    frame = json.dumps([{"ev": "X", "text": "x" * 400_000}])

    def slow_is_gone() -> bool:
        venue.control("/ws/send", frame)
        assert quick.receive() == json.loads(frame)
        return bool(venue.stats()["slow_consumers"] == 1)

    eventually(slow_is_gone, "the slow one is cut")
    eventually(lambda: venue.stats()["connections"] == 1, "the quick one stays")


def test_the_server_pings_and_cuts_who_is_silent(start: Callable[..., Venue]) -> None:
    venue = start("--ping-interval-ms", "100", "--connections-max", "2")
    deaf = logged_in(venue)
    alive = logged_in(venue)
    end = time.monotonic() + DEADLINE_S
    while venue.stats()["connections"] == 2 or alive.pings < 5:
        assert time.monotonic() < end
        head = alive.socket.recv(2)
        assert head[0] & 15 == 9
        alive.send(10, alive.socket.recv(head[1]) if head[1] else b"")
        alive.pings += 1
    assert venue.stats()["connections"] == 1
    deaf.close()


def test_nothing_is_replayed_after_a_reconnect(start: Callable[..., Venue]) -> None:
    venue = start("--connections-max", "2")
    first = logged_in(venue, "AM.AAPL")
    first.close()
    eventually(lambda: venue.stats()["connections"] == 0, "it is gone")
    venue.control("/clock", {"advance_ms": 60_000})
    second = logged_in(venue, "AM.AAPL")
    venue.control("/ws/send", '[{"ev":"X"}]')
    assert second.receive() == [{"ev": "X"}]  # the first since the login
    assert venue.stats()["subscriptions"] == ["stocks AM.AAPL"]


def test_as_fast_as_it_is_read(start: Callable[..., Venue]) -> None:
    connection = logged_in(start("--rate", "max"), "T.AAPL,Q.AAPL")
    sizes = []
    for _ in range(200):
        got = connection.receive()
        assert not isinstance(got, End)
        sizes.append(len(got))
    assert sizes.count(100) > 190


def test_a_recording_is_a_market_and_a_stream(start: Callable[..., Venue], tmp_path: Path) -> None:
    trades, quotes = tmp_path / "t.csv", tmp_path / "q.csv.gz"
    begin = 1_718_982_000_000_000_000
    trades.write_text(
        "ts_ns,symbol,price,size\n" + "".join(f"{begin + i * 10**9},AAPL,{100 + i / 100},{i + 1}\n" for i in range(120))
    )
    with gzip.open(quotes, "wt") as file:
        file.write(f"ts_ns,symbol,bid,bid_size,ask,ask_size\n{begin + 1},AAPL,99.99,100,,\n")
    venue = start("--market", str(trades), str(quotes), "--now", "2024-06-21T15:10:00Z")
    first, second = venue.rows("/v2/aggs/ticker/AAPL/range/1/minute/2024-06-21/2024-06-21")
    assert (first["o"], first["c"], first["n"], second["c"]) == (100, 100.59, 60, 101.19)
    assert venue.rows("/v2/last/nbbo/AAPL")[0]["P"] == 0
    connection = logged_in(venue)
    connection.say("subscribe", "T.AAPL")
    prices: list[float] = []
    while len(prices) < 120:
        got = connection.receive()
        assert not isinstance(got, End)
        prices += [x["p"] for x in got if x["ev"] == "T"]
    assert prices == [100 + i / 100 for i in range(120)]


@pytest.mark.parametrize("kept", ["answers", "recordings"])
def test_recorded_answers_are_served_byte_for_byte(start: Callable[..., Venue], kept: str) -> None:
    here = Path(__file__).parent
    folder = here / "answers" if kept == "answers" else here.parents[3] / "shared" / "data" / "http" / "massive"
    index = folder / "index.jsonl" if kept == "answers" else here / "recordings.jsonl"
    if not folder.exists():
        pytest.skip(f"no recordings are kept in {folder}")
    venue = start("--answers", f"{folder}={index}", "--no-market")
    for line in index.read_text().splitlines()[1:]:
        row = json.loads(line)
        connection = http.client.HTTPConnection(*address(venue.rest), timeout=DEADLINE_S)
        query = urllib.parse.urlencode(row.get("query", {}))
        connection.request("GET", f"{row['path']}?{query}", headers={"Authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        assert answer.status == row.get("status", 200), line
        assert answer.read() == ((folder / row["file"]).read_bytes() if "file" in row else b""), line
        connection.close()


def test_unknown_markets_are_no_websocket(start: Callable[..., Venue]) -> None:
    assert stream(start(), "nothing").status in (401, 404)
    with socket.create_connection(address(start().websocket)) as raw:
        raw.sendall(b"\x16\x03\x01 no HTTP\r\n\r\n")
        raw.settimeout(DEADLINE_S)
        assert raw.recv(100) == b""
