"""The Log pane: what a run or a step printed, read in pieces from where one looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from jobtui.plain import log_line
from jobtui.views.lines import Line, line
from jobtui.views.plans import held_sentences
from jobtui.widgets.text_view import TextView

if TYPE_CHECKING:
    from jobtui.services.service import LogText
    from jobtui.views.failure import Failure
    from jobtui_core.records import Held

__all__ = ["PIECE", "Log", "LogTarget"]

PIECE = 128 * 1024
"""Bytes that are read at a time."""

MOST_LINES = 50_000
"""Lines that are kept; what is further away is read again when somebody goes there."""


class LogTarget(NamedTuple):
    """Whose output is shown."""

    run: str
    step: str | None = None
    """Only what this step printed."""


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    lines: int


class Log(Vertical):
    """Output of a run or a step.

    It asks for pieces by `Wanted` and gets them by `add`; an answer for another target, or one
    that does not join what is there, is dropped.
    """

    DEFAULT_CSS: ClassVar[str] = "Log TextView { height: 1fr; }"

    @dataclass
    class Wanted(Message):
        """A piece of the output is needed."""

        target: LogTarget
        start: int
        limit: int

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.view = OutputText(wrapped=False, widget_id="log-text")
        self.target: LogTarget | None = None
        self._aimed = False
        """Whether anybody has said yet what to show: before, nothing is claimed."""
        self.at_end = True
        """Whether the view stays at the end while output arrives."""
        self._pieces: list[_Piece] = []
        self._unfinished = ""
        self._more = False
        self._judged = False
        """Whether it is said what became of the run's plan: nothing is printed after that."""
        self._asked: int | None = None
        self._failure: Failure | None = None
        self._unfolded = False

    def compose(self) -> ComposeResult:
        """Just the text."""
        yield self.view

    # --- what is shown --------------------------------------------------------------------

    def aim(self, target: LogTarget | None, *, at_end: bool) -> None:
        """Show the output of another run or step; nothing happens if it is the same."""
        self.at_end = at_end
        if target == self.target and self._aimed:
            if at_end:
                self._to_end()
            return
        self.target, self._aimed = target, True
        self._restart(-PIECE if at_end or (target and target.step is None) else 0)

    def again(self) -> None:
        """Read everything again."""
        self._restart(-PIECE if self.at_end else 0)

    def _restart(self, start: int) -> None:
        self._pieces, self._unfinished, self._more = [], "", False
        self._failure, self._unfolded, self._asked = None, False, None
        self._judged = False
        self.view.set_lines([] if self.target else [line(("No run yet.", "dim"))])
        self._ask(start)

    def _ask(self, start: int, limit: int = PIECE) -> None:
        if self.target is not None and self._asked is None:
            self._asked = start
            self.post_message(self.Wanted(self.target, start, limit))

    def poll(self) -> None:
        """Ask for what was printed in the meantime."""
        if self._failure is None:
            self._ask(self._pieces[-1].end if self._pieces else -PIECE if self.at_end else 0)

    # --- answers --------------------------------------------------------------------------

    def add(self, target: LogTarget, part: LogText) -> None:
        """Take a piece that was asked for."""
        if target != self.target:
            return
        asked, self._asked = self._asked, None
        if self._failure is not None:
            self._failure = None
            self.view.set_lines([])
        if self._pieces and asked is not None and 0 <= asked < self._pieces[0].start:
            self._add_before(part)
        elif not self._pieces or part.start >= self._pieces[-1].end:
            self._add_behind(part)
        if part.replayed and not any(piece.lines for piece in self._pieces):
            from jobtui.views.record import output_lines

            self.view.set_lines(output_lines(part.replayed, times=False), keep_place=True)
        if not self.view.lines:
            self.view.set_lines([line(("Nothing was printed.", "dim"))])
        if part.held is not None and not self._judged:
            self._judge(part.held)

    def _judge(self, held: Held) -> None:
        """Say below the output what became of the run's plan."""
        self._judged = True
        said = [text for text, matters in held_sentences(held) if matters]
        self.view.add_lines([line((text, "stale")) for text in said], replace=0)
        if self.at_end:
            self._to_end()

    def set_failure(self, target: LogTarget, failure: Failure) -> None:
        """Say why the output cannot be read."""
        from jobtui.views.failure import failure_lines

        if target == self.target:
            self._asked, self._failure = None, failure
            self.view.set_lines(failure_lines(failure, unfolded=self._unfolded))

    def _add_behind(self, part: LogText) -> None:
        first = not self._pieces
        self._more = part.more
        if not part.text and not first:
            return
        start, text = part.start, part.text
        if first and start > 0 and self.target is not None and self.target.step is None:
            start, text = _whole_lines(start, text)
        shown = len(self.view.lines)
        had = bool(self._unfinished)
        blank = not had and not any(piece.lines for piece in self._pieces)
        complete = (self._unfinished + text).split("\n")
        self._unfinished = complete.pop()
        lines = [_line(text) for text in complete]
        if self._unfinished:
            lines.append(_line(self._unfinished))
        if blank:
            # A sentence may stand there which says that nothing was printed.
            shown = 0
            self.view.set_lines([])
        self.view.add_lines(lines, replace=int(had and shown > 0))
        self._pieces.append(_Piece(start, part.end, len(complete)))
        self._forget_first()
        if self.at_end:
            self._to_end()
            if self._more:
                self._ask(part.end)

    def _add_before(self, part: LogText) -> None:
        start, text = part.start, part.text
        if start > 0:
            start, text = _whole_lines(start, text)
        lines = [_line(text) for text in text.split("\n")]
        if text.endswith("\n"):
            lines.pop()
        self.view.insert_lines(lines)
        self._pieces.insert(0, _Piece(start, self._pieces[0].start, len(lines)))

    def _forget_first(self) -> None:
        total = sum(piece.lines for piece in self._pieces)
        while total > MOST_LINES and len(self._pieces) > 1:
            piece = self._pieces.pop(0)
            total -= piece.lines
            self.view.drop_first(piece.lines)

    # --- moving ---------------------------------------------------------------------------

    def _to_end(self) -> None:
        self.view.to_end()

    def on_output_text_reached(self, message: OutputText.Reached) -> None:
        """Read on where the view comes to the edge of what was read."""
        message.stop()
        if not self._pieces or self.target is None:
            return
        begin = self._pieces[0].start
        if message.edge == "bottom":
            if self._more:
                self._ask(self._pieces[-1].end)
        elif begin > 0 and self.target.step is None:
            start = max(0, begin - PIECE)
            self._ask(start, begin - start)

    def on_text_view_opened(self, message: TextView.Opened) -> None:
        """Unfold a traceback, or fold it again."""
        from jobtui.views.failure import failure_lines

        message.stop()
        if self._failure is not None:
            self._unfolded = not self._unfolded
            self.view.set_lines(
                failure_lines(self._failure, unfolded=self._unfolded), keep_place=True
            )


class OutputText(TextView):
    """Lines of output, which can stay at their end, and tell when an edge comes into sight."""

    @dataclass
    class Reached(Message):
        """The first or the last line is in sight."""

        edge: str

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell when an edge comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) == round(new_value):
            return
        if new_value < old_value and new_value < 1:
            self.post_message(self.Reached("top"))
        elif new_value > old_value and new_value >= self.max_scroll_y - 1:
            self.post_message(self.Reached("bottom"))

    def to_end(self) -> None:
        """Show the last line."""
        height = max(self.scrollable_content_region.height, 1)
        self.scroll_to(
            y=max(0, self.virtual_size.height - height), animate=False, immediate=True, force=True
        )


def _line(text: str) -> Line:
    return line(log_line(text))


def _whole_lines(start: int, text: str) -> tuple[int, str]:
    """Leave out the broken line at the beginning of a piece."""
    broken, newline, rest = text.partition("\n")
    if not newline:
        return start, text
    return start + len((broken + newline).encode("utf-8", "replace")), rest
