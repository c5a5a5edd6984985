"""What verdicts ask of stores: whether entries and files are kept, and documents behind digests.

A store on another machine is asked in listings and left alone for a while, see `presence`; of one
that does not answer nothing is known, which is not the same as that nothing is there.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jobtui_core.diffs.code import definitions
from jobtui_core.entry import read_info
from jobtui_core.errors import (
    JobtuiError,
    StoreDeniedError,
    StoreError,
    StoreUnavailableError,
)
from jobtui_core.project.evidence.copies import Copies
from jobtui_core.project.evidence.presence import REST, Presence
from jobtui_core.root import relative_name
from jobtui_core.stores import LocalStore, open_store, quote
from jobtui_core.tracing.sharing.places import is_shared, may_open

if TYPE_CHECKING:
    from jobtui_core.diffs.code import Definition
    from jobtui_core.project.folder import Project
    from jobtui_core.stores import Listed, Store

__all__ = ["ELSEWHERE", "MALFORMED", "Stores"]

MALFORMED = (
    OSError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError,
    JobtuiError,
)  # fmt: skip
"""What reading a file that somebody else wrote may raise."""

ELSEWHERE = "?"
"""The place of what another machine keeps where this one does not look."""

_DOCUMENT_LIMIT = 64_000_000
"""Bytes of a stored analysis or source record that are read at most."""

_DEFINITIONS_KEPT = 4_096
"""Fingerprints whose definitions are remembered: an edit of what all steps call asks for all."""


class Stores:
    """The stores of a project, by the names that records give them.

    Parameters
    ----------
    project : Project
        Nothing is opened before it is asked for.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._open: dict[str | None, Store] = {}
        self._copies = Copies(project.root)
        self._asked = -REST
        self._presence: dict[str | None, Presence] = {}
        self._signed: dict[tuple[str | None, str, Listed | None], bool] = {}
        self._documents: dict[str, bool] = {}
        self._definitions: dict[str, Sequence[Definition]] = {}
        self.objects: dict[tuple[str | None, str], bool] = {}
        """Objects that were asked for since the last look began, and whether they exist."""
        self.silent: dict[str | None, str] = {}
        """Why stores did not answer at this look."""
        self.shared: list[str | None] = []
        """Those that others use too, as far as they are known."""

    def begin(self) -> bool:
        """Begin another look; tell whether stores on other machines are to be asked anew."""
        self.objects = {(None, name): there for name, there in self._documents.items()}
        self.silent.clear()
        if time.monotonic() - self._asked < REST:
            return False
        self._asked = time.monotonic()
        for presence in self._presence.values():
            presence.clear()
        return True

    def look_again(self) -> None:
        """Ask them anew at the next look, however lately they were asked."""
        self._asked = -REST

    def at(self, place: str | None) -> Store:
        """Give a store; ``None`` is the project's.

        Raises
        ------
        StoreError
            If it cannot be opened, or a record is no reason to do so.
        """
        if place not in self._open:
            if place is None:
                store = self._project.open_store()
            elif place == ELSEWHERE or not may_open(place, self._project.config.stores):
                raise StoreError(f"{place} is not opened because a record names it", url=place)
            else:
                store = open_store(place, base=self._project.root)
            self._open[place] = self._with_what_waits(store)
        return self._open[place]

    def _with_what_waits(self, store: Store) -> Store:
        """Have a store show what is on its way to it, from runs on this machine."""
        if "remote" not in store.capabilities:
            return store
        # Not at import: most projects keep their results in a folder.
        from jobtui_core.stores.spool import spooled

        return spooled(store, self._project.state_folder / "spool", sends=False)

    def can_open(self, place: str | None) -> bool:
        """Tell whether the kind of a store is known here at all."""
        try:
            self.at(place)
        except StoreError:
            return False
        return True

    def folder_of(self, place: str | None) -> str | None:
        """Give the folder of a store on this machine's disks; ``None`` for other stores."""
        try:
            store = self.at(place)
        except MALFORMED:
            return None
        return os.fspath(store.path) if isinstance(store, LocalStore) else None

    def is_shared(self, place: str | None) -> bool:
        """Tell whether runs of others may lie in a store.

        Others use it too, or results with the records of their runs were copied to it.
        """
        try:
            store = self.at(place)
            if isinstance(store, LocalStore) and (store.path / "runs").is_dir():
                return True
            return is_shared(store, self._project.root)
        except MALFORMED:
            return False

    def place_of(self, location: str) -> str | None:
        """Give the name that records here give to a location: ``None`` if it is the project's."""
        try:
            store = self.at(location)
            if store.url == self.at(None).url:
                return None
        except MALFORMED:
            return location
        if isinstance(store, LocalStore):
            return relative_name(store.path, self._project.root)
        return store.url

    # -- objects ---------------------------------------------------------------------------------

    def exists(self, name: str, place: str | None) -> bool:
        """Tell whether a store has an object; one that does not answer is noted as silent."""
        try:
            store = self.at(place)
            if "remote" in store.capabilities:
                found = self._present(store, place).has(name)
            else:
                found = store.stat(name) is not None
        except (StoreUnavailableError, StoreDeniedError) as error:
            self.silent[place] = error.message
            found = False
        except MALFORMED:
            found = False
        self.objects[place, name] = found
        return found

    def _present(self, store: Store, place: str | None) -> Presence:
        presence = self._presence.get(place)
        if presence is None:
            presence = self._presence[place] = Presence(store)
        return presence

    def changed(self, function: str, *, lately: bool) -> None:
        """Take note that there may be more entries of a function.

        Parameters
        ----------
        function : str
        lately : bool
            Whether to ask even a store that was asked a moment ago.
        """
        for presence in self._presence.values():
            presence.forget(f"{quote(function)}/", lately=lately)

    def is_signed(self, name: str, place: str | None) -> bool:
        """Tell whether an entry has the signature that its store asks for, if it asks for one."""
        try:
            store = self.at(place)
            if store.signing_key is None:
                return True
            if "remote" not in store.capabilities:
                return _is_readable(store, name)
            # Each answer is a request: it holds for as long as the entry is the same one.
            address = (place, name, self._present(store, place).listed(name))
            if address not in self._signed:
                self._signed[address] = _is_readable(store, name)
            return self._signed[address]
        except MALFORMED:
            return False

    # -- documents -------------------------------------------------------------------------------

    def document(self, digest: str, place: str | None = None) -> dict[str, object] | None:
        """Give ``code/<digest>.json``, or ``None`` if it is lost or malformed.

        Parameters
        ----------
        digest : str
        place : str, optional
            The store to look in; by default in the project's, then in those that it shares.
        """
        if not digest.isalnum():
            return None
        places = [None, *self.shared] if place is None else [place]
        found = (self._document(f"code/{digest}.json", one) for one in dict.fromkeys(places))
        return next((document for document in found if document is not None), None)

    def _document(self, name: str, place: str | None) -> dict[str, object] | None:
        try:
            store = self.at(place)
            data = self._copies.read(store, name) if "remote" in store.capabilities else None
            if data is None:
                data = store.read(name, 0, _DOCUMENT_LIMIT)
                if data is not None and "remote" in store.capabilities:
                    self._copies.keep(store, name, data)
            self.objects[place, name] = data is not None
            if place is None:
                self._documents[name] = data is not None
            found = None if data is None else json.loads(data)
        except (StoreUnavailableError, StoreDeniedError) as error:
            self.silent[place] = error.message
            return None
        except MALFORMED:
            return None
        return found if isinstance(found, dict) else None

    def definitions(self, digest: str) -> Sequence[Definition]:
        """Give the definitions behind a fingerprint, as a store keeps them; none if lost."""
        found = self._definitions.get(digest)
        if not found:
            document = self.document(digest)
            found = definitions(document.get("symbols")) if document is not None else ()
            self._definitions[digest] = found
            while len(self._definitions) > _DEFINITIONS_KEPT:
                del self._definitions[next(iter(self._definitions))]
        return found

    def problems(self) -> Iterator[str]:
        """Say in a sentence each which stores did not answer at this look."""
        for place, why in sorted(self.silent.items(), key=lambda item: item[0] or ""):
            name = "The project's store" if place is None else f"The store {place}"
            yield f"{name} cannot be asked: {why}. What it keeps is not known."


def _is_readable(store: Store, name: str) -> bool:
    """Tell whether an entry may be used.

    Raises
    ------
    StoreError
        If the store does not answer.
    """
    try:
        return read_info(store, name) is not None
    except (StoreUnavailableError, StoreDeniedError):
        raise
    except MALFORMED:
        return False
