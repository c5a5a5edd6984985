"""Where the command line writes: a terminal with colours, or plain text for pipes and files.

Rich is loaded for a terminal alone: it costs more than everything that ``jobtui status`` does for
a small project.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from functools import cached_property

from jobtui.cli.again import is_terminal
from jobtui.plain import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from rich.console import Console

__all__ = ["Cell", "Output", "prepare_streams"]

Cell = tuple[str, str]
"""Text and its style; the style counts on a terminal only."""

_NARROW = 30
"""Columns below which a reason cannot be read beside the rest of its row."""

_ASCII = {
    "→": "->",
    "●": "*",
    "✗": "x",
    "≈": "=",
    "·": ".",
    "…": "...",
    "─": "-",
    "–": "-",
    "²": "2",
    "₂": "2",
}


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_ascii(character) for character in text), error.end


def _ascii(character: str) -> str:
    # Pictures of control characters, as they stand for escapes in names and logs.
    if "\u2400" <= character < "\u2420":
        return f"^{chr(ord(character) - 0x2400 + 0x40)}"
    return _ASCII.get(character, "?")


def prepare_streams() -> None:
    """Let stdout and stderr take any text: what their encoding lacks is spelt in ASCII."""
    codecs.register_error("jobtui-ascii", _spell)
    # Started with a closed descriptor (``>&-``), Python has no stream at all.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="jobtui-ascii")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # as long as the process


class _Draft(io.StringIO):
    """Text that is laid out for another stream."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def isatty(self) -> bool:
        return self._stream.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property is as good
        return self._stream.encoding


class Output:
    """Lines and tables on one stream.

    Parameters
    ----------
    stream : file, optional
        Standard output if not given.

    Attributes
    ----------
    terminal : bool
        Whether a person looks at it: a terminal that understands more than plain text.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream if stream is not None else sys.stdout
        self.terminal = is_terminal(self.stream)

    @cached_property
    def console(self) -> Console:
        """Rich's console on this stream; for terminals only."""
        from rich.console import Console

        # Text comes from files: nothing in it is markup, a link or an emoji code.
        return Console(
            file=self.stream,
            markup=False,
            emoji=False,
            highlight=False,
            no_color=bool(os.environ.get("NO_COLOR")),
        )

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        # Not above: it brings the compressors along.
        import shutil

        return shutil.get_terminal_size().columns

    def line(self, text: str = "", style: str = "", *, exact: bool = False) -> None:
        """Write one line, folded between words; an exact one is left to the terminal to fold.

        What is folded stands under the line's own indentation.
        """
        if self.terminal:
            shown = plain(text)
            if not exact:
                shown = "\n".join(map(self._folded, shown.split("\n")))
            self.console.print(shown, style=style or None, soft_wrap=True)
        else:
            self.stream.write(plain(text) + "\n")

    def pieces(self, spans: Sequence[Cell]) -> None:
        """Write one line of pieces in styles of their own; the terminal folds it."""
        if not self.terminal:
            self.stream.write(plain("".join(text for text, _ in spans)).rstrip() + "\n")
            return
        from rich.text import Text

        line = Text(no_wrap=True)
        for text, style in spans:
            line.append(plain(text), style=style or None)
        self.console.print(line, soft_wrap=True)

    def _folded(self, text: str) -> str:
        from rich.text import Text

        rest = text.lstrip(" ")
        indent = len(text) - len(rest)
        room = self.console.width - indent - 2
        if room < 1 or not rest:
            return text
        first, *more = Text(rest).wrap(self.console, room + 2)
        if more:
            # Two cells less than the first line has, so that it is seen where an item begins.
            left = rest[len(first.plain) :].lstrip(" ")
            more = list(Text(left).wrap(self.console, room))
        lines = [first.plain, *(f"  {line.plain}" for line in more)]
        return "\n".join(" " * indent + line.rstrip() for line in lines)

    def draft(self, write: Callable[[Output], object]) -> str:
        """Give what somebody would write here, without writing it."""
        stream = _Draft(self.stream)
        write(Output(stream))
        return stream.getvalue()

    def raw(self, text: str) -> None:
        """Write text as it is."""
        self.stream.write(text)

    def flush(self) -> None:
        """Hand over what was written."""
        self.stream.flush()

    def rows(self, rows: Sequence[Sequence[Cell]], *, indent: int = 0) -> None:
        """Write aligned columns; the last one takes what is left of the width and folds there.

        Where hardly anything is left for it, it goes below the others.
        """
        if not rows:
            return
        if self.terminal:
            used = indent + sum(
                max(len(row[n][0]) + 2 for row in rows) for n in range(len(rows[0]) - 1)
            )
            if self.width - used < _NARROW:
                self._rich_pairs(rows, indent)
            else:
                self._rich_rows(rows, indent)
            return
        widths = [max(len(row[n][0]) for row in rows) for n in range(len(rows[0]) - 1)]
        for row in rows:
            cells = [text.ljust(width) for (text, _), width in zip(row, widths, strict=False)]
            line = "  ".join([*cells, row[-1][0]])
            self.stream.write(" " * indent + plain(line).rstrip() + "\n")

    def _rich_rows(self, rows: Sequence[Sequence[Cell]], indent: int) -> None:
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        last = len(rows[0]) - 1
        for n in range(last + 1):
            table.add_column(no_wrap=n < last, overflow="fold" if n == last else "ellipsis")
        for row in rows:
            table.add_row(*(Text(plain(text), style=style) for text, style in row))
        self.console.print(Padding(table, (0, 0, 0, indent)))

    def _rich_pairs(self, rows: Sequence[Sequence[Cell]], indent: int) -> None:
        from rich.padding import Padding
        from rich.text import Text

        widths = [max(len(row[n][0]) for row in rows) for n in range(len(rows[0]) - 1)]
        for row in rows:
            head = Text(no_wrap=True, overflow="ellipsis")
            for (text, style), width in zip(row, widths, strict=False):
                head.append(plain(text).ljust(width + 2), style=style)
            head.rstrip()
            self.console.print(Padding(head, (0, 0, 0, indent)))
            text, style = row[-1]
            if text:
                self.console.print(Padding(Text(plain(text), style=style), (0, 0, 0, indent + 4)))
