"""Gateways that end with their test, and a client that is ready."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ibgw import AAPL, Client, Gateway, binary


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
