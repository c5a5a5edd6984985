"""Records that somebody else may have written: their texts steer no terminal, on any command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]

EVIL = "\x1b[31;5mX\x1b]0;title\x07\x9b2J\u202eevil\x00\r\x08[bold]Y[/bold]"
STEERING = [*map(chr, (*range(9), *range(11, 32), *range(127, 160))), "\u202e", "\u2066", "\u200f"]

SCRIPT = """
from jobtui_core import JsonFile, Memory, default_param, make

level = default_param("level", 3)
text = default_param("text", "words")

@make(inputs=["data.txt"])
def read():
    with open("data.txt") as file, open("side.txt") as side:
        print("reading")
        return file.read() + side.read()

@make(output=JsonFile("out.json"))
def write(text, level):
    return text * level

@make
def fails(text):
    raise ValueError("no such month")

write(read(), level)
fails(text)
"""

PLAIN = {
    "event", "call", "state", "kind", "analysis", "key", "result", "code", "run", "host", "boot",
    "parent", "digest", "store", "function", "script", "site", "place", "entry", "version",
    "started_by", "name", "queue", "job", "commit", "dirty", "pid",
}  # fmt: skip
"""Members without which a record would not be one, or not one of this project."""


def poisoned(value: Any, name: str = "") -> Any:
    """Give a record with something evil in every text that may be any."""
    if isinstance(value, str):
        return value if name in PLAIN else EVIL + value + EVIL
    if isinstance(value, dict):
        return {key: poisoned(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, name) for part in value]
    return value


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JOBTUI", "PYTEST"))}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "COLUMNS": "100"}


def jobtui(root: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "jobtui", *words],
        cwd=root,
        env=environment(),
        capture_output=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode in (0, 1, 2), done.stderr.decode()
    assert b"Traceback (most recent call last)" not in done.stderr.replace(EVIL.encode(), b"")
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that ran, and whose records were then poisoned."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "jobtui.toml").write_text("")
    (root / "script.py").write_text(SCRIPT)
    (root / "data.txt").write_text("abc\n")
    (root / "side.txt").write_text("side\n")
    subprocess.run([sys.executable, "script.py"], cwd=root, env=environment(), capture_output=True)
    for path in _records(root):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps(poisoned(line)) + "\n" for line in lines))
    for path in root.glob(".jobtui/runs/*/output.log"):
        path.write_text(EVIL + path.read_text() + EVIL)
    (root / "side.txt").write_text("another side\n")
    (root / "data.txt").write_text("abcd\n")
    return root


def _records(root: Path) -> Iterator[Path]:
    yield from root.glob(".jobtui/runs/*/events*.jsonl")
    yield from root.glob(".jobtui/cache/code/*.json")
    yield from root.glob(".jobtui/inputs/*.json")


COMMANDS = [
    ("status",), ("why", "read"), ("why", "write"), ("why", "fails"), ("plan",), ("accepted",),
    ("status", "--json"), ("why", "read", "--json"), ("plan", "--json"), ("log", "--json"),
    ("accept", "read"), ("status", "level=4"), ("report", "-o", "-"),
    ("report", "--markdown", "-o", "-"),
]  # fmt: skip
"""``log`` gives into a pipe what a script printed, byte by byte; on a terminal it does not."""


@pytest.mark.slow
def test_no_command_prints_what_steers_a_terminal(root: Path) -> None:
    shown = ""
    for words in COMMANDS:
        text = jobtui(root, *words)
        steering = sorted({repr(char) for char in STEERING if char in text})
        assert not steering, (words, steering, text[:2000])
        shown += text
    # It is there, spelled out.
    assert "evil" in shown
    assert "no such month" in shown
