"""The bus's values. Prices in the instrument's currency, quantities in units (shares, contracts, coins), times in
nanoseconds since 1970-01-01 UTC as int, with a `time` property for a datetime. Numbers are the nearest double of the
daemon's exact decimal. Absent values are None. What the daemon adds later is ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from tradebus._model import Model, optional, quick_to_make, tuple_of, utc

CLOSED_STATUSES = frozenset({"filled", "canceled", "rejected", "expired"})


# ---- market data --------------------------------------------------------------------------------------------------


@quick_to_make
@dataclass(frozen=True, slots=True)
class Quote(Model):
    """The best bid and offer. A side without a price is None."""

    symbol: str
    ts: int
    rx: int = 0  # when the daemon received it
    bid: float | None = None
    bid_size: float | None = None
    ask: float | None = None
    ask_size: float | None = None
    quality: str = "live"  # live, delayed, frozen, stale, simulated
    seq: int = 0
    snapshot: bool = False  # the value that was there when the subscription began

    @property
    def time(self) -> datetime:
        return utc(self.ts)

    @property
    def mid(self) -> float | None:
        """Half way between bid and ask; None without both."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2

    @property
    def spread(self) -> float | None:
        return None if self.bid is None or self.ask is None else self.ask - self.bid


@quick_to_make
@dataclass(frozen=True, slots=True)
class Trade(Model):
    """One print."""

    symbol: str
    ts: int
    price: float
    size: float
    rx: int = 0
    exchange: str | None = None
    conditions: Sequence[str] | None = None
    id: str | None = None
    seq: int = 0
    snapshot: bool = False
    quality: str = "live"

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@quick_to_make
@dataclass(frozen=True, slots=True)
class Bar(Model):
    """One bar; ts is its start. `final` is False while it still grows."""

    symbol: str
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float | None = None
    trades: int | None = None
    rx: int = 0
    final: bool = True
    timeframe: str = ""  # 1s 1m 5m 15m 1h 1d 1w
    seq: int = 0
    snapshot: bool = False

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class OptionQuote(Model):
    """An option's market and model values. iv is a fraction (0.25 = 25 %); delta and gamma per unit of the
    underlying; theta a calendar day; vega a volatility point (0.01)."""

    symbol: str  # compact OCC
    ts: int = 0
    underlying: str = ""
    expiry: str = ""  # YYYY-MM-DD
    strike: float | None = None
    right: str = ""  # call, put
    rx: int = 0
    bid: float | None = None
    bid_size: float | None = None
    ask: float | None = None
    ask_size: float | None = None
    last: float | None = None
    volume: float | None = None
    iv: float | None = None
    delta: float | None = None
    gamma: float | None = None
    theta: float | None = None
    vega: float | None = None
    open_interest: float | None = None
    underlying_price: float | None = None
    quality: str = "live"
    seq: int = 0
    snapshot: bool = False

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class NewsItem(Model):
    id: str
    ts: int
    title: str
    url: str = ""
    publisher: str = ""
    symbols: tuple[str, ...] = ()
    summary: str | None = None
    seq: int = 0
    snapshot: bool = False

    _nested: ClassVar = {"symbols": tuple}

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class TickerDetails(Model):
    symbol: str
    name: str = ""
    asset_class: str = "equity"  # equity, option, crypto, fx, future
    exchange: str | None = None  # MIC: XNYS, XNAS
    currency: str | None = None
    sector: str | None = None
    description: str | None = None
    homepage_url: str | None = None
    shares_outstanding: float | None = None
    market_cap: float | None = None
    list_date: str | None = None  # YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class SymbolMatch(Model):
    symbol: str
    name: str = ""
    asset_class: str = "equity"
    exchange: str | None = None


@dataclass(frozen=True, slots=True)
class DailySnapshot(Model):
    """The day's bar so far, the previous day's, and the change between them."""

    symbol: str
    ts: int = 0
    day: Bar | None = None
    previous_day: Bar | None = None
    change: float | None = None  # last price less the previous close
    change_percent: float | None = None

    _nested: ClassVar = {"day": optional(Bar.from_map), "previous_day": optional(Bar.from_map)}

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class Session(Model):
    """One trading day of an exchange; times in ns UTC. The hours before and after are there when they were asked for."""

    date: str  # YYYY-MM-DD at the exchange
    open: int
    close: int
    early: bool = False  # closes earlier than on an ordinary day
    name: str = ""  # why the day is special
    break_start: int | None = None  # within open..close: Tokyo's lunch
    break_end: int | None = None
    pre_open: int | None = None
    pre_close: int | None = None
    post_open: int | None = None
    post_close: int | None = None
    utc_offset_s: int | None = None  # of the exchange's clock, at the opening

    @property
    def open_time(self) -> datetime:
        return utc(self.open)

    @property
    def close_time(self) -> datetime:
        return utc(self.close)


@dataclass(frozen=True, slots=True)
class Closure(Model):
    """A day of the usual week on which an exchange has no session."""

    date: str  # YYYY-MM-DD at the exchange
    name: str = ""


# ---- orders -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderLeg(Model):
    symbol: str
    side: str = "buy"
    ratio: int = 1


@dataclass(frozen=True, slots=True)
class LegFill(Model):
    """What one leg of a multi-leg order got."""

    symbol: str
    side: str = "buy"
    qty: float = 0
    price: float = 0


@dataclass(frozen=True, slots=True)
class Fill(Model):
    """One execution; exec_id is unique for ever. With legs, price is the net one of a unit."""

    exec_id: str
    qty: float
    price: float
    commission: float = 0.0
    ts: int = 0
    legs: tuple[LegFill, ...] = ()

    _nested: ClassVar = {"legs": tuple_of(LegFill.from_map)}

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class Order(Model):
    """An order as the daemon knows it. leaves_qty = qty - filled_qty while it is open, 0 once it is closed."""

    order_id: str
    client_order_id: str  # "" of an external order
    symbol: str
    side: str  # buy, sell, sell_short, buy_to_cover
    status: (
        str  # pending_new new partially_filled filled pending_cancel canceled pending_replace rejected expired in_doubt
    )
    client: str = ""
    broker: str = ""
    account: str = ""
    qty: float = 0  # of an order by notional: 0 until the broker has told it
    # market limit stop stop_limit trailing_stop market_if_touched limit_if_touched market_to_limit trailing_stop_limit
    order_type: str = "market"
    limit_price: float | None = None
    stop_price: float | None = None
    trail_amount: float | None = None
    trail_percent: float | None = None
    limit_offset: float | None = None  # trailing_stop_limit: from its stop to its limit
    target_strategy: str | None = None  # an algo or a type of the broker's own
    strategy_parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    notional: float | None = None  # as it was asked for
    time_in_force: str = "day"
    expires_at: int | None = None
    extended_hours: bool = False
    filled_qty: float = 0
    leaves_qty: float = 0
    avg_price: float | None = None
    broker_order_id: str | None = None
    reason: str | None = None  # why it was rejected, canceled or doubted
    created: int = 0
    updated: int = 0
    tag: str | None = None
    legs: tuple[OrderLeg, ...] = ()
    parent_id: str | None = None  # an exit of a bracket: its entry
    oco: str | None = None  # the group: what fills one of its orders takes that much off the others
    held: bool = False  # an exit that waits in the daemon for its entry: no broker has it
    external: bool = False  # placed elsewhere: shown, not changed from here
    duplicate: bool = False  # the same client_order_id came before: nothing was sent twice
    # In replies while the daemon's disk is full or broken: it does not have this yet, and may forget it if it dies.
    unrecorded: bool = False

    _nested: ClassVar = {"legs": tuple_of(OrderLeg.from_map)}

    @classmethod
    def from_map(cls, body: Mapping[str, Any], **more: Any) -> Order:
        """See Model.from_map. An order placed elsewhere may have no client_order_id."""
        if "client_order_id" not in body and body.get("external"):
            more = {"client_order_id": "", **more}
        return super(Order, cls).from_map(body, **more)

    @property
    def time(self) -> datetime:
        """When it last changed."""
        return utc(self.updated)

    @property
    def closed(self) -> bool:
        """Nothing more can happen to it."""
        return self.status in CLOSED_STATUSES


@dataclass(frozen=True, slots=True)
class OrderEvent(Model):
    """One change of an order's state. seq is the journal's number: it rises over all accounts and never restarts."""

    seq: int
    ts: int
    # pending_new new fill pending_cancel canceled pending_replace replaced rejected expired in_doubt reconciled bust
    event: str
    order: Order  # after the change
    fill: Fill | None = None  # of a fill, and of a bust: the execution that the venue took back
    snapshot: bool = False

    _nested: ClassVar = {"order": Order.from_map, "fill": optional(Fill.from_map)}

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class Position(Model):
    """qty is negative when short; money in the account's currency."""

    symbol: str
    qty: float
    broker: str = ""
    account: str = ""
    avg_price: float = 0
    market_price: float | None = None
    market_value: float | None = None
    unrealized_pnl: float | None = None
    realized_pnl: float = 0
    updated: int = 0
    seq: int = 0
    snapshot: bool = False
    expected_qty: float | None = None  # what the fills known to the daemon make it, when the broker says otherwise

    @property
    def time(self) -> datetime:
        return utc(self.updated)


@dataclass(frozen=True, slots=True)
class BookPosition:
    """What the fills of one client make of a symbol; below zero: short. Not what the account holds: other clients,
    other programs and what was there before count there too."""

    broker: str
    account: str
    symbol: str
    qty: float


@dataclass(frozen=True, slots=True)
class AccountSummary(Model):
    """Money in `currency`; equity = cash + market value of all positions."""

    account: str
    broker: str = ""
    currency: str = "USD"
    cash: float = 0
    equity: float = 0
    buying_power: float = 0
    realized_pnl: float = 0
    unrealized_pnl: float = 0
    commissions: float = 0
    updated: int = 0
    seq: int = 0
    snapshot: bool = False

    @property
    def time(self) -> datetime:
        return utc(self.updated)


@dataclass(frozen=True, slots=True)
class OrderPreview(Model):
    """What an order would cost and do to its account, by the broker's own reckoning; None = it did not say.

    Margins and equity are the whole account's with the order; `_change` is what the order adds."""

    broker: str
    account: str
    currency: str | None = None
    commission: float | None = None
    commission_min: float | None = None
    commission_max: float | None = None
    initial_margin: float | None = None
    initial_margin_change: float | None = None
    maintenance_margin: float | None = None
    maintenance_margin_change: float | None = None
    equity: float | None = None
    equity_change: float | None = None
    warning: str | None = None


# ---- the daemon ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status(Model):
    """The state of a provider, a broker or one topic.

    subject: "provider", "broker", or a kind of market data ("quote"); name: whose, or the symbol.
    state: connecting, reconciling, up, degraded, down; of a topic: live, stale, gap, rejected, ended.
    """

    subject: str
    name: str
    state: str
    reason: str = ""
    message: str = ""
    since: int = 0
    until: int | None = None
    seq: int = 0
    snapshot: bool = False

    @property
    def time(self) -> datetime:
        return utc(self.since)


@dataclass(frozen=True, slots=True)
class ReplayStep(Model):
    """A recording in lockstep has played everything up to `ts`, and stands at the row of `next_ts`."""

    ts: int
    next_ts: int | None = None  # None: it has ended
    ended: bool = False
    seq: int = 0
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Heartbeat(Model):
    epoch: int
    ts: int
    uptime_ms: int = 0
    seq: int = 0
    snapshot: bool = False

    @property
    def time(self) -> datetime:
        return utc(self.ts)


@dataclass(frozen=True, slots=True)
class ServerInfo(Model):
    """The daemon's answer to hello. `client` is the name it knows this client by."""

    server: str = ""
    version: str = ""
    protocol: int = 0
    epoch: int = 0
    client: str = ""
    roles: tuple[str, ...] = ()
    brokers: tuple[Any, ...] = ()
    providers: tuple[Any, ...] = ()

    _nested: ClassVar = {"roles": tuple, "brokers": tuple, "providers": tuple}


@dataclass(frozen=True, slots=True)
class KillSwitchState(Model):
    """A trading state in force. Of all that apply to an order the strictest counts."""

    scope: str  # global, account, client, symbol
    state: str  # active, reducing, halted
    name: str = ""  # which account, client or symbol
    reason: str = ""
    since: int = 0
    source: str = ""  # command, or file: who alone lifts it

    @property
    def time(self) -> datetime:
        return utc(self.since)


@dataclass(frozen=True, slots=True)
class MarketSnapshot(Model):
    """What is known of a symbol now. `body` is the whole answer, with what the daemon adds."""

    symbol: str = ""
    quote: Quote | None = None
    trade: Trade | None = None
    body: Mapping[str, Any] | None = None

    _nested: ClassVar = {"quote": optional(Quote.from_map), "trade": optional(Trade.from_map)}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came: for raw subscriptions."""

    topic: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Missed:
    """Messages of a topic after a seq, oldest first. complete: none is missing between that seq and the last of these;
    first_kept is the oldest seq that the daemon still has; more: there are more after the last of these."""

    topic: str
    messages: tuple[Any, ...]
    complete: bool
    first_kept: int | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Events:
    """Order events after a seq, oldest first; last_seq is the journal's newest. Ask on
    after events[-1].seq. first_kept: older ones are gone; 0 when there are none."""

    events: tuple[OrderEvent, ...]
    last_seq: int
    first_kept: int = 0


Event: TypeAlias = (
    Quote | Trade | Bar | OptionQuote | NewsItem | OrderEvent | Position | AccountSummary | Status | Heartbeat | Message
)
