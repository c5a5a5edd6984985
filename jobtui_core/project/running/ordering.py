"""The order in which scripts must run because of the files that they hand to each other."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from jobtui_core.records import ScriptStatus

__all__ = ["ScriptOrder", "order_scripts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptOrder:
    """Scripts in an order in which no script comes before one whose files it reads."""

    scripts: tuple[str, ...] = ()
    after: Mapping[str, tuple[str, ...]]
    """For each script, those that have to be done before it may start."""
    cycles: tuple[tuple[str, ...], ...] = ()
    """Scripts that read each other's files in a circle, where no order serves all of them.

    Such a circle is cut where the given order goes against it: of two scripts that read each
    other's files, the one given first runs first.
    """


def order_scripts(statuses: Sequence[ScriptStatus]) -> ScriptOrder:
    """Order scripts by the files that one writes and another reads.

    Parameters
    ----------
    statuses : sequence of ScriptStatus
        In the order wished for, which is kept wherever the files allow it.
    """
    names = list(dict.fromkeys(status.path for status in statuses))
    place = {name: index for index, name in enumerate(names)}
    before = _predecessors(statuses)
    cycles: list[tuple[str, ...]] = []
    while True:
        sorter = TopologicalSorter(
            {name: sorted(before[name], key=place.__getitem__) for name in names}
        )
        try:
            sorter.prepare()
        except CycleError as error:
            circle = list(error.args[1])[:-1]
            first = circle.index(min(circle, key=place.__getitem__))
            cycles.append(tuple(circle[first:] + circle[:first]))
            _cut(circle, before, place)
            continue
        break
    ordered: list[str] = []
    ready = list(sorter.get_ready())
    while ready:
        name = min(ready, key=place.__getitem__)
        ready.remove(name)
        ordered.append(name)
        sorter.done(name)
        ready.extend(sorter.get_ready())
    after = {name: tuple(sorted(before[name], key=place.__getitem__)) for name in names}
    return ScriptOrder(scripts=tuple(ordered), after=after, cycles=tuple(cycles))


def _predecessors(statuses: Sequence[ScriptStatus]) -> dict[str, set[str]]:
    writers: dict[str, set[str]] = {}
    for status in statuses:
        for path in status.writes:
            writers.setdefault(posixpath.normpath(path), set()).add(status.path)
    before: dict[str, set[str]] = {}
    for status in statuses:
        found = before.setdefault(status.path, set())
        for path in status.reads:
            found |= writers.get(posixpath.normpath(path), set())
        found.discard(status.path)
    return before


def _cut(circle: list[str], before: dict[str, set[str]], place: Mapping[str, int]) -> None:
    """Forget those demands of a circle that go against the given order.

    A circle has at least one of them: it cannot lead forwards all the way round.
    """
    for one, other in zip(circle, circle[1:] + circle[:1], strict=True):
        for reader, writer in ((one, other), (other, one)):
            if writer in before[reader] and place[writer] > place[reader]:
                before[reader].discard(writer)
