"""What the Cache has others do: opening, listing, reading, putting in order, deleting.

Each is a worker that waits for a thread.  Threads tell how far they are by `Progressed`; what
belongs to a store that is no longer shown is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from textual.message import Message

from jobtui.plain import count, plain, size
from jobtui.screens.activity import Activity
from jobtui.screens.cache_base import CacheBase
from jobtui.services.stores import Arranged, Kind
from jobtui.widgets.entries import Entries

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.deleting import Deleted
    from jobtui_core.project.catalogue.rows import Row

__all__ = ["CacheWork", "Progressed"]

_REST = 3.0
"""While entries come in, this many times as long as the last order took passes before the next."""


@dataclass
class Progressed(Message):
    """A thread has come further; a later word takes in an earlier one that still waits."""

    activity: Activity
    number: int

    def can_replace(self, message: Message) -> bool:
        """Tell whether a waiting message says no more than this one."""
        return isinstance(message, Progressed) and message.activity is self.activity


class CacheWork(CacheBase):
    """Keeps the screen up to date with what is found out."""

    _ordering = False
    _again = False
    _took = 0.0
    _ended = 0.0
    _reading_refused = False
    """Whether reading was stopped by hand; another filter or order may begin it again."""

    # --- opening --------------------------------------------------------------------------

    def open_place(self, place: str | None, kind: Kind = "") -> None:
        """Show another store, or the same one anew."""
        self._let_go()
        self.place_asked, self.kind_asked = place, kind
        self.opening = True
        self.failure = self.show_failure = None
        self.arranged = self.shown = None
        self.functions.clear()
        self.entries.clear(lambda _row: None)
        name = plain(self.shown_place() or "the project's store")
        self.functions.placeholder = ""
        self.entries.placeholder = f"opening {name} …"
        self.draw_preview()
        self.retitle()

        async def work() -> None:
            from jobtui.views.failure import failure_of

            try:
                store, self.others = await self.stores.open(place, kind)
            except Exception as error:  # noqa: BLE001  # said in the pane
                self.opening = False
                self.failure = failure_of(error)
                self._say_failure()
                return
            self.opening = False
            self.store = store
            self.entries.clear(store.known)
            self.entries.placeholder = "reading …"
            self.reorder()
            self.list_again()

        self.background(work, "open")

    def _let_go(self) -> None:
        for activity in (self.listing, self.reading, self.deleting):
            if activity is not None:
                activity.stop()
        self.listing = self.reading = self.deleting = None
        self.stopped_at = None
        for group in ("list", "read", "look", "show", "arrange", "delete"):
            self.workers.cancel_group(self, group)
        self._ordering = self._again = self._reading_refused = False
        if self.store is not None:
            store, self.store = self.store, None
            self.background(store.close, "close", exclusive=False)

    def _say_failure(self) -> None:
        failure = self.failure
        if failure is not None:
            self.entries.placeholder = (
                f"✗ {plain(failure.message)}; {self.key_of('rescan')} tries again, "
                f"{self.key_of('open_store')} opens another"
            )
        self.draw_preview()
        self.retitle()
        self.show_hints()

    def draw_preview(self) -> None:
        """Write the text of the preview."""
        raise NotImplementedError

    def selection_changed(self) -> None:
        """Hear that other rows, or others of them, are shown."""
        raise NotImplementedError

    # --- listing --------------------------------------------------------------------------

    def rescan(self) -> None:
        """List the store again, or try again to open it."""
        if self.store is None:
            self.open_place(self.place_asked, self.kind_asked)
        else:
            self._reading_refused = False
            self.list_again()

    def list_again(self) -> None:
        """List the store: what is shown is corrected as the pages come."""
        store = self.store
        assert store is not None
        if self.listing is not None:
            self.listing.stop()
        activity = self.listing = Activity("listing")
        self.stopped_at = None
        self.failure = None
        self.retitle()

        async def work() -> None:
            from jobtui.views.failure import failure_of

            try:
                whole = await store.list(self._teller(activity), activity.stopped)
            except Exception as error:  # noqa: BLE001  # said in the pane
                if self.listing is activity:
                    self.failure = failure_of(error)
            else:
                if self.listing is activity and not whole:
                    self.stopped_at = activity.number
            if self.listing is activity:
                self.listing = None
                self.reorder()
                self._say_failure()

        self.background(work, "list")

    def _teller(self, activity: Activity) -> _Teller:
        return _Teller(self, activity)

    def on_progressed(self, message: Progressed) -> None:
        """Show how far it has come, and what came with it."""
        message.stop()
        activity = message.activity
        activity.number = max(activity.number, message.number)
        if activity in (self.listing, self.reading):
            if monotonic() - self._ended >= _REST * self._took:
                self.reorder()
            self.retitle()
        elif activity is self.deleting:
            self.retitle()

    def stop_work(self) -> bool:
        """Stop what goes on; tell whether anything did."""
        if self.opening:
            # A store that does not answer: its thread ends when it gives up.
            self.workers.cancel_group(self, "open")
            self.opening = False
            self.entries.placeholder = (
                f"stopped; {self.key_of('rescan')} tries again, "
                f"{self.key_of('open_store')} opens another"
            )
            self.retitle()
            return True
        activity = self.busy
        if activity is None:
            return False
        activity.stop()
        if activity is self.reading:
            self._reading_refused = True
            self._end_reading()
            self.say(f"stopped at {activity.number:,} of {activity.total or 0:,} entries")
        elif activity is self.listing:
            # Whoever lists notices after its request; the screen does not wait for that.
            self.listing = None
            self.stopped_at = activity.number
            self.reorder()
        self.retitle()
        return True

    # --- order ----------------------------------------------------------------------------

    def reorder(self) -> None:
        """Find out which entries are to be shown, and in what order."""
        store = self.store
        if store is None:
            return
        if self._ordering:
            self._again = True
            return
        self._ordering = True

        async def work() -> None:
            try:
                again = True
                while again and store is self.store:
                    self._again = False
                    began = monotonic()
                    arranged = await store.arrange(self.query_asked)
                    self._ended = monotonic()
                    self._took = self._ended - began
                    if store is self.store:
                        self._show(arranged)
                    again = self._again
            finally:
                if store is self.store:
                    self._ordering = False

        self.background(work, "arrange")

    def _show(self, arranged: Arranged) -> None:
        query = arranged.query
        if query != self.query_asked:
            # Another one was asked in the meantime, and follows at once.
            return
        self.arranged = arranged
        self.functions.show(arranged.sums)
        self.entries.order(query.sort, query.reverse)
        self.entries.placeholder = self._nothing(arranged)
        self.entries.show(arranged.rows, with_function=query.function is None)
        self.retitle()
        self.selection_changed()
        if arranged.unread and self.reading is None and not self._reading_refused:
            self._read(arranged.unread)

    def _nothing(self, arranged: Arranged) -> str:
        store = self.store
        assert store is not None
        if self.listing is not None and not arranged.total:
            return "listing …"
        if arranged.total:
            return f"no entry fits; {self.key_of('search')} changes the filter"
        other = f"{self.key_of('open_store')} opens another store"
        return f"nothing is kept in {plain(store.place)}; {other}"

    # --- reading --------------------------------------------------------------------------

    def _read(self, rows: Sequence[Row]) -> None:
        store = self.store
        assert store is not None
        activity = self.reading = Activity("reading", len(rows))

        async def work() -> None:
            try:
                await store.read(rows, self._teller(activity), activity.stopped)
            except Exception as error:  # noqa: BLE001  # said on the screen
                if self.reading is activity:
                    self._reading_refused = True
                    self.say(str(error), error=True)
            if self.reading is activity:
                self.reading = None
                self.reorder()
                self.retitle()

        self.background(work, "read")

    def _end_reading(self) -> None:
        if self.reading is not None:
            self.reading.stop()
            self.reading = None
            self.workers.cancel_group(self, "read")

    def on_entries_in_sight(self, message: Entries.InSight) -> None:
        """Read what the rows say that came into sight."""
        message.stop()
        store = self.store
        if store is None:
            return
        activity = Activity("looking")

        async def work() -> None:
            try:
                await store.look(message.rows, activity.stopped)
            except Exception as error:  # noqa: BLE001  # said in the pane, once for all rows
                self._say_trouble(error)
            else:
                self.entries.refresh()
            finally:
                # Also where other rows came into sight: theirs are wanted first.
                activity.stop()

        self.background(work, "look")

    def _say_trouble(self, error: Exception) -> None:
        from jobtui.views.failure import failure_of

        if self.show_failure is None:
            self.show_failure = failure_of(error)
            self.draw_preview()

    # --- deleting -------------------------------------------------------------------------

    def delete(self, rows: Sequence[Row]) -> None:
        """Delete entries that were shown before."""
        store = self.store
        if store is None:
            return
        activity = self.deleting = Activity("deleting", len(rows))
        self.retitle()

        def told(deleted: Deleted) -> None:
            self.post_message(Progressed(activity, deleted.done + deleted.failed))

        async def work() -> None:
            try:
                deleted = await store.delete(rows, told, activity.stopped)
            except Exception as error:  # noqa: BLE001  # said on the screen
                self.say(str(error), error=True)
            else:
                self._say_deleted(deleted)
            if self.deleting is activity:
                self.deleting = None
                for row in rows:
                    self.entries.marked.pop(row.name, None)
                self.reorder()
                self.jobtui.home.check_again()
                self.retitle()

        self.background(work, "delete", exclusive=False)

    def _say_deleted(self, deleted: Deleted) -> None:
        what = f"deleted {count(deleted.done, 'entry', 'entries')}, {size(deleted.size)}"
        if deleted.failed:
            kept = count(deleted.failed, "entry", "entries")
            self.say(f"{what}; {kept} could not be: {deleted.problem}", error=True)
        else:
            self.say(what)


class _Teller:
    """Tells the screen, from another thread, how far something has come."""

    def __init__(self, screen: CacheWork, activity: Activity) -> None:
        self._screen = screen
        self._activity = activity

    def __call__(self, number: int) -> None:
        if not self._activity.stopped():
            self._screen.post_message(Progressed(self._activity, number))
