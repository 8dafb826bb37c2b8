"""What the venue's own Python client does with a frame: its JSON, then its models. Prints one line of JSON: events."""

import json
import logging
import sys
import time

from massive.websocket.models import Market, parse

PASSES = 5


def main() -> None:
    with open(sys.argv[1]) as file:
        frames = [line.strip() for line in file]
    logger = logging.getLogger("massive")
    best = float("inf")
    events = 0
    for _ in range(PASSES):
        start = time.process_time()
        events = sum(len(parse(json.loads(frame), logger, Market.Stocks)) for frame in frames)
        best = min(best, time.process_time() - start)
    print(json.dumps({"events": events / best}), flush=True)


main()
