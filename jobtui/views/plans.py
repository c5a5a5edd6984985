"""A plan in sentences, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jobtui.plain import count, duration, plain
from jobtui_core.records import Held, HeldRow, Plan, PlanAction, PlanRow

__all__ = ["held_sentences", "on_old", "plan_sentence", "script_sentence"]

_MOST_NAMES = 5

_PLANNED: dict[PlanAction | None, str] = {
    PlanAction.RUN: "planned to run",
    PlanAction.MAYBE: "planned as possible",
    PlanAction.KEEP: "planned kept",
    PlanAction.DROP: "planned dropped",
    None: "not planned",
}

_HAPPENED = {"hit": "came from the cache", "old": "got an older result"}


def plan_sentence(plan: Plan) -> str:
    """Sum a plan up; a time is that of last time, and said to be unknown where it is."""
    if not plan.rows and not plan.scripts:
        return "nothing to run: there is no script here that calls a step"
    return _sentence(plan.rows)


def script_sentence(plan: Plan, script: str) -> str:
    """Sum up the part of a plan that is about one script."""
    return _sentence([row for row in plan.rows if row.script == script])


def _sentence(rows: Sequence[PlanRow]) -> str:
    by_action = {action: [row for row in rows if row.action is action] for action in PlanAction}
    run, may = by_action[PlanAction.RUN], by_action[PlanAction.MAYBE]
    kept, dropped = len(by_action[PlanAction.KEEP]), len(by_action[PlanAction.DROP])
    rest = [f"{kept} kept"] if kept else []
    rest += [f"{dropped} dropped"] if dropped else []
    if not run and not may:
        return f"nothing to run: {', '.join(rest) or 'no step'}"
    parts = [f"{len(run)} will run{_times(run)}"] if run else []
    parts += [f"{len(may)} may run{_times(may, ' more' if run else '')}"] if may else []
    return ", ".join([*parts, *rest])


def _times(rows: Sequence[PlanRow], more: str = "") -> str:
    known = [row.duration for row in rows if row.duration is not None]
    never = len(rows) - len(known)
    if not known:
        return " (never timed)"
    untimed = f", {never} never timed" if never else ""
    return f" (about {duration(sum(known))}{more}{untimed})"


def on_old(names: Sequence[str]) -> str:
    """Say on whose old results something rests; nothing for none."""
    return f"on old {', '.join(map(plain, names))}" if names else ""


def held_sentences(held: Held) -> list[tuple[str, bool]]:
    """Say what became of a plan: sentences, each with whether it needs attention."""
    found: list[tuple[str, bool]] = []
    if held.wrong:
        found.append((f"the plan was wrong about: {_some(held.wrong, _wrong)}", True))
    old = [row for row in held.rows if row.happened == "old"]
    if old:
        verb = "is" if len(old) == 1 else "are"
        found.append((f"got an older result, and {verb} still stale: {_some(old, _name)}", True))
    below = [row for row in held.rows if row.on_old]
    if below:
        found.append((f"on old results: {_some(below, _below)}", True))
    if held.timed and not held.wrong:
        steps = count(len(held.timed), "step")
        times = f"{duration(held.took)}, the last time {duration(held.expected)}"
        found.append((f"as planned; {steps} took {times}", False))
    return found


def _some(rows: Sequence[HeldRow], words: Callable[[HeldRow], str]) -> str:
    named = [words(row) for row in rows[:_MOST_NAMES]]
    more = len(rows) - len(named)
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _name(row: HeldRow) -> str:
    return plain(row.step)


def _wrong(row: HeldRow) -> str:
    happened = _HAPPENED.get(row.happened, row.happened)
    took = f" for {duration(row.took)}" if row.took is not None else ""
    return f"{plain(row.step)} ({_PLANNED[row.planned]}, {happened}{took})"


def _below(row: HeldRow) -> str:
    return f"{plain(row.step)} ({on_old(row.on_old)})"
