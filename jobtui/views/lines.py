"""Text in pieces with named styles: what panes say, before anything is drawn.

A piece of text is never parsed for markup, so nothing that it contains can become style.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len

__all__ = ["Line", "Span", "line", "search", "text_of", "wrap"]

Span = tuple[str, str]
"""Text, and the name of a style (empty for none)."""
Line = tuple[Span, ...]
"""One line; its text is plain and has no newline."""

_WORD = re.compile(r"\s*\S+|\s+")
_LEAD = re.compile(r"\s*(?:[-+~=?•] )?\s*")


def line(*spans: Span | str) -> Line:
    """Put a line together; a text without a style may be given as it is."""
    return tuple((span, "") if isinstance(span, str) else span for span in spans)


def text_of(spans: Line) -> str:
    """Give the text of a line."""
    return "".join(text for text, _style in spans)


def wrap(spans: Line, width: int) -> list[Line]:
    """Break a line between words where it is longer than ``width`` cells.

    What follows hangs below the text's own beginning.  Words that are too long are cut.
    """
    text = text_of(spans)
    if width < 4 or (len(text) if text.isascii() else cell_len(text)) <= width:
        return [spans]
    lead = _LEAD.match(text)
    hang = min(cell_len(lead.group()) if lead else 0, width // 2)
    cuts: list[int] = []
    used = 0
    for match in _WORD.finditer(text):
        word = match.group()
        size = cell_len(word)
        start = match.start()
        if used + size <= width:
            used += size
            continue
        blanks = len(word) - len(word.lstrip())
        if used > hang and hang + size - blanks <= width:
            cuts.append(start + blanks)
            used = hang + size - blanks
            continue
        for offset, char in enumerate(word):
            wide = cell_len(char)
            if used + wide > width:
                cuts.append(start + offset)
                used = hang
            used += wide
    pieces = _divide(spans, cuts)
    indent: Line = ((" " * hang, ""),) if hang else ()
    return [pieces[0], *(indent + piece for piece in pieces[1:])]


def _divide(spans: Line, cuts: Sequence[int]) -> list[Line]:
    pieces: list[Line] = []
    piece: list[Span] = []
    place = 0
    rest = list(cuts)
    for whole, style in spans:
        text = whole
        while rest and rest[0] <= place + len(text):
            cut = rest.pop(0) - place
            piece.append((text[:cut], style))
            pieces.append(tuple(piece))
            piece, text, place = [], text[cut:], place + cut
        piece.append((text, style))
        place += len(text)
    return [*pieces, tuple(piece)]


def search(lines: Iterable[str], needle: str) -> list[int]:
    """Give the numbers of the lines that contain ``needle``, whatever its case."""
    wanted = needle.casefold()
    if not wanted:
        return []
    return [number for number, text in enumerate(lines) if wanted in text.casefold()]
