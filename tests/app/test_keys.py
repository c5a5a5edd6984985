"""Every key does the same wherever one is, and every command is declared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from textual import events

from jobtui.commands.catalogue import ALL_COMMANDS, commands_of
from jobtui.commands.command import Group
from jobtui.commands.context import Mode, PaneName
from jobtui.commands.keymap import read_keymap
from jobtui.commands.moves import ENTER, MOVES
from jobtui.screens.cache import CacheScreen
from jobtui.screens.home import HomeScreen
from jobtui.screens.place import Place
from jobtui.screens.runs import RunsScreen
from jobtui.widgets.footer import MOST_KEYS, KeyFooter
from jobtui.widgets.table import Table
from jobtui_core.records import RunState
from tests.app.fakes import RUN, FakeService, run_info
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


PLACES: dict[Mode, type[Place]] = {"steps": HomeScreen, "cache": CacheScreen, "runs": RunsScreen}
PANES = [(mode, pane) for mode, place in PLACES.items() for pane in place.PANES]


@pytest.mark.parametrize(("mode", "pane"), PANES)
async def test_every_key_reaches_its_command_from_every_pane(
    app_test: Open, monkeypatch: pytest.MonkeyPatch, mode: Mode, pane: PaneName
) -> None:
    async with app_test() as t:
        reached: list[str] = []
        t.app.show_mode(mode)
        await t.settle()
        t.app.place.show_pane(pane)
        await t.settle()
        monkeypatch.setattr(Place, "run_command", lambda _place, name: reached.append(name))
        for command in commands_of(mode):
            for key in command.keys:
                if key == "ctrl+q":
                    continue  # The app's own, so that it works in dialogs as well.
                reached.clear()
                await t.pilot.press(key)
                await t.pilot.pause()
                assert reached == [command.id], f"{key} in {pane}"


@pytest.mark.parametrize(("mode", "pane"), PANES)
async def test_every_movement_reaches_the_pane(
    app_test: Open, monkeypatch: pytest.MonkeyPatch, mode: Mode, pane: PaneName
) -> None:
    async with app_test() as t:
        t.app.show_mode(mode)
        await t.settle()
        t.app.place.show_pane(pane)
        await t.settle()
        widget = t.app.focused
        assert widget is not None
        moved: list[str] = []
        monkeypatch.setattr(type(widget), "action_move", lambda _self, how: moved.append(how))
        for command in MOVES:
            for key in command.keys:
                moved.clear()
                await t.pilot.press(key)
                assert moved == [command.id], f"{key} in {pane}"


@pytest.mark.parametrize("mode", PLACES)
async def test_keys_typed_ahead_of_a_change_of_pane_reach_the_new_one(
    app_test: Open, mode: Mode
) -> None:
    async with app_test() as t:
        t.app.show_mode(mode)
        await t.settle()
        first = t.app.focused
        assert isinstance(first, Table)
        before = first.cursor
        for key in ("tab", "down", "down"):
            t.app.post_message(events.Key(key, None))
        await t.settle()
        assert first.cursor == before
        assert t.app.focused is not first


@pytest.mark.parametrize("mode", PLACES)
async def test_every_mode_is_one_key_away_and_keeps_its_place(app_test: Open, mode: Mode) -> None:
    async with app_test() as t:
        await t.press("2", "3", "1")
        t.app.show_mode(mode)
        await t.press("tab")
        pane = t.app.focused
        await t.press("1", "2", "3", {"steps": "1", "cache": "2", "runs": "3"}[mode])
        assert t.app.focused is pane


async def test_keys_of_another_mode_do_nothing(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("2", "r", "R", "a", "w", "l", "F")
        assert t.app.commands == ["show_cache"]
        await t.press("1", "D", "v", "space", "m", "asterisk", "equals_sign")
        assert t.app.commands == ["show_cache", "show_steps"]
        await t.press("3", "R", "a", "w", "f", "v", "p")
        assert t.app.commands == ["show_cache", "show_steps", "show_runs"]


async def test_keys_of_the_cache_can_be_others(app_test: Open, service: FakeService) -> None:
    service.settings["keys"] = {"show_cache": "f2", "open_store": "O", "mark": "m"}
    async with app_test() as t:
        await t.press("2", "f2", "tab", "space", "m", "O")
        assert t.app.commands == ["show_cache", "next_pane", "mark", "open_store"]


@pytest.mark.parametrize("pane", CacheScreen.PANES)
async def test_footer_of_the_cache_has_few_keys_that_make_sense(
    app_test: Open, pane: PaneName
) -> None:
    async with app_test(140, 36) as t:
        await t.press("2")
        t.cache.show_pane(pane)
        await t.settle()
        hints = t.cache.query_one(KeyFooter).hints
        assert len(hints) <= MOST_KEYS
        assert [hint.command for hint in hints[-2:]] == ["help", "quit"]
        assert ("mark" in {hint.command for hint in hints}) == (pane == "entries")


async def test_letters_are_text_while_one_types(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("slash")
        for command in ALL_COMMANDS:
            for key in command.keys:
                if len(key) == 1:
                    await t.pilot.press(key)
        await t.settle()
        assert t.app.commands == ["search"]
        await t.press("escape")
        assert t.app.focused is t.home.steps


async def test_escape_never_quits(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("l", "z", *["escape"] * 6)
        assert t.app.is_running
        assert t.app.focused is t.home.steps


async def test_commands_have_distinct_ids_and_keys_and_a_sentence_of_help() -> None:
    ids = [command.id for command in ALL_COMMANDS]
    assert len(set(ids)) == len(ids)
    for mode in get_args(Mode):
        commands = [*MOVES, ENTER, *commands_of(mode)]
        keys = [key for command in commands for key in command.keys]
        assert len(set(keys)) == len(keys), mode
    for command in ALL_COMMANDS:
        assert command.help.endswith(".")
        assert command.group in get_args(Group)


def test_no_key_needs_meta_or_a_control_key_that_terminals_take() -> None:
    for command in ALL_COMMANDS:
        alone = command.keys[0] if len(command.keys) == 1 else ""
        assert "alt" not in alone
        assert alone not in {"ctrl+s", "ctrl+z", "ctrl+h", "ctrl+m", "ctrl+i", "ctrl+j"}


async def test_footer_shows_few_keys_and_always_help_and_quit(
    app_test: Open, service: FakeService
) -> None:
    service.runs[RUN] = run_info()
    async with app_test(140, 36, suspends=True) as t:
        await t.select("trend")
        hints = t.home.query_one(KeyFooter).hints
        assert len(hints) <= MOST_KEYS
        assert [hint.command for hint in hints[-2:]] == ["help", "quit"]
        assert "cancel" in [hint.command for hint in hints]


async def test_footer_offers_only_what_makes_sense(app_test: Open) -> None:
    async with app_test() as t:
        offered = {hint.command for hint in t.home.query_one(KeyFooter).hints}
        assert "cancel" not in offered
        assert "edit" not in offered


async def test_command_that_makes_no_sense_says_why(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("x", "e")
        assert t.app.said == ["nothing is running", "this terminal cannot be handed to an editor"]


async def test_user_s_keys_take_the_place_of_ours(app_test: Open, service: FakeService) -> None:
    service.settings["keys"] = {"zoom": ["ctrl+t", "Z"], "down": "n"}
    async with app_test() as t:
        await t.press("Z")
        assert t.app.commands == ["zoom"]
        await t.press("z")
        assert t.app.commands == ["zoom"]
        before = t.home.steps.cursor
        await t.press("n")
        assert t.home.steps.cursor == before + 1


async def test_wrong_key_settings_are_named_and_the_rest_is_used(
    app_test: Open, service: FakeService
) -> None:
    service.settings["keys"] = {"zom": "Z", "log": 3, "why": "W"}
    async with app_test() as t:
        assert any("did you mean 'zoom'" in text for text in t.app.said)
        assert any("log needs a key" in text for text in t.app.said)
        await t.press("W")
        assert t.app.commands == ["why"]


def test_keymap_that_is_no_table_is_named() -> None:
    assert read_keymap("x").problems
    assert not read_keymap(None).problems


async def test_help_lists_every_command(app_test: Open) -> None:
    async with app_test(120, 40) as t:
        await t.press("question_mark")
        text = t.app.screen.query_one("#help-text").text  # type: ignore[attr-defined]  # a TextView
        for command in ALL_COMMANDS:
            assert command.help in text
        await t.press("escape")
        assert t.app.screen is t.home


@pytest.mark.parametrize(
    ("key", "first"), [("1", "What the rows say"), ("2", "Cache"), ("3", "Runs")]
)
async def test_help_begins_with_what_one_looks_at(app_test: Open, key: str, first: str) -> None:
    async with app_test(120, 40) as t:
        await t.press(key, "question_mark")
        text = t.app.screen.query_one("#help-text").text  # type: ignore[attr-defined]  # a TextView
        assert text.startswith(first)


async def test_palette_finds_and_runs_a_command(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("colon")
        await t.pilot.press(*"zoom")
        await t.until(lambda: "Zoom" in t.text() and "Give the whole screen" in t.text())
        await t.pilot.press("enter")
        await t.until(lambda: "zoom" in t.app.commands)


async def test_ctrl_q_works_inside_a_dialog(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("question_mark")
        await t.pilot.press("ctrl+q")
        await t.until(lambda: not t.app.is_running)


async def test_filter_narrows_the_steps_and_escape_takes_it_back(app_test: Open) -> None:
    async with app_test() as t:
        shown = len(t.home.steps.shown)
        await t.press("slash", *"stale", "enter")
        names = [t.home.steps.rows[index] for index in t.home.steps.shown]
        assert len(names) == 3  # the script and its two stale steps
        await t.press("n")
        assert t.home.steps.step is not None
        assert t.home.steps.step.name in {"trend", "cycle"}
        await t.press("escape")
        assert len(t.home.steps.shown) == shown


async def test_search_in_the_detail_goes_from_match_to_match(app_test: Open) -> None:
    async with app_test() as t:
        await t.select("cycle")
        await t.press("w", "slash", *"window", "enter")
        view = t.home.detail.view
        assert view.match_place[1] > 2
        first = view.match_place[0]
        await t.press("n")
        assert view.match_place[0] == first + 1
        await t.press("N")
        assert view.match_place[0] == first


async def test_sort_orders_the_steps_within_their_script(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("s", "s")
        rows = [t.home.steps.rows[index] for index in t.home.steps.shown]
        names = [row.step.name for row in rows if hasattr(row, "step") and row.group == 0]
        assert names == sorted(names)
        await t.press("S")
        rows = [t.home.steps.rows[index] for index in t.home.steps.shown]
        backwards = [row.step.name for row in rows if hasattr(row, "step") and row.group == 0]
        assert backwards == names[::-1]


async def test_left_folds_a_script_and_right_unfolds_it(app_test: Open) -> None:
    async with app_test() as t:
        await t.select("trend")
        shown = len(t.home.steps.shown)
        await t.press("left")
        assert len(t.home.steps.shown) == shown - 7
        await t.press("right")
        assert len(t.home.steps.shown) == shown


async def test_copy_offers_id_path_command_and_snippet(app_test: Open) -> None:
    async with app_test() as t:
        await t.select("trend")
        for key in "ipcl":
            await t.press("y", key)
        assert t.app.copied[0] == "co2:trend"
        assert t.app.copied[1] == "/project/co2.py:21"
        assert t.app.copied[2] == "jobtui run co2.py --only trend"
        compile(t.app.copied[3], "snippet", "exec")


async def test_state_of_the_run_is_not_asked_while_nothing_runs(
    app_test: Open, service: FakeService
) -> None:
    service.runs[RUN] = run_info(RunState.DONE)
    async with app_test() as t:
        assert t.home._ticking is not None
        assert not t.home._ticking._active.is_set()


async def test_text_marked_with_the_mouse_is_copied_by_ctrl_c(app_test: Open) -> None:
    async with app_test() as t:
        await t.select("cycle")
        view = t.home.detail.view
        line = t.screen().index(t.line_with("cycle → prepare")) - view.region.y
        await t.pilot.mouse_down(view, offset=(7, line))
        await t.pilot.hover(view, offset=(11, line))
        await t.pilot.mouse_up(view, offset=(11, line))
        await t.press("ctrl+c")
        assert t.app.copied == ["cycle"]
        assert t.app.screen is t.home
