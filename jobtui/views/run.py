"""What is known of a run: the text of the first tab of its record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobtui.glyphs import RUN_GLYPHS, STAR
from jobtui.plain import age, clock_time, count, duration, plain, plain_lines, short
from jobtui.services.runs import took
from jobtui.views.lines import Line, Span, line
from jobtui.views.plans import held_sentences
from jobtui_core.labbook import RunDetail
from jobtui_core.records import ParameterInfo, RunInfo, RunState
from jobtui_core.tracing.redacted import redacted_value, redacted_words
from jobtui_core.trees import shown_name

__all__ = ["STATE_INKS", "overview_lines"]

STATE_INKS: dict[RunState, str] = {
    RunState.QUEUED: "new",
    RunState.RUNNING: "running",
    RunState.DONE: "fresh",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "unused",
    RunState.DIED: "failed",
    RunState.SILENT: "unsure",
}
"""The ink of each state; a sign and a word stand beside it."""

_MOST = 20
"""Files, or packages, that are listed one by one."""

_WIDEST = 80

_WORDS = {
    RunState.QUEUED: "it waits for its turn",
    RunState.DIED: "its process is gone and left no end",
    RunState.SILENT: "on another host, not heard of for a while",
}


def overview_lines(run: RunInfo, detail: RunDetail | None, *, now: float) -> list[Line]:
    """Show what is known of a run.

    Parameters
    ----------
    run : RunInfo
        As the table has it, which is never older.
    detail : RunDetail or None
        All there is, if that was read.
    now : float
        In seconds since the epoch.
    """
    star: tuple[Span, ...] = ((f"{STAR} ", "warn"),) if run.starred else ()
    head = line(*star, (plain(run.script), "title"), (f"  {plain(run.id)}", "dim"))
    lines = [head, _state(run)]
    if run.error:
        lines += [line(("✗ ", "bad"), (plain(short(run.error, 400)), "bad"))]
    lines += _notes(run)
    lines += [(), *_facts(run, now, untracked=len(detail.untracked) if detail else 0)]
    if detail is None:
        return [*lines, (), line(("reading …", "dim"))]
    lines += _parameters(detail.parameters)
    lines += _held(detail)
    for title, files in (("Read", detail.inputs), ("Wrote", detail.outputs)):
        lines += _pairs(title, [(shown_name(path), digest) for path, digest in files])
    lines += _pairs("Packages", detail.versions)
    if detail.warnings:
        lines += [(), line(("Warnings", "title"))]
        lines += [line(("  ! ", "warn"), plain(text)) for text in detail.warnings[:_MOST]]
    if detail.command:
        lines += [(), line(("Again", "title")), line("  ", plain(detail.command))]
    return lines


def _state(run: RunInfo) -> Line:
    words = _WORDS.get(run.state, "")
    if run.state is RunState.FAILED and run.signal is not None:
        words = f"by signal {run.signal}"
    elif run.state is RunState.FAILED and run.code is not None:
        words = f"with code {run.code}"
    sign = f"{RUN_GLYPHS[run.state]} {run.state.value}"
    return line((sign, STATE_INKS[run.state]), (f"  {words}" if words else "", "dim"))


def _notes(run: RunInfo) -> list[Line]:
    lines: list[Line] = []
    if run.note:
        lines += [(), *(line((text, "value")) for text in plain_lines(run.note))]
    if run.tags:
        lines.append(line((" ".join(f"#{plain(tag)}" for tag in run.tags), "accent")))
    return lines


def _facts(run: RunInfo, now: float, *, untracked: int) -> list[Line]:
    told: list[tuple[str, str]] = []
    if run.started is not None:
        past = age(max(now - run.started, 0.0))
        ago = past if past == "now" else f"{past} ago"
        told.append(("began", f"{clock_time(run.started)}  ({ago})"))
    told.append(("took" if run.ended is not None else "for", duration(took(run, now))))
    told.append(("calls", _calls(run)))
    told.append(("saved", duration(run.time_saved) if run.time_saved else ""))
    told.append(("words", " ".join(redacted_words(run.argv))))
    told.append(("by", " on ".join(filter(None, (run.user, run.host)))))
    told.append(("started", "by jobtui" if run.started_by == "jobtui" else "by hand"))
    told.append(("job", run.job))
    told.append(("python", run.python))
    nothing = f", {count(untracked, 'name')} not tracked" if untracked else ", nothing uncommitted"
    dirty = {True: ", with uncommitted changes", False: nothing, None: ""}
    told.append(("commit", run.commit[:12] + dirty[run.dirty] if run.commit else ""))
    told.append(("part of", f"run {run.parent}" if run.parent else ""))
    told.append(("sweep", run.sweep))
    return [line((f"{name:<10}", "dim"), plain(text)) for name, text in told if text]


def _calls(run: RunInfo) -> str:
    parts = (
        (run.hits, "from the cache"),
        (run.computed, "computed"),
        (run.old, "with older results"),
        (run.failed, "failed"),
    )
    return ", ".join(f"{number} {words}" for number, words in parts if number)


def _parameters(parameters: Sequence[ParameterInfo]) -> list[Line]:
    if not parameters:
        return []
    lines: list[Line] = [(), line(("Parameters", "title"))]
    # Those that were given first: they tell the runs of a script apart.
    ordered = sorted(parameters, key=lambda one: not _differs(one))
    width = max(len(plain(one.name)) for one in ordered)
    for one in ordered:
        value, default = (_text(one.name, item) for item in (one.value, one.default))
        differs = _differs(one)
        lines.append(
            line(
                (f"  {plain(one.name):<{width}} ", "name"),
                (f"= {value}", "accent" if differs else ""),
                (f"  default {default}" if differs else "", "warn"),
            )
        )
    return lines


def _differs(one: ParameterInfo) -> bool:
    return bool(one.value != one.default)


def _text(name: str, value: Any) -> str:
    return short(plain(repr(redacted_value(name, value))), _WIDEST)


def _held(detail: RunDetail) -> list[Line]:
    said = held_sentences(detail.held) if detail.held is not None else []
    if not said:
        return []
    return [(), *(line((text, "stale" if matters else "dim")) for text, matters in said)]


def _pairs(title: str, pairs: Sequence[tuple[str, str]]) -> list[Line]:
    if not pairs:
        return []
    lines: list[Line] = [(), line((title, "title"), (f"  {len(pairs)}", "dim"))]
    width = min(max(len(plain(name)) for name, _ in pairs[:_MOST]), 48)
    for name, text in pairs[:_MOST]:
        lines.append(line(f"  {plain(name):<{width}}  ", (plain(short(text, 16)), "dim")))
    if len(pairs) > _MOST:
        lines.append(line((f"  and {count(len(pairs) - _MOST, 'more')}", "dim")))
    return lines
