"""Memory.cache and make together, steps inside steps, closures, decorators, partials, methods."""

from __future__ import annotations

from tests.core.corpus.harness import Case, Shape, edit, run, undo

__all__ = ["CASES", "PROJECT"]

PROJECT = Shape(
    name="mixed",
    files={
        "script.py": """
import functools
from functools import lru_cache, partial, singledispatch
from noting import note
from jobtui_core import Memory, make

memory = Memory("cache", verbose=0)
POWER = 2
RATES = {"low": 1, "high": 4}


def times(n):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs) * n
        return wrapper
    return decorate


def make_adder(amount):
    def add(value):
        return value + amount
    return add


add_two = make_adder(2)
raise_to = partial(pow, exp=POWER)
key = lambda value: -value


@singledispatch
def show(value):
    return f"<{value}>"


@show.register
def _(value: int):
    return f"int {value}"


@lru_cache
def slow(value):
    return value * 10


@times(3)
def tripled(value):
    return value + 1


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


class Scaler:
    def __init__(self, by):
        self.by = by

    def __call__(self, value):
        return value * self.by


scaler = Scaler(2)


@memory.cache
def lookup(name):
    note("lookup")
    return RATES[name]


@memory.cache(ignore=["verbose"])
def quiet(value, verbose=False):
    note("quiet")
    return value + 5


@make
def inner(value):
    note("inner")
    return add_two(value)


@make
def outer(values):
    note("outer")
    return [inner(value) for value in values]


@make
def closures(value):
    note("closures")
    return raise_to(add_two(value))


@make
def sorts(values):
    note("sorts")
    return sorted(values, key=key)


@make
def dispatch(value):
    note("dispatch")
    return show(value)


@make
def cached(value):
    note("cached")
    return slow(value)


@make
@times(2)
def doubled(value):
    note("doubled")
    return value


@make
def decorated(value):
    note("decorated")
    return tripled(value)


@make
def recursive(n):
    note("recursive")
    return fibonacci(n)


@make
def applies(function, value):
    note("applies")
    return function(value)


@make
def scaled(value):
    note("scaled")
    return scaler(value)


@make
def named(value, *rest, flag=False, **options):
    note("named")
    return [value, rest, flag, options]


rate = lookup("low")
print(rate, quiet(rate, verbose=True))
print(outer([1, 2]))
print(inner(1))
print(closures(3), sorts([1, 3, 2]), dispatch(4), cached(5))
print(doubled(6), decorated(7), recursive(8))
print(applies(add_two, 1), scaled(4))
print(named(1, 2, 3, flag=True, colour="red"))
""",
    },
)

S = "script.py"

# A table: one edit after the other, as short as they are.
# fmt: off
CASES = [
    Case("nothing", []),
    Case("memoized function", [edit(S, "return value + 5", "return value + 6")], "quiet"),
    Case("constant of a memoized function", [edit(S, '"low": 1', '"low": 2')], "lookup quiet"),
    Case("ignored argument", [edit(S, "verbose=True", "verbose=False")]),
    Case("argument of a memoized function", [edit(S, 'lookup("low")', 'lookup("high")')],
         "lookup quiet"),
    Case("closure's value", [edit(S, "make_adder(2)", "make_adder(3)")],
         "inner outer closures applies"),
    Case("closure's code", [edit(S, "return value + amount", "return value - amount")],
         "inner outer closures applies"),
    Case("partial's value", [edit(S, "POWER = 2", "POWER = 3")], "closures"),
    Case("lambda", [edit(S, "lambda value: -value", "lambda value: value")], "sorts"),
    Case("singledispatch", [edit(S, 'f"int {value}"', 'f"INT {value}"')], "dispatch"),
    Case("lru_cache", [edit(S, "value * 10", "value * 20")], "cached"),
    Case("argument of a decorator", [edit(S, "@times(3)", "@times(4)")], "decorated"),
    Case("inside a decorator", [edit(S, "(*args, **kwargs) * n", "(*args, **kwargs) * n + 1")],
         "doubled decorated"),
    Case("decorator under make", [edit(S, "@times(2)", "@times(5)")], "doubled"),
    Case("recursive helper", [edit(S, "n if n < 2", "n if n < 3")], "recursive"),
    Case("inner step", [edit(S, "return add_two(value)", "return add_two(value) * 2")],
         "inner outer"),
    Case("outer step", [edit(S, "[inner(value) for value in values]",
         "[inner(value) for value in values[:1]]")], "outer"),
    Case("outer step, new inner calls", [edit(S, "outer([1, 2])", "outer([1, 3])")],
         "outer inner"),
    Case("callable instance", [edit(S, "Scaler(2)", "Scaler(3)")], "scaled"),
    Case("__call__", [edit(S, "value * self.by", "value + self.by")], "scaled"),
    Case("variadic argument", [edit(S, "named(1, 2, 3,", "named(1, 2, 4,")], "named"),
    Case("extra keyword", [edit(S, 'colour="red"', 'colour="blue"')], "named"),
    Case("function as argument", [edit(S, "applies(add_two, 1)", "applies(make_adder(5), 1)")],
         "applies"),
    Case("keywords swapped", [edit(S, 'flag=True, colour="red"', 'colour="red", flag=True')]),
    Case("decorator's docstring", [edit(S, "def times(n):", 'def times(n):\n    """N."""')]),
    Case("comment in a closure", [edit(S, "return value + amount",
         "return value + amount  # more")]),
    Case("verbose memory", [edit(S, 'Memory("cache", verbose=0)', 'Memory("cache", verbose=0, '
         "mmap_mode=None)")]),
    Case("unused function", [edit(S, "rate = lookup", "def spare():\n    pass\n\nrate = lookup")]),
    Case("undone", [edit(S, "make_adder(2)", "make_adder(3)"), run(), undo(S)]),
    Case("inner step undone", [edit(S, "return add_two(value)", "return add_two(value) * 2"),
         run(), undo(S)]),
    Case("statements swapped", [edit(S, "print(outer([1, 2]))\nprint(inner(1))",
         "i = inner(1)\nprint(outer([1, 2]))\nprint(i)")]),
]
# fmt: on
