"""The shape of ``status --json`` and ``why --json``, which other programs rely on.

Fields are only ever added.  Durations are in seconds, times in ISO 8601 with their zone, paths
relative to the project root.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobtui_core.diffs.code import short
from jobtui_core.tracing.redacted import redacted_value, redacted_words

if TYPE_CHECKING:
    from jobtui_core.records import (
        Acceptance,
        Explanation,
        ParameterInfo,
        ProjectStatus,
        Reason,
        ScriptStatus,
        SourceProblem,
        StepStatus,
    )

__all__ = ["acceptances_to_json", "explanations_to_json", "to_json"]


def to_json(status: ProjectStatus) -> dict[str, Any]:
    """Give a status as plain data, ready for ``json.dumps``.

    Parameters
    ----------
    status : ProjectStatus
        As ``status`` gives it.
    """
    return {
        "project": ".",
        "scripts": [_script(script) for script in status.scripts],
        "warnings": list(status.warnings),
    }


def explanations_to_json(explanations: Iterable[Explanation]) -> list[dict[str, Any]]:
    """Give explanations as plain data, ready for ``json.dumps``.

    Parameters
    ----------
    explanations : iterable of Explanation
        As ``why`` gives them.
    """
    return [_explanation(one) for one in explanations]


def acceptances_to_json(acceptances: Iterable[Acceptance]) -> list[dict[str, Any]]:
    """Give accepted edits as plain data, ready for ``json.dumps``.

    Parameters
    ----------
    acceptances : iterable of Acceptance
        As ``accepted`` gives them.
    """
    return [
        {
            "function": one.function,
            "symbols": list(one.symbols),
            "diff": one.diff,
            "time": time_text(one.time),
            "user": one.user,
            "host": one.host,
            "script": one.script,
            "code": one.code,
            "old": one.old,
        }
        for one in acceptances
    ]


def _explanation(explanation: Explanation) -> dict[str, Any]:
    step, run = explanation.step, explanation.run
    counts: dict[str, int] = {}
    for item in step.compared:
        counts[item.kind] = counts.get(item.kind, 0) + item.count
    return {
        "script": step.script,
        **_step(step),
        "compared": [
            {"kind": item.kind, "subject": item.subject, "detail": item.detail}
            for item in step.compared
        ],
        "counts": counts,
        "not_compared": list(step.not_compared),
        "acceptances": acceptances_to_json(step.acceptances),
        "packages": list(explanation.packages),
        "run": None if run is None else {"id": run.id, "state": run.state.value},
    }


def _script(script: ScriptStatus) -> dict[str, Any]:
    return {
        "path": script.path,
        "error": _problem(script.error) if script.error is not None else None,
        "argv": redacted_words(script.argv),
        "parameters": [_parameter(parameter) for parameter in script.parameters],
        "steps": [_step(step) for step in script.steps],
        "reads": list(script.reads),
        "writes": list(script.writes),
    }


def _problem(problem: SourceProblem) -> dict[str, Any]:
    found: dict[str, Any] = {
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
    if problem.path:
        found["path"] = problem.path
    return found


def _parameter(parameter: ParameterInfo) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "default": plain_value(redacted_value(parameter.name, parameter.default)),
        "value": plain_value(redacted_value(parameter.name, parameter.value)),
        "help": parameter.help,
        "choices": [plain_value(choice) for choice in parameter.choices],
    }


def _step(step: StepStatus) -> dict[str, Any]:
    return {
        "name": step.name,
        "function": step.function,
        "kind": step.kind,
        "verdict": step.verdict.value,
        "reasons": [_reason(reason) for reason in step.reasons],
        "notes": list(step.notes),
        "computed_by": [
            {"user": one.user, "host": one.host, "time": time_text(one.time)} for one in step.makers
        ],
        "accepted": step.accepted,
        "calls": step.calls,
        "duration": step.duration,
        "progress": step.progress,
        "last_run": step.last_run,
        "last_time": time_text(step.last_time),
        "path": step.path,
        "line": step.line,
        "depends_on": list(step.depends_on),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": reason.kind.value,
        "subject": reason.subject,
        "summary": reason.summary,
    }
    if reason.path:
        found["path"] = list(reason.path)
    if reason.diff:
        found["diff"] = reason.diff
    if reason.old is not None or reason.new is not None:
        found["old"], found["new"] = reason.old, reason.new
    return found


def time_text(seconds: float | None) -> str | None:
    """Write a moment in ISO 8601; ``None`` for one that is no date."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return None


def plain_value(value: Any) -> Any:
    """Give a parameter's value as JSON has it, or as short text where it has none."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return short(repr(value))
    return value
