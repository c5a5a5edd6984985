"""Reading run records, whole or as they grow.

Reads the files only: nothing of the user's is imported, unpickled or run, and what the files say
is untrusted text.
"""

from __future__ import annotations

from pathlib import Path

from jobtui_core.tracing.traces import RunTrace

__all__ = ["RunReader", "read_run"]


class RunReader:
    """Follows one run's folder.

    Parameters
    ----------
    folder : Path
        ``.jobtui/runs/<id>``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def update(self) -> bool:
        """Read what is new since the last time; tell whether anything changed.

        Costs one listing and one stat a file when nothing did.  The passing of time may change
        ``info.state`` (a process that died) without any new event: that counts as a change too.
        """
        raise NotImplementedError

    @property
    def trace(self) -> RunTrace:
        """What is known as of the last ``update``."""
        raise NotImplementedError


def read_run(folder: Path) -> RunTrace:
    """Read all records of a run.

    A folder that is missing or empty gives a trace without events whose state is ``DIED``.
    """
    reader = RunReader(folder)
    reader.update()
    return reader.trace
