"""Functions of notebooks and interactive sessions: their source is in memory, not in a file."""

from __future__ import annotations

import ast
import linecache
from pathlib import Path
from types import FunctionType
from typing import Any

from jobtui_core.errors import ScriptError
from jobtui_core.fingerprint.check import function_matches
from jobtui_core.fingerprint.facts import facts_of
from jobtui_core.fingerprint.identities import identity
from jobtui_core.fingerprint.layers import definitions_behind
from jobtui_core.fingerprint.model import Symbol
from jobtui_core.fingerprint.scopes import chain_of
from jobtui_core.hashing import combine
from jobtui_core.sources import SourceModule

__all__ = ["cell_symbol"]


def cell_symbol(func: FunctionType) -> Symbol | None:
    """Give a function's definition as it was typed, ``None`` if nobody kept that.

    IPython, Jupyter, doctest and the interpreter's own prompt keep the text of each cell where
    tracebacks look for it.
    """
    file = func.__code__.co_filename
    text = "".join(linecache.getlines(file, func.__globals__))
    if not text or not function_matches(func, text):
        return None
    module = SourceModule("__main__", Path(file), "<cell>", text)
    try:
        definitions = definitions_behind(module, func)
    except ScriptError:
        return None
    if len(definitions) != 1:
        return None
    node, statement = definitions[0].node, definitions[0].statement
    first, last = getattr(statement, "lineno", 1), getattr(statement, "end_lineno", 1)
    return Symbol(
        name=identity(func),
        digest=combine("cell", facts_of(module).normal(node, _ours(node, func.__globals__))),
        source="\n".join(module.lines[first - 1 : last]),
        path=(func.__qualname__,),
        kind="lambda" if isinstance(node, ast.Lambda) else "function",
        line=first,
        file="<cell>",
    )


def _ours(node: ast.AST, namespace: dict[str, Any]) -> tuple[ast.AST, ...]:
    """Give the decorators that are ours, by what their names mean in the session."""
    found = []
    for decorator in getattr(node, "decorator_list", ()):
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        chain = chain_of(callee)
        value = namespace.get(chain[0]) if chain else None
        place = getattr(value, "__module__", None) or type(value).__module__
        if value is not None and str(place).partition(".")[0] == "jobtui_core":
            found.append(decorator)
    return tuple(found)
