"""What the home screen asks back, and what it hands to other programs.

Dialogs and other screens are imported when they are opened: the first paint need not wait for
them.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui.commands.running import is_one_step
from jobtui.plain import plain
from jobtui.screens.command_lines import load_snippet, run_command
from jobtui.screens.home_base import HomeBase
from jobtui_core.records import RunInfo, RunRequest, StepStatus

if TYPE_CHECKING:
    from jobtui.messages import PlanKnown
    from jobtui.screens.first import FirstScreen

__all__ = ["Dialogs"]


class Dialogs(HomeBase):
    """Opens dialogs, other screens and the editor."""

    _first: FirstScreen | None = None

    # --- running --------------------------------------------------------------------------

    def show_plan(self, request: RunRequest | None, *, only_if_needed: bool = False) -> None:
        """Show what a request would run, once that is known."""
        self.ask.plan(request, "if_needed" if only_if_needed else "show")

    def run_if_simple(self, request: RunRequest) -> None:
        """Run a request if it is one step with fresh inputs, else show its plan."""
        self.ask.plan(request, "run_if_simple")

    def on_plan_known(self, message: PlanKnown) -> None:
        """Show the plan, or run it if that was asked for and it is simple."""
        message.stop()
        from jobtui.screens.plan import PlanScreen, to_start

        plan = message.plan
        if message.how == "again":
            if isinstance(self.app.screen, PlanScreen) and message.request is not None:
                self.app.screen.show(plan, message.request)
            return
        asked = message.request or RunRequest(scripts=())
        request = to_start(asked, plan)
        if message.how == "run_if_simple" and is_one_step([row.action for row in plan.rows]):
            # Also where one looks elsewhere by now: it was asked for, and asks nothing back.
            self.ask.start(request)
            return
        if self.app.screen is not self:
            # Another question was opened in the meantime.
            return
        if message.how == "if_needed" and not (plan.will_run or plan.may_run):
            self.say("Everything is fresh: there is nothing to run.")
            return

        def run(wanted: RunRequest | None) -> None:
            if wanted is not None:
                self.ask.start(wanted)

        def again(changed: RunRequest) -> None:
            self.ask.plan(changed, "again")

        self.app.push_screen(PlanScreen(plan, asked, again), run)

    def ask_overrides(self) -> None:
        """Ask for other values of the selected script's parameters, and run it with them."""
        script = self.context.script
        if script is not None:
            self.jobtui.ask_overrides(script, script.argv, self.run_if_simple, repeats=script.argv)

    def cancel_run(self, run: RunInfo, *, ask: bool) -> None:
        """End a run, perhaps after a question."""
        if not ask:
            self.ask.cancel((run,))
            return

        def end(answer: str | None) -> None:
            if answer == "cancel":
                self.ask.cancel((run,))

        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        text = f"{plain(run.script)}, {plain(run.id)}\nWhat it finished so far stays in the cache."
        choices = (Choice("keep", "k", "keep it running"), Choice("cancel", "c", "cancel it"))
        self.app.push_screen(Dialog("Cancel this run?", text, choices), end)

    # --- leaving --------------------------------------------------------------------------

    def leave(self, *, interrupted: bool = False) -> None:
        """Leave; with runs active, or after an interrupt, ask what becomes of them."""
        if not self.active and not interrupted:
            self.app.exit()
            return
        self.ask_leave("Stop?" if interrupted and self.active else "Quit?")

    def ask_leave(self, title: str) -> None:
        """Ask whether to leave, and what becomes of what is running."""
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        if self.active:
            names = "\n".join(f"{plain(run.script)}, {plain(run.id)}" for run in self.active)
            text = f"Running:\n{names}\nA run goes on without this screen, and is here again later."
            choices: tuple[Choice, ...] = (
                Choice("stay", "s", "stay"),
                Choice("leave", "l", "quit, and leave it running"),
                Choice("cancel", "c", "cancel it, and quit"),
                Choice("only_cancel", "x", "cancel it, and stay"),
            )
        else:
            text = "Nothing is running."
            choices = (Choice("stay", "s", "stay"), Choice("leave", "q", "quit"))
        active = self.active

        def answered(answer: str | None) -> None:
            if answer == "leave":
                self.app.exit()
            elif answer == "cancel":
                self.run_worker(self._cancel_and_exit(active), exit_on_error=False)
            elif answer == "only_cancel":
                self.ask.cancel(active)

        self.app.push_screen(Dialog(title, text, choices), answered)

    async def _cancel_and_exit(self, runs: tuple[RunInfo, ...]) -> None:
        try:
            await self.service.cancel([run.id for run in runs])
        except Exception as error:  # noqa: BLE001  # a run that cannot be ended must be known
            self.say(f"not cancelled: {error}", error=True)
            return
        self.app.exit()

    # --- other screens --------------------------------------------------------------------

    def show_check(self, step: StepStatus) -> None:
        """Compute a step again, and show how the result compares."""
        from jobtui.screens.check import CheckScreen

        self.app.push_screen(CheckScreen(self.service, step))

    def show_first_screen(self, *, wanted: bool) -> None:
        """Say what to do where there is no script yet; go away once there is one."""
        first = self._first
        if not wanted:
            if first is not None and self.app.screen is first:
                first.dismiss(None)
            return
        if first is not None:
            first.look()
        elif self.app.screen is self:
            from jobtui.screens.first import FirstScreen

            self._first = FirstScreen(self.service.root, self.service.stores)
            self.app.push_screen(self._first, self._leave_first)

    def shown_again(self) -> None:
        """Come back from another mode: what could not be shown meanwhile is shown now."""
        if self.ready and self.status is not None:
            self.show_first_screen(wanted=not self.status.scripts)

    def check_again(self) -> None:
        """Find out what became of the verdicts, where results were deleted."""
        if self.is_mounted:
            self.ask.status()

    def _leave_first(self, answer: str | None) -> None:
        self._first = None
        if answer == "quit":
            self.app.exit()
        elif answer is not None:
            self.jobtui.reopen(Path(answer))

    # --- copying --------------------------------------------------------------------------

    def copy(self) -> None:
        """Ask what to copy of the selection."""
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        context = self.context
        step, script = context.step, context.script
        if script is None:
            return
        only = step.name if step is not None else None
        texts: dict[str, tuple[str, str]] = {}
        if step is not None:
            texts["id"] = ("i", step.function)
            where = self.service.root / (step.path or script.path)
            texts["path"] = ("p", f"{where}:{step.line}")
        else:
            texts["path"] = ("p", str(self.service.root / script.path))
        texts["command"] = ("c", run_command(RunRequest(scripts=(script.path,), only=only)))
        if step is not None and (snippet := load_snippet(self.service.root, step)):
            texts["load"] = ("l", snippet)
        labels = {"load": "Python that loads the result"}
        choices = [
            Choice(name, key, labels.get(name, plain(text))) for name, (key, text) in texts.items()
        ]

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.app.copy_to_clipboard(texts[answer][1])
                self.say(f"copied the {answer}")

        self.app.push_screen(Dialog("Copy", "", choices), answered)

    # --- the editor -----------------------------------------------------------------------

    def edit(self) -> None:
        """Open the selection in the user's editor, at its line."""
        self.open_editor(*self._place())
        self.ask.status()

    def open_editor(self, path: Path, line: int) -> None:
        """Hand the terminal to the user's editor for a while."""
        from jobtui.screens.editor import editor_command

        command = editor_command(os.environ, path, line)
        if command is None:
            self.say("no editor: set VISUAL or EDITOR, as in  export EDITOR=nano", error=True)
            return
        problem = ""
        with self.app.suspend():
            try:
                code = subprocess.run(command, check=False, cwd=self.service.root).returncode
            except OSError as error:
                problem = f"{shlex.quote(command[0])}: {error.strerror or error}"
            else:
                problem = f"{shlex.join(command)} ended with code {code}" if code else ""
        self.app.refresh(layout=True)
        if problem:
            self.say(problem, error=True)

    def _place(self) -> tuple[Path, int]:
        step, script = self.steps.step, self.steps.script
        assert script is not None
        if step is not None and step.path:
            return self.service.root / step.path, step.line
        if script.error is not None:
            return self.service.root / (script.error.path or script.path), script.error.line or 1
        lines = [parameter.line for parameter in script.parameters if parameter.line]
        return self.service.root / script.path, min(lines, default=1)
