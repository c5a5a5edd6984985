"""The state of the Cache's screen, and what all of its parts use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget

from jobtui.commands.context import Context, Mode, PaneName, Selected
from jobtui.plain import age, plain, size
from jobtui.screens.activity import Activity
from jobtui.screens.command_lines import browse_command
from jobtui.screens.place import Place
from jobtui.services.stores import Arranged, Kind, OpenStore, Query, Shown, StoreService
from jobtui.widgets.entries import Entries
from jobtui.widgets.functions import Functions
from jobtui.widgets.text_view import TextView
from jobtui.widgets.title import Title

if TYPE_CHECKING:
    from jobtui.views.failure import Failure
    from jobtui_core.project.catalogue.rows import Row

__all__ = ["CacheBase"]


class CacheBase(Place):
    """What the screen of the Cache knows, and the lines around its panes.

    Parameters
    ----------
    stores : StoreService
    root : Path
        The project's folder.
    clock : callable
        Gives the time, in seconds since the epoch.
    place : str, optional
        The store to begin with; by default the project's.
    filter : str
        The filter to begin with.
    """

    MODE: ClassVar[Mode] = "cache"
    PANES: ClassVar[tuple[PaneName, ...]] = ("functions", "entries", "preview")

    def __init__(
        self,
        stores: StoreService,
        root: Path,
        clock: Callable[[], float],
        *,
        place: str | None = None,
        filter: str = "",  # noqa: A002  # the word of the screen
    ) -> None:
        super().__init__()
        self.stores = stores
        self.root = root
        self.now = clock
        self.functions = Functions(widget_id="functions")
        self.entries = Entries(clock, widget_id="entries")
        self.preview = TextView(widget_id="preview")
        self.store: OpenStore | None = None
        self.place_asked: str | None = place
        self.kind_asked: Kind = ""
        self.others: Sequence[Kind] = ()
        self.query_asked = Query(filter=filter)
        self.arranged: Arranged | None = None
        self.shown: Shown | None = None
        self.failure: Failure | None = None
        """Why the store could not be opened or listed."""
        self.show_failure: Failure | None = None
        """Why the entry under the cursor could not be shown."""
        self.unfolded = False
        self.opening = False
        self.listing: Activity | None = None
        self.stopped_at: int | None = None
        """Entries that were seen by a listing that was stopped."""
        self.reading: Activity | None = None
        self.deleting: Activity | None = None
        self.selection_rests = True

    def shown_place(self) -> str | None:
        """Give the place of the store as it may be shown; ``None`` stands for the project's."""
        if self.store is not None:
            return self.store.place
        place = self.place_asked
        if place is None or "://" not in place:
            return place
        from jobtui_core.errors import StoreError
        from jobtui_core.stores.addresses import without_credentials

        try:
            return without_credentials(place)
        except StoreError:
            # Typed with a password in it; it is refused, and need not be seen for that.
            return f"{place.partition('://')[0]}://…"

    # --- what is selected -----------------------------------------------------------------

    def on_entry(self) -> bool:
        """Tell whether the cursor that counts is that of the entries."""
        return self._about_entry and self.entries.entry is not None

    _about_entry = False

    def chosen(self) -> Sequence[Row]:
        """Give the entries that deleting concerns: the marked ones, or those under the cursor."""
        if self.entries.marked:
            return tuple(self.entries.marked.values())
        if not self._about_entry:
            return self.entries.listed
        entry = self.entries.entry
        return () if entry is None else (entry,)

    @property
    def context(self) -> Context:
        """What decides which commands make sense now."""
        store = self.store
        refused = ""
        if store is not None and store.read_only:
            refused = f"{plain(store.place)} is read-only: nothing can be deleted"
        needles: dict[PaneName, str] = {
            "functions": self.functions.needle,
            "entries": self.query_asked.filter,
            "preview": self.preview.needle,
        }
        return Context(
            pane=self._pane,
            ready=store is not None,
            can_suspend=self.jobtui.can_suspend,
            searching=bool(needles[self._pane]),
            kept=Selected(
                store=store is not None,
                entry=self.on_entry(),
                number=len(self.chosen()),
                refused=refused,
                reading=self.busy is not None,
            ),
        )

    @property
    def busy(self) -> Activity | None:
        """What escape would stop."""
        return self.deleting or self.reading or self.listing

    # --- panes ----------------------------------------------------------------------------

    def pane_widgets(self) -> dict[PaneName, Widget]:
        """Give the panes by their names."""
        return {"functions": self.functions, "entries": self.entries, "preview": self.preview}

    def focus_target(self, name: PaneName) -> Widget:
        """Give the widget in a pane that takes the focus."""
        return self.pane_widgets()[name]

    # --- the title ------------------------------------------------------------------------

    def retitle(self) -> None:
        """Write the title, what the panes hold and what they search for."""
        title = self.query_one(Title)
        place = self.shown_place()
        default = self.place_asked is None and self.root == Path.cwd()
        text = self.query_asked.filter
        title.command = plain(browse_command(None if default and not text else place, text))
        title.facts = tuple(plain(fact) for fact in self._facts() if fact)
        needle, view = plain(self.functions.needle), self.preview
        place_found, total = view.match_place
        self._searches["functions"] = f"filter: {needle}" if needle else ""
        self._searches["entries"] = f"filter: {plain(text)}" if text else ""
        self._searches["preview"] = (
            f"{plain(view.needle)!r} {place_found} of {total}" if view.needle else ""
        )
        self._entitle_entries()
        for name in self._pane_titles:
            self._write_title(name)

    def _entitle_entries(self) -> None:
        arranged = self.arranged
        words = ["Entries"]
        if arranged is not None:
            number = len(arranged.rows)
            of = f" of {arranged.total:,}" if number != arranged.total else ""
            words.append(f"{number:,}{of}")
        if self.entries.marked:
            words.append(f"{len(self.entries.marked):,} marked")
        self._pane_titles["entries"] = "  ".join(words)

    def _facts(self) -> list[str]:
        store, arranged = self.store, self.arranged
        facts: list[str] = []
        if store is not None:
            facts.append("joblib" if store.kind == "joblib" else "")
        if arranged is not None:
            noun = "entry" if arranged.total == 1 else "entries"
            facts += [size(arranged.size), f"{arranged.total:,} {noun}"]
        if store is not None and store.read_only is not None:
            facts.append("read-only" if store.read_only else "writable")
        facts.append(self._state())
        return facts

    def _state(self) -> str:
        if self.opening:
            return "opening …"
        if self.deleting is not None or self.reading is not None:
            return str(self.deleting or self.reading)
        store = self.store
        if self.listing is not None:
            looked_at = None if store is None else store.looked_at
            if looked_at is not None:
                return f"as of {_past(self.now() - looked_at)}, checking …"
            return str(self.listing)
        if self.failure is not None:
            return "no answer" if store is None else "not checked"
        if self.stopped_at is not None:
            total = None if self.arranged is None else self.arranged.total
            known = total is not None and total > self.stopped_at
            return f"stopped at {self.stopped_at:,} of {f'{total:,}' if known else '…'}"
        return ""


def _past(seconds: float) -> str:
    past = age(max(seconds, 0.0))
    return past if past == "now" else f"{past} ago"
