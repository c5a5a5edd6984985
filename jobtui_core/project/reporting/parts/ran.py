"""What was planned, and what ran."""

from __future__ import annotations

from collections.abc import Sequence

from jobtui_core.labbook import ScriptRun
from jobtui_core.plain import count, duration
from jobtui_core.project.reporting.blocks import (
    Block,
    Bullets,
    Inline,
    Paragraph,
    Section,
    Span,
    Table,
    pieces,
)
from jobtui_core.project.reporting.data import Chapter, StepSum
from jobtui_core.project.reporting.parts.words import value_text
from jobtui_core.records import Held, HeldRow, PlanAction

__all__ = ["ran"]

_PLANNED = {
    PlanAction.RUN: "run",
    PlanAction.MAYBE: "may run",
    PlanAction.KEEP: "keep",
    PlanAction.DROP: "drop",
    None: "not in the plan",
}
_HAPPENED: dict[str, Span] = {
    "ran": Span("ran", "strong"),
    "hit": Span("from the store", "good"),
    "old": Span("older result", "warn"),
    "failed": Span("failed", "bad"),
    "cancelled": Span("cancelled", "warn"),
    "running": Span("running", "warn"),
    "not reached": Span("not reached", "dim"),
}

_COLUMNS = (
    *("Step", "Planned", "Happened"),
    *("Calls", "Computed", "From store", "Took", "Expected", "Saved"),
)
_FIRST_NUMBER = 3

_MOST_SCRIPTS = 200


def ran(chapter: Chapter) -> Section:
    """Give the steps of a run: what was to happen, what did, and how long it took."""
    held = chapter.detail.held
    planned = {row.function: row for row in held.rows} if held is not None else {}
    sums = {one.function: one for one in chapter.steps}
    rows = [_row(one, planned.get(one.function), held) for one in chapter.steps]
    rows += [_row(None, row, held) for row in planned.values() if row.function not in sums]
    # A column in which nothing stands says nothing.
    kept = [n for n in range(len(_COLUMNS)) if n < 1 or any(row[n] for row in rows)]
    table = Table(
        tuple(_COLUMNS[n] for n in kept),
        tuple(tuple(row[n] for n in kept) for row in rows),
        frozenset(place for place, n in enumerate(kept) if n >= _FIRST_NUMBER),
    )
    found: list[Block] = [table] if rows else [Paragraph("It called no steps.", "dim")]
    if held is not None:
        found.insert(0, Paragraph(_verdict(held)))
    remarks = _remarks(chapter)
    if remarks:
        found.append(Bullets(remarks))
    if chapter.detail.scripts:
        found.append(_scripts(chapter.detail.scripts))
    return Section("What ran", tuple(found))


def _row(one: StepSum | None, row: HeldRow | None, held: Held | None) -> tuple[Inline, ...]:
    name = one.name if one is not None else row.step if row is not None else ""
    happened: Inline = _HAPPENED[row.happened if row is not None else _happened(one)]
    if row is not None and row.wrong:
        happened = (_HAPPENED[row.happened], " ", Span("not as planned", "warn"))
    numbers: tuple[str, ...] = ("", "", "", "", "")
    if one is not None:
        numbers = (
            str(one.calls),
            str(one.computed or ""),
            str(one.hits or ""),
            duration(one.took),
            duration(one.saved) if one.saved >= 0.0005 else "",
        )
    expected = duration(row.expected) if row is not None else ""
    planned = "" if held is None else _PLANNED[row.planned if row is not None else None]
    return (Span(name, "strong"), planned, happened, *numbers[:4], expected, numbers[4])


def _happened(one: StepSum | None) -> str:
    if one is None:
        return "not reached"
    for word, number in (("failed", one.failed), ("running", one.running), ("ran", one.computed)):
        if number:
            return word
    return "old" if one.old and not one.hits else "hit"


def _verdict(held: Held) -> Inline:
    wrong = held.wrong
    head: Inline = "It went as planned."
    if wrong:
        number = count(len(wrong), "step")
        head = (Span(f"The plan was wrong about {number}", "warn"), "; see below.")
    if not held.timed or held.expected < 0.0005:
        return head
    times = f" What ran took {duration(held.took)}; expected were {duration(held.expected)}."
    return (*pieces(head), times)


def _scripts(scripts: Sequence[ScriptRun]) -> Table:
    """Give the scripts that the run's own script ran, each with what it was given."""
    names = {one.id: one.script for one in scripts}
    rows = tuple(
        (
            Span(one.script, "code"),
            Span(
                ", ".join(f"{name}={value_text(name, value)}" for name, value in one.parameters),
                "code",
            ),
            duration(one.duration),
            Span(names.get(one.within, "") if one.within is not None else "", "code"),
            Span(one.error, "bad"),
        )
        for one in scripts[:_MOST_SCRIPTS]
    )
    columns = ("Script that it ran", "Given", "Took", "From", "Error")
    more = f" (the first {_MOST_SCRIPTS} of {len(scripts):,})" * (len(scripts) > _MOST_SCRIPTS)
    return Table(columns, rows, frozenset({2}), f"Scripts by run_script{more}")


def _remarks(chapter: Chapter) -> tuple[str, ...]:
    """Give what calls said beside their results, each sentence once."""
    found: dict[str, None] = {}
    for one in chapter.steps:
        if one.uncached:
            found[f"{one.name}: {count(one.uncached, 'result')} could not be kept"] = None
    for call in chapter.detail.calls:
        for note in call.notes:
            found[f"{call.name}: {note}"] = None
        if call.on_old:
            found[f"{call.name}: computed on older results of {_listed(call.on_old)}"] = None
    known = list(found)
    if len(known) > 50:
        return (*known[:50], f"… and {len(known) - 50} more")
    return tuple(known)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
