"""What one module's text tells by itself, worked out once per content."""

from __future__ import annotations

import ast
import weakref
from collections.abc import Sequence
from functools import cached_property

from jobtui_core.fingerprint.normal import serialise
from jobtui_core.fingerprint.scopes import Function, Scope, Use, Uses, scan, scope_of
from jobtui_core.sources import SourceModule

__all__ = ["Facts", "blocks_of", "facts_of"]


_KNOWN: weakref.WeakKeyDictionary[ast.Module, Facts] = weakref.WeakKeyDictionary()


def facts_of(module: SourceModule) -> Facts:
    """Give the facts of a module's text; shared by all modules with that text."""
    tree = module.tree
    facts = _KNOWN.get(tree)
    if facts is None:
        facts = _KNOWN[tree] = Facts(tree)
    return facts


class Facts:
    """Uses and normal forms of a module's definitions, kept by node."""

    def __init__(self, tree: ast.Module) -> None:
        self._body = tree.body
        self._uses: dict[tuple[int, ...], Uses] = {}
        self._text: dict[tuple[int, ...], str] = {}
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

    @cached_property
    def changes(self) -> frozenset[Use]:
        """Global names that code anywhere in the module changes in place or binds anew."""
        uses = scan(ast.Module(self._body, []))
        return frozenset(use for use in uses.names if use.mode in ("change", "rebind"))

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
