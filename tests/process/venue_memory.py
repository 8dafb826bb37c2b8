"""What the daemon and the paper broker have on disk, read without them: the other side of the comparison.

Both keep segment logs (engine/services/segment_log/segment_format.hpp); the paper broker's payloads are laid out in
actors/brokers/paper/paper_records.cpp, the journal's heads in engine/journal/record_codec.hpp. A file that is being
written is read up to its last whole record."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = 64
_FRAME = 16
_UNIT = 10**9
_SIDES = (1, -1, -1, 1)  # buy, sell, sell_short, buy_to_cover
_TAKEN, _REPLACED, _FILLED, _CLOSED = 1, 4, 5, 6


def records(folder: Path) -> Iterator[tuple[int, bytes]]:
    """(seq, payload) of every record of a log, in order."""
    for path in sorted(folder.glob("*.seg")):
        data = path.read_bytes()
        at = _HEADER
        while at + _FRAME <= len(data):
            length, _, seq = struct.unpack_from("<IIQ", data, at)
            length &= 0x7FFF_FFFF
            if seq == 0 or at + _FRAME + length > len(data):
                break
            yield seq, data[at + _FRAME : at + _FRAME + length]
            at += (_FRAME + length + 7) & ~7


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self, code: str) -> int:
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return int(value)

    def text(self) -> str:
        size = self.number("I")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def quantity(self) -> int:
        """In billionths."""
        if self.number("B"):
            return self.number("q")
        low, high = self.number("Q"), self.number("q")
        return (high << 64) + low


@dataclass
class VenueOrder:
    order_id: str
    symbol: str
    sign: int
    filled: int = 0
    closed: bool = False
    execs: list[str] = field(default_factory=list)


@dataclass
class VenueMemory:
    """The venue's truth. Quantities in billionths."""

    orders: dict[str, VenueOrder] = field(default_factory=dict)
    fills: dict[str, tuple[str, int]] = field(default_factory=dict)  # exec_id: (order_id, quantity)
    twice: list[str] = field(default_factory=list)  # orders and executions that are there more than once

    @property
    def positions(self) -> dict[str, int]:
        out: dict[str, int] = {}
        for order in self.orders.values():
            out[order.symbol] = out.get(order.symbol, 0) + order.sign * order.filled
        return {symbol: qty for symbol, qty in out.items() if qty}

    @property
    def open(self) -> set[str]:
        return {order.order_id for order in self.orders.values() if not order.closed}


def paper_memory(data: Path, broker: str = "paper") -> VenueMemory:
    out = VenueMemory()
    quantities: dict[str, int] = {}
    for _, payload in records(data / "paper" / broker):
        reader = _Reader(payload)
        kind = reader.number("B")
        reader.number("B")  # how many fields
        if kind == _TAKEN:
            reader.number("q")
            order_id = reader.text()
            reader.number("Q")
            reader.number("B")
            reader.text()
            symbol, side = reader.text(), reader.number("B")
            quantities[order_id] = reader.quantity() if reader.number("B") else 0
            if order_id in out.orders:
                out.twice.append(order_id)
            out.orders[order_id] = VenueOrder(order_id, symbol, _SIDES[side])
        elif kind == _REPLACED:
            reader.number("q")
            order_id = reader.text()
            quantities[order_id] = reader.quantity()
            order = out.orders[order_id]
            order.closed = order.closed or order.filled >= quantities[order_id]
        elif kind == _FILLED:
            order = out.orders[reader.text()]
            reader.number("B")
            exec_id, qty = reader.text(), reader.quantity()
            if exec_id in out.fills:
                out.twice.append(exec_id)
            out.fills[exec_id] = (order.order_id, qty)
            order.filled += qty
            order.execs.append(exec_id)
            order.closed = order.closed or order.filled >= quantities[order.order_id]
        elif kind == _CLOSED:
            reader.number("q")
            out.orders[reader.text()].closed = True
    return out


def journal_seqs(data: Path) -> tuple[list[int], list[int]]:
    """(every seq of the order journal, those of order events)."""
    every, events = [], []
    for seq, payload in records(data / "journal"):
        every.append(seq)
        if payload[0] == 1:
            events.append(seq)
    return every, events
