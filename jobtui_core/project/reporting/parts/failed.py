"""What failed, with the frames of the traceback as they were."""

from __future__ import annotations

from collections.abc import Iterable

from jobtui_core.labbook import Failure, FailureFrame
from jobtui_core.plain import short
from jobtui_core.project.reporting.blocks import (
    Block,
    Box,
    Code,
    CodeLine,
    Fold,
    Inline,
    Paragraph,
    Section,
    Span,
    Table,
)
from jobtui_core.project.reporting.data import Chapter
from jobtui_core.project.reporting.parts.words import lines_of

__all__ = ["failed"]

_MOST = 20
"""Failures that are told of one by one."""

_FRAMES = 30
"""Frames of one of them."""


def failed(chapter: Chapter) -> Section | None:
    """Give the failures of a run; ``None`` if there were none."""
    found = chapter.detail.failures
    if not found:
        return None
    blocks: list[Block] = []
    for one in found[:_MOST]:
        blocks += _failure(one)
    if len(found) > _MOST:
        blocks.append(Paragraph(f"… and {len(found) - _MOST} more.", "dim"))
    return Section("What failed", tuple(blocks))


def _failure(one: Failure) -> Iterable[Block]:
    yield Box(f"{one.step or 'The script'}: {one.type}: {one.message}".rstrip(": "), "error")
    if one.arguments:
        yield _values("Argument", one.arguments)
    if one.frames:
        frames = one.frames[-_FRAMES:]
        if len(one.frames) > _FRAMES:
            yield Paragraph(f"{len(one.frames) - _FRAMES} outer frames are left out.", "dim")
        # The innermost is where it happened: that one is what people look at.
        yield from (_frame(frame, last=frame is frames[-1]) for frame in frames)
    if one.traceback.strip():
        yield Fold("Traceback as it was printed", (lines_of(one.traceback),))
    if one.replayable and one.call is not None:
        yield Paragraph(("Its arguments were kept: ", Span(f"jobtui replay {one.call}", "code")))


def _frame(frame: FailureFrame, *, last: bool) -> Fold:
    title: Inline = (Span(f"{frame.file}:{frame.line}", "code"), " in ", Span(frame.function))
    width = len(str(frame.first + len(frame.source)))
    lines = tuple(
        CodeLine(
            short(text, 500),
            "mark" if frame.first + number == frame.line else "",
            str(frame.first + number).rjust(width),
        )
        for number, text in enumerate(frame.source)
    )
    blocks: list[Block] = [Code(lines, "python")] if lines else []
    if frame.locals:
        blocks.append(_values("Local variable", frame.locals))
    return Fold(title, tuple(blocks), open=last)


def _values(name: str, values: Iterable[tuple[str, str]]) -> Table:
    rows = tuple((Span(a, "code"), Span(short(b, 1000), "code")) for a, b in values)
    return Table((name, "Value"), rows)
