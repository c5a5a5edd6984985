"""A plan held against what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from jobtui_core.records import CallState, Held, HeldRow, PlanAction, PlanRow, RunState
from jobtui_core.tracing.read import read_run

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.tracing.traces import CallRecord, RunTrace

__all__ = ["compare", "held_plan"]

_Happened = Literal["ran", "hit", "old", "failed", "cancelled", "not reached"]

_RAN = (CallState.COMPUTED, CallState.UNCACHED)


def held_plan(project: Project, run: str) -> Held | None:
    """Hold the plan of a run that is over against what happened in it.

    Parameters
    ----------
    project : Project
    run : str
        Its id, or the unique beginning of one.

    Returns
    -------
    Held or None
        ``None`` for a run that is not over, or was started without a plan.

    Raises
    ------
    UnknownNameError
        If there is no such run.
    """
    from jobtui_core.project.running.history import run_info

    info = run_info(project, run)
    if info.state.active:
        return None
    return compare(read_run(project.runs_folder / info.id))


def compare(trace: RunTrace) -> Held | None:
    """Hold the plan that a run's record has against its calls; ``None`` without one."""
    if trace.plan is None:
        return None
    happened = _Calls(trace)
    rows = [_row(row, row.function, happened) for row in trace.plan]
    planned = {row.function for row in trace.plan}
    rows += [_row(None, one, happened) for one in happened.functions() if one not in planned]
    return Held(run=trace.info.id, script=trace.info.script, rows=tuple(rows))


class _Calls:
    """What became of the functions in a run."""

    def __init__(self, trace: RunTrace) -> None:
        self.finished = trace.info.state is RunState.DONE
        self._calls: dict[str, list[CallRecord]] = {}
        for call in trace.calls:
            self._calls.setdefault(call.function, []).append(call)
        self._counted: dict[str, list[int]] = {}
        for one in trace.counted:
            hits, computed = self._counted.setdefault(one.function, [0, 0])
            self._counted[one.function] = [hits + one.hits, computed + one.computed]

    def functions(self) -> Sequence[str]:
        """Give the functions that were called, in order."""
        return list(dict.fromkeys((*self._calls, *self._counted)))

    def name(self, function: str) -> str:
        """Give a function's name as it is shown."""
        calls = self._calls.get(function)
        return calls[0].name if calls else function.rpartition(":")[2]

    def happened(self, function: str) -> _Happened:
        """Say what became of a function: the most telling of what its calls came to."""
        calls = self._calls.get(function, [])
        hits, computed = self._counted.get(function, [0, 0])
        failed = [call for call in calls if call.state is CallState.FAILED]
        if any(not _was_cancelled(call) for call in failed):
            return "failed"
        if failed or any(call.state is CallState.RUNNING for call in calls):
            return "cancelled"
        if computed or any(call.state in _RAN for call in calls):
            return "ran"
        if any(call.state is CallState.OLD for call in calls):
            return "old"
        return "hit" if calls or hits else "not reached"

    def took(self, function: str) -> float | None:
        """Give the seconds that computing took, where all of it is known."""
        if self._counted.get(function, [0, 0])[1]:
            return None
        ran = [call.duration for call in self._calls.get(function, []) if call.state in _RAN]
        known = [seconds for seconds in ran if seconds is not None]
        return sum(known) if known else None

    def on_old(self, function: str) -> tuple[str, ...]:
        """Give the dropped steps whose old results went into it."""
        calls = self._calls.get(function, [])
        return tuple(dict.fromkeys(name for call in calls for name in call.on_old))


def _was_cancelled(call: CallRecord) -> bool:
    return call.error is not None and call.error.type == "KeyboardInterrupt"


def _row(planned: PlanRow | None, function: str, calls: _Calls) -> HeldRow:
    happened = calls.happened(function)
    action = planned.action if planned is not None else None
    return HeldRow(
        step=planned.step if planned is not None else calls.name(function),
        function=function,
        planned=action,
        happened=happened,
        expected=planned.duration if planned is not None else None,
        took=calls.took(function) if happened == "ran" else None,
        on_old=calls.on_old(function),
        wrong=_is_wrong(action, happened, finished=calls.finished),
    )


def _is_wrong(planned: PlanAction | None, happened: _Happened, *, finished: bool) -> bool:
    """Tell whether a plan said otherwise; what a run did not come to proves nothing."""
    if happened == "cancelled" or (happened == "not reached" and not finished):
        return False
    if planned is PlanAction.RUN:
        return happened in ("hit", "not reached")
    if planned is PlanAction.DROP:
        # It may turn out to be fresh, when something upstream comes out as it was.
        return happened in ("ran", "failed", "not reached")
    if planned is PlanAction.MAYBE:
        return False
    return happened in ("ran", "failed")
