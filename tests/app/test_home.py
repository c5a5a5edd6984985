"""The home screen shows the project as it is, and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual import events

from jobtui.screens.help import HelpScreen
from jobtui.services.service import Explained
from jobtui_core.errors import StoreError
from jobtui_core.records import Preview, ProjectStatus, RunState, Verdict
from tests.app.fakes import NOW, RUN, FakeService, FakeWatcher, run_info, step, usual_status
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def with_step(status: ProjectStatus, name: str, **facts: object) -> ProjectStatus:
    """Give the status with one step changed."""
    scripts = []
    for script in status.scripts:
        steps = tuple(replace(one, **facts) if one.name == name else one for one in script.steps)
        scripts.append(replace(script, steps=steps))
    return replace(status, scripts=tuple(scripts))


@pytest.mark.parametrize(
    ("name", "sign", "reason"),
    [
        ("read", "= fresh", "took 2.0 s"),
        ("trend", "~ stale", "window is 26, was 52"),
        ("cycle", "~ stale", "helpers.detrend was edited (+1)"),
        ("growth", "? unsure", "trend may come out otherwise"),
        ("bootstrap", "✗ failed", "ValueError: no samples"),
        ("forecast", "· new", "never ran"),
        ("old_figure", "- unused", "no call of it in today's source"),
    ],
)
async def test_row_says_state_as_sign_and_word_and_gives_the_reason(
    app_test: Open, name: str, sign: str, reason: str
) -> None:
    async with app_test() as t:
        line = t.line_with(f" {name} ")
        assert line.strip().startswith(sign)
        assert reason in line


async def test_broken_script_shows_line_and_caret_and_the_others_go_on(app_test: Open) -> None:
    async with app_test() as t:
        lines = t.screen()
        source = next(number for number, line in enumerate(lines) if "x = max(1, 2" in line)
        assert "line 7: '(' was never closed" in lines[source - 1]
        assert lines[source + 1].index("^") == lines[source].index("(")
        assert "= fresh" in t.line_with(" draw ")


async def test_why_shows_reason_path_diff_then_old_and_new(app_test: Open) -> None:
    async with app_test(height=40) as t:
        await t.select("cycle")
        text = t.home.detail.view.text
        order = [
            "helpers.detrend was edited",
            "cycle → prepare → helpers.detrend",
            "-    return series - smooth(series, window)",
            "+    return series - smooth(series, window // 2)",
            "window is 26, was 52",
            "before 52",
            "now    26",
        ]
        places = [text.index(part) for part in order]
        assert places == sorted(places)


async def test_why_fresh_counts_what_was_compared_and_says_what_could_not_be(
    app_test: Open,
) -> None:
    async with app_test() as t:
        await t.select("read")
        text = t.home.detail.view.text
        assert "compared, all equal: 1 function, 1 file, 1 argument" in text
        assert "data/co2.csv  98 kB" in text
        assert "? the version of numpy" in text


async def test_failed_step_shows_its_traceback(app_test: Open, service: FakeService) -> None:
    failed = next(one for one in service.state.steps if one.name == "bootstrap")
    service.explained["bootstrap"] = Explained(step=failed, traceback="File co2.py\nValueError")
    async with app_test() as t:
        await t.select("bootstrap")
        assert "File co2.py" in t.home.detail.view.text


async def test_parameters_show_value_and_default(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("full_stop")
        text = t.home.detail.view.text
        assert "window = 26" in text
        assert "default 52" in text
        assert "weeks" in text
        assert "one of 'mean', 'x'" in text


async def test_result_shows_shape_range_and_curve(app_test: Open, service: FakeService) -> None:
    service.previews["read"] = (
        Preview(
            kind="array",
            type="ndarray",
            shape=(2284,),
            dtype="float64",
            minimum=313.0,
            maximum=373.9,
            mean=340.1,
            missing=59,
            line=tuple(float(value) for value in range(100)),
        ),
    )
    async with app_test() as t:
        await t.select("read")
        await t.press("comma")
        text = t.home.detail.view.text
        assert t.home.detail.tab == "result"
        assert "2284" in text
        assert "float64" in text
        assert "min 313" in text
        assert "NaN 59" in text
        assert any("\u2800" < char <= "\u28ff" for char in text)


async def test_results_are_only_read_when_their_tab_is_shown(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        await t.select("trend")
        assert not any(question.startswith("result") for question in service.asked)
        await t.press("comma")
        assert "result trend" in service.asked


async def test_saved_edit_is_shown_without_running_anything(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test() as t:
        service.state = with_step(service.state, "read", verdict=Verdict.STALE)
        watcher.change("files")
        await t.settle()
        assert "~ stale" in t.line_with(" read ")
        assert service.started == []


async def test_selection_survives_a_refresh(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test() as t:
        await t.select("growth")
        status = service.state
        first = replace(status.scripts[0], steps=status.scripts[0].steps[1:])
        service.state = replace(status, scripts=(first, *status.scripts[1:]))
        watcher.change("files")
        await t.settle()
        assert t.home.steps.step is not None
        assert t.home.steps.step.name == "growth"


async def test_changes_during_a_check_lead_to_one_more_check(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test() as t:
        gate = service.gates["status"] = asyncio.Event()
        before = service.asked.count("status")
        for _save in range(5):
            watcher.change("files")
            await t.pilot.pause()
        gate.set()
        await t.settle()
        assert service.asked.count("status") == before + 2


async def test_run_started_elsewhere_is_shown_live(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test() as t:
        service.runs[RUN] = run_info()
        service.logs[RUN, None] = "hello\n"
        service.state = with_step(
            service.state, "trend", verdict=Verdict.RUNNING, started=NOW - 3.0, reasons=()
        )
        service.changed = True
        watcher.change("runs")
        await t.settle()
        line = t.line_with(" trend ")
        assert "● running" in line
        assert "3.0 s of ~2.0 s" in line
        service.state = with_step(service.state, "trend", progress=0.25)
        service.changed = True
        watcher.change("runs")
        await t.until(lambda: "3.0 s  25%, ~9.0 s left" in t.line_with(" trend "))
        assert "running 1" in t.screen()[0]
        assert t.home.log_pane.view.text == "hello"
        service.logs[RUN, None] += "world\n"
        await t.until(lambda: t.home.log_pane.view.text == "hello\nworld")
        service.runs[RUN] = run_info(RunState.DONE)
        service.state = usual_status()
        service.changed = True
        await t.until(lambda: not t.home.active)
        await t.settle()
        assert "running 1" not in t.screen()[0]
        assert "~ stale" in t.line_with(" trend ")


async def test_late_answer_about_another_step_is_dropped(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        gate = service.gates["explain read"] = asyncio.Event()
        service.explained["read"] = Explained(step=step("read"), traceback="of the other step")
        await t.press("home", "down", "down")
        gate.set()
        await t.settle()
        assert "trend" in t.home.detail.view.text
        assert "of the other step" not in t.home.detail.view.text


async def test_last_known_state_is_shown_until_today_s_is_known(
    app_test: Open, service: FakeService
) -> None:
    service.known = with_step(usual_status(), "read", verdict=Verdict.UNSURE)
    gate = service.gates["status"] = asyncio.Event()
    async with app_test() as t:
        assert "? unsure" in t.line_with(" read ")
        assert "checking" in t.screen()[0]
        gate.set()
        await t.settle()
        assert "= fresh" in t.line_with(" read ")
        assert "checking" not in t.screen()[0]


async def test_error_stays_in_its_pane_with_the_traceback_folded(
    app_test: Open, service: FakeService
) -> None:
    service.errors["result"] = StoreError("the store does not answer")
    async with app_test() as t:
        await t.select("trend")
        await t.press("comma", "w", "comma")
        text = t.home.detail.view.text
        assert "A store cannot be used" in text
        assert "the store does not answer" in text
        assert "Traceback" not in text
        await t.press("enter")
        assert "Traceback" in t.home.detail.view.text
        assert "= fresh" in t.line_with(" read ")


async def test_project_that_cannot_be_checked_says_so_and_recovers(
    app_test: Open, service: FakeService
) -> None:
    service.errors["status"] = StoreError("no such disk")
    async with app_test() as t:
        assert "no such disk" in t.text()
        service.errors.clear()
        await t.press("ctrl+r")
        assert "= fresh" in t.line_with(" read ")
        await t.select("read")
        assert "no such disk" not in t.text()


async def test_polling_is_said_in_the_title(app_test: Open, watcher: FakeWatcher) -> None:
    watcher.mode = "polling"
    async with app_test() as t:
        assert "polling" in t.screen()[0]


async def test_watches_the_files_that_the_status_depends_on(
    app_test: Open, watcher: FakeWatcher
) -> None:
    async with app_test():
        assert {path.name for path in watcher.files} == {"co2.py", "broken.py", "figures.py"}


async def test_filter_typed_and_entered_at_once_is_in_force(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("slash")
        for key in (*"tre", "enter"):
            t.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await t.settle()
        assert t.home.steps.needle == "tre"


async def test_key_typed_right_after_enter_goes_to_the_pane(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("slash", "r", "e")
        for key, character in (("enter", None), ("question_mark", "?")):
            t.app.post_message(events.Key(key, character))
        await t.settle()
        assert isinstance(t.app.screen, HelpScreen)


async def test_tip_is_shown(app_test: Open) -> None:
    async with app_test(tip="Try: press e") as t:
        assert "Try: press e" in t.text()


async def test_closing_lets_go_of_the_project(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    async with app_test() as t:
        await t.pilot.press("q")
    assert service.closed
    assert watcher.stopped
