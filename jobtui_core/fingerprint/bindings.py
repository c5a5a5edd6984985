"""What single statements of a module bind names to."""

from __future__ import annotations

import ast

from jobtui_core.fingerprint.facts import Facts
from jobtui_core.sources import Binding, SourceModule

__all__ = ["assigned_expression", "in_branch", "in_loop", "public_names"]

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def assigned_expression(statement: ast.AST, name: str) -> ast.expr | None:
    """Give the expression that a name is bound to, where a statement has one for it."""
    if isinstance(statement, ast.AnnAssign):
        return statement.value
    if not isinstance(statement, ast.Assign):
        return None
    for target in statement.targets:
        if isinstance(target, ast.Name) and target.id == name:
            return statement.value
        if isinstance(target, ast.Tuple | ast.List) and isinstance(
            statement.value, ast.Tuple | ast.List
        ):
            part = _unpacked(target.elts, statement.value.elts, name)
            if part is not None:
                return part
    return None


def _unpacked(targets: list[ast.expr], values: list[ast.expr], name: str) -> ast.expr | None:
    if len(targets) != len(values):
        return None
    if any(isinstance(item, ast.Starred) for item in (*targets, *values)):
        return None
    for target, value in zip(targets, values, strict=True):
        if isinstance(target, ast.Name) and target.id == name:
            return value
    return None


def in_branch(facts: Facts, binding: Binding) -> bool:
    """Tell whether a binding depends on a condition or on an exception."""
    around = facts.enclosing.get(id(binding.statement), ())
    return any(isinstance(outer, ast.If | ast.Try) for outer in around)


def in_loop(facts: Facts, binding: Binding) -> bool:
    """Tell whether a name is bound again and again."""
    around = facts.enclosing.get(id(binding.statement), ())
    return any(isinstance(outer, _LOOPS) for outer in (*around, binding.statement))


def public_names(module: SourceModule) -> frozenset[str] | None:
    """Give the names in ``__all__``, or ``None`` where it is not written as a literal."""
    names: set[str] = set()
    bindings = module.bindings.get("__all__", ())
    if not bindings:
        return None
    for binding in bindings:
        value = getattr(binding.statement, "value", None)
        if not isinstance(value, ast.List | ast.Tuple | ast.Set):
            return None
        for item in value.elts:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                names.add(item.value)
            else:
                return None
    return frozenset(names)
