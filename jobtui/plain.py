"""Untrusted text made harmless, and numbers made readable: those of the core, for the screen."""

from __future__ import annotations

from jobtui_core.plain import (
    age,
    clock_time,
    count,
    duration,
    log_line,
    plain,
    plain_lines,
    short,
    size,
    time_left,
)

__all__ = [
    "age",
    "clock_time",
    "count",
    "duration",
    "log_line",
    "plain",
    "plain_lines",
    "short",
    "size",
    "time_left",
]
