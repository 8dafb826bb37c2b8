"""What can be measured: one function each, by name. Each starts what it needs, measures, and ends it.

A function takes the Bench (programs, pinning, durations) and returns a dict of numbers.
"""

import socket
import sys
import time

from .daemon import Daemon
from .processes import Children, Unmeasured, endpoints

MEASURES = {}


def measure(name):
    def register(function):
        MEASURES[name] = function
        return function
    return register


# -- subscribers ---------------------------------------------------------------------------------------------------

def count_ticks(bench, children, stream, subscribers=1, extra=(), daemon=None, seconds=None):
    """Delivered ticks a second to each subscriber over one common window."""
    seconds = seconds or bench.seconds
    argv = [bench.program("bench_sub"), "--connect", stream, "--seconds", seconds]
    if "--pattern" not in extra:
        argv += ["--symbols", bench.symbols]
    subs = [children.start(argv + list(extra)) for _ in range(subscribers)]
    for sub in subs:
        sub.line("flowing", 30)
    time.sleep(0.2)
    before = daemon.cpu_s() if daemon else {}
    for sub in subs:
        sub.say("go")
    results = [sub.result(seconds + 30) for sub in subs]
    out = {"ticks": sum(r["ticks"] / r["seconds"] for r in results) / subscribers,
           "bytes": sum(r["bytes"] for r in results) / max(1, sum(r["messages"] for r in results))}
    for key in ("lost", "p50_us", "p99_us"):
        if key in results[0]:
            out[key] = sum(r[key] for r in results) / subscribers
    if daemon:
        daemon.must_live()
    if out["ticks"] == 0:
        raise Unmeasured("no tick arrived during the window")
    if daemon:
        for thread, used in (daemon.cpu_s() - before).items():
            out[f"cpu_{thread}"] = used / seconds
    return out


PACED_SECONDS = 2  # at 1,000 a second: enough samples for a p99


def raw(bench, subscribers=1, extra=(), rate=0):
    with Children(bench.cpu) as children:
        argv = [bench.program("bench_raw_pub"), "--symbols", bench.symbols, "--rate", rate,
                "--subscriptions", bench.symbol_count * subscribers]
        if bench.bodies.get("quote"):
            argv += ["--body", bench.bodies["quote"]]
        publisher = children.start(argv)
        stream = endpoints(publisher.line("ready", 10))["stream"]
        return count_ticks(bench, children, stream, subscribers, extra, seconds=PACED_SECONDS if rate else None)


@measure("raw")
def raw_one(bench):
    return raw(bench)


@measure("raw16")
def raw_sixteen(bench):
    return raw(bench, subscribers=16)


@measure("raw_paced")
def raw_paced(bench):
    return raw(bench, extra=["--latency", "rx"], rate=1000)


@measure("pyzmq")
def pyzmq(bench):
    with Children(bench.cpu) as children:
        publisher = children.start([sys.executable, bench.source / "anchors/pyzmq_pub.py", "--symbols", bench.symbols,
                                    "--subscriptions", bench.symbol_count])
        return count_ticks(bench, children, endpoints(publisher.line("ready", 10))["stream"])


def sim(rate, when_behind="drop", **bus):
    return {"providers.sim": {"ticks_per_second": rate, "when_behind": when_behind}, "bus": bus}


FLOOD = 5_000_000  # a second: more than any machine delivers


def count_sim(bench, when_behind, subscribers=1):
    """More is offered than is carried; the anchors are lossless, so it is `wait` that compares like with like."""
    with Children(bench.cpu) as children:
        daemon = Daemon(children, bench.daemon, bench.work, sections=sim(FLOOD, when_behind))
        return count_ticks(bench, children, daemon.stream, subscribers=subscribers, daemon=daemon)


@measure("sim")
def sim_one(bench):
    return count_sim(bench, "wait")


@measure("sim_flood")
def sim_flood(bench):
    return count_sim(bench, "drop")


@measure("sim16")
def sim_sixteen(bench):
    return count_sim(bench, "wait", subscribers=16)


@measure("sim_paced")
def sim_paced(bench):
    with Children(bench.cpu) as children:
        daemon = Daemon(children, bench.daemon, bench.work, sections=sim(1000))
        return count_ticks(bench, children, daemon.stream, extra=["--latency", "rx"], daemon=daemon, seconds=PACED_SECONDS)


@measure("feed")
def feed(bench):
    """The opener stays until the feed flows, then leaves: the linger keeps its topics open upstream."""
    with Children(bench.cpu) as children:
        daemon = Daemon(children, bench.daemon, bench.work, sections=sim(FLOOD, linger_s=3600))
        opener = children.start([bench.program("bench_sub"), "--connect", daemon.stream, "--symbols", bench.symbols])
        opener.line("flowing", 30)
        opener.stop()
        return count_ticks(bench, children, daemon.stream, extra=["--pattern", "feed|quote|", "--items"], daemon=daemon)


@measure("replay")
def replay(bench):
    """A file of quotes at full speed, from its first message at the subscriber to its last."""
    with Children(bench.cpu) as children:
        settings = {"files": [str(bench.quotes_file)], "speed": 0, "start": "subscribe"}
        daemon = Daemon(children, bench.daemon, bench.work, "replay", {"providers.replay": settings})
        sub = children.start([bench.program("bench_sub"), "--connect", daemon.stream, "--symbols", bench.symbols,
                              "--mode", "drain", "--quiet", 700, "--count", bench.quotes_rows])
        sub.line("flowing", 30)
        before = daemon.cpu_s()
        result = sub.result(70)
        daemon.must_live()
        out = {"ticks": result["ticks"] / result["seconds"], "missing": 1 - result["ticks"] / bench.quotes_rows}
        for thread, used in (daemon.cpu_s() - before).items():
            out[f"cpu_{thread}"] = used / result["seconds"]
        return out


# -- requesters ----------------------------------------------------------------------------------------------------

def ask(bench, children, command, op, window, extra=()):
    argv = [bench.program("bench_req"), "--connect", command, "--op", op, "--window", window, "--symbol", bench.one_symbol,
            "--seconds", bench.seconds, "--requests", bench.requests_max[op]]
    return children.start(argv + list(extra)).result(bench.seconds + 30)


def echo(bench, op, window):
    with Children(bench.cpu) as children:
        server = children.start([bench.program("bench_echo"), "--reply", bench.bodies[op]])
        return ask(bench, children, endpoints(server.line("ready", 10))["command"], op, window)


def ask_daemon(bench, op, window, extra=(), sync="none", flood=False):
    """The daemon has a quote of the symbol, and nobody else listens. The venue keeps nothing: it isn't what is measured."""
    with Children(bench.cpu) as children:
        sections = {**sim(10, linger_s=3600), **bench.order_sections, "journal": {"sync": sync}}
        sections["brokers.paper"] = {**sections.get("brokers.paper", {}), "persist": False}
        daemon = Daemon(children, bench.daemon, bench.work, sections=sections)
        opener = children.start([bench.program("bench_sub"), "--connect", daemon.stream, "--symbols", bench.one_symbol_file])
        opener.line("flowing", 30)
        opener.stop()
        daemon.await_broker()
        if flood:
            children.start([bench.program("bench_req"), "--connect", daemon.command, "--op", "get_historical_data", "--window",
                            64, "--symbol", bench.one_symbol, "--seconds", bench.seconds + 20, "--requests", 10_000_000])
        before = daemon.cpu_s()
        result = ask(bench, children, daemon.command, op, window, extra)
        daemon.must_live()
        for thread, used in (daemon.cpu_s() - before).items():
            result[f"cpu_{thread}"] = used / result["seconds"]
        return result


@measure("echo_order")
def echo_order(bench):
    return echo(bench, "place_order", 1)


@measure("echo_order64")
def echo_order_64(bench):
    return echo(bench, "place_order", 64)


@measure("echo_quote")
def echo_quote(bench):
    return echo(bench, "get_quote", 1)


@measure("echo_quote64")
def echo_quote_64(bench):
    return echo(bench, "get_quote", 64)


@measure("order")
def order(bench):
    return ask_daemon(bench, "place_order", 1)


@measure("order64")
def order_64(bench):
    return ask_daemon(bench, "place_order", 64)


@measure("order_write")
def order_write(bench):
    return ask_daemon(bench, "place_order", 1, sync="write")


@measure("order_full")
def order_full(bench):
    return ask_daemon(bench, "place_order", 1, sync="full")


@measure("order_full64")
def order_full_64(bench):
    return ask_daemon(bench, "place_order", 64, sync="full")


@measure("order_flooded")
def order_flooded(bench):
    return ask_daemon(bench, "place_order", 1, sync="full", flood=True)


@measure("fdatasync")
def fdatasync(bench):
    with Children(bench.cpu) as children:
        path = bench.work.fresh("sync") / "file"
        return children.start([bench.program("bench_fdatasync"), "--file", path, "--seconds", bench.seconds]).result(
            bench.seconds + 30)


@measure("echo_and_sync")
def echo_and_sync(bench):
    """What neither the bus nor the disk can do without."""
    return {"p50_us": echo(bench, "place_order", 1)["p50_us"] + fdatasync(bench)["p50_us"]}


RECOVERED_ORDERS = 1_000_000


@measure("recovery")
def recovery(bench):
    with Children(bench.cpu) as children:
        folder = bench.work.fresh("daemon") / "data"
        folder.mkdir()
        children.start([bench.program("bench_fill_journal"), "--folder", folder / "journal", "--orders",
                        RECOVERED_ORDERS]).result(120)
        started = time.monotonic()
        daemon = Daemon(children, bench.daemon, bench.work, kept=folder.parent)
        seconds = time.monotonic() - started
        known = daemon.ask("get_status")["orders"]
        if known["orders_kept"] == 0:
            raise Unmeasured("the daemon has read no orders")
        return {"seconds": seconds}


@measure("echo_bars")
def echo_bars(bench):
    return echo(bench, "get_historical_data", 1)


@measure("bars")
def bars(bench):
    return ask_daemon(bench, "get_historical_data", 1)


@measure("quote")
def quote(bench):
    return ask_daemon(bench, "get_quote", 1)


@measure("quote64")
def quote_64(bench):
    return ask_daemon(bench, "get_quote", 64)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quickfix(bench, window):
    with Children(bench.cpu) as children:
        port = free_port()
        children.start([bench.program("bench_fix_acceptor"), port]).line("ready", 10)
        return children.start([bench.program("bench_fix_initiator"), port, window, bench.seconds]).result(bench.seconds + 30)


@measure("quickfix")
def quickfix_1(bench):
    return quickfix(bench, 1)


@measure("quickfix64")
def quickfix_64(bench):
    return quickfix(bench, 64)


# -- what the process itself costs ---------------------------------------------------------------------------------

def starts(bench, command):
    with Children(bench.cpu) as children:
        argv = [bench.program("bench_start"), "--runs", bench.starts, "--"] + command
        return children.start(argv).result(20 + bench.starts * 12)


@measure("bare_start")
def bare_start(bench):
    return starts(bench, [bench.program("bench_bare")])


@measure("start")
def start(bench):
    bench.need_daemon()
    return starts(bench, [bench.daemon, "--config", bench.start_config()])


@measure("calendar")
def calendar(bench):
    with Children(bench.cpu) as children:
        return children.start([bench.program("bench_is_open")]).result(60)


@measure("massive")
def massive(bench):
    with Children(bench.cpu) as children:
        return children.start([bench.program("bench_massive_decode")]).result(120)


@measure("massive_python")
def massive_python(bench):
    """The venue's own client decodes the same frames: of the vendor tests' environment, or of this Python."""
    pythons = sorted(bench.build.glob("vendor_clients/python-*/env/bin/python")) or [sys.executable]
    with Children(bench.cpu) as children:
        frames = bench.work.fresh("massive") / "frames.txt"
        children.start([bench.program("bench_massive_decode"), "--write", frames]).result(60)
        try:
            return children.start([pythons[0], bench.source / "anchors/massive_client_decode.py", frames]).result(120)
        except Unmeasured as error:
            raise Unmeasured(f"the venue's Python client is not installed (script/test -- -L vendor does it): {error}") from error


@measure("massive_stream")
def massive_stream(bench):
    """More is offered than is carried, as the socket takes it."""
    with Children(bench.cpu) as children:
        player = children.start([bench.program("bench_massive_player"), "--symbols", bench.symbols])
        venue = endpoints(player.line("ready", 10))
        settings = {"api_key": "bench", "rest_url": venue["rest"], "stream_url": venue["stream"], "corporate_actions": False}
        daemon = Daemon(children, bench.daemon, bench.work, "massive", {"providers.massive": settings})
        return count_ticks(bench, children, daemon.stream, daemon=daemon)


@measure("ibkr")
def ibkr(bench):
    with Children(bench.cpu) as children:
        return children.start([bench.program("bench_ibkr_decode")]).result(60)


@measure("ib_async")
def ib_async(bench):
    """The decoder of ib_async, of the vendor tests' environment or of this Python."""
    pythons = sorted(bench.build.glob("vendor_clients/ib_async-*/env/bin/python")) or [sys.executable]
    with Children(bench.cpu) as children:
        payloads = bench.work.fresh("ibkr") / "payloads.txt"
        children.start([bench.program("bench_ibkr_decode"), "--write", payloads]).result(60)
        try:
            return children.start([pythons[0], bench.source / "anchors/ib_async_decode.py", payloads]).result(120)
        except Unmeasured as error:
            raise Unmeasured(f"ib_async is not installed (script/test -- -L vendor does it): {error}") from error


# Apart, as to a gateway that takes 50 messages a second: what comes of one order is over before the next one, and the
# gateway, which shares the core, is at rest.
FEW_ORDERS, WARM_UP, FEW_EVERY_US = 500, 50, 5_000


def few_orders(bench, children, command, extra=()):
    argv = [bench.program("bench_req"), "--connect", command, "--op", "place_order", "--symbol", bench.one_symbol,
            "--seconds", bench.seconds + 20, "--requests", FEW_ORDERS, "--warm-up", WARM_UP, "--every-us", FEW_EVERY_US]
    return children.start(argv + list(extra)).result(bench.seconds + 40)


@measure("order_few")
def order_few(bench):
    with Children(bench.cpu) as children:
        sections = {**bench.order_sections, "journal": {"sync": "none"}}
        sections["brokers.paper"] = {**sections.get("brokers.paper", {}), "persist": False}
        daemon = Daemon(children, bench.daemon, bench.work, sections=sections)
        daemon.await_broker()
        return few_orders(bench, children, daemon.command)


@measure("order_ibkr")
def order_ibkr(bench):
    """To the reply, and to the bytes at the gateway: a listener stamps them."""
    folder = bench.work.fresh("ibkr")
    with Children(bench.cpu) as children:
        gateway = children.start([bench.program("bench_ibkr_gateway"), "--orders", FEW_ORDERS + WARM_UP, "--stamps",
                                  folder / "arrived"])
        port = int(endpoints(gateway.line("ready", 10))["port"])
        sections = {"engine": {"broker": ["ibkr"]}, "journal": {"sync": "none"},
                    "brokers.ibkr": {"port": port, "messages_per_second": 10_000}}  # all of them may go at once
        daemon = Daemon(children, bench.daemon, bench.work, sections=sections)
        daemon.await_broker()
        time.sleep(1.1)  # what was sent while the session began is a second old
        result = few_orders(bench, children, daemon.command, ["--stamps", folder / "sent"])
        gateway.result(30)
        daemon.must_live()
        sent, arrived = ([int(line) for line in (folder / name).read_text().split()] for name in ("sent", "arrived"))
        taken = sorted((b - a) / 1000 for a, b in list(zip(sent, arrived))[WARM_UP:])
        return {**result, "wire_p50_us": taken[len(taken) // 2]}


@measure("massive_bars")
def massive_bars(bench):
    with Children(bench.cpu) as children:
        return children.start([bench.program("bench_massive_bars")]).result(60)


@measure("idle")
def idle(bench):
    """Nobody connected: memory after the start, then CPU over some seconds."""
    with Children(bench.cpu) as children:
        daemon = Daemon(children, bench.daemon, bench.work)
        memory = daemon.settled_rss_kb()
        before = sum(daemon.cpu_s().values())
        time.sleep(bench.idle_seconds)
        return {"rss_mb": memory / 1024, "cpu_percent": 100 * (sum(daemon.cpu_s().values()) - before) / bench.idle_seconds}


@measure("symbols")
def symbols_memory(bench):
    """Resident memory that each of many subscribed symbols adds."""
    with Children(bench.cpu) as children:
        daemon = Daemon(children, bench.daemon, bench.work, sections=sim(100))
        before = daemon.settled_rss_kb()
        sub = children.start([bench.program("bench_sub"), "--connect", daemon.stream, "--symbols", bench.many_symbols])
        sub.line("flowing", 60)
        daemon.await_topics(bench.many_count)
        return {"kb_a_symbol": (daemon.settled_rss_kb() - before) / bench.many_count}
