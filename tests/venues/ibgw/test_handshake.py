"""ibgw-sim over real sockets, spoken to in raw bytes: handshake, start-up, input that makes no sense."""

from __future__ import annotations

import struct
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import ACCOUNT, DEADLINE_S, Client, Gateway, fields, frame, line, order


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
