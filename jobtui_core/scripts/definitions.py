"""The part of a script that defines a function: what it needs to be called, and nothing else.

A script does its work when it runs; to call one function of it once more, its imports and the
definitions that the function rests on are enough.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

__all__ = ["definitions_of"]

_BLOCKS = ("body", "orelse", "finalbody")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definitions_of(tree: ast.Module, names: Iterable[str]) -> ast.Module:
    """Give the statements of a module that define some names, in their order and places.

    Kept are imports; statements that bind a name which is needed, and all that these need in
    turn; and calls of methods and assignments to items or attributes of what is needed, unless
    they call a function of the module: those are its work.  Of ``if``, ``for``, ``try`` and
    ``with`` only what is needed inside.

    Parameters
    ----------
    tree : ast.Module
    names : iterable of str
        Top-level names.

    Returns
    -------
    ast.Module
        Of the same nodes, so that lines stay what they are.
    """
    own = {one.name for one in ast.walk(tree) if isinstance(one, _Definition)}
    needed = set(names)
    while True:
        kept = _kept(tree.body, needed, own)
        more = needed | {name for one in kept for name in _read(one)}
        if more == needed:
            return ast.Module(body=list(kept), type_ignores=[])
        needed = more


def _kept(body: Sequence[ast.stmt], needed: set[str], own: set[str]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.append(statement)
        elif isinstance(statement, _Definition):
            if statement.name in needed:
                found.append(statement)
        elif isinstance(statement, ast.If | ast.For | ast.While | ast.Try | ast.With):
            inner = _kept_inside(statement, needed, own)
            if inner is not None:
                found.append(inner)
        elif needed & _bound(statement) or (
            _touched(statement) in needed and not _calls(statement, own)
        ):
            found.append(statement)
    return found


def _kept_inside(
    statement: ast.If | ast.For | ast.While | ast.Try | ast.With, needed: set[str], own: set[str]
) -> ast.stmt | None:
    """Give a compound statement with only what is needed inside; ``None`` if nothing is."""
    blocks = {name: getattr(statement, name, []) for name in _BLOCKS}
    kept = {name: _kept(block, needed, own) for name, block in blocks.items()}
    binds = needed & _header_names(statement)
    if not any(kept.values()) and not binds:
        return None
    fields = {name: getattr(statement, name) for name in statement._fields}
    for name in _BLOCKS:
        if name in fields:
            fields[name] = kept[name] or ([ast.Pass()] if name == "body" else [])
    if isinstance(statement, ast.Try):
        handlers = []
        for handler in statement.handlers:
            body: list[ast.stmt] = _kept(handler.body, needed, own) or [ast.Pass()]
            new = ast.ExceptHandler(type=handler.type, name=handler.name, body=body)
            handlers.append(ast.copy_location(new, handler))
        fields["handlers"] = handlers
    made = ast.copy_location(type(statement)(**fields), statement)
    return ast.fix_missing_locations(made)


def _header_names(statement: ast.stmt) -> set[str]:
    """Give the names that ``for`` and ``with`` bind themselves."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.For):
        targets = [statement.target]
    elif isinstance(statement, ast.With):
        targets = [item.optional_vars for item in statement.items if item.optional_vars]
    return {
        node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
    }


def _bound(statement: ast.stmt) -> set[str]:
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _touched(statement: ast.stmt) -> str | None:
    """Give the name whose item, attribute or method a statement is about."""
    node: ast.AST | None = None
    if isinstance(statement, ast.Assign):
        node = statement.targets[0]
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        node = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        node = statement.value.func
    if not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _calls(statement: ast.stmt, own: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in own for node in ast.walk(statement))


def _read(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
