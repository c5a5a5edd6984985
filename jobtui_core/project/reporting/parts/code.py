"""Code as it was when a run was computed by it, and what was not committed then."""

from __future__ import annotations

from collections.abc import Iterable

from jobtui_core.project.reporting.blocks import (
    Block,
    Bullets,
    Code,
    CodeLine,
    Fold,
    Inline,
    Paragraph,
    Section,
    Span,
)
from jobtui_core.project.reporting.data import Chapter, ScriptPart, Source
from jobtui_core.project.reporting.parts.words import diff, lines_of

__all__ = ["code"]


def code(chapter: Chapter) -> Section | None:
    """Give the code that a run's results rest on; ``None`` if nothing is known of it."""
    found: list[Block] = [_script(one) for one in chapter.scripts]
    own = [one for one in chapter.sources if one.own]
    used = [one for one in chapter.sources if not one.own]
    found += map(_source, own)
    if used:
        # Constants and imports are lines: one fold for each would be mostly folds.
        found.append(Fold(f"What these use · {len(used)} definitions", tuple(_used(used))))
    if chapter.detail.diff.strip():
        title = (Span("Uncommitted changes", "warn"), " of the working tree when it began")
        found.append(Fold(title, (diff(chapter.detail.diff),)))
    if chapter.detail.untracked:
        title = (Span("Files that git did not follow", "warn"), " when it began")
        names = tuple(Span(name, "code") for name in chapter.detail.untracked[:200])
        found.append(Fold(title, (Bullets(names),)))
    if not found:
        return None
    text = "What the results rest on, as it was: functions, and all of the project that they use."
    if chapter.scripts:
        text += " Of a script, the statements that lead to its steps; the rest of it is not kept."
    return Section("Code as it was", (Paragraph(text, "dim"), *found))


def _script(part: ScriptPart) -> Fold:
    lines: list[CodeLine] = []
    width = len(str(max((number for number, _ in part.lines), default=0)))
    last = 0
    for number, text in part.lines:
        if last and number > last + 1:
            lines.append(CodeLine("", "", "⋮".rjust(width)))
        lines.append(CodeLine(text[:2000], "", str(number).rjust(width)))
        last = number
    return Fold(
        (Span(part.script, "code"), ": how its steps are called"), (Code(tuple(lines), "python"),)
    )


def _source(one: Source) -> Fold:
    place = f" · {one.file}:{one.line}" if one.file else ""
    title: Inline = (Span(one.name.rpartition(":")[2], "strong"), Span(place, "dim"))
    return Fold(title, (lines_of(one.source, "python"),))


def _used(sources: Iterable[Source]) -> Iterable[Block]:
    """Give definitions, those of one file together."""
    files: dict[str, list[Source]] = {}
    for one in sources:
        files.setdefault(one.file or one.name.partition(":")[0], []).append(one)
    for name, mine in files.items():
        yield Paragraph(Span(name, "code"))
        mine.sort(key=lambda one: one.line)
        texts: list[str] = []
        for one in mine:
            # A statement may define several names.
            if one.source not in texts:
                texts.append(one.source)
        yield lines_of(_together(texts), "python")


def _together(texts: Iterable[str]) -> str:
    """Put definitions below each other, with a line between those that are longer than one."""
    found = ""
    for text in texts:
        apart = "\n" if found and ("\n" in text.strip() or found.endswith("\n\n")) else ""
        found += apart + text.rstrip() + ("\n\n" if "\n" in text.strip() else "\n")
    while "\n\n\n" in found:
        found = found.replace("\n\n\n", "\n\n")
    return found
