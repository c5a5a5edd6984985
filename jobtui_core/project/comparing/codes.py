"""Which code the steps of runs had, definition by definition, and the script's own statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobtui_core.diffs.code import code_reasons, display
from jobtui_core.diffs.texts import line_changes
from jobtui_core.project.comparing.work import Side, Work, unlike
from jobtui_core.project.evidence.stores import MALFORMED
from jobtui_core.reasons import Reason, ReasonKind
from jobtui_core.slices import Analysis

if TYPE_CHECKING:
    from jobtui_core.diffs.code import Definition
    from jobtui_core.labbook import DifferenceKind

__all__ = ["compare_codes"]

_LARGEST = 20_000
"""Lines of a script's statements that are put side by side."""


def compare_codes(work: Work) -> None:
    """Compare the definitions behind the steps that more than one of the runs called."""
    work.look("comparing code")
    edits: dict[tuple[str, bool], _Edit] = {}
    codes = [_codes(work, side) for side in work.sides]
    for function in dict.fromkeys(name for mine in codes for name in mine):
        digests = [mine.get(function) for mine in codes]
        if sum(one is not None for one in digests) < 2:
            continue
        # A run that did not call it is like the first that did.
        first = next(n for n, one in enumerate(digests) if one is not None)
        states = [digests[first] if one is None else one for one in digests]
        others = list(unlike(states))
        if not others:
            work.found.equal("code")
        for number in range(len(states)):
            if states[number] != states[0]:
                _note(work, edits, function, (states[0] or "", states[number] or ""), number)
    for edit in edits.values():
        edit.tell(work)
    _compare_statements(work)


def _codes(work: Work, side: Side) -> dict[str, str]:
    """Give the last code that each function was called with."""
    return {call.function: call.code for call in work.calls(side) if call.code}


@dataclass(slots=True)
class _Edit:
    """An edit of one definition, which several steps may rest on."""

    subject: str
    reasons: dict[int, Reason] = field(default_factory=dict)
    """By run: what is different there from the first one."""
    paths: dict[str, None] = field(default_factory=dict)

    def tell(self, work: Work) -> None:
        """Add a difference for each of the ways in which it differs."""
        one = next(iter(self.reasons.values()))
        version = one.kind is ReasonKind.VERSION_CHANGED and ":" not in self.subject
        kind: DifferenceKind = "package" if version else "code"
        states = [_state(self.reasons.get(number)) for number in range(len(work.sides))]
        values = [self._value(number) for number in range(len(work.sides))]
        for number in unlike(states):
            work.found.add(
                kind,
                display(self.subject),
                values,
                run=number,
                detail=self.reasons[number].diff,
                where="; ".join(self.paths),
            )

    def _value(self, number: int) -> str | None:
        reason = self.reasons.get(number)
        one = reason or next(iter(self.reasons.values()))
        if one.old is not None or one.new is not None:
            return one.old if reason is None else one.new
        if not one.diff:
            return "" if reason is None else one.summary
        gone, come = _sizes(one.diff)
        if reason is None:
            return None if not gone and come else _lines("−", gone)
        return None if not come and gone else _lines("+", come)


def _state(reason: Reason | None) -> tuple[str, ...]:
    return () if reason is None else (reason.summary, reason.diff, reason.new or "")


def _sizes(diff: str) -> tuple[int, int]:
    body = diff.splitlines()[2:]
    return sum(line[:1] == "-" for line in body), sum(line[:1] == "+" for line in body)


def _lines(sign: str, number: int) -> str:
    return f"{sign}{number} line{'s' * (number != 1)}"


def _note(
    work: Work,
    edits: dict[tuple[str, bool], _Edit],
    function: str,
    digests: tuple[str, str],
    number: int,
) -> None:
    """Take note of what differs between two codes of a function."""
    old, new = (_definitions(work, digest) for digest in digests)
    for reason in code_reasons(function, old, new):
        if reason.subject == function and not reason.diff and reason.old is None:
            words = f"{display(function)}: its code differs (#{digests[0][:8]}, #{digests[1][:8]})"
            work.found.cannot(f"{words}; {reason.summary}")
        address = (reason.subject, reason.kind is ReasonKind.VERSION_CHANGED)
        edit = edits.setdefault(address, _Edit(reason.subject))
        edit.reasons.setdefault(number, reason)
        path = reason.path or (display(function),)
        edit.paths[" → ".join(path)] = None


def _definitions(work: Work, digest: str) -> Sequence[Definition] | None:
    return work.stores.definitions(digest) or None


# The script itself ------------------------------------------------------------------------------


def _compare_statements(work: Work) -> None:
    """Compare those statements of the scripts that lead to their steps."""
    if work.step is not None or len({side.info.script for side in work.sides}) > 1:
        return
    texts = [_statements(work, side) for side in work.sides]
    if any(text is None for text in texts):
        return
    script = work.sides[0].info.script
    if len(set(texts)) == 1:
        work.found.equal("code")
        return
    found = [line_changes(texts[0] or "", text or "", script) for text in texts]
    gone = max(one.removed for one in found)
    values = [_lines("−", gone), *(_lines("+", one.added) for one in found[1:])]
    for number in unlike(texts):
        work.found.add(
            "code", script, values, run=number, detail=found[number].diff,
            where="statements that lead to its steps",
        )  # fmt: skip


def _statements(work: Work, side: Side) -> str | None:
    """Give the statements of a script that lead to its calls, in order; ``None`` if not kept."""
    use = next((one for one in side.trace.analyses if one.script == side.info.script), None)
    document = None if use is None else work.stores.document(use.digest)
    if document is None:
        return None
    found: dict[int, str] = {}
    try:
        for site in Analysis.from_json(document).sites:
            lines = iter(site.slice.split("\n"))
            # As the text was put together: the lines of each statement, one after the other.
            for file, first, last in sorted(site.lines):
                for number in range(first, min(last, first + _LARGEST) + 1):
                    text = next(lines)
                    if file == side.info.script:
                        found[number] = text
    except (*MALFORMED, StopIteration):
        return None
    return "\n".join(text for _, text in sorted(found.items())[:_LARGEST])
