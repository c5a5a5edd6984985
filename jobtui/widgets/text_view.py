"""A text to read: drawn line by line, searched, selected with the mouse, never edited."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from jobtui.commands.moves import MOVE_BINDINGS
from jobtui.inks import inks_of, painted
from jobtui.views.lines import Line, search, text_of, wrap
from jobtui.widgets.scrolled import Scrolled

__all__ = ["TextView"]


class TextView(Scrolled, can_focus=True):
    """Lines of plain text in named styles, of which only those in sight are drawn.

    Parameters
    ----------
    wrapped : bool
        Break long lines between words instead of scrolling sideways.
    """

    BINDINGS = MOVE_BINDINGS
    ALLOW_SELECT = True

    @dataclass
    class Opened(Message):
        """Enter was pressed."""

        view: TextView

        @property
        def control(self) -> TextView:
            """The text."""
            return self.view

    @dataclass
    class Turned(Message):
        """Left or right was pressed where there is nothing to the side."""

        view: TextView
        step: int

        @property
        def control(self) -> TextView:
            """The text."""
            return self.view

    def __init__(self, *, wrapped: bool = True, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._wrapped = wrapped
        self._lines: list[Line] = []
        self._drawn: list[Line] = []
        # Number of the line that a drawn one comes from; only kept where lines are wrapped.
        self._origin: list[int] = []
        self._widest = 0
        self.needle = ""
        self._matches: list[int] = []
        self._match = -1

    # --- content --------------------------------------------------------------------------

    @property
    def lines(self) -> Sequence[Line]:
        """The lines, as they were given."""
        return self._lines

    @property
    def text(self) -> str:
        """Everything that is in it."""
        return "\n".join(map(text_of, self._lines))

    def set_lines(self, lines: Iterable[Line], *, keep_place: bool = False) -> None:
        """Show other lines, from the top or where one was."""
        new = list(lines)
        if keep_place and new == self._lines:
            return
        self._lines = new
        self._lay_out()
        if self.needle:
            self._search()
        if not keep_place:
            self.scroll_to(0, 0, animate=False, immediate=True, force=True)
        self.refresh()

    def add_lines(self, lines: Sequence[Line], *, replace: int = 0) -> None:
        """Put lines at the end, in the place of the last ``replace`` ones."""
        if replace:
            del self._lines[-replace:]
        start = len(self._lines)
        self._lines += lines
        self._draw_from(start)
        if self.needle:
            self._search()
        self.refresh()

    def insert_lines(self, lines: Sequence[Line]) -> None:
        """Put lines before the first; what is in sight stays there."""
        self._lines[:0] = lines
        self._lay_out()
        if self.needle:
            self._search()
        self.scroll_to(
            y=self.scroll_target_y + len(lines), animate=False, immediate=True, force=True
        )

    def drop_first(self, number: int) -> None:
        """Forget the first lines; what is in sight stays there."""
        del self._lines[:number]
        self._lay_out()
        if self.needle:
            self._search()
        self.scroll_to(
            y=max(self.scroll_target_y - number, 0), animate=False, immediate=True, force=True
        )

    def _lay_out(self) -> None:
        self._drawn, self._origin, self._widest = [], [], 0
        self._draw_from(0)

    def _draw_from(self, start: int) -> None:
        width = self.scrollable_content_region.width
        if self._wrapped and width:
            keep = bisect_left(self._origin, start)
            del self._drawn[keep:], self._origin[keep:]
            for number in range(start, len(self._lines)):
                pieces = wrap(self._lines[number], width)
                self._drawn += pieces
                self._origin += [number] * len(pieces)
            self._widest = width
        else:
            self._drawn = self._lines
            fresh = self._lines[start:]
            self._widest = max([self._widest, *(_width(text_of(line)) for line in fresh)])
        self.virtual_size = Size(self._widest, len(self._drawn))

    def on_resize(self) -> None:
        """Break the lines for the new width."""
        self._lay_out()
        self.refresh()

    # --- search ---------------------------------------------------------------------------

    def find(self, needle: str) -> int:
        """Mark every line that contains ``needle`` and show the first from here on.

        Returns
        -------
        int
            How many lines contain it.
        """
        self.needle = needle
        self._search()
        if self._matches:
            here = self.first_line
            self._match = bisect_left(self._matches, here) % len(self._matches)
            self._show_match()
        self.refresh()
        return len(self._matches)

    def _search(self) -> None:
        self._matches = search(map(text_of, self._lines), self.needle)
        self._match = min(self._match, len(self._matches) - 1)

    def find_next(self, step: int = 1) -> bool:
        """Go to the next line that matches, around the end; tell whether there is one."""
        if not self._matches:
            return False
        self._match = (self._match + step) % len(self._matches)
        self._show_match()
        self.refresh()
        return True

    @property
    def match_place(self) -> tuple[int, int]:
        """Number of the match that is shown, from 1, and how many there are."""
        return (self._match + 1, len(self._matches))

    def _show_match(self) -> None:
        self.show_line(self._matches[self._match])

    def show_line(self, number: int, *, top: bool = False) -> None:
        """Bring a line into sight, at the top or a third down."""
        y = bisect_left(self._origin, number) if self._origin else number
        self.scroll_to(
            y=max(0, y - (0 if top else self.size.height // 3)),
            animate=False,
            immediate=True,
            force=True,
        )

    @property
    def first_line(self) -> int:
        """Number of the line that stands at the top."""
        return self._line_at(self.scroll_offset.y)

    def _line_at(self, y: int) -> int:
        return self._origin[y] if self._origin and y < len(self._origin) else y

    # --- drawing --------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        x, top = self.scroll_offset
        place = top + y
        width = self.scrollable_content_region.width
        base = self.base_style
        if place >= len(self._drawn):
            return Strip.blank(width, base)
        spans = self._drawn[place]
        inks = inks_of(self.app)
        segments = [
            Segment(text, base + (painted(style) if style[:1] == "#" else inks[style]))
            for text, style in spans
        ]
        strip = Strip(segments)
        if self._matches:
            strip = self._marked(strip, text_of(spans), self._line_at(place))
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(place)) is not None:
            strip = self._selected(strip, *span)
        return strip.crop_extend(x, x + width, base).apply_offsets(x, place)

    def _marked(self, strip: Strip, text: str, number: int) -> Strip:
        found = bisect_right(self._matches, number) - 1
        if found < 0 or self._matches[found] != number:
            return strip
        style = inks_of(self.app)["current" if found == self._match else "match"]
        start = text.casefold().find(self.needle.casefold())
        while start >= 0:
            left = _width(text[:start])
            right = left + _width(text[start : start + len(self.needle)])
            strip = _restyled(strip, left, right, style)
            start = text.casefold().find(self.needle.casefold(), start + len(self.needle))
        return strip

    def _selected(self, strip: Strip, start: int, end: int) -> Strip:
        style = self.screen.get_component_rich_style("screen--selection")
        return _restyled(strip, start, strip.cell_length if end == -1 else end, style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give the text that is selected with the mouse."""
        return selection.extract("\n".join(map(text_of, self._drawn))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    # --- moving ---------------------------------------------------------------------------

    def action_move(self, how: str) -> None:
        """Scroll: ``up``, ``down``, ``page_up``, ``half_down``, ``top`` …"""
        height = max(self.scrollable_content_region.height, 1)
        y = round(self.scroll_target_y)
        places = {
            "up": y - 1,
            "down": y + 1,
            "page_up": y - height,
            "page_down": y + height,
            "half_up": y - max(height // 2, 1),
            "half_down": y + max(height // 2, 1),
            "top": 0,
            "bottom": self.virtual_size.height - height,
        }
        if how in places:
            self.scroll_to(y=max(0, places[how]), animate=False, immediate=True, force=True)
        elif how in ("left", "right"):
            self._sideways(-1 if how == "left" else 1)

    def _sideways(self, step: int) -> None:
        if self._wrapped:
            self.post_message(self.Turned(self, step))
            return
        x = max(0, round(self.scroll_target_x) + 8 * step)
        self.scroll_to(x=x, animate=False, immediate=True, force=True)

    def action_choose(self) -> None:
        """Say that Enter was pressed."""
        self.post_message(self.Opened(self))


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _restyled(strip: Strip, start: int, end: int, style: Style) -> Strip:
    length = strip.cell_length
    start, end = min(start, length), min(end, length)
    if start >= end:
        return strip
    parts = list(strip.divide([start, end, length] if start else [end, length]))
    chosen = 1 if start else 0
    restyled = Strip([Segment(s.text, (s.style or Style()) + style) for s in parts[chosen]])
    parts[chosen] = restyled
    return Strip.join(parts)
