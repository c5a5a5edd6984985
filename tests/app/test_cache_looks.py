"""The Cache in all sizes, with hostile texts, with many entries, by mouse, without colours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui.inks import inks_of
from jobtui.widgets.entries import Entries
from jobtui_core.errors import StoreError
from jobtui_core.project.catalogue.known import KnownStore
from jobtui_core.project.catalogue.rows import Row
from jobtui_core.records import Preview
from tests.app.fake_stores import FakeStore, entry
from tests.app.fakes import NOW, FakeService
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def shown(t: AppTest) -> list[str]:
    return [row.key[-2:] for row in t.cache.entries.listed]


# --- room -----------------------------------------------------------------------------------


def visible(t: AppTest) -> set[str]:
    return {name for name, pane in t.cache.pane_widgets().items() if pane.size.area}


@pytest.mark.parametrize(
    ("size", "panes"),
    [
        ((120, 30), {"functions", "entries", "preview"}),
        ((119, 30), {"functions", "entries"}),
        ((80, 24), {"functions", "entries"}),
        ((79, 24), {"functions"}),
        ((60, 15), {"functions"}),
        ((59, 15), set()),
    ],
)
async def test_panes_on_the_screen(
    cache_test: Open, size: tuple[int, int], panes: set[str]
) -> None:
    async with cache_test(*size) as t:
        assert visible(t) == panes
        if not panes:
            assert "jobtui needs 60x15." in t.text()


async def test_two_panes_are_where_one_is_and_where_one_goes(cache_test: Open) -> None:
    async with cache_test(80, 24) as t:
        await t.press("enter")
        assert visible(t) == {"entries", "preview"}
        await t.press("escape")
        assert visible(t) == {"functions", "entries"}


async def test_resizing_and_zoom_keep_the_place(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.press("tab", "down", "z")
        assert visible(t) == {"entries"}
        await t.pilot.resize_terminal(50, 12)
        await t.settle()
        assert visible(t) == set()
        await t.pilot.resize_terminal(140, 40)
        await t.press("escape")
        assert visible(t) == {"functions", "entries", "preview"}
        assert t.cache.entries.cursor == 1


async def test_cache_in_three_sizes(
    cache_test: Open, store: FakeStore, app_snapshot: Callable[..., None]
) -> None:
    store.previews["lab.fits:fit"] = Preview(
        kind="array", type="numpy.ndarray", dtype="float64", shape=(100,), minimum=0.0,
        maximum=4.0, mean=1.3, line=tuple((index / 50) ** 2 for index in range(100)),
    )  # fmt: skip
    for name, size in (("wide", (150, 40)), ("normal", (80, 24)), ("narrow", (64, 18))):
        async with cache_test(*size) as t:
            await t.press("down", "down", "enter", "down")
            app_snapshot(t.app, name)


# --- hostile texts --------------------------------------------------------------------------


async def test_hostile_texts_of_a_store_are_shown_as_they_are(
    cache_test: Open, service: FakeService, store: FakeStore
) -> None:
    evil = "[red]x[/red]\x1b[2J\x07\u202e\r\n[link=http://x]"
    store.place = evil
    store.entries = [
        entry(f"{evil}:{evil}", 1, arguments={evil: evil}, user=evil, host=evil, what=evil),
        entry("a:b", 2, problem=evil),
    ]
    service.stores.offered = (KnownStore(place=evil + "x", kind="", why="runs"),)
    store.previews[f"{evil}:{evil}"] = Preview(kind="text", type=evil, text=evil)

    def harmless(t: AppTest) -> None:
        text = t.text()
        assert "[red]x[/red]" in text
        for char in "\x1b\x07\u202e\r":
            assert char not in text

    async with cache_test(160, 50) as t:
        harmless(t)
        for keys in (("tab",), ("down",), ("up", "y"), ("escape", "D"), ("escape", "o")):
            await t.press(*keys)
            harmless(t)
        await t.press("escape")
        service.stores.errors["x"] = StoreError(evil)
        await t.press("o", "x", "enter")
        harmless(t)


async def test_ascii_terminal_gets_ascii_alone(cache_test: Open) -> None:
    async with cache_test(130, 36, ascii=True) as t:
        for keys in ((), ("tab", "space"), ("v",), ("o",), ("escape", "tab", "slash", "x")):
            await t.press(*keys)
            t.app.screen.refresh()
            lines = t.app.screen._compositor.render_strips()
            for filtered in t.app.get_line_filters():
                background = t.app.screen.background_colors[1]
                lines = [type(one)(filtered.apply(list(one), background)) for one in lines]
            assert "\n".join(one.text for one in lines).isascii()


def test_first_word_of_the_command_is_a_store_where_it_looks_like_one(tmp_path: Path) -> None:
    from jobtui.cli.browse import parts

    (tmp_path / "cache").mkdir()
    assert parts(["s3://lab/x", "fn:fit", "alpha=1"]) == ("s3://lab/x", "fn:fit alpha=1")
    assert parts([str(tmp_path / "cache")]) == (str(tmp_path / "cache"), "")
    assert parts(["fn:a/b"]) == (None, "fn:a/b")
    assert parts(["path=data/x.csv"]) == (None, "path=data/x.csv")
    assert parts(["./nowhere", "size:>10M"]) == ("./nowhere", "size:>10M")
    assert parts([]) == (None, "")


# --- what it costs --------------------------------------------------------------------------


async def test_of_many_entries_only_those_in_sight_are_made_into_rows(
    cache_test: Open, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.entries = []
    async with cache_test() as t:
        table = t.cache.entries
        painted: list[str] = []
        paint = Entries._paint_row
        monkeypatch.setattr(
            Entries,
            "_paint_row",
            lambda self, row: (painted.append(row.identity), paint(self, row))[1],
        )
        table._paint = table._paint_row
        many = [Row(f"a%3Ab/00/{number:032x}.entry", "a:b", 10, NOW) for number in range(100_000)]
        table.show(many, with_function=True)
        await t.pilot.pause()
        assert 0 < len(set(painted)) <= table.page
        t.cache.show_pane("entries")
        await t.press("G")
        assert table.entry == many[-1]
        assert len(set(painted)) <= 2 * table.page
        table.show(many[::-1], with_function=True)
        assert table.entry == many[-1]
        assert table.cursor == 0


def test_steps_do_not_wait_for_the_cache_to_be_imported() -> None:
    program = "import sys, jobtui.app; print('jobtui.screens.cache' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


async def test_cursor_and_marks_are_seen_without_colours(cache_test: Open) -> None:
    async with cache_test() as t:
        t.app.no_color = True
        t.app.theme = "textual-dark"
        await t.press("tab", "space")
        assert inks_of(t.app)["cursor"].reverse
        assert t.line_with("● ")


async def test_mouse_selects_goes_in_and_reaches_the_footer(cache_test: Open) -> None:
    async with cache_test() as t:
        await t.pilot.click(t.cache.functions, offset=(4, 4))
        await t.settle()
        assert shown(t) == ["00", "01", "02", "03", "04"]
        await t.pilot.click(t.cache.entries, offset=(4, 4))
        await t.settle()
        assert t.cache.entries.cursor == 2
        await t.pilot.click(t.cache.entries, offset=(4, 4), times=2)
        await t.settle()
        assert t.app.focused is t.cache.preview
        footer = t.cache.query_one("#footer")
        await t.pilot.click(footer, offset=(t.screen()[-1].index("open"), 0))
        await t.settle()
        assert "Open a store" in t.text()
