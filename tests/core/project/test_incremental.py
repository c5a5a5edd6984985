"""After any edits, a process that goes on, one that begins anew, and one without an index agree."""

from __future__ import annotations

import random
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jobtui_core.project import open_project, status
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import ProjectStatus
from tests.core.project.test_end_to_end import Folder

FILES = {
    "script.py": """\
from jobtui_core import default_param, make

import parts
from lib import tools
from lib.tools import shared, spread

level = default_param("level", 3)
LIMIT = 5


@make
def first(value, by=2):
    \"\"\"Count.\"\"\"
    return parts.scale(value) * by + LIMIT


@make
def second(value):
    import late

    return late.work(value) + 1


def shift(value):
    return value + 10


a = first(1)
b = second(a)
c = first(shift(level))
for n in range(2):
    parts.third(n)
for n in range(3):
    a = second(first(a))
if level > 2:
    d = second(7)
try:
    e = parts.third(8)
except ValueError:
    e = 9
tools.fourth(shared(e))


def main():
    found = first(4)
    return second(found)


if __name__ == "__main__":
    main()
""",
    "other.py": """\
import parts

x = parts.third(20)
y = parts.third(x)
""",
    "parts.py": """\
\"\"\"Parts.\"\"\"
from jobtui_core import make

from lib.tools import shared

FACTOR = 2
START = 0
TABLE = [1, 2]


def scale(value, start=START):
    return value * FACTOR + TABLE[0]


@make
def third(value):
    return shared(value) + 3


def unused():
    return 1
""",
    "late.py": "WORK = 6\n\n\ndef work(value):\n    return value * WORK\n",
    "lib/__init__.py": "",
    "lib/tools.py": """\
from jobtui_core import make

OFFSET = 4


def shared(value):
    return value - OFFSET


def spread(value):
    return [value] * 2


@make
def fourth(value):
    return spread(value)
""",
}


def status_of(folder: Folder, *, indexed: bool) -> ProjectStatus:
    """Look as a process does that has not looked before."""
    from jobtui_core.project import reader

    index, aside = folder.root / ".jobtui" / "index", folder.root / ".jobtui" / "aside"
    readers = dict(reader._readers)
    forget_readers()
    if not indexed and index.exists():
        index.rename(aside)
    try:
        return status(open_project(folder.root))
    finally:
        if aside.exists():
            shutil.rmtree(index, ignore_errors=True)
            aside.rename(index)
        reader._readers.clear()
        reader._readers.update(readers)


def agreed(folder: Folder) -> ProjectStatus:
    """Look in each way, and hold them against each other."""
    warm = status(open_project(folder.root))
    for indexed in (True, False):
        assert comparable(warm) == comparable(status_of(folder, indexed=indexed))
    return warm


def comparable(found: ProjectStatus) -> ProjectStatus:
    """Leave out what a broken script was read from: who saw it whole knows more of that."""
    scripts = [one if one.error is None else replace(one, sources=()) for one in found.scripts]
    return replace(found, scripts=tuple(scripts))


def edited(text: str, chance: random.Random) -> str:
    """Change something in a text: mostly a number, at times its layout, order or names."""
    lines = text.splitlines(keepends=True)
    way = chance.choice(("number",) * 6 + ("comment", "gone", "twice", "swap", "word", "call"))
    numbers = list(re.finditer(r"\b\d+\b", text))
    if way == "number" and numbers:
        found = chance.choice(numbers)
        return text[: found.start()] + str(chance.randrange(30)) + text[found.end() :]
    if not lines:
        return f"X = {chance.randrange(9)}\n"
    place = chance.randrange(len(lines))
    if way == "comment":
        lines.insert(place, "\n")
        lines.insert(place, "# more\n")
    elif way == "gone":
        del lines[place]
    elif way == "twice":
        lines.insert(place, lines[place])
    elif way == "swap" and place:
        lines[place - 1 : place + 1] = lines[place], lines[place - 1]
    elif way == "word":
        words = ["FACTOR", "START", "LIMIT", "value", "shared", "spread", "OFFSET", "level"]
        old, new = chance.sample(words, 2)
        lines[place] = re.sub(rf"\b{old}\b", new, lines[place])
    elif way == "call":
        lines.insert(place, chance.choice(("z = 3\n", "print(5)\n", "import late\n")))
    return "".join(lines)


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_looks_after_random_edits_agree_however_they_came_about(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = Folder(tmp_path / "project")
    for name, text in FILES.items():
        folder.write(name, text)
    folder.run("script.py")
    folder.run("other.py")
    assert {step.verdict.value for step in agreed(folder).steps} == {"fresh"}
    texts = dict(FILES)
    seen: set[str] = set()
    for _ in range(120 if seed == 3 else 14):
        name = chance.choice(sorted(texts))
        if chance.random() < 0.3:
            texts[name] = FILES[name]
        else:
            texts[name] = edited(texts[name], chance)
        folder.write(name, texts[name])
        seen |= {step.verdict.value for step in agreed(folder).steps}
    assert {"fresh", "stale"} <= seen
