"""Which members of a class changed: a class is a page, and an edit of it one method."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Member", "changed_members"]

_Functions = ast.FunctionDef | ast.AsyncFunctionDef


class Member(NamedTuple):
    """A member of a class as it was and as it is; empty where there is none."""

    name: str
    old: str
    new: str
    is_value: bool
    """Whether it is an attribute, before and now."""


def changed_members(old: str, new: str) -> list[Member]:
    """Compare the sources of a class member by member.

    Returns
    -------
    list of Member
        Those that are different, came or went, in today's order.  Empty where that does not say
        it all: the bases or decorators changed, statements that bind no one name, or the order.
    """
    before, after = _class_of(old), _class_of(new)
    if before is None or after is None or _head(before) != _head(after):
        return []
    then, now = _members(before), _members(after)
    if then is None or now is None:
        return []
    found = []
    for name in dict.fromkeys([*now, *then]):
        one, other = then.get(name, []), now.get(name, [])
        if [_shape(node) for node in one] != [_shape(node) for node in other]:
            is_value = not any(isinstance(node, _Functions | ast.ClassDef) for node in one + other)
            found.append(Member(name, _text(one, old), _text(other, new), is_value))
    return found


def _class_of(source: str) -> ast.ClassDef | None:
    try:
        body = ast.parse(textwrap.dedent(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0] if len(body) == 1 and isinstance(body[0], ast.ClassDef) else None


def _head(node: ast.ClassDef) -> list[str]:
    return [ast.dump(part) for part in (*node.decorator_list, *node.bases, *node.keywords)]


def _members(node: ast.ClassDef) -> Mapping[str, list[ast.stmt]] | None:
    """Give the statements by the name that each binds: a property has several of one name."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in node.body:
        name = _name(statement)
        if name is None:
            return None
        if name:
            found.setdefault(name, []).append(statement)
    return found


def _name(statement: ast.stmt) -> str | None:
    """Give the name that a statement binds; empty for one that binds nothing and means nothing."""
    if isinstance(statement, _Functions | ast.ClassDef):
        return statement.name
    target: ast.expr | None = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    elif _means_nothing(statement):
        return ""
    return target.id if isinstance(target, ast.Name) else None


def _means_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass)


def _shape(node: ast.stmt) -> str:
    """Give what of a statement counts: docstrings do not."""
    if isinstance(node, _Functions) and ast.get_docstring(node, clean=False) is not None:
        rest = ast.Module(body=node.body[1:] or [ast.Pass()], type_ignores=[])
        empty = ast.Module(body=[], type_ignores=[])
        head = type(node)(**{**dict(ast.iter_fields(node)), "body": empty.body})
        return ast.dump(head) + ast.dump(rest)
    return ast.dump(node)


def _text(nodes: list[ast.stmt], source: str) -> str:
    lines = textwrap.dedent(source).splitlines()
    parts = []
    for node in nodes:
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(one.lineno for one in decorators)])
        parts.append("\n".join(lines[first - 1 : node.end_lineno]))
    return textwrap.dedent("\n".join(parts))
