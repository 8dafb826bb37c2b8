"""The disk of the journal is full: what is refused, what is told, what comes back by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from harness import Daemon, RequestFailed, eventually
from small_disk import SmallDisk

TAG = "t" * 200  # records are larger, and the disk is full sooner


def limit(key: str, **more: Any) -> dict[str, Any]:
    # Far from the market: it works on.
    order = {"client_order_id": key, "symbol": "AAPL", "side": "buy", "qty": 1, "order_type": "limit", "limit_price": 1}
    return {**order, "time_in_force": "gtc", "tag": TAG, **more}


def settings(there: SmallDisk, sync: str) -> dict[str, dict[str, Any]]:
    return {
        "engine": {"data_dir": str(there.folder)},
        "journal": {"sync": sync, "segment_mb": 1, "reserve_mb": 1},
        "orders": {"events_max": 50},
    }


def code_of(daemon: Daemon, op: str, **args: Any) -> str:
    try:
        daemon.request(op, **args)
    except RequestFailed as refused:
        return refused.code
    return "ok"


def ready(daemon: Daemon) -> None:
    eventually(lambda: daemon.request("get_status")["brokers"][0]["state"] == "up", "the broker is up")


def all_events(daemon: Daemon) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    while True:
        more = daemon.request("get_events", after=out[-1]["seq"] if out else 0, limit=1000)["events"]
        if not more:
            return out
        out += more


@pytest.mark.parametrize("sync", ["full", "write"])
def test_orders_end_cancels_go_on_and_all_comes_back(
    start: Callable[..., Daemon], small_disk: Callable[[int], SmallDisk], sync: str
) -> None:
    there = small_disk(40)
    daemon = start(settings(there, sync), prefix=there.enter, expect_stderr=".*")
    ready(daemon)
    told: dict[str, str] = {}

    def place(key: str) -> str:
        try:
            told[key] = daemon.request("place_order", **limit(key))["order_id"]
        except RequestFailed as refused:
            return refused.code
        return "ok"

    assert place("first") == "ok"
    there.fill()
    count = 0
    while (said := place(f"k{count}")) == "ok":
        count += 1
        assert count < 5_000
    assert said == "overloaded"
    assert daemon.request("get_status")["journal"]["state"] == "full"
    # Known orders: as long as there is room. Then they are refused; nothing is left without an answer.
    assert code_of(daemon, "cancel_order", client_order_id="first") == "ok"
    changes = 0
    while (said := code_of(daemon, "replace_order", client_order_id=f"k{changes % 20}", qty=2 + changes // 20)) == "ok":
        changes += 1
        eventually(
            lambda: daemon.request("get_order", client_order_id=f"k{changes % 20}")["status"] != "pending_replace",
            "the broker has replaced it",
        )
        assert changes < 5_000
    assert said == "overloaded"
    assert code_of(daemon, "cancel_order", client_order_id="k0") == "overloaded"
    assert code_of(daemon, "kill_switch") == "ok"
    assert daemon.request("place_order", **limit("k1"))["duplicate"] is True

    def all_is_recorded() -> bool:
        last = all_events(daemon)[-1]["seq"]
        journal = daemon.request("get_status")["journal"]
        return bool(last == journal["durable_seq"] == journal["last_seq"])

    eventually(all_is_recorded, "what the broker still reported is recorded")
    assert not any("unrecorded" in order for order in daemon.request("get_orders", status="all")["orders"])

    there.make_room()
    eventually(lambda: code_of(daemon, "place_order", **limit("later")) == "ok", "orders are taken again")
    told["later"] = daemon.request("place_order", **limit("later"))["order_id"]
    assert code_of(daemon, "cancel_order", client_order_id="k0") == "ok"
    events = all_events(daemon)

    daemon.kill()
    daemon.restart()
    ready(daemon)
    for key, order_id in told.items():
        assert daemon.request("get_order", client_order_id=key)["order_id"] == order_id
    assert all_events(daemon)[: len(events)] == events


def test_a_start_on_a_full_disk_without_its_index(
    start: Callable[..., Daemon], small_disk: Callable[[int], SmallDisk]
) -> None:
    there = small_disk(40)
    daemon = start(settings(there, "full"), prefix=there.enter, expect_stderr=".*")
    ready(daemon)
    for count in range(100):
        daemon.request("place_order", **limit(f"k{count}"))
    daemon.kill()
    for file in (there.outside / "journal").glob("index.sqlite*"):
        file.unlink()
    there.fill()
    daemon.restart()
    assert len({event["order"]["order_id"] for event in all_events(daemon)}) == 100  # needs no index
    with pytest.raises(RequestFailed, match="no room on the disk") as refused:
        daemon.request("get_events", after=0, account="PAPER")
    assert refused.value.code == "overloaded"
    there.make_room()
    eventually(lambda: code_of(daemon, "get_events", after=0, account="PAPER") == "ok", "the index is made")
    assert daemon.request("get_events", after=0, account="PAPER", limit=3)["events"] == all_events(daemon)[:3]
