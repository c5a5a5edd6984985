"""From the location that people give to a ``Memory`` to the place of its store."""

from __future__ import annotations

import os
from pathlib import Path

from jobtui_core.stores import Store

__all__ = ["SUBFOLDER", "store_place"]

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
