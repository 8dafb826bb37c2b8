"""The Python client and the example programs against the real daemon."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import DEADLINE_S, Daemon

SOURCE = Path(__file__).parents[2]
sys.path.insert(0, str(SOURCE / "clients" / "python"))

from tradebus import AsyncClient, Client, OrderError, RequestError  # noqa: E402

FAST = {"providers.sim": {"ticks_per_second": 200}}


def client_of(daemon: Daemon, **more: object) -> Client:
    return Client(daemon.stream, daemon.command, client="python-test", timeout=DEADLINE_S, **more)  # type: ignore[arg-type]


def no_gap(topic: str, first: int, last: int) -> None:
    raise AssertionError(f"a gap in {topic}: {first} to {last}")


def test_market_data(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    with client_of(daemon, on_gap=no_gap) as bus:
        with bus.stream("AAPL", "MSFT", kinds=("quote", "trade", "bar_1s")) as events:
            seen = [events.get(DEADLINE_S) for _ in range(500)]
        topics = {(type(e).__name__, e.symbol) for e in seen if e is not None}
        assert {("Quote", "AAPL"), ("Quote", "MSFT"), ("Trade", "AAPL"), ("Bar", "AAPL")} <= topics
        for symbol in ("AAPL", "MSFT"):
            seqs = [e.seq for e in seen if type(e).__name__ == "Quote" and e.symbol == symbol]
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert bus.quote("AAPL").ask is not None
        assert bus.snapshot("AAPL").quote is not None
        bars = bus.bars("AAPL", "1d", "-30d", "-5d")
        assert len(bars) > 5 and bars.source == "sim" and bars[0].close > 0
        assert bus.chain("AAPL", limit=5)[0].strike > 0
        assert bus.details("AAPL").name and bus.search("AAPL")[0].symbol == "AAPL"
        assert bus.news("AAPL", limit=1)[0].title and bus.market_news(limit=1)
        assert bus.daily("AAPL").symbol == "AAPL"
        assert bus.status()["epoch"] == bus.epoch == daemon.epoch
        assert bus.server is not None and bus.server.client == "python-test"
        assert bus.counters["garbage"] == 0 and bus.counters["unmatched_replies"] == 0
        with pytest.raises(RequestError):
            bus.request("get_rich")


def test_the_feed(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    with client_of(daemon, on_gap=no_gap) as bus, bus.quotes("AAPL", "MSFT"), bus.feed("quote") as feed:
        events = [feed.get(DEADLINE_S) for _ in range(300)]
        assert {e.symbol for e in events} == {"AAPL", "MSFT"}
        seqs = [e.seq for e in events if e.symbol == "AAPL"]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


def test_an_order(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    with client_of(daemon, on_gap=no_gap) as bus:
        with bus.quotes("AAPL") as quotes:
            assert quotes.get(DEADLINE_S) is not None
        with bus.order_events() as events:
            filled = bus.wait(bus.buy("AAPL", 1, tag="t"), DEADLINE_S)
            assert (filled.status, filled.filled_qty, filled.tag) == ("filled", 1, "t")
            names = []
            while "fill" not in names:
                event = events.get(DEADLINE_S)
                assert event is not None
                names.append(event.event)
        assert names == ["pending_new", "new", "fill"]
        assert bus.order(filled) == filled
        assert bus.orders("all") == [filled]
        assert bus.events(0).events[-1].fill is not None
        (position,) = bus.positions()
        assert (position.symbol, position.qty) == ("AAPL", 1)
        assert bus.account().equity > 0
        with pytest.raises(OrderError) as caught:
            bus.cancel(filled)
        assert caught.value.code == "order.not_open"


def test_a_restart(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    told: list[object] = []
    with client_of(
        daemon,
        on_gap=lambda *gap: told.append(gap),
        on_disconnect=lambda: told.append("gone"),
        on_reconnect=told.append,
    ) as bus:
        with bus.quotes("AAPL") as quotes:
            before = [quotes.get(DEADLINE_S) for _ in range(50)]
            daemon.stop()
            daemon.restart(same_ports=True)
            seqs = [q.seq for q in before if q is not None]
            while len(seqs) < 50 or seqs[-1] != seqs[0] + 60 or bus.epoch != daemon.epoch:
                quote = quotes.get(DEADLINE_S)
                assert quote is not None
                if quote.seq == 1:
                    seqs = []  # the new epoch, from its first message on
                seqs.append(quote.seq)
            assert seqs == list(range(1, 62))
        assert bus.ping() > 0
    assert told == ["gone", True]


def test_asyncio(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)

    async def strategy() -> None:
        async with AsyncClient(daemon.stream, daemon.command, client="aio", on_gap=no_gap) as bus:
            async with bus.quotes("AAPL") as quotes:
                seqs = []
                async for quote in quotes:
                    seqs.append(quote.seq)
                    if len(seqs) == 100:
                        break
            assert seqs == list(range(seqs[0], seqs[0] + 100))
            order = await bus.wait(await bus.buy("AAPL", 1), DEADLINE_S)
            assert order.status == "filled"
            assert (await bus.positions())[0].qty == 1

    asyncio.run(strategy())


def run_example(daemon: Daemon, name: str, *options: str) -> str:
    command = [sys.executable, str(SOURCE / "examples" / "python" / name)]
    command += ["--stream", daemon.stream, "--command", daemon.command, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * DEADLINE_S)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_moving_average_on_the_simulated_market(start: Callable[..., Daemon]) -> None:
    daemon = start(FAST)
    said = run_example(daemon, "moving_average.py", "--fast", "3", "--slow", "8", "--for", "4")
    assert " buy " in said and "own fills: realized" in said and "account " in said
    fills = int(said.split("time is up: ")[1].split(" ")[0])
    assert fills > 0
    (account,) = [line for line in said.splitlines() if line.startswith("account ")]
    own = said.split("own fills: realized ")[1].split(",")[0]
    assert f"realized {own}" in account, "the daemon counts the same realized profit"


def test_moving_average_on_a_recording(start: Callable[..., Daemon], tmp_path: Path) -> None:
    recording = tmp_path / "quotes.csv"
    ts = 1718976600000000000  # 2024-06-21 09:30 in New York
    rows = ["ts_ns,symbol,bid,bid_size,ask,ask_size"]
    for n in range(400):
        price = 100 + abs(n % 80 - 40) / 10
        rows.append(f"{ts + n * 250_000_000},AAPL,{price:.2f},100,{price + 0.02:.2f},100")
    recording.write_text("\n".join(rows) + "\n")
    config = {
        "engine": {"data_provider": ["replay"]},
        "providers.replay": {"files": [str(recording)], "speed": 20.0, "loop": False},
    }
    daemon = start(config)
    said = run_example(daemon, "moving_average.py", "--fast", "3", "--slow", "8")
    assert "end of data: " in said and " buy " in said and " sell " in said
