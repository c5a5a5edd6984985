"""Printing what runs do while they do it.

Lines are printed as things end, so that a pipe and a terminal get the same text; a terminal has,
below it, a line for each step that is running, with a clock.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from jobtui.cli.output import Output
from jobtui.cli.phrases import one_line
from jobtui.cli.signals import Signals, let_go
from jobtui.plain import count, duration, log_line, short, time_left
from jobtui.views.plans import held_sentences, on_old
from jobtui_core.errors import JobtuiError
from jobtui_core.records import CallInfo, CallState, Plan, Progress, RunInfo, RunState

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

    from jobtui_core.project import Change, Project, Queue

__all__ = ["RunPrinter", "show_runs"]

_PER_FUNCTION = 20
"""Calls of one function in one run that get a line each; the rest is counted at the end."""

_CALLS: dict[CallState, tuple[str, str, str]] = {
    CallState.HIT: ("=", "from the cache", "green"),
    CallState.COMPUTED: ("+", "computed", "yellow"),
    CallState.UNCACHED: ("!", "computed, not kept", "yellow"),
    CallState.OLD: ("<", "dropped: an older result", "blue"),
    CallState.FAILED: ("✗", "failed", "bold red"),
}
"""Sign, words and style for a call that ended."""

_PART = 1 << 20
"""Bytes of a run's output that one look prints, so that Ctrl+C never waits for megabytes."""

_SHOWN = 200
"""Lines of output that one look prints on a terminal; nobody reads more in a tenth of a second."""

_REST = 1 << 16
"""Characters of an unfinished line that are kept; a progress bar may never end its line."""

_ENDS: dict[RunState, tuple[str, str]] = {
    RunState.DONE: ("done", "bold green"),
    RunState.FAILED: ("failed", "bold red"),
    RunState.CANCELLED: ("cancelled", "bold yellow"),
    RunState.DIED: ("died", "bold red"),
}
"""Word and style for a run that ended."""


def show_runs(
    project: Project, queue: Queue, planned: Plan, output: Output, signals: Signals
) -> int:
    """Print what the runs of a queue do until all have ended, or a signal says otherwise.

    Returns
    -------
    int
        0 if all ended well, or were left running because the terminal went away; else 1.
    """
    from jobtui_core.project import cancel, follow_queue

    printer = RunPrinter(project, planned, output, several=len(queue.runs) > 1)
    asked = False
    with _Clock(printer, output) as clock:
        for changes in follow_queue(project, queue):
            if signals.detach:
                let_go()
                return 0
            if signals.cancel and not asked:
                asked = True
                clock.say("cancelling; once more to stop watching")
                cancel(project, queue=queue.id)
            if signals.again:
                return 1
            printer.show(changes)
            clock.tick()
            output.flush()
        # All runs have ended; what they printed last may be more than one look shows.
        while printer.behind and not signals.cancel and not signals.detach:
            printer.show(())
            output.flush()
    return printer.code


def _told(progress: Progress | None, spent: float | None = None) -> str:
    """Say how far something says it is, and how long that may go on; nothing if it says nothing."""
    if progress is None:
        return ""
    label = f"  {one_line(short(progress.label, 30))}" if progress.label else ""
    part = progress.fraction
    if part is None:
        unit = f" {one_line(progress.unit)}" if progress.unit else ""
        return f"{label}  {progress.done:,g}{unit}"
    left = time_left(spent, part)
    return f"{label}  {part:.0%}" + (f", about {duration(left)} left" if left is not None else "")


@dataclass(slots=True)
class _Followed:
    """One run that has started, and what was printed of it."""

    info: RunInfo
    running: dict[str, CallInfo] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)
    """Calls that have ended and were printed or counted."""
    lines: Counter[str] = field(default_factory=Counter)
    """Ended calls by name of the step."""
    offset: int = 0
    """Bytes of its log that were printed."""
    rest: str = ""
    """The beginning of a line that has not ended."""
    behind: bool = False
    """Whether it had printed more than the last look showed."""
    ended: bool = False


class RunPrinter:
    """Turns changes of runs into lines.

    Parameters
    ----------
    project : Project
    planned : Plan
        Tells how long steps took before.
    output : Output
    several : bool
        Whether lines of a script's output need its name in front.
    """

    def __init__(self, project: Project, planned: Plan, output: Output, *, several: bool) -> None:
        self.project = project
        self.output = output
        self.several = several
        self._runs: dict[str, _Followed] = {}
        self._planned = {row.script for row in planned.rows}
        self._expected = {(row.script, row.function): row.duration for row in planned.rows}

    @property
    def code(self) -> int:
        """The exit code that the runs add up to."""
        return int(any(run.info.state is not RunState.DONE for run in self._runs.values()))

    @property
    def behind(self) -> bool:
        """Whether runs have printed more than was shown."""
        return any(not run.ended and run.behind for run in self._runs.values())

    def show(self, changes: tuple[Change, ...]) -> None:
        """Print what is new, and what the runs that are going have written since."""
        for change in changes:
            if change.kind != "removed" and change.run.state is not RunState.QUEUED:
                run = self._followed(change.run)
                if change.call is not None:
                    self._call(run, change.call)
        for run in self._runs.values():
            if not run.ended:
                self._log(run)
                if not run.info.state.active and not run.behind:
                    self._end(run)

    def clocks(self) -> list[str]:
        """Give a line for each step that is running, with its time and that of last time."""
        now = time.time()
        lines: list[str] = []
        for run in self._runs.values():
            if run.ended:
                continue
            first = len(lines)
            script = one_line(run.info.script)
            for call in run.running.values():
                spent = max(0.0, now - (call.started or now))
                before = self._expected.get((run.info.script, call.function))
                told = _told(call.progress, spent)
                guess = f" of about {duration(before)}" if before and not told else ""
                lines.append(f"● {script}  {one_line(call.name)}  {duration(spent)}{told}{guess}")
            if not run.running or run.info.progress is not None:
                lines.insert(first, f"● {script}{_told(run.info.progress)}")
        return lines

    def _followed(self, info: RunInfo) -> _Followed:
        run = self._runs.get(info.id)
        if run is None:
            run = self._runs[info.id] = _Followed(info)
            self.output.line(f"{one_line(info.script)}: run {info.id}", "bold")
        run.info = info
        return run

    def _call(self, run: _Followed, call: CallInfo) -> None:
        if call.state is CallState.RUNNING:
            run.running[call.id] = call
            return
        run.running.pop(call.id, None)
        if call.id in run.calls:
            return
        run.calls.add(call.id)
        run.lines[call.name] += 1
        if run.lines[call.name] > _PER_FUNCTION and call.state is not CallState.FAILED:
            return
        if call.log[1] is not None:
            self._log(run, call.log[1])
        sign, words, style = _CALLS[call.state]
        ran = call.state not in (CallState.HIT, CallState.OLD)
        took = f" in {duration(call.duration)}" if ran else ""
        took += f", {on_old(call.on_old)}" if call.on_old else ""
        error = f": {one_line(call.error)}" if call.error else ""
        if call.error.startswith("KeyboardInterrupt"):
            # Nothing is wrong with a step that somebody ended.
            sign, words, style, error = "-", "cancelled", "yellow", ""
            took = f" after {duration(call.duration)}"
        script = f"{one_line(run.info.script)}  " if self.several else ""
        self.output.line(f"{sign} {script}{one_line(call.name)}  {words}{took}{error}", style)

    def _log(self, run: _Followed, until: int | None = None) -> None:
        """Print what a run has written, as far as byte ``until`` where that is known."""
        from jobtui_core.project import read_log

        limit = _PART if until is None else min(_PART, until - run.offset)
        if limit <= 0:
            return
        try:
            part = read_log(self.project, run.info.id, start=run.offset, limit=limit)
        except JobtuiError:
            # Somebody deleted the run's folder; the run itself tells how it ends.
            run.behind = False
            return
        run.behind = part.more and part.end > run.offset
        run.offset = part.end
        *lines, run.rest = (run.rest + part.text).split("\n")
        run.rest = run.rest[-_REST:]
        left_out = len(lines) - _SHOWN if self.output.terminal else 0
        if left_out > 0:
            lines = lines[left_out:]
            self.output.line(f"  … {count(left_out, 'line')}: jobtui log {run.info.id}", "dim")
        for line in lines:
            self._log_line(run, line)

    def _log_line(self, run: _Followed, line: str) -> None:
        script = f"{one_line(run.info.script)}| " if self.several else ""
        self.output.line(f"  {script}{log_line(line)}", "dim", exact=True)

    def _end(self, run: _Followed) -> None:
        run.ended = True
        if run.rest:
            self._log_line(run, run.rest)
        for name, number in run.lines.items():
            if number > _PER_FUNCTION:
                more = count(number - _PER_FUNCTION, "more call")
                self.output.line(f"  {one_line(name)}: {more}")
        info = run.info
        words, style = _ENDS.get(info.state, (info.state.value, ""))
        facts = [f"{info.computed} computed", f"{info.hits} from the cache"]
        if info.failed and info.state is RunState.FAILED:
            facts.insert(0, f"{info.failed} failed")
        if info.time_saved >= 0.1:
            facts[-1] += f" ({duration(info.time_saved)} saved)"
        if info.old:
            facts.append(f"{info.old} by an older result")
        if info.started is not None and info.ended is not None:
            facts.append(duration(info.ended - info.started))
        error = f": {one_line(info.error)}" if info.error else ""
        self.output.line(f"{one_line(info.script)}: {words}{error} ({', '.join(facts)})", style)
        if info.state in (RunState.FAILED, RunState.DIED):
            self.output.line(f"  jobtui log {info.id} shows all that it printed", "dim")
        if info.state is RunState.FAILED and info.failed:
            self.output.line("  jobtui replay --show tells of the failure, --pdb debugs it", "dim")
        if info.script in self._planned:
            self._hold_plan(info)

    def _hold_plan(self, info: RunInfo) -> None:
        """Say what became of the plan."""
        from jobtui_core.project import held_plan

        try:
            held = held_plan(self.project, info.id)
        except JobtuiError:
            # Somebody deleted the run's folder.
            return
        for text, matters in held_sentences(held) if held is not None else ():
            script = f"{one_line(info.script)}: " if self.several else ""
            self.output.line(f"  {script}{text}", "yellow" if matters else "dim")


class _Clock:
    """The lines below the others on a terminal that say what is running; nothing elsewhere."""

    def __init__(self, printer: RunPrinter, output: Output) -> None:
        self._printer = printer
        self._output = output
        self._live: Live | None = None
        self._said = ""

    def __enter__(self) -> Self:
        if self._output.terminal:
            from rich.live import Live

            self._live = Live(
                console=self._output.console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                get_renderable=self._text,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, words: str) -> None:
        """Say something: on a terminal below the clocks, elsewhere on a line of its own."""
        self._said = words
        if self._live is None:
            self._output.line(words)

    def tick(self) -> None:
        """Draw again."""
        if self._live is not None:
            self._live.refresh()

    def _text(self) -> Text:
        from rich.text import Text

        lines = [*self._printer.clocks(), *([self._said] if self._said else [])]
        return Text("\n".join(lines), style="bold blue", no_wrap=True, overflow="ellipsis")
