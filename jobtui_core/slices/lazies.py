"""Calls that are made when somebody asks for them: generators, ``map``, coroutines, managers.

What is consumed where it is made is walked through there, turn by turn, in the order in which it
happens.  Calls in anything else may be made anywhere and any number of times: they are marked.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.blocks import Blocks
from jobtui_core.slices.meanings import FunctionRef, LibraryRef, Value
from jobtui_core.slices.references import taken_from
from jobtui_core.slices.terms import Term, hole, term

__all__ = ["Lazies"]

_LAZY = "it is called when somebody asks for it, and that is not followed"


@dataclass(slots=True)
class _Stream:
    """What a loop takes one by one, each made in its turn."""

    source: Term
    turn: Callable[[int], tuple[Term | None, Value]]
    """Gives the condition under which a turn gives something, and what it gives."""


class Lazies(Blocks):
    """Walks through what is made on demand."""

    # ------------------------------------------------------------------ loops over them

    def _stmt_For(self, node: ast.For | ast.AsyncFor) -> bool:
        if not leaves(node.body):
            self.consumers[id(node.iter)] = node.iter
        stream = self._stream(node.iter)
        if isinstance(stream, Value):
            self.for_each(node, stream)
        elif stream is not None:
            self._take(node, stream)
        elif not self._generator_loop(node):
            self.for_each(node, self.eval(node.iter))
        return self.block(node.orelse) if node.orelse else True

    _stmt_AsyncFor = _stmt_For

    def _take(self, node: ast.For | ast.AsyncFor, stream: _Stream) -> None:
        def body() -> bool:
            condition, item = stream.turn(self.loops[-1].depth)

            def go() -> bool:
                self.assign_target(node.target, item)
                return self.block(node.body)

            return go() if condition is None else self.branch(condition, go, lambda: True)

        self._loop("for", stream.source, lambda depth: None, body)

    def _stream(self, node: ast.expr) -> _Stream | Value | None:
        """Give what a loop takes turn by turn, or the value of its iterable, evaluated."""
        if isinstance(node, ast.GeneratorExp) and len(node.generators) == 1:
            return self._expression_stream(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            meaning = self.callee(node.func).term.meaning
            if isinstance(meaning, LibraryRef) and meaning.name == "builtins.map":
                arguments = self._arguments(node)
                stream = self._map_stream(node, arguments)
                if stream is None:
                    name = self.callee(node.func)
                    return self.call_value(node, name, arguments, discarded=False)
                return stream
        return None

    def _expression_stream(self, node: ast.GeneratorExp) -> _Stream:
        generator = node.generators[0]
        source = self.eval(generator.iter)

        def turn(depth: int) -> tuple[Term | None, Value]:
            with self.hidden(node):
                self.assign_target(generator.target, self._item(source, depth))
                tests = [self.eval(test).term for test in generator.ifs]
                condition = term("all", *tests) if tests else None
                before = self.state.path
                if condition is not None:
                    self.state.path = term("and", before, condition)
                item = self.eval(node.elt)
                self.state.path = before
            return condition, item

        return _Stream(taken_from(source), turn)

    def _map_stream(self, node: ast.Call, arguments: Arguments) -> _Stream | None:
        """``map(function, …)``, each call made where the next item is asked for."""
        function, *sources = arguments.positional or (Value(term("nothing")),)
        if not sources or arguments.spread or not function.term.carries:
            return None
        place = self.consumers.get(id(node), node)
        at = place if isinstance(place, ast.Call) else node

        def turn(depth: int) -> tuple[None, Value]:
            items = [self._item(source, depth) for source in sources]
            if len(items) > 1:
                # Items of several sources are told apart by their places.
                items = [
                    Value(term("of", index, item.term, meaning=item.term.meaning), item.cells)
                    for index, item in enumerate(items)
                ]
            given = Arguments(tuple(items), {}, spread=False, texts=("…",) * len(items))
            return None, self.call_value(at, function, given, discarded=False)

        wholes = [taken_from(source) for source in sources]
        whole = wholes[0] if len(wholes) == 1 else term("zip", *wholes)
        return _Stream(whole, turn)

    def mapped(self, node: ast.Call, arguments: Arguments) -> Value | None:
        """Give all that a ``map`` gives, if it is consumed where it stands."""
        stream = self._map_stream(node, arguments) if id(node) in self.consumers else None
        if stream is None:
            return None
        cells: set[int] = set()

        def body() -> bool:
            _, item = stream.turn(self.loops[-1].depth)
            self.loops[-1].given.append(item.term)
            cells.update(item.cells)
            return True

        whole = self._loop("each", stream.source, lambda depth: None, body)
        return Value(term("generator", whole), frozenset(cells))

    # ------------------------------------------------------------------ generators

    def _eval_GeneratorExp(self, node: ast.GeneratorExp) -> Value:
        start = len(self.sites)
        made = super()._eval_GeneratorExp(node)
        if id(node) not in self.consumers:
            self._mark(start)
        return made

    def _mark(self, start: int) -> None:
        for site in self.sites[start:]:
            site.unfollowed.add(_LAZY)

    def started(
        self,
        node: ast.Call,
        function: FunctionRef,
        arguments: Arguments,
        made: Term,
        go: Callable[[], Value],
    ) -> Value:
        """Give the value of calling a function whose body runs later."""
        start = len(self.sites)
        value = go()
        if id(node) not in self.consumers:
            self._mark(start)
            for argument in arguments.values:
                self.mutate(argument, made.because(_LAZY))
        if isinstance(function.node, ast.AsyncFunctionDef) and not yields(function.node):
            return value
        steps = [hole(index) for index in range(start, len(self.sites))]
        given = term("generated", replace(made, carries=frozenset()), *steps)
        return Value(self.here(given), value.cells)

    def _generator_loop(self, node: ast.For | ast.AsyncFor) -> bool:
        """Walk through a loop over a generator of the project, its body where it yields."""
        if not isinstance(node.iter, ast.Call) or leaves(node.body) or not _is_named(node.iter):
            return False
        callee = self.callee(node.iter.func)
        function = callee.term.meaning
        if not isinstance(function, FunctionRef) or not self._is_followed(function):
            return False

        def body(value: Value) -> bool:
            self.assign_target(node.target, value)
            return self.block(node.body)

        self._inside(node.iter, function, body)
        return True

    def _is_followed(self, function: FunctionRef) -> bool:
        node = function.node
        return (
            isinstance(node, ast.FunctionDef)
            and yields(node)
            and function.decorated is None
            and not delegates(node)
            and not self.is_busy(function)
            and not self.effects_of(function).recursive
        )

    def _inside(self, node: ast.Call, function: FunctionRef, body: Callable[[Value], bool]) -> None:
        """Walk through a generator with somebody's statements in the place of its yields."""
        consumer, chain = self.frame, list(self.chain)
        arguments = self._arguments(node)

        def yielded(value: Value) -> None:
            inner, statement = self.chain, consumer.statement
            self.chain = list(chain)
            self.frames.append(consumer)
            try:
                ends = body(value)
            finally:
                self.frames.pop()
                self.chain, consumer.statement = inner, statement
            self.ended = self.ended or not ends

        self.chain.append(self.position(node))
        try:
            self.walk_into(function, arguments, yielded=yielded)
        finally:
            self.chain = chain

    def _eval_Yield(self, node: ast.Yield) -> Value:
        if self.frame.yielded is None:
            return super()._eval_Yield(node)
        value = self.eval(node.value) if node.value is not None else Value(term("nothing"))
        self.frame.yielded(value)
        return Value(term("sent"))

    # ------------------------------------------------------------------ coroutines, managers

    def _eval_Await(self, node: ast.Await) -> Value:
        self.consumers[id(node.value)] = node.value
        return self.eval(node.value)

    def _stmt_With(self, node: ast.With | ast.AsyncWith) -> bool:
        item = node.items[0]
        call = item.context_expr
        if len(node.items) != 1 or not isinstance(call, ast.Call) or not _is_named(call):
            return super()._stmt_With(node)
        function = self.callee(call.func).term.meaning
        if not isinstance(function, FunctionRef) or not self._is_manager(function):
            return super()._stmt_With(node)
        if leaves(node.body) or self.is_busy(function) or self.effects_of(function).sites:
            return super()._stmt_With(node)

        def body(value: Value) -> bool:
            if item.optional_vars is not None:
                self.assign_target(item.optional_vars, value)
            return self.block(node.body)

        self._inside(call, function, body)
        ends, self.ended = not self.ended, False
        return ends

    _stmt_AsyncWith = _stmt_With

    def _is_manager(self, function: FunctionRef) -> bool:
        """Tell whether a function is a ``contextmanager`` with one yield, outside of loops."""
        node = function.node
        return (
            function.manager
            and isinstance(node, ast.FunctionDef)
            and len(own(node, ast.Yield)) == 1
            and not own(node, ast.For, ast.While, ast.AsyncFor, ast.YieldFrom)
        )


def _is_named(node: ast.Call) -> bool:
    """Tell whether what is called can be looked at twice."""
    function = node.func
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name)


def own(node: ast.AST, *kinds: type[ast.AST]) -> list[ast.AST]:
    """Give the nodes of some kinds in a function's own code, not in that of inner ones."""
    found: list[ast.AST] = []
    todo = list(ast.iter_child_nodes(node))
    while todo:
        inner = todo.pop()
        if isinstance(inner, kinds):
            found.append(inner)
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(inner))
    return found


def yields(node: ast.AST) -> bool:
    """Tell whether a function is a generator."""
    return bool(own(node, ast.Yield, ast.YieldFrom))


def delegates(node: ast.AST) -> bool:
    """Tell whether a generator hands on another one, or is told things by its consumer."""
    return bool(own(node, ast.YieldFrom))


def leaves(body: list[ast.stmt]) -> bool:
    """Tell whether statements may leave a loop, or the function, other than by an error."""
    kinds = (ast.Break, ast.Continue, ast.Return, ast.Yield, ast.YieldFrom, ast.Await)
    block = ast.Module(body=body, type_ignores=[])
    return bool(own(block, *kinds))
