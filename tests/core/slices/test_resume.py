"""An analysis that goes on from before an edit of the script is the one that a walk gives."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from jobtui_core.slices import Analysis, Ground, analyse, checkpoints, resume
from jobtui_core.sources import SourceTree

HEAD = """\
import sys
import random
import numpy as np
from contextlib import suppress
from jobtui_core import default_param, make
import parts
from parts import FACTOR, third

level = default_param("level", 3)


@make
def first(value):
    return value + parts.FACTOR


@make
def second(value, by=2):
    return value * by


def shift(value):
    return value + 1


def counted(values):
    values.append(first(len(values)))


"""
PARTS = """\
from jobtui_core import make

FACTOR = 2


@make
def third(value):
    return value * FACTOR
"""
LINES = [
    "a = {n}", "b = {n}", "a = b", "a = first({n})", "b = first(a)", "c = second(b, {n})",
    "c = second(by={n}, value=a)", "d = third(c)", "third(shift({n}))", "items = [{n}]",
    "items.append(a)", "items[0] = b", "other = items", "second(items)", "second(other)",
    "counted(items)", "print({n})", "# {n}", "", "a, b = b, a", "a += {n}", "np.random.seed({n})",
    "second(np.random.rand({n}))", "second(random.random())", "f = first", "f(third({n}))",
    "f = second", "second(level)", "if a: b = first({n})", "for i in range({n}): b = second(b)",
    "for i in items: third(i)", "total = [first(i) for i in range({n})]", "second(total)",
    "with suppress(ValueError): a = int(b)", "if {n} > 3: third({n})", "import parts as more",
    "more.third({n})", "parts.FACTOR = {n}", "second(FACTOR)", "g = lambda x: second(x + {n})",
    "g({n})", "b = sys.argv", "shift.rate = {n}", "a = map(first, [{n}])", "a = list(a)",
    "if a: sys.exit()", "e = shift(a)", "second(e)", "del a", "a = {n}; b = first(a)",
]  # fmt: skip


def tree_of(root: Path, script: str, earlier: SourceTree | None = None) -> SourceTree:
    loaded = {root / "script.py": script, root / "parts.py": PARTS}
    return SourceTree(root, [root], loaded=loaded, earlier=earlier)


def anew(root: Path, script: str) -> Analysis:
    return analyse(tree_of(root, script), root / "script.py", digest=False, argv=("-v",))


def line(chance: random.Random) -> str:
    return chance.choice(LINES).format(n=chance.randrange(9))


def change(body: list[str], chance: random.Random) -> None:
    """Give a line or two others in their place; mostly only another number."""
    place = chance.randrange(len(body))
    if chance.random() < 0.8:
        body[place] = re.sub(r"\b\d", str(chance.randrange(9)), body[place])
    else:
        count = chance.choice((1, 1, 2))
        body[place : place + count] = [line(chance) for _ in body[place : place + count]]


@pytest.mark.parametrize("seed", [7, 12, 13, 15, 30])
def test_any_lines_that_take_the_place_of_others_give_what_a_walk_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(checkpoints, "_LEAST_APART", chance.choice((1, 2, 5)))
    body = ["a = b = 1", "items = [0]", *(line(chance) for _ in range(30))]
    path = tmp_path / "script.py"
    gone_on = 0
    known: tuple[Analysis, Ground] | None = None
    tree = None
    for _ in range(25):
        script = HEAD + "\n".join(body) + "\n"
        now = None
        if known is not None:
            now = tree_of(tmp_path, script, tree)
            known = resume(*known, now, {}, ("-v",))
        if known is None:
            ground, now = Ground(), tree_of(tmp_path, script)
            known = analyse(now, path, ground=ground, digest=False, argv=("-v",)), ground
        else:
            gone_on += 1
            assert known[0] == anew(tmp_path, script)
        tree = now
        change(body, chance)
    assert gone_on >= 2


def script_of(*body: str) -> str:
    calls = [f"x{n} = first({n})" for n in range(100)]
    return HEAD + "\n".join([*calls[:50], *body, *calls[50:]]) + "\n"


def edited(root: Path, before: str, after: str) -> tuple[Analysis, Ground] | None:
    """Analyse a script with one text in its middle, and go on with the other."""
    ground, tree = Ground(), tree_of(root, before)
    found = analyse(tree, root / "script.py", ground=ground, digest=False, argv=("-v",))
    return resume(found, ground, tree_of(root, after, tree), {}, ("-v",))


GOES_ON = {
    "argument": ("y = second(3)", "y = second(4, 7)"),
    "another step": ("y = second(x3)", "y = third(x3)"),
    "expression": ("second(3)", "second(3 * 2)"),
    "comment": ("# one\ny = second(x3)", "# two\ny = second(x3)"),
    "what is printed": ("print(x3)", "print(x4)"),
    "several": ("y = second(3)\nz = third(3)", "y = second(4)\nz = third(4)"),
    "two on a line": ("second(x3)\n", "second(x3); print(4)\n"),
}


@pytest.mark.parametrize("name", GOES_ON)
def test_the_edit_of_a_call_is_the_only_one_that_is_walked_through(
    tmp_path: Path, name: str
) -> None:
    before, after = (script_of(text) for text in GOES_ON[name])
    found = edited(tmp_path, before, after)
    assert found is not None
    assert found[0] == anew(tmp_path, after)


WALKED = {
    "an object that a call has in hand": ("y = second(x3)", "y = second(x4)"),
    "a name that is new": ("y = second(x3)", "w = second(x3)"),
    "a value that is used": ("level = 4", "level = 5"),
    "a call more": ("y = second(x3)", "y = second(first(x3))"),
    "another parameter": ("y = 3", 'y = default_param("y", 3)'),
    "an import": ("import os", "import sys"),
    "a function": ("def more(): return 1", "def more(): return 2"),
    "a line more": ("y = second(x3)", "y = second(x3)\n"),
    "nothing that parses": ("y = second(x3)", "y = second(x3"),
    "an open text": ("y = second(x3)", 'y = second("""x3'),
    "an end": ("print()", "sys.exit()"),
}


@pytest.mark.parametrize("name", WALKED)
def test_an_edit_of_what_follows_rests_on_is_left_to_a_walk(tmp_path: Path, name: str) -> None:
    before, after = (script_of(text) for text in WALKED[name])
    tree = tree_of(tmp_path, before)
    ground, path = Ground(), tmp_path / "script.py"
    found = analyse(tree, path, ground=ground, digest=False, argv=("-v",))
    assert resume(found, ground, tree_of(tmp_path, after, tree), {}, ("-v",)) is None
    # What is known of the time before is as it was.
    assert tree.module_at(path).text == before
    assert analyse(tree, path, digest=False, argv=("-v",)) == anew(tmp_path, before)
