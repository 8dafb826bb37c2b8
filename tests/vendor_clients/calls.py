"""The calls that the clients make, and where the same data stand at the venue: `fields` maps the Python client's names to the
venue's keys (a.b = inside)."""

from __future__ import annotations

from dataclasses import dataclass, field

OPTION = "O:AAPL240628C00190000"
RANGE = "/v2/aggs/ticker/AAPL/range/5/minute/2024-06-18/2024-06-20"
FILTER = "expiration_date=2024-06-28&strike_price.gte=180&strike_price.lte=205"
BAR = {
    "open": "o",
    "high": "h",
    "low": "l",
    "close": "c",
    "volume": "v",
    "vwap": "vw",
    "timestamp": "t",
    "transactions": "n",
}


def same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


@dataclass(frozen=True)
class Call:
    method: str  # of the Python client
    arguments: dict[str, object]
    target: str
    fields: dict[str, str]
    key: str = "results"
    rows_min: int = 1
    pages: bool = False  # more than one
    positional: tuple[object, ...] = field(default=())


CALLS = [
    Call(
        "list_aggs",
        {"limit": 200},
        f"{RANGE}?limit=200",
        BAR,
        rows_min=300,
        pages=True,
        positional=("AAPL", 5, "minute", "2024-06-18", "2024-06-20"),
    ),
    Call(
        "get_aggs",
        {},
        "/v2/aggs/ticker/AAPL/range/1/day/2024-01-02/2024-06-20",
        BAR,
        rows_min=100,
        positional=("AAPL", 1, "day", "2024-01-02", "2024-06-20"),
    ),
    Call(
        "get_aggs",
        {},
        f"/v2/aggs/ticker/{OPTION}/range/1/hour/2024-06-18/2024-06-20",
        BAR,
        positional=(OPTION, 1, "hour", "2024-06-18", "2024-06-20"),
    ),
    Call(
        "get_grouped_daily_aggs",
        {},
        "/v2/aggs/grouped/locale/us/market/stocks/2024-06-20",
        {"ticker": "T", **BAR},
        rows_min=20,
        positional=("2024-06-20",),
    ),
    Call(
        "get_previous_close_agg",
        {},
        "/v2/aggs/ticker/AAPL/prev",
        {"ticker": "T", "close": "c", "timestamp": "t", "vwap": "vw"},
        positional=("AAPL",),
    ),
    Call(
        "get_daily_open_close_agg",
        {},
        "/v1/open-close/AAPL/2024-06-20",
        {
            "from_": "from",
            "after_hours": "afterHours",
            "pre_market": "preMarket",
            **same("open", "close", "high", "low", "volume", "symbol", "status"),
        },
        key="",
        positional=("AAPL", "2024-06-20"),
    ),
    Call(
        "list_trades",
        {"timestamp": "2024-06-20", "limit": 700},
        "/v3/trades/AAPL?timestamp=2024-06-20&limit=700",
        same("price", "size", "sip_timestamp", "sequence_number", "exchange", "id", "conditions"),
        rows_min=1500,
        pages=True,
        positional=("AAPL",),
    ),
    Call(
        "list_quotes",
        {"timestamp": "2024-06-20", "limit": 2000},
        "/v3/quotes/AAPL?timestamp=2024-06-20&limit=2000",
        same("bid_price", "bid_size", "ask_price", "ask_size", "sip_timestamp", "participant_timestamp"),
        rows_min=4000,
        pages=True,
        positional=("AAPL",),
    ),
    Call(
        "list_trades",
        {"timestamp": "2024-06-20"},
        f"/v3/trades/{OPTION}?timestamp=2024-06-20",
        same("price", "size", "sip_timestamp"),
        positional=(OPTION,),
    ),
    Call(
        "get_last_trade",
        {},
        "/v2/last/trade/AAPL",
        {"ticker": "T", "price": "p", "sip_timestamp": "t", "size": "s"},
        positional=("AAPL",),
    ),
    Call(
        "get_last_quote",
        {},
        "/v2/last/nbbo/AAPL",
        {"ticker": "T", "bid_price": "p", "ask_price": "P", "sip_timestamp": "t"},
        positional=("AAPL",),
    ),
    Call(
        "get_snapshot_ticker",
        {},
        "/v2/snapshot/locale/us/markets/stocks/tickers/AAPL",
        {
            "ticker": "ticker",
            "day.close": "day.c",
            "prev_day.close": "prevDay.c",
            "min.close": "min.c",
            "todays_change": "todaysChange",
            "updated": "updated",
            "last_trade.price": "lastTrade.p",
        },
        key="ticker",
        positional=("stocks", "AAPL"),
    ),
    Call(
        "get_snapshot_all",
        {"tickers": ["AAPL", "MSFT", "NOBODY"]},
        "/v2/snapshot/locale/us/markets/stocks/tickers?tickers=AAPL,MSFT,NOBODY",
        {"ticker": "ticker", "day.volume": "day.v"},
        key="tickers",
        rows_min=2,
        positional=("stocks",),
    ),
    Call(
        "get_snapshot_all",
        {},
        "/v2/snapshot/locale/us/markets/stocks/tickers",
        {"ticker": "ticker", "day.close": "day.c"},
        key="tickers",
        rows_min=20,
        positional=("stocks",),
    ),
    Call(
        "get_snapshot_direction",
        {"direction": "gainers"},
        "/v2/snapshot/locale/us/markets/stocks/gainers",
        {"ticker": "ticker", "todays_change_percent": "todaysChangePerc"},
        key="tickers",
        positional=("stocks",),
    ),
    Call(
        "get_snapshot_direction",
        {"direction": "losers"},
        "/v2/snapshot/locale/us/markets/stocks/losers",
        {"ticker": "ticker"},
        key="tickers",
        rows_min=0,
        positional=("stocks",),
    ),
    Call(
        "list_universal_snapshots",
        {"ticker_any_of": ["AAPL", "NOBODY", OPTION]},
        f"/v3/snapshot?ticker.any_of=AAPL,NOBODY,{OPTION}&limit=10",
        {"ticker": "ticker", "error": "error", "session.close": "session.close"},
        rows_min=3,
    ),
    Call(
        "list_universal_snapshots",
        {"type": "stocks"},
        "/v3/snapshot?type=stocks&limit=10",
        {"ticker": "ticker", "session.volume": "session.volume"},
        rows_min=20,
        pages=True,
    ),
    Call(
        "list_snapshot_options_chain",
        {"params": {"expiration_date": "2024-06-28", "strike_price.gte": 180, "strike_price.lte": 205}},
        f"/v3/snapshot/options/AAPL?{FILTER}",
        {
            "details.ticker": "details.ticker",
            "day.close": "day.close",
            "greeks.delta": "greeks.delta",
            "last_quote.bid": "last_quote.bid",
            "open_interest": "open_interest",
            "implied_volatility": "implied_volatility",
            "underlying_asset.price": "underlying_asset.price",
        },
        rows_min=15,
        pages=True,
        positional=("AAPL",),
    ),
    Call(
        "get_snapshot_option",
        {},
        f"/v3/snapshot/options/AAPL/{OPTION}",
        {"details.strike_price": "details.strike_price", "break_even_price": "break_even_price"},
        positional=("AAPL", OPTION),
    ),
    Call(
        "list_options_contracts",
        {"underlying_ticker": "AAPL", "expiration_date": "2024-06-28"},
        "/v3/reference/options/contracts?underlying_ticker=AAPL&expiration_date=2024-06-28",
        same("ticker", "strike_price", "contract_type", "expiration_date", "shares_per_contract"),
        rows_min=80,
        pages=True,
    ),
    Call(
        "get_options_contract",
        {},
        f"/v3/reference/options/contracts/{OPTION}",
        same("ticker", "strike_price", "underlying_ticker"),
        positional=(OPTION,),
    ),
    Call(
        "list_tickers",
        {"market": "stocks", "limit": 7},
        "/v3/reference/tickers?market=stocks&limit=7",
        same("ticker", "name", "type", "active", "primary_exchange"),
        rows_min=20,
        pages=True,
    ),
    Call("list_tickers", {"search": "trust"}, "/v3/reference/tickers?search=trust", same("ticker", "name")),
    Call(
        "get_ticker_details",
        {},
        "/v3/reference/tickers/AAPL",
        {
            **same("ticker", "name", "market_cap", "list_date", "description"),
            "address.city": "address.city",
            "branding.logo_url": "branding.logo_url",
        },
        positional=("AAPL",),
    ),
    Call(
        "get_ticker_details", {}, "/v3/reference/tickers/SPY", same("ticker", "type", "market_cap"), positional=("SPY",)
    ),
    Call("get_ticker_types", {}, "/v3/reference/tickers/types", same("code", "description"), rows_min=5),
    Call(
        "get_ticker_events",
        {},
        "/vX/reference/tickers/AAPL/events",
        same("name", "composite_figi"),
        positional=("AAPL",),
    ),
    Call("get_related_companies", {}, "/v1/related-companies/AAPL", same("ticker"), rows_min=3, positional=("AAPL",)),
    Call(
        "list_ticker_news",
        {"ticker": "AAPL", "limit": 9, "order": "desc"},
        "/v2/reference/news?ticker=AAPL&limit=9&order=desc",
        {**same("id", "title", "published_utc", "tickers", "article_url"), "publisher.name": "publisher.name"},
        rows_min=30,
        pages=True,
    ),
    Call(
        "get_market_status",
        {},
        "/v1/marketstatus/now",
        {
            "market": "market",
            "server_time": "serverTime",
            "after_hours": "afterHours",
            "exchanges.nyse": "exchanges.nyse",
        },
        key="",
    ),
    Call(
        "get_market_holidays",
        {},
        "/v1/marketstatus/upcoming",
        same("date", "exchange", "name", "status", "open", "close"),
        key="",
        rows_min=20,
    ),
    Call(
        "list_splits",
        {"limit": 3},
        "/v3/reference/splits?limit=3",
        same("ticker", "execution_date", "split_from", "split_to"),
        rows_min=8,
        pages=True,
    ),
    Call(
        "list_stocks_splits",
        {"ticker": "AAPL"},
        "/stocks/v1/splits?ticker=AAPL",
        same("ticker", "adjustment_type", "historical_adjustment_factor"),
        rows_min=2,
    ),
    Call(
        "list_dividends",
        {"ticker": "AAPL"},
        "/v3/reference/dividends?ticker=AAPL",
        same("ticker", "cash_amount", "ex_dividend_date", "pay_date"),
        rows_min=20,
        pages=True,
    ),
    Call(
        "list_stocks_dividends",
        {"ticker": "MSFT"},
        "/stocks/v1/dividends?ticker=MSFT",
        same("ticker", "cash_amount"),
        rows_min=20,
        pages=True,
    ),
    Call(
        "list_conditions",
        {"asset_class": "stocks", "limit": 4},
        "/v3/reference/conditions?asset_class=stocks&limit=4",
        same("id", "name"),
        rows_min=10,
        pages=True,
    ),
    Call(
        "get_exchanges",
        {"asset_class": "stocks"},
        "/v3/reference/exchanges?asset_class=stocks",
        same("id", "name", "mic"),
        rows_min=15,
    ),
    Call(
        "list_short_interest",
        {"ticker": "AAPL"},
        "/stocks/v1/short-interest?ticker=AAPL",
        same("ticker", "settlement_date", "short_interest"),
        rows_min=3,
    ),
    Call(
        "list_short_volume",
        {"ticker": "AAPL"},
        "/stocks/v1/short-volume?ticker=AAPL",
        same("ticker", "date", "total_volume"),
        rows_min=10,
        pages=True,
    ),
]
