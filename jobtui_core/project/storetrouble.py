"""Whether the store of a project's results can be used at all, told before anything runs.

A script goes on without its store and computes everything anew, run after run.  That is right
for a run, but whoever asks what is fresh should hear why nothing ever is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jobtui_core.errors import StoreError
from jobtui_core.stores import LocalStore

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["store_trouble"]


def store_trouble(project: Project) -> str | None:
    """Say in one sentence why results cannot be kept; ``None`` if nothing speaks against it.

    Nothing is written to find out, and nothing is asked of another machine.
    """
    named = "JOBTUI_STORE" if os.environ.get("JOBTUI_STORE") else "the setting store"
    try:
        store = project.open_store()
    except StoreError as error:
        return f"The store that {named} names cannot be used: {error.message}."
    if not isinstance(store, LocalStore):
        return None
    folder = os.fspath(store.path)
    why = _folder_trouble(folder)
    if why is None:
        return None
    return f"The store {folder}, which {named} names, cannot be used: {why}; nothing can be kept."


def _folder_trouble(folder: str) -> str | None:
    place = folder
    while not os.path.lexists(place) and os.path.dirname(place) != place:  # noqa: PTH120  # texts
        place = os.path.dirname(place)  # noqa: PTH120  # as above
    if not os.path.isdir(place):  # noqa: PTH112  # as above
        return f"{place} is no folder"
    if not os.access(place, os.R_OK | os.X_OK):
        return f"{place} cannot be read"
    if place == folder:
        # One that can only be read answers calls as well as any.
        return None
    if not os.access(place, os.W_OK):
        return f"it is not there, and {place} cannot be written"
    return f"{place} holds no files of anybody's" if _holds_no_files(place) else None


def _holds_no_files(place: str) -> bool:
    """Tell a folder that only looks like one, such as ``/proc``, where even root can make none."""
    if not hasattr(os, "statvfs"):
        return False
    try:
        found = os.statvfs(place)
    except OSError:
        return False
    return found.f_blocks == 0 and found.f_files == 0
