"""How long stored results are good: answers for ``cache_validation_callback``."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

__all__ = ["Validation", "expires_after"]

Validation = Callable[[dict[str, Any]], Any]
"""Is given ``duration``, ``time`` and ``input_args`` of a stored result; true means it is good."""


def expires_after(
    days: float = 0,
    seconds: float = 0,
    microseconds: float = 0,
    milliseconds: float = 0,
    minutes: float = 0,
    hours: float = 0,
    weeks: float = 0,
) -> Validation:
    """Let results be good for a while: ``cache_validation_callback=expires_after(days=1)``.

    Parameters
    ----------
    days, seconds, microseconds, milliseconds, minutes, hours, weeks : float
        They add up, as in `datetime.timedelta`.

    Returns
    -------
    callable
        Whether a result with this metadata is younger.  One from the future, since a clock was put
        back, is good if it is no further away than that.
    """
    lifetime = timedelta(
        days=days,
        seconds=seconds,
        microseconds=microseconds,
        milliseconds=milliseconds,
        minutes=minutes,
        hours=hours,
        weeks=weeks,
    ).total_seconds()

    def is_young(metadata: dict[str, Any]) -> bool:
        return bool(abs(time.time() - metadata["time"]) < lifetime)

    return is_young
