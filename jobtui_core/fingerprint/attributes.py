"""Attributes that were set of functions, steps and classes, found under the name of their owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dis import get_instructions
from types import CellType, FunctionType
from typing import Any

from jobtui_core.fingerprint.codes import nested_codes

__all__ = ["ALL", "AttributesOf", "asked_for", "is_set_by_users"]

ALL = "__dict__"
"""Stands for every attribute of a function: the code does not say which it takes."""


class AttributesOf:
    """What was set of the object that a name means by now.

    The owner is looked up each time: another one may have been put in its place.

    Parameters
    ----------
    holder : mapping or cell
        The globals or the cell with the owner.
    path : sequence of str
        The owner's name there, through classes; nothing for what is in a cell.
    """

    __slots__ = ("holder", "path")

    def __init__(self, holder: Any, path: Sequence[str] = ()) -> None:
        self.holder = holder
        self.path = tuple(path)

    @property
    def owner(self) -> Any:
        """The object, ``None`` if there is none."""
        if isinstance(self.holder, CellType):
            try:
                return self.holder.cell_contents
            except ValueError:
                return None
        first, *rest = self.path
        found = self.holder.get(first)
        for part in rest:
            found = vars(found).get(part) if isinstance(found, type) else None
        return found.__func__ if isinstance(found, staticmethod | classmethod) else found

    def get(self, name: str, default: Any = None) -> Any:
        """Give an attribute as it was set, without running anybody's code."""
        owner = self.owner
        if isinstance(owner, type):
            places = (vars(cls) for cls in owner.__mro__)
            return next((place[name] for place in places if name in place), default)
        held = getattr(owner, "__dict__", {})
        if name != ALL:
            return held.get(name, default)
        # Of a step, all would be its own affairs, too.
        own = isinstance(owner, FunctionType)
        return {key: held[key] for key in held if is_set_by_users(key)} if own else default


def is_set_by_users(name: str) -> bool:
    """Tell attributes from those that Python itself gives to functions and wrappers."""
    return name == ALL or not (name.startswith("__") and name.endswith("__"))


def asked_for(func: FunctionType) -> Iterator[tuple[str, str]]:
    """Give the attributes of globals that a function's instructions ask for, with the globals."""
    for code in nested_codes(func.__code__):
        name = ""
        for item in get_instructions(code):
            if name and item.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                yield name, str(item.argval)
            name = str(item.argval) if item.opname == "LOAD_GLOBAL" else ""
