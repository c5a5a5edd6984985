"""What a cached function has in its store: records of its results, deleted one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from jobtui_core.entry import EntryInfo, entry_name, read_info
from jobtui_core.errors import EntryError
from jobtui_core.memory.lookup import LookedUpFunction
from jobtui_core.stores import Listed, Store, quote
from jobtui_core.tracing.files import quiet
from jobtui_core.upkeep.contents import is_entry, key_in
from jobtui_core.upkeep.use import uses_of

if TYPE_CHECKING:
    from jobtui_core.records import Preview

__all__ = ["CacheInfo", "StoredCall", "StoredFunction", "stored_calls"]

P = ParamSpec("P")
R = TypeVar("R")

_AT_ONCE = 48
"""Entries of a remote store that are read before the first of them is given."""


class CacheInfo(NamedTuple):
    """What ``functools.lru_cache`` tells under this name, of a cache on disk."""

    hits: int
    misses: int
    maxsize: int | None
    """Always ``None``: what limits there are, are those of the `Memory`."""
    currsize: int
    """Results in the store, whatever code they are from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """One result of a function in a store, without the result itself."""

    key: str
    """The address of the call."""
    function: str
    """``module:qualified name``."""
    arguments: Mapping[str, str]
    """Bounded texts by name, as of when it was computed; untrusted, without control characters."""
    started: float
    """When the call began, in seconds since the epoch."""
    duration: float
    """Seconds that it took."""
    size: int
    """Bytes in the store."""
    code: str
    """Digest of the code that computed it."""
    is_current: bool
    """Whether that is the code of today."""
    last_used: float
    """When it answered a call last, or was written: seconds since the epoch."""
    host: str = ""
    user: str = ""
    preview: Preview | None = field(default=None, repr=False)
    """A picture of the result, made when it was written."""
    digests: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the arguments, by name."""
    inputs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Declared input files: path relative to the project root, and digest of the content."""

    def __str__(self) -> str:
        words = ", ".join(f"{name}={text}" for name, text in self.arguments.items())
        code = "" if self.is_current else ", other code"
        name = self.function.rpartition(":")[2].rpartition("<locals>.")[2]
        facts = f"{_span(self.duration)}, {self.size:,} bytes{code}"
        return f"{name}({words}) of {_moment(self.started)}, {facts}"


class StoredFunction(LookedUpFunction[P, R]):
    """A function whose stored results can be looked through, and deleted one by one."""

    @property
    def hits(self) -> int:
        """How many calls of this process were answered from the store."""
        return self._hits.value

    @property
    def misses(self) -> int:
        """How many calls of this process ran the function."""
        return self._misses.value

    def cache_info(self) -> CacheInfo:
        """Give hits, misses and the number of stored results, as ``functools.lru_cache`` does.

        There is no ``cache_clear``: a program that calls that means to free memory, not to delete
        what was computed in hours.  See `clear`.
        """
        store = self._store()
        size = 0 if store is None else sum(1 for _ in _listed(store, self.identity))
        return CacheInfo(self.hits, self.misses, None, size)

    def entries(self) -> Iterator[StoredCall]:
        """Give records of all stored results of the function, the newest first.

        Results of earlier code are among them.  Nothing is unpickled, and what cannot be read is
        left out.

        Examples
        --------
        >>> for stored in simulate.entries():
        ...     print(stored.arguments["seed"], stored.duration, stored.size)
        """
        store = self._store()
        if store is None:
            return iter(())
        return stored_calls(store, self.identity, self._code(self._whole_target()).static.digest)

    def forget(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Delete the stored result of one call, so that the next one computes it.

        Returns
        -------
        bool
            Whether there was one.

        Raises
        ------
        StoreError
            If it cannot be deleted.

        Notes
        -----
        A result of earlier code goes too where it answers the call, since somebody accepted the
        edit.  Copies of output files stay until `Memory.reduce_size`.
        """
        store = self._store()
        request = self._request(args, kwargs)
        if store is None or request.key is None:
            return False
        request.by_reference = True
        there = {
            entry_name(request.code.identity, info.key) for _, info, _ in self._candidates(request)
        }
        name = entry_name(request.code.identity, request.key)
        if name not in there and store.stat(name) is not None:
            # It cannot be read, which would be told of at every call.
            there.add(name)
        if there:
            store.delete_all(there)
        return bool(there)


def _span(seconds: float) -> str:
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 99.95 else f"{seconds:,.0f} s"


def _moment(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M:%S}"
    except (OverflowError, OSError, ValueError):
        # Whoever writes an entry can write any number into it.
        return "an unknown time"


def stored_calls(store: Store, function: str, code: str) -> Iterator[StoredCall]:
    """Give records of a function's results, the newest first.

    Parameters
    ----------
    store : Store
    function : str
        Identity.
    code : str
        Digest of today's code.
    """
    with quiet():
        uses = uses_of(store).known()
        listed = sorted(_listed(store, function), key=lambda one: one.mtime, reverse=True)
    seen: set[tuple[str, str, float]] = set()
    for one, info in _read_in_order(store, listed):
        # One result may have two names: see `jobtui_core.entry.earlier`.
        if info is None or info.function != function:
            continue
        same = (info.key, info.result, info.started)
        if same in seen:
            continue
        seen.add(same)
        yield _record(info, one, code, max(one.mtime, uses.get(key_in(one.name), 0.0)))


def _read_in_order(store: Store, listed: list[Listed]) -> Iterator[tuple[Listed, EntryInfo | None]]:
    """Read what entries say; over a network some at a time, since each is a request."""

    def read(one: Listed) -> EntryInfo | None:
        with quiet():
            try:
                return read_info(store, one.name)
            except (EntryError, OSError):
                return None

    if "remote" not in store.capabilities:
        yield from ((one, read(one)) for one in listed)
        return
    # Not at import: who looks through a remote store is rare.
    from jobtui_core.upkeep.together import threads_for, together

    for start in range(0, len(listed), _AT_ONCE):
        some = listed[start : start + _AT_ONCE]
        found = {
            done.item.name: done.result
            for done in together(some, read, threads=threads_for(store))
            if done is not None
        }
        yield from ((one, found.get(one.name)) for one in some)


def _listed(store: Store, function: str) -> Iterator[Listed]:
    return (one for one in store.list(f"{quote(function)}/") if is_entry(one.name))


def _record(info: EntryInfo, listed: Listed, code: str, used: float) -> StoredCall:
    arguments = info.arguments
    return StoredCall(
        key=info.key,
        function=info.function,
        arguments={name: facts.get("preview", "") for name, facts in arguments.items()},
        started=info.started,
        duration=info.duration,
        size=listed.size,
        code=info.code,
        is_current=info.code == code,
        last_used=used,
        host=info.host,
        user=info.user,
        preview=info.preview,
        digests={name: facts.get("digest", "") for name, facts in arguments.items()},
        inputs=tuple((path, digest) for path, digest in info.inputs),
    )
