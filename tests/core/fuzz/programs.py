"""Random small projects: modules, a package, helpers, classes, constants, steps, files, a script.

Everything is a number or a list of numbers, so that most programs run, and most edits of them do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

__all__ = ["Chooser", "Program", "programs"]

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[T]], T]


class Chooser:
    """Draws small decisions; the first choice is what examples shrink to."""

    def __init__(self, draw: Draw[int]) -> None:
        self._draw = draw

    def below(self, stop: int) -> int:
        return self._draw(st.integers(0, stop - 1)) if stop > 1 else 0

    def of(self, *options: T) -> T:
        return options[self.below(len(options))]

    def chance(self, out_of: int) -> bool:
        """Once in so many times."""
        return self.below(out_of) == out_of - 1


@dataclass(frozen=True)
class Program:
    """A project: its files, and the parameters and data that may be changed."""

    files: dict[str, str]
    parameters: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    takes_argv: bool = False


@dataclass
class Scope:
    """Expressions that can be used at a place, by what they are."""

    nums: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)
    """Functions from a number to a number."""
    changers: list[str] = field(default_factory=list)
    """Functions from a list to a list."""
    folds: list[str] = field(default_factory=list)
    """Functions from a list to a number."""
    classes: list[str] = field(default_factory=list)
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, kind of the argument, kind of the result."""

    def inner(self) -> Scope:
        return Scope(
            list(self.nums), list(self.lists), list(self.maps), list(self.changers),
            list(self.folds), list(self.classes), list(self.steps),
        )  # fmt: skip


class Writer:
    """Writes the modules of one project."""

    def __init__(self, choose: Chooser) -> None:
        self.choose = choose
        self.count = 0
        self.noted: list[str] = []
        self.parameters: list[str] = []
        self.takes_argv = False

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # -- expressions -----------------------------------------------------------------------------

    def num(self, scope: Scope, depth: int = 2) -> str:
        choose = self.choose
        kinds = ["literal", "name", "name"]
        if depth > 0:
            kinds += ["binary", "call", "call", "fold", "if", "method", "lambda", "step"]
        kind = choose.of(*kinds)
        if kind == "name" and scope.nums:
            return choose.of(*scope.nums)
        if kind == "binary":
            left, right = self.num(scope, depth - 1), self.num(scope, depth - 1)
            return f"({left} {choose.of('+', '-', '*')} {right}) % 97"
        if kind == "call" and scope.maps:
            return f"{choose.of(*scope.maps)}({self.num(scope, depth - 1)})"
        if kind == "fold":
            folds = [*scope.folds, "sum", "len", "sum"]
            return f"{choose.of(*folds)}({self.list(scope, depth - 1)})"
        if kind == "if":
            yes, no = self.num(scope, depth - 1), self.num(scope, depth - 1)
            return f"({yes} if {self.condition(scope, depth - 1)} else {no})"
        if kind == "method" and scope.classes:
            made = f"{choose.of(*scope.classes)}({self.num(scope, depth - 1)})"
            return f"{made}.{choose.of('go', 'twice')}({self.num(scope, depth - 1)})"
        if kind == "lambda":
            argument = self.num(scope, depth - 1)
            inner = scope.inner()
            inner.nums.append("q")
            return f"(lambda q: {self.num(inner, depth - 1)})({argument})"
        if kind == "step":
            return self.step_call(scope, "num", depth) or str(choose.below(9))
        return str(choose.below(9))

    def list(self, scope: Scope, depth: int = 2) -> str:
        choose = self.choose
        kinds = ["literal", "name", "name"]
        if depth > 0:
            kinds += ["made", "call", "slice", "comprehension", "map", "sorted", "step"]
        kind = choose.of(*kinds)
        if kind == "name" and scope.lists:
            return choose.of(*scope.lists)
        if kind == "made":
            return f"[{self.num(scope, depth - 1)}, {self.num(scope, depth - 1)}]"
        if kind == "call" and scope.changers:
            return f"{choose.of(*scope.changers)}({self.list(scope, depth - 1)})"
        if kind == "slice":
            return f"{self.list(scope, depth - 1)}[{choose.below(3)}:]"
        if kind == "comprehension":
            inner = scope.inner()
            inner.nums.append("k")
            test = f" if {self.condition(inner, 0)}" if choose.chance(3) else ""
            made = self.num(inner, depth - 1)
            return f"[{made} for k in {self.list(scope, depth - 1)}{test}]"
        if kind == "map" and scope.maps:
            return f"list(map({choose.of(*scope.maps)}, {self.list(scope, depth - 1)}))"
        if kind == "sorted":
            key = f", key={choose.of(*scope.maps)}" if scope.maps and choose.chance(3) else ""
            return f"sorted({self.list(scope, depth - 1)}{key})"
        if kind == "step":
            return self.step_call(scope, "list", depth) or "[1, 2]"
        return f"[{choose.below(9)}, {choose.below(9)}]"

    def condition(self, scope: Scope, depth: int) -> str:
        left, right = self.num(scope, depth), self.num(scope, 0)
        return f"{left} {self.choose.of('<', '>', '==', '!=')} {right}"

    def step_call(self, scope: Scope, gives: str, depth: int) -> str | None:
        fitting = [step for step in scope.steps if step[2] == gives]
        if not fitting:
            return None
        name, takes, _ = self.choose.of(*fitting)
        return f"{name}({self.argument(scope, takes, depth)})"

    def argument(self, scope: Scope, takes: str, depth: int) -> str:
        if takes == "nothing":
            return ""
        return self.value(scope, takes, depth - 1)

    def value(self, scope: Scope, kind: str, depth: int) -> str:
        return self.num(scope, depth) if kind == "num" else self.list(scope, depth)

    # -- statements ------------------------------------------------------------------------------

    def block(self, scope: Scope, depth: int, most: int = 3) -> list[str]:
        lines: list[str] = []
        for _ in range(self.choose.below(most) + (depth < 2)):
            lines += self.statement(scope, depth)
        return lines or ["pass"]

    def statement(self, scope: Scope, depth: int) -> list[str]:
        kinds = ["num", "list", "num", "list", "change"]
        if depth > 0:
            kinds += ["if", "if-else", "for", "while", "try", "def"]
        kind = self.choose.of(*kinds)
        if kind == "num":
            return self.assign(scope, self.num(scope), scope.nums, "n")
        if kind == "list":
            return self.assign(scope, self.list(scope), scope.lists, "v")
        if kind == "change":
            return self.change(scope)
        if kind == "def":
            return self.nested(scope, depth)
        inner = scope.inner()
        if kind in ("for", "while"):
            return self.loop(scope, inner, kind, depth)
        if kind == "try":
            body = indent(self.block(inner, depth - 1))
            return ["try:", *body, "except ValueError:", *indent(self.block(scope.inner(), 0))]
        head = f"if {self.condition(scope, 1)}:"
        body = indent(self.block(inner, depth - 1))
        if kind == "if":
            return [head, *body]
        return [head, *body, "else:", *indent(self.block(scope.inner(), depth - 1))]

    def assign(self, scope: Scope, value: str, known: list[str], prefix: str) -> list[str]:
        own = [name for name in known if name.startswith(prefix)]
        if own and self.choose.chance(3):
            return [f"{self.choose.of(*own)} = {value}"]
        name = self.name(prefix)
        known.append(name)
        return [f"{name} = {value}"]

    def change(self, scope: Scope) -> list[str]:
        own = [name for name in scope.lists if name.startswith("v")]
        nums = [name for name in scope.nums if name.startswith("n")]
        if nums and (not own or self.choose.chance(3)):
            return [f"{self.choose.of(*nums)} += {self.num(scope, 1)}"]
        if not own:
            return self.assign(scope, self.num(scope, 1), scope.nums, "n")
        name = self.choose.of(*own)
        if self.choose.chance(3):
            return [f"{name} += {self.list(scope, 1)}"]
        return [f"{name}.append({self.num(scope, 1)})"]

    def loop(self, scope: Scope, inner: Scope, kind: str, depth: int) -> list[str]:
        choose = self.choose
        turn = self.name("i")
        inner.nums.append(turn)
        body = self.block(inner, depth - 1)
        if choose.chance(3):
            body += [f"if {self.condition(inner, 0)}:", f"    {choose.of('break', 'continue')}"]
            body += self.block(inner, 0)
        if kind == "for":
            over = choose.of(f"range({choose.below(4)})", self.list(scope, 1) + "[:3]")
            return [f"for {turn} in {over}:", *indent(body)]
        return [
            f"{turn} = 0",
            f"while {turn} < {choose.below(4)}:",
            f"    {turn} += 1",
            *indent(body),
        ]

    def nested(self, scope: Scope, depth: int) -> list[str]:
        name = self.name("inner")
        inner = scope.inner()
        inner.nums.append("y")
        # Names that are bound later would be free in it.
        body = [*self.block(inner, depth - 1, 2), f"return {self.num(inner)}"]
        scope.maps.append(name)
        return [f"def {name}(y):", *indent(body)]

    # -- definitions -----------------------------------------------------------------------------

    def constant(self, scope: Scope) -> list[str]:
        name = self.name("C")
        if self.choose.chance(3):
            made = f"[{self.num(Scope(nums=scope.nums), 0)}, {self.choose.below(9)}]"
            scope.lists.append(name)
        elif self.choose.chance(4):
            made = f'{{"a": {self.choose.below(9)}, "b": [1, {self.choose.below(9)}]}}'
            scope.nums.append(f'{name}["a"]')
            scope.lists.append(f'{name}["b"]')
        else:
            made = self.num(Scope(nums=scope.nums), 1)
            scope.nums.append(name)
        return [f"{name} = {made}"]

    def helper(self, scope: Scope, *, traced: str | None = None) -> list[str]:
        choose = self.choose
        name = self.name("h")
        takes, gives = choose.of(("num", "num"), ("list", "num"), ("list", "list"))
        inner = scope.inner()
        (inner.nums if takes == "num" else inner.lists).append("x")
        option = choose.of("", "", ", z={}", ", *, z={}")
        if option:
            option = option.format(self.num(Scope(nums=scope.nums), 0))
            inner.nums.append("z")
        body = [*self.block(inner, 1, 2), f"return {self.value(inner, gives, 2)}"]
        place = {("num", "num"): scope.maps, ("list", "num"): scope.folds}
        place.get((takes, gives), scope.changers).append(name)
        head = [f"@{traced}"] if traced and choose.chance(2) else []
        return [*head, f"def {name}(x{option}):", *indent(body)]

    def klass(self, scope: Scope) -> list[str]:
        choose = self.choose
        name = self.name("K")
        base = choose.of("", *[f"({one})" for one in scope.classes])
        inner = scope.inner()
        inner.nums += ["x", "self.by", "self.FACTOR"]
        factor = self.num(Scope(nums=scope.nums), 0)
        go = indent(["def go(self, x):", f"    return {self.num(inner)}"])
        kept = choose.of("by", "by", self.num(Scope(nums=["by"], maps=scope.maps), 1))
        init = indent(["def __init__(self, by):", f"    self.by = {kept}"])
        twice = indent(["def twice(self, x):", "    return self.go(self.go(x))"])
        inherits = base and choose.chance(2)
        body = [f"    FACTOR = {factor}", *([] if inherits else [*init, *twice]), *go]
        scope.classes.append(name)
        return [f"class {name}{base}:", *body]

    def step(self, scope: Scope, *, inside: bool) -> list[str]:
        choose = self.choose
        kind = choose.of("make", "make", "make", "output", "reads", "declared", "memory", "memory")
        name = self.name("s")
        self.noted.append(name)
        takes = choose.of("num", "list", "list", "nothing")
        gives = choose.of("num", "list")
        inner = scope.inner()
        if not inside:
            inner.steps = []
        if takes != "nothing":
            (inner.nums if takes == "num" else inner.lists).append("x")
        body = [f'note("{name}")']
        head = "@make"
        if kind == "output":
            head = f'@make(output=JsonFile("results/{name}.json"))'
        elif kind in ("reads", "declared"):
            file = choose.of("data/a.txt", "data/b.txt")
            inner.lists.append("lines")
            body += [f'with open("{file}") as file:', "    lines = [int(t) for t in file]"]
            head = f'@make(inputs="{file}")' if kind == "declared" else "@make"
        elif kind == "memory":
            head = "@memory.cache"
        body += [*self.block(inner, 1, 2), f"return {self.value(inner, gives, 2)}"]
        scope.steps.append((name, takes, gives))
        argument = "" if takes == "nothing" else choose.of("x", "x", "x, spare=1")
        return [head, f"def {name}({argument}):", *indent(body)]

    # -- modules ---------------------------------------------------------------------------------

    def definitions(self, scope: Scope, *, steps: bool) -> list[list[str]]:
        found = [self.constant(scope)]
        for _ in range(1 + self.choose.below(4)):
            kind = self.choose.of("helper", "helper", "constant", "class")
            if kind == "helper":
                found.append(self.helper(scope, traced="traced" if steps else None))
            else:
                found.append(self.klass(scope) if kind == "class" else self.constant(scope))
        if steps:
            inside = self.choose.chance(2)
            count = 2 + self.choose.below(3)
            found += [self.step(scope, inside=inside) for _ in range(count)]
        return found

    def imported(self, module: str, scope: Scope, into: Scope) -> list[str]:
        """Import what another module defines, in one of the ways there are."""
        style = self.choose.of("from", "module", "alias", "renamed", "star")
        if style == "star" and scope.steps:
            style = "from"
        names = sorted(
            {
                text.partition("[")[0]
                for text in (*scope.nums, *scope.lists, *scope.maps, *scope.changers,
                             *scope.folds, *scope.classes, *(step[0] for step in scope.steps))
            }
        )  # fmt: skip
        if style == "star":
            _extend(into, scope, lambda name: name)
            return [f"from {module} import *"]
        if style == "from":
            _extend(into, scope, lambda name: name)
            return [f"from {module} import {', '.join(names)}"]
        if style == "renamed":
            _extend(into, scope, lambda name: f"my_{name}")
            return [f"from {module} import {name} as my_{name}" for name in names]
        short = module if style == "module" else self.name("m")
        _extend(into, scope, lambda name: f"{short}.{name}")
        return [f"import {module}" if style == "module" else f"import {module} as {short}"]

    def project(self) -> Program:
        choose = self.choose
        files = {
            "data/a.txt": "3\n1\n4\n",
            "data/b.txt": "1\n5\n",
            "tracing.py": TRACED,
        }
        known: list[tuple[str, Scope]] = []
        for module in ("base", "pkg.parts", "pkg.more"):
            if choose.chance(2):
                scope, own = Scope(), Scope()
                head = []
                for other, given in known:
                    if choose.chance(2):
                        head += self.imported(other, given, scope)
                before = scope.inner()
                body = self.definitions(scope, steps=False)
                _difference(own, scope, before)
                files[module.replace(".", "/") + ".py"] = joined([head, *body])
                known.append((module, own))
        packages = [(name, own) for name, own in known if name.startswith("pkg.")]
        if packages:
            files["pkg/__init__.py"] = ""
            if choose.chance(2):
                name, own = choose.of(*packages)
                files["pkg/__init__.py"] = f"from {name.replace('pkg', '')} import *\n"
                known.append(("pkg", own))
        if choose.chance(2):
            scope, own = Scope(), Scope()
            head = [*HEAD]
            for other, given in known:
                head += self.imported(other, given, scope)
            before = scope.inner()
            body = self.definitions(scope, steps=True)
            _difference(own, scope, before)
            files["stages.py"] = joined([head, *body])
            known.append(("stages", own))
        files["script.py"] = self.script(known)
        return Program(files, tuple(self.parameters), tuple(self.noted), self.takes_argv)

    def script(self, known: list[tuple[str, Scope]]) -> str:
        choose = self.choose
        scope = Scope()
        head = [*HEAD, "import sys"]
        for other, given in known:
            head += self.imported(other, given, scope)
        parts = [head]
        if choose.chance(2):
            name = self.name("p")
            self.parameters.append(name)
            parts.append([f'{name} = default_param("{name}", {choose.below(5)})'])
            scope.nums.append(name)
        if choose.chance(4):
            self.takes_argv = True
            parts.append(["word = int(sys.argv[1]) if len(sys.argv) > 1 else 3"])
            scope.nums.append("word")
        if choose.chance(4):
            lines = ['with open("data/b.txt") as file:', "    vb = [int(t) for t in file]"]
            parts.append(lines)
            scope.lists.append("vb")
        parts += self.definitions(scope, steps=True)
        if choose.chance(3):
            parts.append(self.helper(scope))
        body: list[str] = []
        for _ in range(3 + choose.below(5)):
            body += self.top_statement(scope)
        if choose.chance(3):
            parts.append(["def main():", *indent(body)])
            parts.append(['if __name__ == "__main__":', "    main()"])
        else:
            parts.append(body)
        return joined(parts)

    def top_statement(self, scope: Scope) -> list[str]:
        if self.choose.chance(3) or not scope.steps:
            return self.statement(scope, 2)
        name, takes, gives = self.choose.of(*scope.steps)
        known, prefix = (scope.nums, "n") if gives == "num" else (scope.lists, "v")
        lines = self.assign(scope, f"{name}({self.argument(scope, takes, 2)})", known, prefix)
        return [*lines, f"print({lines[-1].partition(' =')[0]})"]


HEAD = (
    "from noting import note",
    "from jobtui_core import JsonFile, Memory, default_param, make",
    "from tracing import traced",
    'memory = Memory(".jobtui/memory", verbose=0)',
)
TRACED = """
import functools

def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper
"""


def _extend(into: Scope, scope: Scope, rename: Callable[[str], str]) -> None:
    into.nums += [rename(name) for name in scope.nums]
    into.lists += [rename(name) for name in scope.lists]
    into.maps += [rename(name) for name in scope.maps]
    into.changers += [rename(name) for name in scope.changers]
    into.folds += [rename(name) for name in scope.folds]
    into.classes += [rename(name) for name in scope.classes]
    into.steps += [(rename(name), takes, gives) for name, takes, gives in scope.steps]


def _difference(own: Scope, scope: Scope, before: Scope) -> None:
    for name in ("nums", "lists", "maps", "changers", "folds", "classes", "steps"):
        had = getattr(before, name)
        getattr(own, name).extend(one for one in getattr(scope, name) if one not in had)


def indent(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def joined(parts: list[list[str]]) -> str:
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


@st.composite
def programs(draw: Draw[int]) -> Program:
    """Give random projects."""
    return Writer(Chooser(draw)).project()
