"""What one module's text tells by itself, worked out once per content."""

from __future__ import annotations

import ast
import weakref
from collections.abc import Iterator, Sequence
from functools import cached_property

from jobtui_core.fingerprint.normal import serialise
from jobtui_core.fingerprint.scopes import (
    Function,
    Scope,
    Use,
    Uses,
    chain_of,
    children_of,
    scan,
    scope_of,
)
from jobtui_core.sources import SourceModule

__all__ = ["Defined", "Facts", "assigned_names", "blocks_of", "facts_of"]


_KNOWN: weakref.WeakKeyDictionary[ast.Module, Facts] = weakref.WeakKeyDictionary()


def facts_of(module: SourceModule) -> Facts:
    """Give the facts of a module's text; shared by all modules with that text."""
    tree = module.tree
    facts = _KNOWN.get(tree)
    if facts is None:
        facts = _KNOWN.setdefault(tree, Facts(tree))
    return facts


FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Facts:
    """Uses and normal forms of a module's definitions, kept by node."""

    def __init__(self, tree: ast.Module) -> None:
        self._body = tree.body
        self._uses: dict[tuple[int, ...], Uses] = {}
        self._text: dict[tuple[int, ...], str] = {}
        self._defined: dict[int, dict[str, list[tuple[ast.AST, ast.stmt]]]] = {}
        self._scopes: dict[int, Scope] = {}

    def uses(
        self,
        node: ast.AST,
        around: Sequence[Function] = (),
        without: tuple[ast.AST, ...] = (),
        *,
        annotations: bool = False,
    ) -> Uses:
        """Outer names that a node uses; ``around`` are the functions around it, outermost first."""
        key = (id(node), annotations, *map(id, without))
        found = self._uses.get(key)
        if found is None:
            found = scan(node, self.scope(around), without=without, annotations=annotations)
            self._uses[key] = found
        return found

    def scope(self, around: Sequence[Function]) -> Scope | None:
        """Scope of the innermost of nested functions, outermost first."""
        scope: Scope | None = None
        for function in around:
            known = self._scopes.get(id(function))
            if known is None:
                known = self._scopes[id(function)] = scope_of(function, scope)
            scope = known
        return scope

    def normal(self, node: ast.AST, without: tuple[ast.AST, ...] = ()) -> str:
        """Normal form of a node."""
        key = (id(node), *map(id, without))
        found = self._text.get(key)
        if found is None:
            found = self._text[key] = serialise(node, without=without)
        return found

    def defined(self, holder: Defined | None) -> dict[str, list[tuple[ast.AST, ast.stmt]]]:
        """What the body of a function or class (``None``: the module) defines, by name.

        Lambdas come under ``<lambda>``, and under the name that they are bound to.
        """
        known = self._defined.get(id(holder))
        if known is not None:
            return known
        # Put in its place when it is whole: another thread may be asking, too.
        found: dict[str, list[tuple[ast.AST, ast.stmt]]] = {}
        for name, node, statement in _named(self._body if holder is None else holder.body):
            found.setdefault(name, []).append((node, statement))
        self._defined[id(holder)] = found
        return found

    @cached_property
    def changes(self) -> frozenset[Use]:
        """Global names that code anywhere in the module changes in place or binds anew."""
        uses = scan(ast.Module(self._body, []))
        return frozenset(use for use in uses.names if use.mode in ("change", "rebind"))

    def decorated(self, node: ast.AST) -> list[FunctionDef]:
        """Functions with decorators that are a definition or lie inside of it."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        # By lines: a neighbour on the same line would be taken in, too, and do no harm.
        return [f for f in self._decorated if first <= f.lineno and (f.end_lineno or 0) <= last]

    @cached_property
    def _decorated(self) -> list[FunctionDef]:
        found: list[FunctionDef] = []
        stack: list[ast.AST] = list(self._body)
        while stack:
            current = stack.pop()
            if isinstance(current, FunctionDef) and current.decorator_list:
                found.append(current)
            if not isinstance(current, ast.expr):
                stack.extend(children_of(current))
        return found

    @cached_property
    def registered(self) -> dict[str, tuple[str, ...]]:
        """Names of the top level defined under ``@name.something``, by ``name``."""
        found: dict[str, dict[str, None]] = {}
        stack = list(self._body)
        while stack:
            statement = stack.pop()
            for block in blocks_of(statement):
                stack.extend(block)
            for decorator in getattr(statement, "decorator_list", ()):
                callee = decorator.func if isinstance(decorator, ast.Call) else decorator
                chain = chain_of(callee)
                if chain is not None and len(chain) > 1:
                    name: str = statement.name  # type: ignore[attr-defined]  # it has decorators
                    found.setdefault(chain[0], {})[name] = None
        return {name: tuple(others) for name, others in found.items()}

    @cached_property
    def enclosing(self) -> dict[int, tuple[ast.stmt, ...]]:
        """Compound statements around each nested statement of the top level, by its id."""
        found: dict[int, tuple[ast.stmt, ...]] = {}
        stack: list[tuple[ast.stmt, tuple[ast.stmt, ...]]] = [(s, ()) for s in self._body]
        while stack:
            statement, around = stack.pop()
            if around:
                found[id(statement)] = around
            inner = (*around, statement)
            stack.extend((child, inner) for block in blocks_of(statement) for child in block)
        return found


def blocks_of(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Blocks of a compound statement that run in the scope it is in."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    blocks = [getattr(statement, name, None) or [] for name in ("body", "orelse", "finalbody")]
    blocks += [handler.body for handler in getattr(statement, "handlers", ())]
    blocks += [case.body for case in getattr(statement, "cases", ())]
    return [block for block in blocks if block]


def _named(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST, ast.stmt]]:
    """Give what a body defines, in order: name, definition, and the statement it is in."""
    stack = list(reversed(body))
    while stack:
        statement = stack.pop()
        if isinstance(statement, Defined):
            yield statement.name, statement, statement
            continue
        blocks = blocks_of(statement)
        for block in reversed(blocks):
            stack.extend(reversed(block))
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass | ast.Global):
            continue
        value = getattr(statement, "value", None)
        for name in assigned_names(statement):
            yield name, value if isinstance(value, ast.Lambda) else statement, statement
        for node in _lambdas_in(statement, blocks):
            yield "<lambda>", node, statement


def assigned_names(statement: ast.stmt) -> dict[str, None]:
    """Give the names that an assignment binds, in order."""
    targets: list[ast.AST] = []
    if isinstance(statement, ast.Assign):
        targets.extend(statement.targets)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets.append(statement.target)
    names: dict[str, None] = {}
    while targets:
        node = targets.pop()
        if isinstance(node, ast.Name):
            names[node.id] = None
        elif isinstance(node, ast.Tuple | ast.List | ast.Starred):
            targets.extend(ast.iter_child_nodes(node))
    return names


def _lambdas_in(statement: ast.stmt, blocks: list[list[ast.stmt]]) -> Iterator[ast.Lambda]:
    inner = {id(child) for block in blocks for child in block}
    stack: list[ast.AST] = [statement]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Lambda):
            yield current
            continue
        children = [c for c in ast.iter_child_nodes(current) if id(c) not in inner]
        stack.extend(reversed(children))
