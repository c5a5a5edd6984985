"""An edit, and the question whether it makes a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from jobtui.plain import plain
from jobtui.views.accept import offer_lines, remaining_text
from jobtui.widgets.choices import Choice, Choices
from jobtui.widgets.text_view import TextView

if TYPE_CHECKING:
    from jobtui_core.records import AcceptOffer

__all__ = ["AcceptScreen"]

_CHOICES = (
    Choice("no", "n", "no, leave it as it is"),
    Choice("yes", "y", "yes, its stored result stands for the code of today"),
)


class AcceptScreen(ModalScreen[bool]):
    """Shows an edit; gives whether it is accepted.

    The keys that scroll are those of the diff, which has the focus; neither enter nor the key
    that opened this accepts anything.

    Parameters
    ----------
    offer : AcceptOffer
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n,q,ctrl+c", "answer(False)", "Leave it as it is", show=False),
        Binding("y", "answer(True)", "Accept", show=False),
    ]
    CSS_PATH = "accept.tcss"

    def __init__(self, offer: AcceptOffer) -> None:
        super().__init__()
        self._offer = offer

    def compose(self) -> ComposeResult:
        """Put the diff above what it leaves open and the choices."""
        box = Vertical(id="accept")
        name = plain(self._offer.step.name)
        box.border_title = Content(f"Does this edit leave the result of {name} as it is?")
        box.border_subtitle = "y accepts   n or esc leaves it"
        with box:
            yield TextView(widget_id="accept-diff", wrapped=False)
            if self._offer.remaining:
                yield Static(Content(remaining_text(self._offer)), id="accept-rest")
            yield Choices(_CHOICES)

    def on_mount(self) -> None:
        """Show the edit."""
        view = self.query_one(TextView)
        view.set_lines(offer_lines(self._offer))
        view.focus()

    def on_choices_chosen(self, message: Choices.Chosen) -> None:
        """Take a click, or enter on a choice."""
        message.stop()
        self.dismiss(message.choice.id == "yes")

    def action_answer(self, wanted: bool) -> None:
        """Close with the answer."""
        self.dismiss(wanted)
