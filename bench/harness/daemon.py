"""The daemon under measurement: its configuration, and what /proc tells about it."""

import collections
import os
import time

import msgpack
import zmq

from .processes import Unmeasured, endpoints

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def write_config(path, data_dir, provider, sections):
    """One broker, one provider, free ports; `sections` are added to and win over these."""
    config = {
        "engine": {"broker": ["paper"], "data_provider": [provider], "data_dir": str(data_dir)},
        "bus": {"stream": ["tcp://127.0.0.1:0"], "command": ["tcp://127.0.0.1:0"], "admin": "127.0.0.1:0"},
        "log": {"level": "warn"},
    }
    for section, keys in sections.items():
        config.setdefault(section, {}).update(keys)
    with open(path, "w") as out:
        for section, keys in config.items():
            out.write(f"[{section}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in keys.items()))


class Daemon:
    """A running tradebusd, ready."""

    def __init__(self, children, program, work, provider="sim", sections=None, kept=None):
        """`kept`: a folder whose data it goes on with."""
        if not os.access(program, os.X_OK):
            raise Unmeasured(f"{program} is missing: build it first (script/build)")
        folder = kept or work.fresh("daemon")
        write_config(folder / "tradebus.toml", folder / "data", provider, sections or {})
        self.child = children.start([program, "--config", folder / "tradebus.toml"])
        ready = endpoints(self.child.line("ready", 15))
        self.stream = ready["stream"].split(",")[0]
        self.command = ready["command"].split(",")[0]

    def must_live(self):
        code = self.child.process.poll()
        if code is not None:
            raise Unmeasured(f"tradebusd ended by itself while it was measured (exit code {code}){self.child.errors()}")

    def ask(self, op, timeout=10):
        """One request; its result."""
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.linger = 0
            socket.connect(self.command)
            socket.send(msgpack.packb({"v": 1, "id": op, "op": op, "args": {}}))
            if not socket.poll(timeout * 1000):
                raise Unmeasured(f"the daemon didn't answer {op}")
            reply = msgpack.unpackb(socket.recv())
        if not reply["ok"]:
            raise Unmeasured(f"{op}: {reply['error']}")
        return reply["result"]

    def await_broker(self, timeout=30):
        deadline = time.monotonic() + timeout
        while any(broker["state"] != "up" for broker in self.ask("get_status")["brokers"]):
            if time.monotonic() > deadline:
                raise Unmeasured(f"no broker is up after {timeout} s")
            time.sleep(0.05)

    def await_topics(self, count, timeout=60):
        deadline = time.monotonic() + timeout
        while (known := self.ask("get_status")["bus"]["topics"]) < count:
            if time.monotonic() > deadline:
                raise Unmeasured(f"the daemon knows {known} of {count} topics after {timeout} s")
            time.sleep(0.2)

    def rss_kb(self):
        with open(f"/proc/{self.child.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1])
        raise Unmeasured(f"tradebusd has ended{self.child.errors()}")

    def settled_rss_kb(self, timeout=60):
        """Resident memory once it has stopped growing for a second."""
        deadline = time.monotonic() + timeout
        last, since = self.rss_kb(), time.monotonic()
        while time.monotonic() - since < 1:
            if time.monotonic() > deadline:
                raise Unmeasured("the daemon's memory didn't settle")
            time.sleep(0.1)
            now = self.rss_kb()
            if now > last + 64:
                last, since = now, time.monotonic()
        return self.rss_kb()

    def cpu_s(self):
        """CPU seconds so far, by thread name."""
        by_thread = collections.Counter()
        for task in os.listdir(f"/proc/{self.child.pid}/task"):
            try:
                with open(f"/proc/{self.child.pid}/task/{task}/stat") as stat:
                    text = stat.read()
            except FileNotFoundError:
                continue
            name = text[text.index("(") + 1:text.rindex(")")]
            fields = text[text.rindex(")") + 2:].split()
            by_thread[name] += (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
        return by_thread
