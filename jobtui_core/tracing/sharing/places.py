"""Which stores are shared, and which ones a record may have opened.

A store is shared if others reach it: one on another machine, or a folder outside of the project.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.stores import LocalStore
from jobtui_core.stores.addresses import is_below, scheme_of

if TYPE_CHECKING:
    from jobtui_core.stores import Store

__all__ = ["is_shared", "may_open"]

_PLAIN = frozenset({"file", "memory", "s3"})
"""Schemes of which it is known what opening them does: no program, no other network service."""


def is_shared(store: Store, root: Path) -> bool:
    """Tell whether a store is one that other projects, or other machines, may use too."""
    if isinstance(store, LocalStore):
        inside = os.path.realpath(root) + os.sep
        return not (os.path.realpath(store.path) + os.sep).startswith(inside)
    return "remote" in store.capabilities


def may_open(place: str, stores: Mapping[str, object]) -> bool:
    """Tell whether a store may be opened because a record, or a source, names it.

    Parameters
    ----------
    place : str
        A folder, or a URL.
    stores : mapping
        The project's settings for stores, by the beginnings of URLs: whoever wrote these wants
        them to be used.
    """
    scheme = scheme_of(place)
    if scheme is None or scheme in _PLAIN:
        return True
    return any(is_below(place, prefix) for prefix in stores)
