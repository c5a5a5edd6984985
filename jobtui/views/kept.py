"""What is known of an entry of a store, or of a function's entries: the text of the Preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui.plain import age, clock_time, count, duration, plain, plain_lines, size
from jobtui.views.canvas import Paint
from jobtui.views.lines import Line, Span, line
from jobtui.views.picture import picture_lines

if TYPE_CHECKING:
    from jobtui.services.stores import Shown
    from jobtui_core.project.catalogue.rows import Facts, FunctionSum, Row

__all__ = ["entry_lines", "functions_lines"]

_MOST = 20
"""Files, or versions, that are listed one by one."""


def entry_lines(
    row: Row,
    facts: Facts | None,
    shown: Shown | None,
    *,
    now: float,
    width: int,
    height: int,
    paint: Paint = "colours",
) -> list[Line]:
    """Show what is known of an entry.

    Parameters
    ----------
    row : Row
    facts : Facts or None
        What it says, if that is known.
    shown : Shown or None
        All there is about it, if that was read.
    now : float
        In seconds since the epoch.
    width, height : int
        Cells of the pane, for the plots.
    paint : {"colours", "shades", "ascii"}
        What the terminal can show.
    """
    if shown is not None:
        row, facts = shown.detail.row, shown.detail.facts
    lines = [line((plain(row.function), "title"))]
    if facts is not None and facts.problem:
        lines += [
            line(("✗ unreadable: ", "bad"), (plain(facts.problem), "bad")),
            line(("Whoever asks for it computes it again; D deletes it.", "dim")),
        ]
    elif shown is not None and shown.detail.preview is not None:
        lines += picture_lines(shown.detail.preview, width, max(height // 2 - 3, 3), paint)
    elif shown is None:
        lines.append(line(("reading …", "dim")))
    lines += [(), *_arguments(facts), *_facts(row, facts, shown, now)]
    if shown is not None and shown.code:
        lines += [(), line(("Code", "title"))]
        lines += [line(f"  {text}") for text in plain_lines(shown.code.rstrip("\n"))]
    return lines


def _arguments(facts: Facts | None) -> list[Line]:
    if facts is None or not facts.arguments:
        return []
    lines = [line(("Arguments", "title"))]
    for name, value in facts.arguments.items():
        lines.append(line("  ", (plain(name), "name"), " = ", plain(value)))
    return [*lines, ()]


def _facts(row: Row, facts: Facts | None, shown: Shown | None, now: float) -> list[Line]:
    told: list[tuple[str, str]] = []
    if facts is not None:
        if facts.started is not None:
            told.append(("computed", _moment(facts.started, now)))
        if facts.duration is not None:
            told.append(("took", duration(facts.duration)))
        who = " on ".join(filter(None, (facts.user, facts.host)))
        told.append(("by", who))
    told.append(("written", _moment(row.written, now)))
    told.append(("size", f"{size(row.size)} ({row.size:,} bytes)"))
    told.append(("key", row.key))
    if shown is not None:
        detail = shown.detail
        told.append(("run", detail.run))
        told.append(("stored as", detail.codec))
        versions = [f"{name} {version}" for name, version in list(detail.versions.items())[:_MOST]]
        told.append(("versions", ", ".join(versions)))
        told += [("input", path) for path in detail.files[:_MOST]]
        told += [("wrote", path) for path in detail.outputs[:_MOST]]
        left = len(detail.files[_MOST:]) + len(detail.outputs[_MOST:])
        if left:
            told.append(("", f"and {count(left, 'more file')}"))
    told = [(name, text) for name, text in told if text]
    return [line((f"{name:<10}", "dim"), plain(text)) for name, text in told]


def _moment(moment: float, now: float) -> str:
    past = age(max(now - moment, 0.0))
    return f"{clock_time(moment)}  ({past if past == 'now' else past + ' ago'})"


def functions_lines(sums: Sequence[FunctionSum], *, now: float, known: str = "") -> list[Line]:
    """Show what is kept of a function, or of several."""
    if not sums:
        return [line(("Nothing is selected.", "dim"))]
    entries = sum(one.entries for one in sums)
    timed, seconds = sum(one.timed for one in sums), sum(one.seconds for one in sums)
    title = sums[0].function if len(sums) == 1 else count(len(sums), "function")
    lines = [line((plain(title), "title")), ()]
    told: list[tuple[str, Span]] = [
        ("entries", (f"{entries:,}", "value")),
        ("size", (size(sum(one.size for one in sums)), "value")),
        ("newest", (_moment(max(one.newest for one in sums), now), "")),
    ]
    if timed:
        few = "" if timed == entries else f", of {timed:,} that were read"
        told.append(("took", (f"{duration(seconds)} to compute{few}", "")))
    lines += [line((f"{name:<10}", "dim"), span) for name, span in told]
    return [*lines, *([(), line((known, "dim"))] if known else [])]
