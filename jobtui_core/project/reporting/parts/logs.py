"""What a run put out, folded by step."""

from __future__ import annotations

from collections.abc import Iterable

from jobtui_core.labbook import LogLine
from jobtui_core.plain import count, log_line, short
from jobtui_core.project.reporting.blocks import Block, Code, CodeLine, Fold, Paragraph, Section
from jobtui_core.project.reporting.data import Chapter, LogPart

__all__ = ["logs"]

_LONGEST = 2000
"""Characters of a line that are shown."""

_BAD = ("ERROR", "CRITICAL", "FATAL")


def logs(chapter: Chapter) -> Section | None:
    """Give what a run put out; ``None`` if that was nothing."""
    parts = [part for part in chapter.log if part.lines]
    if not parts:
        return None
    begun = chapter.detail.info.started
    folds = tuple(_part(part, begun, chapter.detail.info.id) for part in parts)
    return Section("Log", folds)


def _part(part: LogPart, begun: float | None, run: str) -> Fold:
    number = len(part.lines) + part.left_out
    title = f"{part.step or 'Outside of steps'} · {count(number, 'line')}"
    blocks: list[Block] = []
    origins = dict.fromkeys(line.origin for line in part.lines if line.origin)
    if origins:
        runs = ", ".join(list(origins)[:3]) + (" …" if len(origins) > 3 else "")
        blocks.append(
            Paragraph(f"Lines with ↺ were put out when it was computed, in {runs}.", "dim")
        )
    half = (len(part.lines) + 1) // 2 if part.left_out else len(part.lines)
    lines = [_line(one, begun) for one in part.lines[:half]]
    if part.left_out:
        words = " ".join(("jobtui log", run, *([part.step] if part.step else [])))
        lines.append(CodeLine(f"… {part.left_out:,} lines are left out: {words}", "dim"))
        lines += [_line(one, begun) for one in part.lines[half:]]
    return Fold(title, (*blocks, Code(tuple(lines))))


def _line(line: LogLine, begun: float | None) -> CodeLine:
    text = short(log_line(line.text), _LONGEST)
    before = " ".join(_before(line))
    gutter = "↺" if line.origin else _since(line.time, begun)
    shown = f"{before} {text}" if before else text
    if line.level in _BAD:
        return CodeLine(shown, "err", gutter)
    if line.stream == "warning" or line.level == "WARNING":
        return CodeLine(shown, "warn", gutter)
    return CodeLine(shown, "", gutter)


def _before(line: LogLine) -> Iterable[str]:
    """Give what is known of a logging record or warning besides its text, unless it says so."""
    for known in (line.level, line.logger if line.stream == "log" else line.place):
        if known and known not in line.text:
            yield f"{known}:"


def _since(time: float | None, begun: float | None) -> str:
    """Write when a line was put out, in seconds since the run began."""
    if time is None or begun is None or not 0 <= time - begun < 1e9:
        return "".rjust(9)
    return f"{time - begun:8.2f}s"
