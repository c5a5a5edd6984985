"""A store that fails when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Capability, Data, Listed, Store, check_name, join

__all__ = ["Fault", "FaultyStore"]

FaultKind = Literal["unavailable", "denied", "torn", "lost"]
"""``unavailable`` and ``denied``: nothing happens but the error.  ``torn``: the first bytes alone
are read or written, without an error; a listing breaks off with one.  ``lost``: the call is done,
and its answer is lost on the way back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Which calls of a `FaultyStore` fail, and how.

    Parameters
    ----------
    kind : {"unavailable", "denied", "torn", "lost"}
    methods : str or collection of str
        ``"read"``, ``"write"``, ``"write_if_absent"``, ``"delete"``, ``"copy"``, ``"list"``,
        ``"pages"`` (each page is a call), ``"stat"``, ``"flush"``; ``"*"``, the default, are all.
    names : str
        A pattern, as of the shell, for names of objects and prefixes of listings.
    first : int
        Number of the first call that fails, among those that the above chooses; from 1.
    times : int, optional
        How many fail from there; by default all.
    keep : int
        Bytes that are left of torn data, or objects of a listing.
    """

    kind: FaultKind
    methods: str | Iterable[str] = "*"
    names: str = "*"
    first: int = 1
    times: int | None = None
    keep: int = 0

    def chooses(self, method: str, name: str) -> bool:
        """Tell whether calls like this one are counted."""
        methods = self.methods
        right = methods in ("*", method) if isinstance(methods, str) else method in methods
        return right and fnmatchcase(name, self.names)

    def strikes(self, number: int) -> bool:
        """Tell whether the call fails that has this number, from 1."""
        return number >= self.first and (self.times is None or number < self.first + self.times)


class FaultyStore(StoreAround):
    """Another store, with faults.

    Parameters
    ----------
    store : Store
    *faults : Fault
        The first of them that strikes decides on a call; each counts its calls for itself.

    Examples
    --------
    >>> from jobtui_core.stores import MemoryStore
    >>> store = FaultyStore(MemoryStore(), Fault("unavailable", "write", times=1))
    >>> store.write("a", b"x")
    Traceback (most recent call last):
    jobtui_core.errors.StoreUnavailableError: memory:// does not answer (write of a)
    >>> store.write("a", b"x")
    """

    def __init__(self, store: Store, *faults: Fault) -> None:
        super().__init__(store)
        self._plan = _Plan(faults)

    def fail(self, *faults: Fault) -> None:
        """Go on with these faults in place of those before; with none, work from now on."""
        self._plan.begin(faults)

    @property
    def struck(self) -> Sequence[tuple[str, str, FaultKind]]:
        """Method, name and kind of the calls that failed since the faults were given, in order."""
        return tuple(self._plan.struck)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Those of the other store, but for local files: who has a path asks no store."""
        return self.inner.capabilities - {"local"}

    @property
    def copies(self) -> Store | None:
        """None: whoever has copies asks no store."""
        return None

    def _next(self, method: str, name: str) -> Fault | None:
        """Count a call; give what is to befall it, unless that is an error at once."""
        fault = self._plan.next(method, name)
        if fault is not None and fault.kind in ("unavailable", "denied"):
            raise self._error(fault.kind, method, name)
        return fault

    def _error(self, kind: FaultKind, method: str, name: str) -> StoreError:
        of = f"({method} of {name})" if name else f"({method})"
        if kind == "denied":
            return StoreDeniedError(f"{self.url} refuses {of}", url=self.url, name=name)
        return StoreUnavailableError(f"{self.url} does not answer {of}", url=self.url, name=name)

    def _after(self, fault: Fault | None, method: str, name: str) -> None:
        if fault is not None and fault.kind == "lost":
            raise self._error("unavailable", method, name)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        fault = self._next("read", name)
        data = self.inner.read(name, start, length)
        self._after(fault, "read", name)
        return data if fault is None or data is None else data[: fault.keep]

    def write(self, name: str, data: Data) -> None:
        """See `Store.write`."""
        fault = self._next("write", name)
        self.inner.write(name, _torn(fault, data))
        self._after(fault, "write", name)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """See `Store.write_if_absent`."""
        fault = self._next("write_if_absent", name)
        written = self.inner.write_if_absent(name, _torn(fault, data))
        self._after(fault, "write_if_absent", name)
        return written

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        fault = self._next("delete", name)
        self.inner.delete(name)
        self._after(fault, "delete", name)

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        fault = self._next("copy", target)
        self.inner.copy(source, target)
        self._after(fault, "copy", target)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        fault = self._next("list", prefix)
        objects = self.inner.list(prefix)
        if fault is None:
            yield from objects
        else:
            yield from islice(objects, fault.keep if fault.kind == "torn" else 0)
            raise self._error("unavailable", "list", prefix)

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`."""
        self._turn(prefix)
        for number, page in enumerate(self.inner.pages(prefix, size)):
            if number:
                self._turn(prefix)
            yield page

    def _turn(self, prefix: str) -> None:
        if self._next("pages", prefix) is not None:
            raise self._error("unavailable", "pages", prefix)

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        fault = self._next("stat", name)
        listed = self.inner.stat(name)
        self._after(fault, "stat", name)
        return listed

    def flush(self, timeout: float | None = None) -> int:
        """See `Store.flush`."""
        fault = self._next("flush", "")
        left = self.inner.flush(timeout)
        self._after(fault, "flush", "")
        return left

    def local_path(self, name: str) -> Path | None:
        """None."""
        check_name(name)
        return None

    def local_file(self, name: str) -> str | None:
        """None."""
        check_name(name)
        return None

    def __copy__(self) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other


class _Plan:
    """Faults and how far they have come; a store has it in common with its copies."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._lock = threading.Lock()
        self.begin(faults)

    def begin(self, faults: Sequence[Fault]) -> None:
        with self._lock:
            self.faults = tuple(faults)
            self.seen = [0] * len(faults)
            self.struck: list[tuple[str, str, FaultKind]] = []

    def next(self, method: str, name: str) -> Fault | None:
        found: Fault | None = None
        with self._lock:
            for place, fault in enumerate(self.faults):
                if fault.chooses(method, name):
                    self.seen[place] += 1
                    if found is None and fault.strikes(self.seen[place]):
                        found = fault
            if found is not None:
                self.struck.append((method, name, found.kind))
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        # In another process the plan begins anew.
        return _Plan, (self.faults,)


def _torn(fault: Fault | None, data: Data) -> Data:
    return data if fault is None or fault.kind != "torn" else join(data)[: fault.keep]
