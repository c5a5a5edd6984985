"""Names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["hint", "nearest"]


def nearest(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Give the known names that are closest to ``name``, best first."""
    choices: dict[str, str] = {}
    for one in known:
        choices.setdefault(one.casefold(), one)
    return tuple(
        choices[match] for match in get_close_matches(name.casefold(), choices, n=limit, cutoff=0.6)
    )


def hint(names: tuple[str, ...]) -> str:
    """Turn the nearest names into the end of a sentence."""
    return f"; did you mean {names[0]!r}?" if names else "."
