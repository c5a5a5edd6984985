"""How large and how old what is kept may get, in the spellings that people use."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Age", "Limits", "Size", "limits_of", "seconds_of", "size_of"]

Size = int | str
"""Bytes: a number, or a text such as ``"10K"``, ``"1.5M"`` or ``"2G"``."""

Age = timedelta | str
"""A span of time, or a text such as ``"90d"`` or ``"12h"``."""

_is_size = re.compile(
    r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([KMGT]?)(?:i?B)?\s*", re.IGNORECASE
).fullmatch
_is_age = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([smhdw])\s*").fullmatch
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SPANS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store is held to; ``None`` where it is not."""

    size: int | None = None
    """Bytes of results and kept outputs."""
    items: int | None = None
    """Results."""
    age: float | None = None
    """Seconds since a result was used last."""

    def __bool__(self) -> bool:
        return self != _NONE


_NONE = Limits()


def limits_of(size: Size | None = None, items: int | None = None, age: Age | None = None) -> Limits:
    """Read limits as they were given.

    Raises
    ------
    ValueError
        If one is negative, or a text that says neither size nor age.
    TypeError
        If one is of a type that has no place here.
    """
    if items is not None:
        if isinstance(items, bool) or not isinstance(items, int):
            raise TypeError(f"a limit of items is a whole number, not {items!r:.80}")
        if items < 0:
            raise ValueError(f"a limit of items has to be positive, not {items}")
    return Limits(
        None if size is None else size_of(size), items, None if age is None else seconds_of(age)
    )


def size_of(size: Size) -> int:
    """Give bytes for a number of them, or a text with one of the units K, M, G and T.

    Units are powers of 1024, as in joblib.

    Raises
    ------
    ValueError, TypeError
        See `limits_of`.
    """
    if isinstance(size, str):
        found = _is_size(size)
        if found is None:
            raise ValueError(
                f"Invalid literal for size given: {size!r:.80} should be a number of bytes, "
                "with K, M, G or T behind it if need be, as in '10K' or '2.5G'"
            )
        return int(float(found[1]) * _UNITS[found[2].upper()])
    if isinstance(size, bool) or not isinstance(size, int | float):
        raise TypeError(f"a size is a number of bytes, or a text such as '2G', not {size!r:.80}")
    if not size >= 0 or size == math.inf:
        raise ValueError(f"a limit of bytes has to be positive, not {size}")
    return int(size)


def seconds_of(age: Age) -> float:
    """Give seconds for a span of time, or a text with one of the units s, m, h, d and w.

    Raises
    ------
    ValueError, TypeError
        See `limits_of`.
    """
    if isinstance(age, str):
        found = _is_age(age)
        if found is None:
            raise ValueError(
                f"{age!r:.80} is no age: it is a number with s, m, h, d or w behind it, as in '90d'"
            )
        return float(found[1]) * _SPANS[found[2]]
    if not isinstance(age, timedelta):
        raise TypeError(f"an age is a timedelta, or a text such as '90d', not {age!r:.80}")
    if age < timedelta(0):
        raise ValueError(f"age_limit has to be a positive timedelta, not {age}")
    return age.total_seconds()
