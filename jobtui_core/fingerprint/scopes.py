"""Which outer names a piece of code uses, and how.

Only what leaves the code counts: its own variables, arguments, comprehension variables and
nested functions are left out, with Python's rules for ``global``, ``nonlocal`` and class bodies.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast

from jobtui_core.fingerprint.known import CHANGING_METHODS

__all__ = ["READING", "Captured", "Origin", "Scope", "Use", "Uses", "chain_of", "scan", "scope_of"]

Mode = Literal["read", "change", "rebind", "dynamic", "perhaps"]

READING: frozenset[Mode] = frozenset({"read", "dynamic", "perhaps"})
"""What can influence a result."""

_BY_NAME = ("getattr", "setattr", "hasattr", "delattr")

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Origin(NamedTuple):
    """An import inside a function: ``from <level dots><module> import <attribute>``."""

    level: int
    module: str
    attribute: str | None


class Use(NamedTuple):
    """A dotted global name with what is done to it.

    ``read``: its value can influence the result.  ``change``: only altered in place.
    ``rebind``: bound anew.  ``dynamic``: an attribute of it is fetched by a computed name.
    ``perhaps``: read in a class body that binds the name, too; it may not have done so yet.
    """

    chain: tuple[str, ...]
    mode: Mode
    origin: Origin | None = None


class Captured(NamedTuple):
    """A name that belongs to a function around the code."""

    chain: tuple[str, ...]
    mode: Mode
    depth: int
    """How many enclosing functions further out it is bound: 0 is the nearest."""


class Uses(NamedTuple):
    """All that a piece of code takes from outside."""

    names: frozenset[Use]
    captured: frozenset[Captured]


@dataclass(slots=True, eq=False)
class Scope:
    """Names of one function, class body, comprehension, or of the code's surroundings."""

    kind: Literal["function", "class", "comprehension", "outer"]
    parent: Scope | None
    node: ast.AST | None = None
    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    imports: dict[str, Origin] = field(default_factory=dict)


def chain_of(node: ast.AST) -> tuple[str, ...] | None:
    """Give the parts of ``a.b.c``, or ``None`` for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return tuple(reversed(parts))


def children_of(node: ast.AST) -> list[ast.AST]:
    """Give the nodes directly below a node; ``ast.iter_child_nodes``, several times faster."""
    found: list[ast.AST] = []
    for value in node.__dict__.values():
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found.extend(item for item in value if isinstance(item, ast.AST))
    return found


def scope_of(node: Function, outer: Scope | None = None) -> Scope:
    """Give the scope of a function's body, as the code nested in it sees it."""
    scanner = _Scanner(outer)
    scanner.run(node)
    return scanner.scopes[id(node)]


def scan(
    node: ast.AST,
    outer: Scope | None = None,
    *,
    without: tuple[ast.AST, ...] = (),
    annotations: bool = False,
) -> Uses:
    """Collect the outer names that a definition, statement or expression uses.

    Parameters
    ----------
    node : ast.AST
        A function, class, lambda, statement, expression, or a whole module (whose own names then
        count as global, too).
    outer : Scope, optional
        That of the function around it.
    without : tuple of ast.AST
        Nodes to leave out.
    annotations : bool
        Whether names in the annotations of functions count.
    """
    scanner = _Scanner(outer, without, annotations)
    scanner.run(node)
    return scanner.result()


class _Scanner:
    def __init__(
        self,
        outer: Scope | None,
        without: tuple[ast.AST, ...] = (),
        annotations: bool = False,
    ) -> None:
        self.outer = outer
        # A frame of its own, so that what a top-level statement binds is not taken for a local.
        self.base = Scope("outer", outer)
        self.without = {id(item) for item in without}
        self.annotations = annotations
        self.scopes: dict[int, Scope] = {}
        self.found: list[tuple[Scope, tuple[str, ...], Mode]] = []
        self.stack: list[tuple[ast.AST, Scope]] = []

    def run(self, node: ast.AST) -> None:
        self.stack.append((node, self.base))
        while self.stack:
            current, scope = self.stack.pop()
            if id(current) in self.without:
                continue
            visit = _visitors.get(type(current))
            if visit is not None:
                visit(self, current, scope)
            else:
                self._push(scope, *children_of(current))

    def _push(self, scope: Scope, *nodes: ast.AST | None) -> None:
        self.stack.extend((node, scope) for node in nodes if node is not None)

    def _use(self, scope: Scope, chain: tuple[str, ...], mode: Mode) -> None:
        self.found.append((scope, chain, mode))

    def _bind(self, scope: Scope, name: str) -> None:
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        scope.bound.add(name)

    # Definitions ---------------------------------------------------------------------------

    def _visit_FunctionDef(self, node: ast.FunctionDef, scope: Scope) -> None:  # noqa: N802
        self._bind(scope, node.name)
        self._push(scope, *node.decorator_list)
        self._function(node, scope, node.body)
        if self.annotations:
            self._push(scope, node.returns)

    _visit_AsyncFunctionDef = _visit_FunctionDef  # noqa: N815

    def _visit_Lambda(self, node: ast.Lambda, scope: Scope) -> None:  # noqa: N802
        self._function(node, scope, [node.body])

    def _function(
        self, node: Function, scope: Scope, body: list[ast.stmt] | list[ast.expr]
    ) -> None:
        arguments = node.args
        self._push(scope, *arguments.defaults, *arguments.kw_defaults)
        inner = Scope("function", scope, node)
        self.scopes[id(node)] = inner
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        inner.bound.update(argument.arg for argument in every)
        for parameter in getattr(node, "type_params", ()):
            inner.bound.add(parameter.name)
        if self.annotations:
            self._push(scope, *(argument.annotation for argument in every))
        self._push(inner, *body)

    def _visit_ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:  # noqa: N802
        self._bind(scope, node.name)
        self._push(scope, *node.decorator_list, *node.bases, *(k.value for k in node.keywords))
        inner = Scope("class", scope, node)
        for parameter in getattr(node, "type_params", ()):
            inner.bound.add(parameter.name)
        self._push(inner, *node.body)

    def _comprehension(self, node: ast.AST, scope: Scope) -> None:
        comprehension = cast("ast.ListComp | ast.DictComp", node)
        inner = Scope("comprehension", scope, node)
        for position, generator in enumerate(comprehension.generators):
            self._push(scope if position == 0 else inner, generator.iter)
            self._targets(inner, generator.target)
            self._push(inner, *generator.ifs)
        if isinstance(comprehension, ast.DictComp):
            self._push(inner, comprehension.key, comprehension.value)
        else:
            self._push(inner, comprehension.elt)

    _visit_ListComp = _visit_SetComp = _visit_DictComp = _visit_GeneratorExp = _comprehension  # noqa: N815

    def _targets(self, inner: Scope, target: ast.expr) -> None:
        """Bind the loop variables of a comprehension in its own scope."""
        todo: list[ast.AST] = [target]
        while todo:
            node = todo.pop()
            if isinstance(node, ast.Name):
                inner.bound.add(node.id)
            elif isinstance(node, ast.Tuple | ast.List | ast.Starred):
                todo.extend(ast.iter_child_nodes(node))
            else:
                self._push(inner, node)

    # Names ---------------------------------------------------------------------------------

    def _visit_Name(self, node: ast.Name, scope: Scope) -> None:  # noqa: N802
        if isinstance(node.ctx, ast.Load):
            self._use(scope, (node.id,), "read")
        else:
            self._bind(scope, node.id)
            self._use(scope, (node.id,), "rebind")

    def _visit_Attribute(self, node: ast.Attribute, scope: Scope) -> None:  # noqa: N802
        chain = chain_of(node)
        if chain is None:
            self._push(scope, node.value)
        else:
            self._use(scope, chain, "read" if isinstance(node.ctx, ast.Load) else "rebind")

    def _visit_Subscript(self, node: ast.Subscript, scope: Scope) -> None:  # noqa: N802
        self._push(scope, node.slice)
        self._holder(node, node.value, scope)

    def _holder(self, node: ast.Subscript, holder: ast.expr, scope: Scope) -> None:
        # table[key][other] = value changes table, too.
        base: ast.expr = holder
        if not isinstance(node.ctx, ast.Load):
            while isinstance(base, ast.Subscript):
                self._push(scope, base.slice)
                base = base.value
            chain = chain_of(base)
            if chain is not None:
                self._use(scope, chain, "change")
                return
        self._push(scope, base)

    def _visit_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:  # noqa: N802
        self._push(scope, node.value, node.target)
        chain = chain_of(node.target)
        if chain is not None and len(chain) == 1:
            self._use(scope, chain, "change")

    def _visit_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:  # noqa: N802
        self._push(scope, node.target, node.value)
        if scope.kind == "class" or self.annotations:
            self._push(scope, node.annotation)

    def _visit_arg(self, node: ast.arg, scope: Scope) -> None:
        """Arguments are bound with their function."""

    def _visit_Expr(self, node: ast.Expr, scope: Scope) -> None:  # noqa: N802
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            chain = chain_of(call.func)
            if chain is not None and len(chain) > 1 and chain[-1] in CHANGING_METHODS:
                # The value is thrown away: nothing comes back from what is changed.
                self._use(scope, chain[:-1], "change")
                self._push(scope, *call.args, *(k.value for k in call.keywords))
                return
        self._push(scope, call)

    def _visit_Call(self, node: ast.Call, scope: Scope) -> None:  # noqa: N802
        arguments = list(node.args)
        if isinstance(node.func, ast.Name) and node.func.id in _BY_NAME and len(arguments) > 1:
            chain = chain_of(arguments[0])
            if chain is not None:
                # Looked at here: as a plain argument a module would count as passed around.
                del arguments[0]
                self._by_name(scope, chain, node.func.id, arguments[0])
        elif isinstance(node.func, ast.Attribute):
            chain = chain_of(node.func)
            if chain is not None and len(chain) > 1 and chain[-1] in CHANGING_METHODS:
                self._use(scope, chain[:-1], "change")
        self._push(scope, node.func, *arguments, *(k.value for k in node.keywords))

    def _by_name(self, scope: Scope, chain: tuple[str, ...], function: str, name: ast.expr) -> None:
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            mode: Mode = "rebind" if function in ("setattr", "delattr") else "read"
            self._use(scope, (*chain, *name.value.split(".")), mode)
        else:
            self._use(scope, chain, "dynamic")

    # Statements that bind ------------------------------------------------------------------

    def _visit_Import(self, node: ast.Import, scope: Scope) -> None:  # noqa: N802
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._bind(scope, name)
            target = alias.name if alias.asname else name
            scope.imports[name] = Origin(0, target, None)

    def _visit_ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:  # noqa: N802
        for alias in node.names:
            name = alias.asname or alias.name
            self._bind(scope, name)
            scope.imports[name] = Origin(node.level or 0, node.module or "", alias.name)

    def _visit_Global(self, node: ast.Global, scope: Scope) -> None:  # noqa: N802
        scope.globals.update(node.names)

    def _visit_Nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:  # noqa: N802
        scope.nonlocals.update(node.names)

    def _visit_ExceptHandler(self, node: ast.ExceptHandler, scope: Scope) -> None:  # noqa: N802
        if node.name:
            self._bind(scope, node.name)
        self._push(scope, node.type, *node.body)

    def _pattern(self, node: ast.AST, scope: Scope) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self._bind(scope, name)
        self._push(scope, *children_of(node))

    _visit_MatchAs = _visit_MatchStar = _visit_MatchMapping = _pattern  # noqa: N815

    # Where the names lead ------------------------------------------------------------------

    def result(self) -> Uses:
        names: set[Use] = set()
        captured: set[Captured] = set()
        for scope, chain, mode in self.found:
            self._settle(scope, chain, mode, names, captured)
        return Uses(frozenset(names), frozenset(captured))

    def _settle(
        self,
        scope: Scope,
        chain: tuple[str, ...],
        mode: Mode,
        names: set[Use],
        captured: set[Captured],
    ) -> None:
        name = chain[0]
        start: Scope = scope
        place: Scope | None = scope
        depth = 0
        outside = False
        while place is not None:
            if place is self.base:
                if not outside and mode == "rebind" and len(chain) == 1 and place is start:
                    return  # the statement's own binding
                outside, place = True, place.parent
                continue
            if name in place.globals:
                break
            visible = place.kind != "class" or place is start
            if visible and name in place.bound and name not in place.nonlocals:
                origin = place.imports.get(name)
                if origin is not None:
                    if mode != "rebind" or len(chain) > 1:
                        names.add(Use(chain, mode, origin))
                    return
                if outside:
                    captured.add(Captured(chain, mode, depth))
                    return
                if place.kind == "class" and mode == "read":
                    names.add(Use(chain, "perhaps"))
                return
            if outside and place.kind == "function":
                depth += 1
            place = place.parent
        names.add(Use(chain, mode))


_visitors: dict[type[ast.AST], Callable[[_Scanner, Any, Scope], None]] = {
    getattr(ast, name.removeprefix("_visit_")): visitor
    for name, visitor in vars(_Scanner).items()
    if name.startswith("_visit_")
}
# What carries no names is met all the time.
for _leaf in (ast.Constant, ast.Pass, ast.Load, ast.Store, ast.Del):
    _visitors[_leaf] = lambda scanner, node, scope: None
