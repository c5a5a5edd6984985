"""``jobtui sweep``: a script, once for each combination of some values of its parameters."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.runs import STYLES
from jobtui.cli.signals import Signals, let_go
from jobtui.cli.usage import UsageError
from jobtui.cli.words import is_assignment
from jobtui.plain import count, duration
from jobtui_core.labbook import Sweep, SweepRow
from jobtui_core.records import RunInfo, RunState

if TYPE_CHECKING:
    from jobtui_core.project import Project, Queue

__all__ = ["run"]

_MANY = 300
"""Runs that are started without being asked twice."""

_NOTHING = 0.001
"""Seconds that are not worth to be called saved."""


def run(options: Namespace, output: Output) -> int:
    """Sweep over parameters of one script of the project in the working directory.

    Returns
    -------
    int
        0 if every combination has run well; 1 if one did not, or the sweep was interrupted.
    """
    from jobtui_core.project import open_project, plan_sweep, start_sweep, sweep

    if options.json and options.csv:
        raise UsageError("--json and --csv are two ways to print the table; take one")
    project = open_project()
    script, words = _taken_apart(options.words)
    found = sweep(project, script, words, params=options.params, argv=options.argv)
    said = Output(sys.stderr) if options.json or options.csv else output
    if len(found.rows) > _MANY and not options.yes:
        raise UsageError(f"these are {len(found.rows):,} runs; --yes runs that many")
    found = plan_sweep(project, found)
    if options.dry_run:
        _print(found, options, output)
        return 0
    left = sum(row.left for row in found.rows)
    _say_what_is_left(found, left, said)
    with Signals() as signals:
        queue = start_sweep(project, found, jobs=options.jobs or 1)
        if queue is not None and not _follow(project, found, queue, said, signals):
            return 0
    found = _outcome(project, found, options.show)
    _print(found, options, output)
    going = sum(row.state is not None and row.state.active for row in found.rows)
    if going:
        said.line(f"{count(going, 'run')} of it still going on: jobtui runs", "yellow")
    return int(any(row.left for row in found.rows))


def _taken_apart(words: Sequence[str]) -> tuple[str, list[str]]:
    """Tell the script from the values."""
    scripts = [word for word in words if not is_assignment(word)]
    values = [word for word in words if is_assignment(word)]
    if len(scripts) != 1:
        given = "none was named" if not scripts else f"there are {len(scripts)}"
        raise UsageError(f"jobtui sweep takes one script, and {given}; see jobtui sweep --help")
    return scripts[0], values


def _outcome(project: Project, found: Sweep, show: str | None) -> Sweep:
    from jobtui_core.project import sweep_outcome

    now = sweep_outcome(project, found, show)
    rows = tuple(replace(row, left=row.state is not RunState.DONE) for row in now.rows)
    return replace(now, rows=rows)


def _say_what_is_left(found: Sweep, left: int, output: Output) -> None:
    runs = count(len(found.rows), "combination")
    done = len(found.rows) - left
    words = f"sweep {found.id}: {runs} of {found.script}"
    if done and left:
        words += f", {done} done before"
    elif done:
        words += ", all done before"
    output.line(one_line(words), "bold")


# ------------------------------------------------------------------ following


def _follow(project: Project, found: Sweep, queue: Queue, output: Output, signals: Signals) -> bool:
    """Print a line for each run that ends; false where the terminal has gone away."""
    from jobtui_core.project import cancel, follow_queue

    ours = [row for row in found.rows if row.left]
    rows = dict(zip(queue.runs, ours, strict=True))
    ended: dict[str, RunInfo] = {}
    asked = False
    for changes in follow_queue(project, queue):
        if signals.detach:
            let_go()
            return False
        if signals.cancel and not asked:
            asked = True
            output.line("cancelling; once more to stop watching", "yellow")
            cancel(project, queue=queue.id)
        if signals.again:
            break
        for change in changes:
            info = change.run
            if change.kind == "run" and not info.state.active and info.id not in ended:
                ended[info.id] = info
                if info.state is not RunState.CANCELLED:
                    _say_end(rows[info.id], info, f"{len(ended)}/{len(rows)}", output)
        output.flush()
    done = sum(info.state is RunState.DONE for info in ended.values())
    if asked:
        left = len(rows) - done
        output.line(f"interrupted; {count(left, 'run')} left: the same command goes on", "yellow")
    return True


def _say_end(row: SweepRow, info: RunInfo, place: str, output: Output) -> None:
    settings = " ".join(f"{name}={_text(value)}" for name, value in row.values)
    took = ""
    if info.started is not None and info.ended is not None:
        took = f" in {duration(info.ended - info.started)}"
    style = STYLES.get(info.state, "green" if info.state is RunState.DONE else "")
    error = f": {info.error}" if info.error else ""
    words = f"{place} {settings} {info.state.value}{took}{error}"
    output.line(one_line(words), style)
    if info.state is not RunState.DONE:
        output.line(f"  jobtui log {info.id} shows all that it printed", "dim")


# ------------------------------------------------------------------ the table


def _print(found: Sweep, options: Namespace, output: Output) -> None:
    if options.json:
        from jobtui_core.project import sweep_to_json

        indent = 2 if output.terminal else None
        output.raw(json.dumps(sweep_to_json(found, options.show), indent=indent) + "\n")
    elif options.csv:
        _print_csv(found, options, output)
    else:
        _print_table(found, options, output)


def _print_csv(found: Sweep, options: Namespace, output: Output) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    shown = [options.show] if options.show else []
    facts = ["planned"] if options.dry_run else ["state", "duration", "saved", "run"]
    writer.writerow([*found.names, *facts, *shown])
    for row in found.rows:
        values = [_text(value) for _, value in row.values]
        if options.dry_run:
            writer.writerow([*values, row.planned])
            continue
        told = [
            "" if row.state is None else row.state.value,
            "" if row.duration is None else f"{row.duration:.6g}",
            f"{row.saved:.6g}",
            row.run or "",
        ]
        writer.writerow([*values, *told, *([_cell(row.shown)] if shown else [])])
    output.raw(text.getvalue())


def _print_table(found: Sweep, options: Namespace, output: Output) -> None:
    if options.dry_run:
        facts = ["plan"]
    else:
        facts = ["state", "time", "saved", *([options.show] if options.show else [])]
    head: list[Cell] = [(one_line(name), "bold") for name in (*found.names, *facts)]
    lines: list[Sequence[Cell]] = [head]
    for row in found.rows:
        values: list[Cell] = [(one_line(_text(value)), "") for _, value in row.values]
        if options.dry_run:
            done = "" if row.left else "done before"
            lines.append([*values, ("; ".join(filter(None, (done, row.planned))), "dim")])
            continue
        state = "not run" if row.state is None else row.state.value
        style = "" if row.state is None else STYLES.get(row.state, "")
        told: list[Cell] = [
            (state, style),
            (duration(row.duration) or "-", "dim"),
            (duration(row.saved) if row.saved >= _NOTHING else "-", "dim"),
        ]
        shown: list[Cell] = [(_cell(row.shown) or "-", "")] if options.show else []
        lines.append([*values, *told, *shown])
    output.rows(lines)
    if options.dry_run:
        left = sum(row.left for row in found.rows)
        output.line(f"{count(len(found.rows), 'combination')}, {left} to run", "bold")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else one_line(str(value))
