"""What the home screen does about edits that do not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobtui.acceptances import edited
from jobtui.plain import plain
from jobtui.screens.home_base import HomeBase

if TYPE_CHECKING:
    from jobtui.messages import AcceptanceTold, OfferKnown
    from jobtui_core.records import StepStatus

__all__ = ["Accepting"]


class Accepting(HomeBase):
    """Shows edits to be accepted, and says what was accepted or taken back."""

    def offer_acceptance(self, step: StepStatus) -> None:
        """Show the edit of a step, once it is known."""
        self.ask.accept_offer(step)

    def on_offer_known(self, message: OfferKnown) -> None:
        """Show the edit, and accept it if that is wanted."""
        message.stop()
        if self.app.screen is not self:
            # Another question was opened in the meantime.
            return
        from jobtui.screens.accept import AcceptScreen

        offer = message.offer

        def answered(wanted: bool | None) -> None:
            if wanted:
                self.ask.accept(offer)

        self.app.push_screen(AcceptScreen(offer), answered)

    def take_back(self, step: StepStatus) -> None:
        """Take back the last acceptance of a step."""
        self.ask.unaccept(step)

    def on_acceptance_told(self, message: AcceptanceTold) -> None:
        """Say what was accepted or taken back, and look what that makes of the verdicts."""
        message.stop()
        name = plain(message.step.name)
        what = ", ".join(edited(alias) for alias in message.acceptances)
        if message.taken_back:
            self.say(f"taken back for {name}: {what}")
        else:
            self.say(f"accepted for {name}: {what}; {self.key_of('unaccept')} takes it back")
        self.ask.status()
