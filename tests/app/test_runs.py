"""Runs: the table of what ran, the record of one run, notes, stars, deleting, running again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.widgets import Input

from jobtui.screens.dialog import Dialog
from jobtui.screens.note import NoteScreen
from jobtui.screens.plan import PlanScreen
from jobtui.views.run import overview_lines
from jobtui.widgets.footer import MOST_KEYS, KeyFooter
from jobtui.widgets.title import Title
from jobtui_core.errors import StoreError
from jobtui_core.labbook import LogLine, RunDetail, RunNotes
from jobtui_core.records import Plan, PlanAction, PlanRow, RunInfo, RunState
from tests.app.fake_runs import FakeRuns, past_run
from tests.app.fakes import NOW, FakeService
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


@pytest.fixture
def history(service: FakeService) -> FakeRuns:
    return service.history


def shown(t: AppTest) -> list[str]:
    return [run.id[-1] for run in t.runs.runs.listed]


def title(t: AppTest) -> str:
    return t.app.screen.query_one(Title).command


# --- the table ------------------------------------------------------------------------------


async def test_runs_stand_newest_first_with_their_parameters_state_and_notes(
    runs_test: Open,
) -> None:
    async with runs_test(220, 36) as t:
        assert shown(t) == ["1", "2", "3", "4", "5"]
        assert title(t) == "jobtui runs --app"
        first = t.line_with("window=26")
        assert "= done" in first
        assert "1 h" in first
        assert "1/2" in first
        assert "✗ failed" in t.line_with("1/3")
        assert "for the paper #draft #fig3" in t.text()
        assert "★" in t.line_with("--fast")


async def test_empty_history_says_how_runs_come_about(runs_test: Open, history: FakeRuns) -> None:
    history.runs = []
    async with runs_test() as t:
        assert "nothing ran yet: python x.py, jobtui run, or r on a step" in t.text()
        await t.press("r", "x", "equals_sign", "m", "asterisk", "D", "o", "y", "space", "l", "t")
        assert t.app.screen is t.runs


async def test_filter_is_that_of_the_command_line_and_stands_in_the_title(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test() as t:
        await t.press("slash", *"failed", "enter")
        assert shown(t) == ["3"]
        assert title(t) == "jobtui runs --app failed"
        assert "1 of 5" in t.text()
        await t.press("escape")
        assert shown(t) == ["1", "2", "3", "4", "5"]
        await t.press("slash", *"window>9", "enter")
        assert shown(t) == ["1"]
        assert title(t) == "jobtui runs --app 'window>9'"


async def test_filter_that_cannot_be_understood_is_marked_and_typed_on(runs_test: Open) -> None:
    async with runs_test() as t:
        await t.press("slash", *"done hits:x")
        assert "^ hits is compared" in t.text()
        await t.press("enter")
        assert isinstance(t.app.focused, Input)
        await t.press("escape")
        assert t.app.focused is t.runs.runs


async def test_sort_goes_through_the_columns_and_turns_round(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test(160, 36) as t:
        await t.press("S")
        assert shown(t) == ["5", "4", "3", "2", "1"]
        await t.press("s")
        assert t.runs.query_asked.sort == "script"
        assert shown(t) == ["1", "3", "4", "2", "5"]
        await t.press("s", "s")
        assert (t.runs.query_asked.sort, shown(t)) == ("took", ["5", "4", "3", "2", "1"])
        await t.press("s", "s", "s")
        assert (t.runs.query_asked.sort, shown(t)[0]) == ("note", "2")


async def test_what_runs_is_seen_without_a_key(runs_test: Open, history: FakeRuns) -> None:
    history.change(0, state=RunState.RUNNING, ended=None, started=NOW - 5.0)
    async with runs_test() as t:
        assert "● running" in t.line_with("window=26")
        assert "5.0 s" in t.line_with("window=26")
        history.change(0, state=RunState.DONE, ended=NOW - 1.0)
        await t.until(lambda: "= done" in t.line_with("window=26"))
        assert "4.0 s" in t.line_with("window=26")


async def test_nothing_is_asked_while_another_mode_is_shown(
    runs_test: Open, history: FakeRuns
) -> None:
    history.change(0, state=RunState.RUNNING, ended=None)
    async with runs_test() as t:
        await t.press("1")
        assert not t.app._runs._ticking._active.is_set()  # type: ignore[union-attr]  # it is open
        history.asked.clear()
        await t.press("3")
        assert "history" in history.asked


async def test_history_that_cannot_be_read_says_so_and_is_tried_again(
    runs_test: Open, history: FakeRuns
) -> None:
    history.errors["history"] = StoreError("the folder is gone")
    async with runs_test() as t:
        assert "✗ the folder is gone" in t.text()
        del history.errors["history"]
        await t.press("f5")
        assert shown(t) == ["1", "2", "3", "4", "5"]
        assert "look again" in history.asked


async def test_cursor_stays_on_its_run_when_a_new_one_begins(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test() as t:
        await t.press("down", "down")
        history.runs.insert(0, past_run(0, state=RunState.RUNNING, ended=None))
        await t.press("f5")
        assert t.runs.runs.item is not None
        assert t.runs.runs.item.id.endswith("3")
        await t.press("0")
        assert t.runs.record.run is not None
        assert t.runs.record.run.id.endswith("0")


async def test_many_runs_cost_no_more_than_few(runs_test: Open, history: FakeRuns) -> None:
    history.runs = [past_run(number, id=f"run-{number:05}") for number in range(10_000, 0, -1)]
    painted: list[str] = []
    async with runs_test() as t:
        paint = t.runs.runs._paint
        t.runs.runs._paint = lambda row: (painted.append(row.identity), paint(row))[1]
        await t.press("G")
        assert t.runs.runs.cursor == 9_999
        assert len(set(painted)) < 100


# --- the record of one run ------------------------------------------------------------------


async def test_overview_tells_all_that_is_known(runs_test: Open) -> None:
    async with runs_test() as t:
        text = t.runs.record.view.text
        for told in (
            "= done", "began     2026-09-21 13:13:20", "by        ann on mill",
            "1 from the cache, 1 computed", "window = 26  default 52", "kind   = 'mean'",
            "data/co2.csv", "numpy  2.4.6", "git was not found", "jobtui run co2.py window=26",
        ):  # fmt: skip
            assert told in text, told


@pytest.mark.parametrize(
    ("untracked", "told"), [((), "nothing uncommitted"), (("new.py",), "1 name not tracked")]
)
def test_overview_says_whether_the_commit_holds_all_there_was(
    untracked: tuple[str, ...], told: str
) -> None:
    run = RunInfo(id="r", script="a.py", state=RunState.DONE, commit="a1b2c3", dirty=False)
    lines = overview_lines(run, RunDetail(info=run, notes=RunNotes(), untracked=untracked), now=0.0)
    text = "\n".join("".join(span[0] for span in one) for one in lines)
    assert f"a1b2c3, {told}" in text


async def test_tabs_show_calls_figures_and_failures(runs_test: Open) -> None:
    async with runs_test() as t:
        await t.press("down", "down", "full_stop")
        view = t.runs.record.view
        assert "= hit      read" in view.text
        assert "· computed trend    1.5 s" in view.text
        await t.press("full_stop", "full_stop")
        assert "Figure 1" in view.text
        await t.press("full_stop")
        assert "ValueError: no samples" in view.text
        assert f"jobtui replay {t.runs.record.run.id} trend" in view.text  # type: ignore[union-attr]
        assert "return 1 / x" not in view.text
        await t.press("tab", "enter")
        assert ">    7      return 1 / x" in view.text
        assert "x = 0" in view.text
        await t.press("comma")
        assert "Figure 1" in view.text


async def test_tabs_that_have_no_room_come_into_sight_when_they_are_shown(
    runs_test: Open,
) -> None:
    async with runs_test(120, 30) as t:
        assert "Overview" in t.text()
        assert "Changes" not in t.text()
        await t.press("comma")
        assert "Changes" in t.text()
        assert "git working tree" in t.text()
        row = next(y for y, text in enumerate(t.screen()) if " Failures " in text)
        column = t.screen()[row].index("Failures")
        await t.pilot.click(offset=(column, row))
        await t.settle()
        assert t.runs.record.tab == "failures"


async def test_record_that_cannot_be_read_says_so_in_its_pane(
    runs_test: Open, history: FakeRuns
) -> None:
    history.errors["detail"] = StoreError("no such run any more")
    async with runs_test() as t:
        assert "no such run any more" in t.runs.record.view.text
        assert shown(t) == ["1", "2", "3", "4", "5"]
        del history.errors["detail"]
        await t.press("down")
        assert "for the paper" in t.runs.record.view.text


async def test_late_record_of_another_run_is_not_shown(runs_test: Open, history: FakeRuns) -> None:
    gate = history.gates["detail"] = asyncio.Event()
    async with runs_test() as t:
        assert "reading …" in t.runs.record.view.text
        await t.press("down")
        gate.set()
        await t.settle()
        assert "for the paper" in t.runs.record.view.text
        assert "reading" not in t.runs.record.view.text


async def test_older_and_newer_run_are_those_of_the_same_script(runs_test: Open) -> None:
    async with runs_test() as t:
        await t.press("left_square_bracket")
        assert t.runs.record.run is not None
        assert t.runs.record.run.id.endswith("3")
        await t.press("left_square_bracket", "left_square_bracket")
        assert t.app.said == ["its script did not run before that"]
        await t.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert t.app.said[-1] == "its script did not run since"


# --- the log --------------------------------------------------------------------------------


def lines() -> tuple[LogLine, ...]:
    return (
        LogLine(text="3 gaps", time=NOW - 99_000.0, step="fill", call="1", origin="run-before"),
        LogLine(text="one", time=NOW - 3600.0),
        LogLine(text="two", time=NOW - 3599.9, stream="err"),
        LogLine(text="late", time=NOW - 3560.0, stream="log", level="ERROR", logger="lab.fit"),
        LogLine(text="later", time=NOW - 3559.9),
    )


async def test_log_marks_what_a_hit_repeats_and_shows_times_when_asked(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test() as t:
        history.logs[t.runs.record.run.id] = lines()  # type: ignore[union-attr]
        await t.press("l")
        view = t.runs.record.view
        assert t.app.focused is view
        assert view.text.splitlines() == [
            "─ fill: from run run-before, not printed again ─",
            "3 gaps", "one", "two", "ERROR lab.fit: late", "later",
        ]  # fmt: skip
        await t.press("T")
        assert "13:13:20.000 one" in view.text
        await t.press("T")
        assert "13:13:20" not in view.text


async def test_next_long_pause_goes_to_the_line_behind_it(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test() as t:
        padding = tuple(LogLine(text=str(n), time=NOW - 3559.8 + n / 100) for n in range(100))
        history.logs[t.runs.record.run.id] = (*lines(), *padding)  # type: ignore[union-attr]
        await t.press("t")
        assert t.app.said == ["show the log first, with l"]
        await t.press("l", "t")
        assert t.runs.record.view.first_line == 4
        assert "late" in t.text()


async def test_log_of_a_run_grows_and_is_followed_until_one_stops(
    runs_test: Open, history: FakeRuns
) -> None:
    history.change(0, state=RunState.RUNNING, ended=None)
    run = history.runs[0].id
    history.logs[run] = tuple(LogLine(text=f"line {n}") for n in range(100))
    async with runs_test() as t:
        await t.press("l")
        assert "line 99" in t.text()
        history.logs[run] += (LogLine(text="line 100"),)
        await t.until(lambda: "line 100" in t.text())
        await t.press("F")
        assert t.app.said == ["no longer following"]
        history.logs[run] += tuple(LogLine(text=f"line {n}") for n in range(101, 120))
        await t.until(lambda: "line 119" in t.runs.record.view.text)
        assert "line 119" not in t.text()


# --- writing beside it ----------------------------------------------------------------------


async def test_note_and_tags_are_written_and_shown(runs_test: Open, history: FakeRuns) -> None:
    async with runs_test(220, 36) as t:
        await t.press("m", *"best one", "tab", *"#final paper", "enter")
        notes = history.notes[history.runs[0].id]
        assert (notes.note, notes.tags) == ("best one", ("final", "paper"))
        assert "best one #final #paper" in t.text()
        assert "best one" in t.runs.record.view.text


async def test_note_that_is_taken_back_or_unchanged_writes_nothing(
    runs_test: Open, history: FakeRuns
) -> None:
    history.change(1, note="two\nlines")
    async with runs_test() as t:
        await t.press("down", "m", "x", "escape")
        await t.press("m", "enter")
        assert history.notes == {}
        await t.press("m", "end", *"!", "enter")
        assert history.notes[history.runs[1].id].note == "two\nlines!"


async def test_tag_that_cannot_be_one_is_refused_beside_the_field(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test() as t:
        await t.press("m", "tab")
        assert isinstance(t.app.screen, NoteScreen)
        t.app.screen.query_one("#note-tags", Input).value = "x" * 70
        await t.press("enter")
        assert "tag" in str(t.app.screen.query_one("#note-problem").render())
        assert history.notes == {}


async def test_star_is_put_and_taken_away(runs_test: Open, history: FakeRuns) -> None:
    async with runs_test() as t:
        await t.press("asterisk")
        assert history.runs[0].starred
        assert "★" in t.line_with("window=26")
        await t.press("asterisk")
        assert not history.runs[0].starred


async def test_note_that_cannot_be_written_is_said(runs_test: Open, history: FakeRuns) -> None:
    history.errors["note"] = StoreError("the disk is full")
    async with runs_test() as t:
        await t.press("asterisk")
        assert t.app.said == ["the disk is full"]


# --- deleting, cancelling, running again ----------------------------------------------------


async def test_deleting_shows_what_goes_and_asks(runs_test: Open, history: FakeRuns) -> None:
    async with runs_test() as t:
        await t.press("space", "space", "D")
        text = t.text()
        assert "Delete the records of 2 runs?" in text
        assert "4.0 kB of events, logs and figures; stored results stay." in text
        assert "1 run alone shows how steps ran last" in text
        await t.press("enter")
        assert history.removed == []
        await t.press("D", "d")
        assert [run[-1] for run in history.removed] == ["1", "2"]
        assert shown(t) == ["3", "4", "5"]
        assert t.app.said == ["deleted 2 runs"]


async def test_run_with_a_star_is_not_deleted(runs_test: Open, history: FakeRuns) -> None:
    async with runs_test() as t:
        await t.press("down", "down", "down", "D")
        assert t.app.screen is t.runs
        assert "has a star" in t.app.said[0]


async def test_running_run_is_cancelled_and_one_that_is_over_is_not(
    runs_test: Open, history: FakeRuns, service: FakeService
) -> None:
    history.change(0, state=RunState.RUNNING, ended=None, started=NOW - 5.0)
    async with runs_test() as t:
        await t.press("x")
        assert service.cancelled == [history.runs[0].id]
        history.change(0, started=NOW - 3600.0)
        await t.press("f5", "x")
        assert isinstance(t.app.screen, Dialog)
        await t.press("enter")
        assert len(service.cancelled) == 1
        await t.press("x", "c")
        assert len(service.cancelled) == 2
        await t.press("down", "x")
        assert t.app.said[-1] == "this run is over"


async def test_run_again_shows_the_plan_with_its_parameters_and_words(
    runs_test: Open, history: FakeRuns, service: FakeService
) -> None:
    history.change(0, argv=("--fast",))
    async with runs_test() as t:
        await t.press("r")
        assert isinstance(t.app.screen, PlanScreen)
        assert "jobtui run co2.py window=26 -- --fast" in t.text()
        await t.press("enter")
        (request,) = service.started
        assert (request.scripts, request.overrides) == (("co2.py",), {"window": 26})
        assert request.argv == ("--fast",)
        assert request.planned is not None


async def test_run_with_a_secret_parameter_is_not_repeated_without_it(
    runs_test: Open, history: FakeRuns, service: FakeService
) -> None:
    history.change(0, parameters={"api_key": "<hidden 3f>"})
    async with runs_test() as t:
        await t.press("r")
        assert t.app.screen is t.runs
        assert t.app.said[0].startswith("api_key of this run is not kept")


async def test_copy_offers_id_command_and_path(runs_test: Open, history: FakeRuns) -> None:
    async with runs_test() as t:
        for key in "icp":
            await t.press("y", key)
        run = history.runs[0].id
        assert t.app.copied == [
            run, "jobtui run co2.py window=26", f"/project/.jobtui/runs/{run}",
        ]  # fmt: skip


async def test_step_that_was_asked_for_runs_although_one_went_to_runs_meanwhile(
    app_test: Open, service: FakeService
) -> None:
    row = PlanRow(script="co2.py", step="trend", function="co2:trend", action=PlanAction.RUN)
    service.plans = [Plan(rows=(row,), scripts=("co2.py",))]
    gate = service.gates["plan"] = asyncio.Event()
    async with app_test() as t:
        await t.select("trend")
        await t.press("r", "3")
        gate.set()
        await t.settle()
        assert [request.only for request in service.started] == ["trend"]


async def test_leaving_asks_what_becomes_of_what_runs_although_steps_were_never_shown(
    runs_test: Open, history: FakeRuns, service: FakeService
) -> None:
    history.change(0, state=RunState.RUNNING, ended=None)
    async with runs_test() as t:
        await t.press("q")
        assert isinstance(t.app.screen, Dialog)
        assert f"co2.py, {history.runs[0].id}" in t.text()
        await t.press("escape", "ctrl+c", "x")
        assert service.cancelled == [history.runs[0].id]
        assert t.app.is_running


# --- room and keys --------------------------------------------------------------------------


async def test_panes_on_the_screen_are_those_that_there_is_room_for(runs_test: Open) -> None:
    def panes(t: AppTest) -> set[str]:
        return {name for name, pane in t.runs.pane_widgets().items() if pane.size.area}

    async with runs_test(60, 15) as t:
        assert panes(t) == {"runs"}
        assert "= done" in t.line_with("window=26")
        await t.press("down", "enter")
        assert panes(t) == {"record"}
        assert "for the paper" in t.text()
        await t.press("escape")
        assert t.app.focused is t.runs.runs
        for size, wanted in (
            ((59, 15), set()),
            ((80, 24), {"runs", "record"}),
            ((120, 30), {"runs", "record"}),
        ):
            await t.pilot.resize_terminal(*size)
            await t.settle()
            assert panes(t) == wanted
        assert t.runs.runs.cursor == 1


async def test_footer_has_few_keys_that_make_sense_for_the_run(
    runs_test: Open, history: FakeRuns
) -> None:
    history.change(0, state=RunState.RUNNING, ended=None)
    async with runs_test(160, 36) as t:
        for row in range(4):
            hints = t.runs.query_one(KeyFooter).hints
            names = [hint.command for hint in hints]
            assert len(hints) <= MOST_KEYS
            assert names[-2:] == ["help", "quit"]
            assert ("cancel" in names) == (row == 0)
            assert ("run_again" in names) == (row != 0)
            assert "mark" in names
            await t.press("down")


async def test_escape_takes_back_zoom_filter_and_marks_and_never_quits(runs_test: Open) -> None:
    async with runs_test() as t:
        await t.press("space", "slash", *"done", "enter", "tab", "z", *["escape"] * 6)
        assert t.app.is_running
        assert t.app.focused is t.runs.runs
        assert shown(t) == ["1", "2", "3", "4", "5"]
        assert not t.runs.runs.marked


async def test_keys_of_runs_can_be_others(runs_test: Open, service: FakeService) -> None:
    service.settings["keys"] = {"star": "B", "show_runs": "f3", "compare": "C"}
    async with runs_test() as t:
        await t.press("asterisk", "B", "f3", "C")
        assert t.app.commands == ["star", "show_runs", "compare"]


async def test_marks_follow_what_becomes_of_their_runs(runs_test: Open, history: FakeRuns) -> None:
    async with runs_test() as t:
        await t.press("space", "space")
        history.runs = [replace(history.runs[0], starred=True), *history.runs[2:]]
        await t.press("f5")
        assert [run.starred for run in t.runs.runs.marked.values()] == [True]


async def test_runs_in_three_sizes(
    runs_test: Open, history: FakeRuns, app_snapshot: Callable[..., None]
) -> None:
    history.change(0, state=RunState.RUNNING, ended=None, started=NOW - 5.0)
    async with runs_test(150, 40) as t:
        await t.press("down", "space")
        for name, size in (("wide", (150, 40)), ("normal", (80, 24)), ("narrow", (64, 18))):
            await t.pilot.resize_terminal(*size)
            await t.settle()
            app_snapshot(t.app, name)
