"""Medians over the rounds, as a table and as JSON."""

import statistics


def pick(results, reference):
    """The number behind `measure.key`, or None."""
    name, _, key = reference.partition(".")
    return results.get(name, {}).get(key)


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)} if values else None


def ratios(row, rounds):
    """One ratio a round: both sides of the same round."""
    out = []
    for results in rounds:
        value, anchor = pick(results, row.value), pick(results, row.anchor) if row.anchor else 1
        if value is not None and anchor:
            out.append(value / anchor)
    return out


def figure(number):
    if number >= 1e6:
        return f"{number / 1e6:.2f} M"
    if number >= 1e4:
        return f"{number / 1e3:.1f} k"
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"


def summarise(rows, rounds_by_mode):
    table = []
    for mode, rounds in rounds_by_mode.items():
        for row in rows:
            if mode not in row.modes:
                continue
            ratio = spread(ratios(row, rounds))
            entry = {"name": row.name, "mode": mode, "what": row.what, "unit": row.unit, "better": row.better,
                     "goal": row.goal, "gate": row.gate, "ratio": ratio,
                     "value": spread([v for v in (pick(r, row.value) for r in rounds) if v is not None]),
                     "anchor": spread([v for v in (pick(r, row.anchor) for r in rounds) if v is not None]) if row.anchor else None}
            entry["verdict"] = row.verdict(ratio["median"], mode) if ratio else "not measured"
            table.append(entry)
    return table


def details(rounds_by_mode):
    """Medians of everything that was measured, also of what no row shows (losses, CPU by thread)."""
    out = {}
    for mode, rounds in rounds_by_mode.items():
        for results in rounds:
            for name, numbers in results.items():
                for key, number in numbers.items():
                    out.setdefault(mode, {}).setdefault(name, {}).setdefault(key, []).append(number)
    return {mode: {name: {key: spread(values) for key, values in keys.items()} for name, keys in names.items()}
            for mode, names in out.items()}


def print_table(table, out):
    def cell(entry, key):
        return figure(entry[key]["median"]) if entry[key] else "-"

    head = ("", "mode", "measured", "anchor", "ratio (min..max)", "goal / gate", "")
    lines = []
    for e in table:
        sign = ">=" if e["better"] == "high" else "<="
        ratio = e["ratio"]
        shown = "-" if not ratio else f"{ratio['median']:.2f} ({ratio['min']:.2f}..{ratio['max']:.2f}) {e['unit']}"
        lines.append((e["name"], e["mode"], cell(e, "value"), cell(e, "anchor"), shown,
                      f"{sign} {e['goal']:g} / {e['gate']:g}" if e["goal"] is not None else "", e["verdict"]))
    widths = [max(len(line[i]) for line in [head] + lines) for i in range(len(head))]
    for line in [head] + lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip(), file=out)


def print_threads(detail, out):
    """CPU the daemon's threads used while it was measured, in per cent of one core."""
    for mode, names in detail.items():
        for name, keys in names.items():
            used = {key[4:]: value["median"] for key, value in keys.items() if key.startswith("cpu_") and key != "cpu_percent"}
            lost = f", lost {100 * keys['lost']['median']:.1f} %" if "lost" in keys else ""
            if used:
                threads = ", ".join(f"{thread} {100 * share:.0f}" for thread, share in sorted(used.items(), key=lambda x: -x[1]) if share >= 0.01)
                print(f"  {mode} {name}: {threads}{lost}", file=out)
