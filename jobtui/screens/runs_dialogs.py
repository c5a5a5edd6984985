"""What Runs asks back, and what it hands to other screens and programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui.plain import count, plain, size
from jobtui.screens.runs_work import RunsWork
from jobtui_core.entry.describe import REDACTED
from jobtui_core.records import RunInfo, RunRequest

if TYPE_CHECKING:
    from jobtui_core.project.runremoval import RunRemoval

__all__ = ["RunsDialogs", "run_removal_text"]

_MOST = 8
"""Runs that a question names one by one."""


class RunsDialogs(RunsWork):
    """Opens dialogs and other screens."""

    # --- running --------------------------------------------------------------------------

    def run_again(self) -> None:
        """Show the plan of the same run once more."""
        run = self.runs.item
        if run is None:
            return
        hidden = hidden_parts(run)
        if hidden:
            self.say(
                f"{', '.join(hidden)} of this run is not kept, as its name says that it is "
                f"secret; {self.key_of('override')} asks for it",
                error=True,
            )
            return
        self.show_plan(again(run))

    def ask_overrides(self) -> None:
        """Ask for other values than those of the selected run, and run its script with them."""
        run = self.runs.item
        if run is None:
            return

        async def work() -> None:
            try:
                status = self.jobtui.home.status or await self.service.status()
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
                return
            script = next((one for one in status.scripts if one.path == run.script), None)
            if self.app.screen is not self:
                return
            if script is None or script.error is not None:
                self.say(f"{run.script} is not a script of this project any more", error=True)
                return
            parameters = tuple(
                replace(one, value=run.values.get(one.name, one.value)) for one in script.parameters
            )
            self.jobtui.ask_overrides(
                replace(script, parameters=parameters), run.argv, self.show_plan, repeats=None
            )

        self.background(work, "parameters")

    def show_plan(self, request: RunRequest) -> None:
        """Show what a request would run, and run it if that is wanted."""
        from jobtui.screens.plan import PlanScreen

        async def show() -> None:
            try:
                plan = await self.service.plan(request)
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
                return
            if self.app.screen is self:
                self.app.push_screen(PlanScreen(plan, request, once_more), answered)

        def answered(wanted: RunRequest | None) -> None:
            if wanted is not None:
                self.start(wanted)

        def once_more(changed: RunRequest) -> None:
            async def work() -> None:
                plan = await self.service.plan(changed)
                if isinstance(self.app.screen, PlanScreen):
                    self.app.screen.show(plan, changed)

            self.background(work, "plan")

        self.background(show, "plan")

    def cancel_run(self, run: RunInfo, *, ask: bool) -> None:
        """End a run, perhaps after a question."""
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        if not ask:
            self.end(run)
            return

        def answered(answer: str | None) -> None:
            if answer == "cancel":
                self.end(run)

        text = f"{plain(run.script)}, {plain(run.id)}\nWhat it finished so far stays in the cache."
        choices = (Choice("keep", "k", "keep it running"), Choice("cancel", "c", "cancel it"))
        self.app.push_screen(Dialog("Cancel this run?", text, choices), answered)

    # --- writing beside it ----------------------------------------------------------------

    def ask_note(self) -> None:
        """Ask for a note and tags."""
        from jobtui.screens.note import NoteScreen

        run = self.runs.item
        if run is None:
            return

        def answered(answer: tuple[str, tuple[str, ...]] | None) -> None:
            if answer is not None and answer != (run.note, run.tags):
                note, tags = answer
                self.write(run, note=note, tags=tags)

        self.app.push_screen(NoteScreen(run), answered)

    def star(self) -> None:
        """Put a star on the selected run, or take it away."""
        run = self.runs.item
        if run is not None:
            self.write(run, starred=not run.starred)

    # --- removing -------------------------------------------------------------------------

    def offer_removal(self) -> None:
        """Show what removing comes to, and remove if that is wanted."""
        runs = self.chosen()
        if not runs:
            return

        async def work() -> None:
            try:
                removal = await self.history_service.removal([run.id for run in runs])
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
                return
            if self.app.screen is not self:
                # Another question was opened in the meantime.
                return
            if not removal.runs:
                self.say("; ".join(removal.refused) or "there is no such run", error=True)
                return
            self._ask_removal(removal)

        self.background(work, "removal")

    def _ask_removal(self, removal: RunRemoval) -> None:
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        number = count(len(removal.runs), "run")
        choices = (Choice("keep", "k", "keep"), Choice("delete", "d", f"delete {number}"))

        def answered(answer: str | None) -> None:
            if answer == "delete":
                self.delete(removal.runs)

        text = run_removal_text(removal)
        self.app.push_screen(Dialog(f"Delete the records of {number}?", text, choices), answered)

    # --- elsewhere ------------------------------------------------------------------------

    def compare(self) -> None:
        """Show in what runs differ."""
        from jobtui.screens.compare import CompareScreen

        runs = self.to_compare()
        if len(runs) >= 2:
            self.app.push_screen(CompareScreen(self.history_service, runs, self.now))

    def copy(self) -> None:
        """Ask what to copy of the selected run."""
        from jobtui.screens.dialog import Dialog
        from jobtui.widgets.choices import Choice

        run = self.runs.item
        if run is None:
            return
        folder = self.service.root / ".jobtui" / "runs" / run.id
        texts = {
            "id": ("i", run.id),
            "command": ("c", again_command(run)),
            "path": ("p", str(folder)),
        }
        choices = [Choice(name, key, plain(text)) for name, (key, text) in texts.items()]

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.app.copy_to_clipboard(texts[answer][1])
                self.say(f"copied the {answer}")

        self.app.push_screen(Dialog("Copy", "", choices), answered)

    def edit(self) -> None:
        """Open the run's script in the user's editor."""
        run = self.runs.item
        if run is not None:
            self.jobtui.home.open_editor(self.service.root / run.script, 1)


def hidden_parts(run: RunInfo) -> list[str]:
    """Name the parameters of a run whose values were not written down."""
    hidden = [
        name
        for name, value in run.parameters.items()
        if isinstance(value, str) and value.startswith(REDACTED[:-1])
    ]
    return hidden + ["a word" for word in run.argv if REDACTED in word]


def again(run: RunInfo) -> RunRequest:
    """Give the request that repeats a run."""
    return RunRequest(scripts=(run.script,), overrides=dict(run.parameters), argv=run.argv)


def again_command(run: RunInfo) -> str:
    """Give the command line that repeats a run, but for secrets that it was given."""
    from jobtui.screens.command_lines import shown_command

    return shown_command(replace(again(run), argv=run.argv or None))


def run_removal_text(removal: RunRemoval) -> str:
    """Say what goes, what stays, and what is seen no more."""
    lines = [f"{size(removal.size)} of events, logs and figures; stored results stay.", ""]
    lines += _named(removal.runs)
    if removal.shown_by:
        shows = "shows" if len(removal.shown_by) == 1 else "show"
        lines += ["", f"{count(len(removal.shown_by), 'run')} alone {shows} how steps ran last:"]
        lines += [f"  {plain(run)}" for run in removal.shown_by[:_MOST]]
        lines.append("Without them these steps look as if never run, or as older runs left them.")
    if removal.refused:
        lines += ["", *(plain(text) for text in removal.refused[:_MOST])]
        if len(removal.refused) > _MOST:
            lines.append(f"and {count(len(removal.refused) - _MOST, 'more')}")
    return "\n".join(lines)


def _named(runs: Sequence[RunInfo]) -> list[str]:
    lines = [f"  {plain(run.id)}  {plain(run.script)}" for run in runs[:_MOST]]
    if len(runs) > _MOST:
        lines.append(f"  and {count(len(runs) - _MOST, 'more run')}")
    return lines
