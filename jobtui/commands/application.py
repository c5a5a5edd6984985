"""Commands that concern the app as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen
    from jobtui.screens.place import Place
    from jobtui.screens.runs import RunsScreen

__all__ = ["copy", "copy_or_quit", "edit", "help_screen", "palette", "quit_app", "rescan"]


def edit(place: HomeScreen | RunsScreen) -> None:
    """Open the selection in the user's editor."""
    place.edit()


def copy(place: Place) -> None:
    """Ask what to copy of the selection."""
    place.copy()


def rescan(place: Place) -> None:
    """Look at everything again now."""
    place.rescan()


def palette(place: Place) -> None:
    """Open the command palette."""
    place.show_palette()


def help_screen(place: Place) -> None:
    """Show all keys."""
    place.show_help()


def quit_app(place: Place) -> None:
    """Leave, after a question if something is running."""
    place.quit()


def copy_or_quit(place: Place) -> None:
    """Copy what is selected with the mouse; without that, offer to cancel or to quit."""
    place.interrupt()
