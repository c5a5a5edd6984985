"""What the source of a definition says, for people: the value of a name, seeds of generators."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["assigned", "only_seeded"]


@lru_cache(maxsize=1024)
def assigned(name: str, source: str) -> str:
    """Give the value that a statement assigns to a name, as written, without the comment beside.

    Parameters
    ----------
    name : str
        Its last part counts: ``helpers:SCALE``, ``fit:Model.order``.
    source : str
        The statement, or several.

    Returns
    -------
    str
        Of ``WIDTH, HEIGHT = 720, 220`` the part that is the name's own.  Empty if nothing is
        assigned.
    """
    rest = source.partition("=")[2].strip()
    body = _parsed(source)
    if len(body) != 1 or not isinstance(body[0], ast.Assign | ast.AnnAssign):
        return rest
    statement = body[0]
    if statement.value is None:
        return rest
    value = statement.value
    if isinstance(statement, ast.Assign):
        value = _own(name.rpartition(":")[2].rpartition(".")[2], statement.targets, value)
    return ast.get_source_segment(source, value) or rest


def _own(name: str, targets: Iterable[ast.expr], value: ast.expr) -> ast.expr:
    """Give the part of an unpacked value that is one name's own."""
    for target in targets:
        if not (isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple)):
            continue
        starred = any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts))
        if starred or len(target.elts) != len(value.elts):
            continue
        for part, its in zip(target.elts, value.elts, strict=True):
            if isinstance(part, ast.Name) and part.id == name:
                return its
    return value


def only_seeded(function: str, sources: Iterable[str]) -> bool:
    """Whether a function that makes generators is called with arguments, wherever it is named.

    Parameters
    ----------
    function : str
        ``numpy.random.default_rng``.  Under another name (``import … as``) it is not recognised.
    sources : iterable of str
        Of the definitions that may call it.
    """
    last = function.rpartition(".")[2]
    named = seeded = 0
    for source in sources:
        for node in (node for statement in _parsed(source) for node in ast.walk(statement)):
            named += _last(node) == last
            if isinstance(node, ast.Call) and _last(node.func) == last:
                seeded += any(_says(one) for one in (*node.args, *(k.value for k in node.keywords)))
    return named == seeded > 0


def _says(argument: ast.expr) -> bool:
    return not (isinstance(argument, ast.Constant) and argument.value is None)


def _last(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _parsed(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
