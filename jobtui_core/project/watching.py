"""Files whose change may change a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.named import is_url
from jobtui_core.trees import Tree, is_tree

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.records import ProjectStatus, ScriptStatus

__all__ = ["watched"]

_MOST_FOLDERS, _MOST_FILES = 200, 5_000
"""Of each input that is a folder or pattern: systems watch no more than so many folders."""

_SETTINGS = ("jobtui.toml", "pyproject.toml")


def watched(project: Project, status: ProjectStatus) -> tuple[Path, ...]:
    """Give the files that verdicts were read from: sources, inputs, outputs and settings.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    status : ProjectStatus
        What was found.  New scripts and new runs are not among the files: they show in their
        folders.

    Returns
    -------
    tuple of Path
        Absolute, sorted; some may not exist (yet).
    """
    names = {path for script in status.scripts for path in _files(script)}
    # What lies at URLs can be looked at, and not watched.
    files = {project.root / name for name in names if not (is_url(name) or is_tree(name))}
    for name in filter(is_tree, names):
        files |= set(_of_many(Tree.of(name), project.root))
    files |= {path for name in _SETTINGS if (path := project.root / name).is_file()}
    return tuple(sorted(files))


def _of_many(tree: Tree, root: Path) -> Iterator[Path]:
    """Give the folders of a tree of files, in which others may appear, and the files."""
    with suppress(OSError):
        yield from map(Path, islice(tree.folders(root, _MOST_FOLDERS), _MOST_FOLDERS))
        yield from (root / tree.base / path for path, _ in islice(tree.files(root), _MOST_FILES))


def _files(script: ScriptStatus) -> tuple[str, ...]:
    return (script.path, *script.sources, *script.reads, *script.writes)
