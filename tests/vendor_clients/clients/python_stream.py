"""Streams with a vendor's Python client, as it is: PACKAGE HOST:PORT MARKET KEY TLS(0|1) TOPIC... Commands come as lines of JSON on
standard input ({"subscribe": [...]}, {"unsubscribe": [...]}, {"close": true}); each message goes out as a line of JSON.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any


async def main() -> None:
    package, feed, market, key, tls, *topics = sys.argv[1:]
    client = importlib.import_module(package).WebSocketClient(
        api_key=key, feed=feed, market=market, secure=tls == "1", subscriptions=topics, max_reconnects=0
    )

    async def show(messages: list[Any]) -> None:
        for message in messages:
            print(json.dumps({"type": type(message).__name__, **vars(message)}), flush=True)

    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    running = asyncio.create_task(client.connect(show))
    while not running.done():
        line = asyncio.create_task(commands.readline())
        await asyncio.wait([line, running], return_when=asyncio.FIRST_COMPLETED)
        if not line.done():
            line.cancel()
            break
        command = json.loads(line.result() or '{"close": true}')
        if command.get("close"):
            await client.close()
            break
        client.subscribe(*command.get("subscribe", []))
        client.unsubscribe(*command.get("unsubscribe", []))
    try:
        await running
    except Exception as error:
        print(json.dumps({"failed": type(error).__name__, "message": str(error)}), flush=True)


asyncio.run(main())
