"""Sets: their order differs from process to process, and with it whatever is made of it."""

from __future__ import annotations

import ast
import textwrap
from functools import lru_cache

from jobtui_core.slices import library
from jobtui_core.slices.meanings import LibraryValue
from jobtui_core.slices.terms import Constant, Term

__all__ = ["A_SET", "in_some_order", "is_set", "lists_a_set", "text_lists_a_set"]

A_SET = LibraryValue("builtins.set")

_DOUBT = "the order of a set may differ from run to run"

_SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})
_LISTING = frozenset(
    {"list", "tuple", "enumerate", "zip", "map", "filter", "iter", "next", "reversed", "join"}
    | {"array", "asarray", "extend", "Series", "Index", "DataFrame", "fromkeys", "chain"}
)
_ORDERLESS = frozenset({"sorted", "set", "frozenset", "min", "max", "any", "all", "len"})


def is_set(value: Term) -> bool:
    """Tell whether a value is known to be a set."""
    meaning = value.meaning
    if isinstance(meaning, Constant):
        return isinstance(meaning.value, set | frozenset)
    return isinstance(meaning, LibraryValue) and library.is_set(meaning.name)


def in_some_order(value: Term, *sources: Term) -> Term:
    """Mark a value that was taken from sources one by one, if one of them is a set."""
    return value.because(_DOUBT) if any(is_set(source) for source in sources) else value


@lru_cache(maxsize=4096)
def text_lists_a_set(source: str) -> bool:
    """Tell whether a function or class, as text, takes the elements of a set in their order."""
    if "set(" not in source and "{" not in source:
        return False
    try:
        return lists_a_set(ast.parse(textwrap.dedent(source)))
    except (SyntaxError, ValueError, RecursionError):
        return False


def lists_a_set(node: ast.AST) -> bool:
    """Tell whether code takes the elements of a set in their order, as far as one can see.

    Where names stand for sets is told from their assignments alone, in whatever order.
    """
    names: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign) and _gives_set(inner.value, names):
            names.update(target.id for target in inner.targets if isinstance(target, ast.Name))
    free = {
        id(part)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and _called(inner) in _ORDERLESS and not inner.keywords
        for part in inner.args
    }
    return any(_lists(inner, names, free) for inner in ast.walk(node))


def _lists(node: ast.AST, names: set[str], free: set[int]) -> bool:
    if isinstance(node, ast.For):
        return _gives_set(node.iter, names)
    if isinstance(node, ast.ListComp | ast.DictComp | ast.GeneratorExp):
        return id(node) not in free and any(
            _gives_set(generator.iter, names) for generator in node.generators
        )
    if isinstance(node, ast.Starred):
        return _gives_set(node.value, names)
    if isinstance(node, ast.Assign):
        unpacks = any(isinstance(target, ast.Tuple | ast.List) for target in node.targets)
        return unpacks and _gives_set(node.value, names)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.args:
        return _gives_set(node.func.value, names)
    return (
        _called(node) in _LISTING
        and id(node) not in free
        and any(_gives_set(part, names) for part in node.args)
    )


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _gives_set(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp):
        return _gives_set(node.left, names) or _gives_set(node.right, names)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in _SET_METHODS
    return _called(node) in ("set", "frozenset")
