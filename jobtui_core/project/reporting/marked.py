"""Texts within Markdown: what of them would be taken for a mark is escaped."""

from __future__ import annotations

import re

from jobtui_core.project.reporting.shown import shown, shown_lines

__all__ = ["code_span", "escaped", "fenced"]

# Marks of emphasis, code, links, tables, HTML, mathematics and footnotes, wherever they stand.
_marks = re.compile(r"([\\`*_{}\[\]|~$^])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_entities = re.compile("[&<>]")
# What begins a heading, a list, a rule or a quote, where it stands first in a line.
_first = re.compile(r"^(\s*)([-+](?=[\s-]|$)|=(?==*\s*$)|#|\d{1,9}[.)](?=\s|$))")
_address = re.compile(r"(?<=[A-Za-z])(:)(?=\S)|(?<=www)(\.)", re.IGNORECASE)
_at = re.compile(r"(?<=\S)@(?=\S)")


def escaped(text: str) -> str:
    """Give a text of one line that means itself, whatever it is.

    Addresses in it are no links: who wrote the text is not who wrote the report.
    """
    text = _marks.sub(r"\\\1", shown(text.replace("\n", " ")))
    text = _entities.sub(lambda match: _ENTITIES[match.group()], text)
    text = _address.sub(lambda match: f"\\{match.group()}", text)
    text = _at.sub("&#64;", text)
    if text.startswith("    "):
        # Else it would be code.
        text = f"&#32;{text[1:]}"
    return _first.sub(_escaped_first, text)


def _escaped_first(match: re.Match[str]) -> str:
    before, mark = match.groups()
    return f"{before}{mark[:-1]}\\{mark[-1]}"


def code_span(text: str, *, in_table: bool = False) -> str:
    """Give a text as code within a line."""
    text = shown(text.replace("\n", " "))
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    apart = " " if text[0] == "`" or text[-1] == "`" else ""
    if in_table:
        # What splits tables into cells looks at this before it looks at code.
        text = text.replace("|", "\\|")
    return f"{fence}{apart}{text}{apart}{fence}"


def fenced(text: str, language: str = "") -> str:
    """Give lines as they are, between fences that are longer than any in them."""
    lines = shown_lines(text)
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])
