"""The daemon with BROKER=ibkr against ibgw-sim, over sockets: orders, restarts of either side, lost links and answers."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from harness import DEADLINE_S, Daemon, RequestFailed, eventually
from ibgw import Client
from ibgw import order as order_message
from ibkr_daemon import ACCOUNT, LINK, Gateway, broker, held, order, place, resting, settings, until_state, until_status
from late_gateway import LateGateway

sys.path.insert(0, str(Path(__file__).parents[2] / "clients" / "python"))

from tradebus import Client as Bus  # noqa: E402


def test_orders_live_their_lives(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")
    place(daemon, "market")
    filled = until_status(daemon, "market", "filled")
    assert filled["account"] == ACCOUNT and filled["avg_price"] == 190.01 and int(filled["broker_order_id"]) > 0
    eventually(lambda: held(daemon) == {"AAPL": 10}, "the position is told")
    resting(daemon, "limit")
    daemon.request("replace_order", client_order_id="limit", qty=20, limit_price=151)
    eventually(lambda: order(daemon, "limit")["limit_price"] == 151, "the change is in force")
    assert order(daemon, "limit")["qty"] == 20
    daemon.request("cancel_order", client_order_id="limit")
    until_status(daemon, "limit", "canceled")
    place(daemon, "nobody", symbol="NOPE")
    assert "200" in until_status(daemon, "nobody", "rejected")["reason"]
    place(daemon, "stop", side="sell", order_type="stop", stop_price=180, time_in_force="gtc")
    until_status(daemon, "stop", "new")
    there.quote("AAPL", "179.9", "180.1")
    there.control("/trade", symbol="AAPL", price=179.95)
    until_status(daemon, "stop", "filled")
    eventually(lambda: not held(daemon).get("AAPL"), "the position is closed")
    eventually(lambda: 990_000 < daemon.request("get_account_summary")["cash"] < 1_000_000, "the cash is told")
    account = daemon.request("get_account_summary")
    assert account["account"] == ACCOUNT and account["commissions"] > 0


def test_touches_offsets_and_strategies(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    with Bus(daemon.stream, daemon.command, client="python-test", timeout=DEADLINE_S) as bus:
        urgent = {"adaptivePriority": "Urgent"}
        orders = [
            bus.buy("AAPL", 10, limit_price=150, target_strategy="Adaptive", strategy_parameters=urgent, time_in_force="gtc"),
            bus.buy("AAPL", 10, order_type="market_if_touched", stop_price=140, time_in_force="gtc"),
            bus.buy("AAPL", 10, order_type="limit_if_touched", stop_price=140, limit_price=139, time_in_force="gtc"),
            bus.sell("AAPL", 10, trail_amount=20, limit_offset=1, time_in_force="gtc"),
            bus.buy("AAPL", 10, limit_price=151, target_strategy="REL", strategy_parameters={"offset": "0.01"}),
            bus.buy("AAPL", 10, limit_price=151, target_strategy="Vwap", strategy_parameters={"startTime": "20990106-15:00:00"}),
        ]

        def same(qty: int) -> None:
            for each in orders:
                eventually(lambda each=each: bus.order(each).status == "new", f"{each.order_type} works")
                now = bus.order(each)
                assert now.qty == qty
                for key in ("order_type", "limit_price", "stop_price", "trail_amount", "limit_offset", "target_strategy"):
                    assert getattr(now, key) == getattr(each, key), key
                assert now.strategy_parameters == each.strategy_parameters

        def at_the_venue() -> set[tuple[str, str, str, str]]:
            return {(o["type"], o["quantity"], o["algo"], o["status"]) for o in there.control("/orders", "GET")}

        same(10)
        types = {("LMT", "Adaptive"), ("MIT", ""), ("LIT", ""), ("TRAIL LIMIT", ""), ("REL", ""), ("LMT", "Vwap")}
        assert {(kind, algo) for kind, _, algo, _ in at_the_venue()} == types
        there.control("/trade", symbol="AAPL", price=195)  # the trail's stop moves, and the limit that is echoed with it
        for each in orders:
            bus.replace(each, qty=20)
        same(20)
        # Who comes back knows only what the venue echoes, and what the journal has.
        daemon.kill()
        daemon.restart()
        until_state(daemon, "up")
    with Bus(daemon.stream, daemon.command, client="python-test", timeout=DEADLINE_S) as bus:
        same(20)
        for each in orders:
            bus.replace(each, qty=30)
        same(30)
        assert {(kind, algo) for kind, qty, algo, _ in at_the_venue() if qty == "30"} == types
        preview = bus.preview("AAPL", "buy", 10, limit_price=150, target_strategy="Adaptive", strategy_parameters=urgent)
        assert preview.commission
        touched = orders[1]
        there.quote("AAPL", "139.8", "139.9")
        there.control("/trade", symbol="AAPL", price=139.9)
        filled = bus.wait(touched, DEADLINE_S)
        assert (filled.status, filled.avg_price, filled.order_type) == ("filled", 139.9, "market_if_touched")
        for each in orders:
            if not bus.order(each).closed:
                bus.cancel(each)
                bus.wait(each, DEADLINE_S)
        for name, parameters, why in [
            ("MinImpact", {}, "439"),
            ("Twap", {"strategyType": "Marketable"}, "443"),
            ("MIDPRICE", {"offset": "1"}, "it has none"),
        ]:
            refused = bus.wait(
                bus.buy("AAPL", 10, limit_price=130, target_strategy=name, strategy_parameters=parameters), DEADLINE_S
            )
            assert refused.status == "rejected" and why in (refused.reason or "")
    assert "order-report-anomaly" not in daemon.stderr()


def test_types_of_elsewhere_are_shown_as_they_are(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there, elsewhere_s=0.2))
    until_state(daemon, "up")
    typed: list[dict[str, Any]] = [
        {"type": "MIT", "aux": 140},
        {"type": "LIT", "aux": 140, "limit": 139},
        {"type": "MIDPRICE", "limit": 150},
        {"type": "LMT", "limit": 150, "algo": "Adaptive"},
    ]
    for each in typed:
        there.control("/order", symbol="AAPL", tif="GTC", **each)

    def shown() -> list[tuple[Any, ...]]:
        keys = ("order_type", "stop_price", "limit_price", "target_strategy", "external")
        return sorted((tuple(o.get(key) for key in keys) for o in daemon.request("get_orders")["orders"]), key=repr)

    wanted = [
        ("market_if_touched", 140, None, None, True),
        ("limit_if_touched", 140, 139, None, True),
        ("limit", None, 150, "MIDPRICE", True),
        ("limit", None, 150, "Adaptive", True),
    ]
    eventually(lambda: shown() == sorted(wanted, key=repr), "all are shown")


def test_the_daily_restart_is_survived(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    resting(daemon, "first")
    there.control("/restart", down_ms=1500)
    until_state(daemon, "down")
    with pytest.raises(RequestFailed) as refused:
        place(daemon, "early")
    assert refused.value.code == "broker.unavailable"
    until_state(daemon, "up")
    assert order(daemon, "first")["status"] == "new"
    there.quote("AAPL", "149.9", "150")
    until_status(daemon, "first", "filled")
    assert held(daemon) == {"AAPL": 10}


def test_what_was_filled_while_the_daemon_was_dead_is_booked_once(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    for name in ("filled", "works"):
        resting(daemon, name, limit_price=150 if name == "filled" else 140)
    daemon.kill()
    there.quote("AAPL", "149.9", "150")
    daemon.restart()
    until_state(daemon, "up")
    assert until_status(daemon, "filled", "filled")["filled_qty"] == 10
    assert order(daemon, "works")["status"] == "new"
    eventually(lambda: held(daemon) == {"AAPL": 10}, "the position is told")
    daemon.request("cancel_order", client_order_id="works")
    until_status(daemon, "works", "canceled")


@pytest.mark.parametrize("fault", ["cut_before_order", "cut_after_order", "ignore_order", "mute_order"])
def test_an_order_whose_answer_is_lost_is_one_order(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon], fault: str
) -> None:
    there = gateway()
    daemon = start(settings(there, answer_s=1), expect_stderr=LINK)
    until_state(daemon, "up")
    there.control("/faults", kind=fault)
    place(daemon, "lost", order_type="limit", limit_price=150, time_in_force="gtc")
    arrived = fault in ("cut_after_order", "mute_order")
    eventually(lambda: order(daemon, "lost")["status"] in ("new", "rejected"), "the doubt is settled", 60)
    assert order(daemon, "lost")["status"] == ("new" if arrived else "rejected")
    assert len(there.control("/orders", "GET")) == (1 if arrived else 0)


def test_the_venues_own_outages_are_told(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")
    resting(daemon, "first")
    there.control("/farm", name="usfarm", up=False)
    until_state(daemon, "degraded")
    there.control("/farm", name="usfarm", up=True)
    until_state(daemon, "up")
    there.control("/connectivity", code=1100)
    until_state(daemon, "degraded")
    there.quote("AAPL", "149.9", "150")
    there.control("/connectivity", code=1102)
    until_state(daemon, "up")
    until_status(daemon, "first", "filled")


def test_a_half_open_link_is_noticed(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there, probe_s=0.3, silence_s_max=0.3), expect_stderr=LINK)
    until_state(daemon, "up")
    there.control("/half_open", on=True)
    until_state(daemon, "down")
    there.control("/half_open", on=False)
    until_state(daemon, "up")


def test_a_client_id_in_use(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    first = start(settings(there))
    until_state(first, "up")
    second = start(settings(there), expect_stderr=LINK)
    eventually(lambda: broker(second)["reason"] == "client_id", "the second one is told why")
    third = start(settings(there, client_ids=3))
    until_state(third, "up")
    place(third, "market")
    until_status(third, "market", "filled")


def there_is(gateway: Gateway, ref: str) -> dict[str, Any]:
    [found] = [x for x in gateway.control("/orders", "GET") if x["order_ref"] == ref]
    return dict(found)


def test_a_correction_while_nobody_listened_counts_once(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    for name in ("first", "second"):
        place(daemon, name)
        until_status(daemon, name, "filled")
    first, second = [x["exec_id"] for x in there.control("/executions", "GET")]
    # The link is gone for a while, the daemon lives.
    there.control("/restart", down_ms=500)
    there.control("/correct", exec_id=first, price=180)
    until_state(daemon, "down")
    until_state(daemon, "up")
    eventually(lambda: order(daemon, "first")["avg_price"] == 180, "the correction is booked")
    assert order(daemon, "first")["filled_qty"] == 10
    # The daemon is gone.
    daemon.kill()
    there.control("/correct", exec_id=second, price=170)
    daemon.restart()
    until_state(daemon, "up")
    eventually(lambda: order(daemon, "second")["avg_price"] == 170, "the correction is booked")
    assert [order(daemon, name)["filled_qty"] for name in ("first", "second")] == [10, 10]
    # Of an execution that only the life before was told of.
    third = next(x["exec_id"] for x in there.control("/executions", "GET") if float(x["price"]) == 180)
    there.control("/correct", exec_id=third, price=160)
    eventually(lambda: order(daemon, "first")["avg_price"] == 160, "the correction is booked")
    assert order(daemon, "first")["filled_qty"] == 10


def test_a_change_whose_answer_is_lost_is_not_taken_back(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    ref = resting(daemon, "first")["order_id"]
    there.control("/faults", kind="cut_after_order")
    daemon.request("replace_order", client_order_id="first", limit_price=151)
    eventually(lambda: broker(daemon)["state"] != "up", "the link is cut")
    until_state(daemon, "up")
    eventually(lambda: order(daemon, "first")["limit_price"] == 151, "the change is known")
    daemon.request("replace_order", client_order_id="first", qty=20)
    eventually(lambda: order(daemon, "first")["qty"] == 20, "the next one is in force")
    assert (there_is(there, ref)["limit"], there_is(there, ref)["quantity"]) == ("151", "20")


def test_an_order_that_waits_for_its_turn_takes_no_change_along(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr="ibkr-too-fast")
    until_state(daemon, "up")
    there.control("/notice", id=-1, code=100, text="too fast")
    eventually(lambda: "ibkr-too-fast" in daemon.stderr(), "nothing goes out for a second")
    place(daemon, "first", order_type="limit", limit_price=150, time_in_force="gtc")
    with suppress(RequestFailed):
        daemon.request("replace_order", client_order_id="first", limit_price=151)
    daemon.request("cancel_order", client_order_id="first")
    eventually(lambda: order(daemon, "first")["status"] in ("rejected", "canceled"), "it is taken back")
    assert "before its turn" in order(daemon, "first")["reason"]
    resting(daemon, "second")
    assert len(there.control("/orders", "GET")) == 1


def test_an_outage_is_over_when_all_is_known(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there, answer_s=1), expect_stderr=LINK + "|ibkr-resync-failed|ibkr-too-fast")
    until_state(daemon, "up")
    resting(daemon, "first")
    there.control("/connectivity", code=1100)
    until_state(daemon, "degraded")
    there.quote("AAPL", "149.9", "150")
    there.control("/faults", kind="pacing", count=2)
    there.control("/connectivity", code=1102)
    until_status(daemon, "first", "filled")
    until_state(daemon, "up")
    assert "it said: 100 Max rate" in daemon.stderr()
    assert "ibkr-resync-failed" in daemon.stderr() and "ibkr-link-down" not in daemon.stderr()


def test_an_end_that_got_lost_is_found_by_the_cancel(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there, elsewhere_s=0))
    until_state(daemon, "up")
    resting(daemon, "first")
    there.control("/faults", kind="mute_order", count=20)
    there.quote("AAPL", "149.9", "150")
    eventually(lambda: there.control("/executions", "GET"), "it is filled there")
    there.control("/faults", "DELETE")
    assert order(daemon, "first")["status"] == "new"
    daemon.request("cancel_order", client_order_id="first")
    assert until_status(daemon, "first", "filled")["filled_qty"] == 10


def test_an_inactive_order_is_canceled_too(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")
    ref = resting(daemon, "first")["order_id"]
    known = there_is(there, ref)
    fields = ["3", known["order_id"], "Inactive", 0, 10, 0, known["perm_id"], 0, 0, known["client"], "", 0]
    there.control("/send", fields="".join(f"{x}|" for x in fields))
    eventually(lambda: order(daemon, "first")["status"] in ("canceled", "rejected"), "its end is told")
    eventually(lambda: there_is(there, ref)["status"] == "Cancelled", "it is canceled there")


def test_what_the_gateway_says_of_nothing_in_particular_is_logged(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr="ibkr-notice")
    until_state(daemon, "up")
    there.control("/notice", id=-1, code=321, text="Error validating request")
    eventually(lambda: "Error validating request" in daemon.stderr(), "it is logged")


def test_a_group_that_ended_in_an_outage_is_a_new_one_next(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    for name in ("first", "twin"):
        resting(daemon, name, time_in_force="day", oco="g")
    used = there_is(there, order(daemon, "first")["order_id"])["oca_group"]
    there.control("/restart", down_ms=500)
    there.control("/session", open=False)
    there.control("/session", open=True)
    until_state(daemon, "down")
    until_state(daemon, "up")
    for name in ("first", "twin"):
        eventually(lambda name=name: order(daemon, name)["status"] in ("canceled", "expired"), "its end is known")
    resting(daemon, "next", limit_price=130, oco="g")
    assert there_is(there, order(daemon, "next")["order_id"])["oca_group"] != used


def test_account_summaries_are_not_left_open(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there, answer_s=1, elsewhere_s=0), expect_stderr=LINK)
    until_state(daemon, "up")

    def asked(what: int) -> int:
        return int(there.control("/stats", "GET")["requests"].get(str(what), 0))

    place(daemon, "first")
    until_status(daemon, "first", "filled")
    before = asked(62)
    there.control("/faults", kind="slow", count=1000, delay_ms=1500)
    eventually(lambda: asked(62) > before, "the account is asked for after the trade")
    eventually(lambda: asked(63) >= asked(62), "what had no answer in time is canceled")
    there.control("/faults", "DELETE")


def test_a_cancel_before_it_was_accepted(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")
    there.control("/faults", kind="mute_order", count=20)
    place(daemon, "first", order_type="limit", limit_price=150, time_in_force="gtc")
    eventually(lambda: there.control("/orders", "GET"), "it is there")
    there.control("/faults", "DELETE")
    daemon.request("cancel_order", client_order_id="first")
    until_status(daemon, "first", "canceled")


def test_an_order_of_another_client_id_of_ours_is_what_it_is_there(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon]
) -> None:
    there = gateway()
    daemon = start(settings(there, client_ids=2, elsewhere_s=0.2), expect_stderr=LINK)
    until_state(daemon, "up")
    ref = resting(daemon, "first")["order_id"]
    there.control("/faults", kind="cut_before_order")
    place(daemon, "lost", order_type="limit", limit_price=140, time_in_force="gtc")
    eventually(lambda: there.control("/stats", "GET")["faults_armed"] == 0, "the link is cut at the gateway")
    taken = Client(there.port, 1)  # before the daemon is back
    taken.ready()
    eventually(lambda: broker(daemon)["state"] != "up", "the link is cut")
    until_state(daemon, "up")
    until_status(daemon, "lost", "rejected")
    assert order(daemon, "first")["status"] == "new"
    taken.send(order_message(there_is(there, ref)["order_id"], quantity=20, limit="145", tif="GTC", ref=ref))
    eventually(lambda: order(daemon, "first")["limit_price"] == 145, "the change is told")
    assert order(daemon, "first")["qty"] == 20
    taken.close()


def test_with_several_client_ids_a_doubt_of_an_earlier_life_waits_a_little(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon]
) -> None:
    there = gateway()
    daemon = start(settings(there, client_ids=2), expect_stderr=LINK)
    until_state(daemon, "up")
    there.control("/faults", kind="ignore_order")
    place(daemon, "lost", order_type="limit", limit_price=140, time_in_force="gtc")
    eventually(lambda: there.control("/stats", "GET")["faults_armed"] == 0, "it was sent")
    daemon.kill()
    daemon.restart()
    until_state(daemon, "up")
    up = time.monotonic()
    until_status(daemon, "lost", "rejected")
    assert time.monotonic() - up > 2


@contextmanager
def listener(says: bytes) -> Iterator[int]:
    """Says this to each who connects, and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                    taken[-1].sendall(says)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in taken:
            each.close()


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "which no message has"),
        (b"\0\0\0\x04abc\0", "version"),
        (b"\0\0\0\x0c9\x0020261130\0xx", "version"),
        (b"\0\0\0\x20" b"178\x00202611", "did not answer"),
        (b"", "did not answer"),
        (b"\0\0\0\x12-1\0" b"127.0.0.1:7496\0", "127.0.0.1"),
    ],
    ids=["http", "garbage", "old version", "half a frame", "silence", "redirect"],
)
def test_what_is_no_gateway_is_named(start: Callable[..., Daemon], says: bytes, why: str) -> None:
    with listener(says) as port:
        sections = {"engine": {"broker": ["ibkr"]}, "brokers.ibkr": {"port": port, "answer_s": 0.5}}
        daemon = start(sections, expect_stderr=LINK)
        eventually(lambda: (broker(daemon)["state"], broker(daemon)["reason"]) == ("down", "transport"), "it is down")
        with pytest.raises(RequestFailed) as refused:
            place(daemon, "first")
        assert refused.value.code == "broker.unavailable" and why in str(refused.value)
        daemon.stop()


def test_a_recording_and_a_real_broker_are_refused(start: Callable[..., Daemon], tmp_path: Path) -> None:
    (tmp_path / "quotes.csv").write_text("ts_ns,symbol,bid,bid_size,ask,ask_size\n1718976600215000000,AAPL,190,1,191,1\n")
    sections = {
        "engine": {"broker": ["ibkr"], "data_provider": ["replay"]},
        "providers.replay": {"files": [str(tmp_path / "quotes.csv")]},
    }
    daemon = start(sections, ready=False, expect_stderr="engine.broker")
    assert daemon.process.wait(DEADLINE_S) != 0
    assert "ibkr" in daemon.stderr() and "replay" in daemon.stderr()


def is_stop(message: list[str]) -> bool:
    return message[0] == "3" and "STP" in message


@pytest.mark.parametrize("dies", [False, True], ids=["cut", "killed"])
def test_an_exit_that_comes_much_later_protects_nothing_twice(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon], dies: bool
) -> None:
    there = gateway()
    between = LateGateway(there.port)
    expected = LINK + "|order-report-anomaly|exit-placed-again"
    daemon = start(
        {"engine": {"broker": ["ibkr"]}, "brokers.ibkr": {"port": between.port, "answer_s": 2}}, expect_stderr=expected
    )
    until_state(daemon, "up")
    between.keep(is_stop)
    place(daemon, "b", time_in_force="gtc", bracket={"take_profit": 250, "stop_loss": 100})
    until_status(daemon, "b.take_profit", "new")
    eventually(lambda: between.kept, "the stop is on its way")
    if dies:
        daemon.kill()
    between.cut()
    if dies:
        between.pass_all()
        daemon.restart()
    until_state(daemon, "up")
    eventually(lambda: order(daemon, "b.stop_loss")["status"] == "rejected", "it is not there", 30)
    eventually(lambda: "exit-placed-again" in daemon.stderr(), "another one takes its place")
    if dies:
        until_status(daemon, "b.stop_loss.2", "new")
        between.let_go(order_id=1000)
    else:
        eventually(lambda: len(between.kept) == 2, "it is on its way")
        between.pass_all()
        between.let_go()
    copy = until_status(daemon, "b.stop_loss.2", "new")
    assert copy["parent_id"] == order(daemon, "b")["order_id"] and copy["qty"] == 10 and copy["stop_price"] == 100
    lost = order(daemon, "b.stop_loss")["order_id"]
    eventually(lambda: any(x["order_ref"] == lost for x in there.control("/orders", "GET")), "it comes after all")
    assert there_is(there, lost)["oca_group"] == there_is(there, copy["order_id"])["oca_group"]
    eventually(lambda: there_is(there, lost)["status"] == "Cancelled", "it is canceled there")
    assert order(daemon, "b.stop_loss")["status"] == "rejected"
    there.quote("AAPL", "99", "99.1")
    there.control("/trade", symbol="AAPL", price=99)
    until_status(daemon, "b.stop_loss.2", "filled")
    until_status(daemon, "b.take_profit", "canceled")
    eventually(lambda: not held(daemon).get("AAPL"), "the position is closed")
    between.close()


def test_an_exit_that_is_lost_each_time_is_given_up(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    between = LateGateway(there.port)
    expected = LINK + "|order-report-anomaly|exit-placed-again"
    daemon = start(
        {"engine": {"broker": ["ibkr"]}, "brokers.ibkr": {"port": between.port, "answer_s": 0.5}}, expect_stderr=expected
    )
    until_state(daemon, "up")
    between.keep(is_stop)
    place(daemon, "b", time_in_force="gtc", bracket={"take_profit": 250, "stop_loss": 100})
    eventually(lambda: "by hand" in daemon.stderr(), "it is given up", 90)
    assert [order(daemon, f"b.stop_loss{n}")["status"] for n in ("", ".2", ".3", ".4")] == ["rejected"] * 4
    assert len(between.kept) == 4
    assert order(daemon, "b.take_profit")["status"] == "new"
    between.close()


def test_rubbish_without_end_does_not_fill_the_log(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    between = LateGateway(there.port)
    daemon = start(
        {"engine": {"broker": ["ibkr"]}, "brokers.ibkr": {"port": between.port}}, expect_stderr=LINK + "|ibkr-notice"
    )
    until_state(daemon, "up")
    between.say(b"3\0x\0", 5000)  # an orderStatus that is none
    between.say(b"4\x002\0-1\x00321\0no\0\0", 5000)

    def counted(name: str) -> int:
        [value] = [x["value"] for x in broker(daemon)["counters"] if x["name"] == name]
        return int(value)

    eventually(lambda: counted("messages_received") > 10_000, "all of it is read")
    assert counted("messages_bad") == 5000
    text = daemon.stderr()
    assert 1 <= text.count("ibkr-bad-message") <= 20 and 1 <= text.count("ibkr-notice") <= 60
    place(daemon, "first")
    until_status(daemon, "first", "filled")
    between.close()
