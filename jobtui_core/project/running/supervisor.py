"""The process that owns a queue: it outlives the app, starts the scripts, reaps and cancels them.

It is started as ``python -P -m jobtui_core.project.running.supervisor QUEUE_FOLDER``, forks itself
once so that whoever asked need not wait for its end, and writes ``state.json`` before it lets go of
them.  It takes its orders from files in the queue's folder, and from signals only the hint to look:
SIGUSR1 after leaving a cancel file, SIGTERM or SIGINT to cancel everything.  SIGHUP is ignored.

Scripts are started in the project root, the folder from which they would be run by hand.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from jobtui_core.project.running.environment import script_environment
from jobtui_core.project.running.interpreter import wrap
from jobtui_core.project.running.journal import OUTPUT, append_event
from jobtui_core.project.running.lastline import last_line
from jobtui_core.project.running.processes import ProcessId, identify
from jobtui_core.project.running.queues import (
    CANCEL_ALL,
    QueuedRun,
    QueueFolder,
    QueueRequest,
    QueueState,
)
from jobtui_core.project.running.schedule import Schedule
from jobtui_core.root import STATE_FOLDER
from jobtui_core.tracing.gitdiff import has_repository, record_changes
from jobtui_core.tracing.growth import EVERY, Growth

__all__ = ["Supervisor", "main"]

_LOOK = 1.0
"""Seconds between two looks when no signal came: a cancel file may come without one."""

_LAST_WORDS = 10.0
"""Seconds for which the end of a run is tried to be written on a full disk, at the very end."""


@dataclass(slots=True)
class _Script:
    """One script that was started."""

    queued: QueuedRun
    process: subprocess.Popen[bytes]
    id: ProcessId
    growth: Growth
    kill_at: float | None = None
    """When its group is killed, on the monotonic clock; set once it is to be cancelled."""


class Supervisor:
    """Runs the scripts of one queue to their end.

    Parameters
    ----------
    folder : QueueFolder
        Where the request lies, and where its state goes.
    """

    def __init__(self, folder: QueueFolder) -> None:
        self.folder = folder
        self.request: QueueRequest = folder.read_request()
        self._root = Path(self.request.root)
        self._runs = {queued.run: queued for queued in self.request.runs}
        after = {queued.run: queued.after for queued in self.request.runs}
        self._schedule = Schedule(after, self.request.jobs)
        self._scripts: dict[str, _Script] = {}
        self._ids: dict[str, ProcessId] = {}
        self._lingering: dict[int, float] = {}
        """Process groups of cancelled scripts that are to be killed then."""
        self._unwritten: list[tuple[Path, str, dict[str, Any]]] = []
        self._cancel_all = False
        self._saved: QueueState | None = None
        self._wake, self._wake_write = os.pipe()

    def run(self, acknowledge: Callable[[], None]) -> None:
        """Work until everything has ended.

        Parameters
        ----------
        acknowledge : callable
            Called once, when the queue's state can be read and orders are heeded.
        """
        self._install_handlers()
        self._save()
        if self._saved is None:
            return
        acknowledge()
        while True:
            self._heed_cancels()
            self._drop_hopeless()
            self._start_ready()
            self._retry_events()
            if self._schedule.finished and not self._lingering:
                break
            self._save()
            self._wait()
            for script in self._scripts.values():
                script.growth.look()
            self._reap()
            self._kill_overdue()
        self._leave()

    # Signals ------------------------------------------------------------------------------------

    def _install_handlers(self) -> None:
        # Handlers, not SIG_IGN: what is ignored stays so across exec, and a script would be deaf
        # to Ctrl+C, as it is under nohup or behind a shell's "&".
        for number in (signal.SIGCHLD, signal.SIGUSR1, signal.SIGHUP):
            signal.signal(number, _ignore)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        for number in (signal.SIGQUIT, signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for end in (self._wake, self._wake_write):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._cancel_all = True

    def _wait(self) -> None:
        deadlines = [script.kill_at for script in self._scripts.values() if script.kill_at]
        deadlines += self._lingering.values()
        pause = min([_LOOK, *(max(0.0, at - time.monotonic()) for at in deadlines)])
        if self._lingering:
            pause = min(pause, 0.05)
        elif self._scripts:
            pause = min(pause, EVERY)
        if select.select([self._wake], [], [], pause)[0]:
            os.read(self._wake, 4096)

    # Starting -----------------------------------------------------------------------------------

    def _start_ready(self) -> None:
        while (run := self._schedule.next()) is not None:
            self._schedule.start(run)
            self._start(self._runs[run])

    def _start(self, queued: QueuedRun) -> None:
        folder = self._run_folder(queued.run)
        if has_repository(self._root):
            record_changes(self._root, folder)
        # A name that begins with a dash would be taken for an option of the interpreter.
        script = f"./{queued.script}" if queued.script.startswith("-") else queued.script
        command = wrap(self.request.launch, [*self.request.command, script, *queued.argv])
        try:
            with (folder / OUTPUT).open("ab", buffering=0) as output:
                process = subprocess.Popen(
                    command,
                    cwd=self._root,
                    env=script_environment(self.request, queued),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
        except (OSError, ValueError) as error:
            self._end(queued.run, "failed", error=f"It could not be started: {error}")
            return
        started = identify(process.pid)
        self._scripts[queued.run] = _Script(queued, process, started, Growth(folder / OUTPUT))
        self._ids[queued.run] = started
        self._tell(
            queued.run,
            "run_spawned",
            host=started.host,
            boot=started.boot,
            pid=started.pid,
            pid_start=started.start,
            command=command,
        )

    def _drop_hopeless(self) -> None:
        while (pair := self._schedule.hopeless()) is not None:
            run, before = pair
            script = self._runs[before].script
            error = f"Not started: it reads what {script} makes, and {script} did not finish."
            self._end(run, "cancelled", error=error)

    # Ending -------------------------------------------------------------------------------------

    def _reap(self) -> None:
        for run, script in list(self._scripts.items()):
            code = script.process.poll()
            if code is None:
                continue
            del self._scripts[run]
            script.growth.close()
            if script.kill_at is not None:
                self._lingering[script.process.pid] = script.kill_at
            cancelled = script.kill_at is not None and code != 0
            if code == 0:
                self._end(run, "done", code=0)
            elif code < 0:
                number = -code
                error = "" if cancelled else f"Killed by {_signal_name(number)}."
                self._end(run, "cancelled" if cancelled else "failed", signal=number, error=error)
            else:
                error = "" if cancelled else last_line(self._run_folder(run) / OUTPUT)
                self._end(run, "cancelled" if cancelled else "failed", code=code, error=error)

    def _end(
        self,
        run: str,
        state: Literal["done", "failed", "cancelled"],
        *,
        code: int | None = None,
        signal: int | None = None,
        error: str = "",
    ) -> None:
        self._schedule.finish(run, well=state == "done")
        self._tell(run, "run_end", code=code, signal=signal, state=state, error=error)

    def _heed_cancels(self) -> None:
        try:
            wanted = self.folder.cancelled()
        except OSError:
            wanted = set()
        everything = self._cancel_all or CANCEL_ALL in wanted
        for run in list(self._schedule.waiting):
            if everything or run in wanted:
                self._end(run, "cancelled", error="Cancelled before it started.")
        for run, script in self._scripts.items():
            if (everything or run in wanted) and script.kill_at is None:
                self._tell(run, "cancel")
                _signal_group(script.process.pid, signal.SIGINT)
                script.kill_at = time.monotonic() + self.request.grace

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for script in self._scripts.values():
            if script.kill_at is not None and script.kill_at <= now:
                _signal_group(script.process.pid, signal.SIGKILL)
        # The script itself has ended; children of a cancelled one get the rest of its time.
        for group, at in list(self._lingering.items()):
            if at <= now:
                _signal_group(group, signal.SIGKILL)
            if at <= now or not _group_exists(group):
                del self._lingering[group]

    # Writing ------------------------------------------------------------------------------------

    def _run_folder(self, run: str) -> Path:
        return self._root / STATE_FOLDER / "runs" / run

    def _tell(self, run: str, event: str, /, **fields: Any) -> None:
        fields["time"] = time.time()
        self._unwritten.append((self._run_folder(run), event, fields))
        self._retry_events()

    def _retry_events(self) -> None:
        # In order for each run, and none is lost to a disk that is full for a while.
        waiting, self._unwritten = self._unwritten, []
        stuck: set[Path] = set()
        for folder, event, fields in waiting:
            try:
                if folder not in stuck:
                    append_event(folder, event, **fields)
                    continue
            except FileNotFoundError:
                continue  # Somebody deleted the run: nobody is left to tell.
            except OSError as error:
                _log(f"{folder.name}: {event} not written: {error}")
                stuck.add(folder)
            self._unwritten.append((folder, event, fields))

    def _save(self, *, over: bool = False) -> None:
        state = QueueState(
            id=self.folder.id,
            state="done" if over else "running",
            jobs=self.request.jobs,
            supervisor=identify(),
            runs=tuple(self._runs),
            processes=dict(self._ids),
            finished=frozenset(self._schedule.done | self._schedule.failed),
        )
        if state == self._saved:
            return
        try:
            self.folder.write_state(state)
        except OSError as error:
            _log(f"the queue's state was not written: {error}")
        else:
            self._saved = state

    def _leave(self) -> None:
        give_up = time.monotonic() + _LAST_WORDS
        while True:
            self._retry_events()
            self._save(over=True)
            written = not self._unwritten and self._saved and self._saved.state == "done"
            if written or time.monotonic() >= give_up or not self.folder.path.is_dir():
                break
            time.sleep(0.2)
        # Scripts do it themselves, unless they were killed; whoever waits has been told by now.
        from jobtui_core.tracing.sharing.publish import share_unshared

        share_unshared(self._root)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing: the wake-up pipe has what matters."""


def _log(text: str) -> None:
    # The disk that is full is the one that this would go to.
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _signal_group(group: int, number: int) -> None:
    # Gone, or (macOS) nothing but zombies left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def main(argv: list[str]) -> int:
    """Supervise the queue in the folder that is the only word of ``argv``."""
    folder = QueueFolder(Path(argv[0]))
    supervisor = Supervisor(folder)
    answer, answer_write = os.pipe()
    if os.fork():
        # Whoever asked waits for this process, not for the supervisor: the answer is its end.
        os.close(answer_write)
        os._exit(0 if os.read(answer, 1) else 1)
    os.close(answer)

    def acknowledge() -> None:
        os.write(answer_write, b"+")
        os.close(answer_write)

    supervisor.run(acknowledge)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
