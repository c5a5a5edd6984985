"""Loops, conditions, comprehensions, generators, lambdas and partials that call steps."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit, run, undo

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="control",
    files={
        "script.py": """
from noting import note
from jobtui_core import default_param, make

count = default_param("count", 3)
kind = default_param("kind", "linear")
WEIGHTS = [1, 2, 3]


@make
def square(x):
    note("square")
    return x * x


@make
def cube(x):
    note("cube")
    return x ** 3


@make
def choose(values):
    note("choose")
    return max(values)


@make
def linear(x):
    note("linear")
    return x + 1


@make
def cubic(x):
    note("cubic")
    return x + 3


@make
def grow(x):
    note("grow")
    return x + 2


@make
def power(x, exponent):
    note("power")
    return x ** exponent


@make
def careful(x):
    note("careful")
    if x > 100:
        raise ValueError(x)
    return x


@make
def lazily(x):
    note("lazily")
    return x / 2


@make
def counted(x):
    note("counted")
    return x


def produce(values):
    for value in values:
        yield lazily(value)


def weigh(value):
    return value + WEIGHTS[0]


squares = []
for number in range(count):
    if number % 2 == 0:
        squares.append(square(number))
print(squares)
print([cube(weigh(n)) for n in WEIGHTS if n != 2])
best = choose(squares)
if kind == "linear":
    fitted = linear(best)
else:
    fitted = cubic(best)
print(fitted)
x = 0
while x < 6:
    x = grow(x)
print(x)
print(power(best, 2))
try:
    print(careful(fitted))
except ValueError:
    print("no")
print(list(produce([2, 4])))
apply = lambda v: counted(v + 1)
print(apply(3))
""",
    },
)

S = "script.py"
LOOP = "a loop that is written otherwise is another loop"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("one more turn", [], "square choose linear power careful", params={"count": 5}),
    Case("one turn less", [], "choose linear power careful", params={"count": 2},
         alarms={"square": "both kept turns were there before"}),
    Case("turns alternate", [run(params={"count": 5})]),
    Case("condition in a loop", [edit(S, "number % 2 == 0", "number % 2 == 1")],
         "square choose linear power careful"),
    Case("step in a loop", [edit(S, "return x * x", "return x * x + 1")],
         "square choose linear power careful"),
    Case("helper in a comprehension", [edit(S, "value + WEIGHTS[0]", "value - WEIGHTS[0]")],
         "cube"),
    Case("constant in a comprehension", [edit(S, "WEIGHTS = [1, 2, 3]", "WEIGHTS = [2, 2, 3]")],
         "cube"),
    Case("filter of a comprehension", [edit(S, "if n != 2]", "if n != 3]")], "cube"),
    Case("branch switched", [], "cubic careful", params={"kind": "cubic"}),
    Case("branch switched back", [run(params={"kind": "cubic"})]),
    Case("branch that is not taken", [edit(S, "return x + 3", "return x + 4")]),
    Case("branch that is taken", [edit(S, "return x + 1", "return x + 11")], "linear careful"),
    Case("branch by a result", [edit(S, 'if kind == "linear":', "if best > 1:")], "",
         alarms={"linear": "condition", "cubic": "condition", "careful": "condition"}),
    Case("other branch by a result", [edit(S, 'if kind == "linear":', "if best > 100:")],
         "cubic careful", alarms={"linear": "condition"}),
    Case("end of a while", [edit(S, "while x < 6:", "while x < 8:")], "grow"),
    Case("start of a while", [edit(S, "x = 0\n", "x = 1\n")], "grow"),
    Case("step of a while", [edit(S, "return x + 2", "return x + 3")], "grow"),
    Case("step in a try", [edit(S, "if x > 100:", "if x > 1:")], "careful"),
    Case("handler", [edit(S, 'print("no")', 'print("not at all")')]),
    Case("generator", [edit(S, "return x / 2", "return x / 4")], "lazily"),
    Case("items of a generator", [edit(S, "produce([2, 4])", "produce([2, 6])")], "lazily"),
    Case("generator function", [edit(S, "yield lazily(value)", "yield lazily(value + 1)")],
         "lazily"),
    Case("lambda", [edit(S, "counted(v + 1)", "counted(v + 2)")], "counted"),
    Case("step of a lambda", [edit(S, "    return x\n\n\ndef produce",
         "    return x + 0.5\n\n\ndef produce")], "counted"),
    Case("argument of a lambda", [edit(S, "apply(3)", "apply(4)")], "counted"),
    Case("loop variable renamed", [edit(S, "for number in range(count):\n    if number % 2 == 0:\n"
         "        squares.append(square(number))",
         "for n in range(count):\n    if n % 2 == 0:\n        squares.append(square(n))")]),
    Case("loop to a comprehension", [edit(S, "squares = []\nfor number in range(count):\n"
         "    if number % 2 == 0:\n        squares.append(square(number))",
         "squares = [square(n) for n in range(count) if n % 2 == 0]")], "",
         alarms={"choose": LOOP}),
    Case("for by step", [edit(S, "for number in range(count):\n    if number % 2 == 0:\n    ",
         "for number in range(0, count, 2):\n    if True:\n    ")], "",
         alarms={"square": LOOP, "choose": LOOP}),
    Case("enumerated", [edit(S, "for number in range(count)",
         "for _, number in enumerate(range(count))")], "",
         alarms={"square": LOOP, "choose": LOOP}),
    Case("comment in a loop", [edit(S, "    x = grow(x)", "    # on\n    x = grow(x)")]),
    Case("print in a loop", [edit(S, "    x = grow(x)", "    x = grow(x)\n    str(x)")]),
    Case("break", [edit(S, "    x = grow(x)", "    x = grow(x)\n    if x > 3:\n        break")],
         "", alarms={"grow": LOOP}),
    Case("break of a loop", [edit(S, "        squares.append(square(number))",
         "        squares.append(square(number))\n    if number > 0:\n        break")],
         "choose linear power careful", alarms={"square": LOOP}),
    Case("nested loop", [edit(S, "for number in range(count):", "for number in sorted("
         "a + b for a in (0, 1) for b in (0, 2)):")], "",
         alarms={"square": LOOP, "choose": LOOP}),
    Case("unrolled",
         [edit(S, "x = 0\nwhile x < 6:\n    x = grow(x)", "x = grow(grow(grow(0)))")], "",
         alarms={"grow": LOOP}),
    Case("died in a loop", [edit(S, "        squares.append(square(number))",
         "        if number == 2:\n            import os; os._exit(1)\n"
         "        squares.append(square(number))"), run(code=1), undo(S)]),
    Case("died in a loop, new turns", [edit(S, "        squares.append(square(number))",
         "        if number == 4:\n            import os; os._exit(1)\n"
         "        squares.append(square(number))"), run(code=1, params={"count": 5}), undo(S)],
         "square choose linear power careful", params={"count": 5}),
    Case("failed in a loop", [edit(S, "return x * x", "if x == 4: raise ValueError\n"
         "    return x * x"), run(code=1, params={"count": 5})],
         "square", code=1, params={"count": 5}),
    Case("--only in a loop", [run(only="square", params={"count": 5})],
         "choose linear power careful", params={"count": 5}),
]
# fmt: on
