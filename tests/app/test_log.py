"""The log shows what was printed, a piece at a time, and follows what is printed now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jobtui.services.service import LogText
from jobtui.widgets import log as log_module
from jobtui.widgets.log import Log, LogTarget
from jobtui_core.errors import UnknownNameError
from jobtui_core.labbook import LogLine
from jobtui_core.records import Held, HeldRow, PlanAction, RunState
from tests.app.fakes import RUN, FakeService, FakeWatcher, run_info
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def part(text: str, start: int = 0, more: bool = False) -> LogText:
    return LogText(text=text, start=start, end=start + len(text.encode()), more=more)


async def show(t: AppTest, *parts: LogText, step: str | None = "co2:x") -> Log:
    """Show pieces as they would come from a run nobody else knows of."""
    pane = t.home.log_pane
    target = LogTarget("other", step)
    pane.aim(target, at_end=False)
    await t.settle()
    pane._restart(0)
    for piece in parts:
        pane._asked = piece.start
        pane.add(target, piece)
    return pane


async def test_selected_step_s_output_is_shown(app_test: Open, service: FakeService) -> None:
    service.logs[RUN, "co2:trend"] = "line 1\nline 2\n"
    async with app_test() as t:
        await t.select("trend")
        assert t.home.log_pane.view.text == "line 1\nline 2"
        assert "trend" in str(t.home.log_pane.border_title)


async def test_step_without_output_says_so(app_test: Open) -> None:
    async with app_test() as t:
        await t.select("trend")
        assert t.home.log_pane.view.text == "Nothing was printed."


async def test_step_that_never_ran_has_no_log(app_test: Open) -> None:
    async with app_test() as t:
        await t.select("forecast")
        assert t.home.log_pane.view.text == "No run yet."


async def test_script_s_row_shows_its_newest_run(app_test: Open, service: FakeService) -> None:
    service.logs[RUN, None] = "whole run\n"
    async with app_test() as t:
        await t.press("down", "home")
        assert t.home.log_pane.view.text == "whole run"


async def test_lines_that_come_in_pieces_are_joined(app_test: Open) -> None:
    async with app_test() as t:
        pane = await show(t, part("one\ntw"), part("o\nthr", 6), part("ee\n", 11))
        assert pane.view.text == "one\ntwo\nthree"


async def test_progress_bars_keep_their_last_state(app_test: Open) -> None:
    async with app_test() as t:
        pane = await show(t, part(" 10%\r 50%\r100%\ndone\r\n"))
        assert pane.view.text == "100%\ndone"


async def test_escape_sequences_are_shown_not_obeyed(app_test: Open) -> None:
    async with app_test() as t:
        pane = await show(t, part("\x1b[31mred\x1b[0m \x1b]0;title\x07 [bold]x[/bold]\n"))
        assert pane.view.text == "red ␛]0;title␇ [bold]x[/bold]"


async def test_answer_for_another_target_is_dropped(app_test: Open) -> None:
    async with app_test() as t:
        pane = await show(t, part("right\n"))
        pane.add(LogTarget("third"), part("wrong\n"))
        assert pane.view.text == "right"


async def test_repeated_answer_is_not_shown_twice(app_test: Open) -> None:
    async with app_test() as t:
        pane = await show(t, part("once\n"), part("once\n"))
        assert pane.view.text == "once"


async def test_scrolling_to_the_end_reads_on(app_test: Open, service: FakeService) -> None:
    number = 40_000
    service.logs[RUN, "co2:trend"] = "".join(f"line {index}\n" for index in range(number))
    async with app_test() as t:
        await t.select("trend")
        await t.press("l")
        view = t.home.log_pane.view
        assert 0 < len(view.lines) < number
        while len(view.lines) < number:
            before = len(view.lines)
            await t.press("G")
            assert len(view.lines) > before
        assert view.text.endswith(f"line {number - 1}")


async def test_a_long_run_begins_at_its_end_and_reads_back(
    app_test: Open, service: FakeService
) -> None:
    number = 30_000
    service.logs[RUN, None] = "".join(f"line {index}\n" for index in range(number))
    service.runs[RUN] = run_info()
    async with app_test() as t:
        view = t.home.log_pane.view
        await t.until(lambda: bool(view.lines))
        assert view.text.endswith(f"line {number - 1}")
        assert len(view.lines) < number
        assert view.text.startswith("line ")
        await t.press("l")
        while len(view.lines) < number:
            before = len(view.lines)
            await t.press("g")
            assert len(view.lines) > before
        assert view.text == service.logs[RUN, None].rstrip("\n")


async def test_more_lines_than_are_kept_drop_the_first(app_test: Open) -> None:
    limit = log_module.MOST_LINES
    async with app_test() as t:
        lines = [f"{index}\n" for index in range(limit + 10)]
        first = "".join(lines[: limit // 2])
        second = "".join(lines[limit // 2 :])
        pane = await show(t, part(first), part(second, len(first)))
        assert len(pane.view.lines) == len(lines) - limit // 2
        assert pane.view.text.endswith(str(limit + 9))


async def test_moving_the_cursor_stops_following_and_f_takes_it_up_again(
    app_test: Open, service: FakeService
) -> None:
    service.runs[RUN] = run_info()
    service.logs[RUN, None] = "live\n"
    service.logs[RUN, "co2:trend"] = "of trend\n"
    async with app_test() as t:
        await t.until(lambda: t.home.log_pane.view.text == "live")
        await t.select("trend")
        assert t.home.log_pane.view.text == "of trend"
        await t.press("F")
        assert t.home.log_pane.view.text == "live"
        assert "following" in str(t.home.log_pane.border_title)


async def test_followed_run_stays_in_view_after_its_end(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    service.runs[RUN] = run_info()
    service.logs[RUN, None] = "live\n"
    async with app_test() as t:
        await t.until(lambda: t.home.log_pane.view.text == "live")
        service.logs[RUN, None] = "live\nthe end\n"
        service.runs[RUN] = run_info(RunState.DONE)
        service.changed = True
        await t.until(lambda: not t.home.active)
        await t.settle()
        assert t.home.log_pane.view.text == "live\nthe end"


async def test_a_run_too_short_to_be_seen_under_way_is_shown_after_its_end(
    app_test: Open, service: FakeService, watcher: FakeWatcher
) -> None:
    service.runs[RUN] = run_info()
    service.runs["second"] = replace(run_info(RunState.QUEUED), id="second")
    service.logs[RUN, None] = "first\n"
    service.logs["second", None] = "quick\n"
    async with app_test() as t:
        await t.until(lambda: t.home.log_pane.view.text == "first")
        service.runs[RUN] = run_info(RunState.DONE)
        service.runs["second"] = replace(run_info(RunState.DONE), id="second")
        service.changed = True
        await t.until(lambda: t.home.log_pane.view.text == "quick")


async def test_log_that_cannot_be_read_says_why(app_test: Open, service: FakeService) -> None:
    service.errors["log"] = UnknownNameError("There is no run 'x'")
    async with app_test() as t:
        await t.select("trend")
        assert "There is no run 'x'" in t.home.log_pane.view.text
        service.errors.clear()
        service.logs[RUN, "co2:trend"] = "back\n"
        await t.press("ctrl+r")
        assert t.home.log_pane.view.text == "back"


async def test_search_finds_lines_and_goes_around(app_test: Open, service: FakeService) -> None:
    service.logs[RUN, "co2:trend"] = "".join(
        f"line {index} {'ERROR' if index % 10 == 0 else ''}\n" for index in range(100)
    )
    async with app_test() as t:
        await t.select("trend")
        await t.press("l", "slash", *"error", "enter")
        view = t.home.log_pane.view
        assert view.match_place[1] == 10
        first = view.match_place[0]
        await t.press(*["n"] * 10)
        assert view.match_place[0] == first
        assert "'error'" in str(t.home.log_pane.border_title)
        await t.press("escape")
        assert view.match_place[1] == 0


WRONG = Held(
    run="other",
    script="co2.py",
    rows=(
        HeldRow(
            step="fit", function="co2:fit", planned=PlanAction.KEEP, happened="ran", wrong=True
        ),
    ),
)


async def test_below_a_run_s_output_stands_what_its_plan_was_wrong_about(app_test: Open) -> None:
    async with app_test() as t:
        end = part("", 6)._replace(held=WRONG)
        pane = await show(t, part("a\nb\nc\n"), end, end, step=None)
        said = "the plan was wrong about: fit (planned kept, ran)"
        assert pane.view.text == f"a\nb\nc\n{said}"
        pane._restart(0)
        pane._asked = 0
        pane.add(LogTarget("other", None), part("a\n")._replace(held=WRONG))
        assert pane.view.text == f"a\n{said}"


async def test_what_a_hit_did_not_print_again_is_shown_with_the_run_that_did(
    app_test: Open,
) -> None:
    before = LogLine(text="3 gaps", step="fill", origin="run-before")
    async with app_test() as t:
        pane = await show(t, part("")._replace(replayed=(before,)))
        head = "─ fill: from run run-before, not printed again ─"
        assert pane.view.text == f"{head}\n3 gaps"
        pane.add(LogTarget("other", "co2:x"), part("now\n"))
        assert "3 gaps" not in pane.view.text
