"""The index of runs that have ended: each was read once, and what its trace came to is kept.

It lies in ``.jobtui/index`` and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.project.running.jsonfile import read_json, write_json
from jobtui_core.records import RunInfo, RunState
from jobtui_core.tracing.changes import DIFF
from jobtui_core.tracing.liveness import host_name
from jobtui_core.tracing.runnotes import NOTES

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["EndedRuns", "Look", "look_at"]

_FORMAT = 3
_TUPLES = ("argv", "tags", "steps")
_NOTHING: tuple[Any, ...] = (None, "", (), {})
"""Values that need not be kept: those that a run has of which nothing else is known."""

Signature = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Look:
    """What the listing of a run's folder tells."""

    signature: Signature
    """Changes with every event; empty where there are none."""
    noted: bool
    """Whether people wrote something beside the run."""


def look_at(folder: Path) -> Look:
    """List a run's folder."""
    noted = False
    found: Signature = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith("events") or name == DIFF:
                    facts = entry.stat()
                    found.append([name, facts.st_size, facts.st_mtime_ns])
                noted = noted or name == NOTES
    except OSError:
        return Look([], noted=False)
    return Look(sorted(found), noted)


class EndedRuns:
    """Ended runs as they were read once.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._path = project.index_folder / f"runs-{host_name()}.json"
        data = read_json(self._path) or {}
        known = data.get("runs") if data.get("format") == _FORMAT else None
        self._known: dict[str, Any] = known if isinstance(known, dict) else {}
        self._changed = False

    def get(self, run: str, signature: Signature) -> RunInfo | None:
        """Give a run as it was read; ``None`` if it was not, or has changed since."""
        entry = self._known.get(run)
        try:
            if entry is None or not signature or entry["signature"] != signature:
                return None
            info = dict(entry["info"])
            info["state"] = RunState(info["state"])
            for name in _TUPLES:
                info[name] = tuple(info.get(name, ()))
            return RunInfo(**info)
        except (TypeError, KeyError, ValueError):
            return None

    def put(self, run: str, signature: Signature, info: RunInfo) -> None:
        """Keep a run as it was read."""
        if signature:
            told = {name: value for name, value in asdict(info).items() if value not in _NOTHING}
            self._known[run] = {"signature": signature, "info": told}
            self._changed = True

    def drop_others(self, runs: Iterable[str]) -> None:
        """Forget all runs but some."""
        gone = self._known.keys() - set(runs)
        for run in gone:
            del self._known[run]
        self._changed = self._changed or bool(gone)

    def save(self) -> None:
        """Write what is new, if anything is; the next reader reads the rest again."""
        if not self._changed:
            return
        with contextlib.suppress(OSError, TypeError, ValueError):
            self._path.parent.mkdir(exist_ok=True)
            write_json(self._path, {"format": _FORMAT, "runs": self._known})
