"""A table that draws only the rows in sight, so that a hundred thousand cost as little as ten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from jobtui.commands.moves import MOVE_BINDINGS
from jobtui.inks import inks_of
from jobtui.widgets.columns import Column, fit
from jobtui.widgets.order import Row, arrange, next_match
from jobtui.widgets.scrolled import Scrolled

__all__ = ["Painted", "Table"]

R = TypeVar("R", bound=Row)


class Painted(NamedTuple):
    """What a row looks like."""

    cells: tuple[tuple[str, str], ...]
    """Text and name of an ink (see `jobtui.inks`) for every column; a single one spans all."""


class Table(Scrolled, Generic[R], can_focus=True):
    """Rows under a header, one line each, with a cursor, sorting and a filter.

    Columns are measured anew whenever the rows or the size change; rows are painted when they
    come into sight, by the function given.

    Parameters
    ----------
    columns : sequence of Column
    paint : callable
        Gives the looks of a row.  Called for rows in sight only; its text must be plain.
    """

    BINDINGS = MOVE_BINDINGS

    cursor: reactive[int] = reactive(0, repaint=False)
    """Place of the cursor among the rows shown."""
    placeholder: reactive[str] = reactive("")
    """What stands there while there are no rows."""

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        table: Table[Any]
        row: Any
        """The row it stands on now; ``None`` where there is none."""
        by_hand: bool
        """Whether a person moved it, rather than a refresh."""

        @property
        def control(self) -> Table[Any]:
            """The table."""
            return self.table

    @dataclass
    class Chosen(Message):
        """Enter, or a second click."""

        table: Table[Any]
        row: Any

        @property
        def control(self) -> Table[Any]:
            """The table."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        paint: Callable[[R], Painted],
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self._columns = tuple(columns)
        self._paint = paint
        self._rows: Sequence[R] = ()
        self._shown: Sequence[int] = ()
        self._widths: tuple[int, ...] = (0,) * len(self._columns)
        self.needle = ""
        self.sort: int | None = None
        self.reverse = False
        self.collapsed: set[int] = set()

    # --- rows -----------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[R]:
        """All rows, shown or not."""
        return self._rows

    @property
    def shown(self) -> Sequence[int]:
        """Indexes of the rows that are shown, in order."""
        return self._shown

    @property
    def row(self) -> R | None:
        """The row under the cursor."""
        if 0 <= self.cursor < len(self._shown):
            return self._rows[self._shown[self.cursor]]
        return None

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Use other columns, as many as before."""
        self._columns = tuple(columns)
        self._measure()

    def set_rows(self, rows: Sequence[R]) -> None:
        """Show other rows; the cursor stays on the row with the same identity."""
        before = self.row
        self._rows = rows
        self._arrange(before)

    def _arrange(self, before: R | None) -> None:
        self._shown = arrange(
            self._rows,
            needle=self.needle,
            sort=self.sort,
            reverse=self.reverse,
            collapsed=self.collapsed,
        )
        place = min(self.cursor, max(len(self._shown) - 1, 0))
        if before is not None:
            place = self._place_of(before.identity, place)
        self._settle(place, before)

    def _settle(self, place: int, before: R | None) -> None:
        """Put the cursor on a place among other rows than before."""
        self._measure()
        self.set_reactive(Table.cursor, place)
        self._show_cursor()
        self.refresh()
        after = self.row
        if after is not before:
            self.post_message(self.Moved(self, after, by_hand=False))

    def _place_of(self, identity: str, near: int) -> int:
        rows, shown = self._rows, self._shown
        if near < len(shown) and rows[shown[near]].identity == identity:
            return near
        for place, index in enumerate(shown):
            if rows[index].identity == identity:
                return place
        return near

    def go_to(self, identity: str) -> bool:
        """Put the cursor on the row with an identity; tell whether it is shown."""
        place = self._place_of(identity, -1 % max(len(self._shown), 1))
        if place < len(self._shown) and self._rows[self._shown[place]].identity == identity:
            self._move(place, by_hand=False)
            return True
        return False

    def filter(self, needle: str) -> None:
        """Show only rows that contain all words of ``needle``; an empty one shows all."""
        before = self.row
        self.needle = needle
        self._arrange(before)

    def sort_by(self, column: int | None, reverse: bool = False) -> None:
        """Sort the rows of every group by a column; ``None`` gives back their own order."""
        before = self.row
        self.sort, self.reverse = column, reverse
        self._arrange(before)

    def collapse(self, group: int, collapsed: bool) -> bool:
        """Hide or show the rows of a group; tell whether that changed anything."""
        if (group in self.collapsed) == collapsed:
            return False
        before = self.row
        (self.collapsed.add if collapsed else self.collapsed.discard)(group)
        if collapsed and before is not None:
            heads = (row for row in self._rows if row.group == group and row.pinned)
            before = next(heads, before)
        self._arrange(before)
        return True

    def find_next(self, step: int = 1) -> bool:
        """Go to the next row that matches the filter; tell whether there is one."""
        place = next_match(self._rows, self._shown, self.cursor, self.needle, step)
        if place is None:
            return False
        self._move(place)
        return True

    # --- drawing --------------------------------------------------------------------------

    def _measure(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        # The last cell stays free, so that no text touches the scroll bar.
        self._widths = fit(self._columns, width - 1)
        self.virtual_size = Size(width, len(self._shown) + 1)

    def on_resize(self) -> None:
        """Share the new width among the columns."""
        self._measure()
        self._show_cursor()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The cursor looks different with the focus."""
        super().watch_has_focus(_has_focus)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the header or one row."""
        width = self.scrollable_content_region.width
        base = self.base_style
        if y == 0:
            return self._header(base).crop_extend(0, width, base)
        place = self.scroll_offset.y + y - 1
        if place >= len(self._shown):
            text = self.placeholder if y == 2 and not self._shown else ""
            line = Strip([Segment(f" {text}", base + inks_of(self.app)["dim"])])
            return line.crop_extend(0, width, base)
        row = self._rows[self._shown[place]]
        strip = self._line(self._paint(row).cells, base, width)
        if place == self.cursor:
            inks = inks_of(self.app)
            if not self.has_focus:
                behind = inks["blurred"]
                return Strip([Segment(text, (style or base) + behind) for text, style, _ in strip])
            # The colours of states would be unreadable on the cursor's; the words remain.
            style = base + inks["cursor"]
            return Strip([Segment(segment.text, style) for segment in strip])
        return strip

    def _header(self, base: Style) -> Strip:
        cells = []
        for index, column in enumerate(self._columns):
            mark = ("▼" if self.reverse else "▲") if index == self.sort else ""
            cells.append((column.title + mark, "dim"))
        return self._line(tuple(cells), base, self.scrollable_content_region.width)

    def _line(self, cells: tuple[tuple[str, str], ...], base: Style, width: int) -> Strip:
        inks = inks_of(self.app)
        if len(cells) == 1:
            text, name = cells[0]
            style = base + inks[name]
            return Strip([Segment(_fitted(text, width, right=False), style)], width)
        segments: list[Segment] = []
        used = 0
        for (text, name), column, room in zip(cells, self._columns, self._widths, strict=True):
            if not room:
                continue
            style = base + inks[name]
            if segments:
                segments.append(Segment(" ", base))
                used += 1
            segments.append(Segment(_fitted(text, room, right=column.right), style))
            used += room
        return Strip(segments, used).adjust_cell_length(width, base)

    # --- moving ---------------------------------------------------------------------------

    def _move(self, place: int, by_hand: bool = True) -> None:
        place = max(0, min(place, len(self._shown) - 1))
        if place == self.cursor or not self._shown:
            return
        before, self.cursor = self.cursor, place
        self._show_cursor()
        for changed in (before, place):
            y = changed - self.scroll_offset.y + 1
            if 0 < y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))
        self.post_message(self.Moved(self, self.row, by_hand))

    def _show_cursor(self) -> None:
        page = max(self.size.height - 1, 1)
        top = round(self.scroll_target_y)
        if self.cursor < top:
            # A group's first row brings its heading into sight.
            top = self.cursor - 1 if self._after_heading() else self.cursor
        elif self.cursor >= top + page:
            top = self.cursor - page + 1
        top = max(0, min(top, len(self._shown) - page))
        if top != round(self.scroll_target_y):
            self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def _after_heading(self) -> bool:
        return self.cursor > 0 and self._rows[self._shown[self.cursor - 1]].pinned

    @property
    def page(self) -> int:
        """Rows in sight."""
        return max(self.size.height - 1, 1)

    def action_move(self, how: str) -> None:
        """Move the cursor: ``up``, ``down``, ``page_up``, ``half_down``, ``top`` …"""
        half = max(self.page // 2, 1)
        places = {
            "up": self.cursor - 1,
            "down": self.cursor + 1,
            "page_up": self.cursor - self.page,
            "page_down": self.cursor + self.page,
            "half_up": self.cursor - half,
            "half_down": self.cursor + half,
            "top": 0,
            "bottom": len(self._shown) - 1,
        }
        if how in places:
            self._move(places[how])
        elif how in ("left", "right") and (row := self.row) is not None:
            self.collapse(row.group, how == "left")

    def action_choose(self) -> None:
        """Go into the row under the cursor."""
        if (row := self.row) is not None:
            self.post_message(self.Chosen(self, row))

    def on_click(self, event: events.Click) -> None:
        """Move to the row clicked; the second click goes in; the header sorts."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            self._click_header(offset.x)
            return
        place = self.scroll_offset.y + offset.y - 1
        if place < len(self._shown):
            if event.chain > 1:
                self.action_choose()
            else:
                self._move(place)

    def _click_header(self, x: int) -> None:
        right = 0
        for index, room in enumerate(self._widths):
            right += room + bool(room)
            if room and x < right:
                self.sort_by(index, self.sort == index and not self.reverse)
                return


def _fitted(text: str, width: int, *, right: bool) -> str:
    length = len(text) if text.isascii() else cell_len(text)
    if length <= width:
        return " " * (width - length) + text if right else text + " " * (width - length)
    return set_cell_size(text, max(width - 1, 0)) + "…" if width else ""
