"""Writing beside runs: notes, tags and stars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core.errors import NoteError
from jobtui_core.labbook import RunNotes
from jobtui_core.project.running.history import find_run
from jobtui_core.tracing.environment import user_name
from jobtui_core.tracing.runnotes import LONGEST_NOTE, change_notes, tag_problem

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["note_run"]


def note_run(
    project: Project,
    run: str,
    note: str | None = None,
    tags: Sequence[str] | None = None,
    starred: bool | None = None,
    *,
    add_tags: Iterable[str] = (),
    remove_tags: Iterable[str] = (),
) -> RunNotes:
    """Write beside a run; what is left out stays as it is.

    Parameters
    ----------
    project : Project
    run : str
        Its id, the unique beginning of one, ``last`` or ``last~1``.
    note : str, optional
        In place of what is there; an empty one takes it away.
    tags : sequence of str, optional
        In place of those that are there.
    starred : bool, optional
        A run with a star is never pruned, and nothing that it needs is.
    add_tags, remove_tags : iterable of str
        Tags to put to the others, or to take from them.

    Returns
    -------
    RunNotes
        What is there now.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    NoteError
        If it is too long, a tag is no single word, or it cannot be written.
    """
    added, removed = tuple(add_tags), frozenset(remove_tags)
    if note is not None and len(note) > LONGEST_NOTE:
        raise NoteError(f"a note has {LONGEST_NOTE:,} characters at most, not {len(note):,}")
    _check((*(tags or ()), *added))
    folder = project.runs_folder / find_run(project, run)

    def change(before: RunNotes) -> RunNotes:
        found = {*(before.tags if tags is None else tags), *added} - removed
        _check(sorted(found))
        return replace(
            before,
            note=before.note if note is None else note.strip(),
            tags=tuple(sorted(found)),
            starred=before.starred if starred is None else starred,
        )

    try:
        return change_notes(folder, change, user_name())
    except OSError as error:
        raise NoteError(
            f"the notes of run {folder.name} cannot be written: {error.strerror or error}"
        ) from error


def _check(tags: Sequence[str]) -> None:
    if problem := tag_problem(tags):
        raise NoteError(problem)
