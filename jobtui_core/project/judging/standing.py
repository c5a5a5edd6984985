"""Verdicts of an earlier look that stand, because everything that they rest on is as it was.

Whoever judges a call site asks the world: files, entries in stores, who makes a file.  The
questions are noted with their answers.  At the next look a verdict stands if the call site, what
comes from upstream and the evidence are the same, and every question is answered as before.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from jobtui_core.records import Reason, ReasonKind, StepStatus, Verdict

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint
    from jobtui_core.project.judging.judge import Judged
    from jobtui_core.slices import CallSite, DeclaredFunction

__all__ = ["Question", "RowGround", "Standing", "Standings"]

Question = tuple[Callable[..., Any], tuple[Any, ...], Any]
"""What was asked, with which arguments, and the answer."""

_SETTLED_WORDS = frozenset({ReasonKind.CODE_CHANGED, ReasonKind.UPSTREAM, ReasonKind.NEVER_RUN})
"""Reasons whose words hang on nothing but the call site, the evidence and the code."""


@dataclass(slots=True)
class Standing:
    """A verdict on a call site, with what it rests on."""

    judged: Judged
    version: tuple[int, int]
    """Of the evidence about its function."""
    code: Fingerprint | None
    upstream: tuple[Judged, ...]
    questions: Sequence[Question]


class RowGround(NamedTuple):
    """What the row of a function rests on, where no other function's verdict is in it."""

    judged: tuple[Judged, ...]
    declared: DeclaredFunction
    version: tuple[int, int]
    code: Fingerprint | None

    def same(self, other: RowGround) -> bool:
        """Whether a row built on this one is the same as one built on another."""
        return (
            len(self.judged) == len(other.judged)
            and all(map(operator.is_, self.judged, other.judged))
            and self.declared == other.declared
            and self.version == other.version
            and (self.code is other.code or self.code == other.code)
        )


class Standings:
    """The verdicts on the call sites of one script, by index, and its rows, by function."""

    def __init__(self) -> None:
        self.policy: object = None
        self.known: dict[int, Standing] = {}
        self.rows: dict[str, tuple[RowGround, StepStatus]] = {}

    def under(self, policy: object) -> Standings:
        """Forget everything that was judged under another policy."""
        if policy != self.policy:
            self.policy = policy
            self.known.clear()
            self.rows.clear()
        return self

    def of(
        self,
        site: CallSite,
        version: tuple[int, int],
        code: Fingerprint | None,
        upstream: Sequence[Judged],
        ask: Callable[[Question], Any],
    ) -> Judged | None:
        """Give the verdict on a call site, if it stands; ``ask`` answers a question anew."""
        known = self.known.get(site.index)
        if known is None or known.version != version:
            return None
        judged = known.judged
        plain = judged.verdict is Verdict.FRESH or judged.verdict is None
        if not plain:
            if not all(map(_is_settled, judged.reasons)):
                return None
            if site != judged.site or known.code is not code:
                return None
        elif site is not judged.site and not _same_call(site, judged.site):
            return None
        if len(upstream) != len(known.upstream):
            return None
        for one, other in zip(upstream, known.upstream, strict=True):
            if one is not other and not _gives_the_same(one, other):
                return None
        for question in known.questions:
            if ask(question) != question[2]:
                return None
        if site is not judged.site:
            known.judged = judged = replace(judged, site=site)
        return judged


def _is_settled(reason: Reason) -> bool:
    # Code without a diff may have been lost, or be on its way to the store.
    return reason.kind in _SETTLED_WORDS and (
        reason.kind is not ReasonKind.CODE_CHANGED or bool(reason.diff)
    )


def _same_call(one: CallSite, other: CallSite) -> bool:
    """Whether two call sites are equal but for the lines that they are on."""
    return (
        one.template == other.template
        and one.function == other.function
        and one.holes == other.holes
        and one.unfollowed == other.unfollowed
        and one.inputs == other.inputs
        and one.outputs == other.outputs
    )


def _gives_the_same(one: Judged, other: Judged) -> bool:
    return (
        one.verdict is other.verdict
        and one.result == other.result
        and one.site.name == other.site.name
    )
