"""Commands of the Cache, and those that go from one mode to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.cache import CacheScreen
    from jobtui.screens.place import Place
    from jobtui.screens.runs import RunsScreen

__all__ = ["delete", "mark", "open_store", "show_cache", "show_preview", "show_steps"]


def show_steps(place: Place) -> None:
    """Go to the steps of the project."""
    place.jobtui.show_mode("steps")


def show_cache(place: Place) -> None:
    """Go to what a store keeps."""
    place.jobtui.show_mode("cache")


def open_store(cache: CacheScreen) -> None:
    """Ask which store to look through."""
    cache.ask_store()


def show_preview(cache: CacheScreen) -> None:
    """Show the picture of the entry under the cursor."""
    cache.show_preview()


def mark(place: CacheScreen | RunsScreen) -> None:
    """Mark an entry or a run, or take its mark away."""
    place.mark()


def delete(place: CacheScreen | RunsScreen) -> None:
    """Show what deleting the selection comes to, and ask."""
    place.offer_removal()
