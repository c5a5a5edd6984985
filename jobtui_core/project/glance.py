"""The plain status of a project, answered from the last one while nothing has changed.

The last status is kept in ``.jobtui/index`` with stamps of all that it was read from: sources and
the folders in which more of them might appear, runs, entries, inputs and outputs.  It may be
deleted at any time.  Whatever cannot be told for certain is looked at properly.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobtui_core.project.stamps import Stamps, circumstances, holds
from jobtui_core.project.walk import FolderWalk
from jobtui_core.regular import read_regular
from jobtui_core.whole import write_whole

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.project.reader import Reader
    from jobtui_core.project.verdicts import Look
    from jobtui_core.records import ProjectStatus

__all__ = ["overview", "overview_text"]

_FORMAT = 2
_NAME = "status.jsonl"
_STATUS, _TEXT = 1, 2
"""Lines behind the stamps: the status, and a text that says it."""

_LARGEST = 128_000_000
"""Bytes; a status of more than some hundred thousand steps is not kept."""


def overview(project: Project, scripts: Sequence[str] | None = None) -> ProjectStatus:
    """Give the status of a project without what only the detail of one step shows.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    scripts : sequence of str, optional
        Those to tell about, relative to the root; all by default.

    Returns
    -------
    ProjectStatus
        As `status` gives it, but that steps have no ``keys``, ``compared`` and ``not_compared``.
    """
    known = _kept_status(project)
    if known is None:
        known = _look(project)
    if scripts is None:
        return known
    paths = {script.path for script in known.scripts}
    if not paths.issuperset(scripts):
        from jobtui_core.project.columns import without_detail
        from jobtui_core.project.verdicts import status

        return without_detail(status(project, scripts))
    return replace(known, scripts=tuple(one for one in known.scripts if one.path in scripts))


def overview_text(project: Project, render: Callable[[ProjectStatus], str], name: str) -> str:
    """Give the status as a text, which is kept beside the status that it says.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    render : callable
        Makes the text.
    name : str
        Of the way in which it does that; another one makes another text.

    Returns
    -------
    str
        Untrusted, like all that lies on a disk.
    """
    kept = _kept(project)
    if kept is not None and len(kept) > _TEXT:
        with suppress(ValueError, LookupError, TypeError):
            known, text = json.loads(kept[_TEXT])
            if known == name and type(text) is str:
                return text
    status = overview(project)
    text = render(status)
    # Stamped anew or still standing: of this very status, or the text is not kept.
    kept = _kept(project)
    if kept is not None:
        from jobtui_core.project.columns import to_columns

        with suppress(OSError, ValueError):
            if json.loads(kept[_STATUS]) == to_columns(status):
                _write(project, [*kept[:_TEXT], json.dumps([name, text]).encode()])
    return text


def _look(project: Project) -> ProjectStatus:
    from jobtui_core.project.columns import without_detail
    from jobtui_core.project.reader import reader_of
    from jobtui_core.project.verdicts import Look

    began = time.time_ns()
    with reader_of(project) as reader:
        look = Look(reader)
        found = without_detail(look.status())
        if project.state_folder.is_dir():
            with suppress(OSError, ValueError):
                _keep(project, found, reader, look, began)
    return found


# -- keeping -------------------------------------------------------------------------------------


def _keep(project: Project, found: ProjectStatus, reader: Reader, look: Look, began: int) -> None:
    from jobtui_core.project.columns import to_columns

    stamps = _stamped(project, reader, look, began)
    if stamps is None:
        return
    head = {
        "format": _FORMAT,
        "circumstances": circumstances(project),
        "walk": reader.walk.to_json(),
        "python": list(reader.files),
        **stamps.to_json(),
    }
    parts = (head, to_columns(found))
    _write(project, [json.dumps(part, separators=(",", ":")).encode() for part in parts])


def _write(project: Project, lines: Sequence[bytes]) -> None:
    folder = project.index_folder
    folder.mkdir(exist_ok=True)
    write_whole(folder / _NAME, b"\n".join(lines))


def _stamped(project: Project, reader: Reader, look: Look, began: int) -> Stamps | None:
    """Stamp all that a look rested on; ``None`` if that cannot be done for certain."""
    evidence = reader.evidence
    if evidence.growing or reader.walk.truncated:
        return None
    stamps = Stamps(began)
    root = os.fspath(project.root)
    for name in reader.files:
        stamps.add_file(f"{root}{os.sep}{name}")
    for analysed in look.scripts.values():
        for path in (*analysed.texts, *analysed.tree.consulted):
            stamps.add_file(os.fspath(path))
        stamps.gone += map(os.fspath, analysed.tree.missed)
    for name in look.files.looked_at:
        # One outside the root is named by its absolute path, which stays as it is.
        stamps.add_file(os.path.join(root, name))  # noqa: PTH118  # called for many files
    stamps.add_packages(root)
    stamps.add_folder(os.fspath(project.runs_folder))
    for run in evidence.run_folders:
        stamps.add_folder(run, "events")
    folders: dict[str | None, str] = {}
    for (place, name), there in evidence.objects.items():
        if place not in folders:
            folder = evidence.folder_of(place)
            if folder is None:
                return None
            folders[place] = folder
        stamps.add_object(folders[place], name, there=there)
    for folder in {*folders.values(), evidence.folder_of(None)}:
        if folder is None:
            return None
        stamps.add_folder(f"{folder}{os.sep}alias")
    return stamps if stamps.certain else None


# -- asking --------------------------------------------------------------------------------------


def _kept(project: Project) -> list[bytes] | None:
    """Give the lines that were kept, if everything is still as their stamps say."""
    path = project.index_folder / _NAME
    try:
        lines = read_regular(path, _LARGEST).split(b"\n")
        data: Any = json.loads(lines[0])
        if data["format"] != _FORMAT or data["circumstances"] != circumstances(project):
            return None
        walk = FolderWalk(project.root, project.config.exclude)
        walk.restore(data["walk"])
        if list(walk.files()) != data["python"] or walk.truncated or not holds(data):
            return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return lines if len(lines) > _STATUS else None


def _kept_status(project: Project) -> ProjectStatus | None:
    lines = _kept(project)
    if lines is None:
        return None
    from jobtui_core.project.columns import from_columns

    try:
        return from_columns(json.loads(lines[_STATUS]))
    except (ValueError, RecursionError):
        return None
