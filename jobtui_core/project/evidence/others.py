"""Runs of other machines and projects, as their records in a shared store tell of them.

A look lists the records and reads those that are new; what a remote store said is kept in the
project's index, so that the next process asks for what came since.  Records are somebody else's
word: they are bounded, count for the store that they lie in alone, and their failures, command
lines and unfinished business stay where they happened.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import StoreError
from jobtui_core.project.evidence.harvest import Harvest, harvest
from jobtui_core.project.evidence.stores import ELSEWHERE, MALFORMED
from jobtui_core.regular import open_regular
from jobtui_core.root import STATE_FOLDER
from jobtui_core.tracing.sharing.records import (
    HERE,
    LARGEST,
    PREFIX,
    SharedRun,
    from_text,
    origin_of,
    parse_name,
    unpacked,
)
from jobtui_core.tracing.sharing.told import shared_folder
from jobtui_core.whole import write_whole

if TYPE_CHECKING:
    from jobtui_core.slices import Analysis
    from jobtui_core.stores import Listed, Store

__all__ = ["OtherRuns", "harvest_of", "is_of"]

_MOST = 1_000
"""Records of a store that count, the newest."""

_MOST_BYTES = 256_000_000
"""Bytes of them all."""

_MOST_TEXT = 128_000_000
"""Bytes of them all once they are unpacked; memory for what they say is a few times that."""

_PAGES = 100
"""Pages of names that are asked for at most."""

_AT_ONCE = 8
"""Records that are asked for at a time: each is a request that others need not wait for."""

_PATIENCE = 10.0
"""Seconds after which no further records are asked for; the next look goes on."""


class OtherRuns:
    """The records of runs in one shared store, but for those that this project has itself.

    Parameters
    ----------
    root : Path
        The project's.
    store : Store
    """

    def __init__(self, root: Path, store: Store) -> None:
        self._root = root
        self._store = store
        self._remote = "remote" in store.capabilities
        self._kept = shared_folder(root, store) if self._remote else None
        self._asked = False
        self._listed: dict[str, Listed] = {}
        self._texts: dict[str, int] = {}
        """Bytes of the records that were unpacked, be they any good or not."""
        self.runs: dict[str, SharedRun] = {}
        """By name of the object."""
        self.problem = ""
        """Why the store could not be asked at the last look."""

    def update(self, *, anew: bool) -> tuple[set[str], set[str]]:
        """Look at the store; give the names that came, and those that went or changed.

        Parameters
        ----------
        anew : bool
            Whether a store on another machine is to be asked, too.
        """
        if self._remote and self._asked and not anew:
            return set(), set()
        self._asked = True
        before = dict(self.runs)
        self.problem = ""
        try:
            self._take(self._present())
        except StoreError as error:
            self.problem = error.message
            self._take_kept()
        came = {name for name, run in self.runs.items() if before.get(name) is not run}
        return came, {name for name, run in before.items() if self.runs.get(name) is not run}

    def _present(self) -> dict[str, Listed]:
        """List the records, the newest of others and no more than can be read."""
        found: list[Listed] = []
        for number, page in enumerate(self._store.pages(PREFIX)):
            if number == _PAGES:
                break
            found += [item for item in page if self._is_others(item.name)]
        found.sort(key=lambda item: (item.mtime, item.name), reverse=True)
        chosen: dict[str, Listed] = {}
        room = _MOST_BYTES
        for item in found[:_MOST]:
            room -= item.size
            if item.size <= LARGEST + 200 and room >= 0:
                chosen[item.name] = item
        return chosen

    def _is_others(self, name: str) -> bool:
        known = parse_name(name)
        if known is None:
            return False
        runs = self._root / STATE_FOLDER / "runs"
        # One whose own record is gone is as good as somebody else's.
        return known.origin != origin_of(self._root) or not (runs / known.run).is_dir()

    def _take(self, present: dict[str, Listed]) -> None:
        for name in self._listed.keys() - present.keys():
            self._listed.pop(name)
            self._texts.pop(name, None)
            self.runs.pop(name, None)
            self._forget(name)
        new = [item for item in present.values() if self._listed.get(item.name) != item]
        for item, data in self._read_all(new):
            self._listed[item.name] = item
            run = None if data is None else self._run(data, item.name)
            if run is None:
                self.runs.pop(item.name, None)
            else:
                self.runs[item.name] = run

    def _run(self, data: bytes, name: str) -> SharedRun | None:
        """Read a record, if there is room for it: a small one may unpack to very much."""
        self._texts.pop(name, None)
        room = _MOST_TEXT - sum(self._texts.values())
        if room <= 0:
            return None
        text = unpacked(data, name, self._store.signing_key, room)
        self._texts[name] = len(text or b"")
        return None if text is None else from_text(text, name)

    def _read_all(self, items: Sequence[Listed]) -> Iterator[tuple[Listed, bytes | None]]:
        wanted: list[Listed] = []
        for item in items:
            data = self._kept_bytes(item)
            if data is not None:
                yield item, data
            else:
                wanted.append(item)
        until = time.monotonic() + _PATIENCE
        if not self._remote:
            for item in wanted:
                yield item, self._ask(item)
            return
        # Not at import: most projects keep their results in a folder.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(wanted), _AT_ONCE):
                if time.monotonic() > until and not self.problem:
                    # Else what was not read would be taken for what never ran.
                    self.problem = (
                        f"{len(wanted) - start} of {len(items)} records of runs were not read in "
                        "time; the next look goes on"
                    )
                if self.problem:
                    return
                some = wanted[start : start + _AT_ONCE]
                yield from zip(some, pool.map(self._ask, some), strict=True)

    def _ask(self, item: Listed) -> bytes | None:
        try:
            data = self._store.read(item.name, 0, LARGEST + 201)
        except StoreError as error:
            self.problem = error.message
            return None
        if data is not None:
            self._keep(item, data)
        return data

    # -- in the index ----------------------------------------------------------------------------

    def _place(self, name: str) -> Path | None:
        return None if self._kept is None else self._kept / name.removeprefix(PREFIX)

    def _kept_bytes(self, item: Listed) -> bytes | None:
        """Give a record as the index keeps it, if it is the one that is listed."""
        place = self._place(item.name)
        if place is None:
            return None
        with suppress(OSError, ValueError), open_regular(os.fspath(place)) as file:
            head, data = file.readline(100), file.read(LARGEST + 201)
            if head == _stamp(item):
                return data
        return None

    def _keep(self, item: Listed, data: bytes) -> None:
        place = self._place(item.name)
        # Where there is no folder for it yet, looking makes none.
        if place is not None and (self._root / STATE_FOLDER).is_dir():
            with suppress(OSError):
                place.parent.mkdir(parents=True, exist_ok=True)
                write_whole(place, _stamp(item) + data, 0o600)

    def _forget(self, name: str) -> None:
        place = self._place(name)
        if place is not None:
            with suppress(OSError):
                place.unlink()

    def _take_kept(self) -> None:
        """Take what the store said the last time, in whichever process, if nothing is known."""
        if self.runs or self._kept is None:
            return
        with suppress(OSError):
            for place in sorted(self._kept.glob("*.run"))[-_MOST:]:
                name = f"{PREFIX}{place.name}"
                with suppress(*MALFORMED), open_regular(os.fspath(place)) as file:
                    file.readline(100)
                    data = file.read(LARGEST + 201)
                    run = self._run(data, name) if self._is_others(name) else None
                    if run is not None:
                        self.runs[name] = run


def _stamp(item: Listed) -> bytes:
    return f"{item.size} {item.mtime!r}\n".encode("ascii")


def is_of(name: str, root: Path) -> bool:
    """Tell whether a record is of a run of this project on this machine."""
    known = parse_name(name)
    return known is not None and known.origin == origin_of(root)


# Evidence ---------------------------------------------------------------------------------------


def harvest_of(
    shared: SharedRun,
    place: str | None,
    known: Collection[str],
    analysis_of: Callable[[str], Analysis | None],
    *,
    mine: bool = False,
) -> Harvest:
    """Read what somebody else's run shows about the store that its record lies in.

    Parameters
    ----------
    shared : SharedRun
    place : str or None
        That store; ``None`` is the project's.
    known : collection of str
        Other stores of this project that are shared.
    analysis_of : callable
        Gives the analysis with a digest, or ``None`` where it is lost.
    mine : bool
        Whether it was one of this project's on this machine, whose own record is gone.
    """

    def here(store: str | None) -> str | None:
        if store is None:
            return None if shared.project and place is None else ELSEWHERE
        if store == HERE:
            return place
        return store if store in known else ELSEWHERE

    calls = [
        replace(
            call,
            store=here(call.store),
            accepted=tuple(
                (function, new, old, here(where or None) or "")
                for function, new, old, where in call.accepted
            ),
        )
        for call in shared.trace.calls
    ]
    trace = replace(shared.trace, calls=calls)
    found = harvest(trace, analysis_of)
    found.user, found.host = shared.user, shared.host
    found.foreign, found.mine = True, mine
    failed = {record.site.function for record in found.records if record.failed is not None}
    found.records = [
        replace(record, foreign=True)
        for record in found.records
        # That it failed there says nothing of here.
        if record.failed is None and not any(call.store == ELSEWHERE for call in record.calls)
    ]
    found.kept = {address: call for address, call in found.kept.items() if call.store != ELSEWHERE}
    shown = {record.site.function for record in found.records if record.calls}
    away = {call.function for call in calls if call.store == ELSEWHERE}
    for function in away | (failed - shown):
        found.sightings.pop(function, None)
        found.codes.pop(function, None)
    found.sightings = {
        function: replace(seen, failed=None, foreign=True)
        for function, seen in found.sightings.items()
    }
    found.open_calls.clear()
    return found
