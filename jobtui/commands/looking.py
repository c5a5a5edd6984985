"""Commands that show something else, or the same otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen

__all__ = [
    "back",
    "filter_or_search",
    "follow",
    "next_match",
    "next_pane",
    "next_tab",
    "previous_match",
    "previous_pane",
    "previous_tab",
    "reverse",
    "show_diff",
    "show_log",
    "show_why",
    "sort",
    "zoom",
]


def show_why(home: HomeScreen) -> None:
    """Show why the selection is stale, or why it is fresh."""
    home.show_pane("detail")
    home.detail.show_tab("why")


def show_diff(home: HomeScreen) -> None:
    """Show the same, scrolled to what changed."""
    show_why(home)
    home.detail.to_diff()


def show_log(home: HomeScreen) -> None:
    """Show what the selection printed."""
    home.show_pane("log")


def follow(home: HomeScreen) -> None:
    """Follow what is running, or stop following it."""
    home.toggle_follow()


def next_tab(home: HomeScreen) -> None:
    """Show the detail's next tab."""
    home.detail.turn(1)


def previous_tab(home: HomeScreen) -> None:
    """Show the detail's previous tab."""
    home.detail.turn(-1)


def next_pane(home: HomeScreen) -> None:
    """Give the focus to the next pane."""
    home.cycle(1)


def previous_pane(home: HomeScreen) -> None:
    """Give the focus to the previous pane."""
    home.cycle(-1)


def back(home: HomeScreen) -> None:
    """Undo the last thing that was opened; never quit."""
    home.go_back()


def filter_or_search(home: HomeScreen) -> None:
    """Ask for a text to filter the steps by, or to search for in the pane with the focus."""
    home.ask_search()


def next_match(home: HomeScreen) -> None:
    """Go to the next match in the pane with the focus."""
    home.find(1)


def previous_match(home: HomeScreen) -> None:
    """Go to the previous match in the pane with the focus."""
    home.find(-1)


def sort(home: HomeScreen) -> None:
    """Sort by the next column, and by none after the last."""
    home.steps.sort_next()


def reverse(home: HomeScreen) -> None:
    """Turn the order of the rows around."""
    home.steps.sort_reverse()


def zoom(home: HomeScreen) -> None:
    """Give the whole screen to the pane with the focus, or take it back."""
    home.toggle_zoom()
