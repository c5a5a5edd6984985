"""The functions behind what was decorated: each layer of ``__wrapped__``, and what it captures."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from types import CellType, FunctionType, MethodType
from typing import Any

from jobtui_core.fingerprint.definitions import Definition, definitions_of
from jobtui_core.fingerprint.known import CHANGING_METHODS
from jobtui_core.fingerprint.scopes import chain_of
from jobtui_core.fingerprint.snapshot import in_library
from jobtui_core.sources import SourceModule

__all__ = [
    "captured_cells",
    "definitions_behind",
    "innermost",
    "layers_of",
    "own_function",
    "plain_function",
]


def layers_of(func: Any) -> list[Any]:
    """Give a callable and all that it wraps, outermost first."""
    layers: list[Any] = []
    while func is not None and all(func is not known for known in layers):
        layers.append(func)
        func = getattr(func, "__wrapped__", None)
    return layers


def innermost(func: Any) -> Any:
    """Give the function that is wrapped by all others."""
    return layers_of(func)[-1]


def own_function(value: Any) -> FunctionType | None:
    """Give a function, or the one that this package's decorators were put over."""
    if type(value).__module__.startswith("jobtui_core."):
        value = getattr(value, "func", None)
    return value if isinstance(value, FunctionType) else None


def plain_function(value: Any) -> FunctionType | None:
    """Give the function behind a method, property or wrapper, if it is one of Python."""
    if isinstance(value, staticmethod | classmethod | MethodType):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    if isinstance(value, functools.cached_property):
        value = value.func
    if callable(value):
        value = innermost(value)
    return value if isinstance(value, FunctionType) else None


def definitions_behind(module: SourceModule, func: FunctionType) -> list[Definition]:
    """Give the places in the source that may have made a function, most likely ones alone."""
    found = definitions_of(module, func.__qualname__)
    if len(found) < 2:
        return found
    line = func.__code__.co_firstlineno
    here = [definition for definition in found if line == _first_line(definition.node)]
    if len(here) > 1 and func.__name__ == "<lambda>":
        here = [d for d in here if _spans(d.node, func)] or here
    return here or found


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", ())
    lines = [getattr(node, "lineno", 0), *(decorator.lineno for decorator in decorators)]
    return int(min(lines))


def _spans(node: ast.AST, func: FunctionType) -> bool:
    """Tell whether a lambda's body is exactly where the function's instructions come from."""
    if not isinstance(node, ast.Lambda):
        return False
    places = [
        place
        for place in func.__code__.co_positions()
        if None not in place and place[2] != place[3]
    ]
    if not places:
        return False
    body = node.body
    first = min((place[0] or 0, place[2] or 0) for place in places)
    last = max((place[1] or 0, place[3] or 0) for place in places)
    return first == (body.lineno, body.col_offset) and last == (
        body.end_lineno,
        body.end_col_offset,
    )


def captured_cells(
    func: FunctionType, definitions: list[Definition], read: frozenset[str] | None
) -> Iterator[tuple[str, CellType, bool]]:
    """Give the names that a function captures, and whether it changes the object itself.

    Parameters
    ----------
    func : function
    definitions : list of Definition
        Where it comes from, if that is known.
    read : frozenset of str, optional
        Names that can influence the result; ``None`` if nobody knows.

    Yields
    ------
    tuple
        Name, cell, and whether the function changes the container in it.
    """
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if (
            name == "__class__"
            or own_function(value) is func
            or (read is not None and name not in read)
        ):
            continue
        container = type(value) in (list, dict, set)
        own = container and any(_changes(definition.node, name) for definition in definitions)
        yield name, cell, own


def _changes(node: ast.AST, name: str) -> bool:
    """Tell whether a definition changes a container in place."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            if inner.func.attr in CHANGING_METHODS and chain_of(inner.func.value) == (name,):
                return True
        elif isinstance(inner, ast.Subscript) and not isinstance(inner.ctx, ast.Load):
            if chain_of(inner.value) == (name,):
                return True
        elif isinstance(inner, ast.AugAssign) and chain_of(inner.target) == (name,):
            return True
    return False


def is_project_layer(func: Any) -> bool:
    """Tell whether a layer is Python code of the project."""
    if not isinstance(func, FunctionType) or func.__code__.co_filename.startswith("<frozen"):
        return False
    return not in_library(func.__code__)
