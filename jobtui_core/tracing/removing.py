"""Removing records of runs, so that they do not grow for ever.

`jobtui_core.project.pruning` removes what younger runs make superfluous, whenever runs are
started by ``jobtui``.  Of a project that nobody looks at, scripts themselves remove the oldest
runs once there are ten times as many as are to be kept.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from jobtui_core.root import load_config
from jobtui_core.tracing.notes import CHANGES

__all__ = ["remove_run", "remove_unseen"]

_GONE = ".gone-"
"""What the names of runs begin with that are being removed; they lie beside the runs' folder."""

_TIMES = 10
"""How many times more runs than are to be kept there may be before scripts remove some."""

_FEW = 1_000
"""Runs among which nobody looks for any that are too many."""

_AT_ONCE = 32
"""Runs that a script removes at most, as it begins."""


def remove_run(folder: Path) -> bool:
    """Remove a run that is over; readers see all of it or nothing.

    Returns
    -------
    bool
        ``False`` if it cannot be removed.
    """
    beside = folder.parent.parent
    for left in beside.glob(f"{_GONE}*"):
        # Somebody was killed while doing it.
        shutil.rmtree(left, ignore_errors=True)
    gone = beside / f"{_GONE}{folder.name}"
    try:
        folder.rename(gone)
    except OSError:
        return False
    shutil.rmtree(gone, ignore_errors=True)
    return True


def remove_unseen(root: Path, runs: Path) -> None:
    """Remove some of the oldest runs if there are far too many; never fails.

    Parameters
    ----------
    root : Path
        The project's, for its settings.
    runs : Path
        The folder of its runs.

    Notes
    -----
    A run with a star stays, and one that says that a call changes what it was given: only it knows
    that the hits of later runs are not all that the call did.
    """
    # Whatever is wrong here, the script goes on; the next one tries again.
    with suppress(Exception):
        with os.scandir(runs) as entries:
            names = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False))
        if len(names) <= _FEW:
            return
        surplus = len(names) - _TIMES * load_config(root).keep_runs
        if surplus <= 0:
            return
        from jobtui_core.tracing.read import read_run
        from jobtui_core.tracing.runnotes import starred_runs

        starred = starred_runs(runs)
        for name in [one for one in names if one not in starred][: min(surplus, _AT_ONCE)]:
            trace = read_run(runs / name)
            changes = any(CHANGES in note for call in trace.calls for note in call.notes)
            if not trace.info.state.active and not changes:
                remove_run(runs / name)
