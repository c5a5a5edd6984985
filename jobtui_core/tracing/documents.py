"""Analyses and sources that a run puts beside the project's results, for showing what changed.

They are named by their content.  A store on another machine is told of them once something is
computed, and each of them once; a note on this machine says so.
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
        self._texts: dict[str, bytes] = {}
        """Documents for a store on another machine."""
        self._first: set[str] = set()
        """Those among them that whatever is computed rests on."""
        self._written: set[str] = set()
        self._computing = False

    def keep(self, digest: str, text: bytes, *, analysis: bool = False) -> None:
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

                self._told = Told(self._root, self._store)
        if self._told is None:
            self._store.write_if_absent(f"code/{digest}.json", text)
            return
        # Who only finds results tells nothing new of them, and may not be allowed to.
        self._texts[digest] = text
        if analysis:
            self._first.add(digest)
        if self._computing and digest not in self._told:
            self._write(digest)

    def computed(self, digest: str | None) -> None:
        """Write what belongs to a result that was computed: the store may have been emptied.

        Parameters
        ----------
        digest : str, optional
            Of the code that computed it.
        """
        if self._told is None:
            return
        wanted = set() if digest is None else {digest}
        if not self._computing:
            self._computing = True
            wanted |= self._first
            wanted |= {one for one in self._texts if one not in self._told}
        for one in wanted - self._written:
            self._write(one)

    def text(self, digest: str) -> bytes | None:
        """Give a document that this process has for a store on another machine."""
        return self._texts.get(digest)

    def _write(self, digest: str) -> None:
        text = self._texts.get(digest)
        if text is None:
            return
        assert self._store is not None
        assert self._told is not None
        self._written.add(digest)
        # Whether it is there is a question that takes as long as telling it.
        self._store.write(f"code/{digest}.json", text)
        self._told.add([digest])


def _project_store(root: Path) -> Store:
    from jobtui_core.stores import open_store

    location = os.environ.get(protocol.STORE) or load_config(root).store
    return open_store(location, root, spool=root / STATE_FOLDER / "spool")
