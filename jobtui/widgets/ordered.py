"""A table whose rows somebody else filters and sorts, in a thread: for a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from textual.message import Message

from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted, Table

__all__ = ["Given", "Order", "Ordered"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Given(Generic[T]):
    """A row of the table, around what it is about."""

    item: T
    identity: str
    group: int = 0
    pinned: bool = False

    @property
    def searched(self) -> str:
        """Never used: whoever gives the rows has filtered them."""
        return ""

    def sort_key(self, column: int) -> Any:
        """Never used: whoever gives the rows has sorted them."""
        return column


class _Rows(Sequence[Given[T]]):
    """Rows that are made when they are looked at: a hundred thousand cost nothing."""

    def __init__(self, items: Sequence[T], name: Callable[[T], str]) -> None:
        self.items = items
        self._name = name

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Given[T]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Given[T]]: ...
    def __getitem__(self, index: int | slice) -> Given[T] | Sequence[Given[T]]:
        if isinstance(index, slice):
            return _Rows(self.items[index], self._name)
        return self._row(self.items[index])

    def __iter__(self) -> Iterator[Given[T]]:
        return map(self._row, self.items)

    def _row(self, item: T) -> Given[T]:
        return Given(item, self._name(item))


@dataclass(frozen=True, slots=True)
class Order:
    """What a column is sorted by."""

    name: str
    descends: bool = False
    """Whether it begins with the largest."""
    turned: bool = False
    """Whether its mark points the other way: what was written last is the youngest."""


class Ordered(Table[Given[T]], Generic[T]):
    """Items in the order in which they are given, which can be marked.

    Parameters
    ----------
    columns : sequence of Column
    orders : sequence of Order or None
        What each column is sorted by; ``None`` where it is not.
    name : callable
        Gives what stays the same of an item after a refresh.
    paint : callable
        Gives the looks of a row.
    """

    @dataclass
    class SortWanted(Message):
        """The head of a column was clicked, or a key asks for another order."""

        column: str
        reverse: bool

    def __init__(
        self,
        columns: Sequence[Column],
        orders: Sequence[Order | None],
        name: Callable[[T], str],
        paint: Callable[[Given[T]], Painted],
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(columns, paint, widget_id=widget_id)
        self._orders = tuple(orders)
        self._identify = name
        self._descending = True
        self.marked: dict[str, T] = {}

    # --- content --------------------------------------------------------------------------

    def set_items(self, items: Sequence[T]) -> None:
        """Show items, in this order."""
        self.set_rows(_Rows(items, self._identify))

    @property
    def item(self) -> T | None:
        """What the row under the cursor is about."""
        found = self.row
        return None if found is None else found.item

    @property
    def listed(self) -> Sequence[T]:
        """All that are shown."""
        return self._rows.items if isinstance(self._rows, _Rows) else ()

    def _arrange(self, before: Given[T] | None) -> None:
        # In the order given: to sort and to filter so many is not for this thread.
        self._shown = range(len(self._rows))
        place = min(self.cursor, max(len(self._shown) - 1, 0))
        if before is not None:
            place = self._place_of(before.identity, place)
        self._settle(place, before)

    def _place_of(self, identity: str, near: int) -> int:
        items, name = self.listed, self._identify
        if 0 <= near < len(items) and name(items[near]) == identity:
            return near
        places = (place for place, item in enumerate(items) if name(item) == identity)
        return next(places, near)

    # --- marks ----------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark what is under the cursor, or take its mark away, and go on to the next."""
        item = self.item
        if item is None:
            return
        name = self._identify(item)
        if self.marked.pop(name, None) is None:
            self.marked[name] = item
        self.refresh()
        self._move(self.cursor + 1)

    def step(self, step: int) -> bool:
        """Go to the next row, around the end; tell whether there is another one."""
        total = len(self._shown)
        if total:
            self._move((self.cursor + step) % total)
        return total > 1

    # --- order ----------------------------------------------------------------------------

    def order(self, column: str, reverse: bool) -> None:
        """Show by a mark in which order the rows stand."""
        for index, order in enumerate(self._orders):
            if order is not None and order.name == column:
                self.sort = index
                self._descending = reverse
                self.reverse = reverse != order.turned
        self.refresh()

    def sort_next(self) -> None:
        """Ask for the order of the next column that is shown."""
        place = self.sort or 0
        for step in range(1, len(self._orders) + 1):
            index = (place + step) % len(self._orders)
            order = self._orders[index]
            if order is not None and self._widths[index]:
                self.post_message(self.SortWanted(order.name, order.descends))
                return

    def sort_reverse(self) -> None:
        """Ask for the other direction."""
        if self.sort is not None and (order := self._orders[self.sort]) is not None:
            self.post_message(self.SortWanted(order.name, not self._descending))

    def sort_by(self, column: int | None, reverse: bool = False) -> None:
        """Ask for the order of a column, as its head was clicked."""
        order = None if column is None else self._orders[column]
        if order is not None:
            again = column == self.sort
            reverse = not self._descending if again else order.descends
            self.post_message(self.SortWanted(order.name, reverse))
