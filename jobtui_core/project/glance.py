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
from typing import TYPE_CHECKING

from jobtui_core.folders import is_folder
from jobtui_core.named import is_url
from jobtui_core.project.kept.lastlook import DAMAGED, LastLook, kept_answer, look_bytes, look_path
from jobtui_core.project.kept.stamps import Stamps
from jobtui_core.project.storetrouble import store_trouble
from jobtui_core.trees import is_tree
from jobtui_core.whole import write_whole

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.project.reader import Reader
    from jobtui_core.project.verdicts import Look
    from jobtui_core.records import ProjectStatus

__all__ = ["overview", "overview_answer"]

_ANSWERS = 6
"""Questions whose answers are kept: plain, as JSON, for terminals of several widths."""


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
        from jobtui_core.project.kept.columns import without_detail
        from jobtui_core.project.verdicts import status

        return without_detail(status(project, scripts))
    return replace(known, scripts=tuple(one for one in known.scripts if one.path in scripts))


def overview_answer(
    project: Project,
    question: str,
    answer: Callable[[ProjectStatus], tuple[int, str]],
    *,
    colours: bool = False,
) -> tuple[int, str]:
    """Answer a question about the status of the whole project, once while nothing changes.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    question : str
        All that the answer depends on beside the status; ASCII, in one line.
    answer : callable
        Makes the answer: an exit code and a text.
    colours : bool
        Whether the text sets colours of a terminal.

    Returns
    -------
    tuple of int and str
        The answer: this one, or the one that was kept.
    """
    root = os.fspath(project.root)
    known = kept_answer(root, question, colours=colours)
    if known is not None:
        return known
    status = overview(project)
    code, text = answer(status)
    with suppress(*DAMAGED):
        _keep_answer(root, status, question, (code, text.encode()))
    return code, text


def _keep_answer(
    root: str, status: ProjectStatus, question: str, answer: tuple[int, bytes]
) -> None:
    with LastLook(root) as look:
        # Stamped anew or still standing: of this very status, or the answer is not kept.
        if look.status != _status_bytes(status) or not look.holds():
            return
        answers = {name: one for name, one in look.answers.items() if name != question}
        answers = dict([*answers.items(), (question, answer)][-_ANSWERS:])
        data = look_bytes(look.stamps, look.status, answers)
    write_whole(look_path(root), data)


def _look(project: Project) -> ProjectStatus:
    from jobtui_core.project.kept.columns import without_detail
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
    stamps = _stamped(project, reader, look, began)
    if stamps is None:
        return
    data = look_bytes(stamps.to_bytes(), _status_bytes(found), {})
    project.index_folder.mkdir(exist_ok=True)
    write_whole(look_path(os.fspath(project.root)), data)


def _status_bytes(status: ProjectStatus) -> bytes:
    from jobtui_core.project.kept.columns import to_columns

    return json.dumps(to_columns(status), separators=(",", ":")).encode("ascii")


def _stamped(project: Project, reader: Reader, look: Look, began: int) -> Stamps | None:
    """Stamp all that a look rested on; ``None`` if that cannot be done for certain."""
    evidence = reader.evidence
    if evidence.growing or reader.walk.truncated or store_trouble(project) is not None:
        return None
    root = os.fspath(project.root)
    stamps = Stamps(root, began)
    stamps.add_search(reader.walk)
    for name in reader.files:
        stamps.add_file(f"{root}{os.sep}{name}")
    for analysed in look.scripts.values():
        for path in (*analysed.texts, *analysed.tree.consulted):
            stamps.add_file(os.fspath(path))
        for path in analysed.tree.missed:
            stamps.add_gone(os.fspath(path))
    for name in look.files.looked_at:
        if is_url(name) or is_tree(name) or is_folder(name):
            # Nothing says in time that a file elsewhere has changed, or one of many.
            return None
        # One outside the root is named by its absolute path, which stays as it is.
        stamps.add_file(os.path.join(root, name))  # noqa: PTH118  # called for many files
    stamps.add_packages()
    stamps.add_folder(os.fspath(project.runs_folder))
    for run in evidence.run_folders:
        stamps.add_folder(run, "events")
    folders: dict[str | None, str] = {}
    stores = evidence.stores
    for (place, name), there in stores.objects.items():
        if place not in folders:
            folder = stores.folder_of(place)
            if folder is None:
                return None
            folders[place] = folder
        stamps.add_object(folders[place], name, there=there)
    for folder in {*folders.values(), *map(stores.folder_of, (None, *stores.shared))}:
        if folder is None:
            # Nothing says in time that a store on another machine has changed.
            return None
        stamps.add_folder(f"{folder}{os.sep}alias")
    # Records of others may be copied to the project's own store any time.
    for place in {None, *stores.shared}:
        stamps.add_folder(f"{stores.folder_of(place)}{os.sep}runs")
    return stamps if stamps.certain else None


# -- asking --------------------------------------------------------------------------------------


def _kept_status(project: Project) -> ProjectStatus | None:
    try:
        with LastLook(os.fspath(project.root)) as look:
            if not look.holds():
                return None
            data = json.loads(look.status)
    except (*DAMAGED, RecursionError):
        return None
    from jobtui_core.project.kept.columns import from_columns

    try:
        return from_columns(data)
    except (ValueError, RecursionError):
        return None
