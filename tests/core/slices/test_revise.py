"""An analysis that is revised after an edit is the one that a walk over the new sources gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core.slices import Analysis, Ground, analyse, revise
from jobtui_core.sources import SourceTree

SCRIPT = """\
from jobtui_core import default_param, make

import parts

level = default_param("level", 3)


def shift(value):
    return value + 1


@make
def first(value):
    return parts.scale(value) + level


@make(inputs=["a.txt"])
def second(value):
    total = value
    return total


def main():
    found = shift(first(2) + parts.FIRST)
    return second(found)


main()
"""

PARTS = """\
\"""Parts.\"""
FACTOR = 2
START = 0
FIRST = 7
OTHER = 1
TABLE = [1, 2]


def scale(value, start=START):
    return value * FACTOR + TABLE[0]


def unused():
    return 1
"""

REVISED = {
    "body of a step": ("script.py", "total = value\n", "total = value * 2\n"),
    "body of a step with more lines": ("script.py", "total = value\n", "total = value\n\n    1\n"),
    "comment between": ("script.py", "def main():", "# about main\n\n\ndef main():"),
    "helper in another module": ("parts.py", "value * FACTOR", "value * FACTOR + 1"),
    "function that nobody uses": ("parts.py", "return 1", "return 2\n"),
    "constant": ("parts.py", "FACTOR = 2", "FACTOR = -3.5"),
    "constant of several lines": ("parts.py", "FACTOR = 2", "FACTOR = (\n    2,\n    3,\n)"),
    "constant that nobody uses": ("parts.py", "OTHER = 1", "OTHER = {'a': [1]}"),
    "docstring of a module": ("parts.py", '"""Parts."""', '"""Parts of it,\nand more."""'),
    "docstring of a step": (
        "script.py",
        "    total = value\n",
        '    """Add."""\n    total = value\n',
    ),
}
WALKED = {
    "function that the script calls": ("script.py", "value + 1", "value + 2"),
    "main": ("script.py", "first(2)", "first(3)"),
    "constant that becomes computed": ("parts.py", "FACTOR = 2", "FACTOR = int('2')"),
    "constant that a default takes": ("parts.py", "START = 0", "START = 1"),
    "constant that the script reads": ("parts.py", "FIRST = 7", "FIRST = 8"),
    "constant that is listed": ("parts.py", "TABLE = [1, 2]", "TABLE = [1, 3]"),
    "decorator": ("script.py", "a.txt", "b.txt"),
    "default": ("script.py", "def second(value):", "def second(value, more=1):"),
    "import in a body": ("script.py", "    total = value\n", "    import parts\n    total = 1\n"),
    "global in a body": ("script.py", "    total = value\n", "    global level\n    level = 1\n"),
    "parameter in a body": (
        "script.py",
        "    total = value\n",
        '    total = default_param("more", 1)\n',
    ),
    "another function": ("parts.py", "def unused", "def more():\n    pass\n\n\ndef unused"),
    "a step that draws": (
        "script.py",
        "total = value\n",
        "total = __import__('random').random()\n",
    ),
    "a step that calls another": ("script.py", "total = value\n", "total = first(value)\n"),
}


def trees(
    root: Path, edit: tuple[str, str, str], script: str = SCRIPT
) -> tuple[Analysis, Ground, SourceTree]:
    """Analyse, edit; give what was found, and a tree of the edited sources."""
    texts = {"script.py": script, "parts.py": PARTS}
    loaded = {root / name: text for name, text in texts.items()}
    tree = SourceTree(root, [root], loaded=loaded)
    ground = Ground()
    found = analyse(tree, root / "script.py", ground=ground, digest=False)
    name, old, new = edit
    assert texts[name].count(old) == 1
    loaded = {**loaded, root / name: texts[name].replace(old, new)}
    return found, ground, SourceTree(root, [root], loaded=loaded, earlier=tree)


def anew(tree: SourceTree) -> Analysis:
    fresh = SourceTree(tree.root, tree.search_path, loaded=tree.loaded)
    return analyse(fresh, tree.root / "script.py", digest=False)


@pytest.mark.parametrize("name", REVISED)
def test_a_revised_analysis_is_what_a_walk_gives(tmp_path: Path, name: str) -> None:
    found, ground, tree = trees(tmp_path, REVISED[name])
    revised = revise(found, ground, tree)
    assert revised is not None
    assert revised[0] == anew(tree)


@pytest.mark.parametrize("name", WALKED)
def test_an_edit_of_more_than_bodies_is_left_to_a_walk(tmp_path: Path, name: str) -> None:
    found, ground, tree = trees(tmp_path, WALKED[name])
    assert revise(found, ground, tree) is None
    walked = analyse(tree, tmp_path / "script.py", digest=False)
    assert walked == anew(tree)


CARRIED = "\ntotal = 0\nfor n in range(3):\n    total = second(first(total) + n)\n"
"""A loop whose turns take each other's results."""
PLAIN = "\nfor n in range(3):\n    second(first(n))\n"


@pytest.mark.parametrize(("loop", "is_revised"), [(CARRIED, False), (PLAIN, True)])
def test_the_code_of_a_step_counts_where_later_turns_of_a_loop_take_its_results(
    tmp_path: Path, loop: str, is_revised: bool
) -> None:
    edit = ("script.py", "total = value\n", "total = value * 2\n")
    found, ground, tree = trees(tmp_path, edit, SCRIPT + loop)
    revised = revise(found, ground, tree)
    assert (revised is not None) is is_revised
    assert (analyse(tree, tmp_path / "script.py", digest=False)) == anew(tree)
    assert revised is None or revised[0] == anew(tree)


def test_a_revised_analysis_can_be_revised_again(tmp_path: Path) -> None:
    found, ground, tree = trees(tmp_path, REVISED["body of a step with more lines"])
    first = revise(found, ground, tree)
    assert first is not None
    script = tmp_path / "script.py"
    text = tree.loaded[script].replace("    1\n", "    2\n").replace("+ level", "- level")
    later = SourceTree(tmp_path, [tmp_path], loaded={**tree.loaded, script: text}, earlier=tree)
    second = revise(*first, later)
    assert second is not None
    assert second[0] == anew(later)


def test_line_ends_that_are_none_for_python_hide_no_edit(tmp_path: Path) -> None:
    text = SCRIPT.replace("def shift", "\f\n# \x1c \x85 \u2028\ndef shift") + "level\nfirst(3)\n"
    script = tmp_path / "script.py"
    loaded = {script: text, tmp_path / "parts.py": PARTS}
    tree = SourceTree(tmp_path, [tmp_path], loaded=loaded)
    ground = Ground()
    found = analyse(tree, script, ground=ground, digest=False)
    loaded = {**loaded, script: text.replace("first(3)", "first(4)")}
    later = SourceTree(tmp_path, [tmp_path], loaded=loaded, earlier=tree)
    assert revise(found, ground, later) is None
    assert analyse(later, script, digest=False) == anew(later)
