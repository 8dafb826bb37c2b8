"""Arguments on their way out: times to ns, prices and quantities to exact numbers, ids that never repeat."""

from __future__ import annotations

import itertools
import math
import numbers
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from tradebus.errors import invalid

TimeLike: TypeAlias = int | datetime | date | str
"""ns since 1970 UTC; an aware datetime; a date (its UTC midnight); ISO text; "now"; or "-5d", "-90m" from now."""

Number: TypeAlias = int | float | Decimal | str
"""int and float go out as they are; Decimal and decimal text exactly."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_NS = {"s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9, "w": 7 * 86400 * 10**9}
_RELATIVE = re.compile(r"([+-]\d+)([smhdw])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")


def time_ns(key: str, value: TimeLike, now_ns: Callable[[], int] = time.time_ns) -> int:
    """Nanoseconds since 1970 UTC. Raises RequestError for a time without a zone and for text it cannot read."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return _datetime_ns(key, value)
    if isinstance(value, date):
        return _datetime_ns(key, datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, str):
        return _text_ns(key, value.strip(), now_ns)
    raise invalid(key, f"{value!r} is not a time: give int ns, an aware datetime, ISO text or '-5d'")


def _text_ns(key: str, text: str, now_ns: Callable[[], int]) -> int:
    if text == "now":
        return now_ns()
    if found := _RELATIVE.fullmatch(text):
        return now_ns() + int(found[1]) * _UNITS_NS[found[2]]
    try:
        if _DATE.fullmatch(text):
            return _datetime_ns(key, datetime.fromisoformat(text).replace(tzinfo=UTC))
        return _datetime_ns(key, datetime.fromisoformat(text))
    except ValueError:
        raise invalid(key, f"{text!r} is not a time: write 2024-06-21T14:30:00Z, 2024-06-21, now or -5d") from None


def _datetime_ns(key: str, value: datetime) -> int:
    if value.tzinfo is None or value.utcoffset() is None:
        raise invalid(key, f"{value.isoformat()} has no time zone: add one, such as tzinfo=timezone.utc")
    return (value - _EPOCH) // timedelta(microseconds=1) * 1000


def number(key: str, value: Number) -> int | float | str:
    """A price or quantity for the wire. Raises RequestError for NaN, infinities and text that is no decimal."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
    elif isinstance(value, Decimal):
        if value.is_finite():
            return format(value, "f")
    elif isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        return value.strip()
    raise invalid(key, f"{value!r} is not a number that can be a price or a quantity")


def day_text(key: str, value: date | str) -> str:
    """YYYY-MM-DD."""
    if isinstance(value, datetime) or not isinstance(value, (date, str)):
        raise invalid(key, f"{value!r} is not a date: give a datetime.date or YYYY-MM-DD")
    text = value.isoformat() if isinstance(value, date) else value.strip()
    try:
        date.fromisoformat(text)
    except ValueError:
        raise invalid(key, f"{text!r} is not a date: write YYYY-MM-DD") from None
    return text


def day_or_ns(key: str, value: TimeLike) -> int | str:
    """Days stay days, as an exchange counts them; all other times become ns."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and _DATE.fullmatch(value.strip())):
        return day_text(key, value)  # type: ignore[arg-type]
    return time_ns(key, value)


def order_ids(client: str) -> Iterator[str]:
    """Ids unique for ever: the client's name, the start of this process in ms, chance, and a counter."""
    prefix = f"{client[:24]}-{int(time.time() * 1000):x}-{os.getpid():x}{secrets.token_hex(2)}"
    return (f"{prefix}-{n}" for n in itertools.count(1))
