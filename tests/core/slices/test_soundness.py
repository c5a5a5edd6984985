"""Equal static keys mean equal calls: random programs are edited, analysed and really run."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jobtui_core.slices import analyse
from jobtui_core.sources import SourceTree

NAMES = ("a", "b", "c")
SEEDS = 150
HEAD = """
import argparse
import asyncio
from contextlib import contextmanager
from functools import partial
from jobtui_core import Memory, make

memory = Memory("results")

@make
def fit(*args):
    return args

@make
def load(n):
    return n

@memory.cache
def shelved(v):
    return v

def twice(v):
    return [v, v]

def push(v, w):
    v.append(w)
    return w

def first(v):
    for x in v:
        if x == 2:
            return x
    return v

def both(v):
    fit(v)
    v.append(9)
    return fit(v)

def each(v):
    for x in list(v)[:3]:
        yield x
        v.append(x)

def fitted(v):
    yield fit(v)
    yield fit([v])

@contextmanager
def adding(v):
    v.append(7)
    yield v
    v.append(8)

@contextmanager
def catching(v):
    try:
        yield v
    except Exception:
        v.append(6)

async def later(v):
    v.append(5)
    return fit(v)

def apply(f, v):
    return f(v)

class Box:
    def __init__(self, v):
        self.v = v
    def put(self, w):
        self.v.append(w)
        return self.v

def plain(*args):
    return list(args)

TABLE = {"a": fit, "b": plain}
parser = argparse.ArgumentParser()
parser.add_argument("--n", type=int, default=1)
parser.add_argument("--m", type=int, default=2)
args = parser.parse_args([])

STATE = []

def remember(v):
    STATE.append(v)
    return len(STATE)

a = [1, 2]
b = [2, 3]
c = load(4)
r = shelved.call_and_shelve(5)
"""


class Programs:
    """Random programs over three lists, and small edits of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def name(self) -> str:
        return self.random.choice(NAMES)

    def number(self) -> str:
        return str(self.random.randrange(4))

    def expression(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.3:
            return self.random.choice([self.name(), self.name(), self.number(), "[]"])
        inner, name = self.expression(depth - 1), self.name()
        return self.random.choice(
            [
                f"[{inner}, {self.name()}]",
                f"twice({inner})",
                f"list([{inner}])",
                f"{name}[0:1]",
                f"{name}[0]",
                f"first({name})",
                f"({name} if {inner} else {self.name()})",
                f"[k for k in twice({inner}) if k != 1]",
                f"(lambda q: [q, {name}])({inner})",
                f"remember({inner})",
                f"dict(x={name})['x']",
                f"list(map(fit, twice({inner})))",
                f"list(map(lambda q: [q, {name}], twice({inner})))",
                f"[fit(k) for k in twice({inner}) if k != {self.number()}]",
                f"list(fit([k, {name}]) for k in twice({inner}))",
                f"list(each(list(twice({inner}))))",
                f"list(fitted({name}))",
                f"partial(fit, {name})({inner})",
                f"apply(fit, {inner})",
                f"apply(partial(plain, {name}), {inner})",
                f"TABLE[{self.random.choice(['chr(97)', 'str()', repr('a'), repr('b')])}]({inner})",
                f"(fit if {name} == {self.number()} else plain)({inner})",
                f"asyncio.run(later({name}))",
                f"Box({name}).put({inner})",
                "args." + self.random.choice("nm"),
                f"shelved.call_and_shelve({inner}).get()",
                f"[q.get() for q in [shelved.call_and_shelve(k) for k in twice({inner})]]",
                "r.get()",
                f"any(fit(k) for k in twice({inner}))",
                f"plain(*{name})",
                f"plain(*[{inner}, {name}])",
                "{'k': " + inner + ", 'l': " + name + "}['k']",
            ]
        )

    def simple(self) -> str:
        name, value = self.name(), self.expression()
        return self.random.choice(
            [
                f"{name} = {value}",
                f"{name} = {self.name()}",
                f"{name} = {self.name()} = [{value}]",
                f"{name}, {self.name()} = [{value}], {self.name()}",
                f"{name}.append({value})",
                f"{name}[0] = {value}",
                f"{name} += [{value}]",
                f"push({name}, {value})",
                f"{name}[0].append({self.number()})",
                f"both({name})",
                f"del {name}[0]",
                f"{name}.reverse()",
                f"fit({value})",
                f"fit({name})",
                f"fit({name})",
                f"{name} = load({value})",
                f"r = shelved.call_and_shelve({value})",
            ]
        )

    def block(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += self.statement(depth)
        return lines

    def statement(self, depth: int) -> list[str]:
        kinds = ["if", "if-else", "for", "try", "def", "over", "with", "pick"]
        kind = self.random.choice(["simple"] * 4 + kinds)
        if depth == 0 or kind == "simple":
            return [self.simple()]
        inner = indent(self.block(depth - 1))
        if kind == "if":
            return [f"if {self.expression()}:", *inner]
        if kind == "if-else":
            return [f"if {self.expression()}:", *inner, "else:", *indent(self.block(depth - 1))]
        if kind == "for":
            way_out = self.random.choice(["pass", "break", "continue"])
            stop = [f"    if {self.name()} == k:", f"        {way_out}"]
            head = f"for k in twice({self.expression()}):"
            return [head, *inner, *stop, *indent(self.block(depth - 1))]
        if kind == "try":
            return ["try:", *inner, "except Exception:", *indent(self.block(depth - 1))]
        if kind == "over":
            name = self.name()
            sources = [f"each({name})", f"fitted({name})", f"map(fit, {name})"]
            sources += [f"(fit(k) for k in {name})", f"[fit, plain, partial(fit, {name})]"]
            source = self.random.choice([*sources, f"enumerate(each({name}))"])
            use = self.random.choice(["fit(k)", f"{name}.append(1)", "pass", f"k({name})"])
            return [f"for k in {source}:", f"    {use}", *inner]
        if kind == "with":
            manager = self.random.choice(["adding", "catching"])
            return [f"with {manager}({self.name()}) as {self.name()}:", *inner]
        if kind == "pick":
            one, two = self.random.choice(["fit", "plain"]), self.random.choice(["fit", "plain"])
            return [f"f = {one}", f"if {self.name()} == [1, 2]:", f"    f = {two}", *inner,
                    f"f({self.name()})"]  # fmt: skip
        return ["def go(a, b):", *inner, "    return [a, b]", f"{self.name()} = go(a, c)"]

    def program(self) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(2, 6)):
            lines += self.statement(2)
        return [*lines, f"fit({self.name()})"]

    def edited(self, before: list[str]) -> list[str]:
        """The same with one digit or name changed, or one simple line left out."""
        after = list(before)
        row = self.random.randrange(len(before))
        line = before[row]
        places = [match.start() for match in re.finditer(r"\b([0-3abc])\b", line)]
        if places and self.random.random() < 0.7:
            column = self.random.choice(places)
            new = self.number() if line[column].isdigit() else self.name()
            after[row] = line[:column] + new + line[column + 1 :]
        elif not line.endswith(":") and not line.strip().startswith("return"):
            after[row] = line[: len(line) - len(line.lstrip())] + "pass"
        return after


def indent(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


class TooManyError(Exception):
    pass


class Shelf:
    """Gives references to results that tell one call from another, whatever it is given."""

    def __init__(self) -> None:
        self.calls: Counter[tuple[int, ...]] = Counter()

    def call_and_shelve(self, value: Any) -> Any:
        place, frame = [], sys._getframe(1)
        while frame.f_code.co_filename == "program" and frame.f_back is not None:
            place.append(frame.f_lasti)
            frame = frame.f_back
        self.calls[*place,] += 1
        result = [6, self.calls[*place,]]
        return SimpleNamespace(get=lambda: list(result))


def run(lines: list[str]) -> list[Any] | None:
    """Run a program; give the calls of fit, arguments as text."""
    calls: list[Any] = []

    def fit(*args: Any) -> list[Any]:
        if len(calls) > 30:
            raise TooManyError
        calls.append(re.sub(r"0x[0-9a-f]+", "", repr(args)))
        return ["result", len(args)]

    start, end = HEAD.index("from jobtui_core"), HEAD.index("def twice")
    body = HEAD[:start] + HEAD[end:] + "\n" + "\n".join(lines)
    namespace: dict[str, Any] = {"fit": fit, "load": lambda n: [4, 5], "shelved": Shelf()}
    try:
        exec(compile(body, "program", "exec"), namespace)
    except (Exception, RecursionError):
        return None
    return calls


def keys(lines: list[str], folder: Path) -> list[object] | None:
    script = folder / "program.py"
    text = HEAD + "\n".join(lines) + "\n"
    tree = SourceTree(folder, [folder], loaded={script: text})
    found = analyse(tree, script)
    sites = found.sites
    if any(one.unfollowed for one in (*sites, *found.functions)):
        return None
    return [(site.function, site.template, site.holes) for site in sites if site.name == "fit"]


def compare(seed: int, folder: Path) -> tuple[list[Any], list[Any], str] | None:
    """Give the calls of a program and of its edit, if their keys are equal."""
    programs = Programs(seed)
    before = programs.program()
    after = programs.edited(before)
    first = keys(before, folder)
    if first is None or first != keys(after, folder):
        return None
    one, two = run(before), run(after)
    if one is None or two is None:
        return None
    return one, two, "\n".join([*before, "-----", *after])


def _main(first: int, last: int) -> None:
    """Try many more: ``python -m tests.core.slices.test_soundness 0 5000``."""
    import tempfile

    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            found = compare(seed, Path(folder))
            compared += found is not None
            if found is not None and found[0] != found[1]:
                print(f"seed {seed}:\n{found[2]}\n{found[0]}\n{found[1]}\n")
    print(f"{compared} compared")


def test_programs_with_equal_keys_make_equal_calls(tmp_path: Path) -> None:
    compared = 0
    for seed in range(SEEDS):
        found = compare(seed, tmp_path)
        if found is not None:
            one, two, text = found
            assert one == two, f"seed {seed}:\n{text}"
            compared += 1
    assert compared > SEEDS // 20


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
