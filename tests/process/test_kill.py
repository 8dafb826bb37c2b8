"""The daemon is killed again and again while strategies trade: nothing that got ok is lost, nothing is sent or counted
twice, and everyone's picture agrees in the end. TRADEBUS_KILLS=200 makes it long, TRADEBUS_KILL_SEED=N repeats a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gateway_world import GatewayWorld, binary
from kill_world import KillWorld, how_many_kills, seeds

ALLOWED = r"journal-cut|paper-journal-cut|an exit of a bracket never reached the broker|bus-behind"
"""A write that was under way when the process was killed leaves half a record, which is told when it is cut off. An exit
that was recorded and not sent yet is rejected, never sent blindly, and complained of. On a machine with more to do the
bus may be behind: the clients' views come from get_events."""


FAULTS = {"delay_ms": 15, "answer_lost": 0.03, "report_lost": 0.01, "disconnect": 0.005, "crash": 0.003, "question_fails": 0.02}
ALLOWED_FAULTS = (
    ALLOWED + "|faults-on|actor-died|broker-reconciliation-failed|order-unsettled|order-report-anomaly|position-differs"
)
"""What is said of a link that is broken on purpose. Anomalies: reports that come twice, or overtake each other."""


ALLOWED_GATEWAY = ALLOWED + "|exit-placed-again|ibkr-link-down|broker-reconciliation-failed|order-unsettled|order-report-anomaly|position-differs"
"""What is said of a gateway that dies, cuts the link, or loses its venue."""


def rounds(
    folder: Path,
    case: str,
    seed: int,
    kills: int,
    config: dict[str, dict[str, Any]],
    allowed: str,
    world_of: type[KillWorld] = KillWorld,
) -> None:
    again = f"TRADEBUS_KILL_SEED={seed} TRADEBUS_KILLS={how_many_kills(10)} python3 -m pytest tests/process/test_kill.py -k '{case}'"
    try:
        with world_of(folder, seed, config, expect_stderr=allowed) as world:
            world.run(kills)
            print(world.summary())
            world.daemon.stop()
    except Exception as e:
        raise AssertionError(f"{e!r}\n\nseed {seed}; to run it again: {again}") from e


@pytest.mark.parametrize("sync", ["full", "write"])
def test_nothing_is_lost_or_doubled(tmp_path: Path, sync: str) -> None:
    config = {"journal": {"sync": sync}, "brokers.paper": {"latency_ms": 3 if sync == "write" else 0}}
    case = f"test_nothing_is_lost_or_doubled and {sync}"
    for seed in seeds(1):
        rounds(tmp_path / str(seed), case, seed, how_many_kills(10), config, ALLOWED)


@pytest.mark.parametrize("number", range(5))
def test_nothing_is_lost_or_doubled_behind_a_bad_link(tmp_path: Path, number: int) -> None:
    kills = max(2, how_many_kills(10) // 5)
    for seed in seeds(1):
        config = {
            "journal": {"sync": "full" if number % 2 == 0 else "write"},
            "brokers.paper": {"latency_ms": number % 3},
            "faults": {"seed": seed, **FAULTS},
        }
        rounds(tmp_path / str(seed), f"a_bad_link and {number}", seed, kills, config, ALLOWED_FAULTS)


def test_nothing_is_lost_or_doubled_at_a_gateway(tmp_path: Path) -> None:
    if not binary().exists():
        pytest.skip("ibgw-sim is not built")
    for seed in seeds(1):
        config = {"journal": {"sync": "write"}}
        rounds(tmp_path / str(seed), "at_a_gateway", seed, how_many_kills(10), config, ALLOWED_GATEWAY, GatewayWorld)
