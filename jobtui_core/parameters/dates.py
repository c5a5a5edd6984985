"""Days and times as parameters: read as ISO 8601 spells them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from jobtui_core.parameters.refusals import Refused

__all__ = ["to_date", "to_datetime", "to_time"]

_A_DATE = "a date such as 2026-01-31"


def to_date(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date()
        raise Refused(_A_DATE, f"nearest is {value.date().isoformat()}")
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise Refused(_A_DATE, _nearest_date(value))


def to_datetime(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    if isinstance(value, str):
        try:
            return dt.datetime.fromisoformat(value.strip())
        except ValueError:
            pass
    raise Refused("a date and time such as 2026-01-31T12:30", _nearest_date(value))


def to_time(value: Any) -> dt.time:
    if isinstance(value, dt.time):
        return value
    if isinstance(value, str):
        try:
            return dt.time.fromisoformat(value.strip())
        except ValueError:
            pass
    raise Refused("a time such as 12:30")


def _nearest_date(value: Any) -> str:
    """Give the nearest day of the calendar to one that it does not have."""
    found = re.match(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})", value) if isinstance(value, str) else None
    if found is None:
        return ""
    import calendar

    year, month, day = map(int, found.groups())
    month = min(max(month, 1), 12)
    day = min(max(day, 1), calendar.monthrange(max(year, 1), month)[1])
    return f"nearest is {dt.date(max(year, 1), month, day).isoformat()}"
