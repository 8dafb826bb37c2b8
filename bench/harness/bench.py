"""One benchmark session: its programs, its files, its rounds."""

import contextlib
import itertools
import os
import pathlib
import shutil
import string
import subprocess
import tempfile

import msgpack

from . import measures
from .daemon import Daemon, write_config
from .processes import Children, Unmeasured

SOURCE = pathlib.Path(__file__).resolve().parent.parent

# Orders rest far below the market and stay open: below orders.open_max (100,000), and cash enough for all of them.
ORDERS_MAX = 90_000
ORDER_SECTIONS = {"brokers.paper": {"cash": "1000000000"}}


class Work:
    """The session's temporary folder."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="tradebus-bench-"))
        self._numbers = itertools.count()

    def fresh(self, name):
        folder = self.path / f"{name}-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def sweep(self, prefix):
        """Journals grow by megabytes a measurement."""
        for folder in self.path.glob(prefix + "-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Bench:
    def __init__(self, build, quick):
        self.source = SOURCE
        self.build = pathlib.Path(build).resolve()
        self.daemon = self.build / "bin" / "tradebusd"
        self.seconds = 0.5 if quick else 1.0
        self.starts = 10
        self.idle_seconds = 2 if quick else 5
        self.requests_max = {"place_order": ORDERS_MAX, "get_quote": 1_000_000, "get_historical_data": 200_000}
        self.order_sections = ORDER_SECTIONS
        self.cpu = None
        self.results = {}  # of the round under way, by measure
        self.bodies = {}
        self.notes = []
        self.work = Work()
        self.symbol_count = 1000
        self.many_count = 20_000 if quick else 100_000
        self.quotes_rows = 1_000_000 if quick else 3_000_000
        self.one_symbol = "QAAAA"
        self.symbols = self._symbols("symbols", self.symbol_count)
        self.many_symbols = self._symbols("many", self.many_count)
        self.one_symbol_file = self._symbols("one", 1)
        self._quotes_file = None
        self._start_config = None

    def close(self):
        self.work.remove()

    def program(self, name):
        path = self.build / "bench" / name
        if not os.access(path, os.X_OK):
            raise Unmeasured(f"{path} is missing: build it first (ninja tradebus_benchmarks)")
        return path

    def need_daemon(self):
        if not os.access(self.daemon, os.X_OK):
            raise Unmeasured(f"{self.daemon} is missing: build it first (script/build)")

    @property
    def quotes_file(self):
        if self._quotes_file is None:
            path = self.work.path / "quotes.csv"
            subprocess.run([self.program("bench_make_quotes"), self.symbols, str(self.quotes_rows), path], check=True)
            self._quotes_file = path
        return self._quotes_file

    def start_config(self):
        if self._start_config is None:
            folder = self.work.fresh("start")
            self._start_config = folder / "tradebus.toml"
            write_config(self._start_config, folder / "data", "sim", {})
        return self._start_config

    def _symbols(self, name, count):
        letters = itertools.product(string.ascii_uppercase, repeat=4)
        path = self.work.path / f"{name}.txt"
        path.write_text("".join(f"Q{''.join(tail)}\n" for tail in itertools.islice(letters, count)))
        return path

    # -- the product's own bytes, for the anchors to carry -----------------------------------------------------------

    def capture(self):
        """Takes one quote and one reply a request from the daemon; without it, bodies of the usual size are made."""
        self._made_up()
        try:
            captured = {}
            with Children() as children:
                daemon = Daemon(children, self.daemon, self.work, sections={**measures.sim(10_000), **self.order_sections})
                quote = self.work.path / "quote.body"
                sub = children.start([self.program("bench_sub"), "--connect", daemon.stream, "--symbols", self.one_symbol_file,
                                      "--mode", "drain", "--count", 200, "--save", quote, "--deadline", 20])
                sub.result(30)
                captured["quote"] = quote
                for op in ("place_order", "get_quote", "get_historical_data"):
                    reply = self.work.path / f"{op}.reply"
                    children.start([self.program("bench_req"), "--connect", daemon.command, "--op", op, "--symbol", self.one_symbol,
                                    "--warm-up", 1, "--requests", 50, "--save", reply]).result(30)
                    captured[op] = reply
        except Unmeasured as error:
            self.notes.append(f"the anchors carry made-up bodies, not the daemon's: {error}")
        self.bodies.update({name: path for name, path in captured.items() if path.exists()})
        for name, path in self.bodies.items():
            if path.exists():
                self.notes.append(f"{name}: {path.stat().st_size} B")

    def _made_up(self):
        for op, size in (("place_order", 420), ("get_quote", 150), ("get_historical_data", 45_000)):
            reply = {"v": 1, "id": "00000000", "ok": True, "result": ""}
            reply["result"] = "x" * (size - len(msgpack.packb(reply)))
            path = self.work.path / f"{op}.made"
            path.write_bytes(msgpack.packb(reply))
            self.bodies[op] = path

    # -- rounds -------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def pinned(self, mode):
        self.cpu = min(os.sched_getaffinity(0)) if mode == "one-core" else None
        try:
            yield
        finally:
            self.cpu = None

    def round(self, rows, mode, failures):
        """One value a measurement, all of the same round; what fails is told once and left out."""
        self.results = results = {}
        for row in rows:
            for name in (reference.split(".")[0] for reference in (row.anchor, row.value) if reference):
                if name in results or (name, mode) in failures:
                    continue
                try:
                    with self.pinned(mode):
                        results[name] = measures.MEASURES[name](self)
                except Unmeasured as error:
                    failures[(name, mode)] = str(error)
                self.work.sweep("daemon")
        return results
