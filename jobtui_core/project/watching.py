"""Files whose change may change a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.named import is_url

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.records import ProjectStatus, ScriptStatus

__all__ = ["watched"]

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
    files = {project.root / name for name in names if not is_url(name)}
    files |= {path for name in _SETTINGS if (path := project.root / name).is_file()}
    return tuple(sorted(files))


def _files(script: ScriptStatus) -> tuple[str, ...]:
    return (script.path, *script.sources, *script.reads, *script.writes)
