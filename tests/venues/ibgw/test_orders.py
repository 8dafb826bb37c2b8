"""ibgw-sim over real sockets, spoken to in raw bytes: orders, executions, and the fields of each version."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import AAPL, UNSET, Client, Gateway, details, order, words


# -- orders ------------------------------------------------------------------------------------------------------------


def test_a_market_order_fills(client: Client) -> None:
    client.send(order(1, kind="MKT", ref="mine"))
    told = client.until_id(59)
    assert words(told) == [
        "5:PreSubmitted",
        "3:PreSubmitted",
        "11",
        "5:Filled",
        "3:Filled",
        "5:Filled",
        "3:Filled",
        "59",
    ]
    execution = told[2]
    assert execution[1:3] == ["-1", "1"] and execution[18:21] == ["BOT", "100", "190.01"] and execution[26] == "mine"
    assert told[3][103] == "" and told[5][103] == "1.0"
    assert told[-1][3:6] == ["1.0", "USD", UNSET]
    assert len(told[0]) == 135 and len(execution) == 32
    client.ask(61, 1)
    position = client.until_id(62)[0]
    assert position[3] == str(AAPL) and position[14:] == ["100", "190.01"]
    client.send(order(2, action="SELL", kind="MKT"))
    assert float(client.until_id(59)[-1][5]) < -2


def test_a_limit_order_rests_is_changed_and_cancelled(client: Client) -> None:
    client.send(order(1, limit="150.25"))
    told = client.quiet()
    assert words(told) == ["5:PreSubmitted", "3:PreSubmitted", "5:Submitted", "3:Submitted"]
    perm_id = told[0][25]
    assert told[0][16] == "150.25" and told[1][6] == perm_id
    client.send(order(1, limit="151"))
    changed = client.quiet()
    assert words(changed) == ["5:Submitted", "3:Submitted"] and changed[0][16] == "151.0" and changed[0][25] == perm_id
    client.ask(4, 1, 1, "")
    assert words(client.quiet()) == ["3:Cancelled", "4:202"]
    client.ask(4, 1, 1, "")
    assert words(client.quiet()) == ["4:161"]
    client.ask(4, 1, 77, "")
    assert words(client.quiet()) == ["4:10147"]
    client.ask(99, 1)
    completed = client.until_id(102)[0]
    assert completed[0] == "101" and completed[1] == str(AAPL)


def test_a_change_that_crosses_tells_filled_before_its_execution(client: Client) -> None:
    client.send(order(1, limit="150"))
    client.quiet()
    client.send(order(1, limit="191"))
    assert words(client.until_id(59)) == [
        "5:Submitted",
        "3:Submitted",
        "3:Filled",
        "11",
        "5:Filled",
        "3:Filled",
        "5:Filled",
        "3:Filled",
        "59",
    ]
    client.ask(4, 1, 1, "")
    assert words(client.quiet()) == ["4:10148"]
    client.send(order(1, limit="192"))
    assert words(client.quiet()) == ["4:104"]


def test_partial_fills(gateway: Gateway, client: Client) -> None:
    gateway.quote("AAPL", "189.99", "190.01", "40")
    client.send(order(1, limit="190.01"))
    told = client.until_id(59)
    assert words(told)[2:] == [
        "5:Submitted",
        "3:Submitted",
        "11",
        "5:Submitted",
        "3:Submitted",
        "5:Submitted",
        "3:Submitted",
        "59",
    ]
    assert told[6][3:5] == ["40", "60"]
    gateway.quote("AAPL", "189.99", "190.01", "40")
    assert client.until_id(59)[2][3:5] == ["80", "20"]
    gateway.quote("AAPL", "189.99", "190", "40")
    last = client.until_id(59)
    assert words(last)[0] == "11" and last[-2][3:5] == ["100", "0"] and last[0][20:21] == ["190"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (order(1, limit="150.001"), "110"),
        (order(1, limit="150", quantity=0), "434"),
        (order(1, limit="150", action="HOLD"), "321"),
        (order(1, kind="LMT"), "321"),
        (order(1, kind="WISH", limit=1), "321"),
        (order(1, limit="150", tif="EVER"), "321"),
        (order(1, limit="150", tif="GTD"), "321"),
        (order(1, limit="150", account="DU0000000"), "321"),
        (order(1, limit="150", con_id=424242424), "200"),
        (order(1, limit="150", parent=99), "135"),
        (order(1, limit="150", con_id=416904, sec_type="IND"), "460"),
        (order(1, limit="190", quantity=1000000), "201"),
        (order(0, limit="150"), "103"),
    ],
)
def test_orders_are_refused(client: Client, request_: bytes, code: str) -> None:
    client.send(request_)
    assert words(client.quiet()) == ["4:" + code]


def test_orders_that_wait_for_a_touch(gateway: Gateway, client: Client) -> None:
    gateway.quote("AAPL", "189.99", "190.01")
    client.send(order(1, kind="MIT", aux="188"))
    client.send(order(2, "SELL", kind="LIT", aux="192", limit="191.5"))
    told = client.quiet()
    assert words(told) == ["5:PreSubmitted", "3:PreSubmitted"] * 2
    assert told[0][15:18] == ["MIT", "0.0", "188.0"] and told[2][15:18] == ["LIT", "191.5", "192.0"]
    assert told[1][10] == "trigger"
    gateway.control("/trade", symbol="AAPL", price="187.9")
    assert client.until_id(59)[-1][0] == "59"
    gateway.control("/trade", symbol="AAPL", price="192")
    client.until_id(3, 2, "Submitted")
    gateway.quote("AAPL", "191.6", "191.7")
    assert client.until_id(11, "-1", "2")[-1][18:21] == ["SLD", "100", "191.6"]


def test_the_rest_of_a_market_to_limit_order_rests(gateway: Gateway, client: Client) -> None:
    gateway.quote("AAPL", "189.99", "190.01", "40")
    client.send(order(1, kind="MTL"))
    assert client.until_id(59)[0][15] == "MTL"
    gateway.quote("AAPL", "189.99", "190.5", "100")
    assert not [m for m in client.quiet() if m[0] == "11"]
    gateway.quote("AAPL", "189.99", "190.01", "100")
    assert client.until_id(11)[-1][18:21] == ["BOT", "60", "190.01"]


def test_a_trailing_limit_moves_with_its_stop(gateway: Gateway, client: Client) -> None:
    gateway.control("/trade", symbol="AAPL", price="190")
    client.send(order(1, "SELL", kind="TRAIL LIMIT", aux="2", limit="187", limit_offset="1"))
    assert words(client.quiet()) == ["4:321"]
    client.send(order(1, "SELL", kind="TRAIL LIMIT", aux="2", limit_offset="1"))
    told = client.quiet()
    assert words(told) == ["5:PreSubmitted", "3:PreSubmitted"]
    gateway.control("/trade", symbol="AAPL", price="195")
    client.ask(5, 1)
    echo = client.until_id(53)[0]
    assert (echo[16], echo[17], echo[73], echo[114]) == ("192.0", "2.0", "193", "1")
    gateway.quote("AAPL", "192.5", "192.6")
    gateway.control("/trade", symbol="AAPL", price="192.9")
    assert client.until_id(11)[-1][18:21] == ["SLD", "100", "192.5"]


def test_algos_are_known_echoed_and_kept(client: Client) -> None:
    times = {"startTime": "20990106-15:00:00", "noTakeLiq": "1", "maxPctVol": "0.1"}
    client.send(order(1, limit="150", algo="Vwap", algo_params=times))
    echo = client.quiet()[0]
    assert echo[90:98] == [
        "Vwap",
        "3",
        "maxPctVol",
        "0.1",
        "noTakeLiq",
        "1",
        "startTime",
        "20990106 10:00:00 US/Eastern",
    ]
    client.send(order(1, limit="151"))
    assert words(client.quiet()) == ["4:440"]
    client.send(order(1, limit="151", algo="Vwap", algo_params=times))
    assert words(client.quiet())[-1] == "3:Submitted"


@pytest.mark.parametrize(
    ("algo", "params", "kind", "code"),
    [
        ("MinImpact", {"maxPctVol": "0.1"}, "LMT", "439"),
        ("adaptive", {}, "LMT", "439"),
        ("Twap", {"strategyType": "Marketable"}, "LMT", "443"),
        ("Adaptive", {"adaptivePriority": "Soon"}, "LMT", "441"),
        ("Adaptive", {"adaptivePriority": "Urgent"}, "MTL", "442"),
    ],
)
def test_algos_are_refused(client: Client, algo: str, params: dict[str, str], kind: str, code: str) -> None:
    limit = "150" if kind == "LMT" else ""
    client.send(order(1, limit=limit, kind=kind, algo=algo, algo_params=params))
    assert words(client.quiet()) == ["4:" + code]


def test_orders_pegged_to_the_market(gateway: Gateway, client: Client) -> None:
    gateway.quote("AAPL", "189.90", "190.10")
    client.send(order(1, kind="MIDPRICE", limit="195"))
    client.send(order(2, kind="REL", aux="0.01"))
    client.send(order(3, kind="PEG MID", aux="0.05"))
    told = [m for m in client.quiet() if m[0] == "5"]
    assert {(m[15], m[16], m[17]) for m in told} == {
        ("MIDPRICE", "195.0", "0.0"),
        ("REL", "0.0", "0.01"),
        ("PEG MID", "0.0", "0.05"),
    }


def test_ids_are_not_used_twice(client: Client) -> None:
    client.send(order(5, limit="150"))
    client.send(order(4, limit="150"))
    assert words(client.quiet())[-1] == "4:103"
    client.ask(8, 1, 1)
    assert client.read() == ["9", "1", "6"]


def test_read_only(start: Callable[..., Gateway]) -> None:
    client = Client(start("--read-only").port)
    client.ready()
    client.send(order(1, limit="150"))
    assert words(client.quiet()) == ["4:321"]


def test_immediate_or_cancel_and_fill_or_kill(client: Client) -> None:
    client.send(order(1, limit="150", tif="IOC"))
    assert words(client.quiet())[2:] == ["3:PendingCancel", "3:Cancelled", "4:202"]
    client.send(order(2, limit="150", tif="FOK"))
    assert words(client.quiet())[2:] == ["5:Inactive", "3:Inactive"]


def test_a_bracket_waits_for_its_last_member(gateway: Gateway, client: Client) -> None:
    client.send(order(1, limit="189", transmit=0))
    client.send(order(2, "SELL", limit="195", transmit=0, parent=1))
    assert client.quiet() == []
    client.send(order(3, "SELL", kind="STP", aux="185", parent=1))
    told = client.quiet()
    held = {message[1]: message[10] for message in told if message[0] == "3"}
    assert held == {"1": "", "2": "child", "3": "child,trigger"}
    gateway.quote("AAPL", "188.98", "189")
    told = client.until(lambda m: m[:3] == ["3", "2", "Submitted"])
    gateway.quote("AAPL", "195", "195.02")
    told = client.until_id(4, 2, 3, 202)
    assert ["3", "3", "Cancelled"] in [message[:3] for message in told]
    assert ["3", "2", "Filled"] in [message[:3] for message in told]


def test_cancelling_a_parent_takes_its_children(client: Client) -> None:
    client.send(order(1, limit="150", transmit=0) + order(2, "SELL", limit="195", parent=1))
    client.quiet()
    client.ask(4, 1, 1, "")
    assert words(client.quiet()) == ["3:Cancelled", "4:202", "3:Cancelled", "4:202"]


def test_stops_and_trails(gateway: Gateway, client: Client) -> None:
    client.send(order(1, "SELL", kind="STP", aux="188"))
    assert [m[10] for m in client.quiet() if m[0] == "3"] == ["trigger"]
    client.send(order(2, "SELL", kind="TRAIL", aux="1"))
    client.quiet()
    gateway.control("/trade", symbol="AAPL", price="192", size="1")
    gateway.control("/trade", symbol="AAPL", price="191.01", size="1")
    assert client.quiet() == []
    gateway.control("/trade", symbol="AAPL", price="191", size="1")
    assert client.until_id(59)[0][2] == "2"
    gateway.control("/trade", symbol="AAPL", price="188", size="1")
    assert client.until_id(59)[0][2] == "1"


def test_one_cancels_all(gateway: Gateway, client: Client) -> None:
    client.send(order(1, limit="189", oca_group="g", oca_type=1) + order(2, limit="188", oca_group="g", oca_type=1))
    client.quiet()
    gateway.quote("AAPL", "188.99", "189")
    told = client.until_id(4, 2, 2, 202)
    assert ["3", "2", "Cancelled"] in [message[:3] for message in told]


def test_a_group_that_is_filled_takes_nobody_in(gateway: Gateway, client: Client) -> None:
    client.send(order(1, limit="189", oca_group="g", oca_type=2) + order(2, limit="188", oca_group="other", oca_type=2))
    client.quiet()
    gateway.quote("AAPL", "188.99", "189")
    client.until_id(59)
    client.send(order(3, limit="188", oca_group="g", oca_type=2))
    told = client.quiet()
    assert words(told) == ["4:201"] and told[0][4].endswith("OCA group is already filled.")
    client.send(order(4, limit="188", oca_group="other", oca_type=2))
    assert words(client.quiet())[-1] == "3:Submitted"


def test_combos(client: Client) -> None:
    client.ask(78, 27, "AAPL", "", "STK", AAPL)
    expiry = client.until_id(76)[0][8]
    rows = [details(client, 0, "AAPL", "OPT", expiry, k, "C", "100", "SMART", "", "USD", "", "") for k in (190, 195)]
    combo = [(int(rows[0][0][12]), 1, "BUY"), (int(rows[1][0][12]), 1, "SELL")]
    client.send(order(1, sec_type="BAG", limit="0.01", quantity=2, legs=combo))
    told = client.quiet()
    assert words(told)[-1] == "3:Submitted" and told[0][4] == "BAG"
    client.send(order(1, sec_type="BAG", limit="5", quantity=2, legs=combo))
    executions = [message for message in client.until_id(59) if message[0] == "11"]
    found = [(e[5], e[18], e[19]) for e in executions]
    assert found == [("BAG", "BOT", "2"), ("OPT", "BOT", "2"), ("OPT", "SLD", "2")]
    client.until_id(59)
    client.ask(61, 1)
    assert sorted(m[14] for m in client.until_id(62)[:-1]) == ["-2", "2"]


def test_what_if(client: Client) -> None:
    client.send(order(1, kind="MKT", what_if=1))
    told = client.quiet()
    assert words(told)[0].startswith("5:") and len(told) == 1
    assert told[0][92] == "1" and told[0][94] == "0" and float(told[0][100]) > 4000 and told[0][106] == "USD"
    client.ask(5, 1)
    assert client.read() == ["53", "1"]


def test_conditions(gateway: Gateway, client: Client) -> None:
    client.send(order(1, kind="MKT", conditions=[1, 1, "a", 1, "200.5", AAPL, "SMART", 2, 1, 0]))
    assert words(client.quiet()) == ["5:PreSubmitted", "3:PreSubmitted"]
    gateway.control("/trade", symbol="AAPL", price="201", size="1")
    assert "11" in words(client.until_id(59))


def test_executions_on_request(client: Client) -> None:
    client.send(order(1, kind="MKT", ref="r1"))
    first = client.until_id(59)[2]
    client.ask(7, 3, 20, 0, "", "", "", "", "", "")
    asked = client.until_id(55)
    assert [m[0] for m in asked] == ["11", "59", "55"]
    assert asked[0][14] == first[14] and "US/Eastern" in asked[0][15] and "-" in first[15]
    client.ask(7, 3, 21, 99, "", "", "", "", "", "")
    assert client.read() == ["55", "1", "21"]


def test_other_clients_see_orders_when_they_ask(gateway: Gateway, client: Client) -> None:
    client.send(order(1, limit="150"))
    client.quiet()
    other = Client(gateway.port, client=2)
    other.ready()
    other.ask(5, 1)
    assert other.read() == ["53", "1"]
    other.ask(16, 1)
    rows = other.until_id(53)
    assert rows[0][24] == "1" and rows[1][9] == "1"
    other.ask(4, 1, 1, "")
    assert other.read()[3] == "10147"
    other.ask(58, 1)
    assert words(client.until_id(4, 2, 1, 202)) == ["3:Cancelled", "4:202"]


def test_orders_typed_in_by_hand(gateway: Gateway, client: Client) -> None:
    gateway.control("/order", symbol="AAPL", action="BUY", quantity="3", limit="150")
    client.ask(16, 1)
    assert client.until_id(53)[0][1] == "0"
    client.ask(15, 1, 1)
    assert client.read()[3] == "327"
    zero = Client(gateway.port, client=0)
    zero.ready()
    zero.ask(15, 1, 1)
    bound = zero.read()
    assert bound[0] == "100" and bound[3] == "-1"
    zero.ask(4, 1, -1, "")
    assert words(zero.until_id(4, 2, -1, 202)) == ["3:Cancelled", "4:202"]


def test_closed_market(gateway: Gateway, client: Client) -> None:
    gateway.control("/session", open=False)
    client.send(order(1, kind="MKT"))
    assert words(client.quiet()) == ["5:PreSubmitted", "3:PreSubmitted", "4:399", "5:PreSubmitted", "3:PreSubmitted"]
    gateway.control("/session", open=True)
    assert "11" in words(client.until_id(59))


# -- versions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "open_count", "execution_count"),
    [(157, 128, 31), (160, 130, 31), (164, 131, 31), (173, 136, 31), (177, 135, 31), (178, 135, 32)],
)
def test_messages_have_the_fields_of_their_version(
    gateway: Gateway, version: int, open_count: int, execution_count: int
) -> None:
    client = Client(gateway.port, versions=f"v157..{version}")
    client.until(lambda m: m[0] == "4" and m[3] == "2158")
    client.send(order(1, kind="MKT", version=version))
    told = client.until_id(59)
    assert [len(m) for m in told if m[0] == "5"] == [open_count] * 3
    executions = [m for m in told if m[0] == "11"]
    assert [len(m) for m in executions] == [execution_count]
    assert executions[0][15][8:10] == ("  " if version < 174 else executions[0][15][8:10])
