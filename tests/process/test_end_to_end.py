"""The daemon as strategies meet it: plain ZeroMQ and msgpack, the simulated market and the paper broker."""

import contextlib
import fcntl
import itertools
import os
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zmq
from harness import DEADLINE_S, STOP_S, Daemon, Requester, RequestFailed, binary, eventually, items

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy leads to this machine

SOURCE = Path(__file__).parents[2]

_ids = itertools.count(1)

FAST = {"providers.sim": {"ticks_per_second": 200}}


def market_order(symbol: str = "AAPL", side: str = "buy", qty: Any = 1, **more: Any) -> dict[str, Any]:
    order = {"symbol": symbol, "side": side, "qty": qty, "order_type": "market", "time_in_force": "day"}
    return {"client_order_id": f"e2e-{next(_ids)}", **order, **more}


def refusal(request: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(RequestFailed) as caught:
        request()
    return caught.value.error


def account_of(daemon: Daemon) -> str:
    """The paper broker's account, once it takes orders."""

    def ready() -> Any:
        brokers = daemon.request("get_status")["brokers"]
        return next((b["accounts"][0] for b in brokers if b["state"] == "up" and b.get("accounts")), None)

    return str(eventually(ready, "the paper broker is up"))


def with_quote(daemon: Daemon, symbol: str = "AAPL") -> dict[str, Any]:
    """Waits for a quote of the symbol: a market order needs a price."""
    stream = daemon.subscribe(f"quote|{symbol}|")
    return stream.take(1)[0]


# ---- life -----------------------------------------------------------------------------------------------------------


def test_the_ready_line_names_what_was_bound(daemon: Daemon) -> None:
    for endpoint in (daemon.stream, daemon.command):
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        assert host == "127.0.0.1" and int(port) > 0
    assert daemon.epoch > 0
    assert daemon.request("hello", client="me")["epoch"] == daemon.epoch


def test_hello_ping_status(daemon: Daemon) -> None:
    hello = daemon.request("hello", client="me")
    assert hello["protocol"] == 1
    assert hello["client"] == "me"
    assert hello["version"] and hello["server"]
    assert "paper" in str(hello["brokers"]) and "sim" in str(hello["providers"])
    assert abs(daemon.request("ping")["ts"] - time.time_ns()) < 60 * 10**9
    status = daemon.request("get_status")
    assert {"providers", "brokers", "subscriptions", "cache"} <= status.keys()
    assert status["epoch"] == daemon.epoch


def test_the_heartbeat_carries_the_epoch(daemon: Daemon) -> None:
    first, second = daemon.subscribe("heartbeat|").take(2)
    assert first["epoch"] == second["epoch"] == daemon.epoch
    assert second["uptime_ms"] > first["uptime_ms"]
    assert 0.5e9 < second["ts"] - first["ts"] < 2e9


def test_each_start_has_another_epoch(start: Callable[..., Daemon]) -> None:
    daemon = start()
    before = daemon.epoch
    daemon.stop()
    daemon.restart()
    assert daemon.epoch != before


def test_the_admin_pages(daemon: Daemon) -> None:
    def page(path: str) -> str:
        with DIRECT.open(daemon.admin + path, timeout=DEADLINE_S) as answer:
            assert answer.status == 200
            return str(answer.read().decode())

    if daemon.admin == "none":
        pytest.skip("this build serves no admin pages")
    page("/healthz")
    page("/readyz")
    assert "# TYPE" in page("/metrics")


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_busy_daemon_ends_cleanly(start: Callable[..., Daemon], with_signal: int) -> None:
    daemon = start(FAST)
    stream = daemon.subscribe("quote|AAPL|", "trade|MSFT|", "feed|quote|")
    stream.take(20)
    daemon.request("place_order", **market_order())
    daemon.stop(with_signal)


def test_what_is_asked_by_signal_while_it_starts_does_not_end_it(tmp_path: Path) -> None:
    """--print-config stands where a start stands before anything runs, and waits there for a reader."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)  # less than it has to say
    command = [binary("tradebusd"), "--print-config"]
    process = subprocess.Popen(command, stdout=writer, stderr=subprocess.DEVNULL, env={"HOME": str(tmp_path)})
    os.close(writer)
    try:
        assert os.read(reader, 1)
        status = Path(f"/proc/{process.pid}/status").read_text()
        blocked = int(next(line for line in status.splitlines() if line.startswith("SigBlk")).split()[1], 16)
        for asked in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            assert blocked & 1 << asked - 1, asked
    finally:
        process.kill()
        process.wait()
        os.close(reader)


def test_a_port_in_use_is_told_in_one_line(start: Callable[..., Daemon]) -> None:
    first = start()
    second = start({"bus": {"stream": [first.stream]}}, ready=False, expect_stderr=".")
    assert second.process.wait(DEADLINE_S) == 1
    lines = second.stderr().splitlines()
    assert len(lines) == 1, lines
    assert first.stream.rsplit(":", 1)[1] in lines[0]


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file"), (b"", "empty"), (b"a,b,c\n1,2,3\n", "header"), (b"\x1f\x8brubbish", "gz")],
    ids=["missing", "empty", "no known header", "no gzip"],
)
def test_a_recording_that_can_not_be_read_is_told_in_one_line(
    start: Callable[..., Daemon], tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "recording.csv"
    if content is not None:
        file.write_bytes(content)
    config = {"engine": {"data_provider": ["replay"]}, "providers.replay": {"files": [str(file)]}}
    daemon = start(config, ready=False, expect_stderr=".")
    assert daemon.process.wait(DEADLINE_S) in (1, 2)
    lines = daemon.stderr().splitlines()
    assert len(lines) == 1 and str(file) in lines[0] and why in lines[0], lines


def test_a_data_folder_that_can_not_be_made_is_told_in_one_line(start: Callable[..., Daemon], tmp_path: Path) -> None:
    (tmp_path / "a_file").write_text("")
    daemon = start({"engine": {"data_dir": str(tmp_path / "a_file" / "data")}}, ready=False, expect_stderr=".")
    assert daemon.process.wait(DEADLINE_S) in (1, 2)
    lines = daemon.stderr().splitlines()
    assert len(lines) == 1 and "a_file" in lines[0], lines


def test_a_wrong_key_is_told_with_its_place(start: Callable[..., Daemon]) -> None:
    daemon = start({"bus": {"linger": 3}}, ready=False, expect_stderr=".")
    assert daemon.process.wait(DEADLINE_S) != 0
    assert "linger_s" in daemon.stderr() and "tradebus.toml" in daemon.stderr()


def test_check_config_says_what_would_run(daemon: Daemon) -> None:
    command = [binary("tradebusd"), "--config", str(daemon.folder / "tradebus.toml"), "--check-config"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, env=daemon.environment)
    assert done.returncode == 0, done.stderr
    assert "sim" in done.stdout and "paper" in done.stdout


# ---- requests -------------------------------------------------------------------------------------------------------


def test_a_req_socket_is_served(daemon: Daemon) -> None:
    req = daemon.context.socket(zmq.REQ)
    req.linger = 0
    req.connect(daemon.command)
    for request_id in ("a", 2, [3]):
        req.send(msgpack.packb({"v": 1, "id": request_id, "op": "ping", "args": {}}))
        assert req.poll(int(DEADLINE_S * 1000))
        reply = msgpack.unpackb(req.recv())
        assert (reply["v"], reply["id"], reply["ok"]) == (1, request_id, True)


def test_a_dealer_needs_no_delimiter(daemon: Daemon) -> None:
    dealer = daemon.requester()
    dealer.socket.send(msgpack.packb({"v": 1, "id": 1, "op": "ping", "args": {}}))
    assert dealer.socket.poll(int(DEADLINE_S * 1000))
    (frame,) = dealer.socket.recv_multipart()
    assert msgpack.unpackb(frame)["id"] == 1


BAD_FRAMES = {
    "nothing": b"",
    "no msgpack": b"\xc1",
    "half a map": msgpack.packb({"v": 1, "id": 1, "op": "ping", "args": {}})[:-3],
    "bytes left over": msgpack.packb({"v": 1, "id": 1, "op": "ping"}) + b"\x01",
    "a list": msgpack.packb([1, 2, 3]),
    "a number": msgpack.packb(7),
    "too deep": b"\x91" * 5000 + b"\x90",
    "a lying length": b"\xdf\xff\xff\xff\xff",
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_frame_that_is_no_request_gets_one_reply(daemon: Daemon, name: str) -> None:
    dealer = daemon.requester()
    dealer.send(BAD_FRAMES[name])
    reply = dealer.receive()
    assert reply["ok"] is False
    assert reply["error"]["code"] == "request.malformed"
    assert reply["error"]["message"]
    assert dealer.request("ping")["ts"] > 0
    assert not dealer.socket.poll(0), "a second reply"


@pytest.mark.parametrize(
    "body",
    [
        {"v": 1, "id": 5, "args": {}},
        {"v": 1, "id": 5, "op": 3, "args": {}},
        {"v": 2, "id": 5, "op": "ping", "args": {}},
        {"v": 1, "id": 5, "op": "ping", "args": [1]},
        {"v": 1, "id": 5, "op": "get_quote", "args": {}},
        {"v": 1, "id": 5, "op": "get_missed", "args": {"topic": "quote|AAPL|"}},
    ],
)
def test_a_request_that_is_wrong_gets_one_reply_with_its_id(daemon: Daemon, body: dict[str, Any]) -> None:
    dealer = daemon.requester()
    dealer.send(msgpack.packb(body))
    reply = dealer.receive()
    assert (reply["id"], reply["ok"]) == (5, False)
    assert reply["error"]["code"] in ("request.invalid", "request.malformed")
    dealer.request("ping")
    assert not dealer.socket.poll(0)


def test_an_unknown_op_is_named(daemon: Daemon) -> None:
    error = refusal(lambda: daemon.request("get_rich", quickly=True))
    assert error["code"] == "request.unknown_op"
    assert "get_rich" in error["message"]


def test_every_request_gets_exactly_one_reply(daemon: Daemon) -> None:
    dealer = daemon.requester("many")
    ops: list[tuple[str, dict[str, Any]]] = [
        ("ping", {}),
        ("get_status", {}),
        ("get_quote", {"symbol": "AAPL"}),
        ("get_orders", {}),
        ("no_such_op", {}),
        ("get_order", {"order_id": "none"}),
        ("get_positions", {}),
    ]
    sent = {n: ops[n % len(ops)] for n in range(350)}
    for n, (op, args) in sent.items():
        dealer.send(msgpack.packb({"v": 1, "id": n, "op": op, "args": args}))
    replies = [dealer.receive() for _ in sent]
    assert sorted(reply["id"] for reply in replies) == sorted(sent)
    dealer.request("ping")
    assert not dealer.socket.poll(0)


# ---- market data ----------------------------------------------------------------------------------------------------


def test_quotes_count_up_by_one(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    quotes = daemon.subscribe("quote|AAPL|").take(100)
    seqs = [quote["seq"] for quote in quotes]
    assert seqs == list(range(seqs[0], seqs[0] + 100))
    for quote in quotes:
        assert quote["symbol"] == "AAPL" and quote["quality"] == "simulated"
        assert 0 < quote["bid"] < quote["ask"]
        assert quote["ts"] > 0 and quote["rx"] > 0
        assert None not in quote.values()


def test_every_kind_flows(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    topics = {"quote|AAPL|", "trade|AAPL|", "bar_1s|AAPL|", "feed|quote|", "feed|trade|", "heartbeat|"}
    stream = daemon.subscribe(*topics)
    seen: dict[str, dict[str, Any]] = {}
    stream.until(lambda topic, body: seen.update({topic: body}) or topics <= seen.keys())
    assert seen["trade|AAPL|"]["price"] > 0 and seen["trade|AAPL|"]["size"] > 0
    bar = seen["bar_1s|AAPL|"]
    assert bar["low"] <= min(bar["open"], bar["close"]) <= max(bar["open"], bar["close"]) <= bar["high"]
    assert isinstance(bar["final"], bool)
    assert all(item["seq"] > 0 and item["symbol"] == "AAPL" for item in seen["feed|quote|"]["items"])


def test_a_feed_opens_nothing(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    feed = daemon.subscribe("feed|trade|", "trade|", "heartbeat|")
    feed.take(2)
    assert all(topic == "heartbeat|" for topic, _ in feed.waiting())
    assert daemon.request("get_status")["subscriptions"] == []


def test_only_a_new_subscriber_gets_the_snapshot(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    first = daemon.subscribe("quote|AAPL|")
    seen = {body["seq"]: body for body in first.take(20)}
    second = daemon.subscribe("quote|AAPL|")
    snapshot = second.take(1)[0]
    assert snapshot["snapshot"] is True
    rest = second.take(50)
    assert [body["seq"] for body in rest] == list(range(snapshot["seq"] + 1, snapshot["seq"] + 51))
    assert not any(body.get("snapshot") for body in rest)
    last = rest[-1]["seq"]
    for _, body in first.until(lambda _, body: body["seq"] >= last):
        assert not body.get("snapshot")
        assert body["seq"] not in seen
        seen[body["seq"]] = body
    original = seen[snapshot["seq"]]
    assert {**original, "snapshot": True} == snapshot


def test_missed_messages_can_be_had(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    bodies = daemon.subscribe("quote|AAPL|").take(60)
    after = bodies[9]["seq"]
    answer = daemon.request("get_missed", topic="quote|AAPL|", after=after, limit=40)
    assert answer["complete"] is True
    assert answer["messages"] == bodies[10:50]
    assert answer["first_kept"] <= after + 1
    assert refusal(lambda: daemon.request("get_missed", topic="order|X|", after=0))["code"] == "request.invalid"


@pytest.mark.parametrize("symbol", ["NOSUCH", "AAPL@nowhere", "no symbol", "AAPL240621X00190000"])
def test_a_topic_that_cannot_be_is_rejected(start: Callable[..., Daemon], symbol: str) -> None:
    daemon = start({"providers.sim": {"symbols": ["AAPL"]}})
    stream = daemon.subscribe(f"status|quote|{symbol}|", f"quote|{symbol}|")
    ((topic, body),) = stream.until(lambda *_: True)
    assert topic == f"status|quote|{symbol}|"
    assert body["state"] == "rejected" and body["reason"]


def test_the_last_subscriber_gone_closes_upstream_after_a_linger(start: Callable[..., Daemon]) -> None:
    daemon = start({**FAST, "bus": {"linger_s": 1}})

    def open_topics() -> set[str]:
        status = daemon.request("get_status")
        return {each["topic"] for each in items(status["subscriptions"]) if "topic" in each}

    first, second = daemon.subscribe("quote|AAPL|"), daemon.subscribe("quote|AAPL|")
    first.take(1)
    second.take(1)
    assert open_topics() == {"quote|AAPL|"}
    first.unsubscribe("quote|AAPL|")
    second.take(5)
    assert open_topics() == {"quote|AAPL|"}
    closing = time.monotonic()
    second.unsubscribe("quote|AAPL|")
    assert open_topics() == {"quote|AAPL|"}, "closed before the linger"
    eventually(lambda: not open_topics(), "the topic is closed")
    assert time.monotonic() - closing >= 0.9
    assert daemon.subscribe("quote|AAPL|").take(1)[0]["bid"] > 0


def test_answers_of_the_simulated_market(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"symbols": ["AAPL"]}})
    with_quote(daemon)
    assert daemon.request("get_quote", symbol="AAPL")["symbol"] == "AAPL"
    assert daemon.request("get_snapshot", symbol="AAPL")["quote"]["bid"] > 0
    day = 86400 * 10**9
    end = time.time_ns() // day * day - 5 * day
    args = {"symbol": "AAPL", "timeframe": "1d", "start": end - 20 * day, "end": end}
    answer = daemon.request("get_historical_data", **args)
    bars = answer["bars"]
    assert len(bars) >= 8 and [bar["ts"] for bar in bars] == sorted(bar["ts"] for bar in bars)
    assert all(args["start"] <= bar["ts"] < args["end"] for bar in bars)
    assert (answer["source"], answer["cached"]) == ("sim", False)
    again = daemon.request("get_historical_data", **args)
    assert again["cached"] is True and again["bars"] == bars
    assert daemon.request("get_ticker_details", symbol="AAPL")["name"]
    assert daemon.request("get_daily_snapshot", symbol="AAPL")["symbol"] == "AAPL"
    assert daemon.request("get_news", symbol="AAPL", limit=2)["items"]
    assert daemon.request("get_market_news", limit=2)["items"]
    chain = daemon.request("get_option_chain", underlying="AAPL", right="call", limit=10)["quotes"]
    assert 0 < len(chain) <= 10 and all(quote["right"] == "call" for quote in chain)
    assert daemon.request("search_symbols", text="AAPL")["matches"][0]["symbol"] == "AAPL"
    assert refusal(lambda: daemon.request("get_ticker_details", symbol="NOSUCH"))["code"] == "instrument.unknown"


# ---- orders ---------------------------------------------------------------------------------------------------------


def test_a_market_order_from_reply_to_fill(daemon: Daemon) -> None:
    account = account_of(daemon)
    with_quote(daemon)
    events = daemon.subscribe(f"order|{account}|", "heartbeat|")
    events.until(lambda topic, _: topic == "heartbeat|")
    client = daemon.requester("strategy")
    order = market_order(qty="2", tag="mine")
    placed = client.request("place_order", **order)
    assert placed["status"] == "pending_new"
    assert (placed["client"], placed["client_order_id"]) == ("strategy", order["client_order_id"])
    assert (placed["account"], placed["broker"], placed["qty"], placed["tag"]) == (account, "paper", 2, "mine")
    assert placed["filled_qty"] == 0 and placed["leaves_qty"] == 2
    assert not placed.get("duplicate")

    seen = [
        body
        for topic, body in events.until(lambda _, b: b.get("order", {}).get("status") == "filled")
        if topic != "heartbeat|"
    ]
    assert all(event["order"]["order_id"] == placed["order_id"] for event in seen)
    names = [event["event"] for event in seen]
    assert names[0] == "pending_new" and names[1] == "new" and set(names[2:]) == {"fill"}
    seqs = [event["seq"] for event in seen]
    assert seqs == sorted(set(seqs))
    fills = [event["fill"] for event in seen if event["event"] == "fill"]
    assert sum(fill["qty"] for fill in fills) == 2
    assert len({fill["exec_id"] for fill in fills}) == len(fills)
    final = seen[-1]["order"]
    assert (final["filled_qty"], final["leaves_qty"]) == (2, 0)
    assert final["avg_price"] == pytest.approx(sum(f["qty"] * f["price"] for f in fills) / 2)

    assert client.request("get_order", order_id=placed["order_id"]) == final
    assert client.request("get_order", client_order_id=order["client_order_id"]) == final
    journal = client.request("get_events", after=seqs[0] - 1)
    assert [event["seq"] for event in journal["events"]] == seqs
    assert journal["last_seq"] == seqs[-1]
    assert [o["order_id"] for o in client.request("get_orders", status="all")["orders"]] == [placed["order_id"]]
    assert client.request("get_orders", status="open")["orders"] == []

    (position,) = eventually(lambda: client.request("get_positions", account=account)["positions"], "the position")
    assert (position["symbol"], position["qty"]) == ("AAPL", 2)
    assert position["avg_price"] == pytest.approx(final["avg_price"])
    summary = client.request("get_account_summary", account=account)
    spent = sum(fill["qty"] * fill["price"] + fill["commission"] for fill in fills)
    assert summary["equity"] == pytest.approx(
        summary["cash"] + 2 * position.get("market_price", final["avg_price"]), rel=0.01
    )
    assert summary["account"] == account and spent > 0


def test_the_same_order_twice_is_one_order(daemon: Daemon) -> None:
    account_of(daemon)
    with_quote(daemon)
    client = daemon.requester("strategy")
    order = market_order()
    first = client.request("place_order", **order)
    second = client.request("place_order", **order)
    assert second["order_id"] == first["order_id"]
    assert second["duplicate"] is True
    other = refusal(lambda: client.request("place_order", **{**order, "qty": 2}))
    assert other["code"] == "order.duplicate_id"
    someone = daemon.requester("someone-else")
    assert someone.request("place_order", **order)["order_id"] != first["order_id"]
    orders = client.request("get_orders", status="all")["orders"]
    assert len([o for o in orders if o["client_order_id"] == order["client_order_id"]]) == 2


def test_a_limit_order_rests_is_replaced_and_canceled(daemon: Daemon) -> None:
    account = account_of(daemon)
    price = with_quote(daemon)["bid"]
    events = daemon.subscribe(f"order|{account}|", "heartbeat|")
    events.until(lambda topic, _: topic == "heartbeat|")
    client = daemon.requester("strategy")
    order = market_order(order_type="limit", limit_price=f"{price * 0.95:.2f}", qty=3)
    placed = client.request("place_order", **order)

    def reached(event: str) -> dict[str, Any]:
        return events.until(lambda _, body: body.get("event") == event)[-1][1]["order"]

    assert reached("new")["status"] == "new"
    replaced = client.request("replace_order", order_id=placed["order_id"], qty=5)
    assert replaced["status"] in ("pending_replace", "new")
    assert reached("replaced")["qty"] == 5
    client.request("cancel_order", client_order_id=order["client_order_id"])
    assert reached("canceled")["leaves_qty"] == 0
    error = refusal(lambda: client.request("cancel_order", order_id=placed["order_id"]))
    assert error["code"] == "order.not_open"
    assert refusal(lambda: client.request("cancel_order", order_id="no-such"))["code"] == "order.not_found"


@pytest.mark.parametrize(
    "change, key",
    [
        ({"qty": -1}, "qty"),
        ({"qty": float("nan")}, "qty"),
        ({"qty": "1.0000000001"}, "qty"),
        ({"side": "hold"}, "side"),
        ({"order_type": "limit"}, "limit_price"),
        ({"symbol": None}, "symbol"),
        ({"client_order_id": "x" * 65}, "client_order_id"),
    ],
)
def test_a_bad_order_names_its_key(daemon: Daemon, change: dict[str, Any], key: str) -> None:
    account_of(daemon)
    order = {name: value for name, value in market_order(**change).items() if value is not None}
    error = refusal(lambda: daemon.request("place_order", **order))
    assert error["code"] == "request.invalid"
    assert key in str(error["details"])
    assert daemon.request("get_orders", status="all")["orders"] == []


def test_a_risk_limit_rejects_and_the_journal_remembers(start: Callable[..., Daemon]) -> None:
    daemon = start({"risk": {"max_qty": "10"}})
    account_of(daemon)
    with_quote(daemon)
    order = market_order(qty=11)
    assert refusal(lambda: daemon.request("place_order", **order))["code"] == "risk.max_qty"
    (kept,) = daemon.request("get_orders", status="all")["orders"]
    assert (kept["status"], kept["client_order_id"]) == ("rejected", order["client_order_id"])
    assert kept["reason"]


@pytest.mark.xfail(not (SOURCE / "engine" / "journal").exists(), reason="no journal in this build", strict=True)
def test_orders_outlive_a_power_cut(start: Callable[..., Daemon]) -> None:
    daemon = start()
    account_of(daemon)
    price = with_quote(daemon)["bid"]
    client = daemon.requester("strategy")
    order = market_order(order_type="limit", limit_price=round(price * 0.95, 2))
    placed = client.request("place_order", **order)
    last = client.request("get_events", after=0)["last_seq"]
    daemon.kill()
    daemon.restart()
    account_of(daemon)
    client = daemon.requester("strategy")
    found = client.request("get_order", client_order_id=order["client_order_id"])
    assert found["order_id"] == placed["order_id"]
    assert client.request("place_order", **order)["duplicate"] is True
    assert client.request("get_events", after=0)["last_seq"] >= last


def test_the_journals_index_is_whole_after_a_clean_end(start: Callable[..., Daemon]) -> None:
    daemon = start()
    account_of(daemon)
    price = with_quote(daemon)["bid"]
    client = daemon.requester("strategy")
    for _ in range(50):
        client.request("place_order", **market_order(order_type="limit", limit_price=round(price * 0.95, 2)))

    def accepted() -> Any:
        events = client.request("get_events", after=0)
        return events if sum(e["event"] == "new" for e in events["events"]) == 50 else None

    last = eventually(accepted, "the broker has accepted all")["last_seq"]
    daemon.stop()
    index = sqlite3.connect(f"file:{daemon.folder}/data/journal/index.sqlite?mode=ro", uri=True)
    with contextlib.closing(index):
        assert index.execute("SELECT count(*), min(status), max(status) FROM orders").fetchone() == (50, "new", "new")
        assert index.execute("SELECT max(seq) FROM events").fetchone()[0] == last


def test_numbers_are_exact(daemon: Daemon) -> None:
    account_of(daemon)
    with_quote(daemon)
    client = daemon.requester("strategy")
    order = market_order(qty="0.1", order_type="limit", limit_price="100.30")
    assert client.request("place_order", **order)["qty"] == 0.1
    same = {**order, "qty": 0.1, "limit_price": 100.3}
    assert client.request("place_order", **same)["duplicate"] is True


# ---- others ---------------------------------------------------------------------------------------------------------


def test_a_subscriber_that_never_reads_harms_nobody(start: Callable[..., Daemon]) -> None:
    daemon = start({"providers.sim": {"ticks_per_second": 1000}})
    sleeper = daemon.subscribe("quote|", "trade|")
    reader = daemon.subscribe("quote|AAPL|")
    seqs = [body["seq"] for body in reader.take(1000)]
    assert seqs == list(range(seqs[0], seqs[0] + 1000))
    assert daemon.request("ping")["ts"] > 0
    sleeper.socket.close(0)


def test_noise_on_the_stream_is_ignored(daemon: Daemon) -> None:
    for n in range(5):
        noisy = daemon.context.socket(zmq.XSUB)
        noisy.linger = 1000
        noisy.connect(daemon.stream)
        for noise in (b"", b"\x07hello", b"\x01" + b"x" * 5000, b"\x00quote|AAPL|", b"\x01\xff\xfe|"):
            noisy.send(noise)
        noisy.close()
        subscriber = daemon.subscribe("quote|AAPL|" if n % 2 else "quote|MSFT|")
        assert subscriber.take(3)[2]["seq"] > 0
    assert daemon.request("get_status")["epoch"] == daemon.epoch


def test_clients_that_vanish_leave_the_daemon_well(daemon: Daemon) -> None:
    for n in range(20):
        gone = Requester(daemon.context, daemon.command)
        gone.send(msgpack.packb({"v": 1, "id": n, "op": "get_status", "args": {}}))
        gone.socket.close(0)
    assert daemon.request("ping")["ts"] > 0
    assert STOP_S == 2.0
