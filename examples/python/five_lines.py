"""A strategy in five lines: hold one share of AAPL, bought when the spread is narrow.

Needs: pip install ./clients/python"""

from tradebus import Client

with Client() as bus:
    for quote in bus.quotes("AAPL"):
        if quote.spread is not None and quote.spread < 0.10 and not bus.positions():
            print(bus.wait(bus.buy("AAPL", 1)))
