"""A queue of runs as it lies on disk, between whoever asked for it and the process that runs it.

::

    .jobtui/queues/<queue id>/
      request.json      what was asked for; written once, before the supervisor starts
      state.json        how far it is; written by the supervisor alone
      cancel-<run id>   somebody wants that run to end; ``cancel-all``: the whole queue
      supervisor.log    what the supervisor itself had to say; empty as a rule
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from jobtui_core.errors import UnknownNameError
from jobtui_core.project.folder import Project
from jobtui_core.project.nearest import nearest
from jobtui_core.project.running.jsonfile import read_json, write_json
from jobtui_core.project.running.processes import ProcessId

__all__ = [
    "CANCEL_ALL",
    "Queue",
    "QueueFolder",
    "QueueRequest",
    "QueueState",
    "QueuedRun",
    "queue_state",
]

CANCEL_ALL = "all"
"""Stands for every run of a queue in the name of a cancel file."""

_CANCEL = "cancel-"

_PATIENCE = 120.0
"""Seconds after which a queue that no supervisor took over is given up."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Runs that were asked for together."""

    id: str
    runs: tuple[str, ...]
    """Ids of the runs, in the order in which they are started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRun:
    """One run that a supervisor is to start."""

    run: str
    script: str
    """Relative to the project root."""
    argv: tuple[str, ...] = ()
    parameters: dict[str, Any] | None = None
    """Its own; ``None``: those of the request."""
    after: tuple[str, ...] = ()
    """Runs of the same queue that have to be done before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRequest:
    """What a supervisor is to do."""

    queue: str
    root: str
    command: tuple[str, ...]
    """Interpreter and its options; the script and its words follow."""
    launch: str = "{command}"
    jobs: int = 1
    grace: float = 5.0
    """Seconds between SIGINT and SIGKILL."""
    parameters: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    recompute: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    """Functions that older results answer."""
    sweep: str = ""
    """Id of the sweep that the runs belong to."""
    replay: bool = False
    """Whether hits show what their calls put out."""
    pythonpath: str | None = None
    """``PYTHONPATH`` of whoever asked; that of the supervisor may differ."""
    runs: tuple[QueuedRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """How far a queue is."""

    id: str
    state: Literal["waiting", "running", "done", "died"]
    """``waiting``: its supervisor has not answered yet.  ``died``: it is gone and left work."""
    jobs: int = 1
    supervisor: ProcessId | None = None
    runs: tuple[str, ...] = ()
    processes: dict[str, ProcessId] = field(default_factory=dict)
    """Processes that were started, by run; leaders of their process groups."""
    finished: frozenset[str] = frozenset()
    """Runs that ended or will not be started."""


class QueueFolder:
    """The files of one queue."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "supervisor.log"

    @property
    def id(self) -> str:
        """The queue's id."""
        return self.path.name

    def write_request(self, request: QueueRequest) -> None:
        """Say what is to be done."""
        write_json(self.path / "request.json", asdict(request))

    def read_request(self) -> QueueRequest:
        """Read what is to be done.

        Raises
        ------
        ValueError
            If the file is missing or not one of ours.
        """
        data = read_json(self.path / "request.json")
        if data is None:
            raise ValueError(f"{self.path / 'request.json'} cannot be read")
        runs = tuple(
            QueuedRun(
                run=item["run"],
                script=item["script"],
                argv=tuple(item["argv"]),
                parameters=item.get("parameters"),
                after=tuple(item["after"]),
            )
            for item in data.pop("runs")
        )
        for name in ("command", "only", "recompute", "dropped"):
            data[name] = tuple(data.get(name, ()))
        return QueueRequest(**data, runs=runs)

    def write_state(self, state: QueueState) -> None:
        """Say how far it is."""
        data = asdict(state)
        data["finished"] = sorted(state.finished)
        write_json(self.path / "state.json", data)

    def read_state(self) -> QueueState | None:
        """Read how far it is, as the supervisor last said; ``None`` if it said nothing yet."""
        data = read_json(self.path / "state.json")
        try:
            if data is None:
                return None
            supervisor = data["supervisor"]
            return QueueState(
                id=data["id"],
                state=data["state"],
                jobs=data["jobs"],
                supervisor=None if supervisor is None else ProcessId(**supervisor),
                runs=tuple(data["runs"]),
                processes={run: ProcessId(**one) for run, one in data["processes"].items()},
                finished=frozenset(data["finished"]),
            )
        except (KeyError, TypeError, AttributeError):
            return None

    def ask_to_cancel(self, run: str) -> None:
        """Leave a note for the supervisor."""
        (self.path / f"{_CANCEL}{run}").touch()

    def cancelled(self) -> set[str]:
        """Give the runs that somebody wants to end, ``CANCEL_ALL`` among them."""
        return {path.name.removeprefix(_CANCEL) for path in self.path.glob(f"{_CANCEL}*")}


def _age(folder: Path) -> float:
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0


def queue_state(project: Project, queue_id: str) -> QueueState:
    """Tell how far a queue is.

    Raises
    ------
    UnknownNameError
        If there is no such queue.
    """
    folder = QueueFolder(project.queues_folder / queue_id)
    if not queue_id or "/" in queue_id or not folder.path.is_dir():
        known = [path.name for path in project.queues_folder.glob("*-*")]
        raise UnknownNameError(
            f"There is no queue {queue_id!r}.", name=queue_id, nearest=nearest(queue_id, known)
        )
    state = folder.read_state()
    if state is None:
        # Whoever made it may have been killed before there was a supervisor.
        lost = _age(folder.path) > _PATIENCE
        return QueueState(id=queue_id, state="died" if lost else "waiting")
    if state.state == "running" and state.supervisor and state.supervisor.alive is False:
        # Asked twice: it may have written its last word between the two looks.
        state = folder.read_state() or state
        if state.state == "running":
            return QueueState(
                id=state.id,
                state="died",
                jobs=state.jobs,
                supervisor=state.supervisor,
                runs=state.runs,
                processes=state.processes,
                finished=state.finished,
            )
    return state
