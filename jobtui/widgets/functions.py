"""The Functions pane: whose results a store keeps, by module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobtui.plain import plain, size
from jobtui.services.stores import module_of, name_of
from jobtui.widgets.columns import Column
from jobtui.widgets.table import Painted, Table

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.rows import FunctionSum

__all__ = ["FunctionRow", "Functions"]

COLUMNS: tuple[Column, ...] = (
    Column(title="function", width=20, least=10, grows=True),
    Column(title="entries", width=8, least=7, right=True, drop=2),
    Column(title="size", width=7, least=7, right=True, drop=1),
)

_EVERYTHING = "\0"


@dataclass(frozen=True, slots=True, eq=False)
class FunctionRow:
    """A function, a module with all of its functions, or everything (neither named)."""

    group: int
    entries: int
    size: int
    module: str | None = None
    function: str | None = None
    folded: bool = False

    @property
    def pinned(self) -> bool:
        """Whether it is the head of others."""
        return self.function is None

    @property
    def identity(self) -> str:
        """What it is about."""
        if self.function is not None:
            return f"f{self.function}"
        return _EVERYTHING if self.module is None else f"m{self.module}"

    @property
    def searched(self) -> str:
        """The name that is shown."""
        return self.function or self.module or ""

    def sort_key(self, column: int) -> Any:
        """Give the value of a column."""
        return (name_of(self.searched).casefold(), -self.entries, -self.size)[column]

    def paint(self) -> Painted:
        """Draw name, number and size."""
        ink = "heading" if self.pinned else ""
        if self.function is not None:
            name = f"  {plain(name_of(self.function))}"
        elif self.module is not None:
            name = f"{'▸' if self.folded else '▾'} {plain(self.module) or '(no module)'}"
        else:
            name = "all functions"
        return Painted(((name, ink), (f"{self.entries:,}", ink or "dim"), (size(self.size), "dim")))


class Functions(Table[FunctionRow]):
    """A tree of modules and functions, with what is kept of each."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(COLUMNS, FunctionRow.paint, widget_id=widget_id)
        self._sums: Sequence[FunctionSum] = ()
        self._modules: list[str] = []
        self._folded: set[str] = set()

    def show(self, sums: Sequence[FunctionSum]) -> None:
        """Show what a store keeps."""
        if sums != self._sums or not self.rows:
            self._sums = sums
            self._refill()

    def clear(self) -> None:
        """Show nothing, and forget what was folded."""
        self._sums, self._modules = (), []
        self._folded.clear()
        self.collapsed = set()
        self.set_rows([])

    def _refill(self) -> None:
        by_module: dict[str, list[FunctionSum]] = {}
        for one in self._sums:
            by_module.setdefault(module_of(one.function), []).append(one)
        self._modules = sorted(by_module)
        rows = [
            FunctionRow(
                0, sum(one.entries for one in self._sums), sum(one.size for one in self._sums)
            )
        ]
        for group, module in enumerate(self._modules, 1):
            inside = by_module[module]
            entries, total = sum(one.entries for one in inside), sum(one.size for one in inside)
            rows.append(FunctionRow(group, entries, total, module, None, module in self._folded))
            rows += [
                FunctionRow(group, one.entries, one.size, module, one.function) for one in inside
            ]
        self.collapsed = {
            group for group, module in enumerate(self._modules, 1) if module in self._folded
        }
        self.set_rows(rows if self._sums else [])

    def sum_of(self, row: FunctionRow) -> list[FunctionSum]:
        """Give the sums of the functions that a row stands for."""
        if row.function is not None:
            return [one for one in self._sums if one.function == row.function]
        if row.module is not None:
            return [one for one in self._sums if module_of(one.function) == row.module]
        return list(self._sums)

    def sort_next(self) -> None:
        """Sort the functions of each module by the next column; after the last, by name."""
        column = 0 if self.sort is None else self.sort + 1
        self.sort_by(column if column < len(COLUMNS) else None)

    def sort_reverse(self) -> None:
        """Turn the order around."""
        self.sort_by(0 if self.sort is None else self.sort, not self.reverse)

    def collapse(self, group: int, collapsed: bool) -> bool:
        """Fold or unfold a module; its row says which."""
        if not 0 < group <= len(self._modules):
            return False
        module = self._modules[group - 1]
        if (module in self._folded) == collapsed:
            return False
        (self._folded.add if collapsed else self._folded.discard)(module)
        if collapsed:
            self.go_to(f"m{module}")
        self._refill()
        return True
