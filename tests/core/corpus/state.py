"""What makes verdicts hard: parameters read inside steps, changing globals, argv, failures."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit, run, undo, write

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="state",
    argv=("5",),
    files={
        "script.py": """
import json
import os
import random
import sys
import time

from noting import note
from jobtui_core import default_param, make

import settings

SEEN = []
TOTAL = 0
size = default_param("size", 3)
word = int(sys.argv[1])


@make
def remember(value):
    note("remember")
    SEEN.append(value)
    return value


@make
def given(value):
    note("given")
    return value * default_param("inside", 2)


def helper():
    return default_param("deep", 10)


@make
def viahelper(value):
    note("viahelper")
    return value + helper()


@make
def listed(count):
    note("listed")
    return list(range(count))


@make
def longest(values):
    note("longest")
    return max(values)


@make
def configured(value):
    note("configured")
    return value * settings.CONFIG["factor"] + settings.loaded()


@make
def worded(value):
    note("worded")
    return value + word


@make
def fragile(value):
    note("fragile")
    if value > 8:
        raise ValueError(f"{value} is too large")
    return value


@make
def afterwards(value):
    note("afterwards")
    return value + 1


@make
def drawn(value):
    note("drawn")
    return value


@make
def fromtotal(value):
    note("fromtotal")
    return value


def accumulate(value):
    global TOTAL
    TOTAL += value
    return TOTAL


print(remember(1))
print(given(2), viahelper(3))
values = listed(size)
values.append(7)
print(longest(values))
print(configured(4))
print(worded(1))
random.seed(3)
print(drawn(random.randint(0, 10**6)))
accumulate(2)
accumulate(size)
print(fromtotal(TOTAL))
print(fragile(settings.CONFIG["level"]))
print(afterwards(6))
""",
        "settings.py": """
import json
from pathlib import Path

CONFIG = json.loads(Path("config.json").read_text())


def loaded():
    with open("more.json") as file:
        return json.load(file)["more"]
""",
        "config.json": '{"factor": 2, "level": 3, "spare": 1}',
        "more.json": '{"more": 1}',
    },
)

S, C = "script.py", "settings.py"


def config(factor: int = 2, level: int = 3, spare: int = 1) -> str:
    return f'{{"factor": {factor}, "level": {level}, "spare": {spare}}}'


# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", [], "given viahelper", unsure="given viahelper"),
    Case("parameter inside a step", [], "given viahelper", params={"inside": 5},
         unsure="given viahelper", warns="given"),
    Case("parameter behind a step", [], "given viahelper", params={"deep": 5},
         unsure="given viahelper"),
    Case("parameter", [], "given viahelper listed longest fromtotal", params={"size": 9}),
    Case("parameter to an equal result", [], "given viahelper listed longest fromtotal",
         params={"size": 5}),
    Case("appended in place", [edit(S, "values.append(7)", "values.append(70)")],
         "given viahelper longest"),
    Case("global", [edit(S, "accumulate(2)", "accumulate(4)")], "given viahelper fromtotal"),
    Case("function that changes a global", [edit(S, "TOTAL += value", "TOTAL -= value")],
         "given viahelper fromtotal"),
    Case("word", [], "given viahelper worded", argv=("6",)),
    Case("word alternates", [run(argv=("6",))], "given viahelper"),
    Case("seed", [edit(S, "random.seed(3)", "random.seed(4)")], "given viahelper drawn"),
    Case("draw before", [edit(S, "random.seed(3)", "random.seed(3)\nrandom.random()")],
         "given viahelper drawn"),
    Case("draw after", [edit(S, "accumulate(2)", "random.random()\naccumulate(2)")],
         "given viahelper"),
    Case("configuration", [write("config.json", config(factor=3))], "given viahelper configured",
         alarms={"fragile": "it takes an item of the file that changed"}),
    Case("configuration, other item", [write("config.json", config(spare=3))],
         "given viahelper configured",
         alarms={"fragile": "it takes an item of the file that changed"}),
    Case("file behind a step", [write("more.json", '{"more": 2}')], "given viahelper configured"),
    Case("helper in a module", [edit(C, '["more"]', '["more"] + 1')],
         "given viahelper configured"),
    Case("failure", [write("config.json", config(level=9))],
         "given viahelper configured fragile", code=1),
    Case("failure again", [write("config.json", config(level=9)), run(code=1)],
         "given viahelper fragile", code=1),
    Case("failure undone", [write("config.json", config(level=9)), run(code=1),
         undo("config.json")], "given viahelper"),
    Case("failure repaired", [write("config.json", config(level=9)), run(code=1),
         edit(S, "value > 8", "value > 90")], "given viahelper fragile"),
    Case("failure, then another step edited", [write("config.json", config(level=9)),
         run(code=1), undo("config.json"), edit(S, "return value + 1", "return value + 2")],
         "given viahelper afterwards"),
    Case("died at once", [edit(S, "print(remember(1))", "os._exit(4)"), run(code=4), undo(S)],
         "given viahelper"),
    Case("died between", [edit(S, "random.seed(3)", "os._exit(4)"), run(code=4, argv=("8",)),
         undo(S)], "given viahelper", argv=("8",)),
    Case("environment", [edit(S, "drawn(random.randint(0, 10**6))",
         'drawn(os.environ.get("NO_SUCH", 5))')], "given viahelper drawn"),
    Case("environment, again", [edit(S, "drawn(random.randint(0, 10**6))",
         'drawn(os.environ.get("NO_SUCH", 5))'), run()], "given viahelper",
         alarms={"drawn": "reads the environment"}, unsure="drawn"),
    Case("clock", [edit(S, "drawn(random.randint(0, 10**6))", "drawn(time.time() > 5)"), run()],
         "given viahelper", alarms={"drawn": "reads the clock"}, unsure="drawn"),
    Case("step that only appends", [edit(S, "SEEN = []", "SEEN = [0]")], "given viahelper"),
]
# fmt: on
