"""Results for earlier contents of files that a step opened without declaring them.

Such files are no part of a call's key, so that there is one entry for all that they ever held:
that of the last call.  The entries before it are kept beside it, under names made from the key
and what those files held, so that undoing an edit finds them again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from jobtui_core.hashing import combine
from jobtui_core.stores import Store

__all__ = ["copy_entry", "earlier_name"]


def earlier_name(key: str, met: Iterable[Sequence[str | None]]) -> str:
    """Give what stands for a key in the name of an entry with these files met.

    Parameters
    ----------
    key : str
    met : iterable of (path, digest)
        As an entry lists them; no digest stands for a file that is gone.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    files = sorted((path or "", digest or "") for path, digest in met)
    return combine("files met", key, *(part for pair in files for part in pair))


def copy_entry(store: Store, source: str, target: str) -> None:
    """Give an entry a second name, in place of whatever had that name.

    An entry never changes, so that in a folder both names may lead to one file.

    Raises
    ------
    OSError, StoreError
        If the store does not take it.
    """
    old, new = store.local_path(source), store.local_path(target)
    if old is not None and new is not None and _link(old, new):
        return
    data = store.read(source)
    if data is not None:
        store.write(target, data)


def _link(old: Path, new: Path) -> bool:
    """Link a file under a second name; ``False`` if the file system has no such thing."""
    temporary = new.with_name(f".{new.name}-{os.getpid()}")
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        os.link(old, temporary)
        # Where both are one file already, renaming does nothing and leaves the other name.
        temporary.replace(new)
        temporary.unlink(missing_ok=True)
    except OSError:
        return False
    return True
