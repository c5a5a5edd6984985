"""What Runs asks of a project's history, and in which words it is answered.

As with `jobtui.services.service`, the screens know this protocol and nothing behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from jobtui_core.records import RunInfo, RunState

if TYPE_CHECKING:
    from jobtui_core.labbook import Comparison, LogLine, RunDetail, RunNotes
    from jobtui_core.project.runremoval import RunRemoval

__all__ = ["History", "RunColumn", "RunQuery", "RunService", "sort_runs", "took"]

RunColumn = Literal[
    "started", "state", "script", "parameters", "took", "hits", "saved", "note", "starred"
]
"""What the runs can be sorted by."""


class RunQuery(NamedTuple):
    """Which runs are wanted, and in what order."""

    filter: str = ""
    """In the language of filters; `RunService.problem` says whether it can be understood."""
    sort: RunColumn = "started"
    reverse: bool = True
    """The newest, or the largest, first."""


class History(NamedTuple):
    """The runs that a query means."""

    query: RunQuery
    rows: Sequence[RunInfo]
    total: int
    """Runs that there are."""
    active: tuple[RunInfo, ...] = ()
    """Those of them that may still produce something, the oldest first."""
    problem: str = ""
    """Why the query means none, where that can only be told by looking at them."""


class RunService(Protocol):
    """The runs of one project."""

    @property
    def fields(self) -> str:
        """What a filter may ask for, in one line."""

    def problem(self, text: str) -> tuple[str, int] | None:
        """Say what is wrong with a filter, and at which of its characters."""

    def look_again(self) -> None:
        """Have the next question read everything anew."""

    async def history(self, query: RunQuery) -> History:
        """Give the runs as they are now; the same object as before where nothing changed."""

    async def detail(self, run: str) -> RunDetail:
        """Give all that is known of a run."""

    async def log(self, run: str) -> Sequence[LogLine]:
        """Give the newest lines of what a run put out, hits' included."""

    async def note(
        self,
        run: str,
        *,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        starred: bool | None = None,
    ) -> RunNotes:
        """Write beside a run; what is left out stays as it is."""

    async def removal(self, runs: Sequence[str]) -> RunRemoval:
        """Tell what removing runs comes to; removes nothing."""

    async def remove(self, runs: Sequence[str]) -> tuple[str, ...]:
        """Remove the records of runs, and give the ids of those that are gone."""

    async def compare(
        self, runs: Sequence[str], told: Callable[[str], None], stopped: Callable[[], bool]
    ) -> Comparison:
        """Hold runs against the first of them; ``told`` is called in another thread."""

    async def close(self) -> None:
        """Let go of it."""


def took(run: RunInfo, now: float) -> float | None:
    """Give the seconds that a run took, or has taken so far."""
    if run.started is None or (run.ended is None and run.state is not RunState.RUNNING):
        return None
    return max((now if run.ended is None else run.ended) - run.started, 0.0)


def sort_runs(rows: Sequence[RunInfo], query: RunQuery, now: float) -> Sequence[RunInfo]:
    """Put runs, the newest of which stand first, in the order of a query; stable."""
    if query.sort == "started":
        # Those that wait for their turn have no time; the order of the ids is that of time.
        return rows if query.reverse else rows[::-1]
    key = _KEYS[query.sort]
    return sorted(rows, key=lambda run: key(run, now), reverse=query.reverse)


_KEYS: dict[str, Callable[[RunInfo, float], Any]] = {
    "state": lambda run, _now: list(RunState).index(run.state),
    "script": lambda run, _now: run.script,
    "parameters": lambda run, _now: [(name, repr(run.differing[name])) for name in run.differing],
    "took": lambda run, now: -1.0 if (seconds := took(run, now)) is None else seconds,
    "hits": lambda run, _now: (run.hits, run.computed),
    "saved": lambda run, _now: run.time_saved,
    "note": lambda run, _now: (not (run.note or run.tags), run.note.casefold(), run.tags),
    "starred": lambda run, _now: run.starred,
}
