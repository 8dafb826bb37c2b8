import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import Daemon, binary
from ibkr_daemon import Gateway
from ibkr_daemon import binary as ibgw_sim
from small_disk import SmallDisk


def pytest_sessionstart(session: pytest.Session) -> None:
    if not Path(binary("tradebusd")).exists():
        pytest.exit(f"{binary('tradebusd')} is not there: build it, or set TRADEBUS_BIN_DIR", 2)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], SmallDisk]]:
    """Makes file systems of some megabytes. Named after `start`, they outlive the daemons."""
    made: list[SmallDisk] = []

    def make(megabytes: int) -> SmallDisk:
        made.append(SmallDisk(tmp_path / f"disk{len(made)}", megabytes))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """Starts daemons; those that still run at the end of the test are stopped and checked."""
    started: list[Daemon] = []

    def make(config: dict[str, dict[str, Any]] | None = None, **options: Any) -> Daemon:
        daemon = Daemon(tmp_path / f"daemon{len(started)}", config, **options)
        started.append(daemon)
        return daemon

    yield make
    try:
        for daemon in started:
            if daemon.process.poll() is None:
                daemon.stop()
    finally:
        for daemon in started:
            daemon.close()


@pytest.fixture
def daemon(start: Callable[..., Daemon]) -> Daemon:
    """The defaults: sim and paper."""
    return start()


@pytest.fixture
def gateway() -> Iterator[Callable[..., Gateway]]:
    """Starts ibgw-sim. Named before `start`, so that daemons end before their gateway."""
    if not ibgw_sim().exists():
        pytest.skip("ibgw-sim is not built")
    started: list[Gateway] = []

    def make(*arguments: str) -> Gateway:
        started.append(Gateway(*arguments))
        return started[-1]

    yield make
    for each in started:
        if each.process.poll() is None:
            each.stop()
