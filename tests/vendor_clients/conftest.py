import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import environments
from venue import Venue, binary


def pytest_sessionstart(session: pytest.Session) -> None:
    if not binary().exists():
        pytest.exit(f"{binary()} is not there: build it, or set TRADEBUS_BIN_DIR", 2)


@pytest.fixture(scope="session")
def python() -> Path:
    try:
        return environments.python()
    except environments.Unreachable as why:
        pytest.skip(f"the vendor's Python clients can't be installed: {why}")


@pytest.fixture(scope="session")
def ib_async() -> Path:
    try:
        return environments.python("ib_async", "requirements-ib_async.txt")
    except environments.Unreachable as why:
        pytest.skip(f"ib_async can't be installed: {why}")


@pytest.fixture(scope="session")
def javascript() -> Path:
    try:
        return environments.javascript()
    except environments.Unreachable as why:
        pytest.skip(f"the vendor's JavaScript client can't be installed: {why}")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([binary(), "--make-certificate", folder], check=True)
    return folder


@pytest.fixture
def venue() -> Iterator[Venue]:
    with Venue() as running:
        yield running


@pytest.fixture
def tls_venue(certificates: Path) -> Iterator[Venue]:
    with Venue(certificates=certificates) as running:
        yield running
