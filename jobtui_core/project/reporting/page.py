"""A report as a page: one HTML file that needs nothing else, no script and no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path

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
from jobtui_core.project.reporting.drawing import draw
from jobtui_core.project.reporting.elements import Element, data_uri, element
from jobtui_core.project.reporting.shown import shown

__all__ = ["MARK", "render_page"]

MARK = '<meta name="generator" content="jobtui report">'
"""By this a file is known to be a report, which may be written anew."""

_DEEPEST = 6
"""Levels of headings that HTML has."""


def render_page(document: Document) -> str:
    """Write a report as HTML."""
    body = element(
        "main",
        element(
            "header",
            element("h1", document.title),
            element("p", *_inline(document.lead), class_="lead"),
        ),
        _contents(document.blocks),
        *_blocks(document.blocks, 2),
        element("footer", *_inline(document.foot), class_="foot"),
    )
    return "".join(
        (
            "<!DOCTYPE html>\n",
            '<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            MARK,
            # Whatever a mistake might let through: nothing is loaded, run or sent from here.
            '\n<meta http-equiv="Content-Security-Policy" content="',
            f"default-src 'none'; img-src data:; style-src '{_style_digest()}'; ",
            "base-uri 'none'; form-action 'none'\">\n",
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="color-scheme" content="light dark">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{escape(shown(document.title))}</title>\n",
            f"<style>{_style()}</style>\n</head>\n<body>\n",
            *body.parts(),
            "\n</body>\n</html>\n",
        )
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "report.css").read_text(encoding="utf-8")


@cache
def _style_digest() -> str:
    digest = hashlib.sha256(_style().encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _contents(blocks: Sequence[Block]) -> Element | None:
    items = [
        element("li", element("a", *_inline(one.title), href=f"#{one.anchor}"))
        for one in blocks
        if isinstance(one, Section) and one.anchor and one.listed
    ]
    if len(items) < 2:
        return None
    return element("nav", element("ul", *items), aria_label="Contents")


def _blocks(blocks: Iterable[Block], level: int) -> list[Element]:
    found = (_block(block, level) for block in blocks)
    return [one for one in found if one is not None]


def _inline(text: Inline) -> list[Element | str]:
    parts: list[Element | str] = []
    for span in pieces(text):
        if not span.look:
            parts.append(span.text)
        elif span.look == "code":
            parts.append(element("code", span.text))
        elif span.look == "strong":
            parts.append(element("strong", span.text))
        else:
            parts.append(element("span", span.text, class_=span.look))
    return parts


def _block(block: Block, level: int) -> Element | None:
    match block:
        case Paragraph():
            return element("p", *_inline(block.text), class_=block.look or None)
        case Box():
            return element("div", block.text, class_=f"box {block.kind}", exact=True)
        case Bullets():
            return element("ul", *(element("li", *_inline(item)) for item in block.items))
        case Facts():
            return _facts(block)
        case Table():
            return _table(block)
        case Code():
            return _code(block)
        case Picture():
            return _picture(block)
        case Gallery():
            return element("div", *map(_picture, block.pictures), class_="gallery")
        case Grid():
            return element("div", *_blocks(block.blocks, level), class_="grid-of")
        case Drawing():
            return draw(block)
        case Fold():
            return _fold(block, level)
        case Section():
            return _section(block, level)


def _facts(block: Facts) -> Element:
    rows = (
        one
        for name, value in block.rows
        for one in (element("dt", name), element("dd", *_inline(value)))
    )
    return element("dl", *rows, class_="facts")


def _table(block: Table) -> Element:
    def look(column: int) -> str | None:
        return "num" if column in block.numeric else None

    head = [
        element("th", name, scope="col", class_=look(column))
        for column, name in enumerate(block.columns)
    ]
    rows = [
        element(
            "tr",
            *(
                element("td", *_inline(cell), class_=look(column))
                for column, cell in enumerate(row)
            ),
        )
        for row in block.rows
    ]
    table = element(
        "table",
        element("caption", block.caption) if block.caption else None,
        element("thead", element("tr", *head)),
        element("tbody", *rows),
    )
    # It scrolls by itself, and so has to be reached from the keyboard.
    label = block.caption or ", ".join(block.columns)
    return element("div", table, class_="wide", tabindex=0, role="region", aria_label=label)


def _code(block: Code) -> Element:
    lines = [
        element("span", one.text, class_=one.look or None, data_gutter=one.gutter or None)
        for one in block.lines
    ]
    return element("pre", *lines, tabindex=0)


def _picture(block: Picture) -> Element:
    caption = element("figcaption", *_inline(block.caption)) if block.caption else None
    image = element(
        "img",
        src=data_uri(block.kind, block.data),
        alt=block.alt,
        width=block.width or None,
        height=block.height or None,
        class_="pixels" if block.enlarged else None,
    )
    return element("figure", image, caption)


def _fold(block: Fold, level: int) -> Element:
    return element(
        "details",
        element("summary", *_inline(block.title)),
        element("div", *_blocks(block.blocks, level), class_="inside"),
        open="" if block.open else None,
    )


def _section(block: Section, level: int) -> Element:
    return element(
        "section",
        element(f"h{min(level, _DEEPEST)}", *_inline(block.title)),
        *_blocks(block.blocks, level + 1),
        class_="chapter" if block.chapter else "part",
        id=block.anchor or None,
    )
