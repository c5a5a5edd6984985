"""The one value of a run that a sweep's table shows: a step's result, or a number it printed."""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import entry_name, load_value, read_info
from jobtui_core.entry.describe import clean
from jobtui_core.errors import JobtuiError
from jobtui_core.project.evidence.gathered import MALFORMED
from jobtui_core.records import CallState
from jobtui_core.tracing.read import read_run

if TYPE_CHECKING:
    from pathlib import Path

    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.project.folder import Project
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["shown_value"]

_LARGEST = 1 << 16
"""Bytes of an entry that can be that of a scalar."""

_TAIL = 1 << 20
"""Bytes at the end of a log that are searched."""

_WITH_RESULT = (CallState.HIT, CallState.COMPUTED, CallState.OLD)


def shown_value(project: Project, evidence: Evidence, run: str, name: str) -> Any:
    """Give the scalar that a run has under a name; ``None`` where it has none.

    That is the result of the last call of the step of that name, read without unpickling, where it
    is a number or a short text, or else the last ``name: 0.83`` or ``name = 0.83`` that the script
    printed.
    """
    folder = project.runs_folder / run
    calls = [
        call
        for call in read_run(folder).calls
        if name in (call.name, call.function) and call.state in _WITH_RESULT
    ]
    if calls:
        return _result(evidence, calls[-1])
    return _printed(folder / "output.log", name)


def _result(evidence: Evidence, call: CallRecord) -> Any:
    key = call.entry or call.key
    if key is None:
        return None
    name = entry_name(call.function, key)
    try:
        store = evidence.store_at(call.store)
        info = read_info(store, name)
        if info is None or info.size > _LARGEST or info.codec in ("pickle", "cloudpickle"):
            return None
        found = load_value(store, name, key, allow_pickle=False)
    except (*MALFORMED, JobtuiError):
        return None
    return None if found is None else _scalar(found[0])


def _scalar(value: Any) -> Any:
    """Give a value that fits into a cell of a table, as plain data."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return clean(value, 200) if isinstance(value, str) else None


def _printed(log: Path, name: str) -> Any:
    line = re.compile(
        rf"(?:^|[\s,;(]){re.escape(name)}\s*[:=]\s*"
        r"([+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|nan|inf))(?![\w.])",
        re.IGNORECASE,
    )
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            text = file.read(_TAIL).decode("utf-8", "replace")
    except OSError:
        return None
    found = None
    for match in line.finditer(text):
        found = match[1]
    return None if found is None else _number(found)


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return _scalar(float(text))
