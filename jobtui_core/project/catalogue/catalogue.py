"""A store that is open for looking: its entries as far as they are known, and what each one says.

The last look is there at once; a listing corrects it page by page; what single entries say is read
when it is wanted.  All that asks the store takes a question ``stop``, which is asked between any
two requests.  Methods may be called from several threads at once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jobtui_core.entry.describe import clean, without_secrets
from jobtui_core.errors import StoreError
from jobtui_core.project.catalogue.index import IndexCopy, KnownFacts, LastLook
from jobtui_core.project.catalogue.rows import Detail, Facts, Row
from jobtui_core.project.catalogue.views import View
from jobtui_core.tracing.files import quiet
from jobtui_core.upkeep.together import together

__all__ = ["Catalogue", "Page", "Stop", "never"]

Stop = Callable[[], bool]
"""Asked between requests: whether nobody wants the rest."""

_PAGE = 1000
"""Entries on a page: what S3 gives in one request."""

_AT_ONCE = 8
"""Requests to a remote store that are under way at a time."""

_MOST_FACTS = 200_000
"""Entries of which it is remembered what they say; half a kilobyte each."""

_SOURCE = 200_000
"""Characters of a source that are shown."""

_DETAILS = 64
"""Entries whose pictures are remembered, and sources."""


def never() -> bool:
    """Tell that the rest is wanted."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page of a listing brought."""

    rows: tuple[Row, ...]
    """The entries on it."""
    fresh: tuple[Row, ...]
    """Those among them that were not known, or not like this."""
    gone: tuple[Row, ...] = ()
    """Of the last page: what was remembered, and is no more."""
    seen: int = 0
    """Entries on this page and those before it."""
    last: bool = False
    """Whether there are no more; a listing that was stopped has no last page."""


class Catalogue:
    """A store that is open for looking.

    Parameters
    ----------
    view : View
        Of the store.
    index_folder : Path, optional
        ``.jobtui/index`` of the project, where the look is kept; by default nowhere.

    Attributes
    ----------
    state : {"new", "remembered", "listing", "listed"}
        How far `rows` can be trusted: nothing is known yet; as of the last look; in between;
        as it was at the latest listing.
    """

    def __init__(self, view: View, index_folder: Path | None = None) -> None:
        self.view = view
        self.state: Literal["new", "remembered", "listing", "listed"] = "new"
        self.last_look: LastLook | None = None
        """When that was, where the store was looked at before."""
        self._index = None if index_folder is None else IndexCopy(index_folder, view)
        self._lock = threading.Lock()
        self._rows: dict[str, Row] = {}
        self._others = 0
        self._facts: KnownFacts = {}
        self._remembered_facts = False
        self._details: OrderedDict[Row, Detail] = OrderedDict()
        self._sources: OrderedDict[tuple[str, str], str | None] = OrderedDict()
        self._deleted: set[str] = set()
        """Names that were deleted since the latest listing began: it may have seen them before."""

    def __repr__(self) -> str:
        return f"Catalogue({self.place!r}, {self.state})"

    @property
    def kind(self) -> Literal["jobtui", "joblib"]:
        """Whose entries they are."""
        return self.view.kind

    @property
    def place(self) -> str:
        """Folder or URL, as it is shown."""
        return self.view.place

    @property
    def url(self) -> str:
        """What names the store."""
        return self.view.url

    @property
    def remote(self) -> bool:
        """Whether each look at an entry is a request over a network."""
        return self.view.remote

    @property
    def read_only(self) -> bool | None:
        """Whether nothing can be deleted; ``None`` where only trying would tell."""
        writable = self.view.writable
        return None if writable is None else not writable

    @property
    def rows(self) -> list[Row]:
        """The entries that are known by now."""
        return list(self._rows.values())

    @property
    def size(self) -> int:
        """Bytes of the entries that are known by now, and of kept outputs that were listed."""
        return self._others + sum(row.size for row in self.rows)

    # -- listing -----------------------------------------------------------------------------

    def remember(self) -> bool:
        """Take the entries from the last look, without asking the store.

        Returns
        -------
        bool
            Whether there was one.
        """
        found = None if self._index is None else self._index.rows()
        if found is None:
            return False
        with self._lock:
            if self.state == "new":
                self.last_look, self._rows = found
                self._others = self.last_look.others
                self.state = "remembered"
        return True

    def pages(self, stop: Stop = never, size: int = _PAGE) -> Iterator[Page]:
        """List the store anew; `rows` grows, and is corrected, with each page.

        Parameters
        ----------
        stop : callable
        size : int
            Objects on a page at most.

        Raises
        ------
        StoreError
            If the store cannot be read; what is known by then stays.
        """
        self._remember_facts()
        self.state = "listing"
        with self._lock:
            self._deleted.clear()
            remembered = bool(self._rows)
        seen: dict[str, Row] = {}
        others = 0
        pages = self.view.pages(size)
        while not stop():
            with quiet():
                found = next(pages, None)
            if found is None:
                yield self._finish(seen, others)
                # Nobody waits for it: everything is on the screen by now.
                self.keep()
                return
            rows, more = found
            others += more
            known = self._rows if remembered else None
            fresh = (
                tuple(row for row in rows if known.get(row.name) != row) if known else tuple(rows)
            )
            listed = {row.name: row for row in rows}
            seen |= listed
            with self._lock:
                self._rows |= listed
                self._leave_out_deleted(self._rows)
            yield Page(rows=tuple(rows), fresh=fresh, seen=len(seen))

    def _finish(self, seen: dict[str, Row], others: int) -> Page:
        with self._lock:
            self._leave_out_deleted(seen)
            gone = tuple(row for name, row in self._rows.items() if name not in seen)
            self._rows, self._others = seen, others
            for row in gone:
                self._facts.pop(row.name, None)
            self.state = "listed"
        return Page(rows=(), fresh=(), gone=gone, seen=len(seen), last=True)

    def _leave_out_deleted(self, rows: dict[str, Row]) -> None:
        for name in self._deleted:
            rows.pop(name, None)

    def keep(self) -> None:
        """Keep what is known for the next look, if the store was listed to its end."""
        if self._index is not None and self.state == "listed":
            self._remember_facts()
            with self._lock:
                rows, facts = dict(self._rows), dict(self._facts)
            self._index.keep(rows, self._others, facts)

    # -- what entries say --------------------------------------------------------------------

    def known(self, row: Row) -> Facts | None:
        """Give what an entry says, if that is known; the store is not asked."""
        found = self._facts.get(row.name)
        # An entry that was written anew may say something else.
        if found is None or found[0] != row.size or found[1] != row.written:
            return None
        return found[2]

    def facts(self, rows: Iterable[Row], stop: Stop = never) -> Iterator[tuple[Row, Facts]]:
        """Tell what entries say, reading a few KB of each that is not known yet.

        Parameters
        ----------
        rows : iterable of Row
            In the order in which they are asked for; those of a remote store come as they come.
        stop : callable
            Asked ten times a second at least, however long a remote store takes.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        self._remember_facts()
        if self.remote:
            yield from self._together(rows, stop)
            return
        for row in rows:
            if stop():
                return
            yield row, self._facts_of(row)

    def detail(self, row: Row) -> Detail:
        """Tell all that there is about one entry, by one request of a few KB.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        with self._lock:
            found = self._details.pop(row, None)
        if found is None:
            with quiet():
                found = self.view.read(row)
            self._note(row, found.facts)
        with self._lock:
            self._details[row] = found
            while len(self._details) > _DETAILS:
                self._details.popitem(last=False)
        return found

    def code(self, row: Row) -> str | None:
        """Give the source of the function that computed a result, where the store has it.

        Raises
        ------
        StoreError
            If the store cannot be read.
        """
        detail = self.detail(row)
        # Many results come from one source.  joblib keeps one for all results of a function.
        about = (
            row.name.rpartition("/")[0] if self.kind == "joblib" else row.function,
            detail.code,
        )
        with self._lock:
            known = about in self._sources
            text = self._sources.pop(about, None)
        if not known:
            with quiet():
                text = self.view.code(detail)
            if text is not None:
                lines = without_secrets("", text[:_SOURCE]).expandtabs(4).splitlines()
                text = "\n".join(clean(line, 2000) for line in lines)
        with self._lock:
            self._sources[about] = text
            while len(self._sources) > _DETAILS:
                self._sources.popitem(last=False)
        return text

    def _facts_of(self, row: Row) -> Facts:
        found = self.known(row)
        if found is None:
            with quiet():
                found = self.view.read(row).facts
            self._note(row, found)
        return found

    def _note(self, row: Row, facts: Facts) -> None:
        with self._lock:
            if len(self._facts) >= _MOST_FACTS:
                del self._facts[next(iter(self._facts))]
            self._facts[row.name] = (row.size, row.written, facts)

    def _remember_facts(self) -> None:
        with self._lock:
            if self._remembered_facts:
                return
            self._remembered_facts = True
        if self._index is not None:
            remembered = self._index.facts()
            with self._lock:
                self._facts = remembered | self._facts

    def _together(self, rows: Iterable[Row], stop: Stop) -> Iterator[tuple[Row, Facts]]:
        """Ask for several at a time, and let go of them at once when nobody wants the rest."""
        found = together(rows, self._facts_of, threads=_AT_ONCE, farewell=0.0)
        try:
            while not stop():
                try:
                    done = next(found)
                except StopIteration:
                    return
                if done is None:
                    continue
                if done.error is not None:
                    raise done.error
                if done.result is not None:
                    yield done.item, done.result
        finally:
            found.close()

    # -- what is deleted ---------------------------------------------------------------------

    def delete(self, rows: Sequence[Row]) -> None:
        """Delete entries; `jobtui_core.project.catalogue.deleting` has more of it.

        Raises
        ------
        StoreError
            If the store is read-only, or some cannot be deleted; others may be by then.
        """
        if self.read_only:
            raise StoreError(f"{self.place} is read-only: nothing can be deleted", url=self.url)
        with quiet():
            self.view.delete(rows)
        with self._lock:
            for row in rows:
                self._deleted.add(row.name)
                self._rows.pop(row.name, None)
                self._facts.pop(row.name, None)
                self._details.pop(row, None)
