"""A project's store together with the records of its runs, as a shared store would have them.

The runs of a project whose store nobody shares have records on this machine alone.  To copy them
elsewhere they are put into the form that others read, one by one as they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jobtui_core.errors import StoreError
from jobtui_core.project.running.history import runs
from jobtui_core.stores import Listed, Store
from jobtui_core.stores.addresses import scheme_of
from jobtui_core.stores.around import StoreAround
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.sharing.records import (
    origin_of,
    parse_name,
    record_name,
    run_lines,
    to_bytes,
)

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["WithOwnRuns"]


class WithOwnRuns(StoreAround):
    """A project's store, with the records of the project's runs that ended.

    Parameters
    ----------
    store : Store
        The project's.
    project : Project
    """

    def __init__(self, store: Store, project: Project) -> None:
        super().__init__(store)
        self._project = project
        self._origin = origin_of(project.root)

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`; how large a record is turns out when it is read."""
        own = [
            Listed(name, 0, info.ended or 0.0)
            for info in runs(self._project)
            if not info.state.active and info.ended is not None
            if (name := record_name(info.id, self._origin)).startswith(prefix)
            and parse_name(name) is not None
        ]
        yield from self.inner.pages(prefix, size)
        yield from (own[start : start + size] for start in range(0, len(own), size))

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        return (one for page in self.pages(prefix) for one in page)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        known = parse_name(name)
        if known is None or known.origin != self._origin:
            return self.inner.read(name, start, length)
        trace = read_run(self._project.runs_folder / known.run)
        if trace.info.state.active or trace.info.ended is None:
            return None
        lines = run_lines(trace, project=True, store_name=_elsewhere)
        try:
            data = to_bytes(lines, name, self.signing_key)
        except ValueError as error:
            raise StoreError(f"run {known.run} cannot be shared: {error}", name=name) from error
        return data[start:] if length is None else data[start : start + length]


def _elsewhere(place: str | None) -> str | None:
    """Name another store in a record: where somebody's folders lie means nothing elsewhere."""
    return place if place is None or scheme_of(place) is not None else "?"
