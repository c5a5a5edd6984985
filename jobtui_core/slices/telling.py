"""What a memoized function tells of itself: it calls nothing, and is another thing at any time."""

from __future__ import annotations

from jobtui_core.slices.meanings import StepRef
from jobtui_core.slices.terms import Term, term

__all__ = ["told_by_attribute", "told_by_method"]

_METHODS = frozenset({"cache_info", "check_call_in_cache", "entries", "explain"})
_ATTRIBUTES = frozenset({"hits", "misses"})


def told_by_method(function: Term, name: str, *parts: Term | str) -> Term | None:
    """Give what ``function.explain(…)`` and its like give; ``None`` for anything else."""
    return _told(function, f"{name}()", *parts) if name in _METHODS else None


def told_by_attribute(function: Term, name: str) -> Term | None:
    """Give what ``function.hits`` gives; ``None`` for anything else."""
    return _told(function, name) if name in _ATTRIBUTES else None


def _told(function: Term, asked: str, *parts: Term | str) -> Term | None:
    meaning = function.meaning
    if not isinstance(meaning, StepRef) or meaning.declaration.kind != "memoized":
        return None
    # Only the digest: whoever has this value cannot call the function.
    made = term("told", asked, function.digest, *parts).at(*function.origin)
    return made.because(f"{asked} tells what is stored, which changes")
