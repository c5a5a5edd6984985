"""Scales of a drawing: which values there are, and where round numbers and dates stand on them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["LARGEST", "Scale", "date_ticks", "number_ticks", "scale_of"]

LARGEST = sys.float_info.max
"""Beyond that, margins around values are infinite."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_DATE_STEPS = (
    *((seconds, "%H:%M:%S") for seconds in (1, 2, 5, 10, 30)),
    *((60 * minutes, "%H:%M") for minutes in (1, 2, 5, 10, 30)),
    *((3600 * hours, "%m-%d %H:%M") for hours in (1, 2, 6, 12)),
    *((86400 * days, "%Y-%m-%d") for days in (1, 2, 7, 14)),
    *((86400 * days, "%Y-%m") for days in (30, 61, 91, 183)),
    *((31557600 * years, "%Y") for years in (1, 2, 5, 10, 20, 50, 100, 500)),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high``, and the room from ``start`` to ``end`` that they get."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Give where a value stands."""
        # Halves first: the difference of the largest numbers is none.
        whole = self.high / 2 - self.low / 2
        share = (value / 2 - self.low / 2) / whole if whole else 0.5
        return self.start + share * (self.end - self.start)


def scale_of(
    values: Iterable[float | None], start: float, end: float, *, zero: bool = False
) -> Scale | None:
    """Give a scale that has room for all values; ``None`` if there are none.

    Parameters
    ----------
    values : iterable of float or None
        Gaps, and what is not finite, are passed over.
    start, end : float
    zero : bool
        Whether 0 has to be on it, as bars need it.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return None
    low, high = min(known), max(known)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        margin = abs(low) / 10 or 1.0
        low, high = max(low - margin, -LARGEST), min(high + margin, LARGEST)
    return Scale(low, high, start, end)


def number_ticks(scale: Scale, most: int = 5) -> Sequence[tuple[float, str]]:
    """Give round numbers on a scale, and how they are written."""
    step = _round_step((scale.high / most - scale.low / most), _STEPS)
    if not math.isfinite(step) or step <= 0:
        return ()
    first = math.ceil(scale.low / step)
    found = []
    for number in range(most + 2):
        value = (first + number) * step
        if not value <= scale.high:
            break
        # 3 * 0.1 is not 0.3, and neither is to be read.
        found.append((value, f"{0.0 if abs(value) < step / 1e6 else value:.6g}"))
    return found


def _round_step(rough: float, steps: Sequence[float]) -> float:
    if rough <= 0 or not math.isfinite(rough):
        return 0.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next((step * power for step in steps if step * power >= rough), 10.0 * power)


def date_ticks(scale: Scale, most: int = 4) -> Sequence[tuple[float, str]]:
    """Give moments on a scale of seconds since the epoch, and how they are written."""
    rough = (scale.high - scale.low) / most
    step, pattern = next((one for one in _DATE_STEPS if one[0] >= rough), _DATE_STEPS[-1])
    first = math.ceil(scale.low / step)
    found = []
    for number in range(most + 2):
        value = (first + number) * step
        if not value <= scale.high:
            break
        try:
            found.append((float(value), datetime.fromtimestamp(value, UTC).strftime(pattern)))
        except (OverflowError, OSError, ValueError):
            # Whoever wrote the numbers may have meant anything by them.
            return ()
    return found
