"""In what runs differ, in the words of the command line."""

from __future__ import annotations

from collections.abc import Sequence

from jobtui.plain import count
from jobtui_core.labbook import Comparison, Difference, DifferenceKind

__all__ = ["KINDS", "TITLES", "letter", "numbers_in_words", "same_in_words", "summary"]

TITLES: dict[DifferenceKind, str] = {
    "script": "script",
    "argv": "words on the command line",
    "parameter": "parameters",
    "code": "code",
    "input": "inputs",
    "package": "packages",
    "environment": "environment",
    "outcome": "how it went",
    "result": "results",
    "figure": "figures",
    "log": "logs",
}
"""Headings, in the order in which differences are told: causes first, then effects."""

KINDS: tuple[DifferenceKind, ...] = tuple(TITLES)

_NOUNS: dict[DifferenceKind, tuple[str, str]] = {
    "script": ("script", "scripts"),
    "argv": ("command line", "command lines"),
    "parameter": ("parameter", "parameters"),
    "code": ("definition", "definitions"),
    "input": ("input", "inputs"),
    "package": ("package", "packages"),
    "environment": ("fact of the environment", "facts of the environment"),
    "outcome": ("fact of how it went", "facts of how it went"),
    "result": ("result", "results"),
    "figure": ("figure", "figures"),
    "log": ("log", "logs"),
}


def letter(number: int) -> str:
    """Name a run of a comparison in one letter or two: A, B … Z, AA."""
    first, last = divmod(number, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)


def summary(differences: Sequence[Difference]) -> str:
    """Say in one sentence how much differs."""
    if not differences:
        return "nothing differs in what was compared"
    # Three runs that differ in three ways differ in one thing.
    things = {(one.kind, one.subject) for one in differences}
    numbers = {kind: sum(one == kind for one, _ in things) for kind in KINDS}
    words = ", ".join(count(number, *_NOUNS[kind]) for kind, number in numbers.items() if number)
    return f"{words} {'differs' if len(things) == 1 else 'differ'}"


def same_in_words(comparison: Comparison) -> str:
    """Say what was compared and found equal; empty if nothing was."""
    known = dict(comparison.same)
    return ", ".join(count(known[kind], *_NOUNS[kind]) for kind in KINDS if known.get(kind))


def numbers_in_words(difference: Difference) -> str:
    """Say by how much results differ, summed up over all places inside of them."""
    known = dict(difference.numbers)
    words = [f"{known.get('places', 1):,.0f} places"]
    if "max_abs" in known:
        words.append(f"max |Δ| {known['max_abs']:.6g}")
    if "max_rel" in known:
        words.append(f"relative {known['max_rel']:.3g}")
    if known.get("size", 0) > 1:
        words.append(f"{known.get('count', 0):,.0f} of {known['size']:,.0f} numbers")
    if known.get("nan"):
        words.append(f"{known['nan']:,.0f} missing in one only")
    if known.get("infinite"):
        words.append(f"{known['infinite']:,.0f} infinite")
    return ", ".join(words)
