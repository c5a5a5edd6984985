"""Answers the screens' questions from the project itself.

With `jobtui.services.core_stores` and `core_runs` the only modules of the app that call
`jobtui_core.project`, which is imported by the first question, in a thread, so that it costs the
first paint nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui.services.lane import Lane
from jobtui.services.remember import recall, remember
from jobtui.services.service import Explained, LogText, News
from jobtui_core.records import (
    Acceptance,
    AcceptOffer,
    CallState,
    Plan,
    Preview,
    ProjectStatus,
    RunInfo,
    RunRequest,
    StepStatus,
    Verdict,
)

if TYPE_CHECKING:
    from jobtui.services.core_runs import CoreRuns
    from jobtui.services.core_stores import CoreStores
    from jobtui_core.checks import CheckReport
    from jobtui_core.labbook import LogLine
    from jobtui_core.project import Follower, Project

__all__ = ["CoreService", "open_service"]

_REPLAYED = 5_000
"""Lines that are shown at most of what a hit repeats."""


class CoreService:
    """The service on a real project.

    Questions about verdicts, about runs and about output wait for their like only: a long check
    holds up neither the log nor a cancellation.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._verdicts = Lane("verdicts")
        self._runs = Lane("runs")
        self._reading = Lane("reading")
        self._acting = Lane("acting")
        self._checks = Lane("checks")
        self._closing = False
        self._stores: CoreStores | None = None
        self._history: CoreRuns | None = None
        self._follower: Follower | None = None
        self._opened = time.time()
        self._remembered: ProjectStatus | None = None
        self._remembering: asyncio.Task[None] | None = None

    @property
    def root(self) -> Path:
        """Absolute path of the project's folder."""
        return self._project.root

    @property
    def store(self) -> str:
        """Where results are kept, as the settings say it."""
        return self._project.store_location

    @property
    def stores(self) -> CoreStores:
        """The stores that can be looked through."""
        if self._stores is None:
            from jobtui.services.core_stores import CoreStores

            self._stores = CoreStores(self._project)
        return self._stores

    @property
    def history(self) -> CoreRuns:
        """The runs of the project."""
        if self._history is None:
            from jobtui.services.core_runs import CoreRuns

            self._history = CoreRuns(self._project)
        return self._history

    @property
    def settings(self) -> Mapping[str, Any]:
        """Tables of the project's settings that belong to the app."""
        return self._project.config.extra

    async def remembered(self) -> ProjectStatus | None:
        """Give the state that was shown last."""
        return await self._reading.ask(recall, self._project.index_folder, self._project.root)

    async def status(self) -> ProjectStatus:
        """Find out what is fresh, stale and running now."""
        from jobtui_core import project

        status = await self._verdicts.ask(lambda: project.status(self._project))
        if status != self._remembered:
            self._remembered = status
            self._remembering = asyncio.create_task(
                self._reading.ask(remember, self._project.index_folder, status)
            )
        return status

    def look_again(self) -> None:
        """Have the next status ask stores on other machines, however lately they were asked."""
        from jobtui_core import project

        project.look_again(self._project)

    @property
    def is_shared(self) -> bool:
        """Whether others may add to the stores that the last status rested on."""
        from jobtui_core import project

        return project.is_shared(self._project)

    async def watched(self, status: ProjectStatus) -> tuple[Path, ...]:
        """Give the files whose change may change a verdict."""
        from jobtui_core import project

        return await self._reading.ask(lambda: project.watched(self._project, status))

    async def explain(self, step: StepStatus) -> Explained:
        """Say all there is to say about one step's verdict.

        Its reasons came with its status; what is added is the run, and a failure's traceback.
        """
        return await self._reading.ask(self._explain, step)

    def _explain(self, step: StepStatus) -> Explained:
        from jobtui_core.errors import UnknownNameError
        from jobtui_core.project import calls, package_changes, run_info

        if step.last_run is None:
            return Explained(step=step)
        try:
            run = run_info(self._project, step.last_run)
            if step.verdict is not Verdict.FAILED:
                changes = package_changes(self._project, step)
                return Explained(step=step, run=run, packages=changes)
            failed = [
                call.traceback
                for call in calls(self._project, run.id)
                if call.function == step.function and call.state is CallState.FAILED
            ]
        except UnknownNameError:
            # Its folder was removed after the status was read.
            return Explained(step=step)
        return Explained(step=step, run=run, traceback=failed[-1] if failed else "")

    async def result(self, step: StepStatus) -> tuple[Preview, ...]:
        """Give pictures of a step's newest results; nothing is unpickled for it."""
        from jobtui_core import project

        return await self._reading.ask(lambda: project.result(self._project, step))

    async def plan(self, request: RunRequest | None) -> Plan:
        """Say what a request would run; ``None`` stands for everything that is not fresh."""
        return await self._verdicts.ask(self._plan, request or RunRequest(scripts=()))

    def _plan(self, request: RunRequest) -> Plan:
        from jobtui_core import project

        return project.plan(
            self._project,
            request.scripts or None,
            overrides=request.overrides,
            argv=request.argv,
            only=request.only,
            recompute=request.recompute,
            drop=request.drop,
        )

    async def check(
        self,
        step: StepStatus,
        *,
        told: Callable[[CheckReport], None],
        stopped: Callable[[], bool],
    ) -> CheckReport:
        """Compute a step again, aside, and compare with what is stored."""
        from jobtui_core import project

        (report,) = await self._checks.ask(
            lambda: project.check(
                self._project,
                step.function,
                script=step.script,
                told=told,
                stopped=lambda: stopped() or self._closing,
            )
        )
        return report

    async def accept_offer(self, step: StepStatus) -> AcceptOffer:
        """Say what accepting the edit of a step would mean; writes nothing."""
        from jobtui_core import project

        return await self._verdicts.ask(
            lambda: project.accept_offer(self._project, step.function, script=step.script)
        )

    async def accept(self, offer: AcceptOffer) -> tuple[Acceptance, ...]:
        """Declare that an edit does not matter, as it was shown."""
        from jobtui_core import project

        return await self._acting.ask(lambda: project.accept(self._project, offer))

    async def unaccept(self, step: StepStatus) -> tuple[Acceptance, ...]:
        """Take back the last acceptance of a step."""
        from jobtui_core import project

        return await self._acting.ask(lambda: project.unaccept(self._project, step.function))

    async def start(self, request: RunRequest) -> tuple[str, ...]:
        """Start what is asked for and give the ids of the runs."""
        from jobtui_core import project

        if request.planned is None:
            # Whoever starts it without having looked is told all the same how it went.
            request = replace(request, planned=await self.plan(request))
        queue = await self._acting.ask(lambda: project.start(self._project, request))
        return queue.runs

    async def cancel(self, runs: Sequence[str]) -> None:
        """End runs."""
        await self._acting.ask(self._cancel, tuple(runs))

    def _cancel(self, runs: tuple[str, ...]) -> None:
        from jobtui_core.project import cancel

        for run in runs:
            cancel(self._project, run)

    async def news(self) -> News:
        """Say what happened to the runs since the last call."""
        return await self._runs.ask(self._news)

    def _news(self) -> News:
        from jobtui_core.project import Follower

        first = self._follower is None
        if self._follower is None:
            self._follower = Follower(self._project)
        changes = self._follower.update()
        if first:
            # The whole history is news to the follower; the status has it already, unless it
            # happened while that was being read.
            changes = tuple(
                change
                for change in changes
                if change.run.ended is None or change.run.ended >= self._opened
            )
        active = tuple(reversed(self._follower.active))
        over = {
            change.run.id: change.run
            for change in changes
            if not change.run.state.active and change.run.started is not None
        }
        ended = sorted(over.values(), key=lambda run: run.started or 0.0)
        return News(changed=bool(changes), active=active, ended=tuple(ended))

    async def newest_run(self, script: str) -> RunInfo | None:
        """Give the newest run of a script."""
        return await self._runs.ask(self._newest_run, script)

    def _newest_run(self, script: str) -> RunInfo | None:
        if self._follower is None:
            self._news()
        assert self._follower is not None
        return next((run for run in self._follower.runs if run.script == script), None)

    async def read_log(
        self, run: str, *, step: str | None = None, start: int = 0, limit: int = 65_536
    ) -> LogText:
        """Read what a run, or one step in it, printed, from a byte offset on."""
        return await self._reading.ask(self._read_log, run, step, start, limit)

    def _read_log(self, run: str, step: str | None, start: int, limit: int) -> LogText:
        from jobtui_core.project import held_plan, log_lines, read_log

        part = read_log(self._project, run, step=step, start=start, limit=limit)
        held = held_plan(self._project, run) if step is None and not part.more else None
        replayed: Sequence[LogLine] = ()
        if step is not None and not part.text and not part.more and start <= 0:
            lines = log_lines(self._project, run, step=step, limit=_REPLAYED)
            replayed = tuple(one for one in lines if one.origin)
        return LogText(part.text, part.start, part.end, part.more, held, replayed)

    async def close(self) -> None:
        """Let go of everything; runs go on."""
        if self._remembering is not None:
            await self._remembering
        self._closing = True
        if self._stores is not None:
            await self._stores.close()
        if self._history is not None:
            await self._history.close()
        if self._checks.busy:
            # Its script must not go on without anybody to read the outcome.
            await self._checks.ask(lambda: None)
        for lane in (self._verdicts, self._runs, self._reading, self._acting, self._checks):
            lane.close()


def open_service(path: Path) -> CoreService:
    """Open the project that a folder or a script belongs to.

    Raises
    ------
    UnknownNameError
        If there is no such folder or file.
    ConfigurationError
        If the project's settings cannot be used.
    """
    from jobtui_core.project import open_project

    return CoreService(open_project(path))
