"""Scripts that a run ran by ``run_script``, as they are told to its trace."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.root import relative_name
from jobtui_core.tracing.journal import bounded
from jobtui_core.tracing.redacted import redacted_parameters

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle
    from jobtui_core.tracing.written import Run

__all__ = ["InnerScript", "hand_over"]

_MOST_WAITING = 1000
"""Scripts that are remembered before the run begins; a loop may run more."""

_LARGEST = 2000
"""Characters of a value as it is written down."""

_numbers = itertools.count(1)
_waiting: list[dict[str, Any]] = []


class InnerScript:
    """One script that is running inside another.

    Parameters
    ----------
    path : Path
        Absolute.
    given : mapping
        Values for its parameters.
    within : InnerScript, optional
        The script that runs it, if that is an inner one itself.
    call : CallHandle, optional
        The step in whose course it runs.
    """

    def __init__(
        self,
        path: Path,
        given: Mapping[str, Any],
        within: InnerScript | None,
        call: CallHandle | None,
    ) -> None:
        self.id = next(_numbers)
        self._path = path
        self._given = given
        self._within = within
        self._call = call
        self._started, self._clock = time.time(), time.perf_counter()

    def ended(self, values: Mapping[str, Any], error: BaseException | None) -> None:
        """Tell the run that it came to its end; one that has not begun is told later.

        Parameters
        ----------
        values : mapping
            All parameters that it asked for, as they were in effect.
        error : BaseException, optional
            What ended it.
        """
        from jobtui_core.tracing import opening

        facts = {
            "id": self.id,
            "within": None if self._within is None else self._within.id,
            "call": None if self._call is None else self._call.id,
            "script": relative_name(self._path, opening.project_root()),
            "parameters": _plain(self._given),
            "values": _plain(values),
            "started": round(self._started, 6),
            "duration": round(time.perf_counter() - self._clock, 6),
            "error": "" if error is None else bounded(f"{type(error).__name__}: {error}", _LARGEST),
        }
        run = opening.going()
        if run is not None:
            run.journal.write("script_run", **facts)
        elif len(_waiting) < _MOST_WAITING:
            _waiting.append(facts)


def hand_over(run: Run) -> None:
    """Tell a run that has just begun of the scripts that ended before it."""
    while _waiting:
        run.journal.write("script_run", **_waiting.pop(0))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _short(value) for name, value in redacted_parameters(values).items()}


def _short(value: Any) -> Any:
    """Give a value as JSON has it and not too long; a calling script may give any object."""
    if isinstance(value, str):
        return bounded(value, _LARGEST)
    try:
        if len(json.dumps(value)) <= _LARGEST:
            return value
    except (TypeError, ValueError, RecursionError):
        pass
    try:
        return bounded(repr(value), _LARGEST)
    except Exception:  # noqa: BLE001  # somebody's __repr__
        return f"<{type(value).__name__}>"
