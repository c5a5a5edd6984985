"""Globals that change behind their definitions: by statements, functions, aliases, from outside."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="changing",
    files={
        "script.py": """
from noting import note
from jobtui_core import make

import rounds
import settings
import work

TOP = {}
TOP["rate"] = 3
FILLED = []
ALIASED = {"rate": 1}
alias = ALIASED
alias["rate"] = 3
PASSED = {"rate": 1}
LOOPED = {}
for position in range(3):
    LOOPED[position] = position * 2
NESTED = {"inner": {"rate": 1}}
NESTED["inner"]["rate"] = 3
TABLE = {"rate": 7, "spare": 1}
KNOWN = {}
NAMES = []
LATER = {"rate": 1}


class Config:
    rate = 1
    spare = 1


class State:
    def __init__(self):
        self.rate = 1


STATE = State()
Config.rate = 3
STATE.rate = 3


def fill(amount):
    FILLED.append(amount)


def prepare(options):
    options["rate"] = 3


def tripled(value):
    return value * 3


def unused():
    TABLE["spare"] = 2


@make
def top(value):
    note("top")
    return value * TOP["rate"]


@make
def filled(value):
    note("filled")
    return value + sum(FILLED)


@make
def aliased(value):
    note("aliased")
    return value * ALIASED["rate"]


@make
def passed(value):
    note("passed")
    return value * PASSED["rate"]


@make
def looped(value):
    note("looped")
    return value + LOOPED[2]


@make
def nested(value):
    note("nested")
    return value * NESTED["inner"]["rate"]


@make
def table(value):
    note("table")
    return value * TABLE["rate"]


@make
def known(value):
    note("known")
    if value not in KNOWN:
        KNOWN[value] = value * 2
    return KNOWN[value]


@make
def named(value):
    note("named")
    NAMES.append(value)
    return value


@make
def later(value):
    note("later")
    return value * LATER["rate"]


@make
def classed(value):
    note("classed")
    return value * Config.rate


@make
def held(value):
    note("held")
    return value * STATE.rate


fill(2)
prepare(PASSED)
settings.OPTIONS["rate"] = 3
settings.LEVEL = 3
work.REGISTRY.append(3)
print(top(1), filled(1), aliased(1), passed(1), looped(1), nested(1), table(1))
print(known(1), named(1), classed(1), held(1))
print(work.option(1), work.level(1), work.registered(1))
print(later(1))
LATER["rate"] = 3
print(later(1))
settings.COUNT += 1
settings.configure(2)
setattr(settings, "BY_NAME", 3)
settings.scale = tripled
original = settings.halved


def around(value):
    return original(value) + 1


settings.halved = around
print(work.counted(1), work.configured(1), work.byname(1), work.scaled(1))
print(work.wrapped(4), work.measured(5))
""",
        "settings.py": """
OPTIONS = {"rate": 1}
LEVEL = 1
COUNT = 1
MODE = 1
BY_NAME = 1


def configure(mode):
    global MODE
    MODE = mode


def scale(value):
    return value


def halved(value):
    return value // 2
""",
        "shapes.py": """
import functools


@functools.singledispatch
def area(shape):
    return 0
""",
        "rounds.py": """
from shapes import area


@area.register
def _(shape: int):
    return shape * 3
""",
        "work.py": """
from noting import note
from jobtui_core import make

import settings
import shapes
from settings import OPTIONS

REGISTRY = []


@make
def option(value):
    note("option")
    return value * OPTIONS["rate"]


@make
def level(value):
    note("level")
    return value * settings.LEVEL


@make
def counted(value):
    note("counted")
    return value * settings.COUNT


@make
def configured(value):
    note("configured")
    return value * settings.MODE


@make
def byname(value):
    note("byname")
    return value * settings.BY_NAME


@make
def scaled(value):
    note("scaled")
    return settings.scale(value)


@make
def wrapped(value):
    note("wrapped")
    return settings.halved(value)


@make
def measured(value):
    note("measured")
    return shapes.area(value)


@make
def registered(value):
    note("registered")
    return value + sum(REGISTRY)
""",
    },
    alarms={"known": "it keeps a cache of its own"},
)

S = "script.py"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("item at top level", [edit(S, 'TOP["rate"] = 3', 'TOP["rate"] = 4')], "top"),
    Case("item at top level, undone", [edit(S, 'TOP["rate"] = 3', 'TOP["rate"] = 4'),
         edit(S, 'TOP["rate"] = 4', 'TOP["rate"] = 3')]),
    Case("another item", [edit(S, 'TOP["rate"] = 3', 'TOP["rate"] = 3\nTOP["more"] = 1')], "top"),
    Case("filled by a function", [edit(S, "fill(2)", "fill(5)")], "filled"),
    Case("function that fills", [edit(S, "append(amount)", "append(amount + 1)")], "filled"),
    Case("through an alias", [edit(S, 'alias["rate"] = 3', 'alias["rate"] = 4')], "aliased"),
    Case("through an argument", [edit(S, 'options["rate"] = 3', 'options["rate"] = 4')],
         "passed"),
    Case("in a loop", [edit(S, "position * 2", "position * 3")], "looped"),
    Case("nested", [edit(S, '["inner"]["rate"] = 3', '["inner"]["rate"] = 4')], "nested"),
    Case("table", [edit(S, '"rate": 7', '"rate": 8')], "table"),
    Case("cache made by hand", [edit(S, "value * 2\n", "value * 3\n")], "known"),
    Case("list appended to", [edit(S, "NAMES = []", "NAMES = [1]")]),
    Case("between two calls", [edit(S, 'LATER["rate"] = 3', 'LATER["rate"] = 4')], "later"),
    Case("attribute of a class", [edit(S, "Config.rate = 3", "Config.rate = 4")], "classed"),
    Case("attribute of an object", [edit(S, "STATE.rate = 3", "STATE.rate = 4")], "held"),
    Case("item of another module", [edit(S, 'settings.OPTIONS["rate"] = 3',
         'settings.OPTIONS["rate"] = 4')], "option"),
    Case("name of another module", [edit(S, "settings.LEVEL = 3", "settings.LEVEL = 4")], "level"),
    Case("name counted up", [edit(S, "COUNT += 1", "COUNT += 2")], "counted"),
    Case("name set by a function", [edit(S, "configure(2)", "configure(3)")], "configured"),
    Case("name set by its text", [edit(S, '"BY_NAME", 3', '"BY_NAME", 4')], "byname"),
    Case("function put in its place", [edit(S, "value * 3", "value * 4")], "scaled"),
    Case("function that is put aside", [edit("settings.py", "return value\n\n",
         "return value + 0\n\n")], "scaled"),
    Case("function put around another", [edit(S, "original(value) + 1", "original(value) + 2")],
         "wrapped"),
    Case("function that another is put around", [edit("settings.py", "// 2", "// 3")], "wrapped"),
    Case("registered by another module", [edit("rounds.py", "* 3", "* 4")], "measured"),
    Case("list of another module", [edit(S, "work.REGISTRY.append(3)", "work.REGISTRY.append(4)")],
         "registered"),
]
# fmt: on
