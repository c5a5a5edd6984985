"""Commands that show something else, or the same otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen
    from jobtui.screens.place import Place
    from jobtui.screens.runs import RunsScreen

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


def show_log(place: HomeScreen | RunsScreen) -> None:
    """Show what the selection printed."""
    place.show_log()


def follow(place: HomeScreen | RunsScreen) -> None:
    """Follow what is running, or stop following it."""
    place.toggle_follow()


def next_tab(place: HomeScreen | RunsScreen) -> None:
    """Show the detail's next tab."""
    place.turn_tab(1)


def previous_tab(place: HomeScreen | RunsScreen) -> None:
    """Show the detail's previous tab."""
    place.turn_tab(-1)


def next_pane(place: Place) -> None:
    """Give the focus to the next pane."""
    place.cycle(1)


def previous_pane(place: Place) -> None:
    """Give the focus to the previous pane."""
    place.cycle(-1)


def back(place: Place) -> None:
    """Undo the last thing that was opened; never quit."""
    place.go_back()


def filter_or_search(place: Place) -> None:
    """Ask for a text to filter the steps by, or to search for in the pane with the focus."""
    place.ask_search()


def next_match(place: Place) -> None:
    """Go to the next match in the pane with the focus."""
    place.find(1)


def previous_match(place: Place) -> None:
    """Go to the previous match in the pane with the focus."""
    place.find(-1)


def sort(place: Place) -> None:
    """Sort by the next column, and by none after the last."""
    place.sort_next()


def reverse(place: Place) -> None:
    """Turn the order of the rows around."""
    place.sort_reverse()


def zoom(place: Place) -> None:
    """Give the whole screen to the pane with the focus, or take it back."""
    place.toggle_zoom()
