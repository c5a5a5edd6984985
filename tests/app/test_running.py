"""Running never surprises: what will run is shown first, and what runs can be ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from jobtui.screens.plan import PlanScreen
from jobtui.widgets.table import Table
from jobtui_core.errors import RunError
from jobtui_core.records import Plan, PlanAction, PlanRow, RunRequest, ScriptStatus
from tests.app.fakes import NOW, RUN, FakeService, FakeWatcher, run_info, usual_status
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def row(name: str, action: PlanAction, duration: float | None = 2.0) -> PlanRow:
    return PlanRow(
        script="co2.py", step=name, function=f"co2:{name}", action=action, duration=duration
    )


async def test_one_step_with_fresh_inputs_runs_at_once(
    app_test: Open, service: FakeService
) -> None:
    service.plans = [Plan(rows=(row("read", PlanAction.KEEP), row("trend", PlanAction.RUN)))]
    async with app_test() as t:
        await t.select("trend")
        await t.press("r")
        assert service.started == [RunRequest(scripts=("co2.py",), only="trend")]


async def test_more_than_one_step_shows_the_plan_first(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        await t.select("trend")
        await t.press("r")
        assert isinstance(t.app.screen, PlanScreen)
        assert service.started == []
        text = t.text()
        assert "jobtui run co2.py --only trend" in text
        assert "● will run" in text
        assert "? may run" in text
        assert "= kept" in text
        sums = "4 will run (about 6.0 s, 1 never timed), 1 may run (about 2.0 s more), 2 kept"
        assert sums in text
        await t.press("escape")
        assert service.started == []
        await t.press("r", "enter")
        assert service.started == [RunRequest(scripts=("co2.py",), only="trend")]


async def test_the_plan_gives_names_no_more_room_than_they_need(
    app_test: Open, service: FakeService
) -> None:
    why = "waits for trend, which is stale"
    service.plans = [Plan(rows=(replace(row("fit", PlanAction.MAYBE), reason=why),))]
    async with app_test(80, 24) as t:
        await t.press("p")
        assert why in t.text()


async def test_script_s_row_runs_the_script(app_test: Open, service: FakeService) -> None:
    async with app_test() as t:
        await t.press("home", "r", "enter")
        assert service.started == [RunRequest(scripts=("co2.py",))]


async def test_run_stale_runs_the_scripts_of_the_plan(app_test: Open, service: FakeService) -> None:
    async with app_test() as t:
        await t.press("R", "enter")
        assert service.started == [RunRequest(scripts=("co2.py",))]


async def test_nothing_stale_is_said_instead_of_an_empty_plan(
    app_test: Open, service: FakeService
) -> None:
    service.plans = [Plan(rows=(row("read", PlanAction.KEEP),))]
    async with app_test() as t:
        await t.press("R")
        assert t.app.screen is t.home
        assert "Everything is fresh: there is nothing to run." in t.app.said


async def test_plan_is_shown_although_everything_is_kept(
    app_test: Open, service: FakeService
) -> None:
    service.plans = [Plan(rows=(row("read", PlanAction.KEEP),))]
    async with app_test() as t:
        await t.press("p", "enter")
        assert isinstance(t.app.screen, PlanScreen)
        assert service.started == []


def cursor_on(t: AppTest, name: str) -> None:
    table = t.app.screen.query_one(Table)
    assert table.go_to(f"co2.py\0co2:{name}")


async def test_a_row_of_the_plan_is_dropped_and_taken_back(
    app_test: Open, service: FakeService
) -> None:
    async with app_test(120, 40) as t:
        await t.press("p")
        assert "space drops a row" in t.text()
        cursor_on(t, "trend")
        await t.press("space")
        assert "< dropped" in t.text()
        assert "1 dropped" in t.text()
        assert "jobtui run --drop trend" in t.text()
        await t.press("space")
        assert "dropped" not in t.text()
        assert "--drop" not in t.text()
        await t.press("space", "enter")
        (request,) = service.started
        assert request == RunRequest(scripts=("co2.py",), drop=("trend",))
        assert request.planned is not None
        assert [row.step for row in request.planned.dropped] == ["trend"]


async def test_what_rests_on_a_dropped_row_is_marked(app_test: Open, service: FakeService) -> None:
    marked = replace(row("fit", PlanAction.MAYBE), on_old=("trend",), reason="waits for trend")
    service.plans = [Plan(rows=(row("trend", PlanAction.DROP), marked), scripts=("co2.py",))]
    async with app_test(120, 40) as t:
        await t.press("p")
        assert "on old trend; waits for trend" in t.line_with("fit")


async def test_a_row_that_is_kept_cannot_be_dropped(app_test: Open, service: FakeService) -> None:
    async with app_test(120, 40) as t:
        await t.press("p")
        cursor_on(t, "read")
        await t.press("space")
        assert "read is kept as it is" in t.app.said
        assert service.asked.count("plan") == 1


async def test_a_row_without_any_result_stays_and_says_why(
    app_test: Open, service: FakeService
) -> None:
    plan = Plan(rows=(row("trend", PlanAction.RUN),), scripts=("co2.py",))
    words = "trend cannot be dropped: no result of it is stored"
    service.plans = [plan, replace(plan, refused=(words,))]
    async with app_test(120, 40) as t:
        await t.press("p")
        cursor_on(t, "trend")
        await t.press("space")
        assert words in t.app.said
        await t.press("enter")
        assert service.started == [RunRequest(scripts=("co2.py",))]


async def test_of_two_steps_with_one_name_the_one_under_the_cursor_is_dropped(
    app_test: Open, service: FakeService
) -> None:
    other = replace(row("fit", PlanAction.RUN), function="other:fit", script="other.py")
    plan = Plan(rows=(row("fit", PlanAction.RUN), other), scripts=("co2.py", "other.py"))
    service.plans = [plan, plan]
    async with app_test(120, 40) as t:
        await t.press("p")
        cursor_on(t, "fit")
        await t.press("space")
        assert "jobtui run --drop co2:fit" in t.text()


async def test_fresh_step_is_not_run_without_being_asked_to_recompute(
    app_test: Open, service: FakeService
) -> None:
    service.plans = [Plan(rows=(row("read", PlanAction.RUN),))]
    async with app_test() as t:
        await t.select("read")
        await t.press("r")
        assert service.started == []
        assert any("f computes it again" in text for text in t.app.said)
        await t.press("f")
        assert service.started == [
            RunRequest(scripts=("co2.py",), only="read", recompute=("read",))
        ]


async def test_broken_script_is_not_run(app_test: Open, service: FakeService) -> None:
    async with app_test() as t:
        t.home.steps.go_to("broken.py")
        await t.press("r")
        assert service.started == []
        assert any("cannot be read" in text for text in t.app.said)


async def test_start_that_fails_is_said(app_test: Open, service: FakeService) -> None:
    service.errors["start"] = RunError("the interpreter is gone")
    async with app_test() as t:
        await t.press("R", "enter")
        assert any("the interpreter is gone" in text for text in t.app.said)


async def test_run_asked_for_on_opening_is_started(app_test: Open, service: FakeService) -> None:
    async with app_test(start=RunRequest(scripts=("co2.py",))):
        assert service.started == [RunRequest(scripts=("co2.py",))]


async def test_young_run_is_cancelled_at_once(app_test: Open, service: FakeService) -> None:
    service.runs[RUN] = run_info(started=NOW - 5.0)
    async with app_test() as t:
        await t.press("x")
        assert service.cancelled == [RUN]


async def test_old_run_is_cancelled_after_a_question(app_test: Open, service: FakeService) -> None:
    service.runs[RUN] = run_info(started=NOW - 11.0)
    async with app_test() as t:
        await t.press("x")
        assert service.cancelled == []
        assert "Cancel this run?" in t.text()
        await t.press("enter")
        assert service.cancelled == []
        await t.press("x", "c")
        assert service.cancelled == [RUN]


async def test_several_runs_need_a_selection(app_test: Open, service: FakeService) -> None:
    service.runs = {
        "a": run_info(id="a", script="figures.py"),
        "b": run_info(id="b", script="co2.py"),
    }
    async with app_test() as t:
        t.home.steps.go_to("broken.py")
        await t.press("x")
        assert service.cancelled == []
        t.home.steps.go_to("figures.py")
        await t.press("x")
        assert service.cancelled == ["a"]


async def test_quit_leaves_at_once_while_nothing_runs(app_test: Open) -> None:
    async with app_test() as t:
        await t.pilot.press("q")
        await t.until(lambda: not t.app.is_running)


async def test_quit_during_a_run_asks(app_test: Open, service: FakeService) -> None:
    service.runs[RUN] = run_info()
    async with app_test() as t:
        await t.press("q")
        assert "quit, and leave it running" in t.text()
        await t.press("enter")
        assert t.app.is_running
        assert t.app.screen is t.home
        await t.pilot.press("q", "l")
        await t.until(lambda: not t.app.is_running)
    assert service.cancelled == []


async def test_quit_can_cancel_what_runs(app_test: Open, service: FakeService) -> None:
    service.runs[RUN] = run_info()
    async with app_test() as t:
        await t.pilot.press("q", "c")
        await t.until(lambda: not t.app.is_running)
    assert service.cancelled == [RUN]


async def test_quit_stays_when_cancelling_fails(app_test: Open, service: FakeService) -> None:
    service.runs[RUN] = run_info()
    service.errors["cancel"] = RunError("it runs on another host: scancel 1234")
    async with app_test() as t:
        await t.press("q", "c")
        assert t.app.is_running
        assert any("scancel 1234" in text for text in t.app.said)


async def test_ctrl_c_offers_to_cancel_or_quit(app_test: Open, service: FakeService) -> None:
    service.runs[RUN] = run_info()
    async with app_test() as t:
        await t.press("ctrl+c")
        assert "cancel it, and stay" in t.text()
        await t.press("x")
        assert service.cancelled == [RUN]
        assert t.app.is_running


async def test_plan_that_comes_late_opens_nothing_over_another_dialog(
    app_test: Open, service: FakeService
) -> None:
    gate = service.gates["plan"] = asyncio.Event()
    async with app_test() as t:
        await t.pilot.press("p", "question_mark")
        await t.settle()
        gate.set()
        await t.settle()
        assert not isinstance(t.app.screen, PlanScreen)


async def test_no_editor_is_an_error_that_names_the_way_out(
    app_test: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    async with app_test(suspends=True) as t:
        await t.press("e")
        assert any("export EDITOR" in text for text in t.app.said)


async def test_plan_and_dialogs_look_as_they_did(
    app_test: Open, service: FakeService, app_snapshot: Callable[..., None]
) -> None:
    service.runs[RUN] = run_info(started=NOW - 60.0)
    async with app_test(110, 32) as t:
        await t.press("p")
        app_snapshot(t.app, "plan")
        await t.press("escape", "q")
        app_snapshot(t.app, "quit")
        await t.press("escape", "question_mark")
        app_snapshot(t.app, "help")


async def test_new_script_appears(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test() as t:
        status = usual_status()
        extra = ScriptStatus(path="new.py")
        service.state = type(status)(root=status.root, scripts=(extra, *status.scripts))
        watcher.change("files")
        await t.settle()
        assert "no steps" in t.line_with("new.py")
