"""Stores that sources name in so many words: ``Memory("s3://lab-bucket/cache")``.

Before anything ran on this machine, that is all that tells where results of others may be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from jobtui_core.stores.addresses import scheme_of

if TYPE_CHECKING:
    from jobtui_core.sources import SourceModule

__all__ = ["named_locations", "only_location"]

_CLASS = "Memory"

_MARKS = ("://", '"/', "'/", '"~', "'~")
"""What the text of every location that counts has in it."""

_SUBFOLDER = "jobtui"
"""Our part of a location, as ``Memory`` has it."""


def named_locations(modules: Iterable[SourceModule]) -> tuple[str, ...]:
    """Give the stores that modules name where they make a ``Memory``.

    Folders count only if they are absolute: others are from the folder that a script runs in.
    """
    found = (one for module in modules if _may_name_one(module.text)
             for one in _locations(module))  # fmt: skip
    return tuple(dict.fromkeys(found))


def only_location(modules: Iterable[SourceModule]) -> str | None:
    """Give the one store in which every ``Memory`` of some modules keeps its results.

    ``None`` where there are several, or one whose place the sources do not tell in so many words.
    """
    found = {place for module in modules if f"{_CLASS}(" in module.text
             for place in _places(module)}  # fmt: skip
    return found.pop() if len(found) == 1 else None


def _may_name_one(text: str) -> bool:
    """Tell whether it is worth while to parse a module that nobody else has parsed yet."""
    return f"{_CLASS}(" in text and any(mark in text for mark in _MARKS)


def _locations(module: SourceModule) -> tuple[str, ...]:
    return tuple(place for place in _places(module) if place is not None)


@lru_cache(maxsize=256)
def _places(module: SourceModule) -> tuple[str | None, ...]:
    """Give for each ``Memory`` that is made where it is; ``None`` if that is not told."""
    constants = dict(_constants(module.tree))
    found: list[str | None] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _is_memory(node.func):
            given = next((item.value for item in node.keywords if item.arg == "location"), None)
            place = _text(node.args[0] if node.args else given, constants)
            known = place is not None and (scheme_of(place) or place.startswith(("/", "~")))
            found.append(f"{place.rstrip('/')}/{_SUBFOLDER}" if place and known else None)
    return tuple(found)


def _is_memory(node: ast.expr) -> bool:
    last = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return last == _CLASS


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give the names that a module binds to a text, at its top level."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                    yield target.id, node.value.value


def _text(node: ast.expr | None, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constants.get(node.id) if isinstance(node, ast.Name) else None
