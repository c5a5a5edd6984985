"""Answers the questions of Runs from the records of a project's runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from jobtui.services.lane import Lane
from jobtui.services.runs import History, RunQuery, sort_runs

if TYPE_CHECKING:
    from jobtui_core.labbook import Comparison, LogLine, RunDetail, RunNotes
    from jobtui_core.project import Follower, Project
    from jobtui_core.project.runfilter import RunFilter
    from jobtui_core.project.runremoval import RunRemoval
    from jobtui_core.records import RunInfo

__all__ = ["CoreRuns"]

_LINES = 5_000
"""Lines of a run's output that are shown at most, the newest; the log of Steps has all."""


class CoreRuns:
    """The runs of a project.

    The table, what is shown of one run, and comparing wait for their like only: a comparison of
    large results holds up no key.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._listing = Lane("runs-listing")
        self._showing = Lane("runs-showing")
        self._comparing = Lane("runs-comparing")
        self._follower: Follower | None = None
        self._last: History | None = None
        self._again = False
        self._closed = False

    @property
    def fields(self) -> str:
        """What a filter may ask for, in one line."""
        from jobtui_core.project import RUN_FILTER_EXAMPLES

        return RUN_FILTER_EXAMPLES

    def problem(self, text: str) -> tuple[str, int] | None:
        """Say what is wrong with a filter, and at which of its characters."""
        from jobtui_core.errors import FilterError

        try:
            _filter(text)
        except FilterError as error:
            return error.message, error.position
        return None

    def look_again(self) -> None:
        """Have the next question read everything anew."""
        self._again = True

    # --- the table ------------------------------------------------------------------------

    async def history(self, query: RunQuery) -> History:
        """Give the runs as they are now; the same object as before where nothing changed."""
        return await self._listing.ask(self._history, query)

    def _history(self, query: RunQuery) -> History:
        from jobtui_core.errors import FilterError
        from jobtui_core.project import Follower, select_runs

        if self._follower is None or self._again:
            self._again = False
            self._follower = Follower(self._project)
            self._last = None
        changed = self._follower.update()
        last = self._last
        if not changed and last is not None and last.query == query:
            return last
        everything = self._follower.runs
        problem = ""
        try:
            rows: Sequence[RunInfo] = select_runs(self._project, query.filter, runs=everything)
        except FilterError as error:
            rows, problem = (), error.message
        self._last = History(
            query=query,
            rows=sort_runs(rows, query, time.time()),
            total=len(everything),
            active=tuple(run for run in reversed(everything) if run.state.active),
            problem=problem,
        )
        return self._last

    # --- one run --------------------------------------------------------------------------

    async def detail(self, run: str) -> RunDetail:
        """Give all that is known of a run."""
        from jobtui_core import project

        return await self._showing.ask(lambda: project.run_detail(self._project, run))

    async def log(self, run: str) -> Sequence[LogLine]:
        """Give the newest lines of what a run put out, hits' included."""
        from jobtui_core import project

        return await self._showing.ask(lambda: project.log_lines(self._project, run, limit=_LINES))

    async def note(
        self,
        run: str,
        *,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        starred: bool | None = None,
    ) -> RunNotes:
        """Write beside a run; what is left out stays as it is."""
        from jobtui_core import project

        return await self._listing.ask(
            lambda: project.note_run(self._project, run, note=note, tags=tags, starred=starred)
        )

    # --- several --------------------------------------------------------------------------

    async def removal(self, runs: Sequence[str]) -> RunRemoval:
        """Tell what removing runs comes to; removes nothing."""
        from jobtui_core import project

        return await self._showing.ask(lambda: project.run_removal(self._project, runs))

    async def remove(self, runs: Sequence[str]) -> tuple[str, ...]:
        """Remove the records of runs, and give the ids of those that are gone."""
        from jobtui_core import project

        return await self._listing.ask(lambda: project.remove_runs(self._project, runs))

    async def compare(
        self, runs: Sequence[str], told: Callable[[str], None], stopped: Callable[[], bool]
    ) -> Comparison:
        """Hold runs against the first of them; ``told`` is called in another thread."""
        from jobtui_core import project

        return await self._comparing.ask(
            lambda: project.compare(
                self._project, runs, told=told, stopped=lambda: stopped() or self._closed
            )
        )

    async def close(self) -> None:
        """Let go of it; a comparison ends at its next step."""
        self._closed = True
        for lane in (self._listing, self._showing, self._comparing):
            lane.close()


@lru_cache(maxsize=16)
def _filter(text: str) -> RunFilter:
    from jobtui_core.project import run_filter

    return run_filter(text)
