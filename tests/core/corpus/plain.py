"""A plain script: steps at the top level, helpers one and two calls away."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, delete, edit, run, touch, undo, write

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="plain",
    files={
        "script.py": '''
"""Means of a series."""
import functools
import json
import math

from noting import note
from jobtui_core import JsonFile, default_param, make
import helpers
from helpers import scale

FACTOR = 3
OFFSETS = {"a": 1, "b": [2, 3]}
DOUBLE = FACTOR * 2
LABEL = "trend"
window = default_param("window", 2, help="weeks")
span = default_param("span", 10)


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


def near(values):
    """Shift a little."""
    return helpers.shift(values)


@traced
def rounded(value):
    return round(value, 6)


def unrelated(value):
    return value + 1


@make(inputs=["{path}"])
def read(path, limit=100):
    """Read the numbers."""
    note("read")
    with open(path) as file:
        return [int(line) for line in file][:limit]


@make(output=JsonFile("results/trend.json"))
def trend(series, window, factor=FACTOR):
    note("trend")
    values = near(series)
    return [sum(values[i : i + window]) * factor for i in range(len(values))]


@make
def fit(values, degree=1, *, ridge=0.5):
    note("fit")
    total = sum(scale(value) for value in values) + OFFSETS["b"][0] + DOUBLE
    return rounded(total * degree + ridge)


@make
def report(number, title="report"):
    note("report")
    return f"{title}: {math.floor(number)}"


@make
def outline(span):
    note("outline")
    return list(range(span))


series = read("data/series.txt")
values = trend(series, window)
number = fit(values, 2)
print(report(number))
print(len(outline(span)))
''',
        "helpers.py": """
from utils import deep

STEP = 1


def shift(values):
    return [deep(value) + STEP for value in values]


def scale(value, by=2):
    return value * by


def idle():
    return 0
""",
        "utils.py": """
BASE = 7


def deep(value):
    return value - BASE


def other(value):
    return value
""",
        "data/series.txt": "3\n1\n4\n1\n5\n",
    },
)

S, H, U = "script.py", "helpers.py", "utils.py"
ALL = "read trend fit report"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    # What matters.
    Case("helper two calls away", [edit(U, "value - BASE", "value + BASE")], "trend fit report"),
    Case("constant two calls away", [edit(U, "BASE = 7", "BASE = 8")], "trend fit report"),
    Case("helper one call away", [edit(H, "deep(value) + STEP", "deep(value) - STEP")],
         "trend fit report"),
    Case("constant of a helper", [edit(H, "STEP = 1", "STEP = 2")], "trend fit report"),
    Case("default of a helper", [edit(H, "by=2", "by=3")], "fit report"),
    Case("helper from an import", [edit(H, "value * by", "value * by * 1.5")], "fit report"),
    Case("helper in the script", [edit(S, "helpers.shift(values)", "helpers.shift(values[1:])")],
         "trend fit report"),
    Case("decorator of a helper",
         [edit(S, "return function(*args, **kwargs)", "return function(*args, **kwargs) + 1")],
         "fit report"),
    Case("decorator taken away", [edit(S, "@traced\n", "")], "fit"),
    Case("body of a step", [edit(S, "math.floor(number)", "math.ceil(number)")], "report"),
    Case("body of the first step", [edit(S, "int(line)", "int(line) + 1")], ALL),
    Case("default used", [edit(S, "ridge=0.5", "ridge=1.5")], "fit report"),
    Case("default of the first step", [edit(S, "limit=100", "limit=3")], ALL),
    Case("default that is not used", [edit(S, "degree=1", "degree=4")], "fit"),
    Case("nested constant", [edit(S, '"b": [2, 3]', '"b": [4, 3]')], "fit report"),
    Case("constant of a constant", [edit(S, "DOUBLE = FACTOR * 2", "DOUBLE = FACTOR * 3")],
         "fit report"),
    Case("constant as default", [edit(S, "FACTOR = 3", "FACTOR = 4")], "trend fit report"),
    Case("argument", [edit(S, "fit(values, 2)", "fit(values, 3)")], "fit report"),
    Case("keyword argument", [edit(S, "fit(values, 2)", "fit(values, 2, ridge=1.5)")],
         "fit report"),
    Case("parameter default", [edit(S, '"window", 2', '"window", 3')], "trend fit report"),
    Case("parameter given", [], "trend fit report", params={"window": 3}),
    Case("one parameter of two", [], "outline", params={"span": 4}),
    Case("input changed", [write("data/series.txt", "3\n1\n4\n1\n6\n")], ALL),
    Case("input to an equal result", [write("data/series.txt", " 3\n1\n4\n1\n5\n")], "read"),
    Case("step to an equal result", [edit(S, "int(line)", "int(line.strip())")], "read"),
    Case("early cut-off halfway", [edit(S, "math.floor(number)", "math.floor(number + 0)")],
         "report"),
    Case("statement between steps", [edit(S, "number = fit(values, 2)",
         "number = fit(values[1:], 2)")], "fit report"),
    Case("changed in place between steps", [edit(S, "number = fit(values, 2)",
         "values.append(9)\nnumber = fit(values, 2)")], "fit report"),
    Case("changed through another name", [edit(S, "number = fit(values, 2)",
         "other = values\nother[0] = 9\nnumber = fit(values, 2)")], "fit report"),
    Case("sorted in place", [edit(S, "number = fit(values, 2)",
         "values.sort()\nvalues.pop()\nnumber = fit(values, 2)")], "fit report"),
    Case("another file", [write("data/other.txt", "2\n2\n"),
         edit(S, '"data/series.txt"', '"data/other.txt"')], ALL),
    Case("helper replaced by an import", [edit(S, "from helpers import scale",
         "from utils import other as scale")], "fit report"),
    Case("constant rebound", [edit(S, "DOUBLE = FACTOR * 2", "DOUBLE = FACTOR * 2\nDOUBLE += 1")],
         "fit report"),
    Case("constant rebound later", [edit(S, "series = read",
         'OFFSETS = {"b": [5]}\nseries = read')], "fit report"),
    Case("constant changed in place", [edit(S, "series = read",
         'OFFSETS["b"][0] = 5\nseries = read')], "fit report"),
    Case("helper replaced at run time", [edit(S, "series = read",
         "helpers.STEP = 5\nseries = read")], "trend fit report"),
    Case("step renamed", [edit(S, "def report(", "def summary("),
         edit(S, 'note("report")', 'note("summary")'), edit(S, "print(report(", "print(summary(")],
         "summary"),
    Case("new step", [edit(S, "print(report(number))",
         "@make\ndef extra(x):\n    note('extra')\n    return x\n\nprint(extra(number))\n"
         "print(report(number))")], "extra"),
    Case("parentheses", [edit(S, "@make\ndef report", "@make()\ndef report")]),
    Case("version given", [edit(S, "@make\ndef report", "@make(version=2)\ndef report")],
         "report"),
    Case("output deleted is put back", [delete("results/trend.json")], ""),
    Case("two edits", [edit(U, "BASE = 7", "BASE = 8"), edit(H, "by=2", "by=3")],
         "trend fit report"),
    Case("edit and parameter", [edit(H, "by=2", "by=3")], "fit report outline",
         params={"span": 3}),
    # What cannot matter.
    Case("touched", [touch(S), touch(H), touch("data/series.txt")]),
    Case("comment", [edit(U, "return value - BASE", "# why\n    return value - BASE  # so")]),
    Case("docstring of a step", [edit(S, "Read the numbers.", "Read all of the numbers.")]),
    Case("docstring taken away", [edit(S, '    """Shift a little."""\n', "")]),
    Case("layout", [edit(H, "def scale(value, by=2):\n    return value * by",
         "def scale(\n    value,\n    by=2,\n):\n\n    return (\n        value * by)")]),
    Case("annotations", [edit(H, "def scale(value, by=2):", "def scale(value: int, by: int = 2)"
         " -> int:")]),
    Case("annotated variable", [edit(S, "series = read", "series: list = read")]),
    Case("lines moved", [edit(S, "import functools\n", "\n\n\n\nimport functools\n\n")]),
    Case("unrelated function", [edit(S, "return value + 1", "return value + 2")]),
    Case("unrelated helper", [edit(H, "return 0", "return 1")]),
    Case("unrelated function of a helper", [edit(U, "    return value\n", "    return -value\n")]),
    Case("new function", [edit(S, "def unrelated", "def another():\n    pass\n\n\ndef unrelated")]),
    Case("new constant", [edit(H, "STEP = 1", "STEP = 1\nSPARE = 2")]),
    Case("unused constant", [edit(S, 'LABEL = "trend"', 'LABEL = "other"')]),
    Case("variable renamed", [edit(S, "series = read", "data = read"),
         edit(S, "trend(series, window)", "trend(data, window)")]),
    Case("argument by keyword", [edit(S, "fit(values, 2)", "fit(values=values, degree=2)")]),
    Case("default spelled out", [edit(S, "fit(values, 2)", "fit(values, 2, ridge=0.5)")]),
    Case("value spelled otherwise", [edit(S, "fit(values, 2)", "fit(values, 1 + 1)")]),
    Case("import alias", [edit(S, "from helpers import scale", "import helpers as h"),
         edit(S, "sum(scale(value)", "sum(helpers.scale(value)")], "fit",),
    Case("unused import", [edit(S, "import math\n", "import math\nimport string\n")]),
    Case("import order", [edit(S, "import helpers\nfrom helpers import scale\n",
         "from helpers import scale\nimport helpers\n")]),
    Case("looked at", [edit(S, "number = fit", "len(values)\nstr(values)\nnumber = fit")]),
    Case("independent statements swapped", [edit(S, "print(report(number))\n"
         "print(len(outline(span)))", "n = outline(span)\nprint(report(number))\nprint(len(n))")]),
    Case("help of a parameter", [edit(S, 'help="weeks"', 'help="number of weeks"')]),
    Case("parameter equal to its default", [], params={"window": 2}),
    Case("undone", [edit(U, "BASE = 7", "BASE = 8"), undo(U)]),
    Case("run and undone", [edit(U, "BASE = 7", "BASE = 8"), run(), undo(U)]),
    Case("undone by hand", [edit(H, "by=2", "by=3"), run(), edit(H, "by=3", "by=2")]),
    Case("input undone", [write("data/series.txt", "1\n"), run(), undo("data/series.txt")]),
    Case("parameters alternate", [run(params={"window": 3})]),
    Case("parameters alternate back", [run(params={"window": 3}), run()], params={"window": 3}),
    Case("sweep", [run(params={"window": 1}), run(params={"window": 4})], params={"window": 1}),
    Case("parameter and edit alternate", [run(params={"window": 3}), edit(U, "BASE = 7",
         "BASE = 8"), run()], "trend fit report", params={"window": 3}),
    Case("run a second time", [run()]),
    Case("in main", [edit(S, "series = read", 'if __name__ == "__main__":\n  series = read'),
         edit(S, "\nvalues = trend(", "\n  values = trend("),
         edit(S, "\nnumber = fit(", "\n  number = fit("),
         edit(S, "\nprint(report", "\n  print(report")]),
    Case("in a function", [edit(S, "series = read", 'def main():\n  series = read'),
         edit(S, "\nvalues = trend(", "\n  values = trend("),
         edit(S, "\nnumber = fit(", "\n  number = fit("),
         edit(S, "\nprint(report(number))", "\n  print(report(number))\nmain()")]),
    Case("pass", [edit(S, "    return helpers.shift(values)",
         "    pass\n    return helpers.shift(values)")]),
    Case("--only", [], "trend", only="trend", params={"window": 3}),
    Case("after --only", [run(params={"window": 3}, only="trend")], "fit report",
         params={"window": 3}),
    Case("after --only, as before", [run(params={"window": 3}, only="trend")]),
    Case("died in the middle", [edit(S, "number = fit", "import os; os._exit(3)\nnumber = fit"),
         write("data/series.txt", "1\n2\n"), run(code=3), undo(S)], "fit report"),
    Case("died and undone", [edit(S, "number = fit", "import os; os._exit(3)\nnumber = fit"),
         write("data/series.txt", "1\n2\n"), run(code=3), undo(S), undo("data/series.txt")]),
    Case("failed in the middle", [edit(S, 'note("fit")\n', 'note("fit")\n    1 / 0\n'),
         run(code=1)], "fit", code=1),
    Case("failed and undone", [edit(S, 'note("fit")\n', 'note("fit")\n    1 / 0\n'),
         run(code=1), undo(S)]),
    Case("failed, repaired otherwise", [edit(S, 'note("fit")\n', 'note("fit")\n    1 / 0\n'),
         write("data/series.txt", "1\n2\n"), run(code=1), undo(S)], "fit report"),
]
# fmt: on
