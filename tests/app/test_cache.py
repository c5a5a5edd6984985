"""The Cache: what a store keeps, found, looked at, stopped, and told where it cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jobtui.screens.dialog import Dialog
from jobtui_core.errors import StoreError, StoreUnavailableError
from jobtui_core.project.catalogue.known import KnownStore
from jobtui_core.records import Preview
from tests.app.fake_stores import FakeStore, entry
from tests.app.fakes import NOW, RUN, FakeService, run_info, step
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def shown(t: AppTest) -> list[str]:
    return [row.key[-2:] for row in t.cache.entries.listed]


async def filter_by(t: AppTest, text: str) -> None:
    keys = {" ": "space", ":": "colon", ">": "greater_than_sign", "=": "equals_sign"}
    keys |= {"<": "less_than_sign", ".": "full_stop"}
    t.cache.show_pane("entries")
    await t.press("slash", *(keys.get(char, char) for char in text), "enter")


# --- modes ----------------------------------------------------------------------------------


async def test_one_and_two_switch_between_steps_and_cache(app_test: Open) -> None:
    async with app_test() as t:
        await t.press("2")
        assert t.screen()[0].startswith(" jobtui browse /project/.jobtui/cache ")
        assert t.app.focused is t.cache.functions
        await t.press("1")
        assert t.app.place is t.home
        assert t.line_with("= fresh")
        await t.press("2", "2")
        assert t.line_with("all functions")


async def test_store_is_opened_once_however_often_one_looks(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        assert service.stores.opened == []
        await t.press("2", "1", "2")
        assert service.stores.opened == [(None, "")]


async def test_app_that_begins_with_the_cache_does_not_look_at_the_steps(
    cache_test: Open, service: FakeService
) -> None:
    async with cache_test() as t:
        assert "status" not in service.asked
        await t.press("1")
        assert "status" in service.asked
        assert t.line_with("= fresh")


async def test_palette_offers_what_the_mode_can_do(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("colon")
        await t.pilot.press(*"Open a st".replace(" ", ""))
        await t.until(lambda: "Look through another store" in t.text())
        assert "Show the plan" not in t.text()


async def test_quit_from_the_cache_asks_while_something_runs(
    app_test: Open, service: FakeService
) -> None:
    service.runs[RUN] = run_info()
    async with app_test() as t:
        await t.press("2", "q")
        assert "quit, and leave it running" in t.text()
        await t.press("escape", "q", "l")
        assert not t.app.is_running


async def test_who_only_browsed_is_asked_what_becomes_of_runs(
    cache_test: Open, service: FakeService
) -> None:
    service.runs[RUN] = run_info()
    async with cache_test() as t:
        await t.press("q")
        assert isinstance(t.app.screen, Dialog)
        assert RUN in t.text()
        await t.press("escape")
        assert t.app.is_running
        await t.press("q", "l")
        assert not t.app.is_running


async def test_who_only_browsed_leaves_where_nothing_runs(
    cache_test: Open, service: FakeService
) -> None:
    async with cache_test() as t:
        await t.press("q")
        await t.settle()
        assert not t.app.is_running


# --- what is shown --------------------------------------------------------------------------


async def test_functions_stand_by_module_with_counts_and_sizes(cache_test: Open) -> None:
    async with cache_test() as t:
        assert "10   20 MB" in t.line_with("all functions")
        assert "8   18 kB" in t.line_with("▾ lab.fits")
        assert "5   15 kB" in t.line_with("   fit ")
        await t.press("down", "left")
        assert "▸ lab.fits" in t.text()
        assert "   fit " not in t.text().split("│")[0]


async def test_row_tells_age_arguments_result_size_time_and_who(cache_test: Open) -> None:
    async with cache_test(160, 40) as t:
        line = t.line_with("alpha=0.3")
        for text in ("1 h", "fit", "ndarray float64", "4.0 kB", "2.0 s", "ann@mill"):
            assert text in line


async def test_broken_entry_is_a_row_that_says_so(cache_test: Open) -> None:
    async with cache_test(180, 40) as t:
        line = t.line_with("✗ unreadable:")
        assert "the checksum of" in line
        await t.press("tab", "G", "v")
        assert "✗ unreadable: the checksum of its header is wrong" in t.cache.preview.text
    async with cache_test(64, 18) as t:
        await t.press("tab", "z")
        assert t.line_with("✗ unreadable: the check")


async def test_function_under_the_cursor_narrows_the_entries(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("down")
        assert len(shown(t)) == 8
        await t.press("down", "down")
        assert shown(t) == ["10", "11", "12"]
        assert "Entries  3 of 10" in t.text()
        assert "3 min to compute" in t.text()


async def test_enter_goes_from_function_to_entry_to_preview_and_escape_comes_back(
    cache_test: Open,
) -> None:
    async with cache_test() as t:
        await t.press("down", "down", "enter")
        assert t.app.focused is t.cache.entries
        await t.press("enter")
        assert t.app.focused is t.cache.preview
        await t.press("escape", "escape", "escape", "escape")
        assert t.app.focused is t.cache.functions
        assert t.app.is_running


async def test_preview_shows_picture_arguments_and_origin(
    cache_test: Open, store: FakeStore
) -> None:
    store.previews["lab.fits:fit"] = Preview(
        kind="array", type="numpy.ndarray", dtype="float64", shape=(3, 4), minimum=0.5,
        maximum=2.5, mean=1.0, line=(1.0, 2.0, 0.5),
    )  # fmt: skip
    async with cache_test(150, 60) as t:
        await t.press("down", "down", "enter", "v")
        text = t.cache.preview.text
        for piece in (
            "lab.fits:fit", "3 × 4", "float64", "min 0.5", "alpha = 0.0", "ann on mill", "2.0 s",
            "0" * 32, "2026-09-21T13-33-20-ab12", "python 3.11.9", "data/co2.csv",
        ):  # fmt: skip
            assert piece in text, piece


async def test_rows_say_more_once_they_were_read(cache_test: Open, store: FakeStore) -> None:
    store.lazy = True
    async with cache_test() as t:
        await t.until(lambda: "look" in store.asked and "alpha=0.3" in t.text())


async def test_empty_store_says_so_and_how_to_open_another(
    cache_test: Open, store: FakeStore
) -> None:
    store.entries = []
    async with cache_test() as t:
        assert "nothing is kept in /project/.jobtui/cache; o opens another store" in t.text()
        await t.press("tab", "v", "D", "space")
        assert t.app.is_running


@pytest.mark.parametrize(("read_only", "word"), [(True, "read-only"), (False, "writable")])
async def test_title_says_whether_it_may_be_written(
    cache_test: Open, store: FakeStore, read_only: bool, word: str
) -> None:
    store.read_only = read_only
    async with cache_test() as t:
        assert word in t.screen()[0]


# --- listing --------------------------------------------------------------------------------


async def test_rows_arrive_by_pages_and_escape_stops_it(cache_test: Open, store: FakeStore) -> None:
    store.page = 4
    store.gates["page 1"] = asyncio.Event()
    async with cache_test() as t:
        await t.until(lambda: len(shown(t)) == 4)
        assert "listing 4 …" in t.screen()[0]
        await t.press("escape")
        assert "stopped at 4 of …" in t.screen()[0]
        store.gates["page 1"].set()
        await t.settle()
        assert len(shown(t)) == 4
        assert t.app.is_running


async def test_last_look_is_shown_at_once_as_being_checked(
    cache_test: Open, store: FakeStore
) -> None:
    store.looked_at = NOW - 7200.0
    store.gates["page 0"] = asyncio.Event()
    async with cache_test() as t:
        await t.until(lambda: len(shown(t)) == 10)
        assert "as of 2 h ago, checking …" in t.screen()[0]
        store.gates["page 0"].set()
        await t.until(lambda: "checking" not in t.screen()[0])
        assert store.listed


async def test_ctrl_r_lists_again(cache_test: Open, store: FakeStore) -> None:
    async with cache_test() as t:
        store.entries.append(entry("plots:other", 50))
        await t.press("ctrl+r")
        assert t.line_with("   other ")


async def test_keys_work_while_a_store_takes_its_time(
    cache_test: Open, service: FakeService, store: FakeStore
) -> None:
    store.looked_at = NOW
    store.gates["page 0"] = asyncio.Event()
    async with cache_test() as t:
        await t.until(lambda: len(shown(t)) == 10)
        await t.press("tab", "down", "down")
        assert t.cache.entries.cursor == 2


# --- errors ---------------------------------------------------------------------------------


async def test_store_that_cannot_be_opened_says_why_and_may_be_tried_again(
    cache_test: Open, service: FakeService
) -> None:
    service.stores.errors[None] = StoreUnavailableError("s3://lab does not answer")
    async with cache_test() as t:
        assert "✗ s3://lab does not answer; ^r tries again, o opens another" in t.text()
        assert "▸ traceback" in t.text()
        del service.stores.errors[None]
        await t.press("ctrl+r")
        assert t.line_with("all functions")
        assert "does not answer" not in t.text()


async def test_opening_that_hangs_is_stopped_by_escape_and_tried_again(
    cache_test: Open, service: FakeService
) -> None:
    service.stores.gates[None] = asyncio.Event()
    async with cache_test() as t:
        assert "opening …" in t.screen()[0]
        assert "opening the project's store …" in t.text()
        await t.press("escape")
        assert "stopped; ^r tries again, o opens another" in t.text()
        await t.press("escape", "D", "v", "space", "slash", "escape")
        del service.stores.gates[None]
        await t.press("ctrl+r")
        assert t.line_with("all functions")


async def test_listing_that_fails_keeps_what_was_known(cache_test: Open, store: FakeStore) -> None:
    store.looked_at = NOW
    store.errors["page 0"] = StoreUnavailableError("s3://lab does not answer")
    async with cache_test() as t:
        assert len(shown(t)) == 10
        assert "not checked" in t.screen()[0]
        assert "s3://lab does not answer" in t.cache.preview.text
        await t.press("tab", "down")
        assert t.line_with("alpha=0.3")


async def test_entry_that_cannot_be_shown_says_why_in_its_pane(
    cache_test: Open, store: FakeStore
) -> None:
    store.errors["show"] = StoreError("the connection was reset")
    async with cache_test() as t:
        await t.press("tab")
        assert "the connection was reset" in t.cache.preview.text
        await t.press("v", "enter")
        assert "Traceback" in t.cache.preview.text


# --- filter, order, marks -------------------------------------------------------------------


async def test_filter_takes_the_language_of_the_screen(cache_test: Open) -> None:
    async with cache_test() as t:
        await filter_by(t, "fn:fit size:>2k")
        assert shown(t) == ["02", "03", "04"]
        assert "jobtui browse /project/.jobtui/cache 'fn:fit size:>2k'" in t.screen()[0]
        await t.press("n", "n", "n")
        assert t.cache.entries.cursor == 0
        await t.press("escape")
        assert len(shown(t)) == 10


async def test_what_is_wrong_with_a_filter_stands_below_its_place(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("tab", "slash", *"fn", "colon", *"fit", "space", *"size", "colon", "x")
        typed, said = t.screen()[-2:]
        assert typed.index("size:x") == said.index("^")
        await t.press("enter")
        assert "size:x" in t.screen()[-2]
        await t.press("escape")
        assert len(shown(t)) == 10


async def test_filter_reads_what_it_needs_and_escape_stops_that(
    cache_test: Open, store: FakeStore
) -> None:
    store.lazy = True
    store.gates["read"] = asyncio.Event()
    store.gates["look"] = asyncio.Event()
    async with cache_test() as t:
        await filter_by(t, "alpha=0.3")
        await t.until(lambda: "read" in store.asked)
        assert "reading …" in t.screen()[0]
        await t.press("escape")
        assert "reading" not in t.screen()[0]
        store.gates["read"].set()
        await t.press("escape")
        await filter_by(t, "alpha=0.4")
        await t.until(lambda: shown(t) == ["04"])


async def test_order_goes_by_column_and_by_direction(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("down", "down", "enter", "S")
        assert shown(t) == ["04", "03", "02", "01", "00"]
        await t.press("s", "s", "s")
        assert "size▼" in t.text()
        assert shown(t) == ["04", "03", "02", "01", "00"]
        await t.press("S")
        assert shown(t) == ["00", "01", "02", "03", "04"]


async def test_order_that_is_asked_for_fast_goes_on_from_column_to_column(
    cache_test: Open, store: FakeStore
) -> None:
    async with cache_test() as t:
        await t.press("tab")
        store.gates["arrange"] = asyncio.Event()
        await t.pilot.press("s", "s", "s", "s", "s")
        await t.pilot.pause()
        assert t.cache.query_asked.sort == "duration"
        store.gates["arrange"].set()
        await t.settle()
        assert shown(t)[:3] == ["10", "11", "12"]


async def test_click_on_a_head_sorts(cache_test: Open) -> None:
    async with cache_test() as t:
        table = t.cache.entries
        x = t.line_with("arguments").index("size", 60) - table.content_region.x
        await t.pilot.click(table, offset=(x, 1))
        await t.settle()
        assert shown(t)[0] == "20"


async def test_functions_are_filtered_and_sorted_in_their_pane(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("slash", *"draw", "enter")
        assert len(t.cache.functions.shown) == 2
        await t.press("escape", "s", "s")
        assert t.cache.functions.sort == 1


async def test_marked_entries_are_deleted_after_showing_what_goes(
    cache_test: Open, store: FakeStore
) -> None:
    store.steps = (step("trend"), step("cycle"))
    async with cache_test() as t:
        await t.press("tab", "space", "down", "space")
        assert "2 marked" in t.text()
        await t.press("D")
        text = t.text()
        assert "Delete 2 entries from /project/.jobtui/cache?" in text
        assert "4.0 kB of results; computing them took 4.0 s" in text
        assert "Stale then, and fresh now: trend, cycle" in text
        await t.press("enter")
        assert len(store.entries) == 10
        await t.press("D", "d")
        assert len(shown(t)) == 8
        assert "deleted 2 entries, 4.0 kB" in t.app.said
        assert not t.cache.entries.marked


async def test_verdicts_are_checked_again_once_entries_were_deleted(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        await t.press("2", "tab", "D")
        before = service.asked.count("status")
        await t.press("d")
        assert service.asked.count("status") == before + 1


async def test_function_is_deleted_with_all_that_is_shown_of_it(
    cache_test: Open, store: FakeStore
) -> None:
    async with cache_test() as t:
        await t.press("down", "down", "down", "D", "d")
        assert {row.function for row, _ in store.entries} == {"lab.fits:fit", "plots:draw"}


async def test_nothing_is_deleted_from_a_read_only_store(
    cache_test: Open, store: FakeStore
) -> None:
    store.read_only = True
    async with cache_test() as t:
        await t.press("tab", "D")
        assert t.app.said == ["/project/.jobtui/cache is read-only: nothing can be deleted"]
        assert "removal" not in store.asked
        assert "D delete" not in t.screen()[-1]


async def test_store_that_refuses_to_delete_says_so(cache_test: Open, store: FakeStore) -> None:
    store.errors["delete"] = StoreError("you may not delete here")
    async with cache_test() as t:
        await t.press("tab", "D", "d")
        assert "you may not delete here" in t.app.said
        assert len(shown(t)) == 10


async def test_copy_offers_key_path_command_and_snippet(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("tab")
        for key in "kpcl":
            await t.press("y", key)
        key = "0" * 32
        assert t.app.copied == [
            key,
            f"/project/.jobtui/cache/lab.fits%3Afit/00/{key}.entry",
            f"jobtui show /project/.jobtui/cache {key}",
            f"value = load({key!r})\n",
        ]


# --- other stores ---------------------------------------------------------------------------


async def test_known_stores_are_offered_and_any_can_be_typed(
    cache_test: Open, service: FakeService
) -> None:
    service.stores.offered = (
        KnownStore(place="/project/.jobtui/cache", kind="jobtui", why="project"),
        KnownStore(
            place="s3://lab/x", kind="jobtui", why="runs", remote=True, entries=3, size=9000,
            opened=NOW - 7200.0,
        ),
        KnownStore(place="/project/cache", kind="joblib", why="folder", read_only=True),
    )  # fmt: skip
    service.stores.stores["s3://lab/x", "jobtui"] = FakeStore("s3://lab/x", entries=[])
    service.stores.stores["/elsewhere", ""] = FakeStore("/elsewhere")
    async with cache_test() as t:
        first = t.cache.store
        await t.press("o")
        assert "/project/.jobtui/cache" not in t.line_with("/project/cache  (joblib)")
        assert "read-only" in t.line_with("/project/cache  (joblib)")
        assert "3 entries, 9.0 kB, 2 h ago" in t.line_with("s3://lab/x")
        await t.press("down", "enter")
        assert t.cache.store is service.stores.stores["s3://lab/x", "jobtui"]
        assert "jobtui browse s3://lab/x" in t.screen()[0]
        assert isinstance(first, FakeStore)
        assert first.closed
        await t.press("o", *"/elsewhere".replace("/", "§"), "escape")
        await t.press("o", "slash", *"elsewhere", "enter")
        assert t.line_with("all functions")
        assert t.cache.place_asked == "/elsewhere"


async def test_joblib_s_cache_at_the_same_place_is_offered(
    cache_test: Open, service: FakeService
) -> None:
    service.stores.others = ("joblib",)
    place = "/project/.jobtui/cache"
    service.stores.stores[place, "joblib"] = FakeStore(place, kind="joblib")
    async with cache_test() as t:
        await t.press("o", "down", "enter")
        assert "joblib" in t.screen()[0]


async def test_answer_of_a_store_that_was_left_is_dropped(
    cache_test: Open, service: FakeService, store: FakeStore
) -> None:
    store.gates["page 0"] = asyncio.Event()
    service.stores.stores["/other", ""] = FakeStore("/other", entries=[entry("a:b", 1)])
    async with cache_test() as t:
        await t.press("o", "slash", *"other", "enter")
        await t.until(lambda: shown(t) == ["01"])
        store.gates["page 0"].set()
        await t.settle()
        assert shown(t) == ["01"]
        assert t.cache.place_asked == "/other"
