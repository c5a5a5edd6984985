"""One interface over a store of ours and a cache of joblib's: listing, telling of one, deleting.

Nothing here remembers anything, and nothing is unpickled.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from jobtui_core.diffs.code import definitions
from jobtui_core.entry import EntryInfo, clean, read_info
from jobtui_core.entry.describe import without_secrets
from jobtui_core.entry.joblib_cache import JoblibCache
from jobtui_core.errors import EntryError, StoreError
from jobtui_core.fingerprint.kept import kept_symbols
from jobtui_core.project.catalogue.rows import Detail, Facts, Row
from jobtui_core.records import Preview
from jobtui_core.stores import LocalStore, Store
from jobtui_core.trees import shown_name
from jobtui_core.upkeep.contents import is_entry, is_output

__all__ = ["JoblibView", "OwnView", "View"]

_LONGEST = 500
"""Characters of a function's name, or of a path."""

_TEXT = 300
"""Characters of an argument."""

_is_cut = re.compile(r"~[0-9a-f]{32}$").search


class View(ABC):
    """One store, to be looked through.

    Attributes
    ----------
    kind : {"jobtui", "joblib"}
    place : str
        Folder or URL, as it is shown.
    url : str
        What names the store on this machine.
    remote : bool
        Whether each look at an entry is a request over a network.
    """

    kind: Literal["jobtui", "joblib"]
    place: str
    url: str
    remote: bool = False

    @property
    @abstractmethod
    def writable(self) -> bool | None:
        """Whether anything can be deleted, where that is known without trying."""

    @abstractmethod
    def pages(self, size: int) -> Iterator[tuple[list[Row], int]]:
        """List the entries in pages, each with the bytes of kept outputs that came with them."""

    @abstractmethod
    def read(self, row: Row) -> Detail:
        """Tell of an entry by a read of a few KB; what cannot be read has a `Facts.problem`.

        Raises
        ------
        StoreError
            If the store cannot be read, which concerns all entries.
        """

    @abstractmethod
    def code(self, detail: Detail) -> str | None:
        """Give the source that computed a result as it is kept, where it is: untrusted text."""

    @abstractmethod
    def delete(self, rows: Sequence[Row]) -> None:
        """Delete entries, in few requests.

        Raises
        ------
        StoreError
            If some cannot be deleted, or are none of this store; the others may be by then.
        """


class OwnView(View):
    """A store of ours.

    Parameters
    ----------
    store : Store
    """

    kind = "jobtui"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.url = store.url
        self.place = str(store.path) if isinstance(store, LocalStore) else clean(store.url, 1000)
        self.remote = "remote" in store.capabilities

    @property
    def writable(self) -> bool | None:
        """See `View.writable`."""
        known = self.store.writable
        path = getattr(self.store, "path", None)
        if known is None and isinstance(path, Path) and path.is_dir():
            return os.access(path, os.W_OK)
        return known

    def pages(self, size: int) -> Iterator[tuple[list[Row], int]]:
        """See `View.pages`."""
        functions: dict[str, str] = {}
        for page in self.store.pages(size=size):
            rows, others = [], 0
            for one in page:
                name = one.name
                if is_entry(name):
                    folder = name[: name.index("/")]
                    if folder not in functions:
                        functions[folder] = function_in(folder)
                    rows.append(Row(name, functions[folder], one.size, one.mtime))
                elif is_output(name):
                    others += one.size
            yield rows, others

    def read(self, row: Row) -> Detail:
        """See `View.read`."""
        problem = "it is gone"
        try:
            info = read_info(self.store, row.name)
            if info is not None and info.key != row.key:
                info, problem = None, "it was written for another call"
        except EntryError as error:
            # Whose name it is stands beside it.
            said = error.message.removeprefix(f"{row.name}: ")
            info, problem = None, clean(said, 300)
        if info is None:
            return Detail(row=row, facts=Facts(problem=problem))
        return _told(row, info)

    def code(self, detail: Detail) -> str | None:
        """See `View.code`."""
        symbols = definitions(kept_symbols(self.store, detail.code))
        own = [one.source for one in symbols if one.name == detail.row.function]
        return next(iter(own), None)

    def delete(self, rows: Sequence[Row]) -> None:
        """See `View.delete`."""
        for row in rows:
            if not is_entry(row.name):
                raise StoreError(f"{clean(row.name, 200)} is no entry", url=self.url)
        if len(rows) == 1:
            self.store.delete(rows[0].name)
        else:
            self.store.delete_all([row.name for row in rows])


def _told(row: Row, info: EntryInfo) -> Detail:
    # They were made so when they were written; but anybody may have written this.
    arguments = {
        name: clean(without_secrets(name, known.get("preview", "")), _TEXT)
        for name, known in info.arguments.items()
    }
    shown = info.preview
    facts = Facts(
        arguments=arguments,
        started=_moment(info.started),
        duration=_moment(info.duration),
        host=clean(info.host, 200),
        user=clean(info.user, 200),
        what="" if shown is None else in_words(shown),
    )
    function = clean(info.function, _LONGEST)
    if _is_cut(row.name.partition("/")[0]) and function:
        row = row._replace(function=function)
    return Detail(
        row=row,
        facts=facts,
        preview=shown,
        run=clean(info.run, 200),
        code=clean(info.code, 200),
        versions=info.versions,
        codec=info.codec,
        files=tuple(clean(shown_name(path), _LONGEST) for path, _ in (*info.inputs, *info.met)),
        outputs=tuple(clean(output["path"], _LONGEST) for output in info.outputs),
    )


class JoblibView(View):
    """A cache of joblib's.

    Parameters
    ----------
    cache : JoblibCache
    """

    kind = "joblib"

    def __init__(self, cache: JoblibCache) -> None:
        self.cache = cache
        self.place = str(cache.path)
        self.url = cache.path.as_uri()

    @property
    def writable(self) -> bool | None:
        """See `View.writable`."""
        return os.access(self.cache.path, os.W_OK)

    def pages(self, size: int) -> Iterator[tuple[list[Row], int]]:
        """See `View.pages`."""
        rows: list[Row] = []
        for call in self.cache.calls(described=False):
            name = call.folder.relative_to(self.cache.path).as_posix()
            rows.append(Row(name, call.function, call.size, call.written))
            if len(rows) >= size:
                yield rows, 0
                rows = []
        if rows:
            yield rows, 0

    def read(self, row: Row) -> Detail:
        """See `View.read`."""
        call = self.cache.call(row.name)
        if call is None:
            return Detail(row=row, facts=Facts(problem="it is gone"))
        shown = self.cache.preview(call)
        unreadable = shown.type == "unreadable"
        facts = Facts(
            arguments=call.arguments,
            started=call.started,
            duration=call.duration,
            what=in_words(shown),
            problem=shown.text if unreadable else "",
        )
        return Detail(row=row, facts=facts, preview=shown, codec="pickle")

    def code(self, detail: Detail) -> str | None:
        """See `View.code`."""
        return self.cache.code(detail.row.name)

    def delete(self, rows: Sequence[Row]) -> None:
        """See `View.delete`."""
        for row in rows:
            call = self.cache.call(row.name)
            if call is not None:
                self.cache.delete(call)


def in_words(preview: Preview) -> str:
    """Tell in a few words what a result is."""
    shape = "×".join(map(str, preview.shape))
    kind = preview.type.rpartition(".")[2] or preview.kind
    parts = [part for part in (kind, preview.dtype, shape) if part]
    if preview.kind in ("scalar", "text") and preview.text:
        parts.append(preview.text[:60].replace("\n", " "))
    return " ".join(parts)


def function_in(folder: str) -> str:
    """Give the identity of a function from the folder of its entries: `quote` the other way."""
    if folder == "%":
        return ""
    cut = _is_cut(folder)
    if cut is not None:
        folder = folder[: cut.start()]
    text = clean(unquote(folder), _LONGEST)
    return f"{text}…" if cut is not None else text


def _moment(value: float) -> float | None:
    """Give a time or a duration, unless it is none: anybody may have written it."""
    return float(value) if 0 <= value < 1e12 else None
