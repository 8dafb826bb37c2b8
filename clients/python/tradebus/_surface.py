"""Which topics the named subscriptions mean: one place for both clients."""

from __future__ import annotations

from collections.abc import Iterable

from tradebus import _topics
from tradebus.errors import invalid

DEFAULT_STREAM = "tcp://127.0.0.1:5570"
DEFAULT_COMMAND = "tcp://127.0.0.1:5571"
SILENCE_MS = 5_000


def silence(cancel_on_disconnect: bool, silence_ms: int) -> int | None:
    """What hello says; None without cancel_on_disconnect."""
    if not isinstance(silence_ms, int) or isinstance(silence_ms, bool) or silence_ms < 1:
        raise invalid("silence_ms", f"silence_ms {silence_ms!r} is no time: milliseconds above 0")
    return silence_ms if cancel_on_disconnect else None


def check_recover(recover: bool) -> None:
    if not recover:
        raise invalid("recover", "an order book must read what was lost: leave recover of the client on")


def market(symbols: Iterable[str], kinds: Iterable[str], status: bool) -> list[str]:
    """The symbols' topics, and with `status` those that tell when one is stale, has a gap, or ended."""
    topics = _topics.market_topics(symbols, kinds)
    if not topics:
        raise invalid("symbols", "a subscription needs at least one symbol and one kind")
    return topics + (_topics.status_topics(topics) if status else [])


def feed(kind: str) -> list[str]:
    _topics.market_topics((), (kind,))
    return [f"feed|{kind}|"]


def raw(topics: Iterable[str]) -> list[str]:
    topics = [topics] if isinstance(topics, str) else list(topics)
    for topic in topics:
        if not isinstance(topic, str) or not topic.endswith("|"):
            raise invalid("topics", f"{topic!r} is not a topic: it ends in '|', as in 'quote|AAPL|' or 'quote|'")
    return topics
