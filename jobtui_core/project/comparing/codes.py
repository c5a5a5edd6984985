"""Which code the steps of runs had, definition by definition, and the script's own statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jobtui_core.diffs.code import code_reasons, display
from jobtui_core.diffs.texts import line_changes
from jobtui_core.hashing import combine
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
    for function, code in codes[0].items():
        others = [_counterpart(function, codes[0], mine) for mine in codes[1:]]
        if not any(others):
            continue
        differ = False
        for number, other in enumerate(others, 1):
            if other and codes[number][other] != code:
                names, digests = (function, other), (code, codes[number][other])
                differ = _note(work, edits, names, digests, number) or differ
        if not differ:
            work.found.equal("code")
    for edit in edits.values():
        edit.tell(work)
    _compare_statements(work)


def _codes(work: Work, side: Side) -> dict[str, str]:
    """Give the last code that each function was called with."""
    return {call.function: call.code for call in work.calls(side) if call.code}


def _counterpart(function: str, first: Mapping[str, str], mine: Mapping[str, str]) -> str:
    """Give the function itself, or of another script the one of the same name; else nothing."""
    if function in mine:
        return function
    name = _name(function)
    return next((one for one in mine if _name(one) == name and one not in first), "")


def _name(function: str) -> str:
    return function.rpartition(":")[2]


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
    names: tuple[str, str],
    digests: tuple[str, str],
    number: int,
) -> bool:
    """Take note of what differs between two codes of a function; tell whether anything does."""
    function = names[0]
    old, new = (work.stores.definitions(digest) or None for digest in digests)
    if names[1] != function and old is not None and new is not None:
        old, new = (_in_module(some, names[1], function) for some in (old, new))
        if {one.name: one.digest for one in old} == {one.name: one.digest for one in new}:
            return False
    for reason in code_reasons(function, old, new):
        if reason.subject == function and not reason.diff and reason.old is None:
            words = f"{display(function)}: its code differs (#{digests[0][:8]}, #{digests[1][:8]})"
            work.found.cannot(f"{words}; {reason.summary}")
        address = (reason.subject, reason.kind is ReasonKind.VERSION_CHANGED)
        edit = edits.setdefault(address, _Edit(reason.subject))
        edit.reasons.setdefault(number, reason)
        path = reason.path or (display(function),)
        edit.paths[" → ".join(path)] = None
    return True


def _in_module(some: Iterable[Definition], function: str, other: str) -> list[Definition]:
    """Give definitions as if the script that they are of had the name of another one.

    Digests tell of names too: sources take their places.
    """
    module, target = (name.rpartition(":")[0] + ":" for name in (function, other))
    return [
        replace(
            one,
            name=target + one.name.removeprefix(module)
            if one.name.startswith(module)
            else one.name,
            digest=combine("source", one.kind, one.source),
        )
        for one in some
    ]


# The script itself ------------------------------------------------------------------------------


def _compare_statements(work: Work) -> None:
    """Compare those statements of the scripts that lead to their steps."""
    if work.step is not None:
        return
    texts = [_statements(work, side) for side in work.sides]
    if any(text is None for text in texts):
        return
    script = " and ".join(dict.fromkeys(side.info.script for side in work.sides))
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
