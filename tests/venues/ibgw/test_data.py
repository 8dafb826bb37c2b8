"""ibgw-sim over real sockets, spoken to in raw bytes: contracts, market data, history, news."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import AAPL, Client, Gateway, Message, details, stock_data


# -- contracts ---------------------------------------------------------------------------------------------------------


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
