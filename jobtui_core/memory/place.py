"""From the location that people give to a ``Memory`` to the place of its store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobtui_core.stores import BackendStore, Store, UnchangedStore, open_backend, open_store

__all__ = ["SUBFOLDER", "open_location", "place_of", "store_at", "store_place"]

SUBFOLDER = "jobtui"
"""Our part of a location: a cache of joblib's may lie beside it."""


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
    """
    if isinstance(location, Store):
        return location.url
    if not isinstance(location, str | os.PathLike):
        raise TypeError(
            f"a location is a folder or a URL, not {location!r:.200} of type {type(location)}"
        )
    text = os.fspath(location)
    if "://" in text:
        return f"{text.rstrip('/')}/{SUBFOLDER}"
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
        For such a backend.
    verbose : int
        The same.

    Raises
    ------
    TypeError
        If there is no such backend, or the location is none.
    """
    if isinstance(location, Store):
        return location
    if backend == "local":
        return open_store(store_place(location))
    if not isinstance(location, str | os.PathLike):
        raise TypeError(
            f"a location is a folder or a URL, not {location!r:.200} of type {type(location)}"
        )
    # Not made absolute, nor a Path: to a backend it may be anything.
    text = os.path.expanduser(os.fspath(location)).rstrip("/")  # noqa: PTH111
    return open_backend(backend, f"{text}/{SUBFOLDER}", options, verbose)


def place_of(store: Store) -> str | Store:
    """Give what leads to a store in another process too: its URL, or itself.

    A backend was set up with options that no URL tells.
    """
    return store if isinstance(store, BackendStore | UnchangedStore) else store.url


def store_at(place: str | Store) -> Store:
    """Give the store that `place_of` led to."""
    return place if isinstance(place, Store) else open_store(place)
