"""What stores keep of calls: looked at without unpickling, and read where that is safe."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import EntryInfo, entry_name, load_value, read_info
from jobtui_core.entry.mapping import may_map
from jobtui_core.errors import CodecError, EntryError, JobtuiError, text_of
from jobtui_core.project.evidence.stores import MALFORMED

if TYPE_CHECKING:
    from jobtui_core.project.evidence.stores import Stores
    from jobtui_core.stores import Store
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["Entries", "Kept", "UnreadableError"]

_LARGEST = 2 << 30
"""Bytes of a result that is read into memory because it cannot be mapped."""

_REMEMBERED = 2_000


class UnreadableError(JobtuiError):
    """A result that cannot be looked into, and why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a call's result."""

    info: EntryInfo | None = None
    """``None`` where it is not known."""
    problem: str = ""
    """Why it is not: in words that go behind a colon."""


class Entries:
    """The entries of calls.

    Parameters
    ----------
    stores : Stores
        Of the project.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._known: dict[tuple[str | None, str], Kept] = {}

    def kept(self, call: CallRecord) -> Kept:
        """Give what its entry says of a call's result, if it is still that result."""
        key = call.entry or call.key
        if key is None or call.result is None:
            return Kept(problem="its result was not kept")
        kept = self._read(call, key)
        if kept.info is not None and kept.info.result != call.result:
            return Kept(problem="replaced by the result of a later run")
        return kept

    def info(self, call: CallRecord) -> EntryInfo | None:
        """Give what the entry of a call's key says, whichever run it is of."""
        key = call.entry or call.key
        return None if key is None else self._read(call, key).info

    def arguments(self, call: CallRecord) -> Mapping[str, str]:
        """Give the digests of a call's arguments; nothing where they are not known."""
        info = self.info(call)
        known = info.arguments if info is not None else {}
        return {name: facts["digest"] for name, facts in known.items() if facts.get("digest")}

    def _read(self, call: CallRecord, key: str) -> Kept:
        address = (call.store, key)
        kept = self._known.get(address)
        if kept is None:
            kept = self._known[address] = self._look(call, key)
            while len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return kept

    def _look(self, call: CallRecord, key: str) -> Kept:
        try:
            info = read_info(self._stores.at(call.store), entry_name(call.function, key))
        except MALFORMED as error:
            return Kept(problem=f"it cannot be read: {_words(error)}")
        return Kept(info, "" if info is not None else "evicted from its store")

    def value(self, call: CallRecord, info: EntryInfo) -> Any:
        """Read a result, arrays of it over the mapped file where that can be.

        Raises
        ------
        UnreadableError
            If that would unpickle something, or cannot be done here.
        """
        if info.codec in ("pickle", "cloudpickle"):
            raise UnreadableError("pickled")
        name = entry_name(call.function, info.key)
        try:
            store = self._stores.at(call.store)
            if _size(info) > _LARGEST and not _can_be_mapped(store, name):
                raise UnreadableError("too large to be read from there")
            found = load_value(store, name, info.key, "r", allow_pickle=False)
        except (EntryError, CodecError) as error:
            raise UnreadableError(error.message) from error
        except MALFORMED as error:
            raise UnreadableError(_words(error)) from error
        if found is None or found[1].result != info.result:
            raise UnreadableError("evicted or replaced meanwhile")
        return found[0]


def _size(info: EntryInfo) -> int:
    """Give the bytes of a result in memory, as far as that can be told: it may be compressed."""
    preview, size = info.preview, info.size
    if preview is None or preview.kind != "array":
        return size
    digits = "".join(letter for letter in preview.dtype if letter.isdigit())
    width = int(digits) // 8 if digits and len(digits) < 5 else 1
    return max(size, math.prod(preview.shape) * max(width, 1))


def _can_be_mapped(store: Store, name: str) -> bool:
    if "remote" in store.capabilities or store.signing_key is not None:
        return False
    path = store.local_file(name)
    return path is not None and may_map(path)


def _words(error: BaseException) -> str:
    return error.message if isinstance(error, JobtuiError) else text_of(error)
