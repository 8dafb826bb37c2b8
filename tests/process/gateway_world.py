"""The kill test's world with BROKER=ibkr: the venue is ibgw-sim, spoken to over real sockets, which is killed too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from kill_trader import billionths
from kill_world import KillWorld
from venue_memory import VenueMemory, VenueOrder

sys.path.insert(0, str(Path(__file__).parents[1] / "venues" / "ibgw"))

from ibgw import Gateway, binary  # noqa: E402

__all__ = ["GatewayWorld", "binary"]

CLOSED_THERE = {"Filled", "Cancelled", "ApiCancelled", "Inactive"}


class GatewayWorld(KillWorld):
    symbols = ("AAPL", "MSFT", "SPY")  # ibgw-sim's
    pauses_ms = (2, 5, 10, 20, 30)  # a gateway takes few messages a second, and tells all its orders after each start

    def __init__(self, folder: Path, seed: int, config: dict[str, dict[str, Any]], **options: Any) -> None:
        folder.mkdir(parents=True)
        self.arguments = ["--state", str(folder / "gateway.state"), "--cash", "1000000000", "--messages-per-second", "0"]
        self.arguments += ["--rate", "400", "--sample-ms", "50"]
        self.gateway = Gateway(*self.arguments)
        self.gateway_kills = 0
        super().__init__(folder, seed, config, **options)

    def brokers(self, config: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        session = {"port": self.gateway.port, "messages_per_second": 1000, "retry_s_max": 0.5}
        return {
            "engine": {"broker": ["ibkr"], **config.get("engine", {})},
            "brokers.ibkr": {**session, **config.get("brokers.ibkr", {})},
        }

    def market_price(self) -> float:
        return 190.0

    def disturb(self) -> None:
        """The gateway restarts as it does each day, loses its venue or its clients, or is killed."""
        dice = self.rng.random()
        if dice < 0.15:
            self.gateway.control("/restart", down_ms=self.rng.randint(50, 300))
        elif dice < 0.3:
            self.gateway.control("/cut", reset=True)
        elif dice < 0.4:
            self.gateway.control("/connectivity", code=1100)
            self.pause(self.rng.uniform(0, 0.1))
            self.gateway.control("/connectivity", code=self.rng.choice((1101, 1102)))
        elif dice < 0.6:
            self.kill_gateway()
        else:
            return
        # The daemon lives on for a moment: in half of the cases it meets the gateway again.
        self.pause(self.rng.choice((0.0, 0.02, 0.7)))

    def kill_gateway(self) -> None:
        port = self.gateway.port
        self.gateway.kill()
        self.gateway_kills += 1
        self.pause(self.rng.uniform(0, 0.2))
        self.gateway = Gateway(*self.arguments, "--port", str(port))

    def memory(self) -> VenueMemory:
        # Orders last: each execution is then of an order that is in it.
        executions = self.gateway.control("/executions", "GET")
        out = VenueMemory()
        for there in self.gateway.control("/orders", "GET"):
            sign = 1 if there["action"] == "BUY" else -1
            order = VenueOrder(there["order_ref"], there["symbol"], sign, closed=there["status"] in CLOSED_THERE)
            if order.order_id in out.orders:
                out.twice.append(order.order_id)
            out.orders[order.order_id] = order
        for each in executions:
            if each["exec_id"] in out.fills:
                out.twice.append(each["exec_id"])
            qty = billionths(float(each["quantity"]))
            out.fills[each["exec_id"]] = (each["order_ref"], qty)
            out.orders[each["order_ref"]].filled += qty
        return out

    def summary(self) -> str:
        return super().summary() + f"; the gateway was killed {self.gateway_kills} times"

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        if self.gateway.process.poll() is None:
            self.gateway.stop()
