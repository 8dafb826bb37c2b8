"""Everything a client raises. The class is the family of the protocol's code: `risk.max_qty` is a RiskError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class TradebusError(Exception):
    """A request that failed.

    code: the protocol's code, such as "risk.max_qty" or "request.timeout".
    message: what failed, why, and what to do about it.
    details: what the daemon adds, such as the key that was invalid; often None.
    retry_after_ms: milliseconds after which the same request may work; None when waiting does not help.
    """

    def __init__(self, code: str, message: str, details: Any = None, retry_after_ms: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details
        self.retry_after_ms = retry_after_ms

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, self.message, self.details, self.retry_after_ms)


class RequestError(TradebusError):
    """request.*: the request itself is wrong. Also raised before anything is sent, for arguments that cannot be."""


class RequestTimeout(RequestError):
    """No answer in time, or the connection went while waiting: the request may or may not have been carried out.
    An order is safe to send again under the same client_order_id."""


class NotConnected(TradebusError):
    """The request never left this process: the daemon is not there, or the client is closed."""


class AuthError(TradebusError):
    """auth.*: this client is not admitted, or lacks the role."""


class InstrumentError(TradebusError):
    """instrument.*: no such symbol."""


class ProviderError(TradebusError):
    """provider.*: the source of market data refused or is away."""


class BrokerError(TradebusError):
    """broker.*: the broker refused, is away, or is not reconciled yet."""


class OrderError(TradebusError):
    """order.*: no such order, an id used twice for different orders, or an order that is closed."""


class RiskError(TradebusError):
    """risk.*: a limit of the daemon refused the order. It is recorded as rejected and never reached the broker."""


class Overloaded(TradebusError):
    """The daemon has too much to do; see retry_after_ms."""


class InternalError(TradebusError):
    """A fault of the daemon; its log says more."""


_BY_CODE: dict[str, type[TradebusError]] = {"request.timeout": RequestTimeout}
_BY_FAMILY: dict[str, type[TradebusError]] = {
    "request": RequestError,
    "auth": AuthError,
    "instrument": InstrumentError,
    "provider": ProviderError,
    "broker": BrokerError,
    "order": OrderError,
    "risk": RiskError,
    "overloaded": Overloaded,
    "internal": InternalError,
    "client": NotConnected,
}


def from_reply(error: Mapping[str, Any]) -> TradebusError:
    """The exception for the `error` map of a reply. Codes not known here become a plain TradebusError."""
    code = str(error.get("code", "internal"))
    cls = _BY_CODE.get(code) or _BY_FAMILY.get(code.partition(".")[0], TradebusError)
    retry_after = error.get("retry_after_ms")
    return cls(
        code,
        str(error.get("message", "the daemon gave no reason")),
        error.get("details"),
        int(retry_after) if isinstance(retry_after, (int, float)) else None,
    )


def invalid(key: str, message: str) -> RequestError:
    """A bad argument, found before anything was sent."""
    return RequestError("request.invalid", message, {"key": key})
