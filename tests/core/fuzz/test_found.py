"""What the fuzzer found, made as small as it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.fuzz.lab import lab
from tests.core.fuzz.trial import Trial

HEAD = "from noting import note\nfrom jobtui_core import make\n"
FOUND = {
    "a step changes a global that it reads, under another name": """
C = [0, 8]

@make
def step(x):
    note("step")
    v = C
    v.append(x)
    return x

print(step(1))
print(step(2))
""",
    "a helper changes a global that it reads, under another name": """
C = [0, 8]

def helper(x):
    v = C
    v += sorted(v)
    return x

@make
def step(x):
    note("step")
    return helper(x)

print(step(1))
print(step(2))
""",
    "a step changes a global that another one reads": """
C = [0, 8]

@make
def first(x):
    note("first")
    v = C
    v.append(x)
    return x

@make
def second(x):
    note("second")
    return len(C)

print(first(1))
print(second(1))
""",
    "a step changes an argument that another one takes, and a third one what came of it": """
L = [0, 8]

@make
def first(x, items):
    note("first")
    items.append(x)
    return x

@make
def second(items):
    note("second")
    return len(items)

@make
def third(x):
    note("third")
    return x + 1

if first(1, L):
    M = [L]
else:
    M = [L, L]
print(third(second(M[0])))
""",
}


@pytest.mark.parametrize("name", FOUND)
def test_two_runs_of_the_same_are_called_what_they_are(tmp_path: Path, name: str) -> None:
    with lab(tmp_path) as opened:
        trial = Trial(tmp_path, opened.server, {"script.py": HEAD + FOUND[name]}, opened.census)
        trial.story.append("")
        for _ in range(3):
            trial.go()
