"""Reading the report that a script writes about its own check, as it grows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobtui_core.checks import CheckedCall, CheckReport, CheckState
from jobtui_core.entry import clean

__all__ = ["ReportReader"]

_TEXT = 2_000
"""Characters kept of one text."""

_MOST_CALLS = 10_000
"""Calls that are listed; a memoized function may be called without end."""


class ReportReader:
    """Follows the report of one check.

    Parameters
    ----------
    path : Path
        The report, which need not exist yet.
    step, function, script : str
        What the check is of.
    """

    def __init__(self, path: Path, step: str, function: str, script: str) -> None:
        self._path = path
        self._about = {"step": step, "function": function, "script": script}
        self._read = 0
        self._computing: dict[str | None, Mapping[str, str]] = {}
        self.calls: list[CheckedCall] = []

    def update(self) -> bool:
        """Read what was added; tell whether anything was."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                data = file.read()
        except OSError:
            return False
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self._take(line)
        return bool(whole)

    def report(self, *, problem: str = "", log: str = "") -> CheckReport:
        """Give the report as it is now."""
        computing = next(reversed(self._computing.values()), None)
        return CheckReport(
            **self._about,
            calls=tuple(self.calls),
            computing=None if problem else computing,
            problem=problem,
            log=log,
        )

    def _take(self, line: bytes) -> None:
        try:
            facts = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(facts, dict):
            return
        key = _text(facts.get("key")) or None
        if facts.get("event") == "start":
            self._computing[key] = _texts(facts.get("arguments"))
        elif facts.get("event") == "end":
            self._computing.pop(key, None)
            if len(self.calls) < _MOST_CALLS:
                self.calls.append(_call(key, facts))


def _call(key: str | None, facts: Mapping[str, Any]) -> CheckedCall:
    try:
        state = CheckState(str(facts.get("state")))
    except ValueError:
        state = CheckState.COULD_NOT
    apart = facts.get("difference")
    apart = apart if isinstance(apart, dict) else {}
    files = facts.get("files")
    count = apart.get("count")
    return CheckedCall(
        function=_text(facts.get("function")),
        state=state,
        key=key,
        arguments=_texts(facts.get("arguments")),
        why=_text(facts.get("why")),
        where=_text(apart.get("where")),
        old=_text(apart.get("old")),
        new=_text(apart.get("new")),
        count=count if type(count) is int and count > 0 else 0,
        largest=_number(apart.get("largest")),
        relative=_number(apart.get("relative")),
        files=tuple(_text(file) for file in files) if isinstance(files, list) else (),
        note=_text(facts.get("note")),
        seconds=_number(facts.get("seconds")),
        stored_seconds=_number(facts.get("stored_seconds")),
    )


def _text(value: object) -> str:
    return clean(value, _TEXT) if isinstance(value, str) else ""


def _texts(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {_text(name): _text(text) for name, text in pairs}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
