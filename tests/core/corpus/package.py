"""A package: relative imports, re-exports, classes with bases, dataclasses, properties."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit, run, undo, write

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="package",
    files={
        "script.py": """
import model as m
from model import Setup, predict
from model.steps import prepare as ready, score

setup = Setup(rate=2)
data = ready(4)
print(m.train(data, setup))
print(predict(data, 3))
print(score([m.best(data), 2]))
""",
        "model/__init__.py": '''
"""The model."""
from .classes import Setup
from .steps import predict, train
from .tools import *
from . import tools as _tools
VERSION = "1"
''',
        "model/classes.py": """
from dataclasses import dataclass, field
from functools import cached_property
from .tools import clip


class Base:
    limit = 50

    def finish(self, value):
        return clip(value, self.limit)

    def unused(self):
        return 1


class Mixin:
    @property
    def weight(self):
        return 3


class Linear(Mixin, Base):
    slope = 2

    def __init__(self, offset=1):
        self.offset = offset

    def run(self, value):
        return self.finish(self._line(value) + self.constant())

    def _line(self, value):
        return value * self.slope * self.weight + self.offset

    @staticmethod
    def constant():
        return 4

    @classmethod
    def default(cls):
        return cls(offset=7)

    @cached_property
    def scale(self):
        return 5


@dataclass
class Setup:
    rate: int
    extra: int = 1
    names: list = field(default_factory=list)

    def total(self):
        return self.rate + self.extra

    def describe(self):
        return f"rate {self.rate}"


class Alone:
    def run(self):
        return 1
""",
        "model/steps.py": """
from noting import note
from jobtui_core import make
from .classes import Linear
from . import classes, tools
from .deep.inner import polish


@make
def prepare(count):
    note("prepare")
    return [tools.double(value) for value in range(count)]


@make
def train(data, setup):
    note("train")
    return sum(data) * setup.total()


@make
def predict(data, offset=2):
    note("predict")
    model = Linear(offset)
    return [model.run(value) for value in data]


@make
def score(values):
    note("score")
    def inner(value):
        return polish(value) + classes.Linear.default().scale
    return [inner(value) for value in values]
""",
        "model/tools.py": """
__all__ = ["best"]


def double(value):
    return value * 2


def clip(value, limit):
    return min(value, limit)


def best(values):
    return max(values)
""",
        "model/deep/__init__.py": "",
        "model/deep/inner.py": """
from ..tools import double
from . import facts


def polish(value):
    if value > 100:
        return facts.HIGH
    return double(value) + facts.LOW + facts.table["a"]
""",
        "model/deep/facts.py": """
LOW, HIGH = 1, 2
table = dict(a=1, b=2)
""",
    },
)

S, INIT, C, P, T = (
    "script.py", "model/__init__.py", "model/classes.py", "model/steps.py", "model/tools.py",
)  # fmt: skip
WHOLE = "predict score"
"""Both use the class Linear, and a class counts as a whole."""
N, F = "model/deep/inner.py", "model/deep/facts.py"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("method", [edit(C, "value * self.slope * self.weight", "value + self.slope")], WHOLE),
    Case("method through a method", [edit(C, "return 4", "return 5")], WHOLE),
    Case("method of the base", [edit(C, "clip(value, self.limit)", "clip(value, self.limit) + 1")],
         WHOLE),
    Case("attribute of the base", [edit(C, "limit = 50", "limit = 20")], WHOLE),
    Case("attribute of the class", [edit(C, "slope = 2", "slope = 3")], WHOLE),
    Case("property of a mixin", [edit(C, "return 3", "return 4")], WHOLE),
    Case("another base", [edit(C, "class Linear(Mixin, Base):",
         "class Other(Base):\n    def finish(self, value):\n        return -value\n\n\n"
         "class Linear(Mixin, Other):")], WHOLE),
    Case("initialiser", [edit(C, "self.offset = offset", "self.offset = offset * 2")], WHOLE),
    Case("function behind a method", [edit(T, "min(value, limit)", "max(value, limit)")],
         WHOLE),
    Case("classmethod", [edit(C, "cls(offset=7)", "cls(offset=8)")], WHOLE),
    Case("cached property", [edit(C, "return 5", "return 6")], WHOLE),
    Case("method of an argument's class", [edit(C, "self.rate + self.extra",
         "self.rate * self.extra")], "train"),
    Case("default of a dataclass", [edit(C, "extra: int = 1", "extra: int = 2")], "train"),
    Case("new field", [edit(C, "extra: int = 1", "extra: int = 1\n    more: int = 3"),
         edit(C, "self.rate + self.extra", "self.rate + self.extra + self.more")], "train"),
    Case("value of an argument", [edit(S, "Setup(rate=2)", "Setup(rate=3)")], "train"),
    Case("attribute set from outside", [edit(S, "data = ready", "setup.extra = 5\ndata = ready")],
         "train"),
    Case("list of an instance", [edit(S, "data = ready", "setup.names.append(5)\ndata = ready")],
         "train"),
    Case("relative import two up", [edit(T, "value * 2", "value * 3")],
         "prepare train predict score"),
    Case("helper in a subpackage", [edit(N, "double(value) + facts.LOW",
         "double(value) - facts.LOW")], "score"),
    Case("unpacked constant", [edit(F, "LOW, HIGH = 1, 2", "LOW, HIGH = 3, 2")], "score"),
    Case("table", [edit(F, "dict(a=1, b=2)", "dict(a=5, b=2)")], "score"),
    Case("nested function", [edit(P, "polish(value) + classes", "polish(value) - classes")],
         "score"),
    Case("function that gives an argument", [edit(T, "return max(values)", "return min(values)")],
         "score"),
    Case("re-export from elsewhere",
         [edit(INIT, "from . import tools as _tools", "from .other import best"),
         write("model/other.py", "def best(values):\n    return 77\n")], "score"),
    Case("class replaced", [edit(P, "from .classes import Linear",
         "from .classes import Base as Linear"), edit(P, "Linear(offset)", "Linear()"),
         edit(P, "model.run(value)", "model.finish(value)")], "predict"),
    Case("argument of a step", [edit(S, "ready(4)", "ready(5)")], "prepare train predict score"),
    Case("default of a step", [edit(P, "offset=2", "offset=9")], "predict"),
    Case("used default of a step", [edit(S, "predict(data, 3)", "predict(data)")], "predict"),
    # What cannot matter.
    Case("import alias", [edit(S, "import model as m", "import model as mm"),
         edit(S, "m.train(", "mm.train("), edit(S, "m.best(", "mm.best(")]),
    Case("import of the module", [edit(P, "from .deep.inner import polish",
         "from .deep import inner as polishing"), edit(P, "polish(value) +",
         "polishing.polish(value) +")], "score"),
    Case("docstring of the package", [edit(INIT, '"""The model."""', '"""A model."""')]),
    Case("docstring of a class", [edit(C, "    limit = 50", '    """Base."""\n    limit = 50')]),
    Case("unused constant", [edit(INIT, 'VERSION = "1"', 'VERSION = "2"')]),
    Case("class that nobody uses", [edit(C, "class Alone:\n    def run(self):\n        return 1",
         "class Alone:\n    def run(self):\n        return 2")]),
    Case("annotation of a method", [edit(C, "def _line(self, value):",
         "def _line(self, value: float) -> float:")]),
    Case("comment in a class", [edit(C, "slope = 2", "slope = 2  # per month")]),
    Case("variable renamed", [edit(S, "data = ready(4)", "d = ready(4)"),
         edit(S, "train(data,", "train(d,"), edit(S, "predict(data,", "predict(d,"),
         edit(S, "best(data)", "best(d)")]),
    Case("keyword for a field", [edit(S, "Setup(rate=2)", "Setup(2)")], "",
         alarms={"train": "what a class does with its arguments is not followed"}),
    Case("method that nobody calls, of an argument", [edit(C, 'return f"rate', 'return f"Rate')],
         "train"),
    Case("run and undone", [edit(C, "slope = 2", "slope = 3"), run(), undo(C)]),
    Case("module split off", [write("model/more.py", "from .tools import double\n"),
         edit(N, "from ..tools import double", "from ..more import double")]),
    Case("new module", [write("model/spare.py", "X = 1\n")]),
]
# fmt: on
