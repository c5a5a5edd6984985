"""What a conversion says when it cannot be made, and the nearest that it could."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Refused", "did_you_mean"]


class Refused(Exception):  # noqa: N818  control flow between the converters
    """A value is not of a type; ``convert`` makes an error of it that names the parameter."""

    def __init__(self, wanted: str, nearest: str = "") -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.nearest = nearest


def did_you_mean(text: str, words: Sequence[str]) -> str:
    """Name the nearest of some words, whatever the case of its letters."""
    from difflib import get_close_matches

    lowered = {word.lower(): word for word in words}
    near = get_close_matches(text.lower(), list(lowered), n=1)
    return f"did you mean {lowered[near[0]]!r}?" if near else ""
