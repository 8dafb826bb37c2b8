"""Installs the vendor's clients, pinned, into a folder of the build. Raises Unreachable where a registry isn't reached; whatever
else goes wrong (a pin that nothing answers to, a wrong digest) is a failure."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
INSTALL_S = 300


NOT_REACHED = re.compile(
    r"Retrying \(Retry\(total=0,|Max retries exceeded"  # pip, after its last try
    r"|npm (error|ERR!) code (E(AI_AGAIN|CONNREFUSED|CONNRESET|HOSTUNREACH|IDLETIMEOUT|NETUNREACH|NOTFOUND|TIMEDOUT|50[0234])"
    r"|ERR_SOCKET_TIMEOUT)"
)
"""What pip and npm say when the registry is at fault, not the pins."""


class Unreachable(Exception):
    """Why the clients can't be installed here: the registry, or npm itself is missing."""


def cache() -> Path:
    return Path(os.environ.get("TRADEBUS_VENDOR_CACHE") or HERE.parents[1] / "build" / "vendor_clients")


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise Unreachable(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        told = next((line for line in lines if "error" in line.lower()), lines[-1])
        failure = f"{' '.join(command[:3])} ended with {done.returncode}: {told}"
        raise Unreachable(failure) if NOT_REACHED.search(done.stderr) else RuntimeError(failure)


def _prepared(name: str, pins: list[Path]) -> tuple[Path, bool]:
    """A folder for these pins, and whether it is complete. Other pins' folders go."""
    mark = hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()[:12]
    folder = cache() / f"{name}-{mark}"
    if (folder / "complete").exists():
        return folder, True
    for old in cache().glob(f"{name}-*"):
        shutil.rmtree(old)
    folder.mkdir(parents=True)
    return folder, False


def python(name: str = "python", requirements: str = "requirements.txt") -> Path:
    """The interpreter of a virtual environment with the clients of these requirements."""
    pins = HERE / requirements
    folder, complete = _prepared(name, [pins])
    interpreter = folder / "env" / "bin" / "python"
    if not complete:
        _run([sys.executable, "-m", "venv", str(folder / "env")], folder)
        install = [str(interpreter), "-m", "pip", "install", "--quiet", "--retries", "3", "--no-deps", "--requirement", str(pins)]
        _run(install, folder)
        (folder / "complete").touch()
    return interpreter


def javascript() -> Path:
    """A folder with node_modules; scripts that stand in it find the vendor's client."""
    pins = [HERE / "package.json", HERE / "package-lock.json"]
    folder, complete = _prepared("javascript", pins)
    if not complete:
        for pin in pins:
            shutil.copy(pin, folder)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        (folder / "complete").touch()
    for script in (HERE / "clients").glob("*.mjs"):
        shutil.copy(script, folder)
    return folder
