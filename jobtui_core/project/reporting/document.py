"""A report as blocks: its chapters, and before them what differs between these."""

from __future__ import annotations

from collections.abc import Iterable

from jobtui_core.plain import count
from jobtui_core.project.reporting.blocks import Block, Bullets, Document, Section
from jobtui_core.project.reporting.data import Chapter, ReportData
from jobtui_core.project.reporting.parts.code import code
from jobtui_core.project.reporting.parts.comparing import comparing, letter, overview
from jobtui_core.project.reporting.parts.failed import failed
from jobtui_core.project.reporting.parts.figures import figures
from jobtui_core.project.reporting.parts.heading import heading, parameters, run_title, said
from jobtui_core.project.reporting.parts.logs import logs
from jobtui_core.project.reporting.parts.ran import ran
from jobtui_core.project.reporting.parts.repeat import files, repeat
from jobtui_core.project.reporting.parts.results import results
from jobtui_core.project.reporting.parts.words import moment
from jobtui_core.project.reporting.shown import anchor

__all__ = ["compose"]


def compose(data: ReportData) -> Document:
    """Turn what was gathered into blocks."""
    foot = f"Written by jobtui {data.version} on {moment(data.made)}"
    if len(data.chapters) == 1:
        (chapter,) = data.chapters
        info = chapter.detail.info
        return Document(
            run_title(info),
            f"A run of {info.script} in {data.project}",
            (*heading(chapter), *_parts(chapter, data), *_missing(data)),
            foot,
        )
    blocks: list[Block] = [overview(data.chapters)]
    if data.comparison is not None:
        blocks.append(comparing(data.comparison, data.pictures))
    for number, chapter in enumerate(data.chapters):
        info = chapter.detail.info
        blocks.append(
            Section(
                f"{letter(number)}: {run_title(info)}",
                (*heading(chapter), *_parts(chapter, data)),
                anchor=anchor("run", info.id),
                chapter=True,
            )
        )
    blocks += _missing(data)
    scripts = list(dict.fromkeys(one.detail.info.script for one in data.chapters))
    names = ", ".join(scripts[:3]) + (" …" if len(scripts) > 3 else "")
    title = f"{count(len(data.chapters), 'run')} of {names}"
    return Document(title, f"In {data.project}", tuple(blocks), foot)


def _parts(chapter: Chapter, data: ReportData) -> Iterable[Section]:
    """Give the parts of a chapter: what came of it first, and how to repeat it last."""
    found = (
        parameters(chapter),
        failed(chapter),
        ran(chapter),
        figures(chapter, data.pictures),
        results(chapter),
        logs(chapter),
        code(chapter),
        files(chapter),
        repeat(chapter),
        said(chapter),
    )
    for part in found:
        if part is not None:
            name = anchor(chapter.detail.info.id, str(part.title))
            yield Section(part.title, part.blocks, anchor=name)


def _missing(data: ReportData) -> Iterable[Block]:
    if data.missing:
        yield Section("What is not here", (Bullets(data.missing),), anchor=anchor("missing"))
