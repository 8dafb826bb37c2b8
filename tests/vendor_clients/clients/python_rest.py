"""Makes calls with a vendor's Python client, as it is: PACKAGE BASE KEY, the calls as JSON on standard input, rows as JSON on
standard output. Runs in the virtual environment."""

from __future__ import annotations

import importlib
import json
import sys
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(x) for key, x in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(x) for x in value]
    if isinstance(value, Enum):
        return value.value
    return plain(vars(value)) if hasattr(value, "__dict__") else value


def main() -> None:
    package, base, key = sys.argv[1:]
    client = importlib.import_module(package).RESTClient(key, base=base)
    results: list[Any] = []
    for method, positional, arguments in json.load(sys.stdin):
        if not hasattr(client, method):
            results.append(None)
            continue
        try:
            answer = getattr(client, method)(*positional, **arguments)
            rows = answer if isinstance(answer, list) else list(answer) if hasattr(answer, "__next__") else [answer]
            results.append(plain(rows))
        except Exception as error:
            results.append(f"{type(error).__name__}: {error}")
    json.dump(results, sys.stdout)


main()
