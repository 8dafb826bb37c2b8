"""Starts the real daemon for a test and speaks the protocol to it with plain ZeroMQ and msgpack: no client library of
ours stands between the check and the wire.

    with Daemon(tmp_path) as daemon:
        quotes = daemon.subscribe("quote|AAPL|")
        assert daemon.request("ping")["ts"] > 0
        quotes.until(lambda topic, body: body["seq"] == 5)

Nothing here sleeps for its own sake: every wait has a condition and a deadline. A daemon that is stopped must end with
status 0 within two seconds, and must have said nothing on standard error that the test did not allow.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import zmq

DEADLINE_S = float(os.environ.get("TRADEBUS_TEST_DEADLINE_S", "30"))
"""For everything that must happen. Large, because sanitizers and busy machines are slow; no test waits it out."""

STOP_S = 2.0
"""What a daemon may take to end. Sanitizer builds may take longer: TRADEBUS_STOP_S."""

_READY = re.compile(r"ready stream=(\S+) command=(\S+) admin=(\S+) epoch=(\d+)")
_SANITIZER = re.compile(r"(Address|Leak|Thread|Memory)Sanitizer|runtime error:|SUMMARY: ")


def binary(name: str) -> str:
    """A program of the build: in TRADEBUS_BIN_DIR, else in the checkout's build/bin."""
    folder = os.environ.get("TRADEBUS_BIN_DIR") or Path(__file__).parents[2] / "build" / "bin"
    return str(Path(folder) / name)


def eventually(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """The condition's value once it is true. For conditions that ask the daemon, which takes its own time to answer."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"not within {deadline_s:g} s: {what}"


class RequestFailed(Exception):
    """The daemon answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.error = error
        self.code = error.get("code")


# ---- sockets --------------------------------------------------------------------------------------------------------


class Requester:
    """A DEALER. `request` waits for its own answer; `send` and `receive` are for what a test does by hand."""

    def __init__(self, context: zmq.Context[Any], endpoint: str, client: str | None = None) -> None:
        self.socket: zmq.Socket[bytes] = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(endpoint)
        self._ids = itertools.count(1)
        if client is not None:
            self.request("hello", client=client)

    def send(self, *frames: bytes) -> None:
        self.socket.send_multipart([b"", *frames])

    def receive(self, deadline_s: float = DEADLINE_S) -> Any:
        """The body of the next answer."""
        assert self.socket.poll(int(deadline_s * 1000)), f"no answer within {deadline_s:g} s"
        return msgpack.unpackb(self.socket.recv_multipart()[-1])

    def ask(self, op: str, args: dict[str, Any] | None = None, **more: Any) -> Any:
        """The whole reply to one request, matched by its id."""
        request_id = next(self._ids)
        self.send(msgpack.packb({"v": 1, "id": request_id, "op": op, "args": args or {}, **more}))
        while True:
            reply = self.receive()
            if reply.get("id") == request_id:
                assert reply["v"] == 1 and isinstance(reply["ok"], bool)
                return reply

    def request(self, op: str, **args: Any) -> Any:
        """The result. Raises RequestFailed."""
        reply = self.ask(op, args)
        if not reply["ok"]:
            raise RequestFailed(reply["error"])
        return reply["result"]


class Stream:
    """A SUB. Messages are (topic, body)."""

    def __init__(self, context: zmq.Context[Any], endpoint: str, *topics: str) -> None:
        self.socket: zmq.Socket[bytes] = context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.rcvhwm = 0
        self.socket.connect(endpoint)
        self.subscribe(*topics)

    def subscribe(self, *topics: str) -> None:
        for topic in topics:
            self.socket.subscribe(topic.encode())

    def unsubscribe(self, *topics: str) -> None:
        for topic in topics:
            self.socket.unsubscribe(topic.encode())

    def next(self, deadline_s: float = DEADLINE_S) -> tuple[str, dict[str, Any]]:
        """The next message."""
        assert self.socket.poll(int(max(0.0, deadline_s) * 1000)), f"no message within {deadline_s:.1f} s"
        topic, body = self.socket.recv_multipart()
        return topic.decode(), msgpack.unpackb(body)

    def take(self, count: int) -> list[dict[str, Any]]:
        """The bodies of the next `count` messages."""
        end = time.monotonic() + DEADLINE_S
        return [self.next(end - time.monotonic())[1] for _ in range(count)]

    def until(
        self, condition: Callable[[str, dict[str, Any]], Any], deadline_s: float = DEADLINE_S
    ) -> list[tuple[str, dict[str, Any]]]:
        """All messages up to and with the first one for which the condition holds."""
        end = time.monotonic() + deadline_s
        seen: list[tuple[str, dict[str, Any]]] = []
        while not seen or not condition(*seen[-1]):
            left = end - time.monotonic()
            assert left > 0 and self.socket.poll(int(left * 1000) + 1), (
                f"not within {deadline_s:g} s; {len(seen)} messages came, the last: {seen[-1:]}"
            )
            topic, body = self.socket.recv_multipart()
            seen.append((topic.decode(), msgpack.unpackb(body)))
        return seen

    def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """What has come, without waiting."""
        seen = []
        while self.socket.poll(0):
            seen.append(self.next(0))
        return seen


# ---- the process ----------------------------------------------------------------------------------------------------


def config_text(sections: dict[str, dict[str, Any]]) -> str:
    """TOML of plain values; JSON's texts, numbers, booleans and lists are TOML's too."""
    lines = []
    for name, keys in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items()), ""]
    return "\n".join(lines)


class Daemon:
    """tradebusd on free ports, with its data in `folder`. `config` adds to the sections, or replaces their keys.

    prefix: words before the program's own, which it becomes (nsenter ...).
    expect_stderr: a pattern for the lines that this test makes the daemon write. `restart()` keeps the data, and the
    ports too with same_ports=True."""

    def __init__(
        self,
        folder: Path,
        config: dict[str, dict[str, Any]] | None = None,
        *,
        expect_stderr: str | None = None,
        environment: dict[str, str] | None = None,
        prefix: list[str] | None = None,
        ready: bool = True,
    ) -> None:
        self.folder = folder
        self.expect_stderr = expect_stderr
        self.prefix = prefix or []
        self.context: zmq.Context[Any] = zmq.Context()
        self._config = {
            "engine": {"data_dir": str(folder / "data")},
            "bus": {"stream": ["tcp://127.0.0.1:0"], "command": ["tcp://127.0.0.1:0"], "admin": "127.0.0.1:0"},
            "log": {"level": "warn"},
        }
        for name, keys in (config or {}).items():
            self._config[name] = {**self._config.get(name, {}), **keys}
        # Only what it needs: variables of this session must not configure it.
        wanted = [key for key in os.environ if key in ("PATH", "TZ", "LD_LIBRARY_PATH") or key.endswith("SAN_OPTIONS")]
        self.environment = {**{key: os.environ[key] for key in wanted}, "HOME": str(folder), **(environment or {})}
        self._requester: Requester | None = None
        self.stream = self.command = self.admin = ""
        self.epoch = 0
        self._start()
        if ready:
            self.wait_ready()

    # ---- life ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True)
        path = self.folder / "tradebus.toml"
        path.write_text(config_text(self._config))
        self._stderr_path = self.folder / "stderr.txt"
        with self._stderr_path.open("ab") as stderr:
            self._stderr_from = stderr.tell()
            self.process = subprocess.Popen(
                [*self.prefix, binary("tradebusd"), "--config", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self.folder,
                env=self.environment,
            )
        self._stdout = b""

    def wait_ready(self) -> None:
        found = _READY.fullmatch(self.read_line())
        assert found, f"not a ready line: {self._stdout!r}"
        # Of several endpoints the first is the test's ordinary one.
        self.stream, self.command = found[1].split(",")[0], found[2].split(",")[0]
        self.admin, self.epoch = found[3], int(found[4])

    def read_line(self, deadline_s: float = DEADLINE_S) -> str:
        """The next line of standard output."""
        assert self.process.stdout is not None
        end = time.monotonic() + deadline_s
        while b"\n" not in self._stdout:
            left = end - time.monotonic()
            readable = left > 0 and select.select([self.process.stdout], [], [], left)[0]
            assert readable, f"no line on standard output within {deadline_s:g} s; standard error: {self.stderr()}"
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, f"the daemon ended with {self.process.wait()}; standard error: {self.stderr()}"
            self._stdout += more
        line, self._stdout = self._stdout.split(b"\n", 1)
        return line.decode()

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        """Ends it as an operator would, and checks how it went."""
        self._close_requester()
        if self.process.poll() is None:
            started = time.monotonic()
            self.process.send_signal(with_signal)
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"the daemon ignored signal {with_signal}; {self.stderr()}") from None
            took = time.monotonic() - started
            allowed = float(os.environ.get("TRADEBUS_STOP_S", STOP_S))
            assert took <= allowed, f"the daemon took {took:.1f} s to end; {allowed:g} s are allowed"
        self._close_stdout()
        self.check_stderr()
        assert self.process.returncode == 0, f"exit status {self.process.returncode}; standard error: {self.stderr()}"

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._close_requester()
        self.process.kill()
        self.process.wait()
        self._close_stdout()

    def restart(self, *, same_ports: bool = False) -> None:
        """Starts it again over the same data. It must have ended."""
        assert self.process.poll() is not None
        if same_ports:
            admin = "" if self.admin == "none" else self.admin.removeprefix("http://")
            self._config["bus"] |= {"stream": [self.stream], "command": [self.command], "admin": admin}
        self._start()
        self.wait_ready()

    def stderr(self) -> str:
        """What this start of it has written there."""
        return self._stderr_path.read_bytes()[self._stderr_from :].decode(errors="replace")

    def check_stderr(self) -> None:
        text = self.stderr()
        assert not _SANITIZER.search(text), text
        lines = [line for line in text.splitlines() if line.strip()]
        surprises = [x for x in lines if self.expect_stderr is None or not re.search(self.expect_stderr, x)]
        assert not surprises, "unexpected on standard error:\n" + "\n".join(surprises)

    def _close_stdout(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()

    def close(self) -> None:
        """Without checks: for a test that has failed already."""
        if self.process.poll() is None:
            self.kill()
        self.context.destroy(0)

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        try:
            if failure is None:
                self.stop()
        finally:
            self.close()

    # ---- the bus --------------------------------------------------------------------------------------------------

    def request(self, op: str, **args: Any) -> Any:
        """One request over a DEALER that lives as long as the daemon. Raises RequestFailed."""
        if self._requester is None:
            self._requester = self.requester("harness")
        return self._requester.request(op, **args)

    def requester(self, client: str | None = None) -> Requester:
        return Requester(self.context, self.command, client)

    def subscribe(self, *topics: str) -> Stream:
        return Stream(self.context, self.stream, *topics)

    def _close_requester(self) -> None:
        if self._requester is not None:
            self._requester.socket.close(0)
            self._requester = None


def items(value: Any) -> Iterator[dict[str, Any]]:
    """Every map in an answer, however deep: for get_status, whose shape may grow."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from items(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from items(inner)
