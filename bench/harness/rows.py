"""The table: which measurement is set against which, and what it should reach."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    """`value` over `anchor` (or `value` alone, where `anchor` is empty); both are `measure.key`."""
    name: str
    what: str
    value: str
    anchor: str
    better: str                 # "high" or "low"
    goal: float = None
    gate: float = None
    unit: str = "x"
    modes: tuple = ("one-core", "free")

    def verdict(self, measured, mode):
        """Goals are for one core; free figures are only shown (they spread by a third)."""
        if self.goal is None or (mode != "one-core" and self.modes != ("free",)):
            return ""
        reaches = (lambda limit: measured >= limit) if self.better == "high" else (lambda limit: measured <= limit)
        return "goal" if reaches(self.goal) else "gate" if reaches(self.gate) else "MISSED"


ONE = ("one-core",)

ROWS = [
    Row("ticks", "sim, lossless, 1 tick a message, 1 subscriber, ticks/s : raw",
        "sim.ticks", "raw.ticks", "high", 0.85, 0.75),
    Row("ticks-overload", "the same with 5 M ticks/s offered, the rest dropped : raw",
        "sim_flood.ticks", "raw.ticks", "high", 0.85, 0.6),
    Row("ticks-replay", "the same from a CSV file at speed 0, nothing lost : raw",
        "replay.ticks", "raw.ticks", "high", 0.85, 0.75),
    Row("ticks-pyzmq", "sim, 5 M ticks/s offered : a pyzmq + msgpack publisher",
        "sim_flood.ticks", "pyzmq.ticks", "high", 5, 3, modes=("free",)),
    Row("feed", "feed|quote| batches, ticks/s : raw, 1 tick a message",
        "feed.ticks", "raw.ticks", "high", 2.2, 1.8),
    Row("feed-pyzmq", "feed|quote| batches : a pyzmq + msgpack publisher",
        "feed.ticks", "pyzmq.ticks", "high", 12, 5, modes=("free",)),
    Row("ticks-16", "16 subscribers, ticks/s to each : raw with 16",
        "sim16.ticks", "raw16.ticks", "high", 0.85, 0.7),
    Row("latency", "1,000 ticks/s, rx to subscriber, p50 : raw",
        "sim_paced.p50_us", "raw_paced.p50_us", "low", 1.3, 1.5),
    Row("latency-p99", "the same, p99",
        "sim_paced.p99_us", "raw_paced.p99_us", "low", 1.5, 2.5),
    Row("order", "place_order -> reply, window 1, p50 : echo of the same bytes",
        "order.p50_us", "echo_order.p50_us", "low", 1.5, 1.7),
    Row("order-64", "place_order, window 64, replies/s : echo",
        "order64.per_second", "echo_order64.per_second", "high", 0.45, 0.38),
    Row("order-fix", "place_order, window 1, p50 : QuickFIX",
        "order.p50_us", "quickfix.p50_us", "low", 2.5, 3),
    Row("order-fix-64", "place_order, window 64, replies/s : QuickFIX",
        "order64.per_second", "quickfix64.per_second", "high", 6, 4.5),
    Row("order-write", "place_order, window 1, p50, journal written (safe against kill -9) : without a journal",
        "order_write.p50_us", "order.p50_us", "low", 1.12, 1.25),
    Row("order-full", "place_order, window 1, p50, journal synced (safe against power loss) : echo + bare fdatasync",
        "order_full.p50_us", "echo_and_sync.p50_us", "low", 1.35, 1.5),
    Row("order-full-64", "place_order, window 64, journal synced, replies/s : serial fdatasync",
        "order_full64.per_second", "fdatasync.per_second", "high", 15, 10),
    Row("order-flood", "place_order, p99, while another client floods get_historical_data : without the flood",
        "order_flooded.p99_us", "order_full.p99_us", "low", 2, 3),
    Row("recovery", "start with a journal of 1,000,000 filled orders, exec to ready",
        "recovery.seconds", "", "low", 3, 4, "s", ONE),
    Row("quote", "get_quote, window 1, p50 : echo of the same bytes",
        "quote.p50_us", "echo_quote.p50_us", "low", 1.1, 1.25),
    Row("quote-64", "get_quote, window 64, replies/s : echo",
        "quote64.per_second", "echo_quote64.per_second", "high", 0.65, 0.5),
    Row("bars", "get_historical_data, 390 cached bars, window 1, p50 : echo of the same bytes",
        "bars.p50_us", "echo_bars.p50_us", "low", 1.5, 1.8),
    Row("start", "exec to ready : a bare program that binds the same sockets",
        "start.p50_us", "bare_start.p50_us", "low", 10, 15),
    Row("calendar", "is the exchange open, random moments of 48 years : a look-up in a hash map of its days",
        "calendar.is_open_ns", "calendar.hash_map_ns", "low", 2.5, 3, modes=ONE),
    Row("massive-decode", "frames of Massive's stream to our events, events/s : the venue's own Python client",
        "massive.events", "massive_python.events", "high", 10, 8, modes=ONE),
    Row("massive-bare", "the same : a bare simdjson pass over the text",
        "massive.events", "massive.bare", "high", 0.28, 0.22, modes=ONE),
    Row("massive-ticks", "frames of Massive's stream through adapter and hub, ticks/s to 1 subscriber : sim",
        "massive_stream.ticks", "sim.ticks", "high", 0.6, 0.5),
    Row("massive-bars", "an answer of 5,000 bars to ours, time : simdjson's bare parse of it",
        "massive_bars.decode_us", "massive_bars.bare_us", "low", 3, 3.5, modes=ONE),
    Row("ibkr-decode", "ticks of Interactive Brokers' protocol decoded, messages/s : ib_async's decoder",
        "ibkr.messages", "ib_async.messages", "high", 10, 8, modes=ONE),
    Row("order-ibkr", "place_order -> reply with broker ibkr, one each 5 ms, p50 : with the paper broker",
        "order_ibkr.p50_us", "order_few.p50_us", "low", 1.1, 1.25),
    Row("order-ibkr-wire", "place_order -> its bytes at the gateway's socket, p50 : reply with the paper broker",
        "order_ibkr.wire_p50_us", "order_few.p50_us", "low", 1.5, 1.8),
    Row("idle-rss", "resident memory, nobody connected",
        "idle.rss_mb", "", "low", 25, 33, "MB", ONE),
    Row("idle-cpu", "CPU, nobody connected",
        "idle.cpu_percent", "", "low", 1, 3, "%", ONE),
    Row("symbol-rss", "resident memory a subscribed symbol",
        "symbols.kb_a_symbol", "", "low", 0.9, 1.4, "kB", ONE),
]
