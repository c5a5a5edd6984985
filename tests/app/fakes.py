"""A project that a test writes, in place of one on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobtui.services.service import Explained, LogText, News
from jobtui.services.watching import Changed, WatchMode
from jobtui_core.checks import CheckedCall, CheckReport
from jobtui_core.records import (
    Acceptance,
    AcceptOffer,
    Compared,
    ParameterInfo,
    Plan,
    PlanAction,
    PlanRow,
    Preview,
    ProjectStatus,
    Reason,
    ReasonKind,
    RunInfo,
    RunRequest,
    RunState,
    ScriptStatus,
    SourceProblem,
    StepStatus,
    Verdict,
)
from tests.app.fake_runs import FakeRuns
from tests.app.fake_stores import FakeStores

NOW = 1_790_000_000.0
RUN = "2026-09-21T13-33-20-ab12"
ROOT = Path("/project")

DIFF = """\
--- helpers.py
+++ helpers.py
@@ -3,4 +3,4 @@
 def detrend(series, window):
-    return series - smooth(series, window)
+    return series - smooth(series, window // 2)
"""


def step(name: str, verdict: Verdict = Verdict.FRESH, **facts: Any) -> StepStatus:
    """Give a step that ran an hour ago and took 2 s."""
    defaults: dict[str, Any] = {
        "name": name,
        "function": f"co2:{name}",
        "kind": "step",
        "script": "co2.py",
        "verdict": verdict,
        "calls": 1,
        "duration": 2.0,
        "last_run": RUN,
        "last_time": NOW - 3600.0,
        "path": "co2.py",
        "line": 10,
        "keys": ("0" * 32,),
    }
    if verdict is Verdict.NEW:
        defaults |= {"calls": 0, "duration": None, "last_run": None, "last_time": None, "keys": ()}
    return StepStatus(**{**defaults, **facts})


def usual_status() -> ProjectStatus:
    """Give a project with a step in every state and a script that cannot be read."""
    code = Reason(
        kind=ReasonKind.CODE_CHANGED,
        subject="helpers:detrend",
        summary="helpers.detrend was edited",
        path=("cycle", "prepare", "helpers.detrend"),
        diff=DIFF,
    )
    window = Reason(
        kind=ReasonKind.PARAMETER_CHANGED,
        subject="window",
        summary="window is 26, was 52",
        old="52",
        new="26",
    )
    above = Reason(
        kind=ReasonKind.UPSTREAM, subject="trend", summary="trend may come out otherwise"
    )
    steps = (
        step(
            "read",
            compared=(
                Compared(kind="code", subject="co2:read"),
                Compared(kind="input", subject="data/co2.csv", detail="98 kB"),
                Compared(kind="argument", subject="path", detail="'data/co2.csv'"),
            ),
            not_compared=("the version of numpy (2.4.6 then)",),
        ),
        step("trend", Verdict.STALE, reasons=(window,), depends_on=("read",), line=21),
        step("cycle", Verdict.STALE, reasons=(code, window), line=30),
        step("growth", Verdict.UNSURE, reasons=(above,), line=40),
        step(
            "bootstrap",
            Verdict.FAILED,
            reasons=(
                Reason(
                    kind=ReasonKind.FAILED, subject="bootstrap", summary="ValueError: no samples"
                ),
            ),
            line=50,
        ),
        step("forecast", Verdict.NEW, line=60),
        step("old_figure", Verdict.UNUSED, line=70),
    )
    parameters = (
        ParameterInfo(name="window", type="int", default=52, value=26, help="weeks", line=5),
        ParameterInfo(name="kind", type="str", default="mean", value="mean", choices=("mean", "x")),
    )
    broken = SourceProblem(
        message="'(' was never closed", line=7, column=12, text="    x = max(1, 2\n"
    )
    return ProjectStatus(
        root=str(ROOT),
        scripts=(
            ScriptStatus(
                path="co2.py", parameters=parameters, steps=steps, reads=("data/co2.csv",)
            ),
            ScriptStatus(path="broken.py", error=broken),
            ScriptStatus(
                path="figures.py",
                steps=(step("draw", script="figures.py", function="figures:draw"),),
            ),
        ),
    )


def acceptance(function: str = "co2:cycle", **facts: Any) -> Acceptance:
    """Give an edit that was accepted two hours ago."""
    defaults: dict[str, Any] = {
        "function": function,
        "code": "b" * 32,
        "old": "a" * 32,
        "time": NOW - 7200.0,
        "user": "ann",
        "host": "mill",
        "script": "co2.py",
        "symbols": ("helpers:detrend",),
        "diff": DIFF,
    }
    return Acceptance(**{**defaults, **facts})


def run_info(state: RunState = RunState.RUNNING, **facts: Any) -> RunInfo:
    """Give a run that began five seconds ago."""
    return RunInfo(**{"id": RUN, "script": "co2.py", "state": state, "started": NOW - 5.0, **facts})


class FakeService:
    """Answers from what a test put into it, and notes what was asked."""

    def __init__(self, status: ProjectStatus | None = None) -> None:
        self.root = ROOT
        self.store = ".jobtui/cache"
        self.settings: dict[str, Any] = {}
        self.stores = FakeStores()
        self.history = FakeRuns()
        self.state = status if status is not None else usual_status()
        self.known: ProjectStatus | None = None
        self.explained: dict[str, Explained] = {}
        self.previews: dict[str, tuple[Preview, ...]] = {}
        self.logs: dict[tuple[str, str | None], str] = {}
        self.runs: dict[str, RunInfo] = {}
        self.changed = False
        self.plans: list[Plan] = []
        self.errors: dict[str, Exception] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.started: list[RunRequest] = []
        self.cancelled: list[str] = []
        self.accepted: list[AcceptOffer] = []
        self.taken_back: list[str] = []
        self.asked: list[str] = []
        self.shares = False
        self.closed = False
        self.checked: tuple[CheckedCall, ...] = ()
        self.check_stopped: Callable[[], bool] = lambda: False

    async def _answer(self, question: str) -> None:
        self.asked.append(question)
        gate = self.gates.get(question)
        if gate is not None:
            await gate.wait()
        if question in self.errors:
            raise self.errors[question]

    async def remembered(self) -> ProjectStatus | None:
        await self._answer("remembered")
        return self.known

    async def status(self) -> ProjectStatus:
        await self._answer("status")
        return self.state

    def look_again(self) -> None:
        self.asked.append("look again")

    @property
    def is_shared(self) -> bool:
        return self.shares

    async def watched(self, status: ProjectStatus) -> tuple[Path, ...]:
        return tuple(self.root / script.path for script in status.scripts)

    async def explain(self, step: StepStatus) -> Explained:
        await self._answer(f"explain {step.name}")
        if "explain" in self.errors:
            raise self.errors["explain"]
        return self.explained.get(step.name, Explained(step=step, run=run_info(RunState.DONE)))

    async def result(self, step: StepStatus) -> tuple[Preview, ...]:
        await self._answer(f"result {step.name}")
        if "result" in self.errors:
            raise self.errors["result"]
        return self.previews.get(step.name, ())

    async def plan(self, request: RunRequest | None) -> Plan:
        await self._answer("plan")
        if self.plans:
            return self.plans.pop(0)
        return plan_of(self.state, () if request is None else request.drop)

    async def check(self, step: StepStatus, *, told: Any, stopped: Any) -> CheckReport:
        report = CheckReport(step=step.name, function=step.function, script=step.script)
        told(replace(report, computing={"window": "52"}))
        self.check_stopped = stopped
        await self._answer("check")
        return replace(report, calls=self.checked)

    async def accept_offer(self, step: StepStatus) -> AcceptOffer:
        await self._answer("accept_offer")
        code = tuple(one for one in step.reasons if one.kind is ReasonKind.CODE_CHANGED)
        rest = tuple(one for one in step.reasons if one.kind is not ReasonKind.CODE_CHANGED)
        alias = acceptance(step.function, diff="\n".join(one.diff for one in code))
        return AcceptOffer(step=step, acceptances=(alias,), reasons=code, remaining=rest)

    async def accept(self, offer: AcceptOffer) -> tuple[Acceptance, ...]:
        await self._answer("accept")
        self.accepted.append(offer)
        return offer.acceptances

    async def unaccept(self, step: StepStatus) -> tuple[Acceptance, ...]:
        await self._answer("unaccept")
        self.taken_back.append(step.name)
        return step.acceptances[-1:]

    async def start(self, request: RunRequest) -> tuple[str, ...]:
        await self._answer("start")
        self.started.append(request)
        return (RUN,)

    async def cancel(self, runs: Sequence[str]) -> None:
        await self._answer("cancel")
        self.cancelled += runs
        for run in runs:
            self.runs.pop(run, None)
        self.changed = True

    async def news(self) -> News:
        await self._answer("news")
        changed, self.changed = self.changed, False
        active = tuple(run for run in self.runs.values() if run.state.active)
        over = tuple(run for run in self.runs.values() if not run.state.active)
        return News(changed=changed, active=active, ended=over if changed else ())

    async def newest_run(self, script: str) -> RunInfo | None:
        return run_info(RunState.DONE, script=script) if (RUN, None) in self.logs else None

    async def read_log(
        self, run: str, *, step: str | None = None, start: int = 0, limit: int = 65_536
    ) -> LogText:
        await self._answer("log")
        data = self.logs.get((run, step), "").encode()
        start = max(0, len(data) + start) if start < 0 else min(start, len(data))
        piece = data[start : start + limit]
        end = start + len(piece)
        return LogText(text=piece.decode(), start=start, end=end, more=end < len(data))

    async def close(self) -> None:
        self.closed = True


def plan_of(status: ProjectStatus, drop: Sequence[str] = ()) -> Plan:
    """Give the plan that follows from the verdicts, with some rows dropped from it."""
    actions = {
        Verdict.FRESH: PlanAction.KEEP,
        Verdict.UNSURE: PlanAction.MAYBE,
        Verdict.UNUSED: None,
    }
    rows = tuple(
        PlanRow(
            script=one.script,
            step=one.name,
            function=one.function,
            action=PlanAction.DROP if one.name in drop else action,
            on_old=tuple(set(drop) & set(one.depends_on)),
            duration=one.duration,
            reason=one.reasons[0].summary if one.reasons else "",
        )
        for one in status.steps
        if (action := actions.get(one.verdict, PlanAction.RUN)) is not None
    )
    runs = (PlanAction.RUN, PlanAction.MAYBE)
    scripts = dict.fromkeys(row.script for row in rows if row.action in runs)
    return Plan(rows=rows, scripts=tuple(scripts))


class FakeWatcher:
    """Notices a change when a test says so."""

    def __init__(self) -> None:
        self.mode: WatchMode = "watch"
        self.files: tuple[Path, ...] = ()
        self.stopped = False
        self._notify: Callable[[set[Changed]], None] | None = None

    def start(self, notify: Callable[[set[Changed]], None]) -> None:
        self._notify = notify

    def watch(self, files: Iterable[Path]) -> None:
        self.files = tuple(files)

    def stop(self) -> None:
        self.stopped = True

    def change(self, *kinds: Changed) -> None:
        assert self._notify is not None
        self._notify(set(kinds))
