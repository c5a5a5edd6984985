"""Terms: what is known of a value without running anything, as digests of a normal form.

A term stands for "the value that this expression would have".  It has forgotten the names of
variables, spelling and position, so that two scripts which compute the same thing in the same way
have equal terms.  Results of steps are not in a term: they are *holes*, filled later with what
the store says that call returned.  A term numbers its holes itself, by order of appearance, so
that its digest does not depend on which other calls the script makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from jobtui_core.hashing import combine

__all__ = [
    "NOTHING",
    "TRUE",
    "Constant",
    "Given",
    "Origin",
    "Term",
    "carried",
    "constant",
    "hole",
    "term",
]

Origin = tuple[str, int, int]
"""A statement that contributed to a term: file, first and last line."""

Given = tuple[int, str]
"""A call site, and the argument (or ``module:name`` of the global) that it takes an object as."""

_NONE: frozenset[Any] = frozenset()

_MOST_GIVEN = 16
"""Calls that are remembered for an object; more of them stand for each other."""

_FOLDED_SIZE = 4_000
"""Longest text of a constant that is kept for deciding conditions; its digest stays right."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The meaning of a term whose value is known here and now."""

    value: Any


@dataclass(frozen=True, slots=True)
class Term:
    """The normal form of an expression.

    Attributes
    ----------
    digest : str
        Equal digests and equal results in the holes mean equal values.
    holes : tuple of int
        Indexes of the call sites whose results it needs, in the term's own numbering.
    origin : frozenset of Origin
        Statements that contributed; not part of the digest.
    parameters : frozenset of str
        ``default_param`` names that contributed; their values are in the digest.
    unfollowed : frozenset of str
        Sentences that say why the value is not determined by what can be seen.
    meaning : object or None
        What the analysis knows about the value beyond its digest: a `Constant`, a function …
    """

    digest: str
    holes: tuple[int, ...] = ()
    origin: frozenset[Origin] = _NONE
    parameters: frozenset[str] = _NONE
    unfollowed: frozenset[str] = _NONE
    turning: frozenset[int] = _NONE
    """Depths of the loops around it that it needs something of an earlier turn of."""
    carries: frozenset[str] = _NONE
    """Identities of the steps that whoever has the value could call; not part of the digest."""
    meaning: Any = field(default=None, compare=False)
    given: frozenset[Given] = field(default=_NONE, compare=False)
    """Calls of steps that were given the object, or read it: they may change it in place, which a
    hit does not."""

    @property
    def truth(self) -> bool | None:
        """Whether a condition with this value holds; ``None`` where that is not known."""
        return bool(self.meaning.value) if isinstance(self.meaning, Constant) else None

    def means(self, meaning: Any) -> Term:
        """Give the same term with another meaning."""
        return replace(self, meaning=meaning)

    def because(self, *sentences: str) -> Term:
        """Give the same term marked as not determined, with the reasons."""
        known = None if isinstance(self.meaning, Constant) else self.meaning
        return replace(self, unfollowed=self.unfollowed | set(sentences), meaning=known)

    def carrying(self, steps: Iterable[str]) -> Term:
        """Give the same term with more steps that whoever has the value could call."""
        more = self.carries.union(steps)
        return self if more == self.carries else replace(self, carries=more)

    def given_to(self, *calls: Given) -> Term:
        """Give the same term with calls that its object was given to; the last stand for many."""
        more = self.given.union(calls)
        if len(more) > _MOST_GIVEN:
            more = frozenset(((max(site for site, _ in more), "*"),))
        return self if more == self.given else replace(self, given=more)

    def at(self, *origins: Origin) -> Term:
        """Give the same term with more statements among its origins."""
        if self.origin.issuperset(origins):
            return self
        return replace(self, origin=self.origin | set(origins))


def term(kind: str, *parts: Term | str | int, meaning: Any = None) -> Term:
    """Build a term from its parts; terms among them pass on holes, origins and doubts."""
    inner = [part for part in parts if isinstance(part, Term)]
    numbers: dict[int, int] = {}
    pieces: list[str | int] = []
    for part in parts:
        if not isinstance(part, Term):
            pieces.append(part)
            continue
        pieces.append(part.digest)
        if part.holes:
            # The same sub-term with its holes in other places is another value.
            own = [numbers.setdefault(site, len(numbers)) for site in part.holes]
            pieces.append(",".join(map(str, own)))
    return Term(
        combine(f"term:{kind}", *pieces),
        tuple(numbers),
        _union([part.origin for part in inner]),
        _union([part.parameters for part in inner]),
        _union([part.unfollowed for part in inner]),
        _union([part.turning for part in inner]),
        _union([part.carries for part in inner]),
        meaning,
        _union([part.given for part in inner]),
    )


def _union(sets: list[frozenset[Any]]) -> frozenset[Any]:
    filled = [item for item in sets if item]
    if not filled:
        return _NONE
    return filled[0] if len(filled) == 1 else filled[0].union(*filled[1:])


def _text(value: Any) -> str:
    """Spell a literal so that equal values of equal type, and only they, have equal text."""
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}[{','.join(_text(item) for item in value)}]"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}{{{','.join(sorted(_text(item) for item in value))}}}"
    if isinstance(value, dict):
        pairs = sorted(f"{_text(key)}:{_text(item)}" for key, item in value.items())
        return f"dict{{{','.join(pairs)}}}"
    return f"{type(value).__name__}:{value!r}"


def constant(value: Any) -> Term:
    """Give the term of a value that is known: literals, parameters, what folds from them."""
    text = _text(value)
    meaning = Constant(value) if len(text) <= _FOLDED_SIZE else None
    return Term(combine("term:constant", text), meaning=meaning)


def hole(site: int, *, unfollowed: frozenset[str] = _NONE) -> Term:
    """Give the term of a step's result, whatever it will be."""
    return Term(combine("term:hole"), (site,), unfollowed=unfollowed)


def carried(depth: int, place: int) -> Term:
    """Give the term of what a loop carries from turn to turn, at the start of a turn."""
    return Term(combine("term:carried", depth, place), turning=frozenset((depth,)))


TRUE = constant(True)
NOTHING = Term(combine("term:unbound"))
"""The term of a name that is not bound."""
