"""Entries that say what no call of ours ever wrote: the caller hears the right value."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobtui_core import JsonFile, Memory, make
from jobtui_core.codecs import decode_plain
from jobtui_core.codecs.plain import encode_plain
from jobtui_core.entry import layout
from jobtui_core.stores import quote

pytestmark = pytest.mark.filterwarnings("ignore::jobtui_core.errors.CacheWarning")

calls: list[str] = []


@make(output=JsonFile("out/part.json"))
def part() -> int:
    calls.append("part")
    return 3


@make
def whole() -> int:
    calls.append("whole")
    return part() + 1


@pytest.fixture
def tampered(tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], object]], None]:
    """Change the compact section of the entry of ``whole``, with right checksums."""
    calls.clear()
    assert whole() == 4
    (entry,) = (tmp_path / ".jobtui" / "cache" / quote(whole.identity)).glob("*/*.entry")

    def tamper(change: Callable[[dict[str, Any]], object]) -> None:
        data = entry.read_bytes()
        old = layout.parse(data)
        compact = decode_plain(old.compact)
        change(compact)
        packed = encode_plain(compact)
        assert packed is not None
        start, size = old.header
        pieces = layout.build(
            key=old.key,
            result=old.result,
            started=old.started,
            duration=old.duration,
            codec=old.codec,
            frames=[data[frame.offset : frame.offset + frame.length] for frame in old.frames],
            compact=packed,
            header=data[start : start + size],
        )
        entry.unlink()
        entry.write_bytes(b"".join(bytes(piece) for piece in pieces))
        (tmp_path / "out" / "part.json").unlink()
        calls.clear()

    return tamper


@pytest.mark.parametrize(
    "path",
    [
        "../escaped.json",
        "out/../../escaped.json",
        "{parent}/escaped.json",
        "link/escaped.json",
        ".git/hooks/post-commit",
        ".jobtui/escaped.json",
    ],
)
def test_nothing_is_put_where_only_an_entry_wants_it(tmp_path, tampered, path):
    (tmp_path / "link").symlink_to(tmp_path.parent)
    target = path.format(parent=tmp_path.parent)
    tampered(lambda compact: compact["outputs"][0].update(path=target))
    assert whole() == 4
    assert calls == ["whole"]
    assert (tmp_path / "out" / "part.json").is_file()
    assert not list(tmp_path.parent.glob("escaped.json"))
    assert not (tmp_path / ".git").exists()
    assert not (tmp_path / ".jobtui" / "escaped.json").exists()


def test_a_memoized_function_has_no_output_of_its_own(tmp_path, tampered):
    tampered(lambda compact: compact["outputs"][0].update(inner=0, path="mine.json"))
    assert whole() == 4
    assert not (tmp_path / "mine.json").exists()


@pytest.mark.parametrize(
    "change",
    [
        *(
            pytest.param(lambda compact, n=name: compact["outputs"][0].pop(n), id=f"no {name}")
            for name in ("path", "digest", "kept", "saver", "state", "inner", "store")
        ),
        *(
            pytest.param(
                lambda compact, n=name, v=value: compact["outputs"][0].update({n: v}),
                id=f"{name}={value!r}",
            )
            for name, value in [
                ("path", 3),
                ("path", None),
                ("path", "a\0b"),
                ("path", "\ud800"),
                ("path", "x" * 5000),
                ("path", ""),
                ("digest", 3),
                ("digest", "../../etc"),
                ("kept", "yes"),
                ("state", "x"),
                ("store", 3),
                ("store", "nosuch://x"),
            ]
        ),
        *(
            pytest.param(lambda compact, i=inner: compact.update(inner=i), id=f"inner={inner!r}")
            for inner in ([1], [None], [[1]], [[1, 2, 3, 4]], [["a", {}, []]])
        ),
        *(
            pytest.param(lambda compact, m=met: compact.update(met=[[m, "d"]]), id=f"met={met!r}")
            for met in ("a\0b", "\ud800", "pipe", "/dev/zero", "x" * 5000, "out")
        ),
    ],
)
@pytest.mark.timeout(20)
def test_a_lying_entry_costs_a_computation_at_most(tmp_path, tampered, change):
    os.mkfifo(tmp_path / "pipe")
    tampered(change)
    assert whole() == 4


def test_a_pipe_in_place_of_an_entry_holds_nobody_up(tmp_path):
    memory = Memory(tmp_path / "cache", verbose=0)

    @memory.cache
    def double(n: int) -> int:
        return 2 * n

    assert double(4) == 8
    (entry,) = (tmp_path / "cache").glob("**/*.entry")
    entry.unlink()
    os.mkfifo(entry)
    assert double(4) == 8
