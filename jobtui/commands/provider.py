"""The commands in the palette."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from jobtui.commands.catalogue import commands_of
from jobtui.commands.command import Command

if TYPE_CHECKING:
    from jobtui.app import JobtuiApp

__all__ = ["CommandProvider"]

# Opening the palette from the palette, and what only a key can mean.
_LEFT_OUT = frozenset({"palette", "interrupt", "next_pane", "previous_pane", "back"})


class CommandProvider(Provider):
    """Gives the palette every command that makes sense now."""

    def _commands(self) -> Iterator[tuple[Command, str]]:
        app = cast("JobtuiApp", self.app)
        context = app.place.context
        for command in commands_of(app.place.MODE):
            if command.id not in _LEFT_OUT and not command.available(context):
                yield command, app.keymap.shown(command)

    async def discover(self) -> Hits:
        """List everything."""
        app = cast("JobtuiApp", self.app)
        for command, key in self._commands():
            yield DiscoveryHit(
                Content(f"{command.name}  ({key})" if key else command.name),
                partial(app.place.run_command, command.id),
                text=command.name,
                help=command.help,
            )

    async def search(self, query: str) -> Hits:
        """List what fits the query."""
        app = cast("JobtuiApp", self.app)
        matcher = self.matcher(query)
        for command, _key in self._commands():
            score = matcher.match(command.name)
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(command.name),
                    partial(app.place.run_command, command.id),
                    text=command.name,
                    help=command.help,
                )
