"""The Entries pane: what a store keeps, a row for each entry, read as it comes into sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.timer import Timer

from jobtui.plain import age, duration, plain, short, size
from jobtui.services.stores import name_of
from jobtui.widgets.columns import Column
from jobtui.widgets.ordered import Given, Order, Ordered
from jobtui.widgets.table import Painted

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.rows import Facts, Row

__all__ = ["Entries"]

COLUMNS: tuple[Column, ...] = (
    Column(title="", width=1, least=1),
    Column(title="age", width=7, least=7, right=True),
    Column(title="function", width=14, least=9, drop=2),
    Column(title="arguments", width=20, least=15, grows=True),
    Column(title="result", width=20, least=12, drop=4),
    Column(title="size", width=7, least=7, right=True),
    Column(title="took", width=7, least=7, right=True, drop=1),
    Column(title="who", width=12, least=8, drop=5),
)
_FUNCTION, _RESULT = 2, 4

_ORDERS: tuple[Order | None, ...] = (
    None,
    Order("written", descends=True, turned=True),
    Order("function"),
    Order("arguments"),
    Order("what"),
    Order("size", descends=True),
    Order("duration", descends=True),
    Order("user"),
)
"""What each column is sorted by."""

_REST = 0.08
"""Seconds after which what is in sight is taken to stay there; what flies past is not read."""

_LONGEST = 400
"""Characters of a cell that are made ready for the screen; none is wider."""


class Entries(Ordered["Row"]):
    """Entries in the order in which they are given.

    Parameters
    ----------
    clock : callable
        Gives the time, in seconds since the epoch.
    """

    @dataclass
    class InSight(Message):
        """Rows came into sight of which it is not known what they say."""

        rows: tuple[Row, ...]

    def __init__(self, clock: Callable[[], float], *, widget_id: str | None = None) -> None:
        super().__init__(
            COLUMNS, _ORDERS, lambda row: row.name, self._paint_row, widget_id=widget_id
        )
        self._clock = clock
        self._known: Callable[[Row], Facts | None] = lambda _row: None
        self._resting: Timer | None = None

    def on_mount(self) -> None:
        """Be ready to tell what is in sight."""
        self._resting = self.set_interval(_REST, self._tell, pause=True)

    # --- content --------------------------------------------------------------------------

    def clear(self, known: Callable[[Row], Facts | None]) -> None:
        """Be about another store, which tells what is known of its entries."""
        self._known = known
        self.marked.clear()
        self.set_items(())

    def show(self, rows: Sequence[Row], *, with_function: bool) -> None:
        """Show entries, in this order."""
        function = COLUMNS[_FUNCTION]
        if not with_function:
            function = function._replace(width=0, least=0)
        elif rows:
            longest = max(len(name_of(one.function)) for one in rows[:200])
            function = function._replace(width=max(9, min(longest, 24)))
        if function != self._columns[_FUNCTION]:
            columns = list(COLUMNS)
            columns[_FUNCTION] = function
            self.set_columns(columns)
        self.set_items(rows)
        self._look()

    @property
    def entry(self) -> Row | None:
        """The entry under the cursor."""
        return self.item

    # --- what is in sight -----------------------------------------------------------------

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Notice that other rows come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def on_resize(self) -> None:
        """Share the new width among the columns; more rows may be in sight."""
        super().on_resize()
        self._look()

    def _look(self) -> None:
        if self._resting is not None:
            self._resting.reset()
            self._resting.resume()

    def _tell(self) -> None:
        if self._resting is not None:
            self._resting.pause()
        top = self.scroll_offset.y
        unknown = [row for row in self.listed[top : top + self.page] if self._known(row) is None]
        if unknown:
            self.post_message(self.InSight(tuple(unknown)))

    # --- looks ----------------------------------------------------------------------------

    def _paint_row(self, entry: Given[Row]) -> Painted:
        row = entry.item
        facts = self._known(row)
        mark = ("●" if row.name in self.marked else " ", "accent")
        when = (age(max(self._clock() - row.written, 0.0)), "dim")
        name = (plain(name_of(row.function)), "")
        room = (size(row.size), "")
        if facts is None:
            waits = ("…", "dim")
            return Painted((mark, when, name, waits, waits, room, ("", ""), ("", "")))
        if facts.problem:
            problem = plain(short(facts.problem, _LONGEST))
            parted = ("✗ unreadable:", problem) if self._widths[_RESULT] else ("", "")
            said = parted[0] or f"✗ unreadable: {problem}"
            return Painted(
                (
                    mark,
                    when,
                    name,
                    (said, "problem"),
                    (parted[1], "problem"),
                    room,
                    ("", ""),
                    ("", ""),
                )
            )
        arguments = ", ".join(f"{name}={value}" for name, value in facts.arguments.items())
        who = "@".join(filter(None, (facts.user, facts.host)))
        return Painted(
            (
                mark,
                when,
                name,
                (plain(short(arguments, _LONGEST)), ""),
                (plain(short(facts.what, _LONGEST)), "dim"),
                room,
                (duration(facts.duration), "dim"),
                (plain(short(who, _LONGEST)), "dim"),
            )
        )
