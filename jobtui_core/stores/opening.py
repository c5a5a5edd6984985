"""From a location, as settings and users write it, to a store."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jobtui_core.errors import StoreError
from jobtui_core.stores.base import Store
from jobtui_core.stores.local import LocalStore
from jobtui_core.stores.memory import MemoryStore
from jobtui_core.stores.unchanged import UnchangedStore, is_checking

__all__ = ["open_store", "register_store_backend"]

_scheme = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=//|/)").match
_lock = threading.Lock()
_memories: dict[str, MemoryStore] = {}


def _open_memory(url: str) -> Store:
    name = url.partition("://")[2]
    with _lock:
        return _memories.setdefault(name, MemoryStore(name))


def _open_file(url: str) -> Store:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise StoreError(f"{url}: a file: URL names a path on this machine", url=url)
    return LocalStore(unquote(parts.path))


_backends: dict[str, Callable[[str], Store]] = {"file": _open_file, "memory": _open_memory}


def register_store_backend(scheme: str, backend: Callable[[str], Store]) -> None:
    """Teach `open_store` a scheme.

    Parameters
    ----------
    scheme : str
        What stands before ``://``, in any case.
    backend : callable
        Takes the URL and gives the store, without touching it: an object that cannot be reached
        is the concern of the first read or write.
    """
    if not isinstance(scheme, str) or not _scheme(f"{scheme}://"):
        raise ValueError(
            "Store backend name should be a string that can stand before '://' in a URL, "
            f"not {scheme!r}"
        )
    if not callable(backend):
        raise ValueError(
            "Store backend should inherit StoreBackendBase, or be a function that opens a store; "
            f"{backend!r} of {scheme!r} does not"
        )
    _backends[scheme.lower()] = backend


def open_store(location: str | Path, base: Path | None = None) -> Store:
    """Give the store at a location, without creating or touching anything.

    Parameters
    ----------
    location : str or Path
        A folder (``~`` is the home folder), or a URL of a known scheme: ``file:``, ``memory://``
        or one that was registered.
    base : Path, optional
        What a relative folder counts from; the working directory by default.

    Raises
    ------
    StoreError
        If nobody knows the scheme.

    Notes
    -----
    In a script that a check runs, the store is one that cannot be changed.
    """
    store = _open(location, base)
    return UnchangedStore(store) if is_checking() else store


def _open(location: str | Path, base: Path | None) -> Store:
    if isinstance(location, str) and (match := _scheme(location)):
        scheme = match[1].lower()
        backend = _backends.get(scheme)
        if backend is None:
            known = ", ".join(sorted(_backends))
            raise StoreError(
                f"no store is known for {scheme}: URLs; there are {known}, and folders",
                scheme=scheme,
            )
        return backend(location)
    path = Path(location).expanduser()
    return LocalStore(path if base is None else base / path)
