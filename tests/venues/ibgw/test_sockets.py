"""ibgw-sim over real sockets, spoken to in raw bytes: handshake, start-up, data, orders, faults, state."""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import AAPL, ACCOUNT, DEADLINE_S, Client, Closed, Gateway, Message, binary, fields, frame, line, order

UNSET = "1.7976931348623157E308"


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    if not binary().exists():
        pytest.exit(f"{binary()} is not there: build it, or set TRADEBUS_BIN_DIR", 2)


@pytest.fixture
def start() -> Iterator[Callable[..., Gateway]]:
    running: list[Gateway] = []

    def make(*arguments: str) -> Gateway:
        running.append(Gateway(*arguments))
        return running[-1]

    yield make
    for gateway in running:
        if gateway.process.poll() is None:
            gateway.stop()


@pytest.fixture
def gateway(start: Callable[..., Gateway]) -> Gateway:
    gateway = start()
    gateway.quote("AAPL", "189.99", "190.01")
    return gateway


@pytest.fixture
def client(gateway: Gateway) -> Client:
    client = Client(gateway.port)
    client.ready()
    return client


def words(messages: list[Message]) -> list[str]:
    """The order of things: 5:Submitted (openOrder), 3:Submitted (orderStatus), 11, 59, 4:202."""
    out = []
    for message in messages:
        if message[0] == "5":
            out.append("5:" + message[93])
        elif message[0] == "3":
            out.append("3:" + message[2])
        elif message[0] == "4":
            out.append("4:" + message[3])
        else:
            out.append(message[0])
    return out


# -- handshake ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("versions", "expected"),
    [("v157..178", 178), ("v100..225", 178), ("v157..164", 164), ("v160..160", 160), ("v157", 157)],
)
def test_the_newest_common_version_is_taken(gateway: Gateway, versions: str, expected: int) -> None:
    client = Client(gateway.port, versions=versions)
    client.ready() if expected >= 166 else client.until(lambda m: m[:2] == ["4", "2"] and "2158" in m)
    assert client.version == expected
    assert "US/Eastern" in client.time


@pytest.mark.parametrize("versions", ["v100..150", "v179..225", "nonsense"])
def test_ranges_that_do_not_meet_end_the_connection(gateway: Gateway, versions: str) -> None:
    client = Client(gateway.port, client=None, versions=versions)
    assert client.ends()


def test_start_up(gateway: Gateway) -> None:
    client = Client(gateway.port)
    started = client.ready()
    assert started[0] == ["15", "1", ACCOUNT]
    assert started[1] == ["9", "1", "1"]
    assert [message[3] for message in started[2:]] == ["2104", "2106", "2158"]
    client.ask(61, 1)
    assert client.read() == ["62", "1"]
    client.ask(5, 1)
    assert client.read() == ["53", "1"]
    client.ask(99, 0)
    assert client.read() == ["102"]
    client.ask(6, 2, 1, ACCOUNT)
    updates = client.until_id(54)
    assert ["6", "2", "NetLiquidation", "1000000.00", "USD", ACCOUNT] in updates
    assert updates[-1] == ["54", "1", ACCOUNT]
    client.ask(76, 1, 5, ACCOUNT, "", 0)
    assert client.until_id(74)[-1] == ["74", "1", "5"]
    client.ask(7, 3, 6, 0, "", "", "", "", "", "")
    assert client.read() == ["55", "1", "6"]


def test_a_client_id_in_use_is_refused_and_free_again_later(gateway: Gateway, client: Client) -> None:
    second = Client(gateway.port)
    assert second.read()[:4] == ["4", "2", "-1", "326"]
    assert second.ends()
    client.close()
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        third = Client(gateway.port)
        if third.read()[0] == "15":
            return
    raise AssertionError("the id stays taken")


def test_nothing_is_answered_before_start_api(gateway: Gateway) -> None:
    client = Client(gateway.port, client=None)
    client.read()
    client.ask(49, 1)
    client.ask(71, 2, 1, "")
    assert client.read()[0] == "15"


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        fields(9999, 1),
        fields("x"),
        fields(3, 1),
        fields(1, 11, 5, "no number"),
        frame(b"49\x00no end"),
        frame(b""),
        order(5, kind="LMT", limit="abc"),
        fields(20, 1),
        fields(9, 8, 5, 265598),
    ],
)
def test_bad_messages_are_told_and_survived(client: Client, bad: bytes) -> None:
    client.send(bad)
    answers = client.quiet()
    assert [answer[3] for answer in answers] == ["320"]


def test_a_huge_length_ends_the_connection(gateway: Gateway, client: Client) -> None:
    client.send(struct.pack(">I", 0x7FFFFFFF) + b"x" * 10)
    assert client.ends()
    Client(gateway.port, client=2).ready()


def test_frames_may_come_in_pieces_and_together(client: Client) -> None:
    for byte in fields(49, 1):
        client.send(bytes([byte]))
    assert client.read()[0] == "49"
    client.send(fields(49, 1) * 20)
    for _ in range(20):
        assert client.read()[0] == "49"


def test_every_request_that_another_client_sends_is_read(gateway: Gateway) -> None:
    client = Client(gateway.port, pace=True)
    client.ready()
    recorded = Path(__file__).parent / "samples" / "client_178.txt"
    for request in recorded.read_text().splitlines():
        if request and not request.startswith("#"):
            client.send(line(request))
    answers = client.quiet()
    assert not [answer for answer in answers if answer[0] == "4" and answer[3] in ("320", "100")]


def test_too_many_messages(gateway: Gateway) -> None:
    client = Client(gateway.port)
    client.ready()
    client.send(fields(49, 1) * 80)
    answers = client.until(lambda m: m[0] == "4")
    assert answers[-1][3] == "100"
    assert client.ends()
    paced = Client(gateway.port, client=3, pace=True)
    paced.ready()
    paced.send(fields(49, 1) * 80)
    for _ in range(80):
        assert paced.read()[0] == "49"


# -- contracts ---------------------------------------------------------------------------------------------------------


def details(client: Client, *c12: object, version: int = 178) -> list[Message]:
    client.ask(9, 8, 24, *c12, 0, "", "", *([""] if version >= 176 else []))
    return client.until(lambda m: m[0] in ("52", "4"))


def test_contract_details(client: Client) -> None:
    found = details(client, 0, "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "")
    assert len(found) == 2
    row = found[0]
    assert row[12] == str(AAPL) and row[19] == "APPLE INC"
    assert row[30:33] == ["1", "ISIN", "US0378331005"]
    assert len(row) == 42
    assert len(details(client, 0, "TSLA", "STK", "", "0.0", "", "", "", "", "", "", "")) > 5
    unknown = details(client, 0, "NOPE", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "")
    assert unknown[0][:4] == ["4", "2", "24", "200"] and len(unknown) == 1


def test_option_chain(client: Client) -> None:
    client.ask(78, 27, "AAPL", "", "STK", AAPL)
    rows = client.until_id(76)
    smart = rows[0]
    assert smart[:6] == ["75", "27", "SMART", str(AAPL), "AAPL", "100"]
    count = int(smart[6])
    expirations, strikes = smart[7 : 7 + count], smart[8 + count :]
    assert int(smart[7 + count]) == len(strikes) and "190.0" in strikes
    found = details(client, 0, "AAPL", "OPT", expirations[1], "190.0", "C", "100", "SMART", "", "USD", "", "")
    assert len(found) == 2 and found[0][5:7] == ["190", "C"]
    month = details(client, 0, "AAPL", "OPT", expirations[1][:6], "190", "P", "", "SMART", "", "USD", "", "")
    assert len(month) >= 2


def test_symbols(client: Client) -> None:
    client.ask(81, 36, "AAP")
    assert client.read() == [
        "79",
        "36",
        "1",
        str(AAPL),
        "AAPL",
        "STK",
        "NASDAQ",
        "USD",
        "2",
        "OPT",
        "BAG",
        "APPLE INC",
        "",
    ]


# -- market data -------------------------------------------------------------------------------------------------------


def stock_data(client: Client, req_id: int, snapshot: int = 0, generics: str = "") -> None:
    client.ask(
        1, 11, req_id, AAPL, "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "", 0, generics, snapshot, 0, ""
    )


def test_quotes_stream(gateway: Gateway, client: Client) -> None:
    stock_data(client, 11)
    assert client.read() == ["81", "11", "0.01", "9c0001", "4"]
    assert client.read() == ["1", "6", "11", "1", "189.99", "100000", "1"]
    assert client.read() == ["1", "6", "11", "2", "190.01", "100000", "1"]
    client.quiet()
    gateway.quote("AAPL", "189.98", "190.01")
    assert client.read() == ["1", "6", "11", "1", "189.98", "100000", "1"]
    gateway.quote("AAPL", "189.98", "190.01", "500")
    assert client.read() == ["2", "6", "11", "0", "500"]
    client.until_id(2, 6, 11, 3)
    gateway.control("/trade", symbol="AAPL", price="190.01", size="7")
    assert ["1", "6", "11", "4", "190.01", "7", "0"] in client.until_id(1, 6, 11, 4)
    stock_data(client, 11)
    assert client.until(lambda m: m[0] == "4")[-1][3] == "102"
    client.ask(2, 2, 11)
    client.quiet()
    client.ask(2, 2, 11)
    assert client.read()[3] == "300"


def test_snapshots_end(client: Client) -> None:
    stock_data(client, 12, snapshot=1)
    assert client.until_id(57)[-1] == ["57", "1", "12"]


def test_delayed_data(start: Callable[..., Gateway]) -> None:
    client = Client(start("--market-data", "delayed").port)
    client.ready()
    stock_data(client, 11)
    assert client.until(lambda m: m[0] == "4")[-1][:4] == ["4", "2", "11", "10089"]
    client.ask(59, 1, 3)
    stock_data(client, 12)
    assert client.read()[:4] == ["4", "2", "12", "10167"]
    assert client.read() == ["58", "1", "12", "3"]
    assert [m[3] for m in client.quiet() if m[0] == "1"][:3] == ["66", "67", "68"]


def test_sizes_in_lots_before_159(gateway: Gateway) -> None:
    client = Client(gateway.port, versions="v157..158")
    stock_data(client, 11)
    assert client.until_id(1, 6, 11, 1)[-1][5] == "1000"


def test_option_greeks(client: Client) -> None:
    client.ask(78, 27, "AAPL", "", "STK", AAPL)
    expiry = client.until_id(76)[0][8]
    client.ask(1, 11, 13, 0, "AAPL", "OPT", expiry, "190", "C", "100", "SMART", "", "USD", "", "", 0, "", 0, 0, "")
    model = client.until_id(21, 13, 13)[-1]
    assert len(model) == 12
    assert 0.4 < float(model[5]) < 0.6 and float(model[11]) == 190.0


def test_each_tick(gateway: Gateway, client: Client) -> None:
    client.ask(97, 14, AAPL, "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "", "BidAsk", 0, 0)
    client.ask(97, 15, AAPL, "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "", "AllLast", 0, 0)
    client.quiet()
    gateway.quote("AAPL", "190", "190.02", "200")
    tick = client.read()
    assert tick[:3] == ["99", "14", "3"] and tick[4:] == ["190", "190.02", "200", "200", "0"]
    gateway.control("/trade", symbol="AAPL", price="190.02", size="5")
    tick = client.read()
    assert tick[:3] == ["99", "15", "2"] and tick[4:7] == ["190.02", "5", "0"] and len(tick) == 9


def history(client: Client, req_id: int, size: str, duration: str, what: str = "TRADES", goes_on: int = 0) -> Message:
    client.ask(
        20,
        req_id,
        AAPL,
        "",
        "",
        "",
        "0.0",
        "",
        "",
        "SMART",
        "",
        "USD",
        "",
        "",
        0,
        "",
        size,
        duration,
        1,
        what,
        1,
        goes_on,
        "",
    )
    return client.until(lambda m: m[0] in ("17", "4"))[-1]


def test_history(client: Client) -> None:
    daily = history(client, 28, "1 day", "5 D")
    count = int(daily[4])
    assert 3 <= count <= 5 and len(daily) == 5 + 8 * count and len(daily[5]) == 8
    hourly = history(client, 29, "1 hour", "1 D")
    assert "US/Eastern" in hourly[5] and int(hourly[4]) >= 1
    assert history(client, 30, "7 mins", "1 D")[3] == "321"
    assert history(client, 31, "5 secs", "60 S")[0] == "17"
    assert history(client, 32, "5 secs", "60 S")[3] == "162"
    history(client, 33, "1 min", "1 D", goes_on=1)
    update = client.until_id(90, 33)[-1]
    assert len(update) == 10
    client.ask(25, 1, 33)
    client.until_id(4, 2, 33, 162)
    client.ask(25, 1, 33)
    client.until_id(4, 2, 33, 366)


def test_news(client: Client) -> None:
    client.ask(85)
    assert client.read()[:3] == ["85", "3", "BRFG"]
    client.ask(86, 31, AAPL, "BRFG+DJNL", "", "", 5, "")
    rows = client.until_id(87)
    assert len(rows) == 6 and rows[-1] == ["87", "31", "1"]
    client.ask(84, 33, rows[0][3], rows[0][4], "")
    assert client.read()[:3] == ["83", "33", "0"]


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


# -- faults ------------------------------------------------------------------------------------------------------------


def test_duplicates_and_reordering(gateway: Gateway, client: Client) -> None:
    gateway.control("/faults", kind="duplicate_status")
    gateway.control("/faults", kind="reorder_exec")
    client.send(order(1, kind="MKT"))
    told = words(client.until_id(11))
    assert told[:3] == ["5:PreSubmitted", "3:PreSubmitted", "3:PreSubmitted"]
    assert told[-2:] == ["59", "11"]


def test_late_status(gateway: Gateway, client: Client) -> None:
    gateway.control("/faults", kind="late_status", delay_ms=300, count=2)
    client.send(order(1, limit="150"))
    assert words(client.quiet()) == ["5:PreSubmitted", "5:Submitted"]
    assert words([client.read(), client.read()]) == ["3:PreSubmitted", "3:Submitted"]


def test_cut_after_an_order(gateway: Gateway, client: Client) -> None:
    gateway.control("/faults", kind="cut_after_order")
    client.send(order(1, limit="150", ref="lost"))
    assert client.ends()
    again = Client(gateway.port)
    assert again.ready()[1] == ["9", "1", "2"]
    again.ask(5, 1)
    rows = again.until_id(53)
    assert rows[0][23] == "lost" and len(rows) == 3


def test_cut_before_an_order(gateway: Gateway, client: Client) -> None:
    gateway.control("/faults", kind="cut_before_order")
    client.send(order(1, limit="150"))
    assert client.ends()
    assert gateway.control("/orders", method="GET") == []


def test_pacing_on_demand(gateway: Gateway, client: Client) -> None:
    gateway.control("/faults", kind="pacing")
    client.ask(49, 1)
    assert client.read()[3] == "100"


def test_refusals_on_demand(gateway: Gateway, client: Client) -> None:
    gateway.control("/refuse", code=201, text="Order rejected - reason:no", advanced='{"errorCode":1}')
    client.send(order(1, limit="150"))
    assert client.read() == ["4", "2", "1", "201", "Order rejected - reason:no", '{"errorCode":1}']


@pytest.mark.parametrize("code", [1101, 1102])
def test_lost_connectivity(gateway: Gateway, client: Client, code: int) -> None:
    client.send(order(1, limit="189"))
    stock_data(client, 11)
    client.quiet()
    gateway.control("/connectivity", code=1100)
    assert client.read()[3] == "1100"
    gateway.quote("AAPL", "188.99", "189")
    client.send(order(2, limit="150"))
    assert client.quiet() == []
    gateway.control("/connectivity", code=code)
    assert client.read()[3] == str(code)
    told = words(client.until(lambda m: m[:3] == ["3", "2", "Submitted"]))
    assert "11" in told and "59" in told
    gateway.quote("AAPL", "170", "170.01")
    if code == 1102:
        client.until_id(1, 6, 11, 1)
    else:
        assert not [m for m in client.quiet() if m[0] == "1"]


def test_daily_restart(gateway: Gateway, client: Client) -> None:
    client.send(order(1, limit="150", tif="GTC"))
    client.quiet()
    gateway.control("/restart", down_ms=300)
    assert client.ends()
    end = time.monotonic() + DEADLINE_S
    while True:
        try:
            again = Client(gateway.port)
            break
        except OSError:
            assert time.monotonic() < end, "it doesn't come back"
    again.ready()
    again.ask(5, 1)
    assert len(again.until_id(53)) == 3


def test_half_open(gateway: Gateway, client: Client) -> None:
    gateway.control("/half_open")
    client.ask(49, 1)
    client.socket.settimeout(0.5)
    with pytest.raises(socket.timeout):
        client.read()
    assert Client(gateway.port).read()[3] == "326"
    gateway.control("/half_open", on=False)
    client.socket.settimeout(DEADLINE_S)
    assert client.read()[0] == "49"


def test_messages_in_pieces(gateway: Gateway, client: Client) -> None:
    gateway.control("/faults", kind="split")
    client.ask(49, 1)
    assert client.read()[0] == "49"
    gateway.control("/faults", kind="truncate")
    client.ask(49, 1)
    with pytest.raises(Closed):
        client.read()


def test_corrections_keep_the_id_but_its_last_number(gateway: Gateway, client: Client) -> None:
    client.send(order(1, kind="MKT"))
    first = client.until_id(59)[2][14]
    gateway.control("/correct", exec_id=first, price="189.5")
    corrected = client.read()
    assert corrected[14] == first[:-2] + "02" and corrected[20] == "189.5"


# -- state -------------------------------------------------------------------------------------------------------------


def test_state_outlives_a_kill(start: Callable[..., Gateway], tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    first = start("--state", state)
    client = Client(first.port)
    client.ready()
    first.quote("AAPL", "189.99", "190.01", "60")
    client.send(order(7, kind="LMT", limit="190.01", ref="kept", tif="GTC"))
    perm_id = client.until_id(59)[0][25]
    client.send(order(8, limit="150"))
    client.quiet()
    client.ask(4, 1, 8, "")
    client.quiet()
    first.kill()
    with Path(state).open("a") as file:  # an event of which only a part was written
        file.write("next\t1\t500\nexec\tx")

    second = start("--state", state)
    client = Client(second.port)
    assert client.ready()[1] == ["9", "1", "9"]
    client.ask(5, 1)
    rows = client.until_id(53)
    assert len(rows) == 3
    assert rows[0][23] == "kept" and rows[0][25] == perm_id and rows[1][3:5] == ["60", "40"]
    client.ask(7, 3, 20, 0, "", "", "", "", "", "")
    executions = client.until_id(55)
    assert len(executions) == 3 and executions[0][26] == "kept"
    client.ask(61, 1)
    assert client.until_id(62)[0][14:] == ["60", "190.01"]
    client.ask(99, 0)
    assert client.until_id(102)[0][0] == "101"
    second.quote("AAPL", "189.99", "190.01", "100")
    filled = client.until_id(59)
    assert filled[0][14] != executions[0][14] and filled[-2][2] == "Filled"
