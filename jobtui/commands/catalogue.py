"""All commands.  What is not in this list has no key, no help and no palette entry."""

from __future__ import annotations

from jobtui.commands import accepting, application, history, keeping, looking, running
from jobtui.commands.availability import (
    can_accept,
    can_cancel,
    can_check,
    can_copy,
    can_delete,
    can_edit,
    can_mark,
    can_override,
    can_plan,
    can_recompute,
    can_run,
    can_unaccept,
    has_entry,
    has_log,
    has_search,
    has_step,
)
from jobtui.commands.command import EVERYWHERE, Command
from jobtui.commands.context import Mode
from jobtui.commands.moves import ENTER, MOVES
from jobtui.commands.run_commands import RUN_COMMANDS

__all__ = ["ALL_COMMANDS", "COMMANDS", "by_id", "commands_of"]

_RUNNING = (
    Command(
        id="run",
        name="Run the selection",
        help="Run the selected step or script; shows the plan first if more than it would run.",
        keys=("r",),
        group="Running",
        footer="run",
        handler=running.run_selected,
        available=can_run,
    ),
    Command(
        id="run_stale",
        name="Run everything stale",
        help="Show the plan for all that is not fresh; enter runs it.",
        keys=("R",),
        group="Running",
        footer="run stale",
        handler=running.run_stale,
        available=can_plan,
    ),
    Command(
        id="recompute",
        name="Recompute the selected step",
        help="Run the selected step although it is fresh.",
        keys=("f",),
        group="Running",
        handler=running.recompute,
        available=can_recompute,
    ),
    Command(
        id="check",
        name="Check the selected step",
        help="Compute the selected step aside and compare with what is stored; changes nothing.",
        keys=(),
        group="Running",
        handler=running.check,
        available=can_check,
    ),
    Command(
        id="plan",
        name="Plan",
        help="Show what will run, may run and is kept, and what that took; space drops a row.",
        keys=("p",),
        group="Running",
        handler=running.plan_all,
        available=can_plan,
    ),
    Command(
        id="cancel",
        name="Cancel the selected run",
        help="End the selected run; asks once it is older than 10 s.",
        keys=("x",),
        group="Running",
        footer="cancel",
        handler=running.cancel,
        available=can_cancel,
        modes=("steps", "runs"),
    ),
    Command(
        id="override",
        name="Override parameters",
        help="Ask for other values of the script's parameters, and run it with them.",
        keys=("o",),
        group="Running",
        handler=history.override,
        available=can_override,
        modes=("steps", "runs"),
    ),
)

_ACCEPTING = (
    Command(
        id="accept",
        name="Accept the edit",
        help="Show the edit of the selected step, and say that it leaves the result as it is.",
        keys=("a",),
        group="Running",
        footer="accept",
        handler=accepting.accept,
        available=can_accept,
    ),
    Command(
        id="unaccept",
        name="Undo the last acceptance",
        help="Take back the last acceptance of the selected step.",
        keys=("u",),
        group="Running",
        footer="unaccept",
        handler=accepting.unaccept,
        available=can_unaccept,
    ),
)

_LOOKING = (
    Command(
        id="why",
        name="Why",
        help="Show why the selection is stale, or why it is fresh.",
        keys=("w",),
        group="Looking",
        footer="why",
        handler=looking.show_why,
        available=has_step,
    ),
    Command(
        id="diff",
        name="Diff",
        help="Show why, scrolled to what changed.",
        keys=("d",),
        group="Looking",
        handler=looking.show_diff,
        available=has_step,
    ),
    Command(
        id="log",
        name="Log",
        help="Show what the selection printed.",
        keys=("l",),
        group="Looking",
        footer="log",
        handler=looking.show_log,
        available=has_log,
        modes=("steps", "runs"),
    ),
    Command(
        id="follow",
        name="Follow the running step",
        help="Keep the log at its end, on what is running; again: stop there.",
        keys=("F",),
        group="Looking",
        handler=looking.follow,
        modes=("steps", "runs"),
    ),
    Command(
        id="next_tab",
        name="Next tab",
        help="Show the next tab of the detail.",
        keys=("full_stop",),
        group="Looking",
        handler=looking.next_tab,
        modes=("steps", "runs"),
    ),
    Command(
        id="previous_tab",
        name="Previous tab",
        help="Show the previous tab of the detail.",
        keys=("comma",),
        group="Looking",
        handler=looking.previous_tab,
        modes=("steps", "runs"),
    ),
    Command(
        id="next_pane",
        name="Next pane",
        help="Go to the next pane.",
        keys=("tab",),
        group="Looking",
        handler=looking.next_pane,
        modes=EVERYWHERE,
    ),
    Command(
        id="previous_pane",
        name="Previous pane",
        help="Go to the previous pane.",
        keys=("shift+tab",),
        group="Looking",
        handler=looking.previous_pane,
        modes=EVERYWHERE,
    ),
    Command(
        id="back",
        name="Back",
        help="Close what was opened last; never quits.",
        keys=("escape",),
        group="Looking",
        handler=looking.back,
        modes=EVERYWHERE,
    ),
    Command(
        id="search",
        name="Filter or search",
        help="Filter the rows, or search in the text, whichever has the focus.",
        keys=("slash",),
        group="Looking",
        footer="filter",
        handler=looking.filter_or_search,
        modes=EVERYWHERE,
    ),
    Command(
        id="next_match",
        name="Next match",
        help="Go to the next match.",
        keys=("n",),
        group="Looking",
        handler=looking.next_match,
        available=has_search,
        modes=EVERYWHERE,
    ),
    Command(
        id="previous_match",
        name="Previous match",
        help="Go to the previous match.",
        keys=("N",),
        group="Looking",
        handler=looking.previous_match,
        available=has_search,
        modes=EVERYWHERE,
    ),
    Command(
        id="sort",
        name="Sort by the next column",
        help="Sort the rows by the next column; after the last, in their own order.",
        keys=("s",),
        group="Looking",
        handler=looking.sort,
        modes=EVERYWHERE,
    ),
    Command(
        id="reverse",
        name="Reverse the order",
        help="Turn the order of the rows around.",
        keys=("S",),
        group="Looking",
        handler=looking.reverse,
        modes=EVERYWHERE,
    ),
    Command(
        id="zoom",
        name="Zoom",
        help="Give the whole screen to the pane with the focus; again: take it back.",
        keys=("z",),
        group="Looking",
        handler=looking.zoom,
        modes=EVERYWHERE,
    ),
)

_MODES = (
    Command(
        id="show_steps",
        name="Steps",
        help="Go to the steps of the project.",
        keys=("1",),
        group="Looking",
        handler=keeping.show_steps,
        modes=EVERYWHERE,
    ),
    Command(
        id="show_cache",
        name="Cache",
        help="Go to what a store keeps: any store, or a cache of joblib's.",
        keys=("2",),
        group="Looking",
        handler=keeping.show_cache,
        modes=EVERYWHERE,
    ),
    Command(
        id="show_runs",
        name="Runs",
        help="Go to the runs of the project: what ran when, with what, and what came of it.",
        keys=("3",),
        group="Looking",
        handler=history.show_runs,
        modes=EVERYWHERE,
    ),
)

_CACHE = (
    Command(
        id="open_store",
        name="Open a store",
        help="Look through another store: a known one, a folder or a URL.",
        keys=("o",),
        group="Cache",
        footer="open",
        handler=keeping.open_store,
        modes=("cache",),
    ),
    Command(
        id="preview",
        name="Preview",
        help="Go to the picture of the selected result, made without unpickling.",
        keys=("v",),
        group="Cache",
        footer="preview",
        handler=keeping.show_preview,
        available=has_entry,
        modes=("cache",),
    ),
    Command(
        id="mark",
        name="Mark",
        help="Mark the selected entry or run, or take its mark away.",
        keys=("space",),
        group="Looking",
        footer="mark",
        handler=keeping.mark,
        available=can_mark,
        modes=("cache", "runs"),
    ),
    Command(
        id="delete",
        name="Delete",
        help="Delete what is marked (entries, runs), else the selection; shows first what goes.",
        keys=("D",),
        group="Everything else",
        footer="delete",
        handler=keeping.delete,
        available=can_delete,
        modes=("cache", "runs"),
    ),
)

_REST = (
    Command(
        id="edit",
        name="Edit",
        help="Open the selection in $VISUAL or $EDITOR, at its line.",
        keys=("e",),
        group="Everything else",
        footer="edit",
        handler=application.edit,
        available=can_edit,
        modes=("steps", "runs"),
    ),
    Command(
        id="copy",
        name="Copy",
        help="Copy the selection's id or key, its path, a command line or lines that load it.",
        keys=("y",),
        group="Everything else",
        handler=application.copy,
        available=can_copy,
        modes=EVERYWHERE,
    ),
    Command(
        id="rescan",
        name="Look again",
        help="Read and check everything on this screen again.",
        keys=("ctrl+r", "f5"),
        group="Everything else",
        handler=application.rescan,
        modes=EVERYWHERE,
    ),
    Command(
        id="palette",
        name="Command palette",
        help="Find a command by its name.",
        keys=("colon", "ctrl+p"),
        group="Everything else",
        handler=application.palette,
        modes=EVERYWHERE,
    ),
    Command(
        id="help",
        name="Help",
        help="Show all keys.",
        keys=("question_mark",),
        group="Everything else",
        footer="help",
        handler=application.help_screen,
        modes=EVERYWHERE,
    ),
    Command(
        id="quit",
        name="Quit",
        help="Leave the app; asks if something is running.",
        keys=("q", "ctrl+q"),
        group="Everything else",
        footer="quit",
        handler=application.quit_app,
        modes=EVERYWHERE,
    ),
    Command(
        id="interrupt",
        name="Copy the marked text, or stop",
        help="Copy what is marked with the mouse; without that, offer to cancel or to quit.",
        keys=("ctrl+c",),
        group="Everything else",
        handler=application.copy_or_quit,
        modes=EVERYWHERE,
    ),
)

COMMANDS: tuple[Command, ...] = (
    *_RUNNING,
    *_ACCEPTING,
    *RUN_COMMANDS,
    *_LOOKING,
    *_MODES,
    *_CACHE,
    *_REST,
)
"""Commands that act on the screen as a whole, in the order of the footer."""

ALL_COMMANDS: tuple[Command, ...] = (*MOVES, ENTER, *COMMANDS)
"""The same and the movements."""


def by_id(name: str) -> Command:
    """Give a command by its id.

    Raises
    ------
    KeyError
        If there is none.
    """
    return _BY_ID[name]


def commands_of(mode: Mode) -> tuple[Command, ...]:
    """Give the commands that act on the screen of a mode, in the order of its footer."""
    return tuple(command for command in COMMANDS if mode in command.modes)


_BY_ID = {command.id: command for command in ALL_COMMANDS}
