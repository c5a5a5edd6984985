"""The Entries pane: what a store keeps, a row for each entry, read as it comes into sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from textual.message import Message
from textual.timer import Timer

from jobtui.plain import age, duration, plain, short, size
from jobtui.services.stores import EntryColumn, name_of
from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted, Table

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.rows import Facts, Row

__all__ = ["COLUMN_NAMES", "Entries", "EntryRow"]

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

COLUMN_NAMES: tuple[EntryColumn | None, ...] = (
    None,
    "written",
    "function",
    "arguments",
    "what",
    "size",
    "duration",
    "user",
)
"""What each column is sorted by; ``None`` where it is not."""

_DESCENDS: frozenset[EntryColumn] = frozenset({"written", "size", "duration"})
"""Columns that begin with the largest."""

_REST = 0.08
"""Seconds after which what is in sight is taken to stay there; what flies past is not read."""

_LONGEST = 400
"""Characters of a cell that are made ready for the screen; none is wider."""


@dataclass(frozen=True, slots=True, eq=False)
class EntryRow:
    """An entry in the table."""

    row: Row
    group: int = 0
    pinned: bool = False

    @property
    def identity(self) -> str:
        """The name of its object."""
        return self.row.name

    @property
    def searched(self) -> str:
        """Never used: filtering is the store's."""
        return ""

    def sort_key(self, column: int) -> Any:
        """Never used: sorting is the store's."""
        return column


class _Rows(Sequence[EntryRow]):
    """Rows that are made when they are looked at: a hundred thousand cost nothing."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.inner = rows

    def __len__(self) -> int:
        return len(self.inner)

    @overload
    def __getitem__(self, index: int) -> EntryRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[EntryRow]: ...
    def __getitem__(self, index: int | slice) -> EntryRow | Sequence[EntryRow]:
        if isinstance(index, slice):
            return _Rows(self.inner[index])
        return EntryRow(self.inner[index])

    def __iter__(self) -> Iterator[EntryRow]:
        return map(EntryRow, self.inner)


class Entries(Table[EntryRow]):
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

    @dataclass
    class SortWanted(Message):
        """The head of a column was clicked, or a key asks for another order."""

        column: EntryColumn
        reverse: bool

    def __init__(self, clock: Callable[[], float], *, widget_id: str | None = None) -> None:
        super().__init__(COLUMNS, self._paint_row, widget_id=widget_id)
        self._clock = clock
        self._known: Callable[[Row], Facts | None] = lambda _row: None
        self.marked: dict[str, Row] = {}
        self._resting: Timer | None = None
        self._descending = True

    def on_mount(self) -> None:
        """Be ready to tell what is in sight."""
        self._resting = self.set_interval(_REST, self._tell, pause=True)

    # --- content --------------------------------------------------------------------------

    def clear(self, known: Callable[[Row], Facts | None]) -> None:
        """Be about another store, which tells what is known of its entries."""
        self._known = known
        self.marked.clear()
        self.set_rows(_Rows(()))

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
        self.set_rows(_Rows(rows))
        self._look()

    def order(self, column: EntryColumn, reverse: bool) -> None:
        """Show by a mark in which order the entries stand."""
        self.sort = COLUMN_NAMES.index(column)
        self._descending = reverse
        # What was written last is the youngest.
        self.reverse = reverse != (column == "written")
        self.refresh()

    @property
    def entry(self) -> Row | None:
        """The entry under the cursor."""
        found = self.row
        return None if found is None else found.row

    @property
    def listed(self) -> Sequence[Row]:
        """All entries that are shown."""
        return self._rows.inner if isinstance(self._rows, _Rows) else ()

    def _arrange(self, before: EntryRow | None) -> None:
        # In the order given: to sort and to filter so many is not for this thread.
        self._shown = range(len(self._rows))
        place = min(self.cursor, max(len(self._shown) - 1, 0))
        if before is not None:
            place = self._place_of(before.identity, place)
        self._settle(place, before)

    def _place_of(self, identity: str, near: int) -> int:
        rows = self.listed
        if near < len(rows) and rows[near].name == identity:
            return near
        return next((place for place, row in enumerate(rows) if row.name == identity), near)

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

    # --- marks ----------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark the entry under the cursor, or take its mark away, and go on to the next."""
        row = self.entry
        if row is None:
            return
        if self.marked.pop(row.name, None) is None:
            self.marked[row.name] = row
        self.refresh()
        self._move(self.cursor + 1)

    def step(self, step: int) -> bool:
        """Go to the next entry, around the end; tell whether there is another one."""
        total = len(self._shown)
        if total:
            self._move((self.cursor + step) % total)
        return total > 1

    # --- order ----------------------------------------------------------------------------

    def sort_next(self) -> None:
        """Ask for the order of the next column that is shown."""
        place = self.sort or 0
        for step in range(1, len(COLUMNS) + 1):
            index = (place + step) % len(COLUMNS)
            column = COLUMN_NAMES[index]
            if column is not None and self._widths[index]:
                self.post_message(self.SortWanted(column, column in _DESCENDS))
                return

    def sort_reverse(self) -> None:
        """Ask for the other direction."""
        if self.sort is not None and (column := COLUMN_NAMES[self.sort]) is not None:
            self.post_message(self.SortWanted(column, not self._descending))

    def sort_by(self, column: int | None, reverse: bool = False) -> None:
        """Ask for the order of a column, as its head was clicked."""
        name = None if column is None else COLUMN_NAMES[column]
        if name is not None:
            again = column == self.sort
            reverse = not self._descending if again else name in _DESCENDS
            self.post_message(self.SortWanted(name, reverse))

    # --- looks ----------------------------------------------------------------------------

    def _paint_row(self, entry: EntryRow) -> Painted:
        row = entry.row
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
