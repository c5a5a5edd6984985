"""A view on more lines than there is room for, whose content may change without a new layout."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView

__all__ = ["Scrolled"]


class Scrolled(ScrollView, can_focus=True):
    """A scroll view with room for its scroll bar at all times.

    So another number of lines changes nothing around it.  Textual lays out the whole screen when
    the size of any content changes, which costs more than drawing it: too much for a log that
    grows, and for a text that follows a cursor.
    """

    DEFAULT_CSS = """
    Scrolled {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 1 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $panel-lighten-2;
    }
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)
    """Size of the content, in cells."""

    _base: Style | None = None

    @property
    def base_style(self) -> Style:
        """Style of the view itself, which is asked for once a line and changes hardly ever."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Forget the style of before."""
        self._base = None
        super().notify_style_update()

    def watch_virtual_size(self, size: Size) -> None:
        """Tell the scroll bar; the layout only where the height follows the content."""
        self.vertical_scrollbar.window_virtual_size = size.height
        if self.styles.auto_dimensions:
            self.refresh(layout=True)
        elif round(self.scroll_target_y) > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
