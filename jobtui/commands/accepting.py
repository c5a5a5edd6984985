"""Commands that declare an edit irrelevant, and take that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen

__all__ = ["accept", "unaccept"]


def accept(home: HomeScreen) -> None:
    """Show the edit of the selected step, and ask whether it matters."""
    step = home.context.step
    if step is not None:
        home.offer_acceptance(step)


def unaccept(home: HomeScreen) -> None:
    """Take back the last acceptance of the selected step."""
    step = home.context.step
    if step is not None:
        home.take_back(step)
