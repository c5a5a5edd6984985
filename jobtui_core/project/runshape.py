"""The shape of ``jobtui runs --json`` and of ``jobtui show RUN --json``.

Other programs rely on it: fields are only ever added.  Times are ISO texts, durations in seconds,
paths relative to the project root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jobtui_core.project.plans.planshape import held_to_json
from jobtui_core.project.shape import plain_value, time_text
from jobtui_core.tracing.redacted import redacted_value, redacted_words

if TYPE_CHECKING:
    from jobtui_core.labbook import Failure, FigureInfo, RunDetail
    from jobtui_core.records import CallInfo, ParameterInfo, RunInfo

__all__ = ["detail_to_json", "runs_to_json"]


def runs_to_json(runs: Iterable[RunInfo]) -> list[dict[str, Any]]:
    """Give runs as plain data, ready for ``json.dumps``."""
    return [_run(info) for info in runs]


def _run(info: RunInfo) -> dict[str, Any]:
    ended = info.started is not None and info.ended is not None
    return {
        "run": info.id,
        "script": info.script,
        "state": info.state.value,
        "argv": redacted_words(info.argv),
        "parameters": _values(info.differing),
        "values": _values(info.values),
        "steps": list(info.steps),
        "started": time_text(info.started),
        "ended": time_text(info.ended),
        "duration": (info.ended or 0.0) - (info.started or 0.0) if ended else None,
        "code": info.code,
        "signal": info.signal,
        "error": info.error,
        "hits": info.hits,
        "computed": info.computed,
        "failed": info.failed,
        "old": info.old,
        "time_saved": info.time_saved,
        "started_by": info.started_by,
        "user": info.user,
        "host": info.host,
        "pid": info.pid,
        "python": info.python,
        "job": info.job,
        "commit": info.commit,
        "dirty": info.dirty,
        "parent": info.parent,
        "sweep": info.sweep,
        "note": info.note,
        "tags": list(info.tags),
        "starred": info.starred,
    }


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain_value(redacted_value(name, value)) for name, value in values.items()}


def detail_to_json(detail: RunDetail) -> dict[str, Any]:
    """Give all about a run as plain data, ready for ``json.dumps``."""
    return {
        **_run(detail.info),
        "noted": time_text(detail.notes.changed),
        "asked": [_parameter(one) for one in detail.parameters],
        "calls": [_call(call) for call in detail.calls],
        "inputs": dict(detail.inputs),
        "outputs": dict(detail.outputs),
        "figures": [_figure(one) for one in detail.figures],
        "failures": [_failure(one) for one in detail.failures],
        "warnings": list(detail.warnings),
        "versions": dict(detail.versions),
        "plan": None if detail.held is None else held_to_json(detail.held),
        "command": detail.command,
        "diff": detail.diff,
        "untracked": list(detail.untracked),
    }


def _parameter(one: ParameterInfo) -> dict[str, Any]:
    return {
        "name": one.name,
        "default": plain_value(redacted_value(one.name, one.default)),
        "value": plain_value(redacted_value(one.name, one.value)),
    }


def _call(call: CallInfo) -> dict[str, Any]:
    return {
        "id": call.id,
        "name": call.name,
        "function": call.function,
        "kind": call.kind,
        "state": call.state.value,
        "started": time_text(call.started),
        "duration": call.duration,
        "saved": call.saved,
        "key": call.entry or call.key,
        "store": call.store,
        "result": call.result,
        "inputs": dict(call.inputs),
        "outputs": dict(call.outputs),
        "error": call.error,
        "notes": list(call.notes),
        "on_old": list(call.on_old),
    }


def _figure(one: FigureInfo) -> dict[str, Any]:
    return {"name": one.name, "step": one.step, "call": one.call, "run": one.run, "png": one.png}


def _failure(one: Failure) -> dict[str, Any]:
    return {
        "call": one.call,
        "step": one.step,
        "type": one.type,
        "message": one.message,
        "replayable": one.replayable,
    }
