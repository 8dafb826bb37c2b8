"""Topics: `kind|key|`, always closed by `|`; and which value a topic's bodies become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradebus.errors import invalid
from tradebus.models import (
    AccountSummary,
    Bar,
    Heartbeat,
    Message,
    NewsItem,
    OptionQuote,
    OrderEvent,
    Position,
    Quote,
    ReplayStep,
    Status,
    Trade,
)

Decode = Callable[[Mapping[str, Any]], Any]

HEARTBEAT = b"heartbeat|"
ORDER = b"order|"
FEED = "feed"

MARKET_KINDS = ("quote", "trade", "bar_1s", "bar_1m", "bar_5m", "bar_1h", "bar_1d", "option", "news")

_MODELS: dict[str, Decode] = {
    "quote": Quote.from_map,
    "trade": Trade.from_map,
    "option": OptionQuote.from_map,
    "news": NewsItem.from_map,
    "order": OrderEvent.from_map,
    "position": Position.from_map,
    "account": AccountSummary.from_map,
    "heartbeat": Heartbeat.from_map,
    "replay": ReplayStep.from_map,
}


def market_topics(symbols: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """One topic for each symbol and kind. Raises RequestError for a kind that is not one."""
    symbols = [symbols] if isinstance(symbols, str) else list(symbols)
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    for kind in kinds:
        if kind not in MARKET_KINDS:
            raise invalid("kinds", f"{kind!r} is not a kind of market data; there are {', '.join(MARKET_KINDS)}")
    for symbol in symbols:
        _check_key("symbols", symbol)
    return [f"{kind}|{symbol}|" for symbol in symbols for kind in kinds]


def status_topics(topics: Iterable[str]) -> list[str]:
    return [f"status|{topic}" for topic in topics]


def keyed_topic(kind: str, key: str | None) -> str:
    """`kind|key|`, or `kind|`, which is every key, when there is none."""
    if key is None:
        return f"{kind}|"
    _check_key(kind, key)
    return f"{kind}|{key}|"


def _check_key(what: str, key: object) -> None:
    if not isinstance(key, str) or not key or "|" in key:
        raise invalid(what, f"{key!r} cannot stand in a topic: a text without '|' is needed")


def decoder(topic: str) -> Decode:
    """Makes the value that bodies of this topic stand for; topics not known here become Messages."""
    parts = topic.split("|")
    kind = parts[0]
    if kind.startswith("bar_"):
        timeframe = kind[4:]
        return lambda body: Bar.from_map(body, timeframe=timeframe)
    if kind == "status" and len(parts) >= 3:
        subject, name = parts[1], parts[2]
        return lambda body: Status.from_map({**body, "subject": subject, "name": name})
    if kind == FEED:
        inner = decoder("|".join(parts[1:]))
        return lambda body: [inner(item) for item in body["items"]]
    if kind == "account" or kind == "position":
        account = parts[1]
        make = _MODELS[kind]
        return lambda body: make(body if "account" in body else {**body, "account": account})
    return _MODELS.get(kind) or (lambda body: Message(topic, dict(body)))
