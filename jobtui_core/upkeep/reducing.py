"""Deleting results until a store is within its limits, those first that were used longest ago.

It works beside processes that read and write: entries are unlinked and never changed, so that
whoever reads or maps one goes on, and what is being written is not looked at.  A result that was
deleted costs its next caller a computation.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from time import time
from typing import NamedTuple

from jobtui_core.entry import read_kept
from jobtui_core.errors import JobtuiError, StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.limits import Limits
from jobtui_core.stores import Listed, Store
from jobtui_core.tracing.files import quiet
from jobtui_core.tracing.sharing.records import from_bytes, parse_name
from jobtui_core.upkeep.belonging import documents_of
from jobtui_core.upkeep.contents import is_entry, is_output, key_in
from jobtui_core.upkeep.starred import NOTHING_NEEDED, Needed
from jobtui_core.upkeep.together import threads_for, together
from jobtui_core.upkeep.use import uses_of

__all__ = ["Freed", "reduce_store"]

_log = logging.getLogger("jobtui_core.memory")

_JUST_KEPT = 600.0
"""Seconds for which a kept output may wait for the entry that names it: it is written before."""

_JUST_SENT = 86_400.0
"""The same in a store over a network, which may fail between the two for hours."""

_MOST_SOURCES = 20_000
_LARGEST_SOURCES = 256_000_000
"""Recorded sources that are kept for showing edits: so many, and bytes of all together."""

_AT_ONCE = 1000
"""Objects that are deleted between two words on how far it is: what S3 takes in one request."""

_SOURCES = "code/"
_MARK = ".mark"


@dataclass(frozen=True, slots=True)
class Freed:
    """What was deleted of a store, and what is left."""

    entries: int
    outputs: int
    size: int
    """Bytes of both."""
    left: int
    """Entries."""
    size_left: int
    """Bytes of these, and of the outputs that they keep."""
    sources: int = 0
    """Recorded sources of code that were deleted besides."""
    runs: int = 0
    """Records of runs that were."""


class _Entry(NamedTuple):
    used: float
    size: int
    name: str


@dataclass(slots=True)
class _Stock:
    """What lies in a store, as far as it may be deleted."""

    entries: list[_Entry] = field(default_factory=list)
    outputs: dict[str, Listed] = field(default_factory=dict)
    """Kept outputs by the digest of their content."""
    marks: dict[str, Listed] = field(default_factory=dict)
    """The same for marks of outputs that are not kept."""
    sources: list[Listed] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    """Names of the records of runs, the newest first."""


def reduce_store(
    store: Store,
    limits: Limits,
    *,
    now: float | None = None,
    dry_run: bool = False,
    keep_runs: int | None = None,
    needed: Needed = NOTHING_NEEDED,
    seen: Callable[[str, int], None] = lambda what, count: None,
) -> Freed:
    """Delete what is beyond a store's limits, and what nothing leads to any more.

    Parameters
    ----------
    store : Store
    limits : Limits
    now : float, optional
        Seconds since the epoch.
    dry_run : bool
        Say only what would be deleted.
    keep_runs : int, optional
        So many records of runs stay, the newest; all by default.
    needed : Needed
        What stays whatever the limits say.
    seen : callable
        Told now and then what is being done, and with how many objects so far.

    Returns
    -------
    Freed

    Raises
    ------
    StoreError
        If the store cannot be read, or something cannot be deleted; the rest is by then.

    Notes
    -----
    Deleted are: results that are larger than the limit by themselves; then those that were used
    longest ago, until all limits hold; the kept outputs that no result has any more; the records
    of runs beyond those that are kept; and the sources of code beyond a fixed number, unless a
    record that is kept speaks of them.  What is ``needed`` stays, and
    so do declared irrelevant edits (``alias/``) and whatever else lies there.

    Where nobody records uses, as in a remote store, the time of writing counts.
    """
    now = time() if now is None else now
    uses = uses_of(store)
    with quiet():
        stock = _stock(store, uses.known(), now, seen)
        plan = _Plan(store, stock, limits, now, needed, seen)
        gone = plan.choose()
        outputs = plan.orphans()
        runs = [] if keep_runs is None else _old_runs(stock.runs[keep_runs:], needed)
        sources = _surplus(store, stock.sources, [*{*stock.runs} - {*runs}], needed)
        freed = replace(plan.freed(), sources=len(sources), runs=len(runs))
        if not dry_run:
            # Results first: one whose output is gone would be looked at in vain.
            _delete(store, [*gone, *outputs, *runs, *sources], seen)
            left = {key_in(one.name) for one in stock.entries}.difference(map(key_in, gone))
            uses.keep(left.__contains__)
            store.sweep()
            _tell(store, freed)
    return freed


def _tell(store: Store, freed: Freed) -> None:
    if not freed.entries + freed.outputs:
        return
    _log.info(
        "%s: results deleted: %d, kept outputs: %d (%d bytes); results left: %d (%d bytes)",
        store.url, freed.entries, freed.outputs, freed.size, freed.left, freed.size_left,
    )  # fmt: skip


def _stock(
    store: Store, uses: Mapping[str, float], now: float, seen: Callable[[str, int], None]
) -> _Stock:
    found = _Stock()
    count = 0
    for page in store.pages():
        for one in page:
            if is_entry(one.name):
                # By a clock that was put back since, it may lie in the future.
                used = min(max(uses.get(key_in(one.name), 0.0), one.mtime), now)
                found.entries.append(_Entry(used, one.size, one.name))
            elif is_output(one.name):
                digest = one.name.rpartition("/")[2]
                if digest.endswith(_MARK):
                    found.marks[digest.removesuffix(_MARK)] = one
                else:
                    found.outputs[digest] = one
            elif one.name.startswith(_SOURCES):
                found.sources.append(one)
            elif parse_name(one.name) is not None:
                found.runs.append(one.name)
        count += len(page)
        seen("listing", count)
    # Names begin with the time at which their run was asked for.
    found.runs.sort(reverse=True)
    return found


class _Plan:
    """What is to be deleted."""

    def __init__(
        self,
        store: Store,
        stock: _Stock,
        limits: Limits,
        now: float,
        needed: Needed,
        seen: Callable[[str, int], None],
    ) -> None:
        self._stock = stock
        self._needed = needed
        self._limits = limits
        self._now = now
        self._patience = _JUST_SENT if "remote" in store.capabilities else _JUST_KEPT
        self._named: dict[str, tuple[str, ...]] = {}
        """Digests of outputs, by name of the entry that has them."""
        if stock.outputs or stock.marks:
            # Few stores have any; only then entries are read, and only their beginnings.
            self._named = _all_outputs(store, [one.name for one in stock.entries], seen)
        self._holders = Counter(one for digests in self._named.values() for one in digests)
        self._released: set[str] = set()
        self._gone: list[_Entry] = []
        self._orphans: set[str] = set()

    def choose(self) -> list[str]:
        """Choose the entries that go, and give their names."""
        limits = self._limits
        count, total = len(self._stock.entries), self._size()
        for one in self._in_order():
            over = (
                (limits.size is not None and total > limits.size)
                or (limits.items is not None and count > limits.items)
                or (limits.age is not None and self._now - one.used >= limits.age)
            )
            if not over:
                break
            if key_in(one.name) in self._needed.keys:
                continue
            self._gone.append(one)
            count -= 1
            total -= one.size + self._release(one.name)
        return [one.name for one in self._gone]

    def _size(self) -> int:
        """Add up the entries, and the outputs that they keep by now."""
        entries = sum(one.size for one in self._stock.entries)
        return entries + sum(
            one.size
            for digest, one in self._stock.outputs.items()
            if self._holders[digest] or digest in self._needed.outputs
        )

    def freed(self) -> Freed:
        """Tell what the choice comes to."""
        stock = self._stock
        size = sum(one.size for one in self._gone)
        outputs = [stock.outputs[one] for one in self._orphans if one in stock.outputs]
        return Freed(
            entries=len(self._gone),
            outputs=len(outputs),
            size=size + sum(one.size for one in outputs),
            left=len(stock.entries) - len(self._gone),
            size_left=self._size() - size,
        )

    def _in_order(self) -> Iterable[_Entry]:
        """Give the entries in the order in which they go."""
        limit = self._limits.size
        entries = sorted(self._stock.entries)
        if limit is None:
            return entries
        # No order of deleting could keep one that is too large by itself; the others may stay.
        return sorted(entries, key=lambda one: one.size <= limit)

    def _release(self, name: str) -> int:
        """Let go of the outputs of an entry; give the bytes of those that nothing else has."""
        size = 0
        for digest in self._named.get(name, ()):
            self._holders[digest] -= 1
            if self._holders[digest] or digest in self._needed.outputs:
                continue
            if digest in self._stock.outputs:
                self._released.add(digest)
                size += self._stock.outputs[digest].size
        return size

    def orphans(self) -> list[str]:
        """Give the names of kept outputs, and of marks, that no entry has that stays."""
        found = []
        for kept in (self._stock.outputs, self._stock.marks):
            for digest, one in kept.items():
                waits = self._now - one.mtime < self._patience and digest not in self._released
                held = self._holders[digest] or digest in self._needed.outputs
                if not held and not waits:
                    self._orphans.add(digest)
                    found.append(one.name)
        return found


def _all_outputs(
    store: Store, names: Sequence[str], seen: Callable[[str, int], None]
) -> dict[str, tuple[str, ...]]:
    """Give the digests of the outputs of entries, for those that have any."""
    if "remote" not in store.capabilities:
        # Threads would take longer than reading does.
        return {name: digests for name in names if (digests := _outputs_of(store, name))}
    found: dict[str, tuple[str, ...]] = {}
    count = 0
    for done in together(names, partial(_outputs_of, store), threads=threads_for(store)):
        if done is not None:
            count += 1
            if done.error is not None:
                raise done.error
            if done.result:
                found[done.item] = done.result
        seen("finding kept outputs", count)
    return found


def _outputs_of(store: Store, name: str) -> tuple[str, ...]:
    """Give the digests of an entry's outputs; one that cannot be read answers no call.

    Raises
    ------
    StoreUnavailableError, StoreDeniedError
        If the store does not answer, or refuses: what the entry keeps is then not known.
    """
    try:
        return tuple(read_kept(store, name))
    except (StoreUnavailableError, StoreDeniedError):
        raise
    except JobtuiError:
        return ()


def _old_runs(names: Sequence[str], needed: Needed) -> list[str]:
    """Leave out the records of runs that stay whatever their age."""
    known = [(name, parse_name(name)) for name in names]
    return [name for name, run in known if run is None or run.run not in needed.runs]


def _surplus(store: Store, sources: list[Listed], runs: Sequence[str], kept: Needed) -> list[str]:
    """Give the names of the oldest recorded sources where there are too many of them.

    Parameters
    ----------
    store : Store
    sources : list of Listed
    runs : sequence of str
        Names of the records that are kept: what they speak of stays.
    kept : Needed
        What stays besides.
    """
    size, found = 0, []
    newest = sorted(sources, key=lambda one: one.mtime, reverse=True)
    for number, one in enumerate(newest):
        size += one.size
        if one.name in kept.sources:
            continue
        if number >= _MOST_SOURCES or size > _LARGEST_SOURCES:
            found.append(one.name)
    if not found:
        return []
    needed: set[str] = set()
    for name in runs:
        data = store.read(name)
        run = None if data is None else from_bytes(data, name, None)
        if run is not None:
            needed |= documents_of(run)
    return [name for name in found if name not in needed]


def _delete(store: Store, names: Sequence[str], seen: Callable[[str, int], None]) -> None:
    failed: StoreError | None = None
    for start in range(0, len(names), _AT_ONCE):
        try:
            store.delete_all(names[start : start + _AT_ONCE])
        except (StoreUnavailableError, StoreDeniedError):
            # It would be the same with all others.
            raise
        except StoreError as error:
            failed = failed or error
        seen("deleting", min(start + _AT_ONCE, len(names)))
    if failed is not None:
        raise failed
