"""ib_async, unchanged, walks through what a trader does; a line of JSON a step. Arguments: port, client id."""

from __future__ import annotations

import json
import logging
import math
import sys
import time
from typing import Any

import ib_async as ibi

logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
ib = ibi.IB()
ib.RaiseRequestErrors = False


def tell(step: str, **data: Any) -> None:
    print(json.dumps({"step": step, **data}), flush=True)


def trade(step: str, t: ibi.Trade) -> None:
    tell(
        step,
        id=t.order.orderId,
        perm_id=t.order.permId,
        status=t.orderStatus.status,
        filled=t.orderStatus.filled,
        held=t.orderStatus.whyHeld,
        fills=[
            [f.contract.secType, f.execution.side, f.execution.shares, f.execution.price, f.execution.orderRef]
            for f in t.fills
        ],
        commissions=[f.commissionReport.commission for f in t.fills if f.commissionReport.execId],
        codes=[entry.errorCode for entry in t.log if entry.errorCode],
    )


def wait(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and (left := deadline - time.monotonic()) > 0:
        ib.waitOnUpdate(timeout=left)


def known(value: float) -> bool:
    return not math.isnan(value)


ib.connect("127.0.0.1", int(sys.argv[1]), clientId=int(sys.argv[2]), timeout=20)
account = ib.managedAccounts()[0]
tell(
    "connected",
    version=ib.client.serverVersion(),
    accounts=ib.managedAccounts(),
    values={v.tag: v.value for v in ib.accountValues() if v.currency in ("USD", "")},
    positions=[[p.contract.symbol, p.position, p.avgCost] for p in ib.positions()],
    portfolio=[[p.contract.symbol, p.position] for p in ib.portfolio()],
    summary=len(ib.accountSummary()),
    open=len(ib.openTrades()),
    time=ib.reqCurrentTime().year,
)

# -- contracts
aapl = ibi.Stock("AAPL", "SMART", "USD")
ib.qualifyContracts(aapl)
details = ib.reqContractDetails(aapl)[0]
chain = next(c for c in ib.reqSecDefOptParams("AAPL", "", "STK", aapl.conId) if c.exchange == "SMART")
expiry = chain.expirations[3]
calls = [ibi.Option("AAPL", expiry, strike, "C", "SMART") for strike in (190.0, 195.0)]
ib.qualifyContracts(*calls)
tell(
    "contracts",
    con_id=aapl.conId,
    name=details.longName,
    min_tick=details.minTick,
    expirations=len(chain.expirations),
    strikes=len(chain.strikes),
    options=[c.conId for c in calls],
    local=[c.localSymbol for c in calls],
    found=[m.contract.symbol for m in ib.reqMatchingSymbols("APPLE")],
    increments=[[i.lowEdge, i.increment] for i in ib.reqMarketRule(26)],
)
ib.reqContractDetails(ibi.Stock("NOSUCH", "SMART", "USD"))

# -- data
stock, option = ib.reqMktData(aapl, "233,236"), ib.reqMktData(calls[0])
ticks = ib.reqTickByTickData(aapl, "BidAsk")
wait(
    lambda: known(stock.bid)
    and known(stock.last)
    and option.modelGreeks
    and ticks.tickByTicks
    and known(stock.shortableShares)
)
tell(
    "quotes",
    bid=stock.bid,
    ask=stock.ask,
    last=stock.last,
    shortable=stock.shortableShares,
    option=[option.bid, option.ask],
    delta=option.modelGreeks.delta if option.modelGreeks else None,
    ticks=len(ticks.tickByTicks),
)
ib.cancelTickByTickData(aapl, "BidAsk")
hours = ib.reqHistoricalData(aapl, "", "2 D", "1 hour", "TRADES", True)
days = ib.reqHistoricalData(aapl, "", "10 D", "1 day", "MIDPOINT", True)
live = ib.reqHistoricalData(aapl, "", "3600 S", "1 min", "TRADES", False, keepUpToDate=True)
updates: list[bool] = []
live.updateEvent += lambda bars, new: updates.append(new)
wait(lambda: updates)
ib.cancelHistoricalData(live)
tell(
    "history",
    hours=len(hours),
    days=len(days),
    close=days[-1].close,
    updates=len(updates),
    head=ib.reqHeadTimeStamp(aapl, "TRADES", True).year,
    ticks=len(ib.reqHistoricalTicks(aapl, "20240103 10:00:00 US/Eastern", "", 5, "BID_ASK", True)),
    sessions=len(ib.reqHistoricalSchedule(aapl, 7).sessions),
)
providers = ib.reqNewsProviders()
news = ib.reqHistoricalNews(aapl.conId, "+".join(p.code for p in providers), "", "", 5)
tell(
    "news",
    providers=len(providers),
    headlines=len(news),
    text=ib.reqNewsArticle(news[0].providerCode, news[0].articleId).articleText,
)
implied = ib.calculateImpliedVolatility(calls[0], 6.0, 190.0)
tell("calculated", price=ib.calculateOptionPrice(calls[0], implied.impliedVol, 190.0).optPrice)

# -- orders
limit = ib.placeOrder(aapl, ibi.LimitOrder("BUY", 10, 100, orderRef="walk-1", tif="DAY"))
wait(lambda: limit.orderStatus.status == "Submitted")
trade("placed", limit)
limit.order.lmtPrice = 101
ib.placeOrder(aapl, limit.order)
wait(lambda: len([e for e in limit.log if e.message == "Modify"]) > 0 and limit.orderStatus.status == "Submitted")
trade("modified", limit)
ib.cancelOrder(limit.order)
wait(lambda: limit.orderStatus.status == "Cancelled")
trade("cancelled", limit)


def filled(t: ibi.Trade, fills: int = 1) -> bool:
    return (
        t.orderStatus.status == "Filled"
        and len(t.fills) >= fills
        and all(f.commissionReport.execId for f in t.fills if f.contract.secType != "BAG")
    )


market = ib.placeOrder(aapl, ibi.MarketOrder("BUY", 50, orderRef="walk-2"))
wait(lambda: filled(market))
trade("stock", market)
bought = ib.placeOrder(calls[0], ibi.LimitOrder("BUY", 2, 50))
wait(lambda: filled(bought))
trade("option", bought)
legs = [
    ibi.ComboLeg(conId=c.conId, ratio=1, action=a, exchange="SMART")
    for c, a in zip(calls, ("BUY", "SELL"), strict=True)
]
combo = ibi.Bag(symbol="AAPL", exchange="SMART", currency="USD", comboLegs=legs)
spread = ibi.LimitOrder("BUY", 1, 0.01, smartComboRoutingParams=[ibi.TagValue("NonGuaranteed", "1")])
bag = ib.placeOrder(combo, spread)
wait(lambda: bag.orderStatus.status == "Submitted")
trade("combo resting", bag)
spread.lmtPrice = 5.0
ib.placeOrder(combo, spread)
wait(lambda: filled(bag, 3))
trade("combo", bag)
group = [ib.placeOrder(aapl, o) for o in ib.bracketOrder("BUY", 5, 300.0, 400.0, 50.0)]
wait(lambda: filled(group[0]) and group[1].orderStatus.status == "Submitted")
for member in group:
    trade("bracket", member)
trail = ib.placeOrder(
    aapl, ibi.Order(action="SELL", totalQuantity=5, orderType="TRAIL", trailingPercent=5.0, tif="GTC")
)
wait(lambda: trail.orderStatus.status == "PreSubmitted")
trade("trail", trail)
preview = ib.whatIfOrder(aapl, ibi.MarketOrder("BUY", 100))
tell("preview", margin=preview.initMarginChange, commission=preview.commission)
refused = ib.placeOrder(aapl, ibi.LimitOrder("BUY", 10, 100.001))
wait(lambda: refused.isDone())
trade("refused", refused)
ib.reqGlobalCancel()
wait(lambda: not ib.openTrades())
ib.reqPnL(account)
wait(lambda: ib.pnl() and known(ib.pnl()[0].dailyPnL))
tell(
    "after",
    open=len(ib.reqAllOpenOrders()),
    positions={p.contract.localSymbol: p.position for p in ib.positions()},
    executions=len(ib.reqExecutions()),
    completed=sorted({t.orderStatus.status for t in ib.reqCompletedOrders(False)}),
    pnl=ib.pnl()[0].dailyPnL,
)
ib.cancelMktData(aapl)
ib.disconnect()
tell("done")
