"""Starts massive-sim for a test, reads what it serves with the standard library alone, and works its control port."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEADLINE_S = 30.0
KEY = "test-key"
FREE_KEY = "free-key"
NOW = "2024-06-21T15:00:00Z"
"""A Friday, 11:00 in New York."""


def binary() -> Path:
    folder = os.environ.get("TRADEBUS_BIN_DIR") or Path(__file__).parents[2] / "build" / "bin"
    return Path(folder) / "massive-sim"


open_directly = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
"""urlopen() without a proxy: none leads to this machine."""


def without_proxies() -> dict[str, str]:
    """This process's environment, for whoever is to reach the simulator."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """The condition's value once it is true. For conditions that ask the simulator, which takes its own time to answer."""
    end = time.monotonic() + DEADLINE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {DEADLINE_S:g} s: {what}"
    return value


class Venue:
    """One simulator. Its clock stands still, so that whoever asks twice hears the same."""

    def __init__(self, *arguments: str, certificates: Path | None = None) -> None:
        tls = (
            ["--plain"]
            if certificates is None
            else ["--certificate", f"{certificates}/cert.pem", "--private-key", f"{certificates}/key.pem"]
        )
        self.certificates = certificates
        now = [] if "--now" in arguments else ["--now", NOW]
        self.process = subprocess.Popen(
            [binary(), *tls, "--key", KEY, "--key", f"{FREE_KEY}=free", *now, "--frozen", "--control", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], DEADLINE_S)[0], "massive-sim said nothing"
        ready: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.rest: str = ready["rest"]
        self.websocket: str = ready["websocket"]
        self.control_url: str = ready["control"]

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(DEADLINE_S) == 0

    def __enter__(self) -> Venue:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.control_url + path, data=data, method=method)
        with open_directly(request, timeout=DEADLINE_S) as answer:
            return json.loads(answer.read())

    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = self.control("/stats", method="GET")
        return stats

    def get(self, target: str) -> Any:
        """One answer, from a plain-text venue."""
        request = urllib.request.Request(self.rest + target, headers={"Authorization": f"Bearer {KEY}"})
        with open_directly(request, timeout=DEADLINE_S) as answer:
            return json.loads(answer.read())

    def rows(self, target: str, key: str = "results") -> list[Any]:
        """All pages' rows; an object counts as one."""
        rows: list[Any] = []
        while True:
            answer = self.get(target)
            found = answer if isinstance(answer, list) else answer if key == "" else answer.get(key, [])
            rows += found if isinstance(found, list) else [found]
            if not isinstance(answer, dict) or "next_url" not in answer:
                return rows
            target = answer["next_url"].removeprefix(self.rest)
