"""Making a report of runs: as a text, or as a file that is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobtui_core.errors import ReportError
from jobtui_core.project.reporting import markdown, page
from jobtui_core.project.reporting.document import compose
from jobtui_core.project.reporting.gather import gather
from jobtui_core.whole import write_whole

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["Format", "Written", "report", "write_report"]

Format = Literal["html", "markdown"]

_BEGINNING = 4096
"""Bytes of a file that are read to see whether it is a report."""


@dataclass(frozen=True, slots=True)
class Written:
    """A report that was written."""

    path: Path
    size: int
    """Bytes, of its pictures too."""
    runs: tuple[str, ...]
    """Ids of the runs that it is about."""
    folder: Path | None = None
    """Where its pictures are, if they are in files of their own."""


def report(
    project: Project,
    runs: Sequence[str] = (),
    format: Format = "html",  # noqa: A002  # what everybody calls it
    *,
    told: Callable[[str], object] | None = None,
) -> str:
    """Give a report of runs as a text.

    Parameters
    ----------
    project : Project
    runs : sequence of str
        Ids, or unique beginnings of ids; none for the newest run.  Several are a chapter each,
        after what differs between them.
    format : {"html", "markdown"}
        HTML is one page with all that it shows.  Markdown has no figures in this way: see
        `write_report`.
    told : callable, optional
        Told now and then what is being read.

    Raises
    ------
    UnknownNameError
        If there is no such run, or none at all.
    """
    document = compose(gather(project, runs, told=told))
    if format == "html":
        return page.render_page(document)
    return markdown.render_markdown(document).text


def write_report(
    project: Project,
    runs: Sequence[str],
    path: Path,
    *,
    format: Format | None = None,  # noqa: A002  # as above
    replace: bool = False,
    told: Callable[[str], object] | None = None,
) -> Written:
    """Write a report of runs to a file.

    Parameters
    ----------
    project : Project
    runs : sequence of str
        As `report` takes them.
    path : Path
        A file that is not there, or a report that was written before.  Figures of a report in
        Markdown are written to ``<name>_files/`` beside it.
    format : {"html", "markdown"}, optional
        By default, Markdown for ``.md`` and ``.markdown``, else HTML.
    replace : bool
        Whether the file may be one that is no report.
    told : callable, optional
        Told now and then what is being done.

    Raises
    ------
    UnknownNameError
        If there is no such run, or none at all.
    ReportError
        If the file is there and no report.
    OSError
        If it cannot be written; what was there is there still.
    """
    # What a link leads to is written, and the link stays.
    path = Path(os.path.realpath(path))
    _check_place(path, replace=replace)
    gathered = gather(project, runs, told=told)
    ids = tuple(one.detail.info.id for one in gathered.chapters)
    document = compose(gathered)
    if format is None:
        format = "markdown" if path.suffix.lower() in (".md", ".markdown") else "html"  # noqa: A001
    if told is not None:
        told(f"writing {path.name}")
    if format == "html":
        data = page.render_page(document).encode("utf-8")
        write_whole(path, data)
        return Written(path, len(data), ids)
    folder = path.with_name(f"{path.stem}_files")
    found = markdown.render_markdown(document, folder.name)
    data = found.text.encode("utf-8")
    size = len(data)
    if found.files:
        folder.mkdir(exist_ok=True)
        for name, picture in found.files.items():
            # Before the text: a report never names what is not there.
            write_whole(folder / name, picture)
            size += len(picture)
    write_whole(path, data)
    _clear(folder, found.files.keys())
    return Written(path, size, ids, folder if found.files else None)


def _check_place(path: Path, *, replace: bool) -> None:
    """Refuse to write where something else is.

    Raises
    ------
    ReportError
        Then.
    """
    if path.is_dir():
        raise ReportError(f"{path} is a folder; name a file in it", path=str(path))
    if not path.exists():
        return
    if not path.is_file():
        raise ReportError(f"{path} is no file", path=str(path))
    if replace or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if page.MARK.encode() not in beginning and not beginning.startswith(markdown.MARK.encode()):
        raise ReportError(
            f"{path} is there, and no report; another name, or --force, writes it", path=str(path)
        )


def _clear(folder: Path, kept: Collection[str]) -> None:
    """Remove pictures that an earlier report wrote, and that this one does not show."""
    try:
        present = [one.name for one in folder.iterdir()]
    except OSError:
        return
    for name in present:
        if markdown.is_own_picture(name) and name not in kept:
            with contextlib.suppress(OSError):
                (folder / name).unlink()
    with contextlib.suppress(OSError):
        # Only if nothing is left in it.
        folder.rmdir()
