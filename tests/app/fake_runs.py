"""A history of runs that a test writes, in place of a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jobtui.services.runs import History, RunQuery, sort_runs
from jobtui_core.errors import FilterError
from jobtui_core.labbook import (
    Comparison,
    Difference,
    Failure,
    FailureFrame,
    FigureInfo,
    LogLine,
    RunDetail,
    RunNotes,
)
from jobtui_core.project import RUN_FILTER_EXAMPLES, run_filter
from jobtui_core.project.runremoval import RunRemoval
from jobtui_core.records import CallInfo, CallState, ParameterInfo, RunInfo, RunState

__all__ = ["FakeRuns", "past_run", "usual_runs"]

NOW = 1_790_000_000.0


def run_id(began: float, number: int) -> str:
    """Give the id of a run that began then."""
    return f"{datetime.fromtimestamp(began, UTC):%Y-%m-%dT%H-%M-%S}-{number:04x}"


def past_run(number: int, **facts: Any) -> RunInfo:
    """Give a run of co2.py that began so many hours ago, and took as many seconds."""
    began = NOW - 3600.0 * number
    defaults: dict[str, Any] = {
        "id": run_id(began, number),
        "script": "co2.py",
        "state": RunState.DONE,
        "started": began,
        "ended": began + number,
        "steps": ("read", "trend"),
        "hits": 1,
        "computed": 1,
        "time_saved": 2.0,
        "user": "ann",
        "host": "mill",
    }
    return RunInfo(**{**defaults, **facts})


def usual_runs() -> list[RunInfo]:
    """Give five runs of two scripts, the newest first: two with other parameters, one failed."""
    window = {"window": 26}
    return [
        past_run(1, parameters=window, values=window, differing=window),
        past_run(2, script="figures.py", note="for the paper", tags=("draft", "fig3")),
        past_run(3, state=RunState.FAILED, code=1, error="ValueError: no samples", failed=1),
        past_run(4, starred=True, argv=("--fast",)),
        past_run(5, script="figures.py"),
    ]


def usual_detail(run: RunInfo) -> RunDetail:
    """Give what a run left behind."""
    call = CallInfo(
        id="1", run=run.id, function="co2:read", name="read", kind="step", state=CallState.HIT,
        key="a" * 32, saved=2.0,
    )  # fmt: skip
    second = replace(call, id="2", name="trend", state=CallState.COMPUTED, duration=1.5, saved=0.0)
    frame = FailureFrame(
        file="co2.py", line=7, function="trend", source=("def trend(x):", "    return 1 / x"),
        first=6, locals=(("x", "0"),),
    )  # fmt: skip
    failure = Failure(
        run=run.id, call="2", step="trend", type="ValueError", message="no samples",
        frames=(frame,), arguments=(("x", "0"),), replayable=True,
    )  # fmt: skip
    return RunDetail(
        info=run,
        notes=RunNotes(),
        parameters=(
            ParameterInfo(name="kind", type="str", default="mean", value="mean"),
            ParameterInfo(name="window", type="int", default=52, value=26),
        ),
        calls=(call, second),
        figures=(FigureInfo(name="Figure 1", run=run.id, step="trend", png="b" * 32),),
        failures=(failure,) if run.failed else (),
        warnings=("git was not found",),
        inputs=(("data/co2.csv", "c" * 32),),
        versions=(("numpy", "2.4.6"),),
        command="jobtui run co2.py window=26",
    )


class FakeRuns:
    """Answers from what a test put into it; a gate holds an answer back."""

    fields = RUN_FILTER_EXAMPLES

    def __init__(self) -> None:
        self.runs = usual_runs()
        self.details: dict[str, RunDetail] = {}
        self.logs: dict[str, tuple[LogLine, ...]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.errors: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.notes: dict[str, RunNotes] = {}
        self.removed: list[str] = []
        self.compared: list[tuple[str, ...]] = []
        self.differences: tuple[Difference, ...] = ()
        self.closed = False
        self._last: History | None = None

    async def _answer(self, question: str) -> None:
        self.asked.append(question)
        gate = self.gates.get(question)
        if gate is not None:
            await gate.wait()
        if question in self.errors:
            raise self.errors[question]

    def change(self, number: int, **facts: Any) -> None:
        """Let something happen to one of the runs."""
        self.runs[number] = replace(self.runs[number], **facts)
        self._last = None

    def problem(self, text: str) -> tuple[str, int] | None:
        try:
            run_filter(text)
        except FilterError as error:
            return error.message, error.position
        return None

    def look_again(self) -> None:
        self.asked.append("look again")
        self._last = None

    async def history(self, query: RunQuery) -> History:
        await self._answer("history")
        if self._last is None or self._last.query != query:
            wanted = run_filter(query.filter)
            rows = [run for run in self.runs if wanted.test(run)]
            active = tuple(run for run in reversed(self.runs) if run.state.active)
            self._last = History(query, sort_runs(rows, query, NOW), len(self.runs), active)
        return self._last

    async def detail(self, run: str) -> RunDetail:
        await self._answer("detail")
        info = next(one for one in self.runs if one.id == run)
        return self.details.get(run, usual_detail(info))

    async def log(self, run: str) -> Sequence[LogLine]:
        await self._answer("log")
        return self.logs.get(run, ())

    async def note(
        self,
        run: str,
        *,
        note: str | None = None,
        tags: Sequence[str] | None = None,
        starred: bool | None = None,
    ) -> RunNotes:
        await self._answer("note")
        place = next(place for place, one in enumerate(self.runs) if one.id == run)
        before = self.runs[place]
        notes = RunNotes(
            note=before.note if note is None else note,
            tags=before.tags if tags is None else tuple(tags),
            starred=before.starred if starred is None else starred,
        )
        self.change(place, note=notes.note, tags=notes.tags, starred=notes.starred)
        self.notes[run] = notes
        return notes

    async def removal(self, runs: Sequence[str]) -> RunRemoval:
        await self._answer("removal")
        named = [one for one in self.runs if one.id in runs]
        going = tuple(one for one in named if not one.starred)
        refused = tuple(f"run {one.id} has a star" for one in named if one.starred)
        return RunRemoval(
            runs=going, size=2000 * len(going), shown_by=(going[0].id,) if going else (),
            refused=refused,
        )  # fmt: skip

    async def remove(self, runs: Sequence[str]) -> tuple[str, ...]:
        await self._answer("remove")
        self.removed += runs
        self.runs = [one for one in self.runs if one.id not in runs]
        self._last = None
        return tuple(runs)

    async def compare(
        self, runs: Sequence[str], told: Callable[[str], None], stopped: Callable[[], bool]
    ) -> Comparison:
        self.compared.append(tuple(runs))
        told("results of trend")
        await self._answer("compare")
        return Comparison(
            runs=tuple(next(one for one in self.runs if one.id == run) for run in runs),
            differences=self.differences,
            same=(("package", 12),),
            not_compared=("stopped before the results",) if stopped() else (),
        )

    async def close(self) -> None:
        self.closed = True
