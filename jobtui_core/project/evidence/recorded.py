"""Records of call sites, found by what a verdict knows: function, shape, static key, place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui_core.project.evidence.facts import Record
    from jobtui_core.slices import CallSite

__all__ = ["Recorded"]

_MANY = 200
"""Records among which the one that is most like a call is looked for one by one."""

_AROUND = 50
"""Of more than that: how many before and behind the place that the call has in its script."""


class Recorded:
    """The records of one function, newest first.

    Chains of ten thousand calls of one function are looked through once for each of them: every
    question is answered from an index.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        newest = sorted(records, key=lambda record: (record.started, record.run), reverse=True)
        self.all: Sequence[Record] = newest

    def alike(self, shape: str) -> Sequence[Record]:
        """Give those with a shape."""
        return self._by_shape.get(shape, ())

    def same(self, shape: str, key: str | None) -> Sequence[Record]:
        """Give those with a shape and a static key."""
        return self._by_key.get((shape, key), ())

    def near(self, site: CallSite, shape: str | None = None) -> Sequence[Record]:
        """Give those among which the nearest one to a call site is: at its place, if there are."""
        if len(self.all) <= _MANY:
            return self.all if shape is None else self.alike(shape)
        here = self._by_chain.get(site.chain, ())
        found = [r for r in here if r.calls and (shape is None or r.shape == shape)]
        if found:
            return found
        if shape is not None:
            return self.alike(shape)[:_MANY]
        indexes, records = self._by_index
        place = bisect_left(indexes, site.index)
        return records[max(0, place - _AROUND) : place + _AROUND]

    @cached_property
    def _by_shape(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for record in self.all:
            found.setdefault(record.shape, []).append(record)
        return found

    @cached_property
    def _by_key(self) -> dict[tuple[str, str | None], list[Record]]:
        found: dict[tuple[str, str | None], list[Record]] = {}
        for record in self.all:
            found.setdefault((record.shape, record.static_key), []).append(record)
        return found

    @cached_property
    def _by_chain(self) -> dict[tuple[object, ...], list[Record]]:
        found: dict[tuple[object, ...], list[Record]] = {}
        for record in self.all:
            found.setdefault(record.site.chain, []).append(record)
        return found

    @cached_property
    def _by_index(self) -> tuple[list[int], list[Record]]:
        records = sorted(self.all, key=lambda record: record.site.index)
        return [record.site.index for record in records], records
