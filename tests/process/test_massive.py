"""The daemon with DATA_PROVIDER=massive against massive-sim, over TLS: every question and the stream, by plain ZeroMQ."""

from __future__ import annotations

import json
import select
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import DEADLINE_S, Daemon, RequestFailed, binary, eventually

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy leads to this machine

KEY = "a-key-that-nobody-may-see"
NOW = "2024-06-21T15:00:00Z"  # a Friday, 11:00 in New York


class Venue:
    """One simulator with a certificate of its own."""

    def __init__(self, folder: Path, *arguments: str, key: str = KEY) -> None:
        subprocess.run([binary("massive-sim"), "--make-certificate", folder], check=True, timeout=DEADLINE_S)
        self.ca_file = str(folder / "ca.pem")
        tls = ["--certificate", folder / "cert.pem", "--private-key", folder / "key.pem"]
        self.process = subprocess.Popen(
            [binary("massive-sim"), *tls, "--key", key, "--control", "0", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], DEADLINE_S)[0], "massive-sim said nothing"
        ready: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.rest: str = ready["rest"]
        self.websocket: str = ready["websocket"]
        self._control: str = ready["control"]

    def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control + path, data=data, method=method)
        with DIRECT.open(request, timeout=DEADLINE_S) as answer:
            return json.loads(answer.read())

    def settings(self, **more: Any) -> dict[str, dict[str, Any]]:
        mine = {"rest_url": self.rest, "stream_url": self.websocket, "ca_file": self.ca_file, "api_key": KEY, **more}
        return {"engine": {"data_provider": ["massive"]}, "providers.massive": mine}

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(DEADLINE_S) == 0


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Callable[..., Venue]]:
    if not Path(binary("massive-sim")).exists():
        pytest.skip("massive-sim is not built")
    started: list[Venue] = []

    def make(*arguments: str, **options: Any) -> Venue:
        folder = tmp_path / f"venue{len(started)}"
        folder.mkdir()
        started.append(Venue(folder, *arguments, **options))
        return started[-1]

    yield make
    for each in started:
        each.stop()


def provider_state(daemon: Daemon) -> dict[str, Any]:
    [state] = daemon.request("get_status")["providers"]
    return dict(state)


def until_up(daemon: Daemon) -> None:
    eventually(lambda: provider_state(daemon)["state"] == "up", "the provider is up")


def test_every_question_is_answered(start: Callable[..., Daemon], venue: Callable[..., Venue]) -> None:
    daemon = start(venue().settings())
    until_up(daemon)
    day = 24 * 3600 * 10**9
    friday = 1718982000 * 10**9  # 2024-06-21T15:00:00Z
    bars = daemon.request("get_historical_data", symbol="AAPL", timeframe="1d", start=friday - 30 * day, end=friday)
    assert len(bars["bars"]) > 15
    assert bars["source"] == "massive"
    minutes = daemon.request("get_historical_data", symbol="AAPL", timeframe="1m", start=friday - day, end=friday)
    assert len(minutes["bars"]) > 300
    assert [b["ts"] for b in minutes["bars"]] == sorted({b["ts"] for b in minutes["bars"]})
    assert daemon.request("get_ticker_details", symbol="AAPL")["name"]
    assert daemon.request("get_daily_snapshot", symbol="AAPL")["previous_day"]["close"]
    assert daemon.request("get_news", symbol="AAPL", limit=3)["items"]
    assert daemon.request("get_market_news", limit=3)["items"]
    chain = daemon.request("get_option_chain", underlying="AAPL", limit=300)["quotes"]
    assert len(chain) == 300
    assert any("delta" in quote for quote in chain)
    assert daemon.request("search_symbols", text="AAPL", limit=3)["matches"][0]["symbol"] == "AAPL"
    with pytest.raises(RequestFailed) as unknown:
        daemon.request("get_ticker_details", symbol="ZZZZQX")
    assert unknown.value.code == "instrument.unknown"


def test_quotes_and_trades_flow_and_come_back(start: Callable[..., Daemon], venue: Callable[..., Venue]) -> None:
    there = venue("--rate", "500")
    daemon = start(there.settings())
    stream = daemon.subscribe("quote|AAPL|", "trade|AAPL|", "quote|MSFT|")
    seen: set[str] = set()
    stream.until(lambda topic, _: seen.add(topic) or len(seen) >= 3)
    names = [counter["name"] for counter in provider_state(daemon)["counters"]]
    assert {"calls", "stream_frames", "stream_logins"} <= set(names)
    assert not [name for name in names if name.startswith("stream_stream")]
    there.control("/ws/cut", {})
    seen.clear()
    stream.until(lambda topic, _: seen.add(topic) or len(seen) >= 3)


def test_a_wrong_key_is_said_once_and_shown_nowhere(start: Callable[..., Daemon], venue: Callable[..., Venue]) -> None:
    there = venue(key="another-key")
    daemon = start(there.settings(), expect_stderr="massive-link-down")
    eventually(lambda: provider_state(daemon)["state"] == "down", "the provider is down")
    assert provider_state(daemon)["reason"] == "auth"
    with pytest.raises(RequestFailed) as refused:
        daemon.request("get_ticker_details", symbol="AAPL")
    assert KEY not in str(refused.value)
    assert KEY not in json.dumps(daemon.request("get_status"), default=str)


def test_a_free_plan_is_paced_and_the_former_name_works(start: Callable[..., Daemon], venue: Callable[..., Venue]) -> None:
    there = venue("--key", "free=free")
    mine = there.settings()["providers.massive"] | {"stream": False, "calls_per_minute": 5, "corporate_actions": False}
    del mine["api_key"]
    environment = {"POLYGON_API_KEY": "free"}
    daemon = start({"engine": {"data_provider": ["polygon"]}, "providers.polygon": mine}, environment=environment)
    until_up(daemon)  # the first call
    for symbol in ("AAPL", "MSFT", "NVDA", "SPY"):
        assert daemon.request("get_ticker_details", symbol=symbol)["symbol"] == symbol
    reply = daemon.requester().ask("get_ticker_details", {"symbol": "QQQ"}, timeout_ms=500)
    assert reply["error"]["code"] in ("provider.rate_limited", "request.timeout")
    assert there.control("/stats", method="GET")["rate_limited"] == 0


def test_a_cut_is_told_of_every_one_of_thousands_of_topics(
    start: Callable[..., Daemon], venue: Callable[..., Venue]
) -> None:
    there = venue("--rate", "100")
    daemon = start(there.settings())
    until_up(daemon)
    symbols = [f"Z{chr(65 + i % 26)}{chr(65 + i // 26 % 26)}{chr(65 + i // 676)}" for i in range(3_000)]
    statuses = daemon.subscribe("status|quote|")
    streams = [daemon.subscribe(*[f"quote|{x}|" for x in symbols[i : i + 500]]) for i in range(0, 3_000, 500)]
    live: set[str] = set()
    statuses.until(lambda topic, body: body["state"] == "live" and live.add(topic) or len(live) == 3_000)
    there.control("/ws/cut", {"reset": True})
    gaps: set[str] = set()
    statuses.until(lambda topic, body: body["state"] == "gap" and gaps.add(topic) or len(gaps) == 3_000)
    live.clear()
    statuses.until(lambda topic, body: body["state"] == "live" and live.add(topic) or len(live) == 3_000)
    assert len(streams) == 6


def test_refused_option_quotes_all_hear_of_it_and_take_the_room_of_those_that_leave(
    start: Callable[..., Daemon], venue: Callable[..., Venue]
) -> None:
    there = venue("--rate", "100")
    daemon = start(there.settings())
    until_up(daemon)
    options = [f"quote|SPY261218C{i * 1000:08d}|" for i in range(100, 1_600)]
    statuses = daemon.subscribe("status|quote|")
    first = daemon.subscribe(*options[:1_000])
    live: set[str] = set()
    statuses.until(lambda topic, body: body["state"] == "live" and live.add(topic) or len(live) == 1_000)
    others = daemon.subscribe(*options[1_000:])
    refused: set[str] = set()
    statuses.until(lambda topic, body: body["state"] == "rejected" and refused.add(topic) or len(refused) == 500)
    assert refused == {f"status|{topic}" for topic in options[1_000:]}
    # Who comes later sees the same.
    later = daemon.subscribe(f"status|{options[-1]}")
    assert later.next()[1]["state"] == "rejected"
    first.socket.close(0)
    live.clear()
    statuses.until(lambda topic, body: body["state"] == "live" and live.add(topic) or len(live) == 500)
    assert live == refused
    assert others.next()[0] in options[1_000:]


def test_topics_refused_for_a_bad_key_flow_once_it_is_good(
    start: Callable[..., Daemon], venue: Callable[..., Venue], tmp_path: Path
) -> None:
    bad = venue(key="another")
    daemon = start(bad.settings(), expect_stderr="massive-link-down")
    eventually(lambda: provider_state(daemon)["reason"] == "auth", "the key is refused")
    stream = daemon.subscribe("quote|AAPL|", "status|quote|AAPL|")
    stream.until(lambda _, body: body.get("state") == "rejected" and body["reason"] == "auth.denied")
    ports = ["--rest-port", bad.rest.rsplit(":", 1)[1], "--ws-port", bad.websocket.rsplit(":", 1)[1]]
    bad.stop()
    folder = Path(bad.ca_file).parent
    good = subprocess.Popen(
        [binary("massive-sim"), "--certificate", folder / "cert.pem", "--private-key", folder / "key.pem"]
        + ["--key", KEY, "--rate", "300", *ports],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert good.stdout is not None
        good.stdout.readline()
        daemon.request("disconnect", provider="massive")
        daemon.request("connect", provider="massive")
        stream.until(lambda _, body: body.get("state") == "live")
        stream.until(lambda topic, _: topic == "quote|AAPL|")
    finally:
        good.terminate()
        assert good.wait(DEADLINE_S) == 0
