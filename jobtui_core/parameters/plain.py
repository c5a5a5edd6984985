"""Values of parameters as JSON has them: what travels to a script and stands in records."""

from __future__ import annotations

import datetime as dt
import enum
import os
from typing import Any

__all__ = ["as_plain"]


def as_plain(value: Any) -> Any:
    """Give a value as JSON can have it, so that `convert` gives the value again.

    A path, a date and a member of an enum become text, a tuple and a set a list.  What has no
    such form stays what it is.
    """
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        # Without the class: a numpy number is a float of its own kind.
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(as_plain, value), key=lambda item: (type(item).__name__, item))
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: as_plain(item) for key, item in value.items()}
        return repr(value)
    if hasattr(value, "__index__") and not hasattr(value, "__len__"):
        return int(value)
    return value
