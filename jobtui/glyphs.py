"""The signs of the screen, and what stands for them where a terminal has no UTF-8.

State is always a sign *and* a word, so that neither colour nor a font decides what one can read.
Widgets draw the signs below whatever the terminal can do; `AsciiFilter` translates at the very
end, which also covers the borders and scroll bars that are Textual's, and untrusted text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter

from jobtui_core.records import PlanAction, RunState, Verdict

if TYPE_CHECKING:
    from textual.color import Color

__all__ = [
    "ACCEPTED_GLYPH",
    "ACTION_GLYPHS",
    "ACTION_WORDS",
    "RUN_GLYPHS",
    "STAR",
    "VERDICT_GLYPHS",
    "AsciiFilter",
    "needs_ascii",
    "to_ascii",
]

VERDICT_GLYPHS: dict[Verdict, str] = {
    Verdict.FAILED: "✗",
    Verdict.RUNNING: "●",
    Verdict.NEW: "·",
    Verdict.STALE: "~",
    Verdict.UNSURE: "?",
    Verdict.FRESH: "=",
    Verdict.UNUSED: "-",
}
"""One sign for each verdict; its word stands beside it."""

ACCEPTED_GLYPH = "≈"
"""Stands in the place of that of `Verdict.FRESH` where somebody accepted an edit."""

RUN_GLYPHS: dict[RunState, str] = {
    RunState.QUEUED: "·",
    RunState.RUNNING: "●",
    RunState.DONE: "=",
    RunState.FAILED: "✗",
    RunState.CANCELLED: "-",
    RunState.DIED: "✗",
    RunState.SILENT: "?",
}
"""One sign for each state of a run."""

STAR = "★"
"""Beside a run that is kept for ever."""

ACTION_GLYPHS: dict[PlanAction, str] = {
    PlanAction.RUN: "●",
    PlanAction.MAYBE: "?",
    PlanAction.KEEP: "=",
    PlanAction.DROP: "<",
}
"""One sign for each thing that a plan does with a step."""

ACTION_WORDS: dict[PlanAction, str] = {
    PlanAction.RUN: "will run",
    PlanAction.MAYBE: "may run",
    PlanAction.KEEP: "kept",
    PlanAction.DROP: "dropped",
}
"""What a plan does with a step, in words."""

_ASCII = {
    "●": "*", "✗": "x", "·": ".", "≈": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "⏎": "+",
    "…": ".", "–": "-", "—": "-", "×": "x", "µ": "u", "▸": ">", "▾": "v", "▲": "^", "▼": "v",
    "│": "|", "┃": "|", "║": "|", "─": "-", "━": "=", "═": "=", "█": "#", "▓": "#", "▒": ":",
    "░": ".", "▁": "_", "▂": "_", "▃": "_", "▄": "=", "▅": "=", "▆": "#", "▇": "#", "▉": "#",
    "▊": "#", "▋": "#", "▌": "|", "▍": "|", "▎": "|", "▏": "|", "▐": "|", "▔": "-", "▕": "|",
    "▀": "-", "★": "*", "’": "'", "‘": "'", "“": '"', "”": '"', "␛": "^", "␊": "/", "\u00a0": " ",
}  # fmt: skip
# Corners and crossings of boxes, all to one sign.
_ASCII.update(dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝╞╡┏┓┗┛┳┻╋╸╺╶╴", "+"))
_TABLE = str.maketrans(_ASCII)


def to_ascii(text: str) -> str:
    """Give text of the same width in cells that consists of ASCII alone."""
    text = text.translate(_TABLE)
    if text.isascii():
        return text
    return "".join(char if char.isascii() else "?" * cell_len(char) for char in text)


class AsciiFilter(LineFilter):
    """Let nothing but ASCII reach the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Translate the text of every segment; styles and widths stay."""
        return [
            segment
            if segment.text.isascii() or segment.control
            else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]


_SET_BY_PYTHON = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python itself may have put into ``LC_CTYPE`` when it found the locale C (PEP 538)."""


def needs_ascii(stream: TextIO | None = None, environment: Mapping[str, str] | None = None) -> bool:
    """Tell whether a terminal cannot show UTF-8.

    Python takes every terminal in the locale C for one of UTF-8 (PEP 538 and 540).  That is right
    where no locale was set at all, as in most containers, but whoever asks for C or for another
    encoding gets what they ask for.

    Parameters
    ----------
    stream : text stream, optional
        What writes to the terminal; standard output by default.
    environment : mapping, optional
        Environment variables; those of this process by default.
    """
    encoding = getattr(stream or sys.__stdout__, "encoding", None) or "ascii"
    if not _is_utf8(encoding):
        return True
    variables = os.environ if environment is None else environment
    locale = variables.get("LC_ALL") or variables.get("LC_CTYPE") or ""
    if not locale or (locale in _SET_BY_PYTHON and not variables.get("LC_ALL")):
        locale = variables.get("LANG", "")
    name, _, codeset = locale.partition("@")[0].partition(".")
    return not _is_utf8(codeset) if codeset else name in ("C", "POSIX")


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"
