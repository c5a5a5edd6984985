"""Functions as values: where a step goes when it is handed around, and where it may be called.

A term *carries* the steps that whoever has its value could call.  As long as a function is only
stored, picked or completed (``functools.partial``), it is followed; where a value that carries
steps is given to something that is not walked through, they have *escaped*: they may be called
where no call site can be seen, and nothing built on that is ever fresh.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from jobtui_core.slices import library
from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.meanings import (
    ClassRef,
    FunctionRef,
    ModuleRef,
    OneOf,
    Partial,
    Parts,
    StepRef,
    Table,
    Value,
    choice,
)
from jobtui_core.slices.outside import Outside
from jobtui_core.slices.terms import Constant, Term, constant, term

__all__ = ["Callables"]


class Callables(Outside):
    """Follows functions that are stored, picked and handed on."""

    def call_value(
        self, node: ast.Call, function: Value, arguments: Arguments, *, discarded: bool
    ) -> Value:
        """Give the value of calling a value."""
        raise NotImplementedError

    # ------------------------------------------------------------------ carrying

    def carry(self, value: Term) -> Term:
        """Mark a function or class that is used as a value with the steps behind it."""
        meaning = value.meaning
        if isinstance(meaning, FunctionRef):
            steps: set[str] = set(self.code_of(meaning).steps)
            if isinstance(meaning.node, ast.Lambda) or "<locals>" in meaning.qualname:
                steps.update(self.effects_of(meaning).steps)
            return value.carrying(steps)
        if isinstance(meaning, ClassRef):
            return value.carrying(self.class_code(meaning).steps)
        return value

    def let_go(self, value: Term) -> Term:
        """Take note that what a value carries may be called where nothing can be seen."""
        if not value.carries:
            return value
        steps = sorted(value.carries - {library.ANYTHING})
        for identity in steps:
            self.escaped.setdefault(identity, "it is passed on as a value, and may be called there")
        names = [identity.rpartition(":")[2].rpartition(".")[2] for identity in steps]
        doubts = [f"{name} is passed on as a value, and may be called there" for name in names]
        if library.ANYTHING in value.carries:
            self.anything = "functions are called by computed names"
            doubts.append(self.anything)
        return value.because(*doubts)

    # ------------------------------------------------------------------ picking

    def alternatives(
        self, node: ast.Call, function: Value, arguments: Arguments, *, discarded: bool
    ) -> Value:
        """Call one of several functions: each where it is the one that was picked."""
        meaning = function.term.meaning
        values = meaning.values if isinstance(meaning, OneOf) else (function,)
        results: list[Value] = []

        def attempt(index: int) -> bool:
            if index + 1 < len(values):
                picked = term("picked", index, function.term)
                return self.branch(picked, lambda: call(index), lambda: attempt(index + 1))
            return call(index)

        def call(index: int) -> bool:
            found = self.call_value(node, values[index], arguments, discarded=discarded)
            results.append(found)
            ends, self.ended = not self.ended, False
            return ends

        self.ended = not attempt(0)
        whole = term("picked-call", function.term, *(value.term for value in results))
        cells = frozenset().union(*(value.cells for value in results))
        return Value(whole, cells)

    def branch(self, condition: Term, yes: Callable[[], bool], no: Callable[[], bool]) -> bool:
        """Walk through both sides of a condition that cannot be decided."""
        raise NotImplementedError

    def part_of(self, owner: Term, part: Term, index: Term | None = None) -> Term:
        """Give a part of a container its meaning, where steps can be called through it."""
        if not owner.carries:
            return part
        part = part.carrying(owner.carries)
        meaning = owner.meaning
        if isinstance(meaning, Table) and index is not None and isinstance(index.meaning, Constant):
            # The last of equal keys counts.
            found = meaning.item(index.meaning.value)
            return found.term if found is not None else part
        if isinstance(meaning, Parts | Table):
            return part.means(choice(meaning.items))
        return part

    def column(self, value: Term, index: int, count: int) -> OneOf | None:
        """Give the meaning of one part of each of several tuples: ``for name, step in […]``."""
        meaning = value.meaning
        if not isinstance(meaning, OneOf):
            return None
        rows = [one.term.meaning for one in meaning.values]
        if not all(isinstance(row, Parts) and len(row.items) == count for row in rows):
            return None
        return choice([row.items[index] for row in rows if isinstance(row, Parts)])

    def table_method(self, owner: Value, name: str, arguments: Arguments) -> Value | None:
        """``table.values()``, ``.items()`` and ``.get(key)`` of a dictionary of functions."""
        table = owner.term.meaning
        if not isinstance(table, Table) or not owner.term.carries or arguments.spread:
            return None
        count = len(arguments.values)
        if name in ("values", "items") and not count:
            items = table.items
            if name == "items":
                keys = [Value(constant(key)) for key in table.keys]
                pairs = zip(keys, items, strict=True)
                items = tuple(
                    Value(term("tuple", key.term, item.term, meaning=Parts((key, item))))
                    for key, item in pairs
                )
            made = term("method", name, owner.term, meaning=Parts(items))
            return Value(made, owner.cells)
        if name == "get" and len(arguments.positional) == count == 1:
            index = arguments.positional[0].term
            made = term("item", owner.term, index)
            return Value(self.part_of(owner.term, made, index), owner.cells)
        return None

    # ------------------------------------------------------------------ completing and naming

    def partial(self, made: Term, arguments: Arguments, *, delayed: bool = False) -> Value | None:
        """``functools.partial(function, …)``: a function with some of its arguments."""
        if not arguments.positional or arguments.spread:
            return None
        function = arguments.positional[0]
        known = (StepRef, FunctionRef, Partial, OneOf)
        if not isinstance(function.term.meaning, known):
            return None
        rest = Arguments(
            arguments.positional[1:],
            arguments.keywords,
            arguments.spread,
            arguments.texts[1:],
            arguments.keyword_texts,
        )
        cells = frozenset().union(*(value.cells for value in arguments.values))
        return Value(made.means(Partial(function, rest, delayed)), cells)

    def attribute_by_name(self, arguments: Arguments) -> Value | None:
        """``getattr(owner, name)``; a module's computed name may be that of any step."""
        if arguments.spread or arguments.keywords or len(arguments.positional) < 2:
            return None
        owner, name = arguments.positional[:2]
        known = name.term.meaning
        if (
            isinstance(known, Constant)
            and isinstance(known.value, str)
            and len(arguments.positional) == 2
        ):
            return self.attribute(owner, known.value)
        if isinstance(owner.term.meaning, ModuleRef):
            return Value(term("computed-name", *arguments.parts).carrying((library.ANYTHING,)))
        return None
