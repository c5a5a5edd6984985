"""What a run left behind: the text of the further tabs of its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from jobtui.plain import count, duration, log_line, plain, plain_lines, short
from jobtui.views.canvas import Paint
from jobtui.views.diff import diff_lines
from jobtui.views.heat import heat_lines
from jobtui.views.lines import Line, Span, line
from jobtui_core.labbook import Failure, FailureFrame, FigureInfo, LogLine, RunDetail
from jobtui_core.records import CallInfo, CallState

__all__ = [
    "calls_lines",
    "changes_lines",
    "failures_lines",
    "figures_lines",
    "output_lines",
    "pauses",
]

_MOST_CALLS = 1_000
_TALLEST = 18
"""Lines of the picture of a figure."""
_LONG = 1.0
"""Seconds without output that are a pause worth going to, at least."""
_LONGER = 10.0
"""As many times the usual time between two lines make a pause, too."""

_CALL_LOOKS: dict[CallState, tuple[str, str]] = {
    CallState.RUNNING: ("●", "running"),
    CallState.HIT: ("=", "fresh"),
    CallState.COMPUTED: ("·", "stale"),
    CallState.UNCACHED: ("?", "unsure"),
    CallState.OLD: ("<", "new"),
    CallState.FAILED: ("✗", "failed"),
}


def calls_lines(calls: Sequence[CallInfo], now: float) -> list[Line]:
    """Show the calls of a run, in order of their start."""
    if not calls:
        return [line(("No step was called.", "dim"))]
    lines = []
    width = min(max(len(plain(call.name)) for call in calls), 32)
    depths: dict[str, int] = {}
    for call in calls[:_MOST_CALLS]:
        depth = depths[call.id] = depths.get(call.parent or "", -1) + 1
        glyph, ink = _CALL_LOOKS[call.state]
        name = short(plain(call.name), width)
        spans: list[Span] = [
            (f"{glyph} {call.state.value:<8} ", ink),
            (f"{'  ' * min(depth, 6)}{name:<{width}}  ", ""),
            (f"{duration(_time(call, now)):>7}", "dim"),
        ]
        if call.saved:
            spans.append((f"  saved {duration(call.saved)}", "good"))
        lines.append(line(*spans))
        told = call.progress
        if told is not None and call.state is CallState.RUNNING:
            of = f" of {told.total:g}" if told.total is not None else ""
            words = " ".join(filter(None, (told.label, f"{told.done:g}{of}", told.unit)))
            lines.append(line((f"    {plain(words)}", "running")))
        if call.error:
            lines.append(line(("    ", ""), (plain(short(call.error, 400)), "bad")))
        lines += [line((f"    {plain(note)}", "warn")) for note in call.notes]
    if len(calls) > _MOST_CALLS:
        lines.append(line((f"… {count(len(calls) - _MOST_CALLS, 'more call')}", "dim")))
    return lines


def _time(call: CallInfo, now: float) -> float | None:
    if call.state is CallState.RUNNING and call.started is not None:
        return max(now - call.started, 0.0)
    return call.duration


def output_lines(lines: Sequence[LogLine], *, times: bool) -> list[Line]:
    """Show what a run put out; what a hit only repeats is marked with the run it is from."""
    if not lines:
        return [line(("Nothing was put out.", "dim"))]
    shown: list[Line] = []
    origin = ""
    for one in lines:
        if one.origin != origin:
            origin = one.origin
            if origin:
                head = f"─ {plain(one.step)}: from run {plain(origin)}, not printed again ─"
                shown.append(line((head, "dim")))
        spans: list[Span] = [(f"{_clock(one.time)} ", "dim")] if times else []
        if one.stream in ("log", "warning"):
            name = " ".join(filter(None, (one.level, one.logger)))
            spans.append((f"{plain(name)}: ", "bad" if one.level in _BAD else "warn"))
        style = "dim" if one.origin else _STREAMS.get(one.stream, "")
        spans.append((log_line(one.text), style))
        shown.append(line(*spans))
    return shown


_BAD = ("ERROR", "CRITICAL")
_STREAMS = {"err": "warn"}


def _clock(moment: float | None) -> str:
    if moment is None:
        return " " * 12
    try:
        told = dt.datetime.fromtimestamp(moment).astimezone()
    except (OverflowError, OSError, ValueError):
        return " " * 12
    return f"{told:%H:%M:%S}.{told.microsecond // 1000:03d}"


def pauses(lines: Sequence[LogLine]) -> list[int]:
    """Give the places, among the lines as `output_lines` shows them, behind long pauses."""
    found: list[tuple[int, float]] = []
    before: float | None = None
    origin, place = "", -1
    for one in lines:
        place += 1
        if one.origin != origin:
            origin = one.origin
            place += bool(origin)
        if one.origin or one.time is None:
            continue
        if before is not None:
            found.append((place, one.time - before))
        before = one.time
    usual = sorted(gap for _, gap in found)[len(found) // 2] if found else 0.0
    return [place for place, gap in found if gap >= max(_LONG, _LONGER * usual)]


def figures_lines(
    figures: Sequence[FigureInfo], *, width: int = 80, paint: Paint = "colours"
) -> list[Line]:
    """Show the figures that were drawn."""
    if not figures:
        return [line(("No figure was drawn.", "dim"))]
    lines = []
    for one in figures:
        size = f"  {one.width} × {one.height}" if one.width and one.height else ""
        kinds = ", ".join(kind for kind, digest in (("png", one.png), ("svg", one.svg)) if digest)
        lines.append(
            line(
                (plain(one.name), "name"),
                (f"{size}  {kinds}", "dim"),
                (f"  {plain(one.step)}" if one.step else "  the script itself", ""),
                (f"  from run {plain(one.run)}" if one.hit else "", "dim"),
            )
        )
        if one.thumb is not None:
            lines += [*heat_lines(one.thumb, width, _TALLEST, paint), ()]
    return lines


def failures_lines(failures: Sequence[Failure], *, run: str, unfolded: bool) -> list[Line]:
    """Show what raised, and with what; frames are folded until they are asked for."""
    if not failures:
        return [line(("Nothing failed.", "dim"))]
    lines: list[Line] = []
    for one in failures:
        head = f"{one.type}: {one.message}" if one.message else one.type
        lines += [
            line(("✗ ", "bad"), (plain(one.step or "the script itself"), "title")),
            *(line(("  ", ""), (text, "bad")) for text in plain_lines(head)),
        ]
        for name, value in one.arguments:
            lines.append(line("  ", (plain(name), "name"), " = ", plain(value)))
        if one.replayable:
            command = f"jobtui replay {plain(run)} {plain(one.step)}"
            lines.append(line(("  again: ", "dim"), command))
        elif one.why:
            lines.append(line((f"  its arguments were not kept: {plain(one.why)}", "dim")))
        sign = "▾" if unfolded else "▸"
        lines.append(line((f"  {sign} traceback", "dim"), (" (enter)", "dim")))
        if unfolded:
            for frame in one.frames:
                lines += _frame(frame)
            if not one.frames:
                text = one.traceback.rstrip("\n")
                lines += [line((f"    {part}", "dim")) for part in plain_lines(text)]
        lines.append(())
    return lines


def _frame(frame: FailureFrame) -> list[Line]:
    where = f"    {plain(frame.file)}:{frame.line}"
    lines = [line((where, "name"), (f"  in {plain(frame.function)}", "dim"))]
    for number, text in enumerate(frame.source, frame.first):
        here = number == frame.line
        mark = ">" if here else " "
        lines.append(line((f"    {mark}{number:>5}  {plain(text)}", "value" if here else "dim")))
    for name, value in frame.locals:
        lines.append(line((f"           {plain(name)}", "name"), (f" = {plain(value)}", "")))
    return lines


def changes_lines(detail: RunDetail) -> list[Line]:
    """Show what was not committed when the run began."""
    run = detail.info
    if not run.commit:
        return [line(("It was not run in a git working tree.", "dim"))]
    head = line(("commit ", "dim"), (plain(run.commit), "value"))
    untracked = [line((f"not tracked: {plain(name)}", "warn")) for name in detail.untracked]
    if not detail.diff:
        told = "Nothing was uncommitted." if run.dirty is False else "No changes were kept."
        return [head, *untracked, line((told, "dim"))]
    return [head, *untracked, (), *diff_lines(detail.diff)]
