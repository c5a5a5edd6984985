"""From a run's first event to its last: what a process does besides telling of calls."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from jobtui_core.farewell import at_last
from jobtui_core.root import relative_name
from jobtui_core.tracing import environment, protocol
from jobtui_core.tracing.beat import Heartbeat
from jobtui_core.tracing.capture import Capture, Copied, Watched
from jobtui_core.tracing.ending import Ending, ExitWatch
from jobtui_core.tracing.files import quiet
from jobtui_core.tracing.journal import Journal
from jobtui_core.tracing.liveness import boot_id, file_safe_host, host_name, process_start
from jobtui_core.tracing.marks import MARKS_NAME, Marks, worker_marks
from jobtui_core.tracing.redacted import redacted_parameters
from jobtui_core.tracing.sharing.places import is_shared
from jobtui_core.tracing.sharing.used import used_stores
from jobtui_core.tracing.trouble import complain

if TYPE_CHECKING:
    from jobtui_core.tracing.written import Run

__all__ = ["Lifetime", "worker_path"]


def worker_path(folder: Path) -> Path:
    """Give the event file of this process, when it is not the run's main one."""
    return folder / f"events-{file_safe_host()}-{os.getpid()}.jsonl"


class Lifetime:
    """Heartbeat, captured output, forks and the end of one process's part in a run.

    Parameters
    ----------
    folder : Path
        The run's.
    worker : bool
        Whether another process is the run's main one.
    by_hand : bool
        Whether nobody else writes the run's log and its end.
    """

    def __init__(self, folder: Path, *, worker: bool, by_hand: bool) -> None:
        self._folder = folder
        self._worker = worker
        self._by_hand = by_hand
        self._pid = os.getpid()
        self._capture: Capture | None = None
        self._journal: Journal | None = None
        self._watch: ExitWatch | None = None
        self._beat = Heartbeat(self._write_beat)

    def journal(self, path: Path) -> Journal:
        """Make this process's event file."""
        self._journal = Journal(path, self._lost)
        return self._journal

    def capture(self) -> Capture | None:
        """Begin to note what is printed, and to copy it to the log, if nobody else does."""
        if _under_debugger():
            return None
        name = worker_marks(self._pid) if self._worker else MARKS_NAME
        log, marks = self._folder / "output.log", Marks(self._folder / name)
        try:
            if self._by_hand or (self._worker and _was_started_by_hand(self._folder)):
                self._capture = Copied(log, marks)
            else:
                self._capture = Watched(log, marks)
        except OSError as error:
            complain(f"The output of this run is not kept: {error}")
        return self._capture

    def start_facts(
        self, root: Path, script: Path, argv: Sequence[str], overrides: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Give the fields of ``run_start``."""
        parent = os.environ.get(protocol.RUN)
        return {
            "run": self._folder.name,
            "script": relative_name(script, root),
            "argv": list(argv),
            "parameters": redacted_parameters(overrides),
            "host": host_name(),
            "boot": boot_id(),
            "pid": self._pid,
            "pid_start": process_start(self._pid),
            "user": environment.user_name(),
            "python": sys.version.partition(" ")[0],
            "versions": environment.versions(),
            "job": environment.job_id(),
            "git": environment.git_state(root),
            "cwd": _working_directory(root),
            "started_by": "hand" if self._by_hand else "jobtui",
            "sweep": "" if self._by_hand else os.environ.get(protocol.SWEEP, ""),
            "parent": parent if parent != self._folder.name else None,
        }

    def begin(self, run: Run, frame: FrameType | None) -> None:
        """Follow the process from now on to its end.

        Parameters
        ----------
        run : Run
        frame : FrameType, optional
            The script's own.
        """
        self._run = run
        if not self._worker:
            # First: threads of our own come later.
            self._ask_git(run.root)
            self._watch = ExitWatch(frame, run.root)
            self._beat.start()
            run.pulse = self._beat.start
        atexit.register(self._end)
        at_last("record", self._record_arrivals)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._beat.stop, after_in_child=self._after_fork)

    def _ask_git(self, root: Path) -> None:
        """Have it found out what is not committed; whoever starts a run for others does so itself.

        Not for a run that is out of the way, as a check's: its folder does not last.
        """
        if not self._by_hand or os.environ.get(protocol.RUNS):
            return
        with suppress(OSError):
            from jobtui_core.tracing import gitdiff

            if gitdiff.has_repository(root) and gitdiff.can_be_unnoticed():
                with quiet():
                    gitdiff.record_changes(root, self._folder)

    def _write_beat(self) -> None:
        if self._journal is not None:
            self._journal.write("beat")

    def _lost(self, error: OSError) -> None:
        complain(f"The record of this run ends here, it cannot be written: {error}")

    def _after_fork(self) -> None:
        self._worker = True
        self._watch = None
        self._pid = os.getpid()
        self._beat.forget()
        if self._capture is not None:
            self._capture.after_fork(self._folder / worker_marks(self._pid))
        self._run.after_fork(worker_path(self._folder))

    def _end(self) -> None:
        """Write the last events, while the interpreter shuts down."""
        try:
            self._beat.stop()
            self._run.write_files()
            self._run.write_counts()
            self._run.close_observers()
            self._run.flush()
            if self._watch is None or self._journal is None:
                return
            ending = self._watch.ending()
            if ending.error is not None:
                self._journal.write("error", **ending.error)
            if self._by_hand:
                self._journal.write("run_end", code=ending.code, signal=None, state=ending.state)
            self._share(ending)
        except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
            complain(f"The end of this run is not recorded: {error}")

    def _record_arrivals(self) -> None:
        try:
            self._run.write_arrivals()
        except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
            complain(f"What arrived last is not recorded: {error}")

    def _share(self, ending: Ending) -> None:
        """Put the run's record, and those that others left, where results of it are shared."""
        root = self._run.root
        workers = any(self._folder.glob("events-*.jsonl"))
        if workers or any(is_shared(store, root) for store in used_stores()):
            # Not before: most projects keep their results to themselves.
            from jobtui_core.tracing.sharing.publish import share_run, share_unshared

            share_run(root, self._folder, ending)
            share_unshared(root)


def _was_started_by_hand(folder: Path) -> bool:
    """Tell whether nobody but the processes of a run writes its log; a supervisor speaks first."""
    try:
        with (folder / "events.jsonl").open("rb") as file:
            return b'"event":"run_start"' in file.readline(1 << 16)
    except OSError:
        return False


def _under_debugger() -> bool:
    return sys.gettrace() is not None


def _working_directory(root: Path) -> str | None:
    try:
        return relative_name(Path.cwd(), root)
    except OSError:
        return None
