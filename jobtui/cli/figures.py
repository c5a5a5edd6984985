"""Figures of runs on the command line: listed, and written into a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.plain import count
from jobtui_core.labbook import FigureInfo

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["figure_rows", "write_figures"]

_KINDS: tuple[Literal["png", "svg"], ...] = ("png", "svg")
_LONGEST = 60


def figure_rows(figures: Sequence[FigureInfo]) -> list[Sequence[Cell]]:
    """Tell of figures, one in a row."""
    return [
        (
            (one_line(one.name), ""),
            (one_line(one.step) or "the script itself", "dim"),
            (f"{one.width}×{one.height}" if one.width else "", "dim"),
            (f"drawn in run {one_line(one.run)}" if one.hit else "", "dim"),
        )
        for one in figures
    ]


def write_figures(
    project: Project, figures: Sequence[FigureInfo], folder: Path, output: Output
) -> None:
    """Write the pictures of figures into a folder, those that are there under other names beside.

    Parameters
    ----------
    project : Project
    figures : sequence of FigureInfo
    folder : Path
        Made if it is not there.
    output : Output
        Told which files there are.
    """
    from jobtui_core.project import figure_bytes

    if not figures:
        output.line("no figures were drawn there, or none were kept", "yellow")
        return
    folder.mkdir(parents=True, exist_ok=True)
    gone = 0
    for number, one in enumerate(figures, 1):
        found = [(kind, figure_bytes(project, one, kind)) for kind in _KINDS]
        gone += not any(data for _, data in found)
        for kind, data in found:
            if data is not None:
                path = folder / f"{number:02}-{_file_name(one)}.{kind}"
                path.write_bytes(data)
                output.line(str(path), exact=True)
    if gone:
        output.line(f"{count(gone, 'figure')} cannot be read any more", "yellow")


def _file_name(one: FigureInfo) -> str:
    """Give what a file may be called everywhere; the names of figures are anybody's."""
    stem = re.sub(r"\.(png|svg|pdf|jpe?g)$", "", one.name, flags=re.IGNORECASE)
    text = "-".join(filter(None, (one.step, stem)))
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:_LONGEST] or "figure"
