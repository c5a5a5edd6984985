"""Analyses and sources that a run puts beside the project's results, for showing what changed.

They are named by their content.  A store on another machine is told each of them once; after that
a note on this machine says so, until something is computed: then the store may have been emptied.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.root import STATE_FOLDER, load_config
from jobtui_core.tracing import protocol
from jobtui_core.tracing.sharing.used import used_store

if TYPE_CHECKING:
    from jobtui_core.stores import Store
    from jobtui_core.tracing.sharing.told import Told

__all__ = ["Documents", "documents_of"]


@lru_cache(maxsize=8)
def documents_of(root: Path) -> Documents:
    """Give the documents of a project, as this process keeps them."""
    return Documents(root)


class Documents:
    """Keeps documents in the store of a project's results.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store: Store | None = None
        self._told: Told | None = None
        self._left: dict[str, bytes] = {}
        """Documents that were not written, because the store was told of them before."""

    def keep(self, digest: str, text: bytes) -> None:
        """Keep a document.

        Raises
        ------
        StoreError
            If the store cannot be opened, or written.
        """
        if self._store is None:
            self._store = used_store(None) or _project_store(self._root)
            if "remote" in self._store.capabilities:
                from jobtui_core.tracing.sharing.told import Told

                self._told = Told(self._root, self._store.url)
        if self._told is None:
            self._store.write_if_absent(f"code/{digest}.json", text)
        elif digest in self._told:
            self._left[digest] = text
        else:
            self._write(digest, text)

    def something_was_computed(self) -> None:
        """Write what was left out: the store may no longer have what it was told."""
        while self._left:
            digest, text = self._left.popitem()
            self._write(digest, text)

    def _write(self, digest: str, text: bytes) -> None:
        assert self._store is not None
        assert self._told is not None
        # Whether it is there is a question that takes as long as telling it.
        self._store.write(f"code/{digest}.json", text)
        self._told.add([digest])


def _project_store(root: Path) -> Store:
    from jobtui_core.stores import open_store

    location = os.environ.get(protocol.STORE) or load_config(root).store
    return open_store(location, root, spool=root / STATE_FOLDER / "spool")
