"""Answers the Cache's questions from stores, through what the core offers for looking at them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeVar

from jobtui.services.lane import Lane
from jobtui.services.stores import (
    Arranged,
    EntryColumn,
    Kind,
    OpenStore,
    Query,
    Shown,
    Stopped,
    module_of,
)

if TYPE_CHECKING:
    from jobtui_core.project import Catalogue, Project
    from jobtui_core.project.catalogue.deleting import Deleted, Removal
    from jobtui_core.project.catalogue.fields import EntryFilter
    from jobtui_core.project.catalogue.known import KnownStore
    from jobtui_core.project.catalogue.rows import Facts, Row
    from jobtui_core.records import StepStatus

__all__ = ["CoreStores"]

T = TypeVar("T")

_TOLD = 0.1
"""Seconds between two words about how far something has come."""

_SORTED = 2000
"""Entries of a remote store that are read, at most, for the sake of their order alone."""

_LISTED: frozenset[EntryColumn] = frozenset({"written", "function", "size"})
"""Columns that a listing tells."""

_FIELDS = (
    "fn:fit  size:>10M  age:<7d  took:>10m  alpha=0.1  user:ann  host:mill  type:ndarray  key:3f"
)
"""Examples of what a filter may ask for, the most useful first."""

_TIMED = 200
"""Entries of a remote store that are read, at most, to tell what computing them took."""


class CoreStores:
    """Stores as seen from a project.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._opened: list[_Open] = []

    async def known(self) -> tuple[KnownStore, ...]:
        """Give the stores that the project leads to; none of them is asked."""
        from jobtui_core.project import known_stores

        return await _once(lambda: known_stores(self._project))

    async def open(self, place: str | None, kind: Kind = "") -> tuple[OpenStore, Sequence[Kind]]:
        """Open a store with what is remembered of it; by default the project's."""
        return await _once(lambda: self._open(place, kind))

    def _open(self, place: str | None, kind: Kind) -> tuple[OpenStore, Sequence[Kind]]:
        from jobtui_core.project import open_catalogues

        found = open_catalogues(self._project, place)
        chosen = next((one for one in found if one.kind == kind), found[0])
        chosen.remember()
        others: list[Kind] = [one.kind for one in found if one is not chosen]
        opened = _Open(self._project, chosen)
        self._opened.append(opened)
        return opened, others

    async def close(self) -> None:
        """Let go of all that are still open."""
        while self._opened:
            await self._opened.pop().close()


async def _once(function: Callable[[], T]) -> T:
    """Run a function in a thread that waits behind no other, such as one for a dead store."""
    lane = Lane("store")
    try:
        return await lane.ask(function)
    finally:
        lane.close()


class _Open:
    """A store that is open for looking.

    Listing, reading what entries say, showing one, and putting them in order wait for their like
    only: a store that takes its time holds up no key.
    """

    def __init__(self, project: Project, catalogue: Catalogue) -> None:
        self._project = project
        self._catalogue = catalogue
        self._listing = Lane("store-listing")
        self._reading = Lane("store-reading")
        self._looking = Lane("store-looking")
        self._showing = Lane("store-showing")
        self._arranging = Lane("store-arranging")
        self._closed = False

    @property
    def kind(self) -> Literal["jobtui", "joblib"]:
        """Whose entries they are."""
        return self._catalogue.kind

    @property
    def place(self) -> str:
        """Folder or URL, as it is shown."""
        return self._catalogue.place

    @property
    def read_only(self) -> bool | None:
        """Whether nothing can be deleted; ``None`` where only trying would tell."""
        return self._catalogue.read_only

    @property
    def looked_at(self) -> float | None:
        """When it was listed last, as far as what is shown comes from there."""
        look = self._catalogue.last_look
        return None if look is None or self._catalogue.state != "remembered" else look.time

    def known(self, row: Row) -> Facts | None:
        """Give what an entry says, if that is known; nothing is read."""
        return self._catalogue.known(row)

    @property
    def fields(self) -> str:
        """What a filter may ask for, in one line."""
        return (
            "fn:fit  size:>10M  age:<7d  took:>10m  user:  host:  type:  key:  problem:  alpha=0.1"
        )

    def problem(self, text: str) -> tuple[str, int] | None:
        """Say what is wrong with a filter, and at which of its characters."""
        from jobtui_core.errors import FilterError

        try:
            _filter(text)
        except FilterError as error:
            return error.message, error.position
        return None

    # --- reading --------------------------------------------------------------------------

    async def list(self, told: Callable[[int], None], stopped: Stopped) -> bool:
        """List the store anew; ``told`` gets the number of entries seen, page by page."""
        return await self._listing.ask(self._list, told, stopped)

    def _list(self, told: Callable[[int], None], stopped: Stopped) -> bool:
        tell = _now_and_then(told)
        for page in self._catalogue.pages(lambda: self._closed or stopped()):
            tell(page.seen, page.last)
            if page.last:
                return True
        return False

    async def read(
        self, rows: Sequence[Row], told: Callable[[int], None], stopped: Stopped
    ) -> None:
        """Read what entries say; ``told`` gets the number of those that are known."""
        await self._reading.ask(self._read, rows, told, stopped)

    def _read(self, rows: Sequence[Row], told: Callable[[int], None], stopped: Stopped) -> None:
        tell = _now_and_then(told)
        found = self._catalogue.facts(rows, lambda: self._closed or stopped())
        for number, _told in enumerate(found, 1):
            tell(number, number == len(rows))

    async def look(self, rows: Sequence[Row], stopped: Stopped) -> None:
        """Read what a few entries say, before all that `read` still has to read."""
        await self._looking.ask(self._read, rows, lambda _number: None, stopped)

    async def show(self, row: Row) -> Shown:
        """Give all that there is about one entry, by one request of a few KB."""
        return await self._showing.ask(self._show, row)

    def _show(self, row: Row) -> Shown:
        return Shown(self._catalogue.detail(row), self._catalogue.code(row) or "")

    # --- order ----------------------------------------------------------------------------

    async def arrange(self, query: Query) -> Arranged:
        """Give the entries that are wanted among those that are known by now."""
        return await self._arranging.ask(self._arrange, query)

    def _arrange(self, query: Query) -> Arranged:
        from jobtui_core.project import select, sort_rows, sums

        known = self._catalogue.known
        everything = self._catalogue.rows
        rows: Sequence[Row] = everything
        if query.function is not None:
            rows = [row for row in rows if row.function == query.function]
        elif query.module is not None:
            rows = [row for row in rows if module_of(row.function) == query.module]
        rows, unread = select(rows, _filter(query.filter), known)
        if not unread and query.sort not in _LISTED:
            unread = [row for row in rows if known(row) is None]
            if self._catalogue.remote and len(unread) > _SORTED:
                unread = []
        return Arranged(
            query=query,
            rows=sort_rows(rows, query.sort, known, reverse=query.reverse),
            sums=sums(everything, known),
            total=len(everything),
            size=self._catalogue.size,
            unread=unread,
        )

    # --- deleting -------------------------------------------------------------------------

    async def removal(self, rows: Sequence[Row]) -> tuple[Removal, tuple[StepStatus, ...]]:
        """Tell what deleting entries comes to, and which steps rest on them; deletes nothing."""
        return await self._reading.ask(self._removal, rows)

    def _removal(self, rows: Sequence[Row]) -> tuple[Removal, tuple[StepStatus, ...]]:
        from jobtui_core.project import removal, steps_resting_on

        # What they took is told where that costs little; the rest of it is said to be unknown.
        first = rows[:_TIMED] if self._catalogue.remote else rows
        for _told in self._catalogue.facts(first, lambda: self._closed):
            pass
        found = removal(self._catalogue, rows)
        steps = () if found.refused else steps_resting_on(self._project, self._catalogue, rows)
        return found, steps

    async def delete(
        self, rows: Sequence[Row], told: Callable[[Deleted], None], stopped: Stopped
    ) -> Deleted:
        """Delete entries."""
        return await self._reading.ask(self._delete, rows, told, stopped)

    def _delete(
        self, rows: Sequence[Row], told: Callable[[Deleted], None], stopped: Stopped
    ) -> Deleted:
        from jobtui_core.project import delete_rows
        from jobtui_core.project.catalogue.deleting import Deleted

        last = Deleted(done=0, size=0)
        for last in delete_rows(self._catalogue, rows, lambda: self._closed or stopped()):
            told(last)
        return last

    # --- elsewhere ------------------------------------------------------------------------

    def load_snippet(self, row: Row) -> str:
        """Give lines of Python that load a result."""
        if self.kind == "joblib":
            return f"import joblib\n\nvalue = joblib.load({self.where(row) + '/output.pkl'!r})\n"
        # The project's settings have what a URL must not: endpoint, profile.
        return (
            "from pathlib import Path\n"
            "\n"
            "from jobtui_core.entry import read_value\n"
            "from jobtui_core.stores import open_store\n"
            "\n"
            f"store = open_store({self._catalogue.url!r}, base=Path({str(self._project.root)!r}))\n"
            f"value, info = read_value(store, {row.name!r}, {row.key!r})\n"
        )

    def where(self, row: Row) -> str:
        """Give the path, or the URL, of an entry's object."""
        return f"{self._catalogue.place.rstrip('/')}/{row.name}"

    async def close(self) -> None:
        """Let go of it; what is under way ends at its next request."""
        if self._closed:
            return
        self._closed = True
        for lane in (self._listing, self._reading, self._looking, self._showing):
            lane.close()
        # What was read since the listing is there the next time as well.
        await self._arranging.ask(self._catalogue.keep)
        self._arranging.close()


@lru_cache(maxsize=16)
def _filter(text: str) -> EntryFilter:
    from jobtui_core.project import entry_filter

    return entry_filter(text)


def _now_and_then(told: Callable[[int], None]) -> Callable[[int, bool], None]:
    """Let only some words through, the last one always."""
    last = 0.0

    def tell(number: int, end: bool) -> None:
        nonlocal last
        now = time.monotonic()
        if end or now - last >= _TOLD:
            last = now
            told(number)

    return tell
