"""What Runs has others do: looking what ran, reading one run, writing beside it, removing."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from jobtui.plain import count, plain
from jobtui.screens.runs_base import RunsBase
from jobtui.services.runs import History
from jobtui_core.records import RunInfo, RunRequest

__all__ = ["RunsWork"]

_IDLE = 2.0
"""Seconds between two looks while nothing is active: something may be started elsewhere."""

_REST = 4.0
"""A look is followed by a rest this many times as long as it took, at least."""


class RunsWork(RunsBase):
    """Keeps the screen up to date with what is found out."""

    _looking = False
    _again = False
    _looked = 0.0
    _took = 0.0
    _reading: RunInfo | None = None
    _printing: str | None = None

    # --- the table ------------------------------------------------------------------------

    def tick(self) -> None:
        """Look at what runs, if that is due."""
        history = self.history
        idle = history is not None and not history.active and self.failure is None
        wait = max(_REST * self._took, _IDLE if idle else 0.0)
        if monotonic() - self._looked >= wait:
            self.look()
        if history is not None and history.active:
            self.runs.refresh()
            self.read_selection()

    def rescan(self) -> None:
        """Read everything again."""
        self.history_service.look_again()
        self.record.show(None)
        self.look()

    def look(self) -> None:
        """Find out which runs there are."""
        if self._looking:
            self._again = True
            return
        self._looking = True

        async def work() -> None:
            from jobtui.views.failure import failure_of

            try:
                self._again = True
                while self._again:
                    self._again = False
                    began = monotonic()
                    found = await self.history_service.history(self.query_asked)
                    self._looked = monotonic()
                    self._took = self._looked - began
                    self.failure = None
                    self._show(found)
            except Exception as error:  # noqa: BLE001  # said in the pane
                self._looked = monotonic()
                self.failure = failure_of(error)
                self.runs.placeholder = f"✗ {plain(self.failure.message)}"
                self.retitle()
            finally:
                self._looking = False

        self.background(work, "look", exclusive=False)

    def _show(self, found: History) -> None:
        if found is self.history:
            return
        if found.query != self.query_asked:
            self._again = True
            return
        self.history = found
        home = self.jobtui.home
        if not home.is_mounted:
            # Who leaves is asked what becomes of these, also where Steps was never looked at.
            home.active = found.active
        self.runs.order(found.query.sort, found.query.reverse)
        self.runs.placeholder = self._nothing(found)
        self.runs.show(found.rows)
        self.retitle()
        self.selection_changed()

    def _nothing(self, found: History) -> str:
        if found.problem:
            return f"✗ {plain(found.problem)}"
        if found.total:
            return f"no run fits; {self.key_of('search')} changes the filter"
        return (
            "nothing ran yet: python x.py, jobtui run, or r on a step make a run; "
            f"{self.key_of('show_steps')} shows the steps"
        )

    def selection_changed(self) -> None:
        """Show what is selected now."""
        raise NotImplementedError

    # --- one run --------------------------------------------------------------------------

    def read_selection(self) -> None:
        """Read what is shown of the selected run, unless it is known."""
        run = self.record.run
        if run is not None and self.record.needs_detail and self._reading != run:
            self._read_detail(run)
        if run is not None and self.record.needs_output and self._printing != run.id:
            self._read_output(run)

    def _read_detail(self, run: RunInfo) -> None:
        self._reading = run

        async def work() -> None:
            from jobtui.views.failure import failure_of

            try:
                detail = await self.history_service.detail(run.id)
            except Exception as error:  # noqa: BLE001  # said in the pane
                if self._shows(run):
                    self.record.set_failure(failure_of(error))
            else:
                if self._shows(run):
                    self.record.set_detail(run, detail)
            finally:
                if self._reading == run:
                    self._reading = None
            self.retitle()

        self.background(work, "detail")

    def _read_output(self, run: RunInfo) -> None:
        self._printing = run.id

        async def work() -> None:
            from jobtui.views.failure import failure_of

            try:
                output = await self.history_service.log(run.id)
            except Exception as error:  # noqa: BLE001  # said in the pane
                if self._shows(run):
                    self.record.set_failure(failure_of(error))
            else:
                if self._shows(run):
                    self.record.set_output(output)
            finally:
                if self._printing == run.id:
                    self._printing = None

        self.background(work, "output")

    def _shows(self, run: RunInfo) -> bool:
        return self.record.run is not None and self.record.run.id == run.id

    # --- writing beside it ----------------------------------------------------------------

    def write(
        self,
        run: RunInfo,
        *,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        starred: bool | None = None,
    ) -> None:
        """Write beside a run, and show it."""

        async def work() -> None:
            try:
                await self.history_service.note(run.id, note=note, tags=tags, starred=starred)
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
            self.look()

        self.background(work, "note", exclusive=False)

    # --- removing and cancelling ----------------------------------------------------------

    def delete(self, runs: Sequence[RunInfo]) -> None:
        """Remove the records of runs that were shown before."""

        async def work() -> None:
            try:
                gone = await self.history_service.remove([run.id for run in runs])
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
            else:
                self.say(f"deleted {count(len(gone), 'run')}")
                for name in gone:
                    self.runs.marked.pop(name, None)
            self.look()
            self.jobtui.home.check_again()

        self.background(work, "delete", exclusive=False)

    def end(self, run: RunInfo) -> None:
        """End a run."""

        async def work() -> None:
            try:
                await self.service.cancel([run.id])
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(f"not cancelled: {error}", error=True)
            self.look()

        self.background(work, "cancel", exclusive=False)

    def start(self, request: RunRequest) -> None:
        """Start what is asked for."""

        async def work() -> None:
            try:
                await self.service.start(request)
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
            self.look()

        # Never taken back: a second key press must not hide what the first one started.
        self.background(work, "start", exclusive=False)
