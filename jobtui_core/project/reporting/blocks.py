"""What a report consists of, before it is written in a language: blocks, and spans within them.

A text in here is just a text.  Only those who write a language know what has to be escaped in
it, and they escape every text that they meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jobtui_core.pictures import Plot

__all__ = [
    "Block",
    "Box",
    "Bullets",
    "Code",
    "CodeLine",
    "Document",
    "Drawing",
    "Facts",
    "Fold",
    "Gallery",
    "Grid",
    "Inline",
    "Paragraph",
    "Picture",
    "Section",
    "Span",
    "Table",
    "pieces",
]

Look = Literal["", "code", "strong", "dim", "good", "bad", "warn", "badge"]
"""How a span stands out; ``badge`` is a label with a border around it."""

LineLook = Literal["", "add", "del", "head", "err", "warn", "mark", "dim"]
"""How a line of code or of a log stands out."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line of text."""

    text: str
    look: Look = ""


Inline = str | Span | tuple[str | Span, ...]
"""A line of text: one piece, or several."""


def pieces(text: Inline) -> tuple[Span, ...]:
    """Give the spans of a line of text."""
    parts = text if isinstance(text, tuple) else (text,)
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of text of its own."""

    text: Inline
    look: Literal["", "dim", "lead"] = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Text that stands apart; its newlines are kept."""

    text: str
    kind: Literal["note", "warning", "error"] = "note"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of lines."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they stand for."""

    rows: tuple[tuple[str, Inline], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the names of columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    numeric: frozenset[int] = frozenset()
    """Columns that are aligned at their right ends."""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of code, of a diff or of a log."""

    text: str
    look: LineLook = ""
    gutter: str = ""
    """What stands before it: a number, a time."""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that stand as they are."""

    lines: tuple[CodeLine, ...]
    language: Literal["", "python", "diff", "sh"] = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as somebody drew it."""

    kind: Literal["png", "svg"]
    data: bytes
    alt: str
    caption: Inline = ""
    width: int = 0
    """In pixels as it is shown; 0: not known."""
    height: int = 0
    enlarged: bool = False
    """Whether its own pixels are to be seen as such."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures beside each other, as far as there is room."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Numbers that a report draws by itself."""

    plot: Plot
    alt: str
    span: tuple[float, float] | None = None
    """Where the first bar begins and the last one ends, if not around their places."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks behind a line that opens them."""

    title: Inline
    blocks: tuple[Block, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Blocks beside each other, as far as there is room."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading."""

    title: Inline
    blocks: tuple[Block, ...]
    anchor: str = ""
    """Where links within the page find it; what `shown.anchor` gives."""
    listed: bool = True
    """Whether it stands in the table of contents."""
    chapter: bool = False
    """Whether it begins a new page in print."""


Block = (
    Grid
    | Paragraph
    | Box
    | Bullets
    | Facts
    | Table
    | Code
    | Picture
    | Gallery
    | Drawing
    | Fold
    | Section
)


@dataclass(frozen=True, slots=True)
class Document:
    """A report."""

    title: str
    lead: Inline
    """A line below the title."""
    blocks: tuple[Block, ...]
    foot: Inline = ""
