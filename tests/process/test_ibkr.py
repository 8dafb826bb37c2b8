"""The daemon with BROKER=ibkr against ibgw-sim, over sockets: orders, restarts of either side, lost links and answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Daemon, RequestFailed, eventually

sys.path.insert(0, str(Path(__file__).parents[1] / "venues" / "ibgw"))

from ibgw import ACCOUNT, Gateway, binary

LINK = "ibkr-link-down|ibkr-bad|broker-reconciliation-failed|order-unsettled"


@pytest.fixture
def gateway() -> Iterator[Callable[..., Gateway]]:
    if not binary().exists():
        pytest.skip("ibgw-sim is not built")
    started: list[Gateway] = []

    def make(*arguments: str) -> Gateway:
        started.append(Gateway(*arguments))
        return started[-1]

    yield make
    for each in started:
        if each.process.poll() is None:
            each.stop()


def settings(gateway: Gateway, **more: Any) -> dict[str, dict[str, Any]]:
    return {"engine": {"broker": ["ibkr"]}, "brokers.ibkr": {"port": gateway.port, **more}}


def broker(daemon: Daemon) -> dict[str, Any]:
    [state] = daemon.request("get_status")["brokers"]
    return dict(state)


def until_state(daemon: Daemon, state: str) -> None:
    eventually(lambda: broker(daemon)["state"] == state, f"the broker is {state}")


def place(daemon: Daemon, client_order_id: str, **more: Any) -> dict[str, Any]:
    order = {"symbol": "AAPL", "side": "buy", "qty": 10, "order_type": "market", "time_in_force": "day", **more}
    return dict(daemon.request("place_order", client_order_id=client_order_id, **order))


def order(daemon: Daemon, client_order_id: str) -> dict[str, Any]:
    return dict(daemon.request("get_order", client_order_id=client_order_id))


def until_status(daemon: Daemon, client_order_id: str, status: str) -> dict[str, Any]:
    eventually(lambda: order(daemon, client_order_id)["status"] == status, f"{client_order_id} is {status}")
    return order(daemon, client_order_id)


def held(daemon: Daemon) -> dict[str, float]:
    return {x["symbol"]: x["qty"] for x in daemon.request("get_positions")["positions"]}


def resting(daemon: Daemon, client_order_id: str, **more: Any) -> dict[str, Any]:
    place(daemon, client_order_id, **{"order_type": "limit", "limit_price": 150, "time_in_force": "gtc", **more})
    return until_status(daemon, client_order_id, "new")


def test_orders_live_their_lives(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
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
    account = daemon.request("get_account_summary")
    assert account["account"] == ACCOUNT and 990_000 < account["cash"] < 1_000_000 and account["commissions"] > 0


def test_options_and_combos(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
    daemon = start(settings(gateway()))
    until_state(daemon, "up")
    chain = daemon.request("get_option_chain", underlying="AAPL", broker="ibkr", strike_min=185, strike_max=195, limit=20)["quotes"]
    assert len(chain) == 20
    expiry = chain[-1]["expiry"]
    calls = [x for x in chain if x["right"] == "call" and x["expiry"] == expiry][:2]
    assert len(calls) == 2
    place(daemon, "call", symbol=calls[0]["symbol"], qty=1)
    until_status(daemon, "call", "filled")
    eventually(lambda: held(daemon).get(calls[0]["symbol"]) == 1, "the option is held")
    legs = [{"symbol": calls[0]["symbol"], "side": "sell", "ratio": 1}, {"symbol": calls[1]["symbol"], "side": "buy", "ratio": 1}]
    orders = daemon.subscribe("order|")
    place(daemon, "spread", qty=1, legs=legs)
    until_status(daemon, "spread", "filled")
    [fill] = [b["fill"] for _, b in orders.until(lambda _, body: body["event"] == "fill" and body["order"]["client_order_id"] == "spread") if b["event"] == "fill"]
    assert {leg["symbol"] for leg in fill["legs"]} == {leg["symbol"] for leg in legs}
    eventually(lambda: held(daemon) == {calls[1]["symbol"]: 1}, "the legs are held")


def test_the_daily_restart_is_survived(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
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


def test_what_was_filled_while_the_daemon_was_dead_is_booked_once(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
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
    start: Callable[..., Daemon], gateway: Callable[..., Gateway], fault: str
) -> None:
    there = gateway()
    daemon = start(settings(there), expect_stderr=LINK)
    until_state(daemon, "up")
    there.control("/faults", kind=fault)
    place(daemon, "lost", order_type="limit", limit_price=150, time_in_force="gtc")
    arrived = fault in ("cut_after_order", "mute_order")
    eventually(lambda: order(daemon, "lost")["status"] in ("new", "rejected"), "the doubt is settled", 60)
    assert order(daemon, "lost")["status"] == ("new" if arrived else "rejected")
    assert len(there.control("/orders", "GET")) == (1 if arrived else 0)


def test_the_venues_own_outages_are_told(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
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


def test_a_half_open_link_is_noticed(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
    there = gateway()
    daemon = start(settings(there, probe_s=0.3, silence_s_max=0.3), expect_stderr=LINK)
    until_state(daemon, "up")
    there.control("/half_open", on=True)
    until_state(daemon, "down")
    there.control("/half_open", on=False)
    until_state(daemon, "up")


def test_a_client_id_in_use(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
    there = gateway()
    first = start(settings(there))
    until_state(first, "up")
    second = start(settings(there), expect_stderr=LINK)
    eventually(lambda: broker(second)["reason"] == "client_id", "the second one is told why")
    third = start(settings(there, client_ids=3))
    until_state(third, "up")
    place(third, "market")
    until_status(third, "market", "filled")


def test_orders_placed_elsewhere_are_shown(start: Callable[..., Daemon], gateway: Callable[..., Gateway]) -> None:
    there = gateway("--master-client", "1")
    there.control("/order", symbol="AAPL", action="BUY", quantity=7, type="LMT", limit=150, tif="GTC")
    daemon = start(settings(there))
    until_state(daemon, "up")
    [found] = eventually(lambda: daemon.request("get_orders", status="open")["orders"], "it is shown")
    assert found["external"] and found["qty"] == 7 and found["limit_price"] == 150
    there.quote("AAPL", "149.9", "150")
    eventually(lambda: not daemon.request("get_orders", status="open")["orders"], "its end is shown")
    eventually(lambda: held(daemon) == {"AAPL": 7}, "what it bought is held")
