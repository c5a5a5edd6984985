"""Functions of each kind that a store treats in its own way, with the results that are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jobtui_core import Memory

MEBIBYTE = 1 << 20

RAN: list[str] = []
"""The functions that ran, since it was emptied."""


class Box:
    """What only a pickle keeps."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return type(other) is Box and other.content == self.content

    __hash__ = None  # type: ignore[assignment]  # as it is with most that can be compared


def plain(n: int) -> dict[str, Any]:
    RAN.append("plain")
    return {"n": n, "text": "x" * 300, "numbers": list(range(50))}


def array(n: int) -> Any:
    RAN.append("array")
    return np.arange(40.0) + n


def large(n: int) -> Any:
    """Large enough to be mapped."""
    RAN.append("large")
    return np.arange(MEBIBYTE // 8 + 1000, dtype=np.float64) + n


def nested(n: int) -> Any:
    RAN.append("nested")
    return {"a": np.arange(30) + n, "b": [np.ones((3, 3)), "text"], "c": np.float32(n)}


def boxed(n: int) -> Any:
    RAN.append("boxed")
    return Box([n, "text"])


def closure(n: int) -> Any:
    RAN.append("closure")
    return lambda: n * 2


def frame(n: int) -> Any:
    RAN.append("frame")
    import pandas as pd

    return pd.DataFrame({"a": np.arange(20.0) + n, "b": list("abcdefghij") * 2})


KINDS: dict[str, Callable[[int], Any]] = {
    "plain": plain,
    "array": array,
    "large": large,
    "nested": nested,
    "boxed": boxed,
    "closure": closure,
    "frame": frame,
}


def cached(memory: Memory, kind: str) -> Callable[[int], Any]:
    return memory.cache(KINDS[kind])


def same(found: Any, wanted: Any) -> bool:
    """Tell whether two results are the same in all that a caller sees."""
    if callable(wanted):
        return bool(callable(found) and found() == wanted())
    if isinstance(wanted, np.ndarray):
        return (
            isinstance(found, np.ndarray)
            and found.dtype == wanted.dtype
            and np.array_equal(found, wanted)
        )
    if isinstance(wanted, dict):
        return (
            type(found) is dict
            and list(found) == list(wanted)
            and all(same(found[name], wanted[name]) for name in wanted)
        )
    if isinstance(wanted, list):
        return type(found) is list and len(found) == len(wanted) and all(map(same, found, wanted))
    if hasattr(wanted, "equals"):
        return type(found) is type(wanted) and bool(wanted.equals(found))
    return type(found) is type(wanted) and bool(found == wanted)


def wanted(kind: str, n: int) -> Any:
    """Give the right result, and forget that it was computed."""
    before = list(RAN)
    result = KINDS[kind](n)
    RAN[:] = before
    return result
