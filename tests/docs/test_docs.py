"""The pages tell the truth: ops, topics, error codes, configuration keys, rooms, links and examples are held against the
sources and the running daemon. A check that fails names the page to change."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from harness import DEADLINE_S, Daemon, binary
from pages import ROOT, anchors, headings, links, pages, read, rows, section, words

PROTOCOL = "docs/protocol.md"
CONFIGURATION = "docs/configuration.md"

# ---- the protocol page ----------------------------------------------------------------------------------------------


def ops_described() -> set[str]:
    """Each op has a heading of its own below Commands."""
    return {title for level, title in headings(section(read(PROTOCOL), "Commands")) if level == 4}


def ops_to_come() -> set[str]:
    """Those that the protocol page calls missing."""
    line = re.search(r"^- ops: (.*)$", section(read(PROTOCOL), "Not yet"), re.MULTILINE)
    return set(words(line[1])) if line else set()


def ops_in_the_sources() -> set[str]:
    gateway = re.findall(r'\{"(\w+)", &GatewayState::', read("engine/gateway/gateway.cpp"))
    bridge = re.findall(r'envelope->op == "(\w+)"', read("bus/bridge/bridge.cpp"))
    orders = re.findall(r'OrderOp\{"(\w+)"', read("engine/orders/order_ops.hpp"))
    assert gateway and bridge and orders, "the sources no longer look as this check expects: adapt it"
    return {*gateway, *bridge, *orders}


def code_of(daemon: Daemon, op: str) -> str:
    reply = daemon.requester().ask(op, {"symbol": 1})
    return "" if reply["ok"] else str(reply["error"]["code"])


def test_every_op_described_is_known_to_the_daemon(daemon: Daemon) -> None:
    asked = sorted(ops_described() - {"cancel_all"})  # with arguments that change nothing
    assert len(asked) > 20
    unknown = [op for op in asked if code_of(daemon, op) == "request.unknown_op"]
    assert unknown == [], f"{PROTOCOL} describes ops that the daemon does not know"


def test_every_op_of_the_daemon_is_described() -> None:
    assert ops_in_the_sources() - ops_described() == set(), f"ops without a heading in {PROTOCOL}"
    assert ops_described() - ops_in_the_sources() == set(), f"headings in {PROTOCOL} without an op"


def test_what_is_said_to_be_missing_is_missing(daemon: Daemon) -> None:
    there = [op for op in sorted(ops_to_come()) if code_of(daemon, op) != "request.unknown_op"]
    assert there == [], f'these ops work now: describe them in {PROTOCOL}, and take them out of "Not yet"'
    if daemon.request("get_status")["journal"]["durable"]:
        assert "kept in memory" not in section(read("README.md"), "What it promises, and what not yet")


def test_every_error_code_is_described() -> None:
    known = set(re.findall(r'"(\w+(?:\.\w+)?)",', read("bus/model/error.cpp").split("texts = {")[1].split("};")[0]))
    known -= {"ok", "config.invalid"}  # never on the wire
    assert len(known) > 25
    described = {code for row in rows(section(read(PROTOCOL), "Error codes")) for code in words(row[0])}
    assert described == known


def test_every_topic_is_described() -> None:
    kinds = re.search(r'TRADEBUS_ENUM\(StreamKind, (.*?)\);', read("bus/model/enums.hpp"), re.DOTALL)
    assert kinds
    described = set(re.findall(r"`(\w+)\|", " ".join(row[0] for row in rows(section(read(PROTOCOL), "Stream")))))
    streams = set(re.findall(r'"(\w+)"', kinds[1]))
    assert streams | {"feed", "order", "position", "account", "status", "heartbeat"} <= described


TOPICS = ["quote|AAPL|", "trade|AAPL|", "bar_1s|AAPL|", "news|AAPL|", "status|quote|AAPL|", "status|provider|", "feed|quote|", "heartbeat|"]


def test_bodies_have_the_keys_that_the_page_says(daemon: Daemon) -> None:
    described = {}
    for topic, body, *_ in rows(section(read(PROTOCOL), "Stream").split("### States")[0]):
        optional = {key for group in re.findall(r"\[([^\]]*)\]", body) for key in words(group)}
        plain = re.sub(r"\[[^\]]*\]|\([^)]*\)|:.*|;.*", "", body)
        required = {word for word in words(plain) if re.fullmatch(r"\w+", word)} - optional
        for name in re.findall(r"`([^`]+)`", topic):
            described[name.split("|")[0] if not name.startswith("status") else "|".join(name.split("|")[:2])] = (required, optional)
    stream = daemon.subscribe(*TOPICS)
    stream.until(lambda topic, body: topic == TOPICS[-1])  # subscribed last: now all are in force
    daemon.request("disconnect", name="sim")
    daemon.request("connect", name="sim")
    missing = {topic for topic in TOPICS}
    stream_end = stream.until(lambda topic, body: missing.discard(next((t for t in missing if topic.startswith(t)), "")) or not missing)
    for topic, body in stream_end:
        parts = topic.split("|")
        name = f"status|{parts[1]}" if topic.startswith(("status|provider", "status|broker")) else parts[0]
        required, optional = described["status|KIND"] if name == "status" else described[name]
        keys = set(body) - {"seq", "snapshot"}
        assert required <= keys, f"{topic}: {PROTOCOL} promises {required - keys}"
        assert keys <= required | optional, f"{topic}: {PROTOCOL} does not know {keys - required - optional}"


# ---- configuration --------------------------------------------------------------------------------------------------


def printed_config(tmp_path: Path) -> dict[str, dict[str, object]]:
    done = subprocess.run(
        [binary("tradebusd"), "--print-config"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    out: dict[str, dict[str, object]] = {}

    def walk(path: str, table: dict[str, object]) -> None:
        for key, value in table.items():
            name = f"{path}.{key}" if path else key
            if isinstance(value, dict):
                walk(name, value)
            else:
                out.setdefault(path, {})[key] = value

    walk("", tomllib.loads(done.stdout))
    return out


def test_every_key_is_described_with_its_default(tmp_path: Path) -> None:
    text = read(CONFIGURATION)
    for name, keys in printed_config(tmp_path).items():
        described = {words(row[0])[0]: row[1].strip("`") for row in rows(section(text, f"[{name}]"))}
        assert set(described) == set(keys), f"{CONFIGURATION}: section [{name}]"
        for key, value in keys.items():
            assert tomllib.loads(f"x = {described[key]}")["x"] == value, f"{CONFIGURATION}: the default of {name}.{key}"


def test_the_risk_page_has_every_key_and_real_codes(tmp_path: Path) -> None:
    described = {words(row[0])[0]: (row[1].strip("`"), row[4]) for row in rows(section(read("docs/risk.md"), "Keys").split("### ")[0])}
    keys = printed_config(tmp_path)["risk"]
    assert set(described) == set(keys)
    codes = set(re.findall(r'"(risk\.\w+)"', read("bus/model/error.cpp")))
    for key, (default, code) in described.items():
        assert tomllib.loads(f"x = {default}")["x"] == keys[key], f"docs/risk.md: the default of {key}"
        assert not code or code in codes, f"docs/risk.md: the code of {key}"


def test_every_section_is_the_daemons(tmp_path: Path) -> None:
    described = {title[1:-1] for _, title in headings(read(CONFIGURATION)) if title.startswith("[")}
    assert described == set(printed_config(tmp_path))


# ---- the command line -----------------------------------------------------------------------------------------------


def test_every_command_is_described() -> None:
    if not Path(binary("tradebus")).exists():
        pytest.skip(f"{binary('tradebus')} is not built")
    done = subprocess.run([binary("tradebus"), "--help"], capture_output=True, text=True, timeout=DEADLINE_S)
    known = set(re.findall(r"^  ([a-z-]+) ", done.stdout.split("Subcommands:")[1].split("Exit codes")[0], re.MULTILINE))
    assert len(known) > 20
    described = {found for row in rows(section(read("docs/cli.md"), "All commands")) for found in re.findall(r"`([a-z-]+)", row[0])}
    assert described == known
    for code in re.findall(r"^  (\d)  ", done.stdout, re.MULTILINE):
        assert code in {row[0] for row in rows(section(read("docs/cli.md"), "Exit codes"))}


# ---- architecture ---------------------------------------------------------------------------------------------------


def room_of(path: str, rooms: list[str]) -> str | None:
    return next((room for room in sorted(rooms, key=len, reverse=True) if path == room or path.startswith(room + "/")), None)


def test_files_include_what_their_room_may() -> None:
    table = {row[0]: row[2] for row in rows(section(read("docs/architecture.md"), "Rooms"))}
    assert len(table) > 10
    tracked = [p for folder in ("actors", "bus", "clients", "config", "engine") for p in (ROOT / folder).rglob("*.?pp")]
    wrong = []
    for path in tracked:
        name = str(path.relative_to(ROOT))
        room = room_of(name, list(table))
        if room is None or table[room] == "everything":
            continue
        allowed = [] if table[room] == "nothing" else words(table[room])
        for include in re.findall(r'^#include "([^"]+)"', path.read_text(), re.MULTILINE):
            include = f"clients/cpp/include/{include}" if include.startswith("tradebus/") else include
            other = room_of(include, list(table))
            if other not in (room, *allowed):
                wrong.append(f"{name} includes {include}")
            mine, theirs = (re.match(r"actors/(?:providers|brokers|cache)/(\w+)/", x) for x in (name, include))
            if mine and theirs and mine[1] != theirs[1]:
                wrong.append(f"{name} includes another adapter's {include}")
    assert wrong == [], "docs/architecture.md, the table of rooms, does not allow this"


# ---- links and examples ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: no such file"
        assert not anchor or anchor in anchors(target.read_text()), f"{link}: no such heading"


def test_paths_in_the_architecture_page_exist() -> None:
    named = re.findall(r"`((?:actors|bus|clients|config|engine|tests)/[\w/.]+\.\w+)`", read("docs/architecture.md"))
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def python_blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)


def at(daemon: Daemon, code: str) -> str:
    """The same program against this test's ports."""
    code = code.replace("Client()", f"Client({daemon.stream!r}, {daemon.command!r})")
    return code.replace("tcp://127.0.0.1:5570", daemon.stream).replace("tcp://127.0.0.1:5571", daemon.command)


def test_the_readme_shows_the_example_as_it_is() -> None:
    (block,) = python_blocks("README.md")
    assert block.strip() in read("examples/python/five_lines.py")


def test_the_readmes_strategy_trades(daemon: Daemon, tmp_path: Path) -> None:
    (block,) = python_blocks("README.md")
    program = tmp_path / "strategy.py"
    program.write_text(at(daemon, block))
    orders = daemon.subscribe("order|")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python"), "PYTHONUNBUFFERED": "1"}
    with (tmp_path / "output.txt").open("w+") as output:
        strategy = subprocess.Popen(["/usr/bin/python3", str(program)], stdout=output, stderr=output, env=environment)
        try:
            events = orders.until(lambda _, body: body["event"] == "fill" or strategy.poll() is not None)
        finally:
            strategy.kill()
            strategy.wait()
        output.seek(0)
        assert events[-1][1]["event"] == "fill", output.read()
    assert events[-1][1]["order"]["symbol"] == "AAPL"


def test_the_protocols_examples_run(daemon: Daemon, tmp_path: Path) -> None:
    blocks = python_blocks(PROTOCOL)
    assert len(blocks) == 2
    for block in blocks:
        program = tmp_path / "example.py"
        program.write_text(at(daemon, block))
        done = subprocess.run(["/usr/bin/python3", str(program)], capture_output=True, text=True, timeout=DEADLINE_S)
        assert done.returncode == 0, done.stderr
        assert "AAPL" in done.stdout
