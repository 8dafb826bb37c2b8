"""ibgw-sim over real sockets, spoken to in raw bytes: faults on demand, and the state that outlives the program."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import AAPL, DEADLINE_S, Client, Closed, Gateway, order, stock_data, words


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
