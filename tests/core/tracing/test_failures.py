"""What is taken down of a failure: source lines and locals, bounded and without secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.tracing.failures import frames_from_json, frames_of


def _raised(source: str, folder: Path, name: str = "script.py") -> BaseException:
    file = folder / name
    file.write_text(source)
    with pytest.raises(Exception) as caught:  # noqa: PT011  each test says which
        exec(compile(source, str(file), "exec"), {"__name__": "__main__"})
    return caught.value


def _frames(source: str, folder: Path) -> list[dict[str, Any]]:
    found = frames_of(_raised(source, folder).__traceback__, folder)
    # Ours stand before the script's.
    return [frame for frame in found if frame["file"] == "script.py"]


def test_frames_have_the_source_around_and_the_locals(tmp_path: Path) -> None:
    source = "def fit(x, n):\n    half = n / 2\n    return x / (half - 1)\n\nfit(3, 2)\n"
    script, fit = _frames(source, tmp_path)

    assert (script["function"], script["line"]) == ("<module>", 5)
    assert (fit["function"], fit["line"], fit["first"]) == ("fit", 3, 1)
    assert fit["source"][2] == "    return x / (half - 1)"
    assert fit["locals"] == [["x", "3"], ["n", "2"], ["half", "1.0"]]


def test_secrets_are_left_out_of_locals_and_source(tmp_path: Path) -> None:
    source = (
        "def connect(user, password):\n"
        "    token = 'hunter2'\n"
        "    url = 'https://me:hunter2@host/'\n"
        "    raise OSError(user)\n"
        "connect('me', password='hunter2')\n"
    )
    text = json.dumps(_frames(source, tmp_path)[1])

    assert "hunter2" not in text
    assert '["password", "<hidden>"]' in text
    assert '["user", "\'me\'"]' in text


def test_a_value_whose_repr_fails_is_named_by_its_type(tmp_path: Path) -> None:
    source = (
        "class Odd:\n"
        "    def __repr__(self):\n"
        "        raise ValueError('no')\n"
        "def f(odd):\n"
        "    raise OSError\n"
        "f(Odd())\n"
    )
    assert _frames(source, tmp_path)[1]["locals"] == [["odd", "<__main__.Odd>"]]


def test_a_recursion_is_told_by_its_beginning_and_its_end(tmp_path: Path) -> None:
    frames = _frames("def f(n):\n    f(n + 1)\n\nf(0)\n", tmp_path)

    assert len(frames) <= 30
    assert frames[0]["function"] == "<module>"
    assert dict(map(tuple, frames[-1]["locals"]))["n"] != "0"


def test_a_script_tells_only_of_the_globals_around_the_line(tmp_path: Path) -> None:
    lines = [f"name{i} = {i}" for i in range(40)]
    source = "\n".join([*lines, "divisor = 0", "print(name3 / divisor)"])
    (script,) = _frames(source, tmp_path)

    names = [name for name, _ in script["locals"]]
    assert "divisor" in names
    assert "name3" in names
    assert "name20" not in names


def test_hostile_frames_are_read_as_nothing_or_as_clean_text() -> None:
    hostile: list[Any] = [
        None,
        3,
        {"file": 3},
        {"file": "a\x1b[2J.py", "line": -1, "locals": [["x\n", "\x1b]0;owned\x07"], 3, ["a"]]},
        {"file": "b.py", "source": ["x" * 100_000, 7], "first": 1 << 70, "locals": {"x": 1}},
    ]
    first, second = frames_from_json(hostile)

    assert first.file == r"a\x1b[2J.py"
    assert first.line == 0
    assert first.locals == (("x\\n", r"\x1b]0;owned\x07"),)
    assert len(second.source[0]) <= 200
    assert (second.first, second.locals) == (0, ())
    assert frames_from_json({"file": "a.py"}) == ()
