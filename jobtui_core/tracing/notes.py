"""Words in the notes of calls that verdicts go by."""

from __future__ import annotations

__all__ = ["ASKS", "CHANGES", "tells_of"]

CHANGES = "in place; a hit will not"
"""How the note of a call ends that changed something which it was given, or which it reads."""

ASKS = "asks its cache_validation_callback"
"""In the note of a call whose stored result stands only if the user's own code says so."""


def tells_of(note: str, subject: str) -> bool:
    """Tell whether a note of `CHANGES` is about an argument, or about a global.

    Parameters
    ----------
    note : str
    subject : str
        The argument's name, ``module:name`` of the global, or ``"*"`` for whatever it is.
    """
    return subject == "*" or f"argument {subject!r} in" in note or f"changes {subject}, " in note
