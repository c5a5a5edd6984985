"""Which expressions are constants of the source, built from literals and from other constants."""

from __future__ import annotations

import ast

from jobtui_core.fingerprint.known import (
    CONTAINER_CALLS,
    CONTAINER_METHODS,
    PURE_CALLS,
    PURE_METHODS,
)
from jobtui_core.fingerprint.scopes import chain_of

__all__ = ["is_container", "leaves_of"]

_CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_TRANSPARENT = (
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.IfExp,
    ast.Subscript,
    ast.Slice,
    ast.Starred,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.operator,
    ast.unaryop,
    ast.boolop,
    ast.cmpop,
    ast.expr_context,
    ast.keyword,
)


def leaves_of(expression: ast.expr) -> list[tuple[str, ...]] | None:
    """Give the names that a constant expression is built from.

    Returns
    -------
    list of tuple of str, or None
        Dotted names; all of them must be constants for the whole to be one.  ``None`` if the
        expression computes something that its source does not determine.
    """
    leaves: list[tuple[str, ...]] = []
    stack: list[ast.AST] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant):
            continue
        chain = chain_of(node)
        if chain is not None:
            leaves.append(chain)
        elif isinstance(node, ast.Call):
            callee = node.func
            called = chain_of(callee)
            if called is not None and called[-1] in PURE_CALLS:
                leaves.append(called)
            elif isinstance(callee, ast.Attribute) and callee.attr in PURE_METHODS:
                stack.append(callee.value)
            else:
                return None
            stack.extend(node.args)
            stack.extend(keyword.value for keyword in node.keywords)
        elif isinstance(node, ast.Attribute):
            stack.append(node.value)
        elif isinstance(node, ast.Lambda):
            continue
        elif isinstance(node, _TRANSPARENT):
            stack.extend(ast.iter_child_nodes(node))
        else:
            return None
    return leaves


def is_container(expression: ast.expr) -> bool:
    """Tell whether a constant's value can be changed in place.

    What is reached through names or items counts where it is defined.
    """
    stack: list[ast.AST] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, _CONTAINERS):
            return True
        if isinstance(node, ast.Call):
            called = chain_of(node.func)
            if called is not None and called[-1] in CONTAINER_CALLS:
                return True
            if isinstance(node.func, ast.Attribute) and node.func.attr in CONTAINER_METHODS:
                return True
        elif isinstance(node, ast.Tuple | ast.BinOp | ast.BoolOp | ast.IfExp | ast.Starred):
            stack.extend(ast.iter_child_nodes(node))
    return False
