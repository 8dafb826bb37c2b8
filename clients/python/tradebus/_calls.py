"""Every op of the protocol as a Call: the checked arguments on their way out, and what the result becomes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from tradebus import _topics
from tradebus._values import Number, TimeLike, day_or_ns, day_text, number, time_ns
from tradebus.errors import invalid
from tradebus.models import (
    AccountSummary,
    Bar,
    Closure,
    DailySnapshot,
    Events,
    KillSwitchState,
    MarketSnapshot,
    Missed,
    NewsItem,
    OptionQuote,
    Order,
    OrderEvent,
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

Side = Literal["buy", "sell", "sell_short", "buy_to_cover"]
OrderType = Literal[
    "market",
    "limit",
    "stop",
    "stop_limit",
    "trailing_stop",
    "market_if_touched",
    "limit_if_touched",
    "market_to_limit",
    "trailing_stop_limit",
]
TimeInForce = Literal["day", "gtc", "ioc", "fok", "opg", "cls", "gtd"]
Timeframe = Literal["1s", "1m", "5m", "15m", "1h", "1d", "1w"]
BarSession = Literal["all", "regular", "extended"]
OrderRef: TypeAlias = Order | str

BAR_SESSIONS = ("all", "regular", "extended")
TIMEFRAMES = ("1s", "1m", "5m", "15m", "1h", "1d", "1w")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """repeatable: asking twice does no harm, so it is sent again when the connection goes while waiting."""

    op: str
    args: dict[str, Any]
    decode: Callable[[Any], T]
    repeatable: bool = False


def _same(result: Any) -> Any:
    return result


_NAMES = ("symbol", "client", "account", "broker", "provider", "order_id", "client_order_id")


def _args(**values: Any) -> dict[str, Any]:
    """None leaves an argument out. An empty name does not: it would stand for all of them."""
    for key in _NAMES:
        if values.get(key) == "":
            raise invalid(key, f"{key} is empty; give None to leave it out")
    return {key: value for key, value in values.items() if value is not None}


def _symbol(value: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid("symbol", f"{value!r} is not a symbol")
    return value.strip()


def _time(key: str, value: TimeLike | None) -> int | None:
    return None if value is None else time_ns(key, value)


def _number(key: str, value: Number | None) -> int | float | str | None:
    return None if value is None else number(key, value)


def _read(op: str, decode: Callable[[Any], T], **args: Any) -> Call[T]:
    return Call(op, _args(**args), decode, repeatable=True)


# ---- the daemon ---------------------------------------------------------------------------------------------------


def hello(client: str | None, silence_ms: int | None) -> Call[ServerInfo]:
    """With silence_ms the daemon cancels this client's orders when it hears nothing for so long, or the link goes."""
    return _read(
        "hello",
        ServerInfo.from_map,
        client=client,
        cancel_on_disconnect=None if silence_ms is None else True,
        silence_ms=silence_ms,
    )


def ping() -> Call[int]:
    return _read("ping", lambda result: int(result["ts"] if isinstance(result, Mapping) else result))


def status() -> Call[dict[str, Any]]:
    return _read("get_status", dict)


def link(op: Literal["connect", "disconnect"], broker: str | None, provider: str | None) -> Call[Status]:
    if (broker is None) == (provider is None):
        raise invalid("broker", f"{op} needs one of broker and provider")
    subject, name = ("broker", broker) if broker is not None else ("provider", provider)

    def decode(result: Mapping[str, Any]) -> Status:
        return Status.from_map({"state": "", **result, "subject": subject, "name": name})

    return Call(op, _args(broker=broker, provider=provider), decode)


def replay_advance(until: int, name: str) -> Call[ReplayStep]:
    return Call("replay_advance", {"name": name, "until": until}, ReplayStep.from_map)


def kill_switch(
    state: str | None,
    cancel_open: bool | None,
    account: str | None,
    client: str | None,
    symbol: str | None,
    reason: str | None,
) -> Call[list[KillSwitchState]]:
    if state not in (None, "active", "reducing", "halted"):
        raise invalid("state", f"{state!r} is no state of the kill switch: active, reducing or halted")
    if state is None and cancel_open:
        raise invalid("cancel_open", "cancel_open goes with a state; without one the kill switch is only asked")
    args = _args(state=state, cancel_open=cancel_open, account=account, client=client, symbol=symbol, reason=reason)

    def decode(result: Mapping[str, Any]) -> list[KillSwitchState]:
        return [KillSwitchState.from_map(each) for each in result["states"]]

    return Call("kill_switch", args, decode, repeatable=state is None)


def reload_risk() -> Call[int]:
    return Call("reload_risk", {}, lambda result: int(result["scopes"]))


def cache_stats(kind: str | None) -> Call[dict[str, Any]]:
    return _read("cache_stats", dict, kind=kind)


def cache_clear(kind: str | None, symbol: str | None) -> Call[dict[str, Any]]:
    return Call("cache_clear", _args(kind=kind, symbol=None if symbol is None else _symbol(symbol)), dict)


# ---- market data --------------------------------------------------------------------------------------------------


def quote(symbol: str) -> Call[Quote]:
    return _read("get_quote", Quote.from_map, symbol=_symbol(symbol))


def snapshot(symbol: str) -> Call[MarketSnapshot]:
    name = _symbol(symbol)

    def decode(result: Mapping[str, Any]) -> MarketSnapshot:
        parts = {key: result.get(key) for key in ("quote", "trade")}
        return MarketSnapshot.from_map({"symbol": result.get("symbol", name), **parts, "body": result})

    return _read("get_snapshot", decode, symbol=name)


_PAGE = 5_000  # bars that the daemon puts into one reply at most


@dataclass(frozen=True, slots=True)
class BarsPage:
    rows: list[Bar]
    next_start: int | None
    source: str
    cached: bool
    stale: bool


def bars(
    symbol: str,
    timeframe: str,
    start: TimeLike,
    end: TimeLike | None,
    adjusted: bool | None,
    session: str | None,
    limit: int | None,
) -> Generator[Call[BarsPage], BarsPage, Bars]:
    """Yields the call for each page and is sent what came, until it returns them all."""
    if timeframe not in TIMEFRAMES:
        raise invalid("timeframe", f"{timeframe!r} is not a timeframe; there are {', '.join(TIMEFRAMES)}")
    if session is not None and session not in BAR_SESSIONS:
        raise invalid("session", f"{session!r} is not a session; there are {', '.join(BAR_SESSIONS)}")
    if limit is not None and limit < 1:
        raise invalid("limit", f"{limit!r}: at least 1")
    args = _args(
        symbol=_symbol(symbol),
        timeframe=timeframe,
        start=time_ns("start", start),
        end=time_ns("end", "now" if end is None else end),
        adjusted=adjusted,
        session=session,
    )
    pages: list[BarsPage] = []
    count = 0
    while True:
        if limit is not None:
            args["limit"] = min(limit - count, _PAGE)
        pages.append((yield _bars_page(symbol, timeframe, dict(args))))
        count += len(pages[-1].rows)
        following = pages[-1].next_start
        if following is None or (limit is not None and count >= limit):
            break
        args["start"] = following
    rows = [row for page in pages for row in page.rows]
    return Bars(
        rows,
        symbol,
        timeframe,
        pages[-1].source,
        cached=all(page.cached for page in pages),
        stale=any(page.stale for page in pages),
    )


def _bars_page(symbol: str, timeframe: str, args: dict[str, Any]) -> Call[BarsPage]:
    def decode(result: Mapping[str, Any]) -> BarsPage:
        rows = [Bar.from_map({"symbol": symbol, **row}, timeframe=timeframe) for row in result["bars"]]
        following = result.get("next_start")
        if following is not None and int(following) <= args["start"]:
            raise ValueError("next_start does not move on")
        flags = (bool(result.get("cached", False)), bool(result.get("stale", False)))
        return BarsPage(rows, following, str(result.get("source", "")), *flags)

    return Call("get_historical_data", args, decode, repeatable=True)


def details(symbol: str) -> Call[TickerDetails]:
    return _read("get_ticker_details", TickerDetails.from_map, symbol=_symbol(symbol))


def daily(symbol: str) -> Call[DailySnapshot]:
    return _read("get_daily_snapshot", DailySnapshot.from_map, symbol=_symbol(symbol))


def _news_items(result: Mapping[str, Any]) -> list[NewsItem]:
    return [NewsItem.from_map(item) for item in result["items"]]


def news(symbol: str, limit: int | None, since: TimeLike | None) -> Call[list[NewsItem]]:
    return _read("get_news", _news_items, symbol=_symbol(symbol), limit=limit, since=_time("since", since))


def market_news(limit: int | None, since: TimeLike | None) -> Call[list[NewsItem]]:
    return _read("get_market_news", _news_items, limit=limit, since=_time("since", since))


def chain(
    underlying: str,
    expiry: date | str | None,
    strike_min: Number | None,
    strike_max: Number | None,
    right: Literal["call", "put"] | None,
    limit: int | None,
    broker: str | None,
    provider: str | None,
) -> Call[OptionChain]:
    def decode(result: Mapping[str, Any]) -> OptionChain:
        rows = [OptionQuote.from_map(row) for row in result["quotes"]]
        return OptionChain(rows, underlying, str(result.get("source", "")), bool(result.get("cached", False)))

    return _read(
        "get_option_chain",
        decode,
        underlying=_symbol(underlying),
        expiry=None if expiry is None else day_text("expiry", expiry),
        strike_min=_number("strike_min", strike_min),
        strike_max=_number("strike_max", strike_max),
        right=right,
        limit=limit,
        broker=broker,
        provider=provider,
    )


def missed_raw(topic: str, after: int, limit: int | None = None) -> Call[Mapping[str, Any]]:
    return _read("get_missed", _same, topic=topic, after=after, limit=limit)


def missed(topic: str, after: int, limit: int | None) -> Call[Missed]:
    decode_body = _topics.decoder(topic)

    def decode(result: Mapping[str, Any]) -> Missed:
        messages = tuple(decode_body(body) for body in result["messages"])
        return Missed(
            topic, messages, bool(result.get("complete", False)), result.get("first_kept"), bool(result.get("more"))
        )

    return _read("get_missed", decode, topic=topic, after=after, limit=limit)


def search(text: str) -> Call[list[SymbolMatch]]:
    return _read("search_symbols", lambda r: [SymbolMatch.from_map(m) for m in r["matches"]], text=text)


@dataclass(frozen=True, slots=True)
class CalendarPage(Generic[T]):
    rows: list[T]
    next_start: str | None


def calendar(
    exchange: str, start: TimeLike, end: TimeLike, extended: bool | None
) -> Generator[Call[CalendarPage[Session]], CalendarPage[Session], list[Session]]:
    """Yields the call for each page and is sent what came, until it returns them all."""
    return _calendar_pages("sessions", Session.from_map, exchange, start, end, extended)


def closures(
    exchange: str, start: TimeLike, end: TimeLike
) -> Generator[Call[CalendarPage[Closure]], CalendarPage[Closure], list[Closure]]:
    return _calendar_pages("closures", Closure.from_map, exchange, start, end, None)


def _calendar_pages(
    key: str, read: Callable[[Any], T], exchange: str, start: TimeLike, end: TimeLike, extended: bool | None
) -> Generator[Call[CalendarPage[T]], CalendarPage[T], list[T]]:
    args = _args(exchange=exchange, start=day_or_ns("start", start), end=day_or_ns("end", end), extended=extended)
    before: str | None = None  # where the page before this one went on

    def decode(result: Mapping[str, Any]) -> CalendarPage[T]:
        following = result.get("next_start")
        if following is not None and before is not None and str(following) <= before:
            raise ValueError("next_start does not move on")
        return CalendarPage([read(row) for row in result.get(key, ())], following)

    rows: list[T] = []
    while True:
        page = yield Call("get_calendar", dict(args), decode, repeatable=True)
        rows += page.rows
        if page.next_start is None:
            return rows
        args["start"] = before = page.next_start


# ---- orders -------------------------------------------------------------------------------------------------------

_ORDER_NUMBERS = ("qty", "notional", "limit_price", "stop_price", "trail_amount", "trail_percent", "limit_offset")
_BRACKET_NUMBERS = ("take_profit", "stop_loss", "stop_loss_limit")


def order_args(symbol: str, side: str, client_order_id: str | None, more: Mapping[str, Any]) -> dict[str, Any]:
    """place_order's arguments. order_type follows from the prices when it is not said."""
    args = _args(client_order_id=client_order_id, symbol=_symbol(symbol), side=side, **more)
    for key in _ORDER_NUMBERS:
        if key in args:
            args[key] = number(key, args[key])
    if "expires_at" in args:
        args["expires_at"] = time_ns("expires_at", args["expires_at"])
    if "bracket" in args:
        args["bracket"] = _bracket(args["bracket"])
    if "oco" in args and (not isinstance(args["oco"], str) or not 1 <= len(args["oco"]) <= 64):
        raise invalid("oco", f"{args['oco']!r} is not the name of a group: 1 to 64 characters")
    if "strategy_parameters" in args:
        args["strategy_parameters"] = _parameters(args["strategy_parameters"])
    if ("qty" in args) == ("notional" in args):
        raise invalid("qty", "an order needs one of qty and notional")
    args.setdefault("order_type", _type_of(args))
    return args


def _bracket(bracket: Mapping[str, Any]) -> dict[str, Any]:
    for key in bracket:
        if key not in _BRACKET_NUMBERS:
            raise invalid(f"bracket.{key}", f"a bracket has {', '.join(_BRACKET_NUMBERS)}; not {key!r}")
    out = {key: number(f"bracket.{key}", value) for key, value in bracket.items() if value is not None}
    if "take_profit" not in out and "stop_loss" not in out:
        raise invalid("bracket", "a bracket needs take_profit, stop_loss or both")
    return out


def _parameters(parameters: Any) -> dict[str, str]:
    if not isinstance(parameters, Mapping):
        raise invalid("strategy_parameters", f"{parameters!r} is no mapping of names to texts")
    for name, value in parameters.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise invalid(f"strategy_parameters.{name}", f"{name!r}: {value!r} are not both texts")
    return dict(parameters)


def _type_of(args: Mapping[str, Any]) -> str:
    if "trail_amount" in args or "trail_percent" in args:
        return "trailing_stop_limit" if "limit_offset" in args else "trailing_stop"
    if "stop_price" in args:
        return "stop_limit" if "limit_price" in args else "stop"
    return "limit" if "limit_price" in args else "market"


def place_order(args: dict[str, Any], retry: bool) -> Call[Order]:
    return Call("place_order", args, Order.from_map, repeatable=retry)


def preview(args: dict[str, Any]) -> Call[OrderPreview]:
    return Call("preview_order", args, OrderPreview.from_map, repeatable=True)


def _order_ref(order: OrderRef | None, client_order_id: str | None) -> dict[str, Any]:
    order_id = order.order_id if isinstance(order, Order) else order
    if (order_id is None) == (client_order_id is None):
        raise invalid("order_id", "name one order: an Order, an order_id, or client_order_id=")
    return _args(order_id=order_id, client_order_id=client_order_id)


def replace(
    order: OrderRef | None,
    client_order_id: str | None,
    qty: Number | None,
    limit_price: Number | None,
    stop_price: Number | None,
    time_in_force: str | None,
) -> Call[Order]:
    changes = _args(
        qty=_number("qty", qty),
        limit_price=_number("limit_price", limit_price),
        stop_price=_number("stop_price", stop_price),
        time_in_force=time_in_force,
    )
    return Call("replace_order", _order_ref(order, client_order_id) | changes, Order.from_map)


def cancel(order: OrderRef | None, client_order_id: str | None) -> Call[Order]:
    return Call("cancel_order", _order_ref(order, client_order_id), Order.from_map)


def cancel_all(broker: str | None, account: str | None, symbol: str | None) -> Call[int]:
    args = _args(broker=broker, account=account, symbol=symbol)
    return Call("cancel_all", args, lambda result: int(result["canceled"]))


def order(ref: OrderRef | None, client_order_id: str | None) -> Call[Order]:
    return Call("get_order", _order_ref(ref, client_order_id), Order.from_map, repeatable=True)


def orders(
    status: str | None,
    since: TimeLike | None,
    account: str | None,
    symbol: str | None,
    client: str | None,
    limit: int | None,
    after_order: OrderRef | None,
) -> Call[list[Order]]:
    return _read(
        "get_orders",
        lambda result: [Order.from_map(each) for each in result["orders"]],
        status=status,
        since=_time("since", since),
        account=account,
        symbol=symbol,
        client=client,
        limit=limit,
        after_order=after_order.order_id if isinstance(after_order, Order) else after_order,
    )


def accept_positions(broker: str | None, account: str | None, symbol: str | None) -> Call[int]:
    args = _args(broker=broker, account=account, symbol=symbol)
    return Call("accept_positions", args, lambda result: int(result["accepted"]))


def positions(broker: str | None, account: str | None) -> Call[list[Position]]:
    return _read(
        "get_positions",
        lambda result: [Position.from_map(each) for each in result["positions"]],
        broker=broker,
        account=account,
    )


def account(broker: str | None, account: str | None) -> Call[AccountSummary]:
    return _read("get_account_summary", AccountSummary.from_map, broker=broker, account=account)


def events_raw(after: int, account: str | None = None, limit: int | None = None) -> Call[Mapping[str, Any]]:
    return _read("get_events", _same, after=after, account=account, limit=limit)


def events(after: int, until: int | None, account: str | None, limit: int | None) -> Call[Events]:
    def decode(result: Mapping[str, Any]) -> Events:
        found = tuple(OrderEvent.from_map(event) for event in result["events"])
        last = int(result.get("last_seq", found[-1].seq if found else after))
        return Events(found, last, int(result.get("first_kept", 0)))

    return _read("get_events", decode, after=after, until=until, account=account, limit=limit)
