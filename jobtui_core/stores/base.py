"""What every store can do, and the rules for names in it.

A store holds bytes under names.  It knows nothing of entries, keys or runs, and its errors are
`StoreError` alone: what a backend raises itself never leaves the backend.
"""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

from jobtui_core.errors import StoreError
from jobtui_core.stores.locks import FileLocks
from jobtui_core.stores.signing import SigningKey, environment_key

__all__ = [
    "Capability",
    "Data",
    "Listed",
    "Store",
    "check_name",
    "check_prefix",
    "is_name",
    "join",
    "quote",
]

Part = bytes | bytearray | memoryview
Data = Part | Sequence[Part]
"""Bytes, or several pieces of bytes that are written one after the other without being joined."""

Capability = Literal["exclusive", "local", "range", "remote", "shared"]
"""What a backend may or may not offer.

``exclusive``: `Store.write_if_absent` is atomic among all writers; ``local``: `Store.local_path`
gives files that may be mapped; ``range``: reading a part costs less than reading the whole;
``remote``: each call is a request over a network, so that whoever needs an object asks for it once;
``shared``: other processes see what is written.
"""

_PART = r"[A-Za-z0-9_%+=@,~-][A-Za-z0-9_.%+=@,~-]{0,254}"
is_name = re.compile(rf"{_PART}(?:/{_PART})*").fullmatch
_is_prefix = re.compile(rf"(?:{_PART}/)*(?:{_PART})?").fullmatch
_find_unsafe = re.compile(r"[^A-Za-z0-9_.-]|^\.").search
_unsafe = re.compile(rb"[^A-Za-z0-9_.-]|^\.")

_QUOTED_LENGTH = 150
"""Characters of a quoted text; file systems stop at 255, and encrypted ones at 143 to 175."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of a store, without its content."""

    name: str
    size: int
    """Bytes."""
    mtime: float
    """When it was written, in seconds since the epoch, by the store's clock."""


def check_name(name: str) -> str:
    """Give ``name`` back if it is one that a store may use.

    Names consist of parts of plain ASCII letters, digits and ``_.%+=@,~-`` with ``/`` between
    them; no part begins with a dot.  So no name leads out of a store, hides a file or depends on
    a file system's alphabet.

    Raises
    ------
    StoreError
        If it is not.
    """
    if is_name(name) is None:
        raise StoreError(f"{name!r:.200} is no name for a store's object", name=name)
    return name


def check_prefix(prefix: str) -> str:
    """Give ``prefix`` back if names may begin with it.

    Raises
    ------
    StoreError
        If none does.
    """
    if _is_prefix(prefix) is None:
        raise StoreError(f"{prefix!r:.200} is no beginning of a name in a store", name=prefix)
    return prefix


def quote(text: str) -> str:
    """Turn any text into one part of a name: equal texts, and only those, give equal parts.

    Whatever is not a letter, digit, ``_``, ``.`` or ``-`` of ASCII is written ``%XX``.  A long
    text ends in ``~`` and its digest instead of its tail.
    """
    if not text:
        return "%"
    if _find_unsafe(text) is None:
        quoted = text
    else:
        data = text.encode("utf-8", "surrogatepass")
        quoted = _unsafe.sub(lambda match: b"%%%02X" % match[0][0], data).decode()
    if len(quoted) <= _QUOTED_LENGTH:
        return quoted
    tail = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{quoted[: _QUOTED_LENGTH - 33]}~{tail}"


def join(data: Data) -> bytes:
    """Give what is to be written in one piece."""
    return bytes(data) if isinstance(data, Part) else b"".join(data)


class Store(ABC):
    """Bytes under names.

    Notes
    -----
    What holds for every store:

    - An object is seen whole or not at all, however many write it at once; the last write wins.
    - A missing object is ``None``, and deleting it twice is fine.
    - Nothing is created by opening a store, reading or listing; the first write makes the place.
    - Methods may be called from several threads at once.
    - `StoreError` is the only error that leaves a method, for a bad name too.
    """

    @cached_property
    def options(self) -> Mapping[str, Any]:
        """What it was opened with beyond its URL, fit to be pickled: without secrets."""
        return {}

    @cached_property
    def signing_key(self) -> SigningKey | None:
        """The key that entries and aliases in it are signed with; by default the environment's."""
        return environment_key()

    def with_key(self, key: SigningKey | str | bytes | None) -> Self:
        """Give the same store with another key; with ``None``, itself.

        Parameters
        ----------
        key : SigningKey, str or bytes, optional
        """
        if key is None:
            return self
        other = copy.copy(self)
        other.signing_key = key if isinstance(key, SigningKey) else SigningKey(key)
        return other

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it lies: what `open_store` takes, without credentials."""

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[Capability]:
        """What this store offers beyond the minimum."""

    @abstractmethod
    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read an object or a part of it.

        Parameters
        ----------
        name : str
        start : int
            Offset of the first byte; behind the end gives ``b""``.
        length : int, optional
            Bytes at most; to the end by default.

        Returns
        -------
        bytes or None
            ``None`` if there is no such object.
        """

    @abstractmethod
    def write(self, name: str, data: Data) -> None:
        """Write an object, in place of the one that may be there."""

    @abstractmethod
    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there.

        Returns
        -------
        bool
            Whether this call wrote it.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""

    def delete_all(self, names: Iterable[str]) -> None:
        """Remove many objects, in fewer requests where a store can.

        Raises
        ------
        StoreError
            The first one, if some cannot be removed; all others are by then.
        """
        failed: StoreError | None = None
        for name in names:
            try:
                self.delete(name)
            except StoreError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def copy(self, source: str, target: str) -> None:
        """Give an object a second name, in place of the one that may have it.

        Nothing happens if there is no such object.  The two are objects of their own.
        """
        data = self.read(source)
        if data is not None:
            self.write(target, data)

    def sweep(self) -> None:  # noqa: B027  # most stores have no such thing
        """Remove what writers that were killed left behind, where a store has such a thing.

        Writing does it now and then.
        """

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Give the objects whose names begin with ``prefix``, in no particular order.

        ``prefix`` may end anywhere in a name.  Objects that come or go meanwhile may be in it
        or not.
        """

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """Give the same in pages, as a store has them at hand: to be shown while more come.

        Parameters
        ----------
        prefix : str
        size : int
            Objects on a page at most.

        Notes
        -----
        Each page is asked for when it is wanted: whoever stops has asked for no more.
        """
        objects = iter(self.list(prefix))
        while page := list(islice(objects, size)):
            yield page

    @abstractmethod
    def stat(self, name: str) -> Listed | None:
        """Give an object's size and time; ``None`` if it is not there."""

    def local_path(self, name: str) -> Path | None:
        """Give the file that holds an object, or would; ``None`` in a store without files.

        It is for reading and mapping only.
        """
        check_name(name)
        return None

    def local_file(self, name: str) -> str | None:
        """Give the path of `local_path` as text, where that is quicker."""
        path = self.local_path(name)
        return None if path is None else str(path)

    @property
    def copies(self) -> Store | None:
        """A store of this machine with copies of objects, to be looked into first; or ``None``.

        Copies are disposable: one that is damaged is to be deleted.
        """
        return None

    @property
    def writable(self) -> bool | None:
        """Whether it may be written, where that is known without writing; else ``None``."""
        return None

    @property
    def absent(self) -> bool:
        """Whether it was found, by a listing, that what would hold it is not there: a bucket.

        Such a store is empty, and the first object that is written makes what holds it; who only
        wants to read has probably mistyped its name.
        """
        return False

    def flush(self, timeout: float | None = None) -> int:
        """Wait until everything that was written has arrived.

        Parameters
        ----------
        timeout : float, optional
            Seconds at most; as long as it takes by default.

        Returns
        -------
        int
            Objects that have not; 0 for a store that writes at once.
        """
        return 0

    def is_pending(self, name: str) -> bool:
        """Tell whether an object that this process wrote has not arrived yet.

        It is there for processes of this machine, and others may not see it.
        """
        return False

    @property
    def trouble(self) -> StoreError | None:
        """Why something that was written has not arrived, where that is known."""
        return None

    @property
    def locks(self) -> FileLocks | None:
        """Locks among the processes of this machine that use it; ``None`` where it has none."""
        return None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    def __getstate__(self) -> dict[str, Any]:
        # Without a key of its own it takes that of the environment in which it is unpickled.
        return {
            name: value
            for name, value in self.__dict__.items()
            if name != "signing_key" or value is not None
        }
