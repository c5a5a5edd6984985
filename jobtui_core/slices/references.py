"""References to stored results: ``call_and_shelve`` is a call, and ``get`` gives what came of it.

What a reference tells beside the result (how long the call took, and when it was) is another
thing whenever it is computed anew, though the result is the same: nothing is built on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobtui_core.slices.meanings import Value
from jobtui_core.slices.terms import Term, term

__all__ = [
    "CLEARED",
    "Reference",
    "References",
    "gathered",
    "item_of",
    "reference",
    "results_of",
    "taken_from",
]

CLEARED = "its result is deleted through a reference"
_BESIDE = "a reference to a result tells when it was computed, too"


@dataclass(frozen=True, slots=True)
class Reference:
    """What ``call_and_shelve`` gives."""

    result: Value
    sites: tuple[int, ...]
    """Where the call may have been made."""


@dataclass(frozen=True, slots=True)
class References:
    """A list of them that a comprehension made."""

    results: Term
    """The same list of the results themselves."""
    sites: tuple[int, ...]


def reference(result: Value, sites: Sequence[int]) -> Value:
    """Give the value of a reference to a result."""
    made = Reference(result, tuple(sites))
    return Value(result.term.because(_BESIDE).means(made), result.cells)


def gathered(kind: str, whole: Term, items: Sequence[Value]) -> Term:
    """Give what a comprehension gives whose items are as they are, or references."""
    made = term(kind, whole)
    meaning = items[0].term.meaning if len(items) == 1 else None
    if kind != "list-comprehension" or not isinstance(meaning, Reference):
        return made
    return made.because(_BESIDE).means(References(made, meaning.sites))


def results_of(item: Value) -> Term:
    """Give what a loop that gathers an item depends on: of a reference, the result alone."""
    meaning = item.term.meaning
    return meaning.result.term if isinstance(meaning, Reference) else item.term


def taken_from(source: Value) -> Term:
    """Give what a loop goes through: of a list of references, the results."""
    meaning = source.term.meaning
    return meaning.results if isinstance(meaning, References) else source.term


def item_of(source: Value, item: Value) -> Value:
    """Give what a loop takes from its source: a reference, if it is a list of them."""
    meaning = source.term.meaning
    return reference(item, meaning.sites) if isinstance(meaning, References) else item
