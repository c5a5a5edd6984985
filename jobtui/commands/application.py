"""Commands that concern the app as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen

__all__ = ["copy", "copy_or_quit", "edit", "help_screen", "palette", "quit_app", "rescan"]


def edit(home: HomeScreen) -> None:
    """Open the selection in the user's editor."""
    home.edit()


def copy(home: HomeScreen) -> None:
    """Ask what to copy of the selection."""
    home.copy()


def rescan(home: HomeScreen) -> None:
    """Look at everything again now."""
    home.refresh_status(by_hand=True)


def palette(home: HomeScreen) -> None:
    """Open the command palette."""
    home.show_palette()


def help_screen(home: HomeScreen) -> None:
    """Show all keys."""
    home.show_help()


def quit_app(home: HomeScreen) -> None:
    """Leave, after a question if something is running."""
    home.quit()


def copy_or_quit(home: HomeScreen) -> None:
    """Copy what is selected with the mouse; without that, offer to cancel or to quit."""
    home.interrupt()
