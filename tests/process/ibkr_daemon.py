"""The daemon with BROKER=ibkr, and what tests ask it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from harness import Daemon, eventually

sys.path.insert(0, str(Path(__file__).parents[1] / "venues" / "ibgw"))

from ibgw import ACCOUNT, Gateway, binary  # noqa: E402

__all__ = ["ACCOUNT", "Gateway", "LINK", "binary"]

LINK = "ibkr-link-down|ibkr-bad|broker-reconciliation-failed|order-unsettled"


def settings(gateway: Gateway, **more: Any) -> dict[str, dict[str, Any]]:
    return {"engine": {"broker": ["ibkr"]}, "brokers.ibkr": {"port": gateway.port, **more}}


def broker(daemon: Daemon) -> dict[str, Any]:
    [state] = daemon.request("get_status")["brokers"]
    return dict(state)


def until_state(daemon: Daemon, state: str) -> None:
    eventually(lambda: broker(daemon)["state"] == state, f"the broker is {state}")


def place(daemon: Daemon, client_order_id: str, **more: Any) -> dict[str, Any]:
    order = {"symbol": "AAPL", "side": "buy", "qty": 10, "order_type": "market", "time_in_force": "day", **more}
    return dict(daemon.request("place_order", client_order_id=client_order_id, **order))


def order(daemon: Daemon, client_order_id: str) -> dict[str, Any]:
    return dict(daemon.request("get_order", client_order_id=client_order_id))


def until_status(daemon: Daemon, client_order_id: str, status: str) -> dict[str, Any]:
    eventually(lambda: order(daemon, client_order_id)["status"] == status, f"{client_order_id} is {status}")
    return order(daemon, client_order_id)


def held(daemon: Daemon) -> dict[str, float]:
    return {x["symbol"]: x["qty"] for x in daemon.request("get_positions")["positions"]}


def resting(daemon: Daemon, client_order_id: str, **more: Any) -> dict[str, Any]:
    place(daemon, client_order_id, **{"order_type": "limit", "limit_price": 150, "time_in_force": "gtc", **more})
    return until_status(daemon, client_order_id, "new")
