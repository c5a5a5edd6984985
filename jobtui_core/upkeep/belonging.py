"""What belongs together in a store: some results, and all that they rest on there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from threading import Lock

from jobtui_core.entry import read_info
from jobtui_core.entry.reading import kept_figures, kept_outputs
from jobtui_core.errors import EntryError
from jobtui_core.stores import Listed, Store
from jobtui_core.tracing.sharing.records import LARGEST, SharedRun, from_bytes, parse_name
from jobtui_core.upkeep.contents import key_in
from jobtui_core.upkeep.kinds import KINDS, Kind, alias_codes, kind_of
from jobtui_core.upkeep.together import threads_for, together

__all__ = ["Stock", "Wanted", "belonging", "documents_of", "keys_of", "take_stock"]

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which results are meant: those that any of these names; all of a store if none does."""

    folders: frozenset[str] = frozenset()
    """Functions, as `quote` writes their identities in the names of entries."""
    keys: tuple[str, ...] = ()
    """Keys, or their first digits."""
    runs: frozenset[str] = frozenset()
    """Names of the records of runs: they, and what their calls gave."""

    @property
    def everything(self) -> bool:
        """Whether nothing was named."""
        return not (self.folders or self.keys or self.runs)


Stock = dict[Kind, dict[str, Listed]]
"""What lies in a store, by kind and name."""


def take_stock(store: Store, seen: Callable[[int], None] = lambda count: None) -> Stock:
    """List a store once.

    Parameters
    ----------
    store : Store
    seen : callable
        Told how many objects there are so far, page by page.

    Raises
    ------
    StoreError
        If it cannot be listed.
    """
    found: Stock = {kind: {} for kind in KINDS}
    count = 0
    for page in store.pages(size=_PAGE):
        for one in page:
            kind = kind_of(one.name)
            if kind is not None and kind in found:
                found[kind][one.name] = one
        count += len(page)
        seen(count)
    return found


def belonging(
    store: Store,
    stock: Stock,
    wanted: Wanted,
    seen: Callable[[int], None] = lambda count: None,
) -> Stock:
    """Choose what of a store is meant.

    Parameters
    ----------
    store : Store
    stock : Stock
        What lies there.
    wanted : Wanted
    seen : callable
        Told how many entries were asked so far what they rest on.

    Returns
    -------
    dict
        By kind and name.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    if wanted.everything:
        return stock
    shown = [run for name in wanted.runs if (run := _record(store, name)) is not None]
    called = {key for run in shown for key in keys_of(run)}
    entries = {
        name: one
        for name, one in stock["entries"].items()
        if name.partition("/")[0] in wanted.folders
        or (key := key_in(name)) in called
        or key.startswith(wanted.keys or ("-",))
    }
    rests = _Rests()
    rests.look(store, entries, stock, seen)
    rests.names.update(*map(documents_of, shown))
    folders = {name.partition("/")[0] for name in entries} | wanted.folders
    aliases = {name: one for name, one in stock["alias"].items() if name.split("/")[1] in folders}
    for name in aliases:
        rests.names.update(f"code/{code}.json" for code in alias_codes(name))
    runs = {
        name: one
        for name, one in stock["runs"].items()
        if name in wanted.runs or ((known := parse_name(name)) and known.run in rests.runs)
    }
    rests.look_at_runs(store, runs.keys() - wanted.runs)
    return {
        "blobs": {name: one for name, one in stock["blobs"].items() if name in rests.names},
        "code": {name: one for name, one in stock["code"].items() if name in rests.names},
        "entries": entries,
        "alias": aliases,
        "runs": runs,
    }


def _record(store: Store, name: str) -> SharedRun | None:
    # One byte more than is read of one: a larger one is none.
    data = store.read(name, 0, LARGEST + 201)
    return None if data is None else from_bytes(data, name, store.signing_key)


def keys_of(run: SharedRun) -> set[str]:
    """Give what stands for keys in the names of the entries that a run's calls gave or took."""
    calls = run.trace.calls
    return {key for call in calls for key in (call.key, call.entry) if key is not None}


def documents_of(run: SharedRun) -> set[str]:
    """Give the names of the sources that the record of a run speaks of."""
    codes = {call.code for call in run.trace.calls} | {one.digest for one in run.trace.analyses}
    return {f"code/{code}.json" for code in codes if code}


class _Rests:
    """What entries rest on: names of kept outputs and sources, and ids of runs."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.runs: set[str] = set()
        self._lock = Lock()

    def look(
        self, store: Store, entries: Iterable[str], stock: Stock, seen: Callable[[int], None]
    ) -> None:
        """Ask entries; one that cannot be read answers no call, and is not copied either."""
        if not (stock["blobs"] or stock["code"] or stock["runs"]):
            return
        count = 0
        asking = together(entries, partial(self._ask, store), threads=threads_for(store))
        for done in asking:
            if done is not None:
                count += 1
                if done.error is not None:
                    raise done.error
            seen(count)

    def look_at_runs(self, store: Store, names: Iterable[str]) -> None:
        """Take what records of runs speak of: whoever reads one looks into the sources too."""
        for name in names:
            run = _record(store, name)
            if run is not None:
                self.names |= documents_of(run)

    def _ask(self, store: Store, name: str) -> None:
        try:
            info = read_info(store, name)
        except EntryError:
            return
        if info is None:
            return
        digests = kept_outputs(store, info) | kept_figures(info)
        blobs = {f"blobs/{digest}" for digest in digests}
        with self._lock:
            self.names.update(blobs, [f"{blob}.mark" for blob in blobs])
            self.names.add(f"code/{info.code}.json")
            self.runs.add(info.run)
