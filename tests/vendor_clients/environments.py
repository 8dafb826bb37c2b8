"""Installs the vendor's clients, pinned, into a folder of the build. Raises Unreachable where a registry isn't reached."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
INSTALL_S = 300


class Unreachable(Exception):
    """Why the clients can't be installed."""


def cache() -> Path:
    return Path(os.environ.get("TRADEBUS_VENDOR_CACHE") or HERE.parents[1] / "build" / "vendor_clients")


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreachable(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        told = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise Unreachable(f"{' '.join(command[:3])} ended with {done.returncode}: {told}")


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
        _run([str(interpreter), "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", str(pins)], folder)
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
