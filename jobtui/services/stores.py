"""What the Cache asks of stores, and in which words it is answered.

As with `jobtui.services.service`, the screens know these protocols and nothing behind them.  A
question that takes long tells of its progress by a function that is called in another thread, and
asks now and then whether anybody still waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.deleting import Deleted, Removal
    from jobtui_core.project.catalogue.known import KnownStore
    from jobtui_core.project.catalogue.rows import Detail, Facts, FunctionSum, Row
    from jobtui_core.records import StepStatus

__all__ = [
    "Arranged",
    "EntryColumn",
    "Kind",
    "OpenStore",
    "Query",
    "Shown",
    "StoreService",
]

Kind = Literal["jobtui", "joblib", ""]
"""Whose entries are wanted where both lie at one place; empty for those that come first."""

EntryColumn = Literal["written", "function", "size", "arguments", "what", "duration", "user"]
"""What the entries can be sorted by; from ``arguments`` on it must be read from each."""

Stopped = Callable[[], bool]
"""Asked between two requests: whether nobody wants the rest."""


class Query(NamedTuple):
    """Which entries are wanted, and in what order."""

    filter: str = ""
    """In the language of filters; `OpenStore.problem` says whether it can be understood."""
    module: str | None = None
    """Only of functions in this module."""
    function: str | None = None
    """Only of this function."""
    sort: EntryColumn = "written"
    reverse: bool = True
    """The largest, or the newest, first."""


class Arranged(NamedTuple):
    """The entries that a query means, and all functions that there are."""

    query: Query
    rows: Sequence[Row]
    sums: Sequence[FunctionSum]
    """Of everything that is known, whatever the query."""
    total: int
    """Entries that are known."""
    size: int
    """Bytes of these, and of kept outputs."""
    unread: Sequence[Row] = ()
    """Entries that are to be read: without what they say, neither filter nor order is complete."""


class Shown(NamedTuple):
    """All that a pane shows of one entry."""

    detail: Detail
    code: str = ""
    """The source that computed it, where the store has it."""


class OpenStore(Protocol):
    """A store that is open for looking."""

    @property
    def kind(self) -> Literal["jobtui", "joblib"]:
        """Whose entries they are."""

    @property
    def place(self) -> str:
        """Folder or URL, as it is shown."""

    @property
    def read_only(self) -> bool | None:
        """Whether nothing can be deleted; ``None`` where only trying would tell."""

    @property
    def looked_at(self) -> float | None:
        """When it was listed last, as far as what is shown comes from there."""

    def known(self, row: Row) -> Facts | None:
        """Give what an entry says, if that is known; nothing is read."""

    @property
    def fields(self) -> str:
        """What a filter may ask for, in one line."""

    def problem(self, text: str) -> tuple[str, int] | None:
        """Say what is wrong with a filter, and at which of its characters."""

    async def list(self, told: Callable[[int], None], stopped: Stopped) -> bool:
        """List the store anew; ``told`` gets the number of entries seen, page by page.

        Returns
        -------
        bool
            Whether it came to the end.
        """

    async def arrange(self, query: Query) -> Arranged:
        """Give the entries that are wanted among those that are known by now."""

    async def read(
        self, rows: Sequence[Row], told: Callable[[int], None], stopped: Stopped
    ) -> None:
        """Read what entries say; ``told`` gets the number of those that are known."""

    async def look(self, rows: Sequence[Row], stopped: Stopped) -> None:
        """Read what a few entries say, before all that `read` still has to read."""

    async def show(self, row: Row) -> Shown:
        """Give all that there is about one entry, by one request of a few KB."""

    async def removal(self, rows: Sequence[Row]) -> tuple[Removal, tuple[StepStatus, ...]]:
        """Tell what deleting entries comes to, and which steps rest on them; deletes nothing."""

    async def delete(
        self, rows: Sequence[Row], told: Callable[[Deleted], None], stopped: Stopped
    ) -> Deleted:
        """Delete entries."""

    def load_snippet(self, row: Row) -> str:
        """Give lines of Python that load a result."""

    def where(self, row: Row) -> str:
        """Give the path, or the URL, of an entry's object."""

    async def close(self) -> None:
        """Let go of it; what is under way ends at its next request."""


class StoreService(Protocol):
    """The stores that can be looked through."""

    async def known(self) -> tuple[KnownStore, ...]:
        """Give the stores that the project leads to; none of them is asked."""

    async def open(self, place: str | None, kind: Kind = "") -> tuple[OpenStore, Sequence[Kind]]:
        """Open a store with what is remembered of it; by default the project's.

        Returns
        -------
        store : OpenStore
        others : sequence of str
            Whose other entries lie at the same place.
        """


def module_of(function: str) -> str:
    """Give the module that a function's identity names; joblib's names have dots alone."""
    module, colon, _name = function.rpartition(":")
    return module if colon else function.rpartition(".")[0]


def name_of(function: str) -> str:
    """Give the name of a function within its module."""
    return function[len(module_of(function)) :].lstrip(":.")
