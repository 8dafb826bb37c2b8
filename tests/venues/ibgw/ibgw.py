"""Starts ibgw-sim for a test, speaks its protocol with sockets alone, and works its control port."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy leads to this machine

DEADLINE_S = 30.0
ACCOUNT = "DU1234567"
AAPL = 265598

Message = list[str]


def binary() -> Path:
    folder = os.environ.get("TRADEBUS_BIN_DIR") or Path(__file__).parents[3] / "build" / "bin"
    return Path(folder) / "ibgw-sim"


def frame(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


def fields(*values: object) -> bytes:
    """One message; each value becomes a field."""
    return frame(b"".join(str(value).encode() + b"\0" for value in values))


def line(text: str) -> bytes:
    """A message in the form of recordings: `|` ends a field."""
    return frame(text.encode().replace(b"|", b"\0"))


class Gateway:
    """One simulator. Its recording stands still unless a rate is given."""

    def __init__(self, *arguments: str) -> None:
        rate = [] if "--rate" in arguments else ["--rate", "0"]
        self.process = subprocess.Popen(
            [binary(), "--control", "0", *rate, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], DEADLINE_S)[0], "ibgw-sim said nothing"
        ready: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.port: int = ready["port"]
        self.control_url: str = ready["control"]

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(DEADLINE_S) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def control(self, path: str, method: str = "POST", **body: Any) -> Any:
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.control_url + path, data=data, method=method)
        with DIRECT.open(request, timeout=DEADLINE_S) as answer:
            return json.loads(answer.read())

    def quote(self, symbol: str, bid: str, ask: str, size: str = "100000") -> None:
        self.control("/quote", symbol=symbol, bid=bid, ask=ask, bid_size=size, ask_size=size)


class Closed(Exception):
    """The gateway ended the connection."""


class Client:
    """A raw client. `start` is the handshake and startApi."""

    def __init__(self, port: int, client: int | None = 1, versions: str = "v157..178", pace: bool = False) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self._buffer = b""
        self.send(b"API\0" + frame((versions + (" +PACEAPI" if pace else "")).encode()))
        self.version, self.time = 0, ""
        if client is None:
            return
        hello = self.read()
        self.version, self.time = int(hello[0]), hello[1]
        self.send(fields(71, 2, client, ""))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, *values: object) -> None:
        self.send(fields(*values))

    def read(self) -> Message:
        while True:
            if len(self._buffer) >= 4:
                (length,) = struct.unpack(">I", self._buffer[:4])
                if len(self._buffer) >= 4 + length:
                    payload, self._buffer = self._buffer[4 : 4 + length], self._buffer[4 + length :]
                    assert payload.endswith(b"\0"), "the last field has no end"
                    return payload[:-1].decode("utf-8", "replace").split("\0")
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise Closed
            self._buffer += data

    def until(self, wanted: Callable[[Message], bool]) -> list[Message]:
        """All messages up to the one that is wanted."""
        found: list[Message] = []
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            found.append(self.read())
            if wanted(found[-1]):
                return found
        raise AssertionError(f"not within {DEADLINE_S:g} s; last: {found[-3:]}")

    def until_id(self, *start: object) -> list[Message]:
        """Up to a message that begins with these fields."""
        texts = [str(value) for value in start]
        return self.until(lambda message: message[: len(texts)] == texts)

    def ready(self) -> list[Message]:
        return self.until_id(4, 2, -1, 2158)

    def quiet(self) -> list[Message]:
        """What comes before the answer to a question asked now."""
        self.ask(49, 1)
        return self.until_id(49)[:-1]

    def ends(self) -> bool:
        try:
            while True:
                self.read()
        except Closed:
            return True

    def close(self) -> None:
        self.socket.close()


def order(
    order_id: int,
    action: str = "BUY",
    quantity: object = 100,
    kind: str = "LMT",
    limit: object = "",
    aux: object = "",
    *,
    con_id: int = AAPL,
    sec_type: str = "STK",
    tif: str = "DAY",
    oca_group: str = "",
    account: str = ACCOUNT,
    ref: str = "",
    transmit: int = 1,
    parent: int = 0,
    legs: list[tuple[int, int, str]] | None = None,
    oca_type: int = 0,
    trailing_percent: object = "",
    what_if: int = 0,
    conditions: list[object] | None = None,
    good_till: str = "",
    algo: str = "",
    algo_params: dict[str, str] | None = None,
    limit_offset: object = "",
    version: int = 178,
) -> bytes:
    """placeOrder; what isn't said here is at its default."""
    symbol = "AAPL" if sec_type == "BAG" else ""
    out: list[object] = [
        3,
        order_id,
        con_id if sec_type != "BAG" else 0,
        symbol,
        sec_type,
        "",
        "0.0",
        "",
        "",
        "SMART",
        "",
        "USD",
        "",
        "",
    ]
    out += ["", "", action, quantity, kind, limit, aux, tif, oca_group, account, "", 0, ref, transmit, parent]
    out += [0, 0, 0, 0, 0, 0]
    if sec_type == "BAG":
        out += [len(legs or [])]
        for leg_id, ratio, leg_action in legs or []:
            out += [leg_id, ratio, leg_action, "SMART", 0, 0, "", -1]
        out += [0, 0]
    out += ["", "0.0", "", good_till, "", "", ""] + ([""] if version < 177 else []) + ["", 0, "", -1]
    out += [oca_type, "", "", 0, "", "", 0, 0, "", 0, "", "", "", "", "", 0, "", "", "", "", 0, ""]
    out += ["", trailing_percent, "", "", "", "", "", "", "", 0, "", "", 0, 0, algo]
    if algo:
        out += [len(algo_params or {}), *(text for pair in (algo_params or {}).items() for text in pair)]
    out += ["", what_if, "", 0, 0, 0]
    condition_fields = conditions or []
    out += condition_fields if condition_fields else [0]
    out += ["", "", limit_offset, "", "", "", 0, "", "", "", "", "", "", "", "", 0, 0, 0, ""]
    if version >= 158:
        out += [""]
    if version >= 160:
        out += [""]
    if version >= 162:
        out += [0]
    if version >= 166:
        out += [""]
    if version >= 169:
        out += [""]
    if version >= 170 and kind == "PEG MID":
        out += ["", ""]
    return fields(*out)


# -- what several tests ask and read -----------------------------------------------------------------------------------

UNSET = "1.7976931348623157E308"


def words(messages: list[Message]) -> list[str]:
    """The order of things: 5:Submitted (openOrder), 3:Submitted (orderStatus), 11, 59, 4:202."""
    out = []
    for message in messages:
        if message[0] == "5":
            out.append("5:" + message[93])
        elif message[0] == "3":
            out.append("3:" + message[2])
        elif message[0] == "4":
            out.append("4:" + message[3])
        else:
            out.append(message[0])
    return out


def details(client: Client, *c12: object, version: int = 178) -> list[Message]:
    client.ask(9, 8, 24, *c12, 0, "", "", *([""] if version >= 176 else []))
    return client.until(lambda m: m[0] in ("52", "4"))


def stock_data(client: Client, req_id: int, snapshot: int = 0, generics: str = "") -> None:
    client.ask(
        1, 11, req_id, AAPL, "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", "", 0, generics, snapshot, 0, ""
    )
