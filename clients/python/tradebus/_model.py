"""How a msgpack map becomes a value: absent keys take their default, unknown ones are ignored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar

M = TypeVar("M", bound="Model")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(ns: int) -> datetime:
    """The UTC datetime of nanoseconds since 1970; datetime holds microseconds, the rest is cut off."""
    return _EPOCH + timedelta(microseconds=ns // 1000)


class Model:
    """Base of all values. Subclasses are frozen dataclasses with slots; `_nested` names the keys that hold maps."""

    __slots__ = ()
    _nested: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    _names: ClassVar[frozenset[str]]

    @classmethod
    def from_map(cls: type[M], body: Mapping[str, Any], **more: Any) -> M:
        """Made from a decoded message; `more` adds what the topic or the request says.
        Raises ValueError when a key that must be there is not."""
        nested = cls._nested
        if nested or more:
            values = {**body, **more}
            for key, convert in nested.items():
                if key in values:
                    values[key] = convert(values[key])
            body = values
        try:
            return cls(**body)
        except TypeError:
            return cls._from_odd_map(body)

    @classmethod
    def _from_odd_map(cls: type[M], body: Mapping[str, Any]) -> M:
        # A newer daemon sends more keys than this class has: rare, so that the common case pays nothing.
        names = _field_names(cls)
        try:
            return cls(**{key: value for key, value in body.items() if key in names})
        except TypeError as problem:
            raise ValueError(f"not a {cls.__name__}: {problem}") from None

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, nested values as dicts too."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]


def _field_names(cls: type[Model]) -> frozenset[str]:
    names = cls.__dict__.get("_names")
    if names is None:
        names = frozenset(field.name for field in dataclasses.fields(cls))  # type: ignore[arg-type]
        cls._names = names
    return names


def quick_to_make(cls: type[M]) -> type[M]:
    """For values that come by the hundred thousand a second. A frozen dataclass sets each field through a call, which
    is three times the cost of plain assignment; so from_map fills an unfrozen twin with the same slots, then lets it
    change into the real class. Equality, hashing and what users see are the dataclass's own."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    defaults = {f"_{f.name}": f.default for f in fields if f.default is not dataclasses.MISSING}
    arguments = ", ".join(f"{f.name}=_{f.name}" if f"_{f.name}" in defaults else f.name for f in fields)
    scope: dict[str, Any] = {}
    body_lines = [f"    self.{f.name} = {f.name}" for f in fields]
    exec("\n".join([f"def init(self, {arguments}):", *body_lines]), defaults, scope)
    twin = type(cls.__name__, cls.__bases__, {"__slots__": tuple(f.name for f in fields), "__init__": scope["init"]})

    def from_map(cls: type[M], /, body: Mapping[str, Any], **more: Any) -> M:
        try:
            made: M = twin(**body, **more)
        except TypeError:
            return cls._from_odd_map({**body, **more})
        made.__class__ = cls
        return made

    cls.from_map = classmethod(from_map)  # type: ignore[assignment, method-assign]
    return cls


def optional(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """For keys that some senders fill with nil."""
    return lambda value: None if value is None else convert(value)


def tuple_of(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: tuple(convert(value) for value in values)
