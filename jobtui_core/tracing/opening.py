"""When a run begins: at the first call of a process that runs project code, not before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobtui_core.tracing.run import NullRun, Run

__all__ = ["current", "enable_for_tests", "prepare", "project_root", "script_scope"]


def prepare() -> None:
    """Begin to notice which files the script opens, for the run that may follow.

    Called when ``make``, ``Memory`` or ``default_param`` is imported: a script reads its
    configuration before its first step.  Writes nothing; cheap; any number of times.
    """
    raise NotImplementedError


def project_root() -> Path:
    """Give the root of the project that this process runs in; absolute.

    ``JOBTUI_ROOT``, else that of the main script, else that of the working directory.
    """
    raise NotImplementedError


def current() -> Run | NullRun:
    """Give the run of this process, and open it if this is its first call."""
    raise NotImplementedError


@contextmanager
def script_scope(
    path: Path | str, params: Mapping[str, Any] | None = None, argv: Sequence[str] = ()
) -> Iterator[None]:
    """Run another script inside this one: call sites are found in its own analysis meanwhile.

    Parameters
    ----------
    path : Path or str
        The inner script, as its code object names it.
    params : mapping, optional
        Overrides of its parameters.
    argv : sequence of str
        Its ``sys.argv[1:]``.
    """
    raise NotImplementedError
    yield


@contextmanager
def enable_for_tests(root: Path, script: Path | None = None) -> Iterator[Run]:
    """Write a run of this very process although it is a test's, and end it on leaving.

    Parameters
    ----------
    root : Path
        The project root.
    script : Path, optional
        What counts as the main script; default ``script.py`` in the root, which need not exist.

    Notes
    -----
    Neither output nor exit is watched.
    """
    raise NotImplementedError
    yield
