"""Anchor: a publisher as most people write it, pyzmq and msgpack, one dict a tick.

Prints `ready stream=<endpoint>`, starts when all subscriptions have come, publishes until it is killed.
"""

import argparse
import itertools
import time

import msgpack
import zmq


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--symbols", required=True)
    parser.add_argument("--subscriptions", type=int, default=1)
    options = parser.parse_args()
    with open(options.symbols) as lines:
        symbols = lines.read().split()

    socket = zmq.Context().socket(zmq.XPUB)
    socket.setsockopt(zmq.XPUB_NODROP, 1)
    socket.bind("tcp://127.0.0.1:*")
    print("ready stream=" + socket.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0"), flush=True)
    for _ in range(options.subscriptions):
        socket.recv()

    ticks = [(f"quote|{symbol}|".encode(), symbol) for symbol in symbols]
    for seq in itertools.count(1):
        for topic, symbol in ticks:
            now = time.time_ns()
            tick = {"seq": seq, "symbol": symbol, "ts": now, "rx": now, "bid": 100.25, "bid_size": 300,
                    "ask": 100.26, "ask_size": 400, "quality": "simulated"}
            socket.send_multipart((topic, msgpack.packb(tick)))


main()
