"""The daemon with BROKER=ibkr against ibgw-sim: options and combos, groups, previews, accounts, profit and loss, and what
other clients do there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from harness import Daemon, RequestFailed, eventually
from ibkr_daemon import ACCOUNT, Gateway, held, order, place, resting, settings, until_state, until_status


def test_options_and_combos(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
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


@pytest.mark.parametrize(("delivered", "quality"), [("live", None), ("delayed", "delayed")])
def test_a_chain_has_quotes_and_the_models_greeks(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon], delivered: str, quality: str | None
) -> None:
    daemon = start(settings(gateway("--market-data", delivered), chain_lines=3))
    until_state(daemon, "up")
    wanted = {"underlying": "AAPL", "broker": "ibkr", "strike_min": 185, "strike_max": 195, "limit": 12}
    chain = daemon.request("get_option_chain", **wanted)["quotes"]
    assert len(chain) == 12
    for each in chain:
        assert 0 < each["bid"] <= each["ask"] and each.get("quality") == quality
        assert 0 < each["iv"] < 5 and -1 <= each["delta"] <= 1 and each["vega"] >= 0 and each["underlying_price"] > 0


def test_of_a_long_chain_those_nearest_to_the_money_are_quoted(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway(), chain_quotes=6))
    until_state(daemon, "up")
    chain = daemon.request("get_option_chain", underlying="AAPL", broker="ibkr", limit=60)["quotes"]
    quoted = [x for x in chain if "bid" in x]
    assert len(chain) == 60 and len(quoted) == 6
    away = max(abs(x["strike"] - 190) for x in quoted)
    assert all(abs(x["strike"] - 190) >= away for x in chain if "bid" not in x)


def test_without_market_data_a_chain_is_its_contracts(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway("--market-data", "none")))
    until_state(daemon, "up")
    chain = daemon.request("get_option_chain", underlying="AAPL", broker="ibkr", limit=4)["quotes"]
    assert len(chain) == 4 and not any("bid" in x for x in chain)


def test_a_group_is_the_venues(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")
    resting(daemon, "low", limit_price=150, oco="pair", qty=10)
    resting(daemon, "lower", limit_price=140, oco="pair", qty=10)
    there.quote("AAPL", "149.9", "150", size="4")
    until_status(daemon, "low", "partially_filled")
    eventually(lambda: order(daemon, "lower")["qty"] == 6, "what one got is taken off the other")
    there.quote("AAPL", "149.9", "150")
    until_status(daemon, "low", "filled")
    until_status(daemon, "lower", "canceled")
    assert held(daemon) == {"AAPL": 10}


def test_the_exits_of_a_bracket_are_a_group_of_the_venue(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")
    place(daemon, "entry", qty=10, bracket={"take_profit": 200, "stop_loss": 180})
    until_status(daemon, "entry", "filled")
    until_status(daemon, "entry.take_profit", "new")
    until_status(daemon, "entry.stop_loss", "new")
    there.quote("AAPL", "200.1", "200.2")
    until_status(daemon, "entry.take_profit", "filled")
    until_status(daemon, "entry.stop_loss", "canceled")
    eventually(lambda: not held(daemon).get("AAPL"), "the position is closed")


def test_an_order_is_previewed(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there))
    until_state(daemon, "up")

    def preview(**more: Any) -> dict[str, Any]:
        asked = {"symbol": "AAPL", "side": "buy", "qty": 100, "order_type": "market", **more}
        return dict(daemon.request("preview_order", **asked))

    found = preview()
    assert found["broker"] == "ibkr" and found["account"] == ACCOUNT and found["currency"] == "USD"
    assert found["initial_margin_change"] > 1_000 and found["equity"] > 900_000 and found["commission"] > 0
    assert there.control("/orders", "GET") == [] and daemon.request("get_orders", status="all")["orders"] == []
    with pytest.raises(RequestFailed) as refused:
        preview(symbol="NOPE")
    assert refused.value.code == "instrument.unknown"
    with pytest.raises(RequestFailed) as refused:
        preview(qty=0)
    assert refused.value.code == "request.invalid"
    place(daemon, "after", qty=1)
    until_status(daemon, "after", "filled")


def test_positions_and_accounts_have_profit_and_loss(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway("--position", "AAPL=100@150")
    daemon = start(settings(there))
    until_state(daemon, "up")

    def position() -> dict[str, Any]:
        [found] = daemon.request("get_positions")["positions"]
        return dict(found)

    eventually(lambda: "unrealized_pnl" in position(), "its profit is told")
    found = position()
    assert found["unrealized_pnl"] > 3_000 and found["market_value"] == pytest.approx(100 * found["market_price"], rel=0.01)
    eventually(lambda: daemon.request("get_account_summary")["unrealized_pnl"] > 3_000, "the account's profit is told")
    place(daemon, "half", side="sell", qty=50)
    until_status(daemon, "half", "filled")
    eventually(lambda: position()["realized_pnl"] > 1_000, "what was realized is told")
    eventually(lambda: daemon.request("get_account_summary")["realized_pnl"] > 1_000, "of the account too")


def test_each_order_goes_to_its_account(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway("--account", "DU1111111", "--account", "DU2222222")
    daemon = start(settings(there, account="DU2222222"))
    until_state(daemon, "up")
    place(daemon, "first", account="DU1111111")
    place(daemon, "default")
    assert until_status(daemon, "first", "filled")["account"] == "DU1111111"
    assert until_status(daemon, "default", "filled")["account"] == "DU2222222"
    with pytest.raises(RequestFailed) as refused:
        place(daemon, "other", account="DU3333333")
    assert refused.value.code == "request.invalid" and "DU1111111" in str(refused.value)
    for account in ("DU1111111", "DU2222222"):
        assert daemon.request("get_account_summary", account=account)["equity"] > 900_000
    eventually(
        lambda: {x["account"]: x["qty"] for x in daemon.request("get_positions")["positions"]}
        == {"DU1111111": 10, "DU2222222": 10},
        "both positions are told",
    )


def test_a_read_only_gateway_refuses_by_name(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    daemon = start(settings(gateway("--read-only")))
    until_state(daemon, "up")
    place(daemon, "first")
    assert "321" in until_status(daemon, "first", "rejected")["reason"]


@pytest.mark.parametrize("arguments", [("--master-client", "1"), ()])
def test_orders_placed_elsewhere_are_shown(
    gateway: Callable[..., Gateway], start: Callable[..., Daemon], arguments: tuple[str, ...]
) -> None:
    there = gateway(*arguments)
    there.control("/order", symbol="AAPL", action="BUY", quantity=7, type="LMT", limit=150, tif="GTC")
    daemon = start(settings(there, elsewhere_s=0.2))
    until_state(daemon, "up")
    [found] = eventually(lambda: daemon.request("get_orders", status="open")["orders"], "it is shown")
    assert found["external"] and found["qty"] == 7 and found["limit_price"] == 150
    there.quote("AAPL", "149.9", "150")
    eventually(lambda: not daemon.request("get_orders", status="open")["orders"], "its end is shown")
    eventually(lambda: held(daemon) == {"AAPL": 7}, "what it bought is held")
    # A correction of it, once somebody looks.
    [execution] = there.control("/executions", "GET")
    there.control("/correct", exec_id=execution["exec_id"], price=140)
    there.control("/connectivity", code=1100)
    there.control("/connectivity", code=1102)

    def known() -> dict[str, Any]:
        [only] = daemon.request("get_orders", status="all")["orders"]
        return dict(only)

    eventually(lambda: known().get("avg_price") == 140, "it is booked")
    assert known()["filled_qty"] == 7


def test_a_look_that_gets_lost_does_not_spoil_the_next(gateway: Callable[..., Gateway], start: Callable[..., Daemon]) -> None:
    there = gateway()
    daemon = start(settings(there, elsewhere_s=0.5, answer_s=1), expect_stderr="ibkr-too-fast")
    until_state(daemon, "up")
    there.control("/faults", kind="pacing")
    eventually(lambda: "ibkr-too-fast" in daemon.stderr(), "a question is dropped")
    there.control("/order", symbol="AAPL", action="BUY", quantity=7, type="LMT", limit=150, tif="GTC")
    eventually(lambda: daemon.request("get_orders", status="open")["orders"], "it is shown")
    assert "ibkr-link-down" not in daemon.stderr()
