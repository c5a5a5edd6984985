"""Telling the user that something about the trace went wrong, and nothing more."""

from __future__ import annotations

import warnings

__all__ = ["TraceWarning", "complain"]


class TraceWarning(UserWarning):
    """A run is not recorded, or not fully.  Results are not affected."""


def complain(text: str) -> None:
    """Warn, without ever raising: a filter may turn warnings into errors."""
    try:
        # Nobody's statement is at fault; a level beyond the stack points nowhere.
        warnings.warn(text, TraceWarning, stacklevel=2)
    except Exception:  # noqa: BLE001  # the user's script goes on whatever the filter says
        return
