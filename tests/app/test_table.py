"""The table draws what is in sight, however much there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from textual.app import App, ComposeResult

from jobtui.widgets.columns import Column, fit
from jobtui.widgets.order import arrange, next_match
from jobtui.widgets.table import Painted, Table

COLUMNS = (
    Column(title="name", width=20, least=5, grows=True),
    Column(title="size", width=6, least=6, right=True, drop=1),
)
MANY = 100_000


@dataclass(frozen=True)
class Row:
    name: str
    size: int
    group: int = 0
    pinned: bool = False

    @property
    def identity(self) -> str:
        return self.name

    @property
    def searched(self) -> str:
        return self.name

    def sort_key(self, column: int) -> Any:
        return (self.name, self.size)[column]


class TableApp(App[None]):
    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self.painted: list[str] = []
        self.table: Table[Row] = Table(COLUMNS, self.paint)
        self.rows = rows

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.set_rows(self.rows)

    def paint(self, row: Row) -> Painted:
        self.painted.append(row.name)
        return Painted(((row.name, ""), (str(row.size), "dim")))


def rows(number: int) -> list[Row]:
    return [Row(f"row {index:06}", (index * 7919) % number) for index in range(number)]


async def test_only_rows_in_sight_are_painted() -> None:
    app = TableApp(rows(MANY))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert set(app.painted) <= {f"row {index:06}" for index in range(20)}
        app.painted.clear()
        await pilot.press("down")
        await pilot.pause()
        assert set(app.painted) <= {"row 000000", "row 000001"}


async def test_the_last_of_many_rows_is_one_key_away() -> None:
    app = TableApp(rows(MANY))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert app.table.row == app.rows[-1]
        assert app.table.scroll_offset.y == MANY - app.table.page
        assert len(set(app.painted)) < 100
        await pilot.press("g")
        assert app.table.cursor == 0


@pytest.mark.parametrize(
    ("key", "place"),
    [("pagedown", 19), ("ctrl+d", 9), ("j", 1), ("down", 1)],
)
async def test_keys_move_by_a_page_by_half_and_by_one(key: str, place: int) -> None:
    app = TableApp(rows(1000))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(key)
        assert app.table.cursor == place


async def test_cursor_stays_on_its_row_when_rows_change_or_are_sorted() -> None:
    app = TableApp(rows(1000))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("pagedown")
        row = app.table.row
        app.table.sort_by(1)
        assert app.table.row == row
        app.table.set_rows(app.rows[5:])
        assert app.table.row == row
        app.table.filter("row 00001")
        assert app.table.row == row


async def test_sorting_and_filtering_many_rows_is_exact() -> None:
    app = TableApp(rows(MANY))
    async with app.run_test(size=(60, 20)):
        app.table.sort_by(1, reverse=True)
        assert app.table.row == app.rows[0]
        sizes = [app.rows[index].size for index in app.table.shown]
        assert sizes == sorted(sizes, reverse=True)
        app.table.filter("0999")
        assert len(app.table.shown) == sum("0999" in row.name for row in app.rows)


async def test_empty_table_shows_its_placeholder() -> None:
    app = TableApp([])
    app.table.placeholder = "nothing yet"
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "up", "G", "enter", "left")
        assert app.table.row is None
        assert "nothing yet" in app.table.render_line(2).text


async def test_click_moves_and_the_header_sorts() -> None:
    app = TableApp(rows(50))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click(Table, offset=(3, 5))
        assert app.table.cursor == 4
        await pilot.click(Table, offset=(57, 0))
        assert app.table.sort == 1


def test_filter_keeps_the_heads_of_groups_with_matches() -> None:
    table = [
        Row("a.py", 0, 0, pinned=True),
        Row("fit", 1, 0),
        Row("plot", 2, 0),
        Row("b.py", 0, 1, pinned=True),
        Row("read", 3, 1),
    ]
    assert list(arrange(table, needle="PLO")) == [0, 2]
    assert list(arrange(table, needle="b.py")) == [3, 4]
    assert list(arrange(table, needle="nothing")) == []
    assert list(arrange(table, collapsed={0})) == [0, 3, 4]
    assert list(arrange(table, collapsed={0}, needle="fit")) == [0, 1]
    assert list(arrange(table, sort=0, reverse=True)) == [0, 2, 1, 3, 4]


def test_next_match_goes_around_and_passes_over_heads() -> None:
    table = [Row("fit.py", 0, 0, pinned=True), Row("fit", 1), Row("plot", 2), Row("refit", 3)]
    shown = range(4)
    assert next_match(table, shown, 1, "fit") == 3
    assert next_match(table, shown, 3, "fit") == 1
    assert next_match(table, shown, 1, "fit", -1) == 3
    assert next_match(table, shown, 0, "none") is None
    assert next_match(table, (), 0, "fit") is None


@pytest.mark.parametrize("width", range(60))
def test_columns_never_exceed_the_width_once_their_least_fits(width: int) -> None:
    widths = fit(COLUMNS, width)
    used = sum(widths) + (sum(bool(one) for one in widths) - 1)
    assert used <= max(width, 5)
    assert widths[0] >= 5


def test_column_of_least_worth_is_dropped_first() -> None:
    assert fit(COLUMNS, 11)[1] == 0
    assert fit(COLUMNS, 12)[1] == 6
