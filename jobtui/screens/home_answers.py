"""What the home screen does when answers and events arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.worker import Worker

from jobtui.plain import plain
from jobtui.screens.home_base import HomeBase
from jobtui.services.watching import Changed
from jobtui.widgets.log import Log, LogTarget
from jobtui_core.records import ProjectStatus, RunInfo, RunState, Verdict

if TYPE_CHECKING:
    from jobtui.messages import (
        Changes,
        LogRead,
        NewestRun,
        NewsKnown,
        QuestionFailed,
        Remembered,
        ResultKnown,
        Started,
        StatusKnown,
        StepExplained,
    )

__all__ = ["Answers"]

_LATER = (0.2, 0.6, 1.5)
"""Seconds after the first sign of a run at which to look again."""


class Answers(HomeBase):
    """Takes answers and events; drops those about something that is no longer shown."""

    # --- the state of the project ---------------------------------------------------------

    def refresh_status(self, *, by_hand: bool = False) -> None:
        """Find out what is fresh and what is not."""
        if by_hand:
            self.ready = False
            self.retitle()
            self.log_pane.again()
            self.ask.news()
            self.service.look_again()
        self.ask.status()

    def on_remembered(self, message: Remembered) -> None:
        """Show what was shown last, and once that is drawn find out today's state."""
        message.stop()
        if message.status is not None and self.status is None:
            self._show_status(message.status)
        self.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Find out today's state."""
        raise NotImplementedError

    def on_status_known(self, message: StatusKnown) -> None:
        """Show today's state, and watch the files that it depends on."""
        message.stop()
        self.ready = True
        self._show_status(message.status)
        status = message.status

        async def watch() -> None:
            self.watcher.watch(await self.service.watched(status))
            self.retitle()

        # The function, not its coroutine: one that is replaced before its turn never begins.
        _worker: Worker[None] = self.run_worker(
            watch, group="watch", exit_on_error=False, exclusive=True
        )
        self.show_first_screen(wanted=not message.status.scripts)
        # While something runs there is a tick to ask again later; else it must be now.
        self.ask.status_if_due(patient=bool(self.active))

    def _show_status(self, status: ProjectStatus) -> None:
        if self.status is not None and status == self.status:
            # Nothing moved, so nothing is drawn; but what is shown may be more certain now.
            self.retitle()
            if self.detail.needs_result or not self.detail.is_explained:
                self.show_selection(by_hand=False)
            return
        warnings = set(status.warnings) - set(self.status.warnings if self.status else ())
        self.status = status
        self.steps.placeholder = ""
        self.steps.show(status)
        self.show_selection(by_hand=False)
        self.retitle()
        for warning in sorted(warnings):
            self.say(warning)

    def show_selection(self, *, by_hand: bool) -> None:
        """Show detail and log of the selection."""
        step = self.steps.step
        self.detail.show(self.steps.script, step)
        if step is not None and self.ready and not self.detail.is_explained:
            self.ask.explain(step)
        self.ask_result()
        if by_hand and self.active:
            # Whoever looks elsewhere wants to read there; F goes back to what is running.
            self.follows = False
        self.aim_log(by_hand=by_hand)
        self.show_hints()

    def settle_selection(self) -> None:
        """Show detail and log of the row under the cursor now, if that was put off."""
        if not self.selection_rests:
            self.selection_rests = True
            self.show_selection(by_hand=True)

    def ask_result(self) -> None:
        """Fetch the pictures of results where their tab is shown without them."""
        if self.ready and self.detail.needs_result and self.detail.step is not None:
            self.ask.result(self.detail.step)

    def on_step_explained(self, message: StepExplained) -> None:
        """Show all about the step's verdict."""
        message.stop()
        if message.asked == self.detail.step:
            self.detail.set_explained(message.explained)

    def on_result_known(self, message: ResultKnown) -> None:
        """Show the pictures of the step's results."""
        message.stop()
        if message.asked == self.detail.step:
            self.detail.set_previews(message.previews)

    def on_question_failed(self, message: QuestionFailed) -> None:
        """Say it in the pane that asked."""
        message.stop()
        failure = message.failure
        if message.question == "status":
            self.steps.placeholder = f"✗ {plain(failure.message)}"
            self.ready = False
            self.detail.set_failure("why", failure)
            self.retitle()
        elif message.question in ("why", "result"):
            if message.step == self.detail.step:
                self.detail.set_failure("why" if message.question == "why" else "result", failure)
        elif message.question == "log" and message.target is not None:
            self.log_pane.set_failure(message.target, failure)
        elif message.question != "news":
            self.say(f"{failure.title}: {failure.message}", error=True)

    # --- changes --------------------------------------------------------------------------

    def notice(self, kinds: set[Changed]) -> None:
        """Hear of changed files or runs, from any thread."""
        from jobtui.messages import Changes

        self.post_message(Changes(frozenset(kinds)))

    def on_changes(self, message: Changes) -> None:
        """Look at what changed."""
        message.stop()
        if "files" in message.kinds:
            self.ask.status()
        if "runs" in message.kinds:
            self.ask.news()
            # A run's folder is there before anything is in it.
            for later in _LATER:
                self.set_timer(later, self.ask.news)
        self.retitle()

    # --- runs -----------------------------------------------------------------------------

    def on_news_known(self, message: NewsKnown) -> None:
        """Show which runs are active, and follow them."""
        message.stop()
        news = message.news
        before, was = {run.id for run in self.active}, self.running()
        self.active = news.active
        self.set_ticking(bool(self.active))
        if news.changed:
            self.ask.status(patient=bool(self.active))
        now = {run.id for run in self.active}
        run = self.running()
        if now - before or (run is not None and was is not None and run.id != was.id):
            self.aim_log()
        step = self.detail.step
        if self.ready and step is not None and step.last_run in before - now:
            # The step may be as it was, but what is said of its run is not.
            self.ask.explain(step)
        if before and not self.active:
            # What was printed last may have come after the last look, by a run that was over
            # before anybody saw it under way.
            if self.follows and news.ended:
                failed = [run for run in news.ended if run.state is RunState.FAILED]
                self.log_pane.aim(LogTarget((failed or news.ended)[-1].id), at_end=True)
            self.log_pane.poll()
            self.ask.status()
        self.retitle()
        self.show_hints()

    def on_started(self, message: Started) -> None:
        """Follow what was just started."""
        message.stop()
        self.follows = True
        self.ask.news()

    def tick(self) -> None:
        """Look at what is running."""
        self.ask.news()
        self.ask.status_if_due(patient=True)
        self.log_pane.poll()
        if self.status and any(step.verdict is Verdict.RUNNING for step in self.status.steps):
            self.steps.refresh()

    # --- output ---------------------------------------------------------------------------

    def running(self) -> RunInfo | None:
        """Give the run that is followed: the newest that is under way."""
        going = tuple(run for run in self.active if run.state is RunState.RUNNING)
        return next(reversed(going or self.active), None)

    def aim_log(self, *, by_hand: bool = False) -> None:
        """Show the output of what is running while it is followed, else of the selection."""
        run = self.running()
        if self.follows and run is not None:
            self.log_pane.aim(LogTarget(run.id), at_end=True)
        elif self.follows and not by_hand and self.log_pane.target is not None and self._ran():
            return
        elif (step := self.steps.step) is not None:
            target = LogTarget(step.last_run, step.function) if step.last_run else None
            self.log_pane.aim(target, at_end=step.verdict is Verdict.RUNNING)
        elif (script := self.steps.script) is not None:
            self.ask.newest_run(script.path)
        self._entitle_log()

    def _ran(self) -> bool:
        """Tell whether the log still shows a whole run, which was followed to its end."""
        return self.log_pane.target is not None and self.log_pane.target.step is None

    def on_newest_run(self, message: NewestRun) -> None:
        """Show the output of the selected script's newest run."""
        message.stop()
        script = self.steps.script
        if script is not None and self.steps.step is None and script.path == message.script:
            run = message.run
            target = LogTarget(run.id) if run is not None else None
            self.log_pane.aim(target, at_end=run is not None and run.state.active)
            self._entitle_log()

    def on_log_wanted(self, message: Log.Wanted) -> None:
        """Read a piece of output."""
        message.stop()
        self.ask.log(message.target, message.start, message.limit)

    def on_log_read(self, message: LogRead) -> None:
        """Show a piece of output."""
        message.stop()
        self.log_pane.add(message.target, message.part)

    def toggle_follow(self) -> None:
        """Follow what is running, or stop following it."""
        self.follows = not (self.follows and self.log_pane.at_end)
        if self.follows:
            self.log_pane.at_end = True
            self.aim_log()
            self.log_pane.poll()
        else:
            self.log_pane.at_end = False
        self._entitle_log()
        self.say("following what runs" if self.follows else "no longer following")

    def _entitle_log(self) -> None:
        target = self.log_pane.target
        words = ["Log"]
        if target is not None:
            words.append(plain(target.run))
            if target.step is not None:
                words.append(plain(target.step.rpartition(":")[2]))
            if self.log_pane.at_end:
                words.append("following")
        self.entitle("log", "  ".join(words))
