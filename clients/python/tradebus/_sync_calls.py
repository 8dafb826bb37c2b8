"""Every request of the protocol, as methods that wait. `_async_calls` is the same surface for asyncio."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import date
from typing import Any, Literal, TypedDict, TypeVar, Unpack, cast

from tradebus import _calls
from tradebus._calls import BarSession, Call, OrderRef, OrderType, Side, Timeframe, TimeInForce
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


class OrderFields(TypedDict, total=False):
    """What an order may say beside symbol, side and quantity. Prices in the instrument's currency.

    order_type follows from the prices when it is absent: none = market, limit_price = limit, stop_price = stop, both =
    stop_limit, a trail = trailing_stop, with limit_offset trailing_stop_limit. market_if_touched and limit_if_touched
    (stop_price is the touch), and market_to_limit, are said."""

    notional: Number  # money instead of a quantity, where the broker takes it
    order_type: OrderType
    limit_price: Number
    stop_price: Number
    trail_amount: Number  # trailing_stop, trailing_stop_limit: one of the two
    trail_percent: Number
    limit_offset: Number  # trailing_stop_limit: how far beyond the stop its limit lies
    target_strategy: str  # an algo or a type of the broker's own, by its name there: "Adaptive"
    strategy_parameters: Mapping[str, str]  # what it is told: {"adaptivePriority": "Urgent"}
    time_in_force: TimeInForce
    expires_at: TimeLike  # with time_in_force "gtd"
    extended_hours: bool
    broker: str
    account: str
    tag: str
    bracket: Mapping[str, Number]  # exits that wait for the entry: take_profit, stop_loss, [stop_loss_limit]
    oco: str  # a group's name: what fills one of its orders takes that much off the others
    legs: list[dict[str, Any]]  # symbol, side, ratio
    client_order_id: str  # made when absent


class SyncCalls:
    """All may raise TradebusError: RequestError for bad arguments, NotConnected when nothing was sent, RequestTimeout
    when no answer came, and the family of whatever the daemon answers."""

    def _run(self, call: Call[T], timeout: float | None = None) -> T:
        raise NotImplementedError

    def _place(self, call: Call[Order], timeout: float | None) -> Order:
        raise NotImplementedError

    def _next_order_id(self) -> str:
        raise NotImplementedError

    def _pages(self, pages: Generator[Call[P], P, R], timeout: float | None = None) -> R:
        call = next(pages)
        while True:
            page = self._run(call, timeout)
            try:
                call = pages.send(page)
            except StopIteration as done:
                return cast(R, done.value)

    # ---- the daemon -----------------------------------------------------------------------------------------------

    def hello(self) -> ServerInfo:
        """Who answers: version, epoch, roles, brokers, providers. The client greets by itself on each connection."""
        return self._run(_calls.hello(self._client_name(), self._silence_ms()))

    def _client_name(self) -> str:
        raise NotImplementedError

    def _silence_ms(self) -> int | None:
        raise NotImplementedError

    def ping(self) -> int:
        """The daemon's time, ns UTC."""
        return self._run(_calls.ping())

    def status(self) -> dict[str, Any]:
        """Every provider, broker, subscription, cache and the journal: state and counters, as the daemon says it."""
        return self._run(_calls.status())

    def connect(self, *, broker: str | None = None, provider: str | None = None) -> Status:
        """Opens the link of a broker or a provider."""
        return self._run(_calls.link("connect", broker, provider))

    def disconnect(self, *, broker: str | None = None, provider: str | None = None) -> Status:
        """Closes it; working orders stay at the venue."""
        return self._run(_calls.link("disconnect", broker, provider))

    def replay_advance(self, until: int, name: str = "replay", *, timeout: float | None = None) -> ReplayStep:
        """A recording in lockstep plays on up to this recorded time (ns UTC). Mostly one wants replay() instead."""
        return self._run(_calls.replay_advance(until, name), timeout)

    def kill_switch(
        self,
        state: Literal["active", "reducing", "halted"] | None = None,
        *,
        cancel_open: bool | None = None,
        account: str | None = None,
        client: str | None = None,
        symbol: str | None = None,
        reason: str | None = None,
    ) -> list[KillSwitchState]:
        """active: trade; reducing: only orders that reduce positions; halted: none. Cancels always work.

        For everything, or for one account, client or symbol; cancel_open: working orders there are canceled too.
        Without a state it only asks. Returns the states in force."""
        return self._run(_calls.kill_switch(state, cancel_open, account, client, symbol, reason))

    def reload_risk(self) -> int:
        """The daemon reads the limits of its configuration again. Returns how many sets of limits hold now; raises
        RequestError when the configuration is wrong: then the old limits stay."""
        return self._run(_calls.reload_risk())

    def cache_stats(self, kind: str | None = None) -> dict[str, Any]:
        """Per kind of answer: hits, misses, coalesced, upstream calls, entries, bytes, ttl now."""
        return self._run(_calls.cache_stats(kind))

    def cache_clear(self, kind: str | None = None, *, symbol: str | None = None) -> dict[str, Any]:
        """Forgets the cached answers of a kind, or all; of one symbol, or all."""
        return self._run(_calls.cache_clear(kind, symbol))

    # ---- market data ----------------------------------------------------------------------------------------------

    def quote(self, symbol: str) -> Quote:
        """The last quote."""
        return self._run(_calls.quote(symbol))

    def snapshot(self, symbol: str) -> MarketSnapshot:
        """Last quote, last trade and the bars of the day."""
        return self._run(_calls.snapshot(symbol))

    def bars(
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
        """Historical bars with start <= ts < end (default now): all of them, page by page, or the first `limit`.

        session: "regular" or "extended" (with pre-market and after-hours) picks by the instrument's calendar.
        timeout is for each page."""
        return self._pages(_calls.bars(symbol, timeframe, start, end, adjusted, session, limit), timeout)

    def details(self, symbol: str) -> TickerDetails:
        """Name, exchange, sector and so on."""
        return self._run(_calls.details(symbol))

    def daily(self, symbol: str) -> DailySnapshot:
        """The day's and the previous day's bar, and the change."""
        return self._run(_calls.daily(symbol))

    def news(self, symbol: str, *, limit: int | None = None, since: TimeLike | None = None) -> list[NewsItem]:
        """News of a symbol, newest first."""
        return self._run(_calls.news(symbol, limit, since))

    def market_news(self, *, limit: int | None = None, since: TimeLike | None = None) -> list[NewsItem]:
        """News of the whole market, newest first."""
        return self._run(_calls.market_news(limit, since))

    def chain(
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
        """Option quotes of an underlying."""
        call = _calls.chain(underlying, expiry, strike_min, strike_max, right, limit, broker, provider)
        return self._run(call, timeout)

    def missed(self, topic: str, after: int, *, limit: int | None = None) -> Missed:
        """The messages of a topic after a seq that the daemon still has. Subscriptions ask by themselves."""
        return self._run(_calls.missed(topic, after, limit))

    def search(self, text: str) -> list[SymbolMatch]:
        """Symbols by name or part of it, best first."""
        return self._run(_calls.search(text))

    def calendar(
        self, exchange: str, start: TimeLike, end: TimeLike, *, extended: bool | None = None
    ) -> list[Session]:
        """The trading days of an exchange (XNYS, XLON, XTKS, CMES, ...): of dates there, both inclusive, or what lies
        between two times. extended: with the hours before and after."""
        return self._pages(_calls.calendar(exchange, start, end, extended))

    def closures(self, exchange: str, start: TimeLike, end: TimeLike) -> list[Closure]:
        """The holidays and other closures of an exchange, weekends not among them."""
        return self._pages(_calls.closures(exchange, start, end))

    # ---- orders ---------------------------------------------------------------------------------------------------

    def place_order(
        self,
        symbol: str,
        side: Side,
        qty: Number | None = None,
        *,
        retry: bool = True,
        timeout: float | None = None,
        **fields: Unpack[OrderFields],
    ) -> Order:
        """Sends an order; returns when the daemon has it safe, before the broker answers.

        Without an answer it is sent once more under the same client_order_id, which never makes a second order
        (retry=False: not). RequestTimeout then means unknown; its details name the client_order_id to ask for."""
        fields = {**fields}
        given = fields.pop("client_order_id", None)
        client_order_id = self._next_order_id() if given is None else given
        args = _calls.order_args(symbol, side, client_order_id, {"qty": qty, **fields})
        return self._place(_calls.place_order(args, retry), timeout)

    def buy(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        """place_order with side buy."""
        return self.place_order(symbol, "buy", qty, **fields)

    def sell(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        """place_order with side sell."""
        return self.place_order(symbol, "sell", qty, **fields)

    def sell_short(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        """place_order with side sell_short."""
        return self.place_order(symbol, "sell_short", qty, **fields)

    def buy_to_cover(self, symbol: str, qty: Number | None = None, **fields: Unpack[OrderFields]) -> Order:
        """place_order with side buy_to_cover."""
        return self.place_order(symbol, "buy_to_cover", qty, **fields)

    def preview(
        self,
        symbol: str,
        side: Side,
        qty: Number | None = None,
        *,
        timeout: float | None = None,
        **fields: Unpack[OrderFields],
    ) -> OrderPreview:
        """What place_order with the same arguments would cost and do to the account's margin. Nothing is sent to a
        market. BrokerError broker.unsupported: this broker has no previews."""
        args = _calls.order_args(symbol, side, None, {"qty": qty, **fields})
        return self._run(_calls.preview(args), timeout)

    def replace(
        self,
        order: OrderRef | None = None,
        *,
        client_order_id: str | None = None,
        qty: Number | None = None,
        limit_price: Number | None = None,
        stop_price: Number | None = None,
        time_in_force: TimeInForce | None = None,
    ) -> Order:
        """Changes a working order, named by an Order, its order_id or client_order_id. qty is the new total."""
        return self._run(_calls.replace(order, client_order_id, qty, limit_price, stop_price, time_in_force))

    def cancel(self, order: OrderRef | None = None, *, client_order_id: str | None = None) -> Order:
        """Asks for an order's end; its events tell whether it came before a fill."""
        return self._run(_calls.cancel(order, client_order_id))

    def cancel_all(self, *, broker: str | None = None, account: str | None = None, symbol: str | None = None) -> int:
        """Cancels the open orders that match; returns how many."""
        return self._run(_calls.cancel_all(broker, account, symbol))

    def order(self, order: OrderRef | None = None, *, client_order_id: str | None = None) -> Order:
        """An order as it is now."""
        return self._run(_calls.order(order, client_order_id))

    def orders(
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
        """Open orders, or all: the newest that match, of every client unless `client` says otherwise, oldest first.

        since = changed then or later. after_order = the oldest that were placed after that one, so that all are read
        page after page ("" begins with the first order of all)."""
        return self._run(_calls.orders(status, since, account, symbol, client, limit, after_order))

    def positions(self, *, broker: str | None = None, account: str | None = None) -> list[Position]:
        """What is held, per account and symbol."""
        return self._run(_calls.positions(broker, account))

    def accept_positions(
        self, *, broker: str | None = None, account: str | None = None, symbol: str | None = None
    ) -> int:
        """Takes positions that differ from the fills known to the daemon (Position.expected_qty) as the broker tells
        them; returns how many."""
        return self._run(_calls.accept_positions(broker, account, symbol))

    def account(self, account: str | None = None, *, broker: str | None = None) -> AccountSummary:
        """Cash, equity, buying power, profit and loss."""
        return self._run(_calls.account(broker, account))

    def events(
        self, after: int, until: int | None = None, *, account: str | None = None, limit: int | None = None
    ) -> Events:
        """Order events after a seq and up to `until`, from the journal: the first `limit` (1,000) of them."""
        return self._run(_calls.events(after, until, account, limit))
