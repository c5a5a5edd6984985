"""What belongs together in a store: some results, and all that they rest on there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from jobtui_core.entry import read_info
from jobtui_core.errors import EntryError, StoreError
from jobtui_core.stores import Listed, Store
from jobtui_core.upkeep.contents import key_in
from jobtui_core.upkeep.kinds import KINDS, Kind, alias_codes, kind_of
from jobtui_core.upkeep.together import threads_for, together

__all__ = ["Stock", "Wanted", "belonging", "take_stock"]

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which results are meant: those that any of these names; all of a store if none does."""

    folders: frozenset[str] = frozenset()
    """Functions, as `quote` writes their identities in the names of entries."""
    keys: tuple[str, ...] = ()
    """Keys, or their first digits."""
    runs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Keys of the calls of runs, by the runs' ids."""

    @property
    def everything(self) -> bool:
        """Whether nothing was named."""
        return not (self.folders or self.keys or self.runs)

    def has(self, entry: str) -> bool:
        """Tell whether the entry of that name is meant."""
        if self.everything or entry.partition("/")[0] in self.folders:
            return True
        key = key_in(entry)
        return key.startswith(self.keys or ("-",)) or any(
            key in keys for keys in self.runs.values()
        )


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
    there: Stock,
    seen: Callable[[int], None] = lambda count: None,
) -> dict[Kind, list[Listed]]:
    """Choose what of a store is meant.

    Parameters
    ----------
    store : Store
    stock : Stock
        What lies there.
    wanted : Wanted
    there : Stock
        What is known elsewhere: an entry of it is not asked what it rests on, since that was
        there before it.
    seen : callable
        Told how many entries were asked so far.

    Returns
    -------
    dict
        By kind, in the order of `KINDS`.
    """
    if wanted.everything:
        return {kind: list(stock[kind].values()) for kind in KINDS}
    entries = [one for one in stock["entries"].values() if wanted.has(one.name)]
    folders = {one.name.partition("/")[0] for one in entries} | wanted.folders
    aliases = [one for one in stock["alias"].values() if one.name.split("/")[1] in folders]
    runs = [one for one in stock["runs"].values() if _run_of(one.name) in wanted.runs]
    missing = [one for one in entries if one.name not in there["entries"]]
    names = _named_by(store, missing, stock, seen)
    for one in aliases:
        names.update(f"code/{code}.json" for code in alias_codes(one.name))
    return {
        "blobs": [one for one in stock["blobs"].values() if one.name in names],
        "code": [one for one in stock["code"].values() if one.name in names],
        "entries": entries,
        "alias": aliases,
        "runs": runs,
    }


def _run_of(name: str) -> str:
    return name.split("/")[1].partition(".")[0]


def _named_by(
    store: Store, entries: Iterable[Listed], stock: Stock, seen: Callable[[int], None]
) -> set[str]:
    """Give the names of kept outputs and sources that entries speak of."""
    if not (stock["blobs"] or stock["code"]):
        return set()
    names: set[str] = set()
    lock = Lock()

    def look(one: Listed) -> None:
        try:
            info = read_info(store, one.name)
        except EntryError:
            # It answers no call, and is not copied either.
            return
        if info is not None:
            digests = [output["digest"] for output in info.outputs]
            found = {f"blobs/{digest}" for digest in digests}
            found.update([f"{blob}.mark" for blob in found], [f"code/{info.code}.json"])
            with lock:
                names.update(found)

    count = 0
    for done in together(entries, look, threads=threads_for(store)):
        if done is not None:
            count += 1
            if isinstance(done.error, StoreError):
                raise done.error
        seen(count)
    return names
