"""The shape of ``jobtui plan --json`` and ``jobtui log --json``, which other programs rely on.

Fields are only ever added.  Durations are in seconds, paths relative to the project root.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jobtui_core.project.shape import plain_value, time_text
from jobtui_core.tracing.redacted import redacted_value, redacted_words

if TYPE_CHECKING:
    from jobtui_core.labbook import ScriptRun
    from jobtui_core.records import CallInfo, Held, HeldRow, Plan, PlanRow, RunInfo

__all__ = ["held_to_json", "plan_to_json", "run_to_json"]


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Give a plan as plain data, ready for ``json.dumps``."""
    scripts = dict.fromkeys((*plan.scripts, *(row.script for row in plan.rows)))
    return {
        "scripts": [
            {
                "path": script,
                "starts": script in plan.scripts,
                "steps": [_row(row) for row in plan.rows if row.script == script],
                "total": _total([row for row in plan.rows if row.script == script]),
            }
            for script in scripts
        ],
        "total": _total(plan.rows),
        "notes": list(plan.notes),
        "refused": list(plan.refused),
    }


def _row(row: PlanRow) -> dict[str, Any]:
    return {
        "name": row.step,
        "function": row.function,
        "action": row.action.value,
        "duration": row.duration,
        "reason": row.reason,
        "on_old": list(row.on_old),
    }


def _total(rows: Sequence[PlanRow]) -> dict[str, Any]:
    """Sum up: how many steps, the seconds they took last time, and how many were never timed."""
    found: dict[str, Any] = {}
    for action in ("run", "maybe", "keep", "drop"):
        mine = [row for row in rows if row.action == action]
        found[action] = {
            "steps": len(mine),
            "duration": sum(row.duration or 0.0 for row in mine),
            "untimed": sum(row.duration is None for row in mine),
        }
    return found


def run_to_json(
    run: RunInfo, calls: Sequence[CallInfo], held: Held | None, scripts: Sequence[ScriptRun] = ()
) -> dict[str, Any]:
    """Give a run with its calls, the scripts it ran, and what became of its plan, as plain data."""
    return {
        "run": run.id,
        "script": run.script,
        "state": run.state.value,
        "argv": redacted_words(run.argv),
        "parameters": {
            name: plain_value(redacted_value(name, value)) for name, value in run.parameters.items()
        },
        "started": time_text(run.started),
        "ended": time_text(run.ended),
        "code": run.code,
        "error": run.error,
        "calls": [_call(call) for call in calls],
        "scripts": [_script(one) for one in scripts],
        "plan": None if held is None else held_to_json(held),
    }


def _script(one: ScriptRun) -> dict[str, Any]:
    return {
        "id": one.id,
        "script": one.script,
        "within": one.within,
        "call": one.call,
        "parameters": {n: plain_value(redacted_value(n, v)) for n, v in one.parameters},
        "values": {n: plain_value(redacted_value(n, v)) for n, v in one.values},
        "duration": one.duration,
        "error": one.error,
    }


def _call(call: CallInfo) -> dict[str, Any]:
    return {
        "id": call.id,
        "name": call.name,
        "function": call.function,
        "state": call.state.value,
        "duration": call.duration,
        "error": call.error,
        "on_old": list(call.on_old),
    }


def held_to_json(held: Held) -> dict[str, Any]:
    """Give what became of a plan as plain data."""
    return {
        "right": not held.wrong,
        "expected": held.expected,
        "took": held.took,
        "steps": [_held_row(row) for row in held.rows],
    }


def _held_row(row: HeldRow) -> dict[str, Any]:
    return {
        "name": row.step,
        "function": row.function,
        "planned": None if row.planned is None else row.planned.value,
        "happened": row.happened,
        "expected": row.expected,
        "took": row.took,
        "on_old": list(row.on_old),
        "wrong": row.wrong,
    }
