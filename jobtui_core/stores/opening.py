"""From a location, as settings and users write it, to a store."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from jobtui_core.errors import StoreError
from jobtui_core.stores.backends import BackendStore, is_backend
from jobtui_core.stores.base import Store
from jobtui_core.stores.local import LocalStore
from jobtui_core.stores.memory import MemoryStore
from jobtui_core.stores.unchanged import UnchangedStore, is_checking

__all__ = ["open_backend", "open_store", "register_store_backend"]

_scheme = re.compile(r"([A-Za-z][A-Za-z0-9_+.-]+):(?=//|/)").match
_memories: dict[str, MemoryStore] = {}


def _open_memory(url: str) -> Store:
    name = url.partition("://")[2]
    return _memories.setdefault(name, MemoryStore(name))


def _open_file(url: str) -> Store:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise StoreError(f"{url}: a file: URL names a path on this machine", url=url)
    return LocalStore(unquote(parts.path))


_backends: dict[str, Any] = {"file": _open_file, "memory": _open_memory}


def register_store_backend(name: str, backend: Callable[[str], Store] | type[Any]) -> None:
    """Teach `open_store`, and ``Memory(backend=…)``, another kind of store.

    Parameters
    ----------
    name : str
        The scheme: what stands before ``://`` in a location, in any case.
    backend : class or callable
        A class of `Store`, or a function, that takes the URL and gives the store without touching
        it: an object that cannot be reached is the concern of the first read or write.  Or a class
        with the methods of joblib's ``StoreBackendBase``; it is set up, by its ``configure``, with
        what stands behind ``://``, or with location and ``backend_options`` of a `Memory`.

    Raises
    ------
    ValueError
        If one of them is nothing of the kind.
    """
    if not isinstance(name, str):
        raise ValueError(f"Store backend name should be a string, not {name!r}")
    if not is_backend(backend) and not callable(backend):
        raise ValueError(
            "Store backend should inherit StoreBackendBase, or be a function that opens a store; "
            f"{backend!r} of {name!r} does not"
        )
    if not name or not (is_backend(backend) or _scheme(f"{name}://")):
        raise ValueError(
            f"Store backend name should be a string that can stand before '://', not {name!r}"
        )
    _backends[name.lower()] = backend


def open_backend(
    name: str, location: str, options: Mapping[str, Any] | None = None, verbose: int = 0
) -> Store:
    """Give the store at a location of a backend that was registered.

    Parameters
    ----------
    name : str
        As registered.
    location : str
        Without a scheme.
    options : mapping, optional
        For the backend, which may refuse them.
    verbose : int

    Raises
    ------
    TypeError
        If there is no such backend, or one that lacks a method.
    """
    backend: Any = _backends.get(name.lower())
    if backend is None:
        raise TypeError(
            f"Unknown location {location!r} or backend {name!r}: register_store_backend makes "
            "one known, and without one the location tells the kind of store"
        )
    if is_backend(backend):
        store: Store = BackendStore(name, backend(), location, options, verbose)
    else:
        store = backend(f"{name.lower()}://{location}", **(options or {}))
    return UnchangedStore(store) if is_checking() else store


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
        if is_backend(backend):
            return BackendStore(scheme, backend(), location.partition("://")[2])
        return cast("Store", backend(location))
    path = Path(location).expanduser()
    return LocalStore(path if base is None else base / path)
