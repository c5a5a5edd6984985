"""In what surrounds their calls runs differ: script, words, parameters, packages, machine, end."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from jobtui_core.diffs.code import short
from jobtui_core.diffs.texts import line_changes
from jobtui_core.entry.describe import without_secrets
from jobtui_core.hashing import combine
from jobtui_core.labbook import DifferenceKind
from jobtui_core.plain import count, duration
from jobtui_core.project.comparing.work import Side, Work, unlike
from jobtui_core.records import CallState, RunState
from jobtui_core.tracing.changes import read_changes
from jobtui_core.tracing.redacted import redacted_value, redacted_words
from jobtui_core.tracing.traces import ParameterUse

__all__ = [
    "FACTOR",
    "NOTICED",
    "compare_circumstances",
    "compare_outcomes",
    "compare_packages",
    "compare_parameters",
    "compare_words",
    "took_longer",
]

FACTOR = 1.5
"""Durations always differ: they are told where the longest is that many times the shortest."""

NOTICED = 0.5
"""And where they are so many seconds apart: nobody waits for less."""

_is_commit = re.compile(r"[0-9a-f]{40,64}").fullmatch


def _told(
    work: Work,
    kind: DifferenceKind,
    subject: str,
    states: Sequence[Hashable],
    values: Sequence[str | None],
    detail: str = "",
) -> None:
    """Add one difference where states are not all the same."""
    first = next(unlike(states), None)
    if first is None:
        work.found.equal(kind)
    else:
        work.found.add(kind, subject, values, run=first, detail=detail)


def compare_words(work: Work) -> None:
    """Compare which scripts ran, and the words on their command lines."""
    scripts = [side.info.script for side in work.sides]
    _told(work, "script", "script", scripts, scripts)
    words = [shlex.join(redacted_words(side.info.argv)) for side in work.sides]
    if any(words):
        _told(work, "argv", "argv", words, [one or None for one in words])


# Parameters -------------------------------------------------------------------------------------


def compare_parameters(work: Work) -> None:
    """Compare the values of parameters in effect, and their defaults."""
    known = [_parameters(side) for side in work.sides]
    for name in dict.fromkeys(name for one in known for name in one):
        uses = [one.get(name) for one in known]
        if any(use is not None and redacted_value(name, use.value) != use.value for use in uses):
            uses = [use and _hidden(name, use) for use in uses]
        defaults = {repr(use.default) for use in uses if use is not None}
        texts = [None if use is None else _value(name, use, len(defaults) > 1) for use in uses]
        # The texts for people are cut short.
        states = [None if use is None else (repr(use.value), repr(use.default)) for use in uses]
        _told(work, "parameter", name, states, texts)


def _parameters(side: Side) -> dict[str, ParameterUse]:
    """Give what the script asked for, and what it was given besides."""
    found = dict(side.trace.parameters)
    for name, value in side.info.parameters.items():
        found.setdefault(name, ParameterUse(name=name, value=value, default=None))
    return found


def _hidden(name: str, use: ParameterUse) -> ParameterUse:
    shown = (redacted_value(name, value) for value in (use.value, use.default))
    return ParameterUse(name=name, value=next(shown), default=next(shown))


def _value(name: str, use: ParameterUse, with_default: bool) -> str:
    text, default = (
        short(without_secrets(name, repr(value))) for value in (use.value, use.default)
    )
    if not with_default:
        return text
    return f"{text} (default)" if text == default else f"{text} (default {default})"


# What it ran on ---------------------------------------------------------------------------------


def compare_packages(work: Work) -> None:
    """Compare the versions of packages that were loaded when the runs began."""
    known = [_versions(side) for side in work.sides]
    for number, one in enumerate(known):
        if not one:
            work.found.cannot(f"packages: run {work.name(number)} recorded none")
            return
    for name in sorted({name for one in known for name in one}):
        versions = [one.get(name) for one in known]
        _told(work, "package", name, versions, versions)


def _versions(side: Side) -> dict[str, str]:
    known = side.trace.start.get("versions")
    pairs = known.items() if isinstance(known, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str) and isinstance(name, str)}


def compare_circumstances(work: Work) -> None:
    """Compare Python, machine, user, working directory and commit."""
    facts: dict[str, Callable[[Side], str]] = {
        "python": lambda side: side.info.python,
        "host": lambda side: side.info.host,
        "user": lambda side: side.info.user,
        "cwd": lambda side: _text(side.trace.start.get("cwd")),
    }
    for subject, of in facts.items():
        texts = [of(side) for side in work.sides]
        if any(texts):
            _told(work, "environment", subject, texts, [one or None for one in texts])
    _compare_commits(work)


def _compare_commits(work: Work) -> None:
    changes = [read_changes(side.folder) for side in work.sides]
    texts = []
    for side, diff in zip(work.sides, changes, strict=True):
        dirty = " with uncommitted changes" if diff or side.info.dirty else ""
        texts.append(f"{side.info.commit[:12]}{dirty}" if side.info.commit else None)
    if any(texts):
        states = [
            (side.info.commit, combine("changes", diff) if diff else side.info.dirty)
            for side, diff in zip(work.sides, changes, strict=True)
        ]
        _told_commits(work, states, texts, changes)


def _told_commits(
    work: Work, states: Sequence[Hashable], texts: Sequence[str | None], changes: Sequence[str]
) -> None:
    """Tell of other commits, and of other changes on top of one commit by a diff of their diffs."""
    commits = [side.info.commit for side in work.sides]
    others = list(unlike(states))
    if not others:
        work.found.equal("environment")
    for number in others:
        detail = where = ""
        if commits[number] == commits[0]:
            detail = line_changes(changes[0], changes[number], "uncommitted changes").diff
        elif all(map(_is_commit, (commits[0], commits[number]))):
            where = f"git diff {commits[0][:12]} {commits[number][:12]} shows what was committed"
        work.found.add("environment", "commit", texts, run=number, detail=detail, where=where)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


# How they ended ---------------------------------------------------------------------------------


def compare_outcomes(work: Work) -> None:
    """Compare how runs ended, what they computed, and the time that they took."""
    ends = [_end(side) for side in work.sides]
    _told(work, "outcome", "end", ends, ends)
    infos = [side.info for side in work.sides]
    counts = [(info.computed, info.hits, info.failed, info.old) for info in infos]
    if any(map(any, counts)):
        texts = [_counts(side) for side in work.sides]
        _told(work, "outcome", "calls", counts, texts)
    for number, info in enumerate(infos):
        if info.state.active:
            work.found.cannot(f"run {work.name(number)} is {info.state.value}: more may come")
    seconds = [_seconds(side) for side in work.sides]
    if took_longer(seconds):
        _told(work, "outcome", "duration", seconds, _durations(seconds))
    _compare_steps(work)


def _end(side: Side) -> str:
    info = side.info
    words = info.state.value
    if info.signal:
        words += f" by signal {info.signal}"
    elif info.code and info.state is not RunState.DONE:
        words += f" with exit code {info.code}"
    return f"{words}: {info.error}" if info.error else words


def _counts(side: Side) -> str:
    info = side.info
    words = [f"{info.computed} computed", f"{count(info.hits, 'hit')}"]
    words += [f"{info.failed} failed"] if info.failed else []
    words += [f"{info.old} with older results"] if info.old else []
    saved = duration(info.time_saved) if info.time_saved >= 0.0005 else ""
    return ", ".join(words) + (f", {saved} saved" if saved else "")


def _seconds(side: Side) -> float | None:
    info = side.info
    if info.started is None or info.ended is None:
        return None
    return info.ended - info.started


def took_longer(seconds: Sequence[float | None]) -> bool:
    """Tell whether durations differ by more than they always do."""
    known = [one for one in seconds if one is not None]
    if len(known) < 2:
        return False
    low, high = min(known), max(known)
    return high - low >= NOTICED and high >= FACTOR * low


def _durations(seconds: Sequence[float | None]) -> list[str | None]:
    """Write durations, each with its relation to the first run's."""
    first = seconds[0]
    found: list[str | None] = []
    for number, one in enumerate(seconds):
        text = None if one is None else duration(one)
        if text is not None and number and first and one:
            text += f" (×{one / first:.3g})"
        found.append(text)
    return found


def _compare_steps(work: Work) -> None:
    """Compare what computing each step took, where that is known of more than one run."""
    known = []
    for side in work.sides:
        mine: dict[str, float] = {}
        for call in work.calls(side):
            if call.parent is None or work.step is not None:
                took = call.saved if call.state is CallState.HIT else call.duration
                mine[call.name] = mine.get(call.name, 0.0) + (took or 0.0)
        known.append(mine)
    for name in dict.fromkeys(name for mine in known for name in mine):
        seconds = [mine.get(name) for mine in known]
        if took_longer(seconds):
            _told(work, "outcome", f"time to compute {name}", seconds, _durations(seconds))
