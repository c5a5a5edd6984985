"""Panes are shown where there is room for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobtui.screens.layout import Layout, layout_for, visible_panes
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


@pytest.mark.parametrize(
    ("width", "height", "layout"),
    [
        (200, 50, "three"),
        (120, 30, "three"),
        (119, 30, "two"),
        (120, 29, "two"),
        (80, 24, "two"),
        (79, 24, "one"),
        (80, 17, "one"),
        (60, 15, "one"),
        (59, 40, "none"),
        (200, 14, "none"),
    ],
)
def test_layout_follows_the_size(width: int, height: int, layout: Layout) -> None:
    assert layout_for(width, height) == layout


def test_two_panes_are_the_steps_and_what_was_looked_at_last() -> None:
    assert visible_panes("two", "steps", "log", False) == ("steps", "log")


def test_zoom_leaves_only_the_pane_with_the_focus() -> None:
    assert visible_panes("three", "log", "log", True) == ("log",)


def visible(t: AppTest) -> set[str]:
    return {name for name, pane in t.home.pane_widgets().items() if pane.size.area}


@pytest.mark.parametrize(
    ("size", "panes"),
    [
        ((140, 40), {"steps", "detail", "log"}),
        ((100, 30), {"steps", "detail"}),
        ((70, 20), {"steps"}),
        ((60, 15), {"steps"}),
        ((59, 15), set()),
    ],
)
async def test_panes_on_the_screen(app_test: Open, size: tuple[int, int], panes: set[str]) -> None:
    async with app_test(*size) as t:
        assert visible(t) == panes


async def test_w_and_l_choose_the_second_pane(app_test: Open) -> None:
    async with app_test(100, 30) as t:
        await t.press("l")
        assert visible(t) == {"steps", "log"}
        await t.press("w")
        assert visible(t) == {"steps", "detail"}


async def test_small_terminal_enters_the_detail_and_comes_back(app_test: Open) -> None:
    async with app_test(70, 20) as t:
        await t.press("down", "enter")
        assert visible(t) == {"detail"}
        await t.press("escape")
        assert visible(t) == {"steps"}


async def test_too_small_terminal_names_the_size_needed(app_test: Open) -> None:
    async with app_test(50, 12) as t:
        assert "This terminal has 50x12 characters." in t.text()
        assert "jobtui needs 60x15." in t.text()


async def test_resizing_brings_the_panes_back(app_test: Open) -> None:
    async with app_test(50, 12) as t:
        await t.pilot.resize_terminal(140, 40)
        await t.settle()
        assert visible(t) == {"steps", "detail", "log"}
        assert t.line_with(" read ")


async def test_zoom_and_back(app_test: Open) -> None:
    async with app_test(140, 40) as t:
        await t.press("z")
        assert visible(t) == {"steps"}
        await t.press("tab")
        assert visible(t) == {"detail"}
        await t.press("escape")
        assert visible(t) == {"steps", "detail", "log"}


async def test_narrow_rows_keep_state_and_name(app_test: Open) -> None:
    async with app_test(60, 15) as t:
        line = t.line_with(" trend ")
        assert "~ stale" in line
        assert "window is 26" in line


async def test_title_drops_facts_before_the_command(app_test: Open) -> None:
    async with app_test(60, 15) as t:
        t.home.query_one("#title").command = "jobtui " + "x" * 46
        await t.settle()
        title = t.screen()[0]
        assert "x" * 46 in title
        assert ".jobtui/cache" not in title


async def test_screen_in_three_sizes(app_test: Open, app_snapshot: Callable[..., None]) -> None:
    for name, size in (("wide", (140, 40)), ("normal", (100, 30)), ("narrow", (64, 18))):
        async with app_test(*size) as t:
            await t.select("cycle")
            app_snapshot(t.app, name)
