"""Client of tradebusd, a trading gateway: market data, orders and account facts over ZeroMQ.

    from tradebus import Client

    with Client() as bus:
        for quote in bus.quotes("AAPL", "MSFT"):
            print(quote.symbol, quote.bid, quote.ask)

`Client` is for ordinary programs, `AsyncClient` the same for asyncio. Values stand in `tradebus.models`, errors in
`tradebus.errors`. Times are int nanoseconds UTC.
"""

from tradebus._queue import QUEUE_LIMIT
from tradebus._sockets import Curve
from tradebus.aio import AsyncClient
from tradebus.aio_order_book import AsyncOrderBook
from tradebus.aio_subscription import AsyncSubscription
from tradebus.client import Client
from tradebus.errors import (
    AuthError,
    BrokerError,
    InstrumentError,
    InternalError,
    NotConnected,
    OrderError,
    Overloaded,
    ProviderError,
    RequestError,
    RequestTimeout,
    RiskError,
    TradebusError,
)
from tradebus.models import (
    AccountSummary,
    Bar,
    BookPosition,
    Closure,
    DailySnapshot,
    Event,
    Events,
    Fill,
    Heartbeat,
    KillSwitchState,
    LegFill,
    MarketSnapshot,
    Message,
    Missed,
    NewsItem,
    OptionQuote,
    Order,
    OrderEvent,
    OrderLeg,
    OrderPreview,
    Position,
    Quote,
    ReplayStep,
    ServerInfo,
    Session,
    Status,
    SymbolMatch,
    TickerDetails,
    Trade,
)
from tradebus.order_book import OrderBook
from tradebus.replay import AsyncReplay, Replay
from tradebus.subscription import Subscription
from tradebus.tables import Bars, OptionChain

__version__ = "0.1.0"

__all__ = [
    "AccountSummary",
    "AsyncClient",
    "AsyncOrderBook",
    "AsyncReplay",
    "AsyncSubscription",
    "AuthError",
    "Bar",
    "Bars",
    "BookPosition",
    "Closure",
    "BrokerError",
    "Client",
    "Curve",
    "DailySnapshot",
    "Event",
    "Events",
    "Fill",
    "Heartbeat",
    "InstrumentError",
    "InternalError",
    "KillSwitchState",
    "LegFill",
    "MarketSnapshot",
    "Message",
    "Missed",
    "NewsItem",
    "NotConnected",
    "OptionChain",
    "OptionQuote",
    "Order",
    "OrderBook",
    "OrderError",
    "OrderEvent",
    "OrderLeg",
    "OrderPreview",
    "Overloaded",
    "Position",
    "ProviderError",
    "QUEUE_LIMIT",
    "Quote",
    "Replay",
    "ReplayStep",
    "RequestError",
    "RequestTimeout",
    "RiskError",
    "ServerInfo",
    "Session",
    "Status",
    "Subscription",
    "SymbolMatch",
    "TickerDetails",
    "Trade",
    "TradebusError",
]
