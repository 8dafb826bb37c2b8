"""Answers with many rows: read like a list, made into a pandas DataFrame when pandas is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar, overload

from tradebus._model import Model
from tradebus.models import Bar, OptionQuote

R = TypeVar("R", bound=Model)


class Table(Sequence[R], Generic[R]):
    """Rows in the daemon's order."""

    def __init__(self, rows: Sequence[R], source: str = "", cached: bool = False, stale: bool = False) -> None:
        self._rows = tuple(rows)
        self.source = source  # the provider that answered
        self.cached = cached  # answered from the daemon's cache
        self.stale = stale  # past its time, as the provider failed

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self._rows[index]

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} rows, source={self.source!r}, cached={self.cached})"

    def to_pandas(self) -> Any:
        """A DataFrame, one row a value; `ts` also as the UTC index `time`. Raises ImportError without pandas."""
        try:
            import pandas
        except ImportError:
            raise ImportError(
                "to_pandas needs pandas, which is not installed: pip install pandas (or tradebus[pandas])"
            ) from None
        frame = pandas.DataFrame([row.to_dict() for row in self])
        if len(self):
            frame.index = pandas.to_datetime(frame["ts"], unit="ns", utc=True)
            frame.index.name = "time"
        return frame


class Bars(Table[Bar]):
    """Historical bars by time, all final."""

    def __init__(
        self,
        rows: Sequence[Bar],
        symbol: str = "",
        timeframe: str = "",
        source: str = "",
        cached: bool = False,
        stale: bool = False,
    ) -> None:
        super().__init__(rows, source, cached, stale)
        self.symbol = symbol
        self.timeframe = timeframe


class OptionChain(Table[OptionQuote]):
    """Option quotes by expiry, strike, right (call before put)."""

    def __init__(
        self, rows: Sequence[OptionQuote], underlying: str = "", source: str = "", cached: bool = False
    ) -> None:
        super().__init__(rows, source, cached)
        self.underlying = underlying
