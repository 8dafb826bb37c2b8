"""Puts a topic's messages in order, each once, and says what must be asked for. No sockets, no clock.

`Tracker` is for topics whose seq rises by one: a jump is a loss, and the ring of the daemon is asked (get_missed).
`JournalTracker` is for order events, which share one sequence over all accounts: a jump may be a loss or only another
account's event, and the journal is asked (get_events)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PENDING_MAX = 20_000
"""Messages held back while a hole is being filled; more, and the hole is given up, so that memory is bounded."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Messages that are lost for good: first and last seq, both inclusive."""

    first: int
    last: int


Ready = tuple[int, Any]  # seq, and an item or a Hole


class Tracker:
    """next: the seq expected next; 0 = none seen yet, so that any may be the first."""

    __slots__ = ("next", "pending", "asking", "asked_from", "asked_until", "generation", "duplicates")

    def __init__(self) -> None:
        self.next = 0
        self.pending: dict[int, Any] = {}
        self.asking = False
        self.asked_from = 0
        self.asked_until = 0
        self.generation = 0
        self.duplicates = 0

    def accept(self, seq: int, item: Any, recover: bool) -> tuple[list[Ready], int | None]:
        """One live message. Returns what can be delivered now, and the seq after which to ask, if there is a hole."""
        if self.next == 0 or (seq == self.next and not self.pending):
            self.next = seq + 1
            return [(seq, item)], None
        if seq < self.next or seq in self.pending:
            self.duplicates += 1
            return [], None
        self.pending[seq] = item
        ready = self._drain()
        if not self.pending:
            return ready, None
        if not recover or len(self.pending) > PENDING_MAX:
            ready += self._give_up(max(self.pending))
            return ready, None
        return ready, self._ask()

    def answer(
        self, messages: Iterable[tuple[int, Any]], first_kept: int | None = None
    ) -> tuple[list[Ready], int | None]:
        """The daemon's answer: messages after the question's seq, oldest first, perhaps only the first of them."""
        self.asking = False
        progress = self.next > self.asked_from  # late messages came meanwhile
        newest = 0
        for seq, item in messages:
            newest = max(newest, seq)
            if seq >= self.next and seq not in self.pending:
                self.pending[seq] = item
                progress = progress or seq <= self.asked_until
        ready = self._drain()
        # What is older than the oldest kept, or skipped by the answer, the daemon does not have.
        ready += self._give_up(min(max(newest, (first_kept or 0) - 1), self.asked_until))
        if not progress:
            ready += self._give_up(self.asked_until)
        return ready, (self._ask() if self.pending else None)

    def fail(self) -> tuple[list[Ready], int | None]:
        """There was no answer: what is missing stays missing."""
        self.asking = False
        ready = self._give_up(self.asked_until)
        return ready, (self._ask() if self.pending else None)

    def restart(self, first: int) -> list[Ready]:
        """The daemon started anew: what was held back goes out, then everything from seq `first` on counts; 0 = any."""
        ready = self._give_up(max(self.pending)) if self.pending else []
        self.asking = False
        self.asked_until = 0
        self.generation += 1
        self.next = first
        return ready

    def _ask(self) -> int | None:
        if self.asking:
            return None
        self.asking = True
        self.asked_from = self.next
        self.asked_until = min(self.pending) - 1
        return self.next - 1

    def _drain(self) -> list[Ready]:
        ready: list[Ready] = []
        while self.pending and self.next in self.pending:
            ready.append((self.next, self.pending.pop(self.next)))
            self.next += 1
        return ready

    def _give_up(self, until: int) -> list[Ready]:
        """Delivers in order up to seq `until`, with Holes for what is not there, then whatever follows without one."""
        ready: list[Ready] = []
        while self.next <= until:
            have = min((seq for seq in self.pending if seq >= self.next), default=until + 1)
            last = min(have - 1, until)
            if last >= self.next:
                ready.append((self.next, Hole(self.next, last)))
                self.next = last + 1
            ready += self._drain()
        return ready + self._drain()


class JournalTracker:
    """One for all order topics of a client."""

    __slots__ = ("next", "pending", "asking", "duplicates")

    def __init__(self) -> None:
        self.next = 0
        self.pending: dict[int, Any] = {}
        self.asking = False
        self.duplicates = 0

    def baseline(self, last_seq: int) -> None:
        """What the journal had when the subscription began, when no event has told yet."""
        if self.next == 0:
            self.next = last_seq + 1

    def accept(self, seq: int, item: Any, recover: bool) -> tuple[list[Ready], int | None]:
        if seq < self.next or seq in self.pending:
            self.duplicates += 1
            return [], None
        if not self.asking and (self.next in (0, seq) or not recover):
            self.next = seq + 1
            return [(seq, item)], None
        self.pending[seq] = item
        if len(self.pending) > PENDING_MAX:
            return self.fail()
        return [], self.ask()

    def ask(self) -> int | None:
        """Something may be missing: the seq after which to ask; None while a question is open or nothing is known."""
        if self.asking or self.next == 0:
            return None
        self.asking = True
        return self.next - 1

    def answer(
        self, events: Iterable[tuple[int, Any]], first_kept: int | None = None
    ) -> tuple[list[Ready], int | None]:
        """The journal's events after the question's seq, perhaps only the first of them."""
        self.asking = False
        hole: list[Ready] = []
        if first_kept is not None and first_kept > self.next:
            hole = [(self.next, Hole(self.next, first_kept - 1))]
            self.next = first_kept
        boundary = min(self.pending, default=None)
        newest = 0
        for seq, item in events:
            if seq >= self.next:
                newest = max(newest, seq)
                self.pending.setdefault(seq, item)
        if newest == 0:
            self.next = boundary or self.next  # nothing was lost: the seqs between belong to other accounts
        ready = hole + self._flush(newest)
        further = bool(self.pending) or (newest != 0 and (boundary is None or newest < boundary))
        return ready, (self.ask() if further else None)

    def fail(self) -> tuple[list[Ready], int | None]:
        """No answer: what may be missing is named, and what was held back goes out."""
        self.asking = False
        if not self.pending:
            return [], None
        first = min(self.pending)
        ready: list[Ready] = [(self.next, Hole(self.next, first - 1))] if first > self.next else []
        self.next = first
        ready += self._flush(0)
        return ready, (self.ask() if self.pending else None)

    def _flush(self, until: int) -> list[Ready]:
        """Everything up to seq `until`, then what follows without a jump."""
        ready: list[Ready] = []
        for seq in sorted(self.pending):
            if seq > until and seq != self.next:
                break
            ready.append((seq, self.pending.pop(seq)))
            self.next = seq + 1
        return ready
