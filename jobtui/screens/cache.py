"""The Cache: what any store keeps, by function, entry by entry, with a picture of each result."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from jobtui.commands.catalogue import commands_of
from jobtui.commands.context import PaneName
from jobtui.inks import paint_of
from jobtui.plain import plain, short
from jobtui.screens.cache_dialogs import CacheDialogs
from jobtui.services.stores import EntryColumn, name_of
from jobtui.views.lines import Line, line
from jobtui.widgets.footer import KeyFooter
from jobtui.widgets.ordered import Ordered
from jobtui.widgets.prompt import Prompt
from jobtui.widgets.table import Table
from jobtui.widgets.text_view import TextView
from jobtui.widgets.title import Title

__all__ = ["CacheScreen"]

_REST = 0.04
"""Seconds after which a cursor that was moved is taken to have arrived."""

_PATIENCE = 0.15
"""Seconds that an entry may take to be shown before it is said that it is read."""

_AGEING = 30.0
"""Seconds after which ages on the screen are written again."""


class CacheScreen(CacheDialogs):
    """Three panes on a store: functions, entries, preview."""

    BINDINGS: ClassVar[list[BindingType]] = [
        command.binding(f"command('{command.id}')") for command in commands_of("cache")
    ]
    CSS_PATH = "cache.tcss"
    AUTO_FOCUS = "#functions"

    def compose(self) -> ComposeResult:
        """Lay out the panes; which of them are visible is decided by `lay_out`."""
        yield Title(id="title")
        with Horizontal(id="cache-body"):
            yield self.functions
            with Vertical(id="cache-right"):
                yield self.entries
                yield self.preview
        yield Static("", id="too-small")
        yield KeyFooter(id="footer")
        # Both stand on the last lines: what comes later covers what comes first.
        yield Static("", id="filter-hint")
        yield Prompt(widget_id="prompt")

    def on_mount(self) -> None:
        """Open the store that one begins with."""
        self._resting: Timer = self.set_interval(_REST, self._rest, pause=True)
        self.set_interval(_AGEING, self.entries.refresh)
        self.lay_out()
        self.open_place(self.place_asked, self.kind_asked)

    # --- panes ----------------------------------------------------------------------------

    def panes_in_sight(self) -> tuple[PaneName, ...]:
        """Give the panes that there is room for."""
        if self.layout_name == "none":
            return ()
        if self._zoomed or self.layout_name == "one":
            return (self._pane,)
        if self.layout_name == "two":
            # What one goes into stands below where one comes from.
            first = self._pane == "functions"
            return ("functions", "entries") if first else ("entries", "preview")
        return self.PANES

    def laid_out(self, visible: tuple[PaneName, ...]) -> None:
        """Hide what surrounds the panes on the right along with them."""
        self.query_one("#cache-right").display = bool({"entries", "preview"} & set(visible))

    def pane_taken(self, name: PaneName) -> None:
        """Show in the preview what the pane with the focus is about."""
        about = self._about_entry
        if name != "preview":
            self._about_entry = name == "entries"
        if about != self._about_entry and self.is_mounted:
            self.selection_changed()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Notice which pane has the focus; where there is room for two they may be others now."""
        super().on_descendant_focus(event)
        if self.layout_name in ("one", "two"):
            self.lay_out()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many panes as there is room for, and pictures of the new size."""
        super().on_resize(event)
        self.call_after_refresh(self.draw_preview)

    def go_back(self) -> None:
        """Stop what goes on, or undo what was opened last."""
        if self.stop_work():
            return
        if self._zoomed:
            self.toggle_zoom()
        elif self._pane == "preview":
            if self.preview.needle:
                self.preview.find("")
                self.retitle()
            else:
                self.show_pane("entries")
        elif self._pane == "entries":
            if self.query_asked.filter:
                self._filter("")
            elif self.entries.marked:
                self.entries.marked.clear()
                self.entries.refresh()
                self.retitle()
            else:
                self.show_pane("functions")
        elif self.functions.needle:
            self.functions.filter("")
            self.retitle()

    # --- selection ------------------------------------------------------------------------

    def on_table_moved(self, message: Table.Moved) -> None:
        """Show what the cursor stands on, once it rests."""
        message.stop()
        if message.table is self.entries and not message.by_hand:
            # Other rows came; what is under the cursor is dealt with along with them.
            return
        self.selection_rests = False
        self._resting.reset()
        self._resting.resume()

    def _rest(self) -> None:
        self._resting.pause()
        self.settle_selection()

    def settle_selection(self) -> None:
        """Show the row under the cursor now, if that was put off."""
        if not self.selection_rests:
            self.selection_rests = True
            row = self.functions.row
            module = row.module if row is not None else None
            function = row.function if row is not None else None
            query = self.query_asked
            if (query.module, query.function) != (module, function):
                self.query_asked = query._replace(module=module, function=function)
                self.reorder()
            self.selection_changed()

    def selection_changed(self) -> None:
        """Show in the preview what is selected now."""
        entry, store = self.entries.entry, self.store
        self.show_hints()
        if store is None or not self._about_entry or entry is None:
            self.shown = None
            self.draw_preview()
            return
        if self.shown is not None and self.shown.detail.row.name == entry.name:
            return
        self.shown = self.show_failure = None
        self.unfolded = False
        known = store.known(entry) is not None
        # Most are there before anybody could read that they are being read.
        self.set_timer(_PATIENCE, partial(self._draw_unless_shown, entry.name))

        async def work() -> None:
            from jobtui.views.failure import failure_of

            try:
                shown = await store.show(entry)
            except Exception as error:  # noqa: BLE001  # said in the pane
                self.show_failure = failure_of(error)
            else:
                self.shown = shown
                if not known:
                    self.entries.refresh()
            if self.entries.entry == entry:
                self.draw_preview()

        self.background(work, "show")

    def _draw_unless_shown(self, name: str) -> None:
        entry = self.entries.entry
        waits = self.shown is None and self.show_failure is None
        if waits and entry is not None and entry.name == name:
            self.draw_preview()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Go into the selection."""
        message.stop()
        self.settle_selection()
        self.show_pane("preview" if message.table is self.entries else "entries")

    def on_text_view_opened(self, message: TextView.Opened) -> None:
        """Unfold a traceback, or fold it again."""
        message.stop()
        self.unfolded = not self.unfolded
        self.draw_preview()

    # --- preview --------------------------------------------------------------------------

    def draw_preview(self) -> None:
        """Write the text of the preview."""
        keep = self.preview.lines and self.shown is not None
        self.preview.set_lines(self._preview_lines(), keep_place=bool(keep))

    def _preview_lines(self) -> list[Line]:
        failure = self.show_failure if self._about_entry else None
        failure = failure or (self.failure if not self.on_entry() else None)
        title = "Preview"
        if failure is not None:
            from jobtui.views.failure import failure_lines

            self.entitle("preview", title)
            return failure_lines(failure, unfolded=self.unfolded)
        entry, store = self.entries.entry, self.store
        if store is None:
            return [line(("no store is open", "dim"))]
        if self._about_entry and entry is None:
            return [line(("no entry is selected", "dim"))]
        if self._about_entry and entry is not None:
            from jobtui.views.kept import entry_lines

            self.entitle("preview", f"{title}  {plain(short(name_of(entry.function), 40))}")
            shown = self.shown
            if shown is not None and shown.detail.row.name != entry.name:
                shown = None
            width, height = self.preview.size
            return entry_lines(
                entry,
                store.known(entry),
                shown,
                now=self.now(),
                width=max(width - 1, 20),
                height=height,
                paint=paint_of(self.app),
            )
        self.entitle("preview", title)
        row = self.functions.row
        from jobtui.views.kept import functions_lines

        return functions_lines(
            self.functions.sum_of(row) if row is not None else [], now=self.now()
        )

    def show_preview(self) -> None:
        """Go to the preview of the entry under the cursor."""
        self._about_entry = self.entries.entry is not None
        self.show_pane("preview")
        self.selection_changed()

    # --- filter and search ----------------------------------------------------------------

    def ask_search(self) -> None:
        """Ask for a filter, or for a text to search for in the preview."""
        value, hint = {
            "functions": (self.functions.needle, "filter the functions"),
            "entries": (self.query_asked.filter, "filter the entries"),
            "preview": (self.preview.needle, "search in the preview"),
        }[self._pane]
        self.prompt(value, hint)
        if self._pane == "entries":
            self.query_one(Prompt).add_class("-above")
            self._show_filter_hint(value)

    def _show_filter_hint(self, text: str) -> bool:
        """Say what a filter may be, or what is wrong with this one; tell whether it is right."""
        store = self.store
        hint = self.query_one("#filter-hint", Static)
        hint.add_class("-open")
        problem = store.problem(text) if store is not None else None
        hint.set_class(problem is not None, "-problem")
        from textual.content import Content

        if problem is None:
            hint.update(Content(store.fields if store is not None else ""))
            return True
        message, place = problem
        room = max(self.size.width - 4, 10)
        message = plain(message)
        before = min(place, max(room - len(message) - 2, 0))
        hint.update(Content(f"{' ' * before}^ {message}"))
        return False

    def _hide_filter_hint(self) -> None:
        self.query_one("#filter-hint").remove_class("-open")
        self.query_one(Prompt).remove_class("-above")

    def on_input_changed(self, message: Prompt.Changed) -> None:
        """Filter or search while it is typed."""
        message.stop()
        if message.input.has_class("-open"):
            self._look_for(message.value)

    def _look_for(self, text: str) -> None:
        if self._pane == "functions":
            self.functions.filter(text)
        elif self._pane == "preview":
            self.preview.find(text)
        elif self._show_filter_hint(text):
            self._filter(text)
        self.retitle()

    def _filter(self, text: str) -> None:
        if text != self.query_asked.filter:
            self.query_asked = self.query_asked._replace(filter=text)
            self._reading_refused = False
            self._end_reading()
            self.reorder()

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Keep the filter, or take it back; one that cannot be understood is typed on."""
        message.stop()
        text = message.value if message.kept else ""
        if self._pane == "entries" and not self._show_filter_hint(text):
            self.prompt(text, "filter the entries")
            self._show_filter_hint(text)
            return
        self._look_for(text)
        self._hide_filter_hint()
        if self._pane == "preview" and text and not self.preview.match_place[1]:
            self.say(f"no match for {text!r}")
        self.show_pane(self._pane)

    def find(self, step: int) -> None:
        """Go to the next match in the pane with the focus."""
        if self._pane == "preview":
            found = self.preview.find_next(step)
        elif self._pane == "functions":
            found = self.functions.find_next(step)
        else:
            # All that are shown fit the filter.
            found = self.entries.step(step)
        if not found:
            self.say("no match")
        self.retitle()

    # --- order and marks ------------------------------------------------------------------

    def sort_next(self) -> None:
        """Sort by the next column."""
        if self._pane == "functions":
            self.functions.sort_next()
        else:
            self.entries.sort_next()

    def sort_reverse(self) -> None:
        """Turn the order around."""
        if self._pane == "functions":
            self.functions.sort_reverse()
        else:
            self.entries.sort_reverse()

    def on_ordered_sort_wanted(self, message: Ordered.SortWanted) -> None:
        """Put the entries in another order."""
        message.stop()
        self.query_asked = self.query_asked._replace(
            sort=cast("EntryColumn", message.column), reverse=message.reverse
        )
        # At once: a key that follows goes on from there.
        self.entries.order(message.column, message.reverse)
        self._reading_refused = False
        self.reorder()

    def mark(self) -> None:
        """Mark the entry under the cursor, or take its mark away."""
        self.entries.mark()
        self.retitle()
        self.show_hints()
