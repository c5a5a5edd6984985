"""Names of the types that parameters have: ``int``, ``list[int]``, ``date | None``.

The analysis reads them in sources, where nothing can be imported, and ``default_param`` from the
objects themselves: a name is what both have.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Literal, Union, get_args, get_origin

__all__ = ["ANY", "alternatives", "arguments", "literals", "type_name"]

ANY = "any"
"""The type of a parameter whose default cannot be known without running the script."""

_PATHS = ("Path", "PurePath", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")


def type_name(default: Any, named: Any = None) -> str:
    """Name the type that a parameter's values have, as ``ParameterInfo.type`` does.

    Parameters
    ----------
    default
        The parameter's default.
    named : type, callable or str, optional
        What was given as ``type=``; wins over the default.
    """
    if named is not None:
        return _named(named)
    if isinstance(default, PurePath):
        return "Path"
    if default is None:
        return "None"
    if isinstance(default, enum.Enum | bool):
        return type(default).__name__
    # Also subclasses and scalars of numpy: their values are plain numbers.
    for kind in (int, float, complex, str):
        if isinstance(default, kind):
            return kind.__name__
    if hasattr(default, "__index__") and not hasattr(default, "__len__"):
        return "int"
    return type(default).__name__


def _named(named: Any) -> str:
    if isinstance(named, str):
        return named
    if named is None or named is type(None):
        return "None"
    origin = get_origin(named)
    if origin is Literal:
        kinds = dict.fromkeys(type_name(value) for value in get_args(named))
        return " | ".join(kinds)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(_named(one) for one in get_args(named)))
    if origin is not None:
        inner = ", ".join("..." if one is ... else _named(one) for one in get_args(named))
        return f"{_named(origin)}[{inner}]"
    name = str(getattr(named, "__name__", named))
    return "Path" if name in _PATHS else name


def literals(named: Any) -> Sequence[Any] | None:
    """Give the values of ``Literal[…]``, alone or in a union; ``None`` for any other type."""
    if isinstance(named, type) and issubclass(named, enum.Enum):
        return list(named)
    if get_origin(named) is Literal:
        return list(get_args(named))
    if get_origin(named) in (Union, types.UnionType):
        parts = [one for one in get_args(named) if one is not type(None)]
        found = [literals(one) for one in parts]
        if found and all(one is not None for one in found):
            return [value for one in found for value in one or ()]
    return None


def alternatives(kind: str) -> list[str]:
    """Give the types of a union by name: ``int | None`` has two."""
    return [part.strip() for part in _split(kind, "|") if part.strip()]


def arguments(kind: str) -> tuple[str, list[str]]:
    """Give a type's own name and those in its brackets: ``list[int]`` is a list of int."""
    name, bracket, rest = kind.partition("[")
    if not bracket or not rest.endswith("]"):
        return kind, []
    return name, [part.strip() for part in _split(rest[:-1], ",") if part.strip()]


def _split(text: str, at: str) -> list[str]:
    parts, depth, begin = [], 0, 0
    for place, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == at and depth == 0:
            parts.append(text[begin:place])
            begin = place + 1
    return [*parts, text[begin:]]
