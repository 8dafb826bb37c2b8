import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from fake_daemon import DEADLINE_S, FakeDaemon, eventually

from tradebus import Client


@pytest.fixture
def daemon() -> Iterator[FakeDaemon]:
    with FakeDaemon() as fake:
        yield fake


@pytest.fixture
def bus(daemon: FakeDaemon) -> Iterator[Client]:
    with Client(daemon.stream, daemon.command, client="tester", timeout=DEADLINE_S) as client:
        yield client


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """Every test must end all that the client started."""
    yield
    eventually(
        lambda: not [t for t in threading.enumerate() if t.name.startswith(("tradebus", "fake"))],
        "all threads of the client ended",
    )
