"""What the screens of all modes have in common: panes, commands and the lines around them."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from jobtui.commands.catalogue import by_id, commands_of
from jobtui.commands.context import Context, Mode, PaneName
from jobtui.plain import plain
from jobtui.screens.layout import LEAST_HEIGHT, LEAST_WIDTH, Layout, layout_for
from jobtui.widgets.footer import MOST_KEYS, Hint, KeyFooter
from jobtui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.worker import Worker

    from jobtui.app import JobtuiApp

__all__ = ["Place"]

_TEXTS: frozenset[PaneName] = frozenset({"detail", "log", "preview"})
"""Panes that are searched rather than filtered."""


class Place(Screen[None]):
    """A screen with panes, of which as many are visible as there is room for."""

    MODE: ClassVar[Mode]
    PANES: ClassVar[tuple[PaneName, ...]]
    """In the order in which tab goes through them; the first is where one begins."""

    def __init__(self) -> None:
        super().__init__()
        self.layout_name: Layout = "three"
        self.add_class("-three")
        self._pane: PaneName = self.PANES[0]
        self._zoomed = False
        self._pane_titles: dict[PaneName, str] = {name: name.capitalize() for name in self.PANES}
        self._searches: dict[PaneName, str] = {}

    # --- what each of them has in its own way -----------------------------------------------

    @property
    @abstractmethod
    def context(self) -> Context:
        """What decides which commands make sense now."""

    @abstractmethod
    def pane_widgets(self) -> dict[PaneName, Widget]:
        """Give the panes by their names."""

    @abstractmethod
    def focus_target(self, name: PaneName) -> Widget:
        """Give the widget in a pane that takes the focus."""

    @abstractmethod
    def panes_in_sight(self) -> tuple[PaneName, ...]:
        """Give the panes that there is room for."""

    @abstractmethod
    def retitle(self) -> None:
        """Write the title and what the panes search for."""

    @abstractmethod
    def go_back(self) -> None:
        """Undo what was opened last."""

    @abstractmethod
    def ask_search(self) -> None:
        """Ask for a filter, or for a text to search for."""

    @abstractmethod
    def find(self, step: int) -> None:
        """Go to the next match in the pane with the focus."""

    @abstractmethod
    def sort_next(self) -> None:
        """Sort by the next column; after the last, in the rows' own order."""

    @abstractmethod
    def sort_reverse(self) -> None:
        """Turn the order of the rows around."""

    @abstractmethod
    def copy(self) -> None:
        """Ask what to copy of the selection."""

    @abstractmethod
    def rescan(self) -> None:
        """Look at everything again."""

    def settle_selection(self) -> None:
        """Do what was put off until the cursor rests."""

    def pane_taken(self, name: PaneName) -> None:
        """Hear that a pane was given the focus."""

    def laid_out(self, visible: tuple[PaneName, ...]) -> None:
        """Hear which panes are visible now."""

    # --- commands -------------------------------------------------------------------------

    @property
    def jobtui(self) -> JobtuiApp:
        """The app."""
        return cast("JobtuiApp", self.app)

    def action_command(self, name: str) -> None:
        """Run a command that was bound to a key."""
        self.run_command(name)

    def run_command(self, name: str) -> None:
        """Run a command of this mode, or say why it makes no sense now."""
        self.settle_selection()
        command = by_id(name)
        assert self.MODE in command.modes
        if why_not := command.available(self.context):
            self.say(why_not)
        elif command.handler is not None:
            self.jobtui.ran(name)
            cast("Callable[[Place], None]", command.handler)(self)

    def key_of(self, name: str) -> str:
        """Give the key of a command, as it is shown."""
        return self.jobtui.keymap.shown(by_id(name))

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a sentence for a few seconds."""
        self.notify(plain(text), severity="error" if error else "information", markup=False)

    def show_hints(self) -> None:
        """Offer the keys that make sense for the selection."""
        context = self.context
        hints = []
        for command in commands_of(self.MODE):
            if not command.footer or command.available(context):
                continue
            label = command.footer
            if command.id == "search" and self._pane in _TEXTS:
                label = "search"
            hints.append(Hint(command.id, self.jobtui.keymap.shown(command), label))
        self.query_one(KeyFooter).hints = _most_useful(hints)

    def on_key_footer_clicked(self, message: KeyFooter.Clicked) -> None:
        """Run the command whose hint was clicked."""
        self.run_command(message.command)

    def show_help(self) -> None:
        """Show all keys."""
        from jobtui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.jobtui.keymap, self.MODE))

    def show_palette(self) -> None:
        """Open the command palette."""
        from textual.command import CommandPalette

        from jobtui.commands.provider import CommandProvider

        self.app.push_screen(CommandPalette(providers=[CommandProvider]))

    def quit(self) -> None:
        """Leave the app; with runs active, ask what becomes of them."""
        self.jobtui.leave()

    def interrupt(self) -> None:
        """Copy what is marked with the mouse; without that, offer to cancel or to quit."""
        marked = self.get_selected_text()
        if marked:
            self.app.copy_to_clipboard(marked)
            self.say("copied")
        else:
            self.jobtui.leave(interrupted=True)

    def background(
        self,
        work: Callable[[], Coroutine[Any, Any, None]],
        group: str,
        *,
        exclusive: bool = True,
    ) -> None:
        """Have something done; with ``exclusive`` in the place of the last of its group."""
        # The function, not its coroutine: one that is replaced before its turn never begins.
        _worker: Worker[None] = self.run_worker(
            work, group=group, description=group, exit_on_error=False, exclusive=exclusive
        )

    # --- panes ----------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Show as many panes as there is room for."""
        self.lay_out(event.size.width, event.size.height)

    def lay_out(self, width: int | None = None, height: int | None = None) -> None:
        """Show the panes that there is room for."""
        width = self.app.size.width if width is None else width
        height = self.app.size.height if height is None else height
        name = layout_for(width, height)
        if name != self.layout_name:
            self.remove_class(f"-{self.layout_name}", update=False)
            self.add_class(f"-{name}")
            self.layout_name = name
        if self.layout_name == "none":
            self.query_one("#too-small", Static).update(
                Content(
                    f"This terminal has {width}x{height} characters.\n"
                    f"jobtui needs {LEAST_WIDTH}x{LEAST_HEIGHT}."
                )
            )
        visible = self.panes_in_sight()
        for pane_name, pane in self.pane_widgets().items():
            pane.display = pane_name in visible
            self.entitle(pane_name, self._pane_titles[pane_name])
        self.laid_out(visible)
        self.retitle()

    def show_pane(self, name: PaneName) -> None:
        """Show a pane and give it the focus."""
        self._take(name)
        self.lay_out()
        # At once, and not with the next message: keys that were typed ahead are meant for it.
        self.set_focus(self.focus_target(name))

    def _take(self, name: PaneName) -> None:
        self._pane = name
        self.pane_taken(name)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Notice which pane has the focus, however it got it."""
        for name, pane in self.pane_widgets().items():
            if event.widget is pane or pane in event.widget.ancestors:
                self._take(name)
        self.show_hints()

    def cycle(self, step: int) -> None:
        """Go to the next pane, or to the previous one."""
        place = (self.PANES.index(self._pane) + step) % len(self.PANES)
        self.show_pane(self.PANES[place])

    def toggle_zoom(self) -> None:
        """Give the pane with the focus the whole screen, or take it back."""
        self._zoomed = not self._zoomed
        self.lay_out()

    def entitle(self, name: PaneName, title: str) -> None:
        """Write the title of a pane."""
        self._pane_titles[name] = title
        self._write_title(name)

    def _write_title(self, name: PaneName) -> None:
        # The search stands in front of what may be cut; below the panes there is no border.
        head, _, rest = self._pane_titles[name].partition("  ")
        parts = (head, self._searches.get(name, ""), rest, "zoomed" if self._zoomed else "")
        self.pane_widgets()[name].border_title = Content("  ".join(filter(None, parts)))

    # --- typing ---------------------------------------------------------------------------

    def prompt(self, value: str, hint: str) -> None:
        """Let a filter or a search be typed."""
        self.query_one(Prompt).open(value, f"{hint}; enter keeps it, esc takes it back")


def _most_useful(hints: list[Hint]) -> tuple[Hint, ...]:
    """Keep as many as people read; help and quit, the last two, are always among them."""
    if len(hints) <= MOST_KEYS:
        return tuple(hints)
    return (*hints[: MOST_KEYS - 2], *hints[-2:])
