"""The shape of ``jobtui compare --json``, which other programs rely on.

Fields are only ever added; ``version`` changes if one must mean something else.  Durations are in
seconds, times in ISO 8601 with their zone, paths relative to the project root.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jobtui_core.project.shape import plain_value, time_text
from jobtui_core.tracing.redacted import redacted_value, redacted_words

if TYPE_CHECKING:
    from jobtui_core.labbook import Comparison, Difference, FigureInfo
    from jobtui_core.records import RunInfo

__all__ = ["comparison_to_json"]

VERSION = 1


def comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    """Give a comparison as plain data, ready for ``json.dumps``.

    Parameters
    ----------
    comparison : Comparison
        As ``compare`` gives it.

    Returns
    -------
    dict
        ``version`` (1); ``equal``: whether nothing differs; ``runs``, the first being what the
        others are held against; ``differences``, each with ``kind``, ``subject``, ``values`` (a
        text or null for each run), ``run`` (index of the run that the rest tells of), ``where``,
        ``detail``, ``numbers`` by name (an infinite one is a text) and ``figures``; ``same``:
        numbers of things that were found equal, by kind; ``not_compared``: sentences.
    """
    return {
        "version": VERSION,
        "equal": not comparison.differences,
        "runs": [_run(run) for run in comparison.runs],
        "differences": [_difference(one) for one in comparison.differences],
        "same": dict(comparison.same),
        "not_compared": list(comparison.not_compared),
    }


def _run(run: RunInfo) -> dict[str, Any]:
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
        "note": run.note,
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "subject": one.subject,
        "values": list(one.values),
        "run": one.run,
        "where": one.where,
        "detail": one.detail,
        "numbers": {name: _number(value) for name, value in one.numbers},
        "figures": [None if figure is None else _figure(figure) for figure in one.figures],
    }


def _number(value: float) -> float | int | str:
    if not math.isfinite(value):
        return repr(value)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _figure(figure: FigureInfo) -> dict[str, Any]:
    return {
        "name": figure.name,
        "step": figure.step,
        "run": figure.run,
        "png": figure.png,
        "svg": figure.svg,
        "width": figure.width,
        "height": figure.height,
    }
