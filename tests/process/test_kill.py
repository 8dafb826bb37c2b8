"""The daemon is killed again and again while strategies trade: nothing that got ok is lost, nothing is sent or counted
twice, and everyone's picture agrees in the end. TRADEBUS_KILLS=200 makes it long, TRADEBUS_KILL_SEED=N repeats a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kill_world import KillWorld, how_many_kills, seeds

ALLOWED = r"journal-cut|paper-journal-cut"
"""A write that was under way when the process was killed leaves half a record, which is told when it is cut off."""


def rounds(folder: Path, name: str, seed: int, kills: int, config: dict[str, dict[str, Any]], allowed: str) -> None:
    again = f"TRADEBUS_KILL_SEED={seed} TRADEBUS_KILLS={kills} python3 -m pytest tests/process/test_kill.py -k '{name}'"
    try:
        with KillWorld(folder, seed, config, expect_stderr=allowed) as world:
            world.run(kills)
            print(world.summary())
            world.daemon.stop()
    except Exception as e:
        raise AssertionError(f"{e!r}\n\nseed {seed}; to run it again: {again}") from e


@pytest.mark.parametrize("sync", ["full", "write"])
def test_nothing_is_lost_or_doubled(tmp_path: Path, sync: str) -> None:
    (seed,) = seeds(1)
    config = {"journal": {"sync": sync}, "brokers.paper": {"latency_ms": 3 if sync == "write" else 0}}
    rounds(tmp_path, f"test_nothing_is_lost_or_doubled and {sync}", seed, how_many_kills(10), config, ALLOWED)
