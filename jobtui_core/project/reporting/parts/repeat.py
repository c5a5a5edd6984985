"""How to do the same again, and which files went in and came out."""

from __future__ import annotations

from collections.abc import Iterable

from jobtui_core.entry.describe import REDACTED
from jobtui_core.project.reporting.blocks import (
    Block,
    Code,
    CodeLine,
    Facts,
    Fold,
    Inline,
    Paragraph,
    Section,
    Span,
    Table,
)
from jobtui_core.project.reporting.data import Chapter
from jobtui_core.trees import shown_name

__all__ = ["files", "repeat"]

_MOST_FILES = 500


def files(chapter: Chapter) -> Section | None:
    """Give the files that a run read and wrote, with the digests of what was in them."""
    parts = (("Read", chapter.detail.inputs), ("Written", chapter.detail.outputs))
    found: list[Block] = []
    for title, known in parts:
        if known:
            rows = tuple(
                (Span(shown_name(a), "code"), Span(b or "not known", "code")) for a, b in known
            )
            found.append(Table((title, "Content (XXH3)"), rows[:_MOST_FILES]))
            if len(rows) > _MOST_FILES:
                found.append(Paragraph(f"… and {len(rows) - _MOST_FILES:,} more.", "dim"))
    return Section("Files", tuple(found)) if found else None


def repeat(chapter: Chapter) -> Section:
    """Say how to do the same again, as far as that is known."""
    detail = chapter.detail
    info = detail.info
    lines = []
    if info.commit:
        lines.append(CodeLine(f"git checkout {info.commit}"))
    lines.append(CodeLine(detail.command))
    blocks: list[Block] = [Code(tuple(lines), "sh")]
    blocks += _doubts(chapter)
    facts: list[tuple[str, Inline]] = []
    if info.commit:
        facts.append(("Commit", (Span(info.commit, "code"), _dirty(info.dirty))))
    facts += [(name, text) for name, text in (("Python", info.python), ("Host", info.host)) if text]
    blocks.append(Facts(tuple(facts)))
    if chapter.packages:
        lines = [CodeLine(f"{name}=={version}") for name, version in chapter.packages]
        title = f"Packages that were loaded when it began · {len(lines)}"
        blocks.append(Fold(title, (Code(tuple(lines)),), open=len(lines) <= 12))
    return Section("How to repeat it", tuple(one for one in blocks if one != Facts(())))


def _dirty(dirty: bool | None) -> str:
    if dirty is None:
        return " (whether all was committed is not known)"
    return " and changes that were not committed" if dirty else ""


def _doubts(chapter: Chapter) -> Iterable[Block]:
    """Say what the command line does not bring back."""
    detail = chapter.detail
    if not detail.info.commit:
        text = "The commit is not known: the project was in no git repository when it ran."
        yield Paragraph(text, "dim")
    if detail.info.dirty:
        text = "There were changes that were not committed"
        kept = ": they stand above." if detail.diff.strip() else ", and they were not kept."
        yield Paragraph(Span(text + kept, "warn"))
    if REDACTED in detail.command:
        yield Paragraph(("What stands as ", Span(REDACTED, "code"), " was left out: a secret."))
