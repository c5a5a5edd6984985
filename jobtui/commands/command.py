"""What a command is: the one place that its key, its help and its palette entry come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual.binding import Binding

from jobtui.commands.context import Context, Mode

if TYPE_CHECKING:
    from jobtui.screens.cache import CacheScreen
    from jobtui.screens.home import HomeScreen
    from jobtui.screens.place import Place
    from jobtui.screens.runs import RunsScreen

    Handler = (
        Callable[[Place], None]
        | Callable[[HomeScreen], None]
        | Callable[[CacheScreen], None]
        | Callable[[RunsScreen], None]
        | Callable[[HomeScreen | RunsScreen], None]
        | Callable[[CacheScreen | RunsScreen], None]
    )

__all__ = ["EVERYWHERE", "Command", "Group", "always"]

EVERYWHERE: tuple[Mode, ...] = ("steps", "cache", "runs")
"""Modes of a command that all of them have."""

Group = Literal["Moving", "Running", "Looking", "Cache", "Runs", "Everything else"]
"""Headings of the help screen, in this order."""


def always(_context: Context) -> str:
    """Tell that nothing speaks against a command."""
    return ""


class Command(NamedTuple):
    """Something that a person can do."""

    id: str
    """Name in the user's key map; stays the same for ever."""
    name: str
    """A few words for the palette."""
    help: str
    """One sentence."""
    keys: tuple[str, ...]
    """Default keys, the one to show first; none for what only the palette has."""
    group: Group
    footer: str = ""
    """A word for the footer; empty keeps it out of there."""
    handler: Handler | None = None
    """What it does; ``None`` for movements, which belong to the widget that has the focus."""
    available: Callable[[Context], str] = always
    """Gives an empty text if it makes sense now, else why not."""
    modes: tuple[Mode, ...] = ("steps",)
    """Where it can be used; its handler takes the screens of all of them."""

    def binding(self, action: str) -> Binding:
        """Give the binding that runs ``action``, which the user's key map can change by id."""
        # No terminal sends such a key; the user's key map can put one in its place.
        keys = ",".join(self.keys) or f"no_key_for_{self.id}"
        return Binding(keys, action, self.name, show=False, tooltip=self.help, id=self.id)
