"""What the pages say, read from their Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

_LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def read(page: str) -> str:
    return (ROOT / page).read_text()


def pages() -> list[Path]:
    """Every page of the project that users read."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("clients/*/README.md"), ROOT / "bench/README.md"]
    return sorted(page for page in found if page.exists())


def section(text: str, title: str) -> str:
    """From a heading to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert found, f"there is no heading {title!r}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def headings(text: str) -> list[tuple[int, str]]:
    """(level, title)"""
    return [(len(x[1]), x[2]) for x in re.finditer(r"^(#+) (.+)$", _FENCE.sub("", text), re.MULTILINE)]


def anchors(text: str) -> set[str]:
    """As the usual viewers name headings."""
    titles = [re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", title) for _, title in headings(text)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def links(page: Path) -> Iterator[str]:
    for found in _LINK.finditer(_FENCE.sub("", page.read_text())):
        if not re.match(r"[a-z]+:", found[1]):
            yield found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, heads and rulers left out."""
    out = []
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if not line.startswith("|") or set(line) <= set("|-: "):
            continue
        if i + 1 < len(lines) and lines[i + 1].startswith("|") and set(lines[i + 1]) <= set("|-: "):
            continue  # the head
        cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
        out.append([cell.strip().replace("\\|", "|") for cell in cells])
    return out


def words(cell: str) -> list[str]:
    return [word.strip().strip("`") for word in cell.split(",")]
