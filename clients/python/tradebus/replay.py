"""A recording that waits for its strategy: tradebusd with providers.replay.lockstep = true."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tradebus.aio_subscription import AsyncSubscription
from tradebus.errors import RequestTimeout
from tradebus.models import ReplayStep
from tradebus.subscription import Subscription

if TYPE_CHECKING:
    from tradebus.aio import AsyncClient
    from tradebus.client import Client

HEAR_S = 0.05  # how long a step may take to come on the stream before the subscription counts as not yet in force


class Replay:
    """Open it after the subscriptions: from then on they are in force, and the recording has not begun.

        with bus.quotes("AAPL") as quotes, bus.replay() as replay:
            until = start
            while not replay.advance(until := until + 60_000_000_000).ended:
                while quote := quotes.get(0):
                    ...
                bus.buy("AAPL", 1)  # at the time of the step, in every run

    After advance() every event up to there waits in its subscription, order events too. Orders that were answered
    before it reach their broker at the time of the step; between two orders of one step call settle(). One strategy
    drives a recording; the daemon's answers are the same in every run when the questions are."""

    def __init__(self, client: Client, name: str, steps: Subscription[ReplayStep], timeout: float) -> None:
        self._client = client
        self._name = name
        self._steps = steps
        self._timeout = timeout
        deadline = time.monotonic() + timeout
        while self._heard(client.replay_advance(0, name).seq, HEAR_S) is None:
            if time.monotonic() > deadline:
                raise _unheard(name, timeout)

    def advance(self, until: int, timeout: float | None = None) -> ReplayStep:
        """Plays on up to this recorded time (ns UTC), at most `timeout` seconds long (default: the client's)."""
        timeout = self._timeout if timeout is None else timeout
        step = self._client.replay_advance(until, self._name, timeout=timeout)
        if self._heard(step.seq, timeout) is None:
            raise _unheard(self._name, timeout)
        return step

    def settle(self, timeout: float | None = None) -> ReplayStep:
        """Time stands still until all that follows from the last order is recorded and told: between two orders that
        are sent at one step."""
        return self.advance(0, timeout)

    def close(self) -> None:
        self._steps.close()

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _heard(self, seq: int, timeout: float) -> ReplayStep | None:
        deadline = time.monotonic() + timeout
        while True:
            step = self._steps.get(max(0.0, deadline - time.monotonic()))
            if step is None or step.seq >= seq:
                return step


class AsyncReplay:
    """See Replay; AsyncClient.replay() makes it."""

    def __init__(self, client: AsyncClient, name: str, steps: AsyncSubscription[ReplayStep], timeout: float) -> None:
        self._client = client
        self._name = name
        self._steps = steps
        self._timeout = timeout

    async def advance(self, until: int, timeout: float | None = None) -> ReplayStep:
        """See Replay.advance."""
        timeout = self._timeout if timeout is None else timeout
        step = await self._client.replay_advance(until, self._name, timeout=timeout)
        if await self._heard(step.seq, timeout) is None:
            raise _unheard(self._name, timeout)
        return step

    async def settle(self, timeout: float | None = None) -> ReplayStep:
        """See Replay.settle."""
        return await self.advance(0, timeout)

    async def close(self) -> None:
        await self._steps.close()

    async def __aenter__(self) -> AsyncReplay:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def begin(self) -> None:
        """Until the subscriptions are in force; the client has awaited it."""
        deadline = time.monotonic() + self._timeout
        while await self._heard((await self._client.replay_advance(0, self._name)).seq, HEAR_S) is None:
            if time.monotonic() > deadline:
                raise _unheard(self._name, self._timeout)

    async def _heard(self, seq: int, timeout: float) -> ReplayStep | None:
        deadline = time.monotonic() + timeout
        while True:
            step = await self._steps.get(max(0.0, deadline - time.monotonic()))
            if step is None or step.seq >= seq:
                return step


def _unheard(name: str, timeout: float) -> RequestTimeout:
    return RequestTimeout("request.timeout", f"the steps of {name} do not come on the stream within {timeout:g} s")
