"""Opening the app, where there is a terminal to open it on."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from jobtui.cli.parser import UsageError
from jobtui_core.records import RunRequest

__all__ = ["has_terminal", "open_app"]


def has_terminal() -> bool:
    """Tell whether somebody can see and type."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_app(
    folder: Path,
    *,
    tip: str | None = None,
    start: RunRequest | None = None,
    browse: bool = False,
    place: str | None = None,
    filter: str = "",  # noqa: A002  # the word of the screen
    runs: str | None = None,
) -> int:
    """Show a project until the app is left.

    Parameters
    ----------
    folder : Path
        The project, or a folder in it.
    tip : str, optional
        One line that says what to try.
    start : RunRequest, optional
        What to run at once.
    browse : bool
        Begin with the Cache.
    place : str, optional
        The store that it shows; by default the project's.
    filter : str
        The filter on its entries.
    runs : str, optional
        Begin with Runs, and with this filter.

    Raises
    ------
    UsageError
        If there is no terminal, or on Windows, where runs cannot be supervised.
    """
    if sys.platform == "win32":
        raise UsageError("the app needs Linux or macOS; on Windows, use WSL")
    if not has_terminal():
        raise UsageError("the app needs a terminal; jobtui status, run and ls do without")
    # What is imported now stays: going through it again and again meanwhile finds nothing, and
    # takes a tenth of the start.  run_app collects as usual.
    gc.disable()
    from jobtui.app import Browse, run_app

    begun = Browse(place, filter) if browse else None
    run_app(folder, tip=tip, start=start, browse=begun, runs=runs)
    return 0
