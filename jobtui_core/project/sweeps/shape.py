"""The shape of ``jobtui sweep --json``, for other programs: fields are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jobtui_core.project.shape import plain_value
from jobtui_core.tracing.redacted import redacted_value, redacted_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobtui_core.labbook import Sweep, SweepRow

__all__ = ["sweep_to_json"]


def sweep_to_json(found: Sweep, show: str | None = None) -> dict[str, Any]:
    """Give a sweep as plain data; ``show`` is what its rows show."""
    return {
        "sweep": found.id,
        "script": found.script,
        "argv": redacted_words(found.argv),
        "parameters": _values(found.fixed),
        "names": list(found.names),
        "show": show,
        "runs": [_row(row) for row in found.rows],
    }


def _row(row: SweepRow) -> dict[str, Any]:
    return {
        "parameters": _values(row.values),
        "planned": row.planned,
        "left": row.left,
        "run": row.run,
        "state": None if row.state is None else row.state.value,
        "duration": row.duration,
        "saved": row.saved,
        "computed": row.computed,
        "hits": row.hits,
        "failed": row.failed,
        "error": row.error,
        "value": row.shown,
    }


def _values(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: plain_value(redacted_value(name, value)) for name, value in values}
