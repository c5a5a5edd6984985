"""A store in a project's folder together with the records of the project's runs that used it.

The runs of such a store have records on this machine alone, and with the project, not with the
store.  To copy them elsewhere they are put into the form that others read, one by one as they are
asked for, as if the store had always been shared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jobtui_core.errors import StoreError
from jobtui_core.project.running.history import runs
from jobtui_core.root import relative_name
from jobtui_core.stores import Listed, LocalStore, Store
from jobtui_core.stores.around import StoreAround
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.sharing.records import (
    name_elsewhere,
    origin_of,
    parse_name,
    record_name,
    run_lines,
    to_bytes,
)

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["WithOwnRuns"]

_SOURCES = "code/"


class WithOwnRuns(StoreAround):
    """A store, with the records of the project's runs that ended and used it.

    Parameters
    ----------
    store : Store
        The project's, or that of a `Memory`.
    project : Project
    """

    def __init__(self, store: Store, project: Project) -> None:
        super().__init__(store)
        self._project = project
        self._origin = origin_of(project.root)
        own = project.open_store()
        self._name: str | None = None
        """How records of runs name the store; ``None`` for the project's."""
        self._documents: Store | None = None
        """Where the sources that records speak of lie, unless they lie in it."""
        if own.url != store.url:
            self._name = store.url
            if isinstance(store, LocalStore):
                self._name = relative_name(store.path, project.root)
            self._documents = own

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`; how large a record is turns out when it is read."""
        seen: set[str] = set()
        for page in self.inner.pages(prefix, size):
            seen.update(one.name for one in page if one.name.startswith(_SOURCES))
            yield page
        records = [
            Listed(name, 0, info.ended or 0.0)
            for info in runs(self._project)
            if not info.state.active and info.ended is not None
            if (name := record_name(info.id, self._origin)).startswith(prefix)
            and parse_name(name) is not None
            and self._used_by(info.id)
        ]
        yield from (records[start : start + size] for start in range(0, len(records), size))
        if records and self._documents is not None and prefix in ("", _SOURCES):
            for page in self._documents.pages(_SOURCES, size):
                yield [one for one in page if one.name not in seen]

    def _used_by(self, run: str) -> bool:
        """Tell whether a run has results in the store; all count as runs of the project's own."""
        if self._name is None:
            return True
        calls = read_run(self._project.runs_folder / run).calls
        return any(call.store == self._name and call.result is not None for call in calls)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        return (one for page in self.pages(prefix) for one in page)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        known = parse_name(name)
        if known is None or known.origin != self._origin:
            data = self.inner.read(name, start, length)
            if data is None and self._documents is not None and name.startswith(_SOURCES):
                data = self._documents.read(name, start, length)
            return data
        trace = read_run(self._project.runs_folder / known.run)
        if trace.info.state.active or trace.info.ended is None:
            return None
        lines = run_lines(
            trace,
            project=self._name is None,
            store_name=lambda place: name_elsewhere(place, self._name),
        )
        try:
            data = to_bytes(lines, name, self.signing_key)
        except ValueError as error:
            raise StoreError(f"run {known.run} cannot be shared: {error}", name=name) from error
        return data[start:] if length is None else data[start : start + length]
