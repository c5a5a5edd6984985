"""A report as Markdown, as GitHub and most viewers take it; its figures are files beside it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from jobtui_core.project.reporting.blocks import (
    Block,
    Box,
    Bullets,
    Code,
    Document,
    Drawing,
    Facts,
    Fold,
    Gallery,
    Grid,
    Inline,
    Paragraph,
    Picture,
    Section,
    Table,
    pieces,
)
from jobtui_core.project.reporting.drawing import sparkline
from jobtui_core.project.reporting.marked import code_span, escaped, fenced

__all__ = ["MARK", "Markdown", "is_own_picture", "render_markdown"]

MARK = "<!-- jobtui report -->"
"""By this a file is known to be a report, which may be written anew."""

is_own_picture = re.compile(r"figure-[0-9a-f]{16}\.(?:png|svg)").fullmatch
"""Tells names of pictures that a report wrote."""


@dataclass(slots=True)
class Markdown:
    """A report as Markdown.

    Attributes
    ----------
    text : str
    files : dict of bytes
        Pictures that it shows, by their names in its folder.
    """

    text: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def render_markdown(document: Document, folder: str | None = None) -> Markdown:
    """Write a report as Markdown.

    Parameters
    ----------
    document : Document
    folder : str, optional
        Name of the folder beside the file in which its pictures will be.  Without one there are
        none, and the text says which there were.
    """
    writer = _Writer(folder)
    parts = [MARK, f"# {escaped(document.title)}", writer.inline(document.lead)]
    parts += writer.blocks(document.blocks, 2)
    parts += ["---", writer.inline(document.foot)]
    text = "\n\n".join(part for part in parts if part)
    return Markdown(f"{text}\n", writer.files)


class _Writer:
    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}

    def inline(self, text: Inline, *, in_table: bool = False) -> str:
        parts = []
        for span in pieces(text):
            if span.look == "code":
                parts.append(code_span(span.text, in_table=in_table))
            elif span.look in ("strong", "bad", "warn") and span.text.strip():
                inner = span.text.strip()
                before, after = span.text.partition(inner)[::2]
                parts.append(f"{before}**{escaped(inner)}**{after}")
            elif span.look == "badge":
                parts.append(f"{code_span(span.text, in_table=in_table)} ")
            else:
                parts.append(escaped(span.text))
        return "".join(parts)

    def blocks(self, blocks: Iterable[Block], level: int) -> list[str]:
        """Give blocks as pieces with an empty line between any two."""
        return [text for block in blocks for text in self.block(block, level) if text]

    def block(self, block: Block, level: int) -> list[str]:
        match block:
            case Paragraph():
                return [self.inline(block.text)]
            case Box():
                return [_box(block)]
            case Bullets():
                return ["\n".join(f"- {self.inline(item)}" for item in block.items)]
            case Facts():
                rows = (f"- {escaped(name)}: {self.inline(value)}" for name, value in block.rows)
                return ["\n".join(rows)]
            case Table():
                return [self.table(block)]
            case Code():
                return [_code(block)]
            case Picture():
                return [self.picture(block)]
            case Gallery():
                return [self.picture(one) for one in block.pictures]
            case Grid():
                return self.blocks(block.blocks, level)
            case Drawing():
                return _drawing(block)
            case Fold():
                return self.fold(block, level)
            case Section():
                head = f"{'#' * min(level, 6)} {self.inline(block.title).strip()}"
                return [head, *self.blocks(block.blocks, level + 1)]

    def table(self, block: Table) -> str:
        def row(cells: Iterable[str]) -> str:
            return f"| {' | '.join(cell.replace(chr(10), ' ') or ' ' for cell in cells)} |"

        rule = ("---:" if n in block.numeric else "---" for n in range(len(block.columns)))
        lines = [row(escaped(name) for name in block.columns), row(rule)]
        lines += (row(self.inline(cell, in_table=True) for cell in cells) for cells in block.rows)
        caption = f"{escaped(block.caption)}\n\n" if block.caption else ""
        return caption + "\n".join(lines)

    def fold(self, block: Fold, level: int) -> list[str]:
        # HTML is what Markdown has for this; where it is left out, all of it is just shown.
        head = f"<details{' open' if block.open else ''}><summary>{_summary(block.title)}</summary>"
        return [head, *self.blocks(block.blocks, level), "</details>"]

    def picture(self, block: Picture) -> str:
        caption = self.inline(block.caption)
        if self.folder is None:
            return f"(A figure, which is in no file: {caption or escaped(block.alt)})"
        digest = hashlib.blake2b(block.data, digest_size=8).hexdigest()
        name = f"figure-{digest}.{block.kind}"
        self.files[name] = block.data
        shown = f"![{escaped(block.alt)}]({quote(self.folder)}/{name})"
        return f"{shown}\n\n{caption}" if caption else shown


def _summary(title: Inline) -> str:
    """Write a line within an element, where no mark of Markdown counts but HTML's do."""
    from html import escape

    from jobtui_core.project.reporting.shown import shown

    return "".join(
        escape(shown(span.text.replace("\n", " ")), quote=False)
        if not span.look or span.look == "dim"
        else f"<b>{escape(shown(span.text.replace(chr(10), ' ')), quote=False)}</b>"
        for span in pieces(title)
    )


def _box(block: Box) -> str:
    lines = [escaped(line) for line in block.text.split("\n")]
    # Two blanks at its end keep a line from running into the next.
    return "\n".join(f"> {line}  " if line else ">" for line in lines)


def _code(block: Code) -> str:
    width = max((len(line.gutter) for line in block.lines), default=0)
    lines = (
        f"{line.gutter.ljust(width)}  {line.text}".rstrip() if width else line.text
        for line in block.lines
    )
    return fenced("\n".join(one.replace("\n", " ") for one in lines), block.language)


def _drawing(block: Drawing) -> list[str]:
    found = []
    for one in block.plot.series:
        line = sparkline(one)
        if line:
            found.append(f"{one.label}  {line}" if one.label else line)
    return [escaped(block.alt), fenced("\n".join(found))] if found else []
