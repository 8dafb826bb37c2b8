"""The vendor's JavaScript client: REST with its own paging, the stream, and failures."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from venue import DEADLINE_S, FREE_KEY, KEY, Venue, without_proxies

OPTION = "O:AAPL240628C00190000"
CALLS: list[tuple[str, dict[str, Any] | None, str]] = [
    (
        "getStocksAggregates",
        {"stocksTicker": "AAPL", "multiplier": 1, "timespan": "day", "from": "2024-05-01", "to": "2024-06-20"},
        "/v2/aggs/ticker/AAPL/range/1/day/2024-05-01/2024-06-20",
    ),
    (
        "getOptionsAggregates",
        {"optionsTicker": OPTION, "multiplier": 1, "timespan": "hour", "from": "2024-06-18", "to": "2024-06-20"},
        f"/v2/aggs/ticker/{OPTION}/range/1/hour/2024-06-18/2024-06-20",
    ),
    ("getGroupedStocksAggregates", {"date": "2024-06-20"}, "/v2/aggs/grouped/locale/us/market/stocks/2024-06-20"),
    ("getPreviousStocksAggregates", {"stocksTicker": "AAPL"}, "/v2/aggs/ticker/AAPL/prev"),
    ("getStocksOpenClose", {"stocksTicker": "AAPL", "date": "2024-06-20"}, "/v1/open-close/AAPL/2024-06-20"),
    ("getStocksTrades", {"stockTicker": "AAPL", "limit": 50}, "/v3/trades/AAPL?limit=50"),
    ("getStocksQuotes", {"stockTicker": "AAPL", "limit": 50}, "/v3/quotes/AAPL?limit=50"),
    ("getOptionsTrades", {"optionsTicker": OPTION, "limit": 5}, f"/v3/trades/{OPTION}?limit=5"),
    ("getLastStocksTrade", {"stocksTicker": "AAPL"}, "/v2/last/trade/AAPL"),
    ("getLastStocksQuote", {"stocksTicker": "AAPL"}, "/v2/last/nbbo/AAPL"),
    ("getLastOptionsTrade", {"optionsTicker": OPTION}, f"/v2/last/trade/{OPTION}"),
    ("getStocksSnapshotTicker", {"stocksTicker": "AAPL"}, "/v2/snapshot/locale/us/markets/stocks/tickers/AAPL"),
    (
        "getStocksSnapshotTickers",
        {"tickers": ["AAPL", "MSFT"]},
        "/v2/snapshot/locale/us/markets/stocks/tickers?tickers=AAPL,MSFT",
    ),
    ("getStocksSnapshotDirection", {"direction": "gainers"}, "/v2/snapshot/locale/us/markets/stocks/gainers"),
    ("getSnapshots", {"tickerAnyOf": f"AAPL,NOBODY,{OPTION}"}, f"/v3/snapshot?ticker.any_of=AAPL,NOBODY,{OPTION}"),
    (
        "getOptionsChain",
        {"underlyingAsset": "AAPL", "expirationDate": "2024-06-28", "limit": 20},
        "/v3/snapshot/options/AAPL?expiration_date=2024-06-28&limit=20",
    ),
    ("getOptionContract", {"underlyingAsset": "AAPL", "optionContract": OPTION}, f"/v3/snapshot/options/AAPL/{OPTION}"),
    ("getOptionsContract", {"optionsTicker": OPTION}, f"/v3/reference/options/contracts/{OPTION}"),
    (
        "listOptionsContracts",
        {"underlyingTicker": "AAPL", "limit": 20},
        "/v3/reference/options/contracts?underlying_ticker=AAPL&limit=20",
    ),
    ("listTickers", {"search": "trust"}, "/v3/reference/tickers?search=trust"),
    ("getTicker", {"ticker": "AAPL"}, "/v3/reference/tickers/AAPL"),
    ("getEvents", {"id": "AAPL"}, "/vX/reference/tickers/AAPL/events"),
    ("getRelatedCompanies", {"ticker": "AAPL"}, "/v1/related-companies/AAPL"),
    ("listTickerTypes", {}, "/v3/reference/tickers/types"),
    ("listNews", {"ticker": "AAPL", "limit": 5}, "/v2/reference/news?ticker=AAPL&limit=5"),
    ("getMarketStatus", None, "/v1/marketstatus/now"),
    ("getMarketHolidays", None, "/v1/marketstatus/upcoming"),
    ("listStockSplits", {"limit": 3}, "/v3/reference/splits?limit=3"),
    ("getStocksV1Splits", {}, "/stocks/v1/splits"),
    ("listDividends", {}, "/v3/reference/dividends"),
    ("getStocksV1Dividends", {}, "/stocks/v1/dividends"),
    ("listExchanges", {}, "/v3/reference/exchanges"),
    ("listConditions", {"assetClass": "stocks"}, "/v3/reference/conditions?asset_class=stocks"),
    ("getStocksV1ShortInterest", {}, "/stocks/v1/short-interest"),
    ("getStocksV1ShortVolume", {}, "/stocks/v1/short-volume"),
]
PAGED: list[tuple[str, dict[str, Any], str]] = [
    (
        "getStocksAggregates",
        {
            "stocksTicker": "AAPL",
            "multiplier": 5,
            "timespan": "minute",
            "from": "2024-06-18",
            "to": "2024-06-20",
            "limit": 200,
        },
        "/v2/aggs/ticker/AAPL/range/5/minute/2024-06-18/2024-06-20?limit=200",
    ),
    (
        "getOptionsChain",
        {"underlyingAsset": "AAPL", "expirationDate": "2024-06-28"},
        "/v3/snapshot/options/AAPL?expiration_date=2024-06-28",
    ),
    ("listTickers", {"limit": 9}, "/v3/reference/tickers?limit=9"),
    (
        "getStocksTrades",
        {"stockTicker": "AAPL", "timestamp": "2024-06-20", "limit": 900},
        "/v3/trades/AAPL?timestamp=2024-06-20&limit=900",
    ),
]


def environment(venue: Venue) -> dict[str, str]:
    found = without_proxies()
    if venue.certificates is not None:
        found["NODE_EXTRA_CA_CERTS"] = str(venue.certificates / "ca.pem")
    return found


def run(folder: Path, venue: Venue, script: str, *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        ["node", script, *arguments],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=4 * DEADLINE_S,
        env=environment(venue),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask(folder: Path, venue: Venue, calls: list[tuple[str, dict[str, Any] | None, bool]], key: str = KEY) -> list[Any]:
    text = json.dumps([{"method": method, "request": request, "pages": pages} for method, request, pages in calls])
    results: list[Any] = json.loads(run(folder, venue, "rest.mjs", venue.rest, key, text=text), parse_int=float)
    return results


def as_javascript(answer: Any) -> Any:
    """With every number a double: so the client knows nanoseconds only roughly."""
    return json.loads(json.dumps(answer), parse_int=float)


def without_ids(answer: Any) -> Any:
    """What two equal calls have in common."""
    return {name: x for name, x in answer.items() if name != "request_id"} if isinstance(answer, dict) else answer


def test_every_call_gives_what_the_venue_served(javascript: Path, venue: Venue) -> None:
    results = ask(javascript, venue, [(method, request, False) for method, request, _ in CALLS])
    for (method, _, target), answer in zip(CALLS, results, strict=True):
        served = without_ids(as_javascript(venue.get(target)))
        got = without_ids(answer)
        if isinstance(got, dict):
            # The cursor holds the query as it was spelled.
            assert bool(got.pop("next_url", None)) == bool(served.pop("next_url", None)), method
        assert got == served, method
    assert venue.stats()["auth_failures"] == 0


def test_its_own_paging_reaches_the_end(javascript: Path, venue: Venue) -> None:
    results = ask(javascript, venue, [(method, request, True) for method, request, _ in PAGED])
    for (method, _, target), answer in zip(PAGED, results, strict=True):
        served = as_javascript(venue.rows(target))
        by_text = sorted(json.dumps(row, sort_keys=True) for row in served)
        assert len(served) > 20
        assert sorted(json.dumps(row, sort_keys=True) for row in answer["results"]) == by_text, method


def test_failures_are_told_in_the_venues_words(javascript: Path, venue: Venue) -> None:
    (wrong,) = ask(javascript, venue, [("getMarketStatus", None, False)], key="wrong")
    assert wrong["status"] == 401 and wrong["body"]["error"] == "Unknown API Key"
    (poor,) = ask(javascript, venue, [("getLastStocksTrade", {"stocksTicker": "AAPL"}, False)], key=FREE_KEY)
    assert poor["status"] == 403 and poor["body"]["status"] == "NOT_AUTHORIZED"
    venue.control("/faults", {"kind": 429})
    (busy,) = ask(javascript, venue, [("getMarketStatus", None, False)])
    assert busy["status"] == 429 and busy["body"]["error"].startswith("You've exceeded the maximum requests per minute")


def test_the_stream(javascript: Path, venue: Venue) -> None:
    lines = [
        json.loads(line)
        for line in run(javascript, venue, "stream.mjs", venue.websocket, KEY, "T.AAPL,Q.MSFT", "50").splitlines()
    ]
    statuses = [(x["status"], x["message"]) for x in lines if x.get("ev") == "status"]
    assert statuses[:2] == [("connected", "Connected Successfully"), ("auth_success", "authenticated")]
    assert ("success", "subscribed to: T.AAPL") in statuses and ("success", "subscribed to: Q.MSFT") in statuses
    assert {(x["ev"], x["sym"]) for x in lines if x.get("ev") in ("T", "Q")} == {("T", "AAPL"), ("Q", "MSFT")}
    assert lines[-1] == {"closed": True}


def test_a_bad_login_ends_the_stream(javascript: Path, venue: Venue) -> None:
    lines = [
        json.loads(line)
        for line in run(javascript, venue, "stream.mjs", venue.websocket, "wrong", "T.AAPL", "1").splitlines()
    ]
    assert [x.get("status") for x in lines[:2]] == ["connected", "auth_failed"]
    assert lines[-1] == {"closed": True}


def test_over_tls_with_a_ca_of_our_own(javascript: Path, tls_venue: Venue) -> None:
    (trade,) = ask(javascript, tls_venue, [("getLastStocksTrade", {"stocksTicker": "AAPL"}, False)])
    assert trade["results"]["T"] == "AAPL"
    assert '{"closed":true}' in run(javascript, tls_venue, "stream.mjs", tls_venue.websocket, KEY, "T.AAPL", "5")
