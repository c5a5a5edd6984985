"""What stands at the beginning of a run's chapter: where it stands, notes, and parameters."""

from __future__ import annotations

from collections.abc import Iterable

from jobtui_core.plain import count, duration
from jobtui_core.project.reporting.blocks import (
    Block,
    Box,
    Bullets,
    Facts,
    Inline,
    Paragraph,
    Section,
    Span,
    Table,
)
from jobtui_core.project.reporting.data import Chapter
from jobtui_core.project.reporting.parts.words import moment, state, value_text
from jobtui_core.records import RunInfo
from jobtui_core.tracing.redacted import redacted_words

__all__ = ["heading", "parameters", "run_title", "said"]


def run_title(info: RunInfo) -> str:
    """Name a run by its script and the beginning of its time."""
    return f"{info.script or 'run'} · {moment(info.started)[:19] or info.id}"


def heading(chapter: Chapter) -> Iterable[Block]:
    """Give what a reader wants to know first."""
    info, notes = chapter.detail.info, chapter.detail.notes
    if notes.starred or notes.tags:
        star: tuple[Span, ...] = (Span("★ starred", "badge"),) if notes.starred else ()
        yield Paragraph((*star, *(Span(tag, "badge") for tag in notes.tags)))
    if notes.note.strip():
        yield Box(notes.note.strip(), "note")
    if info.error:
        yield Box(info.error, "error")
    yield Facts(tuple(_facts(info)))


def _facts(info: RunInfo) -> Iterable[tuple[str, Inline]]:
    yield "State", _state(info)
    yield "Script", Span(info.script, "code")
    if info.argv:
        words = tuple(Span(word, "code") for word in redacted_words(info.argv))
        yield "Arguments", tuple(part for word in words for part in (word, " "))[:-1]
    if info.started is not None:
        took = duration(info.ended - info.started) if info.ended is not None else ""
        yield "Begun", f"{moment(info.started)}{f', took {took}' if took else ''}"
    yield "Results", _counts(info)
    if info.time_saved >= 0.0005:
        yield "Time saved", f"{duration(info.time_saved)}, which stored results took once"
    who = "@".join(part for part in (info.user, info.host) if part)
    if who:
        yield "By", who
    if info.job:
        yield "Job", info.job
    if info.parent:
        yield "Started by", ("run ", Span(info.parent, "code"))
    if info.sweep:
        yield "Sweep", Span(info.sweep, "code")
    yield "Run", Span(info.id, "code")


def _state(info: RunInfo) -> Inline:
    found = [state(info.state)]
    if info.signal is not None:
        found.append(Span(f", by signal {info.signal}"))
    elif info.code:
        found.append(Span(f", exit code {info.code}"))
    return tuple(found)


def _counts(info: RunInfo) -> Inline:
    found = [f"{info.computed} computed", f"{info.hits} from the store"]
    if info.old:
        found.append(f"{info.old} older ones, as asked for")
    if info.failed:
        return (", ".join(found) + ", ", Span(count(info.failed, "failure"), "bad"))
    return ", ".join(found)


def parameters(chapter: Chapter) -> Section | None:
    """Give the parameters: those of another value than their default first."""
    known = chapter.detail.parameters
    given = chapter.detail.info.parameters
    rows: list[tuple[Inline, ...]] = []
    rows += (
        (
            Span(one.name, "strong" if _differs(one.default, one.value) else ""),
            Span(value_text(one.name, one.value), "code"),
            Span(value_text(one.name, one.default), "code"),
            one.help,
        )
        for one in sorted(known, key=lambda one: not _differs(one.default, one.value))
    )
    names = {one.name for one in known}
    rows += (
        (Span(name, "strong"), Span(value_text(name, value), "code"), "", "")
        for name, value in given.items()
        if name not in names
    )
    if not rows:
        return None
    helps = any(row[3] for row in rows)
    columns = ("Parameter", "Value", "Default", "What it is")
    table = Table(columns if helps else columns[:3], tuple(r if helps else r[:3] for r in rows))
    return Section("Parameters", (table,))


def _differs(default: object, value: object) -> bool:
    return type(default) is not type(value) or default != value


def said(chapter: Chapter) -> Section | None:
    """Give what jobtui itself had to say, and what this report does not have."""
    found: list[Block] = []
    if chapter.detail.warnings:
        found.append(Bullets(chapter.detail.warnings))
    if chapter.missing:
        found += [Paragraph("What this report does not have:", "dim"), Bullets(chapter.missing)]
    return Section("Remarks", tuple(found)) if found else None
