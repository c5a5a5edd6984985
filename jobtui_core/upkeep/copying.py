"""Copying results, and what they rest on, from one store to another.

Names tell the content: what has the same name in both is the same call's, so that only what is
missing is copied, and a copy that was interrupted goes on when it is made again.  Whatever is
copied is held against its checksums before it is written, byte for byte as it was read: damage
stays where it is, and signatures stay good.  Objects follow those that they rest on, so that at
any moment the other store holds nothing that leads nowhere.  Nothing is ever deleted or replaced.
"""

from __future__ import annotations

import json
import mmap
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

from xxhash import xxh3_128_hexdigest

from jobtui_core.aliases import is_alias
from jobtui_core.codecs import Frame
from jobtui_core.entry.mapping import map_file, may_map
from jobtui_core.entry.whole import check_entry
from jobtui_core.errors import (
    EntryCorruptError,
    EntryError,
    StoreDeniedError,
    StoreError,
    StoreUnavailableError,
)
from jobtui_core.stores import Listed, Store
from jobtui_core.tracing.sharing.records import LARGEST, from_bytes
from jobtui_core.upkeep.belonging import Stock, Wanted, belonging, take_stock
from jobtui_core.upkeep.kinds import KINDS, Kind
from jobtui_core.upkeep.together import threads_for, together

__all__ = ["Copied", "CopyPlan", "CopyProgress", "LeftOut", "carry_out", "plan_copy"]

_LARGE = 8 << 20
"""Bytes from which an object is not held in memory: threads times this are, at most; of records of
runs, what the largest takes."""

_LARGEST_DOCUMENT = 16_000_000
"""Bytes of a document that readers read."""

_MOST_TOLD = 1000
"""Objects that were left out whose names are kept."""


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """What is to be copied: all of it is missing in the target."""

    source: Store
    target: Store
    missing: Mapping[Kind, tuple[Listed, ...]]
    there: int
    """Objects that were chosen, and need no copy."""

    @property
    def objects(self) -> int:
        """How many are missing."""
        return sum(map(len, self.missing.values()))

    @property
    def size(self) -> int:
        """Bytes of them."""
        return sum(one.size for objects in self.missing.values() for one in objects)


class CopyProgress(NamedTuple):
    """How far a copy is."""

    objects: int
    """Dealt with, whether copied or left out."""
    size: int
    """Bytes of them."""
    of_objects: int
    of_size: int
    kind: Kind
    """What is being copied now."""
    seconds: float
    """Since it began."""


class LeftOut(NamedTuple):
    """An object that was not copied, and why."""

    name: str
    reason: str


@dataclass(slots=True)
class Copied:
    """What a copy came to."""

    objects: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    """Copied ones, by kind."""
    size: int = 0
    """Bytes of them."""
    there: int = 0
    """Objects that needed no copy; among them those that somebody else copied meanwhile."""
    gone: int = 0
    """Objects that were deleted from the source meanwhile."""
    damaged: int = 0
    """Objects that were left out, since they are not what they should be."""
    left_out: list[LeftOut] = field(default_factory=list)
    """The first of these."""
    seconds: float = 0.0
    stopped: bool = False
    """Whether somebody stopped it."""
    error: StoreError | None = None
    """Why it did not go on, if one of the stores gave out."""

    @property
    def whole(self) -> bool:
        """Whether nothing is left to copy."""
        return not self.stopped and self.error is None


def plan_copy(
    source: Store,
    target: Store,
    choose: Callable[[Stock], Wanted] = lambda stock: Wanted(),
    seen: Callable[[str, int], None] = lambda what, count: None,
) -> CopyPlan:
    """Find out what a copy would copy.

    Parameters
    ----------
    source, target : Store
    choose : callable
        Says what is wanted of what lies in the source; everything by default.
    seen : callable
        Told now and then what is looked at, and how much of it was so far.

    Raises
    ------
    StoreError
        If one of them cannot be listed.
    """
    stock = take_stock(source, lambda count: seen(f"listing {source.url}", count))
    there = take_stock(target, lambda count: seen(f"listing {target.url}", count))
    chosen = belonging(
        source, stock, choose(stock), lambda count: seen("finding what belongs to them", count)
    )
    missing = {
        kind: tuple(objects[name] for name in sorted(objects.keys() - there[kind].keys()))
        for kind, objects in chosen.items()
    }
    total = sum(map(len, chosen.values()))
    return CopyPlan(source, target, missing, total - sum(map(len, missing.values())))


def carry_out(
    plan: CopyPlan,
    *,
    scratch: Path | None = None,
    progress: Callable[[CopyProgress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Copied:
    """Copy what a plan says.

    Parameters
    ----------
    plan : CopyPlan
    scratch : Path, optional
        A folder for large objects on their way; the system's by default.
    progress : callable
        Told several times a second how far it is, in this thread.
    stop : callable
        Asked as often whether to begin nothing more.

    Returns
    -------
    Copied
        It says also what went wrong: what was copied until then stays, and is whole.
    """
    return _Copying(plan, scratch, progress, stop).carry_out()


class _Copying:
    """One copy on its way.  Its counts change in several threads."""

    def __init__(
        self,
        plan: CopyPlan,
        scratch: Path | None,
        progress: Callable[[CopyProgress], None],
        stop: Callable[[], bool],
    ) -> None:
        self._plan = plan
        self._scratch = scratch
        self._progress = progress
        self._stop = stop
        self._result = Copied(there=plan.there)
        self._lock = Lock()
        self._begun = monotonic()
        self._dealt = self._size = 0
        self._of = plan.objects, plan.size

    def carry_out(self) -> Copied:
        result = self._result
        for kind in KINDS:
            # One kind after the other: a result must not be there before its files are.
            if result.whole and self._plan.missing.get(kind):
                self._copy_all(kind)
        result.seconds = monotonic() - self._begun
        return result

    def _copy_all(self, kind: Kind) -> None:
        plan, result = self._plan, self._result
        threads = threads_for(plan.source, plan.target)
        doing = together(plan.missing[kind], lambda one: self._copy_one(kind, one), threads=threads)
        told = 0.0
        for done in doing:
            error = None if done is None else done.error
            if isinstance(error, StoreError):
                result.error = error
            elif error is not None:
                raise error
            now = monotonic()
            if done is None or now - told >= 0.1 or self._dealt == self._of[0]:
                told = now
                self._progress(self._now(kind))
                result.stopped = self._stop()
            if not result.whole:
                # Waits for what was begun, so that its counts are in the result.
                doing.close()
                return

    def _now(self, kind: Kind) -> CopyProgress:
        return CopyProgress(self._dealt, self._size, *self._of, kind, monotonic() - self._begun)

    def _copy_one(self, kind: Kind, one: Listed) -> None:
        try:
            data = self._read(kind, one)
            if data is not None:
                self._check(kind, one.name, data)
        except (EntryError, StoreError) as error:
            # The rest of the store may well be whole, and open to us.
            if isinstance(error, StoreUnavailableError) or (
                isinstance(error, StoreDeniedError) and not self._dealt
            ):
                raise
            with self._lock:
                self._deal(one)
                self._result.damaged += 1
                if len(self._result.left_out) < _MOST_TOLD:
                    self._result.left_out.append(LeftOut(one.name, error.message))
            return
        new = data is not None and self._plan.target.write_if_absent(one.name, data)
        with self._lock:
            self._deal(one)
            if data is None:
                self._result.gone += 1
            elif new:
                self._result.objects[kind] += 1
                self._result.size += len(data)
            else:
                self._result.there += 1

    def _deal(self, one: Listed) -> None:
        self._dealt += 1
        self._size += one.size

    def _read(self, kind: Kind, one: Listed) -> Frame | None:
        """Read an object whole: into memory if it is small."""
        store = self._plan.source
        if one.size < _LARGE:
            # Whatever a listing says, there may be more.  A record that is put together when it is
            # read is listed without a size.
            most = LARGEST if kind == "runs" else one.size
            data = store.read(one.name, 0, most + 1)
            if data is not None and len(data) > most:
                raise EntryCorruptError("it is larger than the store's listing says")
            return data
        path = store.local_file(one.name)
        if path is not None and may_map(path):
            mapped = map_file(path, writable=False, first=0)
            if mapped is not None:
                return memoryview(mapped[0])
        return self._fetch(store, one)

    def _fetch(self, store: Store, one: Listed) -> Frame | None:
        """Read a large object by parts, into a file that has no name, and map that."""
        try:
            room = shutil.disk_usage(self._scratch or tempfile.gettempdir()).free
            if one.size > room:
                raise StoreError(
                    f"its {one.size:,} bytes do not fit on the disk that it goes by", url=store.url
                )
            with tempfile.TemporaryFile(dir=self._scratch) as file:
                while file.tell() < one.size:
                    part = store.read(one.name, file.tell(), _LARGE)
                    if part is None:
                        return None
                    if not part:
                        break
                    file.write(part)
                file.flush()
                # A copy of the descriptor is the mapping's own.
                return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except StoreError:
            raise
        except OSError as error:
            raise StoreUnavailableError(
                f"no room for {one.name} on its way: {error.strerror or error}", url=store.url
            ) from error

    def _check(self, kind: Kind, name: str, data: Frame) -> None:
        """Hold an object against what its name promises.

        Raises
        ------
        EntryError
            If it is something else.
        """
        source = self._plan.source
        if kind == "entries":
            check_entry(data, name, source.signing_key)
        elif kind == "blobs":
            digest = name.removeprefix("blobs/")
            found = xxh3_128_hexdigest(data)
            if found != digest if not digest.endswith(".mark") else len(data):
                raise EntryCorruptError("its content is not what its name says")
        elif kind == "alias":
            if not is_alias(source, name, bytes(data)):
                raise EntryCorruptError("it is no acceptance that would be followed")
        elif kind == "runs":
            if from_bytes(bytes(data), name, source.signing_key) is None:
                raise EntryCorruptError("it is no record of a run that would be read")
        elif not _is_document(data):
            raise EntryCorruptError("it is no document of ours")


def _is_document(data: Frame) -> bool:
    if len(data) > _LARGEST_DOCUMENT:
        return False
    try:
        return isinstance(json.loads(bytes(data)), dict)
    except (ValueError, RecursionError):
        return False
