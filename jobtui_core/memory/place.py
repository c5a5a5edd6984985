"""From the location that people give to a ``Memory`` to the place of its store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jobtui_core import tracing
from jobtui_core.memory.project import open_for_scripts
from jobtui_core.stores import BackendStore, Store, UnchangedStore, open_store
from jobtui_core.stores.addresses import folder_of, without_credentials

__all__ = [
    "SUBFOLDER",
    "Address",
    "Place",
    "open_location",
    "place_of",
    "store_at",
    "store_in",
    "store_place",
]

SUBFOLDER = "jobtui"
"""Our part of a location: a cache of joblib's may lie beside it."""


class Address(NamedTuple):
    """What leads to a store that more is to be known of than its URL."""

    url: str
    options: Mapping[str, Any]
    """Fit to be pickled: see `jobtui_core.stores.Store.options`."""


Place = str | Store | Address
"""What leads to a store in another process too."""


def store_place(location: str | os.PathLike[str] | Store) -> str:
    """Make a location absolute, so that it stays where it is when the working folder changes.

    Parameters
    ----------
    location : str, path or Store
        A folder (``~`` is the home folder), a URL, or a store that was opened.

    Returns
    -------
    str
        What `open_store` takes.

    Raises
    ------
    TypeError
        If it is none of these.
    StoreError
        If it is meant to be a URL, and is none.
    """
    if isinstance(location, Store):
        return location.url
    if not isinstance(location, str | os.PathLike):
        raise TypeError(
            f"a location is a folder or a URL, not {location!r:.200} of type {type(location)}"
        )
    text = os.fspath(location)
    if "://" in text:
        return f"{_checked(text).rstrip('/')}/{SUBFOLDER}"
    folder_of(text)
    return os.path.abspath(Path(text.removeprefix("file:")).expanduser() / SUBFOLDER)


def open_location(
    location: str | os.PathLike[str] | Store,
    backend: str = "local",
    options: Mapping[str, Any] | None = None,
    verbose: int = 0,
) -> Store:
    """Open the store at a location.

    Parameters
    ----------
    location : str, path or Store
        As given to ``Memory``.
    backend : str
        ``"local"``, or a name that was given to ``register_store_backend``.
    options : mapping, optional
        For such a backend, or for the kind of store that a URL tells.
    verbose : int
        The same.

    Raises
    ------
    TypeError
        If there is no such backend, or the location is none.
    """
    if isinstance(location, Store):
        return location
    if not isinstance(location, str | os.PathLike):
        raise TypeError(
            f"a location is a folder or a URL, not {location!r:.200} of type {type(location)}"
        )
    if backend == "local":
        place = store_place(location)
        # To a folder, joblib's programs hand options that mean nothing here.
        return open_for_scripts(place, _absolute(options)) if "://" in place else open_store(place)
    # Not made absolute, nor a Path: to a backend it may be anything.
    text = os.path.expanduser(os.fspath(location)).rstrip("/")  # noqa: PTH111
    return open_for_scripts(
        f"{_checked(text)}/{SUBFOLDER}", _absolute(options), backend=backend, verbose=verbose
    )


def _checked(location: str) -> str:
    """Refuse a URL with credentials before it is kept anywhere; give any other location back."""
    return without_credentials(location) if "://" in location else location


def _absolute(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Have a tier lie where it is meant from here, whatever the project and the process."""
    given = dict(options or {})
    if isinstance(given.get("tier"), str | os.PathLike):
        given["tier"] = os.path.abspath(Path(given["tier"]).expanduser())
    return given


def place_of(store: Store) -> Place:
    """Give what leads to a store in another process too.

    That is its URL, with the options that it was opened with; or itself, where it is a backend
    that was set up with what no URL tells.
    """
    if isinstance(store, BackendStore | UnchangedStore):
        return store
    return Address(store.url, store.options) if store.options else store.url


def store_at(place: Place) -> Store:
    """Give the store that `place_of` led to."""
    if isinstance(place, Store):
        return place
    url, options = place if isinstance(place, Address) else (place, {})
    if "://" not in url or url.startswith("file:"):
        return open_store(url)
    # A worker unpickles a function for each of its tasks: a connection is made once.
    key = f"{url} {sorted(options.items())!r}"
    found = _unpickled.get(key)
    if found is None:
        while len(_unpickled) >= _MOST:
            _unpickled.pop(next(iter(_unpickled)), None)
        found = _unpickled.setdefault(key, open_for_scripts(url, options))
    return found


_MOST = 16

_unpickled: dict[str, Store] = {}
"""Stores that other processes told of, by URL and options."""


def store_in(cachedir: str | os.PathLike[str]) -> Store:
    """Give the store of a ``cachedir=``: a folder, from the project's, or a URL.

    Raises
    ------
    ConfigurationError, StoreError
        As `open_location` does.
    """
    return _store_in(tracing.project_root(), os.fspath(cachedir))


@lru_cache(maxsize=64)
def _store_in(root: Path, cachedir: str) -> Store:
    return open_location(cachedir if "://" in cachedir else root / Path(cachedir).expanduser())
