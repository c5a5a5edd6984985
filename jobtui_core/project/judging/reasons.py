"""Why a call site is not fresh: what differs from the nearest call that was recorded."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jobtui_core.diffs.code import code_reasons, definitions, display, short
from jobtui_core.diffs.texts import unified
from jobtui_core.entry.describe import without_secrets
from jobtui_core.project.judging.formerly import recorded_argument
from jobtui_core.project.judging.inputdiff import input_reasons
from jobtui_core.records import Reason, ReasonKind, Verdict
from jobtui_core.tracing.redacted import concealed

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Call, Record
    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.project.judging.analyses import Analysed
    from jobtui_core.project.judging.preconditions import Producer
    from jobtui_core.slices import CallSite

__all__ = [
    "cannot_follow",
    "changed_code",
    "differences",
    "failure",
    "in_words",
    "input_reasons",
    "nearest",
    "objects",
    "ordered",
    "upstream",
    "waiting",
]

_OPTIONS = "(options)"
"""Under this name an analysis counts what belongs to the key of a decorator's arguments."""

_ORDER = (
    ReasonKind.FAILED,
    ReasonKind.NEVER_RUN,
    ReasonKind.VERSION_CHANGED,
    ReasonKind.CODE_CHANGED,
    ReasonKind.PARAMETER_CHANGED,
    ReasonKind.INPUT_CHANGED,
    ReasonKind.UNDECLARED_FILE,
    ReasonKind.SCRIPT_CHANGED,
    ReasonKind.OUTPUT_MISSING,
    ReasonKind.OUTPUT_MODIFIED,
    ReasonKind.EVICTED,
    ReasonKind.UPSTREAM,
    ReasonKind.CANNOT_FOLLOW,
)
"""The most telling first: what somebody decided or edited; what lies there; what follows from it.

An exception that was raised and a result that never was come before all reasons to compute again.
Of one kind, those with a diff come first, and the nearer ones: `sorted` keeps the order in which
they were found, the function itself before what it calls.
"""

assert set(_ORDER) == set(ReasonKind)


def ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Sort reasons, the most telling first, and say each once."""
    once = {(one.kind, one.subject, one.summary): one for one in reversed(list(reasons))}
    first = reversed(once.values())
    return tuple(sorted(first, key=_rank))


def _rank(one: Reason) -> tuple[int, bool]:
    shows = bool(one.diff) or one.old is not None or one.new is not None
    return _ORDER.index(one.kind), not shows


def nearest(site: CallSite, records: Iterable[Record]) -> Record | None:
    """Give the recorded call that a call site today is most like."""

    def likeness(record: Record) -> tuple[bool, int, float]:
        return record.site.chain == site.chain, _alike(site, record.site), record.started

    return max((record for record in records if record.calls), key=likeness, default=None)


def _alike(one: CallSite, other: CallSite) -> int:
    """How many of their components are equal."""
    arguments = [
        name for name, value in one.arguments.items()
        if other.arguments.get(name, {}).get("digest") == value.get("digest")
    ]  # fmt: skip
    equal = (
        one.code == other.code,
        one.parameters == other.parameters,
        one.values == other.values,
        one.slice == other.slice,
        one.template == other.template,
    )
    return sum(equal) + len(arguments)


def differences(
    site: CallSite, record: Record, analysed: Analysed, evidence: Evidence
) -> list[Reason]:
    """Say in what a call site differs from a recorded one, whatever came from upstream."""
    old = record.site
    found: list[Reason] = []
    if site.code != old.code:
        found += changed_code(site.function, old.code, analysed, evidence)
    has_version = any(reason.kind is ReasonKind.VERSION_CHANGED for reason in found)
    if not has_version and site.values.get(_OPTIONS) != old.values.get(_OPTIONS):
        found.append(_options_reason(site, old))
    parameters = _parameter_reasons(site, old)
    found += parameters
    values = _value_reasons(site, old, explained=bool(parameters))
    told = {reason.subject for reason in found}
    if told and values:
        # A constant of the code, too: what it was and is has been said.
        values = [reason for reason in values if reason.subject not in told]
    if values and site.slice == old.slice:
        values = _argv_reasons(record, analysed, evidence) or values
    found += values
    written = _argument_reasons(site, record, evidence, explained=bool(found))
    if written and site.slice == old.slice:
        # Not a line is another one, and the words on the command line are.
        written = _argv_reasons(record, analysed, evidence) or written
    found += written
    if not found and site.slice != old.slice:
        found.append(_slice_reason(site, old, analysed))
    return found or _argv_reasons(record, analysed, evidence)


def changed_code(
    function: str, old: str | None, analysed: Analysed, evidence: Evidence
) -> list[Reason]:
    """Say what changed in a function's code since the fingerprint ``old``."""
    before = evidence.definitions(old) if old is not None else ()
    today = analysed.fingerprint(function)
    after = definitions(today.symbols) if today is not None else None
    return code_reasons(function, before or None, after)


def _parameter_reasons(site: CallSite, old: CallSite) -> list[Reason]:
    found = []
    for name in site.parameters.keys() & old.parameters.keys():
        before, now = old.parameters[name], site.parameters[name]
        same = (now, concealed(name, now))
        if any(type(before) is type(one) and before == one for one in same):
            continue
        words = tuple(short(without_secrets(name, repr(value))) for value in (before, now))
        # Secrets, and texts that differ where they are cut off, show the same.
        differ = words[0] != words[1]
        found.append(
            Reason(
                kind=ReasonKind.PARAMETER_CHANGED,
                subject=name,
                summary=f"{name}: {words[0]} → {words[1]}" if differ else f"{name} changed",
                old=words[0] if differ else None,
                new=words[1] if differ else None,
            )
        )
    return sorted(found, key=lambda reason: reason.subject)


def _value_reasons(site: CallSite, old: CallSite, *, explained: bool) -> list[Reason]:
    """Globals that the function reads by value, unless a parameter says it already."""
    found = []
    for name in sorted(site.values.keys() | old.values.keys()):
        if name not in site.values or name not in old.values:
            # The name is new in the code, or went from it: that is told of the code.
            continue
        if name == _OPTIONS or explained or site.values[name] == old.values[name]:
            continue
        summary = f"{display(name)}, which {site.name} reads, changed"
        found.append(
            Reason(
                kind=ReasonKind.CODE_CHANGED,
                subject=name,
                summary=summary + _one_line(old.slice, site.slice),
                diff=unified(old.slice, site.slice, name),
            )
        )
    return found


def _one_line(old: str, new: str) -> str:
    """Give the line that changed, before and now, where it is a single one."""
    before, after = old.splitlines(), new.splitlines()
    gone = [line for line in before if line not in after]
    come = [line for line in after if line not in before]
    if len(gone) != 1 or len(come) != 1:
        return ""
    words = [short(without_secrets("", line)) for line in (gone[0], come[0])]
    return f": {words[0]} → {words[1]}" if words[0] != words[1] else ""


def _options_reason(site: CallSite, old: CallSite) -> Reason:
    """Say which argument of the decorator is another one."""
    before, now = (short(", ".join(one.inputs) or "none") for one in (old, site))
    if before != now:
        summary = f"inputs of {site.name}: {before} → {now}"
        return Reason(
            kind=ReasonKind.VERSION_CHANGED,
            subject=site.function,
            summary=summary,
            old=before,
            new=now,
        )
    summary = f"inputs=, files= or a constant in output= in the decorator of {site.name} changed"
    return Reason(kind=ReasonKind.VERSION_CHANGED, subject=site.function, summary=summary)


def _argument_reasons(
    site: CallSite, record: Record, evidence: Evidence, *, explained: bool
) -> list[Reason]:
    """Arguments that are written differently; those that only mean another value if need be."""
    old = record.site
    found = []
    for name in dict.fromkeys([*site.arguments, *old.arguments]):
        before, now = old.arguments.get(name), site.arguments.get(name)
        if before is not None and now is not None and before.get("digest") == now.get("digest"):
            continue
        texts = tuple(short(str((one or {}).get("text", "nothing"))) for one in (before, now))
        if texts[0] != texts[1]:
            summary = f"argument {name}: {texts[0]} → {texts[1]}"
        elif explained:
            continue
        else:
            summary = f"the lines that give {name} changed{_one_line(old.slice, site.slice)}"
        then = _with_value(texts[0], recorded_argument(record, name, evidence))
        found.append(
            Reason(
                kind=ReasonKind.SCRIPT_CHANGED,
                subject=name,
                summary=summary,
                diff=unified(old.slice, site.slice, "script"),
                old=then if then != texts[1] else None,
                new=texts[1] if then != texts[1] else None,
            )
        )
    return found


def _with_value(text: str, value: str | None) -> str:
    """Give an expression with the value that it had, unless it says that itself."""
    return text if value is None or value == text else f"{text}, which was {value}"


def _argv_reasons(record: Record, analysed: Analysed, evidence: Evidence) -> list[Reason]:
    """Say that the script's words on the command line are others, where they are."""
    run = evidence.run(record.run)
    if run is None or run.argv == analysed.argv:
        return []
    before, now = (short(shlex.join(words)) or "none" for words in (run.argv, analysed.argv))
    return [
        Reason(
            kind=ReasonKind.SCRIPT_CHANGED,
            subject=analysed.script,
            summary=f"arguments of {analysed.script}: {before} → {now}",
            old=before,
            new=now,
        )
    ]


def _slice_reason(site: CallSite, old: CallSite, analysed: Analysed) -> Reason:
    place = site.chain[-1] if site.chain else None
    where = f" ({place.file}:{place.line})" if place is not None else ""
    return Reason(
        kind=ReasonKind.SCRIPT_CHANGED,
        subject=analysed.script,
        summary=f"the lines that lead to the call of {site.name} changed{where}",
        diff=unified(old.slice, site.slice, analysed.script),
    )


def upstream(name: str, why: str) -> Reason:
    """Say that a step has to come first."""
    return Reason(kind=ReasonKind.UPSTREAM, subject=name, summary=f"waits for {name}, which {why}")


def objects(name: str) -> Reason:
    """Say that an accepted step gives objects whose class was edited."""
    summary = f"{name} gives objects whose class was edited, which may count as other values"
    return Reason(kind=ReasonKind.UPSTREAM, subject=name, summary=summary)


def waiting(producer: Producer, path: str) -> Reason:
    """Say that a file's step has to come first."""
    summary = f"{path} comes from {producer.name} in {producer.script}, which {producer.why}"
    return Reason(kind=ReasonKind.UPSTREAM, subject=producer.name, summary=summary)


def in_words(verdict: Verdict | None) -> str:
    """Continue "waits for trend, which …"."""
    return {
        Verdict.FAILED: "failed",
        Verdict.RUNNING: "is running",
        Verdict.NEW: "never ran",
        Verdict.STALE: "is stale",
        Verdict.UNSURE: "is unsure",
    }.get(verdict or Verdict.FRESH, "is fresh")


def cannot_follow(subject: str, sentences: Iterable[str]) -> list[Reason]:
    """Say what cannot be told without running."""
    return [
        Reason(kind=ReasonKind.CANNOT_FOLLOW, subject=subject, summary=sentence)
        for sentence in sentences
    ]


def failure(call: Call) -> Reason:
    """Say how a call failed."""
    words = short(call.error) or "it raised an exception"
    return Reason(kind=ReasonKind.FAILED, subject=call.function, summary=words)
