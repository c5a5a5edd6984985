"""What takes the room in a store: results by function, and everything else by what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jobtui_core.project.catalogue.rows import FunctionSum, Row
from jobtui_core.project.catalogue.sorting import sums
from jobtui_core.project.catalogue.views import OwnView, View, function_in
from jobtui_core.upkeep.contents import is_entry
from jobtui_core.upkeep.kinds import Kind, kind_of

__all__ = ["OtherSum", "StoreSizes", "store_sizes"]

_PAGE = 1000

_WORDS: dict[Kind | None, str] = {
    "blobs": "kept outputs",
    "code": "sources",
    "alias": "accepted edits",
    "runs": "records of runs",
    "use": "records of use",
    None: "other objects",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSum:
    """Objects that are no results."""

    what: str
    """``kept outputs``, ``sources`` …"""
    objects: int
    size: int
    """Bytes of them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSizes:
    """What takes the room in a store."""

    functions: tuple[FunctionSum, ...]
    """The largest first."""
    others: tuple[OtherSum, ...]
    """Those that there are."""

    @property
    def entries(self) -> int:
        """How many results there are."""
        return sum(one.entries for one in self.functions)

    @property
    def objects(self) -> int:
        """How many objects there are."""
        return self.entries + sum(one.objects for one in self.others)

    @property
    def size(self) -> int:
        """Bytes of everything."""
        return sum(one.size for one in self.functions) + sum(one.size for one in self.others)


def store_sizes(view: View, seen: Callable[[int], None] = lambda count: None) -> StoreSizes:
    """Add up what lies in a store, by listing it once.

    Parameters
    ----------
    view : View
        `Catalogue.view`.
    seen : callable
        Told how many objects there are so far, page by page.

    Raises
    ------
    StoreError
        If it cannot be listed.
    """
    rows: list[Row] = []
    others: dict[Kind | None, list[int]] = {kind: [0, 0] for kind in _WORDS}
    count = 0
    if isinstance(view, OwnView):
        for page in view.store.pages(size=_PAGE):
            for one in page:
                if is_entry(one.name):
                    function = function_in(one.name.partition("/")[0])
                    rows.append(Row(one.name, function, one.size, one.mtime))
                else:
                    kind = kind_of(one.name)
                    other = others[kind if kind in others else None]
                    other[0] += 1
                    other[1] += one.size
            count += len(page)
            seen(count)
    else:
        for found, _ in view.pages(_PAGE):
            rows += found
            seen(len(rows))
    by_function = sums(rows, lambda row: None)
    return StoreSizes(
        functions=tuple(sorted(by_function, key=lambda one: (-one.size, one.function))),
        others=tuple(
            OtherSum(what=_WORDS[kind], objects=objects, size=size)
            for kind, (objects, size) in others.items()
            if objects
        ),
    )
