"""Simple statements: assignments, imports, definitions, and the ways out of a block."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Sequence
from dataclasses import replace

from jobtui_core.slices import free_names
from jobtui_core.slices.meanings import (
    BoundMethod,
    ClassRef,
    FunctionRef,
    LibraryRef,
    MemoryRef,
    ModuleRef,
    Parts,
    StepMaker,
    Value,
)
from jobtui_core.slices.sets import in_some_order
from jobtui_core.slices.terms import NOTHING, Constant, Term, constant, term
from jobtui_core.slices.workers import Workers
from jobtui_core.sources import SourceModule

__all__ = ["Statements"]

_OURS = "jobtui_core"
"""The one library whose names are known without importing anything of the script's."""


class Statements(Workers):
    """Walks through statements."""

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Walk through statements; ``False`` if control does not reach the end."""
        frame = self.frame
        outer = frame.statement
        frame.blocks += 1
        outermost = len(self.frames) == 1 and frame.blocks == 1
        checkpoints = self.checkpoints if outermost else None
        try:
            for number, statement in enumerate(statements):
                if checkpoints is not None:
                    checkpoints.offer(self, number)
                if not self.spend():
                    return True
                frame.statement = statement
                if frame.blocks == 1 or (frame.blocks == 2 and _is_main_guard(outer)):
                    frame.whole = statement
                method = getattr(self, f"_stmt_{type(statement).__name__}", None)
                if method is not None and method(statement) is False:
                    return False
                if self.ended:
                    self.ended = False
                    return False
            if checkpoints is not None:
                checkpoints.offer(self, len(statements))
        finally:
            frame.blocks -= 1
            frame.statement = outer
        return True

    # ------------------------------------------------------------------ assignments

    def _stmt_Assign(self, node: ast.Assign) -> None:
        value = self.callee(node.value) if _is_lambda(node) else self.eval(node.value)
        self.leave_trail(value.term)
        if len(node.targets) > 1:
            # One object for all of them, so that a change through one is seen by the others.
            value = self.value(self.cell_of(value))
        for target in node.targets:
            self.assign_target(target, value)

    def _stmt_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            value = self.eval(node.value)
            self.leave_trail(value.term)
            self.assign_target(node.target, value)

    def _stmt_AugAssign(self, node: ast.AugAssign) -> None:
        current = self.eval(_as_load(node.target))
        value = self.eval(node.value)
        result = self.binary(node.op, current, value)
        self.leave_trail(result.term)
        if not isinstance(result.term.meaning, Constant):
            # ``x += y`` changes a list or an array in place, and whatever shares it.
            self.mutate(current, term("augmented", type(node.op).__name__, value.term))
        if isinstance(node.target, ast.Name) or self._is_outside(node.target):
            self.assign_target(node.target, result)

    def _is_outside(self, target: ast.expr) -> bool:
        """Tell whether a target is a name of another module, or an attribute of a class."""
        if not isinstance(target, ast.Attribute):
            return False
        return isinstance(self.eval(target.value).term.meaning, ModuleRef | ClassRef)

    def assign_target(self, target: ast.expr, value: Value) -> None:
        """Assign to a name, a part of an object, or several of them."""
        if isinstance(target, ast.Name):
            self.assign(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Starred):
            self.assign_target(target.value, value)
        elif isinstance(target, ast.Attribute):
            owner = self.eval(target.value)
            if self.set_attribute(owner, target.attr, value):
                self._change(owner, term("set-attribute", target.attr, value.term), value)
        elif isinstance(target, ast.Subscript):
            owner, index = self.eval(target.value), self.eval(target.slice)
            self._change(owner, term("set-item", index.term, value.term), value)

    def _change(self, owner: Value, change: Term, value: Value) -> None:
        # Whether this raises depends on both; a handler around may be what follows.
        self.leave_trail(term("changed", owner.term, change))
        self.mutate(owner, change)
        for outer in owner.cells:
            for inner in value.cells:
                self.state.hold(outer, inner)

    def _unpack(self, targets: Sequence[ast.expr], value: Value) -> None:
        meaning = value.term.meaning
        starred = any(isinstance(target, ast.Starred) for target in targets)
        known: list[Value] | None = None
        if isinstance(meaning, Parts) and len(meaning.items) == len(targets) and not starred:
            known = list(meaning.items)
        elif (
            isinstance(meaning, Constant)
            and isinstance(meaning.value, tuple | list)
            and len(meaning.value) == len(targets)
            and not starred
        ):
            known = [
                Value(constant(item).at(*value.term.origin), value.cells) for item in meaning.value
            ]
        for index, target in enumerate(targets):
            part = (
                known[index]
                if known is not None
                else Value(self._part(index, len(targets), value.term), value.cells)
            )
            self.assign_target(target, part)

    def _part(self, index: int, count: int, value: Term) -> Term:
        part = term("part", index, count, value, meaning=self.column(value, index, count))
        return in_some_order(part, value)

    def _stmt_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.state.unbind(self.frame.id, target.id)
            elif isinstance(target, ast.Attribute):
                owner = self.eval(target.value)
                self._change(owner, term("delete-attribute", target.attr), owner)
            elif isinstance(target, ast.Subscript):
                owner, index = self.eval(target.value), self.eval(target.slice)
                self._change(owner, term("delete-item", index.term), owner)

    def _stmt_Global(self, node: ast.Global) -> None:
        if self.frame.qualname:
            self.frame.globals.update(node.names)

    # ------------------------------------------------------------------ ways out

    def _stmt_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            value = self.call(node.value, discarded=True)
        else:
            value = self.eval(node.value)
        self.leave_trail(value.term)

    def _stmt_Return(self, node: ast.Return) -> bool:
        value = self.eval(node.value) if node.value is not None else Value(constant(None))
        self.leave_trail(value.term)
        result = Value(self.here(value.term), value.cells)
        self.frame.returns.append((self.state.path, result, self.state))
        return False

    def _stmt_Raise(self, node: ast.Raise) -> bool:
        for part in (node.exc, node.cause):
            if part is not None:
                self.leave_trail(self.eval(part).term)
        return False

    def _stmt_Assert(self, node: ast.Assert) -> None:
        # A failed assertion ends the script before any step behind it is reached.
        test = self.eval(node.test)
        if test.term.truth is None:
            self.leave_trail(test.term)

    def _stmt_Break(self, _node: ast.Break) -> bool:
        self.leave_loop("break")
        return False

    def _stmt_Continue(self, _node: ast.Continue) -> bool:
        self.leave_loop("continue")
        return False

    # ------------------------------------------------------------------ imports

    def _stmt_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            module = self.tree.find(alias.name, importer=self.frame.module)
            first = alias.name.partition(".")[0]
            if module is None:
                name = alias.name if alias.asname else first
                self.assign(alias.asname or first, self.library(name))
                continue
            self.import_module(module, node)
            if alias.asname:
                self.assign(alias.asname, self._module_value(module))
            else:
                top = self.tree.find(first, importer=self.frame.module)
                self.assign(first, self._module_value(top or module))

    def _module_value(self, module: SourceModule) -> Value:
        return Value(term("module", module.name, meaning=ModuleRef(module)))

    def _stmt_ImportFrom(self, node: ast.ImportFrom) -> None:
        source = node.module or ""
        if source == "__future__":
            return
        importer = self.frame.module
        module = self.tree.find(source, importer=importer, level=node.level)
        for alias in node.names:
            if alias.name == "*":
                if module is not None:
                    self._star(module, node)
                elif source == _OURS:
                    for name in importlib.import_module(_OURS).__all__:
                        self.assign(name, self.library(f"{_OURS}.{name}"))
                continue
            if module is None and node.level == 0:
                value = self.library(f"{source}.{alias.name}")
            else:
                value = self._imported(node, module, alias.name)
            self.assign(alias.asname or alias.name, value)

    def _imported(self, node: ast.ImportFrom, module: SourceModule | None, name: str) -> Value:
        if module is not None:
            frame = self.import_module(module, node)
            cell = self.state.look_up(frame, name)
            if cell is not None:
                return self.value(cell)
        inner = ".".join(part for part in (node.module, name) if part)
        below = self.tree.find(inner, importer=self.frame.module, level=node.level)
        if below is not None:
            self.import_module(below, node)
            return self._module_value(below)
        return Value(NOTHING.because(f"{name} cannot be found where it is imported from"))

    def _star(self, module: SourceModule, node: ast.stmt) -> None:
        frame = self.import_module(module, node)
        names = self.state.frames[frame]
        listed = names.get("__all__")
        meaning = self.state.terms[listed].meaning if listed is not None else None
        if isinstance(meaning, Constant) and isinstance(meaning.value, list | tuple):
            public = [name for name in meaning.value if name in names]
        else:
            public = [name for name in names if not name.startswith("_")]
        self.state.read.update((frame, name) for name in ("__all__", *public))
        for name in public:
            self.assign(name, self.value(names[name]))

    def import_module(self, module: SourceModule, node: ast.stmt) -> int:
        """Walk through a module that a statement imports."""
        self.chain.append(self.position(node))
        try:
            return self.run_module(module)
        finally:
            self.chain.pop()

    # ------------------------------------------------------------------ definitions

    def _stmt_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        frame = self.frame
        qualname = f"{frame.qualname}.<locals>.{node.name}" if frame.qualname else node.name
        scopes = (frame.id, *frame.scopes)
        defaults = self.defaults(node.args)
        function = FunctionRef(frame.module, qualname, node, scopes, defaults)
        maker: StepMaker | None = None
        foreign: list[Term] = []
        for decorator in reversed(node.decorator_list):
            value = self.eval(decorator)
            self.note_registered(decorator, function)
            found = self._maker_of(value)
            if found is not None:
                maker = found
            else:
                foreign.append(value.term)
        if maker is not None:
            made = self.declared(maker, function)
            if foreign:
                made = made.because(f"{node.name} is called through another decorator")
            self.assign(node.name, Value(made))
            return
        if foreign:
            function = FunctionRef(
                frame.module, qualname, node, scopes, defaults, term("decorated", *foreign)
            )
            meaning = foreign[0].meaning if len(foreign) == 1 else None
            if isinstance(meaning, LibraryRef) and meaning.name == "contextlib.contextmanager":
                function = replace(function, manager=True)
        self.assign(node.name, Value(self.lazy_function(function)))

    _stmt_AsyncFunctionDef = _stmt_FunctionDef

    def _maker_of(self, decorator: Value) -> StepMaker | None:
        meaning = decorator.term.meaning
        if isinstance(meaning, StepMaker):
            return meaning
        if isinstance(meaning, LibraryRef) and meaning.name.partition(".")[0] == "jobtui_core":
            kinds = {"make": "step", "memoize": "memoized"}
            kind = kinds.get(meaning.name.rpartition(".")[2])
            if kind is not None:
                return StepMaker(kind="step" if kind == "step" else "memoized")
        if isinstance(meaning, BoundMethod) and meaning.name == "cache":
            owner = meaning.receiver.term.meaning
            if isinstance(owner, MemoryRef):
                return StepMaker(kind="memoized", place=owner.place)
        return None

    def lazy_function(self, function: FunctionRef) -> Term:
        """Give the term of a function at its definition.

        Its code may use names that are bound only later, so the digest is of its place; a call
        asks for the code when it happens.
        """
        if "<locals>" in function.qualname or self.frame.blocks > 1:
            return self.function_term(function)
        return term("function-at", function.module.name, function.qualname, meaning=function)

    def _stmt_ClassDef(self, node: ast.ClassDef) -> None:
        frame = self.frame
        qualname = f"{frame.qualname}.<locals>.{node.name}" if frame.qualname else node.name
        for decorator in node.decorator_list:
            self.eval(decorator)
        cls = ClassRef(frame.module, qualname, node, (frame.id, *frame.scopes))
        for item in node.body:
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                self._method(item, qualname)
        if frame.qualname:
            names = sorted(free_names.of_function(_as_function(node)))
            parts = [self.name(name).term for name in names]
            value = term("local-class", ast.dump(node), *parts)
            self.assign(node.name, Value(value))
            return
        value = term("class-at", frame.module.name, qualname, meaning=cls)
        self.assign(node.name, Value(self.by_code(value) if frame.blocks > 1 else value))

    def _method(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str) -> None:
        """Declare a method that is a step: where it is called cannot be told."""
        makers = [self._maker_of(self.eval(decorator)) for decorator in node.decorator_list]
        maker = next((found for found in makers if found is not None), None)
        if maker is None:
            return
        frame = self.frame
        name = f"{owner}.{node.name}"
        scopes = (frame.id, *frame.scopes)
        function = FunctionRef(frame.module, name, node, scopes, self.defaults(node.args))
        self.declared(maker, function)
        self.escaped.setdefault(f"{frame.module.name}:{name}", "it is a method")
        self.methods.setdefault(node.name, set()).add(owner)

    def resolve_late(self, value: Term) -> Term:
        """Give the term of a function or class by its code, when it is used as a value."""
        return self.carry(self.by_code(value))

    def by_code(self, value: Term) -> Term:
        """Give the term of a function or class by its code, now that its names are bound."""
        meaning = value.meaning
        if isinstance(meaning, FunctionRef) and "<locals>" not in meaning.qualname:
            return self.function_term(meaning).at(*value.origin)
        if isinstance(meaning, ClassRef):
            code = self.class_code(meaning)
            parts: list[Term | str] = [code.digest]
            for name in sorted(code.values):
                parts += [name, code.values[name]]
            made = term("class", *parts, meaning=meaning).at(*value.origin)
            return made.because(*code.unfollowed) if code.unfollowed else made
        return value


def _is_lambda(node: ast.Assign) -> bool:
    return isinstance(node.value, ast.Lambda) and all(
        isinstance(target, ast.Name) for target in node.targets
    )


def _as_load(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Name):
        return ast.copy_location(ast.Name(node.id, ast.Load()), node)
    return node


def _as_function(node: ast.ClassDef) -> ast.FunctionDef:
    empty = ast.arguments(
        posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    return ast.FunctionDef(name=node.name, args=empty, body=node.body, decorator_list=[])


def _is_main_guard(statement: ast.stmt | None) -> bool:
    return isinstance(statement, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(statement.test)
    )
