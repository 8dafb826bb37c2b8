"""The daemon comes from the harness of tests/process."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "process"))

from harness import Daemon, binary


def pytest_sessionstart(session: pytest.Session) -> None:
    if not Path(binary("tradebusd")).exists():
        pytest.exit(f"{binary('tradebusd')} is not there: build it, or set TRADEBUS_BIN_DIR", 2)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One for all checks: they only ask."""
    with Daemon(tmp_path_factory.mktemp("daemon")) as running:
        yield running
