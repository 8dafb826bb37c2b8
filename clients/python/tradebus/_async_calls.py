"""Every request of the protocol, for asyncio: `_sync_calls` with await. Documentation is taken from there."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any, Literal, TypeVar, Unpack, cast

from tradebus import _calls
from tradebus._calls import BarSession, Call, OrderRef, Side, Timeframe, TimeInForce
from tradebus._sync_calls import OrderFields, SyncCalls
from tradebus._values import Number, TimeLike
from tradebus.models import (
    AccountSummary,
    Closure,
    DailySnapshot,
    Events,
    KillSwitchState,
    MarketSnapshot,
    Missed,
    NewsItem,
    Order,
    OrderPreview,
    Position,
    Quote,
    ReplayStep,
    ServerInfo,
    Session,
    Status,
    SymbolMatch,
    TickerDetails,
)
from tradebus.tables import Bars, OptionChain

T = TypeVar("T")
P = TypeVar("P")  # a page
R = TypeVar("R")  # all of them


class AsyncCalls:
    """See SyncCalls for what each call does and raises."""

    async def _run(self, call: Call[T], timeout: float | None = None) -> T:
        raise NotImplementedError

    async def _place(self, call: Call[Order], timeout: float | None) -> Order:
        raise NotImplementedError

    def _next_order_id(self) -> str:
        raise NotImplementedError

    async def _pages(self, pages: Generator[Call[P], P, R], timeout: float | None = None) -> R:
        call = next(pages)
        while True:
            page = await self._run(call, timeout)
            try:
                call = pages.send(page)
            except StopIteration as done:
                return cast(R, done.value)

    # ---- the daemon -----------------------------------------------------------------------------------------------

    async def hello(self) -> ServerInfo:
        return await self._run(_calls.hello(self._client_name(), self._silence_ms()))

    def _client_name(self) -> str:
        raise NotImplementedError

    def _silence_ms(self) -> int | None:
        raise NotImplementedError

    async def ping(self) -> int:
        return await self._run(_calls.ping())

    async def status(self) -> dict[str, Any]:
        return await self._run(_calls.status())

    async def connect(self, *, broker: str | None = None, provider: str | None = None) -> Status:
        return await self._run(_calls.link("connect", broker, provider))

    async def disconnect(self, *, broker: str | None = None, provider: str | None = None) -> Status:
        return await self._run(_calls.link("disconnect", broker, provider))

    async def replay_advance(self, until: int, name: str = "replay", *, timeout: float | None = None) -> ReplayStep:
        return await self._run(_calls.replay_advance(until, name), timeout)

    async def kill_switch(
        self,
        state: Literal["active", "reducing", "halted"] | None = None,
        *,
        cancel_open: bool | None = None,
        account: str | None = None,
        client: str | None = None,
        symbol: str | None = None,
        reason: str | None = None,
    ) -> list[KillSwitchState]:
        return await self._run(_calls.kill_switch(state, cancel_open, account, client, symbol, reason))

    async def reload_risk(self) -> int:
        return await self._run(_calls.reload_risk())

    async def cache_stats(self, kind: str | None = None) -> dict[str, Any]:
        return await self._run(_calls.cache_stats(kind))

    async def cache_clear(self, kind: str | None = None, *, symbol: str | None = None) -> dict[str, Any]:
        return await self._run(_calls.cache_clear(kind, symbol))

    # ---- market data ----------------------------------------------------------------------------------------------

    async def quote(self, symbol: str) -> Quote:
        return await self._run(_calls.quote(symbol))

    async def snapshot(self, symbol: str) -> MarketSnapshot:
        return await self._run(_calls.snapshot(symbol))

    async def bars(
        self,
        symbol: str,
        timeframe: Timeframe = "1d",
        start: TimeLike = "-30d",
        end: TimeLike | None = None,
        *,
        adjusted: bool | None = None,
        session: BarSession | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> Bars:
        return await self._pages(_calls.bars(symbol, timeframe, start, end, adjusted, session, limit), timeout)

    async def details(self, symbol: str) -> TickerDetails:
        return await self._run(_calls.details(symbol))

    async def daily(self, symbol: str) -> DailySnapshot:
        return await self._run(_calls.daily(symbol))

    async def news(self, symbol: str, *, limit: int | None = None, since: TimeLike | None = None) -> list[NewsItem]:
        return await self._run(_calls.news(symbol, limit, since))

    async def market_news(self, *, limit: int | None = None, since: TimeLike | None = None) -> list[NewsItem]:
        return await self._run(_calls.market_news(limit, since))

    async def chain(
        self,
        underlying: str,
        expiry: date | str | None = None,
        *,
        strike_min: Number | None = None,
        strike_max: Number | None = None,
        right: Literal["call", "put"] | None = None,
        limit: int | None = None,
        broker: str | None = None,
        provider: str | None = None,
        timeout: float | None = None,
    ) -> OptionChain:
        call = _calls.chain(underlying, expiry, strike_min, strike_max, right, limit, broker, provider)
        return await self._run(call, timeout)

    async def missed(self, topic: str, after: int, *, limit: int | None = None) -> Missed:
        return await self._run(_calls.missed(topic, after, limit))

    async def search(self, text: str) -> list[SymbolMatch]:
        return await self._run(_calls.search(text))

    async def calendar(
        self, exchange: str, start: TimeLike, end: TimeLike, *, extended: bool | None = None
    ) -> list[Session]:
        return await self._pages(_calls.calendar(exchange, start, end, extended))

    async def closures(self, exchange: str, start: TimeLike, end: TimeLike) -> list[Closure]:
        return await self._pages(_calls.closures(exchange, start, end))

    # ---- orders ---------------------------------------------------------------------------------------------------

    async def place_order(
        self,
        symbol: str,
        side: Side,
        qty: Number | None = None,
        *,
        retry: bool = True,
        timeout: float | None = None,
        **fields: Unpack[OrderFields],
    ) -> Order:
        fields = {**fields}
        given = fields.pop("client_order_id", None)
        client_order_id = self._next_order_id() if given is None else given
        args = _calls.order_args(symbol, side, client_order_id, {"qty": qty, **fields})
        return await self._place(_calls.place_order(args, retry), timeout)

    async def buy(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        return await self.place_order(symbol, "buy", qty, **fields)

    async def sell(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        return await self.place_order(symbol, "sell", qty, **fields)

    async def sell_short(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        return await self.place_order(symbol, "sell_short", qty, **fields)

    async def buy_to_cover(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        return await self.place_order(symbol, "buy_to_cover", qty, **fields)

    async def preview(
        self,
        symbol: str,
        side: Side,
        qty: Number | None = None,
        *,
        timeout: float | None = None,
        **fields: Unpack[OrderFields],
    ) -> OrderPreview:
        args = _calls.order_args(symbol, side, None, {"qty": qty, **fields})
        return await self._run(_calls.preview(args), timeout)

    async def replace(
        self,
        order: OrderRef | None = None,
        *,
        client_order_id: str | None = None,
        qty: Number | None = None,
        limit_price: Number | None = None,
        stop_price: Number | None = None,
        time_in_force: TimeInForce | None = None,
    ) -> Order:
        return await self._run(_calls.replace(order, client_order_id, qty, limit_price, stop_price, time_in_force))

    async def cancel(self, order: OrderRef | None = None, *, client_order_id: str | None = None) -> Order:
        return await self._run(_calls.cancel(order, client_order_id))

    async def cancel_all(
        self, *, broker: str | None = None, account: str | None = None, symbol: str | None = None
    ) -> int:
        return await self._run(_calls.cancel_all(broker, account, symbol))

    async def order(self, order: OrderRef | None = None, *, client_order_id: str | None = None) -> Order:
        return await self._run(_calls.order(order, client_order_id))

    async def orders(
        self,
        status: Literal["open", "all"] | None = None,
        *,
        since: TimeLike | None = None,
        account: str | None = None,
        symbol: str | None = None,
        client: str | None = None,
        limit: int | None = None,
        after_order: OrderRef | None = None,
    ) -> list[Order]:
        return await self._run(_calls.orders(status, since, account, symbol, client, limit, after_order))

    async def positions(self, *, broker: str | None = None, account: str | None = None) -> list[Position]:
        return await self._run(_calls.positions(broker, account))

    async def accept_positions(
        self, *, broker: str | None = None, account: str | None = None, symbol: str | None = None
    ) -> int:
        return await self._run(_calls.accept_positions(broker, account, symbol))

    async def account(self, account: str | None = None, *, broker: str | None = None) -> AccountSummary:
        return await self._run(_calls.account(broker, account))

    async def events(
        self, after: int, until: int | None = None, *, account: str | None = None, limit: int | None = None
    ) -> Events:
        return await self._run(_calls.events(after, until, account, limit))


for _name, _method in vars(AsyncCalls).items():
    if not _name.startswith("_"):
        _method.__doc__ = getattr(SyncCalls, _name).__doc__
