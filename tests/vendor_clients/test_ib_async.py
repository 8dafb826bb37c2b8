"""ib_async against ibgw-sim: start-up, contracts, data, orders of all kinds, without an error of its decoder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "venues" / "ibgw"))

from ibgw import ACCOUNT, Gateway, binary

WALK_S = 240
TOLD = {"200", "162", "202", "110", "2104", "2106", "2158"}
"""What the walk makes the gateway say."""


VERSIONS = ["157", "160", "163", "164", "170", "173", "177", "178"]
"""Those at which messages change."""

Steps = dict[str, list[dict[str, Any]]]


def steps_of(walk: subprocess.Popen[str]) -> Steps:
    out, log = walk.communicate(timeout=WALK_S)
    assert walk.returncode == 0, log[-3000:]
    bad = [line for line in log.splitlines() if line.startswith(("ERROR", "WARNING", "CRITICAL", "Traceback"))]
    unexpected = [
        line for line in bad if not ((code := re.search(r"(?:Error|Warning) (\d+)", line)) and code[1] in TOLD)
    ]
    unknown = [line for line in unexpected if "Unknown contract" not in line or "NOSUCH" not in line]
    assert not unknown, unknown
    found: Steps = {}
    for line in out.splitlines():
        step = json.loads(line)
        found.setdefault(step["step"], []).append(step)
    return found


@pytest.fixture(scope="module")
def walks(ib_async: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """All at the same time: they mostly wait."""
    assert binary().exists(), f"{binary()} is not there: build it, or set TRADEBUS_BIN_DIR"
    state = tmp_path_factory.mktemp("ibgw")
    script = Path(__file__).parent / "clients" / "ib_async_walk.py"
    with ExitStack() as stack:
        running: dict[str, subprocess.Popen[str]] = {}
        for version in VERSIONS:
            options = ["--rate", "50", "--position", "MSFT=20@400", "--state", str(state / version)]
            gateway = stack.enter_context(Gateway("--server-version", version, *options))
            running[version] = subprocess.Popen(
                [ib_async, script, str(gateway.port), "7"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            stack.callback(running[version].kill)
        yield running


@pytest.fixture(scope="module", params=VERSIONS)
def steps(request: pytest.FixtureRequest, walks: dict[str, subprocess.Popen[str]]) -> Steps:
    return steps_of(walks[request.param])


@pytest.fixture
def step(steps: Steps) -> Callable[[str], dict[str, Any]]:
    return lambda name: steps[name][0]


Step = Callable[[str], dict[str, Any]]


def test_it_connects_and_finishes_its_start_up(request: pytest.FixtureRequest, step: Step) -> None:
    connected = step("connected")
    assert str(connected["version"]) in request.node.name
    assert connected["accounts"] == [ACCOUNT]
    assert connected["positions"] == [["MSFT", 20, 400]] and connected["portfolio"] == [["MSFT", 20]]
    assert float(connected["values"]["NetLiquidation"]) > 1000000
    assert connected["summary"] > 20 and connected["open"] == 0 and connected["time"] >= 2024
    assert step("done")


def test_it_qualifies_contracts_and_reads_chains(step: Step) -> None:
    contracts = step("contracts")
    assert contracts["con_id"] == 265598 and contracts["name"] == "APPLE INC" and contracts["min_tick"] == 0.01
    assert contracts["found"] == ["AAPL"] and contracts["increments"] == [[0, 0.01]]
    assert contracts["expirations"] >= 8 and contracts["strikes"] == 41
    assert all(con_id > 0 for con_id in contracts["options"]) and contracts["local"][0].startswith("AAPL  ")


def test_it_streams_and_asks_for_history(step: Step) -> None:
    quotes = step("quotes")
    assert 0 < quotes["bid"] < quotes["ask"] and quotes["last"] > 0 and quotes["shortable"] > 0
    assert 0.3 < quotes["delta"] < 0.7 and 0 < quotes["option"][0] < quotes["option"][1] and quotes["ticks"] > 0
    history = step("history")
    assert 7 < history["hours"] <= 14 and history["days"] == 10 and history["updates"] > 0
    assert history["head"] >= 1980 and history["ticks"] == 5 and history["sessions"] == 5
    news = step("news")
    assert news["providers"] == 3 and news["headlines"] == 5 and news["text"]
    assert abs(step("calculated")["price"] - 6) < 0.01


def test_it_places_changes_and_cancels(step: Step) -> None:
    assert step("placed")["status"] == "Submitted" and step("placed")["perm_id"] > 0
    assert step("modified")["status"] == "Submitted" and step("modified")["perm_id"] == step("placed")["perm_id"]
    assert step("cancelled")["status"] == "Cancelled" and step("cancelled")["fills"] == []
    assert step("refused")["codes"] == [110]


def test_it_sees_fills_and_commissions(step: Step) -> None:
    stock, option, combo = step("stock"), step("option"), step("combo")
    assert stock["status"] == "Filled" and sum(fill[2] for fill in stock["fills"]) == 50
    assert {fill[4] for fill in stock["fills"]} == {"walk-2"} and sum(stock["commissions"]) == 1
    assert option["fills"][0][:3] == ["OPT", "BOT", 2] and option["commissions"] == [1.3]
    assert step("combo resting")["status"] == "Submitted"
    assert [fill[:3] for fill in combo["fills"]] == [["BAG", "BOT", 1], ["OPT", "BOT", 1], ["OPT", "SLD", 1]]
    assert len(combo["commissions"]) == 2


def test_brackets_trails_and_previews(steps: Steps, step: Step) -> None:
    parent, profit, stop = steps["bracket"]
    assert parent["status"] == "Filled" and profit["status"] == "Submitted"
    assert stop["status"] == "PreSubmitted" and stop["held"] == "trigger"
    assert step("trail")["held"] == "trigger"
    assert float(step("preview")["margin"]) > 1000 and step("preview")["commission"] == 1


def test_what_it_finds_afterwards(step: Step) -> None:
    after = step("after")
    assert after["open"] == 0 and after["executions"] >= 6 and after["completed"] == ["Cancelled", "Filled"]
    assert after["positions"]["AAPL"] == 55 and after["positions"]["MSFT"] == 20
    assert sorted(after["positions"].values()) == [-1, 3, 20, 55]
