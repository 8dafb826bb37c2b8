#!/usr/bin/python3
"""Measures the daemon beside its anchors, in the same rounds, and prints ratios. bench/README.md tells how to read them.

Exits 0 whatever the ratios are; 1 when something could not be measured (it says what); 2 on wrong use.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from bench.harness import report  # noqa: E402
from bench.harness.bench import SOURCE, Bench  # noqa: E402
from bench.harness.rows import ROWS  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the table shows medians (default 5)")
    parser.add_argument("--quick", action="store_true", help="two short rounds: shows that it runs, not what it reaches")
    parser.add_argument("--only", action="append", metavar="NAME", help="rows whose name contains NAME; may be repeated")
    parser.add_argument("--mode", choices=("one-core", "free"), action="append", help="default: both")
    parser.add_argument("--json", metavar="FILE", help="writes all numbers there")
    parser.add_argument("--build", default=SOURCE.parent / "build", help="build folder (default: build)")
    parser.add_argument("--list", action="store_true", help="names the rows and ends")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def chosen(names):
    rows = [row for row in ROWS if not names or any(name in row.name for name in names)]
    if not rows:
        sys.exit(f"no row is named like {', '.join(names)}; there are: {', '.join(row.name for row in ROWS)}")
    return rows


def measure(bench, rows, modes, rounds, failures):
    by_mode = {mode: [] for mode in modes}
    for number in range(rounds):
        for mode in modes:
            print(f"round {number + 1} of {rounds}, {mode} ...", file=sys.stderr, flush=True)
            by_mode[mode].append(bench.round([row for row in rows if mode in row.modes], mode, failures))
    return by_mode


def main():
    options = arguments()
    rows = chosen(options.only)
    if options.list:
        for row in ROWS:
            print(f"{row.name:14} {row.what}")
        return 0
    # Both unwind: children are ended, files removed (also where a shell has set Ctrl-C to be ignored).
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    rounds = 2 if options.quick else options.rounds
    modes = options.mode or ["one-core", "free"]
    failures = {}
    bench = Bench(options.build, options.quick)
    try:
        bench.capture()
        by_mode = measure(bench, rows, modes, rounds, failures)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        bench.close()

    table = report.summarise(rows, by_mode)
    detail = report.details(by_mode)
    print(f"\n{rounds} rounds, median (min..max); {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    report.print_table(table, sys.stdout)
    print("\nThe daemon's threads, % of a core:")
    report.print_threads(detail, sys.stdout)
    for note in bench.notes:
        print(f"note: {note}")
    for (name, mode), why in failures.items():
        print(f"NOT MEASURED: {name} ({mode}): {why}")
    if options.json:
        with open(options.json, "w") as out:
            json.dump({"when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "rounds": rounds,
                       "machine": platform.platform(), "cores": os.cpu_count(), "rows": table, "detail": detail,
                       "notes": bench.notes, "not_measured": [f"{n} ({m}): {why}" for (n, m), why in failures.items()]},
                      out, indent=1)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
