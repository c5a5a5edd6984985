"""Words in the notes of calls that verdicts go by."""

from __future__ import annotations

__all__ = ["ASKS"]

ASKS = "asks its cache_validation_callback"
"""In the note of a call whose stored result stands only if the user's own code says so."""
