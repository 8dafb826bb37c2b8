"""What ib_async's decoder does with the payloads: its fields, then its handlers, into a wrapper that drops all of it. Prints one
line of JSON: messages (a second)."""

import json
import sys
import time

from ib_async.decoder import Decoder

PASSES = 5


class Dropped:
    """Takes every call of the decoder."""

    def __init__(self) -> None:
        self.calls = 0

    def __getattr__(self, _: str):
        def take(*_args: object) -> None:
            self.calls += 1

        self.__dict__[_] = take
        return take


def main() -> None:
    with open(sys.argv[1], "rb") as file:
        payloads = [line.rstrip(b"\n").replace(b"|", b"\0") for line in file]
    wrapper = Dropped()
    decoder = Decoder(wrapper, 178)
    best = float("inf")
    for _ in range(PASSES):
        start = time.process_time()
        for payload in payloads:
            fields = payload.decode(errors="backslashreplace").split("\0")
            fields.pop()
            decoder.interpret(fields)
        best = min(best, time.process_time() - start)
    if wrapper.calls < PASSES * len(payloads):
        raise SystemExit(f"{wrapper.calls} calls for {PASSES} times {len(payloads)} messages")
    print(json.dumps({"messages": len(payloads) / best}), flush=True)


main()
