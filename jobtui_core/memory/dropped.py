"""A function that was dropped from a run's plan: an older result answers what would be computed.

So it is with one that was declared with ``force=True``, where there is a result of equal
arguments.  It does so for that run only.  Nothing is stored under the key of a call that was
answered so, nor under the keys of the calls in whose course that happened, so that the next plain
run computes them.  What takes the old result as an argument is kept as ever: its key tells of
that very value.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.entry import EntryInfo, entry_name, read_info, read_value
from jobtui_core.errors import JobtuiError, text_of
from jobtui_core.memory.lookup import LookedUpFunction
from jobtui_core.memory.notices import warn_once
from jobtui_core.memory.outputs import are_records, is_gone, put_back
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.stores import Store, quote
from jobtui_core.tracing.protocol import is_worker

__all__ = ["DroppableFunction"]

P = ParamSpec("P")
R = TypeVar("R")

_MOST_ENTRIES = 2_000
"""Entries of one function that are looked through for one with equal arguments, newest first."""

_Site = tuple[str, int] | None


class _Turn(NamedTuple):
    """Which call this is: the n-th from its call site."""

    site: _Site
    number: int


class _Older(NamedTuple):
    """An entry of the function, whatever code it is from."""

    started: float
    arguments: dict[str, str]
    """Digests by name."""
    name: str


class _Dropped:
    """What one dropped function keeps for the length of a process."""

    def __init__(self, *, forced: bool = False) -> None:
        self.forced = forced
        """Whether only results of equal arguments will do, each time with a warning."""
        # No lock: a fork might find it taken.
        self.entries: list[_Older] | None = None
        self._turns: dict[_Site, Iterator[int]] = {}

    def turn(self, function: str) -> _Turn:
        """Count a call that is about to be made."""
        if self.forced:
            return _Turn(None, 0)
        site = tracing.current().site_of(function)
        return _Turn(site, next(self._turns.setdefault(site, count())))


class DroppableFunction(LookedUpFunction[P, R]):
    """A function that may be dropped from a run."""

    force = False
    """Whether an older result of equal arguments is better than computing one."""

    @cached_property
    def _dropped(self) -> _Dropped | None:
        # Settled at the first call: what this process was told does not change, and every hit asks.
        asked = tracing.settings().dropped
        names = {self.display_name, self.__name__, self.identity, self.identity.replace(":", ".")}
        if names.intersection(asked):
            return _Dropped()
        return _Dropped(forced=True) if self.force else None

    def _old_answer(self, dropped: _Dropped, request: Request, turn: _Turn) -> Any:
        """Give an older result for a call that would be computed, or `NOTHING`."""
        run = tracing.current()
        if run.folder is None and is_worker():
            # The call in whose course this happens, in another process, could not know of it.
            return NOTHING
        try:
            found = self._old_entry(dropped, request, turn)
            if found is None:
                return NOTHING
            value, info = found
            notes = self._put_back_gone(request, info)
            if dropped.forced:
                notes.append(self._warn_forced(info))
        except JobtuiError:
            # Wrong use: a setting that cannot be used.
            raise
        except Exception as error:  # noqa: BLE001  whatever an entry says, the call is answered
            text = f"{self.display_name}: no older result can be given: {text_of(error)}"
            warn_once(("dropped", self.identity), text)
            return NOTHING
        run.old(
            request.code.identity,
            self.display_name,
            self.kind,
            entry=info.key,
            result=info.result,
            store=self._store_elsewhere(),
            notes=notes,
        )
        return value

    def _warn_forced(self, info: EntryInfo) -> str:
        """Say that a result is not what today's code and inputs give."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(info.started))
        text = (
            f"{self.display_name} changed since, and force=True gives its result of {when}; "
            "nothing is stored, and without force it is computed"
        )
        warn_once(("forced", self.identity), text)
        return text

    def _old_entry(
        self, dropped: _Dropped, request: Request, turn: _Turn
    ) -> tuple[Any, EntryInfo] | None:
        store = self._store()
        if store is None:
            return None
        for name in dict.fromkeys(self._older(store, dropped, request, turn)):
            key = name.rpartition("/")[2].removesuffix(".entry")
            found = read_value(store, name, key, self.mmap_mode, allow_pickle=self.allow_pickle)
            if found is not None:
                return found
        return None

    def _older(
        self, store: Store, dropped: _Dropped, request: Request, turn: _Turn
    ) -> Iterator[str]:
        """Give the names of entries that may stand in for a call's, the best first."""
        if (entries := dropped.entries) is None:
            entries = dropped.entries = _entries(store, self.identity)
        if dropped.forced and request.key is None:
            return
        key = (
            None
            if dropped.forced
            else tracing.current().latest(self.identity, turn.site, turn.number)
        )
        latest = entry_name(self.identity, key) if key is not None and key.isalnum() else None
        arguments = request.argument_digests if request.key is not None else None
        equal = [one.name for one in entries if one.arguments == arguments]
        if latest in equal:
            # Of several with these arguments, that which was in use, not that which is youngest.
            yield latest
        yield from equal
        if dropped.forced:
            return
        if latest is not None:
            yield latest
        yield from (one.name for one in entries)

    def _put_back_gone(self, request: Request, info: EntryInfo) -> list[str]:
        """Bring back the output files of an older result that are not there at all."""
        if not info.outputs or not are_records(info.outputs):
            return []
        if not self._same_outputs(request, info):
            return ["its output files are left as they are: today's are declared otherwise"]
        notes = []
        root = tracing.project_root()
        for output in info.outputs:
            if not is_gone(output, root):
                continue
            try:
                put_back(output, self._store_of(output), root)
                notes.append(f"{output['path']} was put back")
            except OSError as error:
                text = f"{self.display_name}: an output could not be put back: {error}"
                notes.append(text)
                warn_once(("put back", self.identity), text)
        return notes


def _entries(store: Store, function: str) -> list[_Older]:
    """Look through the entries of a function; those that cannot be read are left out."""
    listed = sorted(store.list(f"{quote(function)}/"), key=lambda item: item.mtime, reverse=True)
    found = []
    for item in listed[:_MOST_ENTRIES]:
        try:
            info = read_info(store, item.name)
        except JobtuiError:
            continue
        if info is None:
            continue
        digests = {name: str(one.get("digest", "")) for name, one in info.arguments.items()}
        found.append(_Older(info.started, digests, item.name))
    return sorted(found, key=lambda one: one.started, reverse=True)
