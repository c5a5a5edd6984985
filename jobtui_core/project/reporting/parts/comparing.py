"""What differs between the runs of a report, and the results side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from jobtui_core.labbook import Comparison, Difference, RunNotes
from jobtui_core.plain import count, duration, short
from jobtui_core.project.reporting.blocks import (
    Block,
    Bullets,
    Fold,
    Gallery,
    Inline,
    Paragraph,
    Picture,
    Section,
    Span,
    Table,
)
from jobtui_core.project.reporting.data import Chapter
from jobtui_core.project.reporting.parts.figures import picture_of
from jobtui_core.project.reporting.parts.heading import run_title
from jobtui_core.project.reporting.parts.words import diff, lines_of, moment, state
from jobtui_core.project.reporting.shown import anchor

__all__ = ["KINDS", "comparing", "letter", "overview"]

KINDS = {
    "script": "Script",
    "argv": "Words on the command line",
    "parameter": "Parameters",
    "code": "Code",
    "input": "Inputs",
    "package": "Packages",
    "environment": "Environment",
    "outcome": "How it went",
    "result": "Results",
    "figure": "Figures",
    "log": "Logs",
}
"""Headings, in the order of the report: what was done differently first, then what came of it."""

_LONGEST = 200
"""Characters of a side."""

_MOST = 300
"""Differences of a kind that are shown."""


def letter(number: int) -> str:
    """Name a run in tables: A, B … Z, AA …"""
    rest, place = divmod(number, 26)
    return (letter(rest - 1) if rest else "") + chr(ord("A") + place)


def overview(chapters: Sequence[Chapter]) -> Section:
    """List the runs of a report."""
    rows = tuple(_run(number, one) for number, one in enumerate(chapters))
    columns = ("", "Run", "Begun", "State", "Took", "Note")
    return Section("Runs", (Table(columns, rows, frozenset({4})),), anchor=anchor("runs"))


def _run(number: int, chapter: Chapter) -> tuple[Inline, ...]:
    info = chapter.detail.info
    both = info.started is not None and info.ended is not None
    took = duration(info.ended - info.started) if both else ""  # type: ignore[operator]  # both
    return (
        Span(letter(number), "badge"),
        (info.script, " ", Span(info.id, "code")),
        moment(info.started)[:19],
        state(info.state),
        took,
        _note(chapter.detail.notes),
    )


def _note(notes: RunNotes) -> Inline:
    parts: list[str | Span] = [Span("★ ")] if notes.starred else []
    parts += [Span(tag, "badge") for tag in notes.tags]
    parts.append(short(" ".join(notes.note.split()), 120))
    return tuple(parts)


def comparing(comparison: Comparison, pictures: Mapping[str, bytes]) -> Section:
    """Say what differs, by kind."""
    letters = [letter(number) for number in range(len(comparison.runs))]
    named = [
        f"{one} is {run_title(run)}" for one, run in zip(letters, comparison.runs, strict=True)
    ]
    blocks: list[Block] = [Paragraph("; ".join(named) + ".", "dim")]
    found = [(kind, comparison.of(kind)) for kind in KINDS]
    if not any(mine for _, mine in found):
        blocks.append(Paragraph("Nothing differs in what was compared."))
    for kind, mine in found:
        if mine:
            parts = tuple(_kind(kind, mine[:_MOST], letters, pictures))
            if len(mine) > _MOST:
                parts += (Paragraph(f"… and {len(mine) - _MOST:,} more.", "dim"),)
            blocks.append(Section(KINDS[kind], parts))
    if comparison.same:
        same = ", ".join(_same(kind, number) for kind, number in comparison.same if number)
        blocks.append(Paragraph(f"Compared, and the same: {same}.", "dim"))
    if comparison.not_compared:
        blocks += [Paragraph("Not compared:", "dim"), Bullets(comparison.not_compared)]
    return Section("What differs", tuple(blocks), anchor=anchor("compared"))


_NOUNS = {
    "code": ("piece of code", "pieces of code"),
    "environment": ("fact of the environment", "facts of the environment"),
    "argv": ("list of arguments", "lists of arguments"),
}


def _same(kind: str, number: int) -> str:
    return count(number, *_NOUNS.get(kind, (kind,)))


def _kind(
    kind: str, mine: Sequence[Difference], letters: Sequence[str], pictures: Mapping[str, bytes]
) -> Iterable[Block]:
    if kind == "figure":
        yield from _figures(mine, letters, pictures)
    elif kind == "code" and all(one.detail for one in mine):
        yield from _details(mine, letters)
    else:
        yield _table(mine, letters)
        yield from _details(mine, letters)


def _table(mine: Sequence[Difference], letters: Sequence[str]) -> Table:
    """Give the sides of differences; of results before them by how much they differ."""
    if not any(one.numbers for one in mine):
        # Of three runs that differ in three ways there are two records with the same sides.
        known = dict.fromkeys((one.subject, one.values) for one in mine)
        rows = ((Span(name, "strong"), *_sides(values, len(letters))) for name, values in known)
        return Table(("What", *letters), tuple(rows))
    against = _against(letters)
    columns = ("What", *against, "max |Δ|", "relative", "Differ", "First place", *letters)
    first = 1 + len(against)
    found: list[tuple[Inline, ...]] = []
    before: Difference | None = None
    for one in mine:
        name: Inline = Span(one.subject, "strong")
        sides: tuple[Inline, ...] = tuple(_sides(one.values, len(letters)))
        if before is not None and (before.subject, before.values) == (one.subject, one.values):
            # Of the same sides, two others are meant.
            name, sides = "", ("",) * len(letters)
        before = one
        meant = (_between(one, letters),) if against else ()
        found.append((name, *meant, *_numbers(one), *sides))
    return Table(columns, tuple(found), frozenset(range(first, first + 3)))


def _against(letters: Sequence[str]) -> tuple[str, ...]:
    """Give the column that says which runs are meant; of two there is no doubt."""
    return ("Between",) if len(letters) > 2 else ()


def _sides(values: Sequence[str | None], number: int) -> Iterable[Inline]:
    for place in range(number):
        side = values[place] if place < len(values) else None
        yield Span("–", "dim") if side is None else Span(short(side, _LONGEST), "code")


def _between(one: Difference, letters: Sequence[str]) -> str:
    return f"{letters[0]} and {letters[one.run] if 0 < one.run < len(letters) else '?'}"


def _numbers(one: Difference) -> tuple[Inline, ...]:
    known = dict(one.numbers)
    largest, relative = known.get("max_abs"), known.get("max_rel")
    number, size = known.get("count"), known.get("size")
    return (
        "" if largest is None else f"{largest:.4g}",
        "" if relative is None else f"{relative:.3g}",
        "" if number is None or size is None else f"{number:,.0f} of {size:,.0f}",
        Span(short(one.where, 80), "code") if one.where else "",
    )


def _details(mine: Iterable[Difference], letters: Sequence[str]) -> Iterable[Block]:
    for one in mine:
        if not one.detail.strip():
            continue
        # Around the first difference of logs stand lines of both, as in a diff.
        are_diffs = one.kind in ("code", "log", "input", "script")
        block = diff(one.detail) if are_diffs else lines_of(one.detail)
        title: tuple[str | Span, ...] = (Span(one.subject, "strong"),)
        if len(letters) > 2:
            title = (*title, f" · {_between(one, letters)}")
        blocks: tuple[Block, ...] = (block,)
        if one.kind == "code" and one.where not in ("", one.subject.replace(":", ".")):
            blocks = (Paragraph(one.where, "dim"), block)
        yield Fold(title, blocks, open=one.kind in ("code", "log"))


def _figures(
    mine: Iterable[Difference], letters: Sequence[str], pictures: Mapping[str, bytes]
) -> Iterable[Block]:
    for one in mine:
        shown = []
        for name, figure in zip(letters, one.figures, strict=False):
            found = None if figure is None else picture_of(figure, pictures)
            if found is not None:
                shown.append(_with_letter(found, name))
        between = f", {_between(one, letters)}" if len(letters) > 2 else ""
        yield Paragraph((Span(one.subject, "strong"), between))
        if shown:
            yield Gallery(tuple(shown))
        else:
            sides = ", ".join(f"{a}: {b}" for a, b in zip(letters, one.values, strict=False))
            yield Paragraph(sides or "Their pictures are not kept.", "dim")
        if one.detail:
            yield Paragraph(one.detail, "dim")


def _with_letter(picture: Picture, name: str) -> Picture:
    return replace(picture, caption=Span(name, "badge"), alt=f"{picture.alt}, run {name}")
