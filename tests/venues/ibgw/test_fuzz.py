"""Broken requests, made from good ones with a seed: none may end the program or stop it from answering."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import Client, Closed, Gateway, frame

GOOD = [
    text.encode().replace(b"|", b"\0")
    for text in (Path(__file__).parent / "samples" / "client_178.txt").read_text().splitlines()
    if text and not text.startswith("#")
]
VALUES = [
    b"",
    b"0",
    b"1",
    b"-1",
    b"2147483647",
    b"-2147483648",
    b"9223372036854775807",
    b"1.7976931348623157E308",
    b"1e300",
    b"0.0000000001",
    b"9999999999",
    b"99999999",
    b"abc",
    b"\xff\xfe",
    b"OPT",
    b"BAG",
    b"IND",
    b"CASH",
    b"STP",
    b"TRAIL",
    b"MTL",
    b"MIDPRICE",
    b"FOK",
    b"IOC",
    b"a",
    b"o",
    b"265598",
    b"12087792",
    b"416904",
    b"20990101",
    b"20200101 00:00:00 Mars/Olympus",
    b"C",
    b"x" * 5000,
    b"1 secs",
    b"100000 Y",
    b"1 M",
    b"DU1234567",
]


def broken(random_: random.Random) -> bytes:
    payload = random_.choice(GOOD)
    parts = payload.split(b"\0")[:-1]
    for _ in range(random_.randint(1, 4)):
        where = random_.randrange(len(parts))
        match random_.randrange(6):
            case 0:
                parts[where:where] = [random_.choice(VALUES)]
            case 1 if len(parts) > 1:
                del parts[where]
            case 2:
                return frame(payload[: random_.randrange(len(payload) + 1)])
            case _:
                parts[where] = random_.choice(VALUES)
    return frame(b"".join(part + b"\0" for part in parts))


@pytest.mark.parametrize("seed", range(8))
def test_broken_requests_are_survived(seed: int) -> None:
    random_ = random.Random(seed)
    with Gateway("--messages-per-second", "0", "--rate", "500", "--sample-ms", "10") as gateway:
        client = Client(gateway.port, client=0)
        client.ready()
        for _ in range(150):
            client.send(b"".join(broken(random_) for _ in range(random_.randint(1, 10))))
            try:
                client.quiet()
            except Closed:
                raise AssertionError(f"seed {seed}: the connection ended") from None
        assert gateway.process.poll() is None, f"seed {seed}: ibgw-sim is gone"
