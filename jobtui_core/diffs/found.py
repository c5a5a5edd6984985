"""A difference between two values, and the place inside of them where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jobtui_core.entry.describe import describe_argument, type_name

__all__ = ["Pair", "Place", "ValueDifference", "bare", "differ", "form", "text_at"]

TEXT = 80
"""Characters of a value that are shown."""

_DEEPEST = 20
"""Levels of containers that are spelled out in the path to a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDifference:
    """A place where two values differ."""

    where: str = ""
    """Path inside of the value, as Python spells it: ``['a'][3].x``; empty for the whole."""
    old: str = ""
    new: str = ""
    """What is there in the one and in the other, as bounded text."""
    count: int = 0
    """Numbers that differ there, of an array or a column."""
    size: int = 0
    """Numbers that there are."""
    largest: float | None = None
    """The largest absolute difference of numbers there, of those that are finite."""
    relative: float | None = None
    """The largest difference in relation to the old number."""
    nan: int = 0
    """Places where one is NaN, or missing, and the other is not."""
    infinite: int = 0
    """Differences that are infinite."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place inside of a value, as a chain: made for each part, and spelled out for one."""

    part: str
    name: str = ""
    """A key or attribute: it may tell that what is there is a secret."""
    outer: Place | None = None

    def __str__(self) -> str:
        parts: list[str] = []
        place: Place | None = self
        while place is not None:
            parts.append(place.part)
            place = place.outer
        parts.reverse()
        if len(parts) > _DEEPEST:
            parts = [*parts[: _DEEPEST // 2], "…", *parts[-_DEEPEST // 2 :]]
        return "".join(parts)


Pair = tuple[Place, Any, Any]
"""A place, and what is there before and after."""


def form(value: Any) -> str:
    """Say what an array is, without its numbers."""
    return f"{type(value).__name__} {value.dtype} {tuple(value.shape)}"


def bare(value: Any) -> Any:
    """Give a number of an array as one of Python's, which is spelled without its type."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    # Not those that Python has no number for: of more digits.
    return value.item() if kind and kind in "biufc" and value.itemsize <= 16 else value


def text_at(place: Place, value: Any) -> str:
    """Describe what is at a place, unless its name makes it a secret."""
    return describe_argument(place.name, value, TEXT)


def differ(
    place: Place,
    old: Any,
    new: Any,
    *,
    types: bool = False,
    amount: tuple[float | None, float | None] = (None, None),
) -> ValueDifference:
    """Tell of two values that differ as a whole.

    Parameters
    ----------
    place : Place
    old, new : object
    types : bool
        Whether it is their types that differ.
    amount : tuple of float or None
        By how much, absolutely and relatively.
    """
    texts = [text_at(place, value) for value in (old, new)]
    if types:
        texts = [
            f"{type_name(value)} {text}" for value, text in zip((old, new), texts, strict=True)
        ]
    return ValueDifference(
        where=str(place), old=texts[0], new=texts[1], largest=amount[0], relative=amount[1]
    )
