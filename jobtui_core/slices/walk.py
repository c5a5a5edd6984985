"""The whole walk: modules, functions, and what calling a function does besides its value."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from jobtui_core.slices import free_names
from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.declarations import Effects
from jobtui_core.slices.machine import Frame
from jobtui_core.slices.meanings import FunctionRef, ModuleRef, Value
from jobtui_core.slices.state import Place
from jobtui_core.slices.statements import Statements
from jobtui_core.slices.terms import NOTHING, Term, constant, hole, term
from jobtui_core.sources import SourceModule

__all__ = ["Walk"]


class Walk(Statements):
    """Walks through a script and everything of the project that it reaches."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._effects: dict[int, Effects | None] = {}

    # ------------------------------------------------------------------ modules

    def run_module(self, module: SourceModule) -> int:
        """Walk through a module's top level, once, and give its frame."""
        number = self.module_frames.get(module.name)
        if number is not None and number in self.state.frames:
            return number
        if number is None:
            number = self.module_frames[module.name] = self.fresh_frame()
        self.state.frames[number] = {}
        self.frames.append(Frame(number, module, main=module is self.script))
        try:
            self.block(module.tree.body)
        finally:
            self.frames.pop()
        return number

    def module_attribute(self, meaning: ModuleRef, name: str) -> Value:
        """Give a name of another module of the project."""
        frame = self.run_module(meaning.module)
        cell = self.state.look_up(frame, name)
        if cell is not None:
            return self.value(cell)
        below = self.tree.find(name, importer=meaning.module, level=1)
        if meaning.module.package and below is not None:
            self.run_module(below)
            return Value(term("module", below.name, meaning=ModuleRef(below)))
        missing = f"{meaning.module.name}.{name} cannot be found"
        return Value(term("missing", meaning.module.name, name).because(missing))

    def names_read(self) -> set[tuple[str, str]]:
        """Give the names of modules whose values were asked for: the file, and the name."""
        files = {
            self.module_frames[module.name]: module.file
            for module in map(self.tree.module_at, self.tree.files)
            if module.name in self.module_frames
        }
        return {(files[frame], name) for frame, name in self.state.read if frame in files}

    def global_term(self, module: str, name: str) -> Term:
        """Give the present term of a module's global."""
        source = self.script if module == self.script.name else self.tree.named(module)
        if source is None:
            return NOTHING.because(f"{module}.{name} cannot be found")
        cell = self.state.look_up(self.run_module(source), name)
        return NOTHING if cell is None else self.by_code(self.state.terms[cell])

    def result_of(self, index: int) -> Term:
        """Give the term of what a call site gives."""
        return self.here(hole(index))

    # ------------------------------------------------------------------ functions

    def walk_into(
        self,
        function: FunctionRef,
        arguments: Arguments,
        yielded: Callable[[Value], None] | None = None,
    ) -> Value:
        """Walk through a function's statements with these arguments."""
        before, exits = self.state.path, self.exits
        frame = self._enter(function)
        frame.yielded = yielded
        self._bind_parameters(function, frame, arguments)
        self.frames.append(frame)
        try:
            if isinstance(function.node, ast.Lambda):
                return self.eval(function.node.body)
            if self.block(function.node.body):
                frame.returns.append((self.state.path, Value(constant(None)), self.state))
        finally:
            self.frames.pop()
        if not frame.returns:
            self.ended = True
            return Value(NOTHING)
        *others, (_, value, state) = frame.returns
        for path, other, reached in reversed(others):
            state = reached.merge(path, state, self.fresh_cell, self.by_code)
            joined = term("either", path, other.term, value.term)
            value = Value(joined, value.cells | other.cells)
        if self.exits == exits:
            state.path = before
        self.state = state
        return value

    def _enter(self, function: FunctionRef) -> Frame:
        number = self.fresh_frame()
        self.state.frames[number] = {}
        self.ground.walked.add((function.module.file, function.node.lineno))
        main = function.qualname == "main" and function.module is self.script
        return Frame(
            number,
            function.module,
            function.qualname,
            function.frames,
            free_names.bound_in(function.node),
            main=main,
        )

    def _bind_parameters(self, function: FunctionRef, frame: Frame, arguments: Arguments) -> None:
        node = function.node.args
        positional = [item.arg for item in (*node.posonlyargs, *node.args)]
        names = [*positional, *(item.arg for item in node.kwonlyargs)]
        hidden = arguments.spread or (function.decorated is not None and not function.manager)
        for index, name in enumerate(names):
            if hidden:
                decorated = function.decorated or term("plain")
                given = term("given", decorated, self.argv_term(), name, *arguments.parts)
                value = Value(given, frozenset().union(*(v.cells for v in arguments.values)))
            elif name in positional and index < len(arguments.positional):
                value = arguments.positional[index]
            elif name in arguments.keywords:
                value = arguments.keywords[name]
            else:
                value = Value(function.defaults.get(name, NOTHING))
            self._bind_parameter(frame, name, value)
        rest = arguments.positional[len(positional) :]
        more = {name: v for name, v in arguments.keywords.items() if name not in names}
        if node.vararg is not None:
            self._bind_parameter(frame, node.vararg.arg, self.opaque("rest", rest))
        if node.kwarg is not None:
            extra = self.opaque("extra", tuple(more.values()), *more)
            self._bind_parameter(frame, node.kwarg.arg, extra)

    def _bind_parameter(self, frame: Frame, name: str, value: Value) -> None:
        self.state.bind(frame.id, name, self.cell_of(value))

    # ------------------------------------------------------------------ effects

    def effects_of(self, function: FunctionRef) -> Effects:
        """Give what a call of a function does, whatever its arguments are.

        Found by walking through it once with arguments of which nothing is known; the state of
        the walk is put back afterwards.
        """
        key = id(function.node)
        node = function.node.args
        names = [item.arg for item in (*node.posonlyargs, *node.args, *node.kwonlyargs)]
        names += [item.arg for item in (node.vararg, node.kwarg) if item is not None]
        if key in self._effects:
            known = self._effects[key]
            # A function that is met again inside itself may do anything to its arguments.
            return known if known is not None else Effects(tuple(names), recursive=True)
        self._effects[key] = None
        found = self._try_out(function, names)
        self._effects[key] = found
        return found

    def _try_out(self, function: FunctionRef, names: list[str]) -> Effects:
        saved = (self.state, len(self.sites), self.exits, dict(self.parameters), self.loops)
        chain, ended = list(self.chain), self.ended
        held = [len(frame.returns) for frame in self.frames]
        self.state = self.state.copy()
        self.loops = []
        frame = self._enter(function)
        cells: dict[int, str] = {}
        for name in names:
            cell = self.state.add(self.fresh_cell(), term("given", name))
            cells[cell] = name
            self.state.frames[frame.id][name] = cell
        globals_before = self._global_cells()
        self.frames.append(frame)
        with self.logged() as log:
            if isinstance(function.node, ast.Lambda):
                self.eval(function.node.body)
            else:
                self.block(function.node.body)
        self.frames.pop()
        effects = Effects(
            tuple(dict.fromkeys(cells[p[1]] for p in log if p[0] == "cell" and p[1] in cells)),
            self._written(log, globals_before),
            tuple({site.declaration.identity: None for site in self.sites[saved[1] :]}),
            self.exits > saved[2],
        )
        self.state, sites, self.exits, self.parameters, self.loops = saved
        del self.sites[sites:]
        self.chain, self.ended = chain, ended
        for outer, count in zip(self.frames, held, strict=True):
            del outer.returns[count:]
        return effects

    def _global_cells(self) -> dict[int, tuple[int, str]]:
        frames = self.module_frames.values()
        return {
            cell: (frame, name)
            for frame in frames
            for name, cell in self.state.frames.get(frame, {}).items()
        }

    def _written(
        self, log: list[Place], cells: dict[int, tuple[int, str]]
    ) -> tuple[tuple[int, str], ...]:
        modules = set(self.module_frames.values())
        found: dict[tuple[int, str], None] = {}
        for kind, number, name in log:
            if kind == "name" and number in modules and (number, name) in cells.values():
                found[number, name] = None
            elif kind == "cell" and number in cells:
                found[cells[number]] = None
        return tuple(found)
