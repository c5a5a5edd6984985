"""Whether a command makes sense now; each function gives an empty text, or why not."""

from __future__ import annotations

from jobtui.commands.context import Context
from jobtui_core.records import Verdict

__all__ = [
    "can_accept",
    "can_cancel",
    "can_check",
    "can_compare",
    "can_copy",
    "can_delete",
    "can_edit",
    "can_mark",
    "can_override",
    "can_plan",
    "can_recompute",
    "can_run",
    "can_run_again",
    "can_unaccept",
    "has_entry",
    "has_log",
    "has_newer",
    "has_older",
    "has_rows",
    "has_run",
    "has_search",
    "has_step",
    "shows_log",
]


def has_rows(context: Context) -> str:
    """Something must be selected."""
    return "" if context.script is not None else "nothing is selected"


def has_step(context: Context) -> str:
    """A step must be selected, or a script that can explain itself."""
    return has_rows(context)


def can_plan(context: Context) -> str:
    """The state on the screen must be today's."""
    return "" if context.ready else "the scripts are still being read"


def can_run(context: Context) -> str:
    """A script that can be read must be selected, with a step that is not running already."""
    if context.script is None:
        return "nothing is selected"
    if context.script.error is not None:
        return "this script cannot be read; w says why"
    if context.step is not None and context.step.verdict is Verdict.RUNNING:
        return "this step is running already"
    if context.step is not None and context.step.verdict is Verdict.UNUSED:
        return "no call of this step can be reached in today's source"
    return can_plan(context)


def can_recompute(context: Context) -> str:
    """A step must be selected that could run."""
    if context.step is None:
        return "select a step to recompute"
    return can_run(context)


def can_check(context: Context) -> str:
    """A step must be selected that has a stored result of today's calls."""
    if context.step is None:
        return "select a step to check"
    if context.step.verdict not in (Verdict.FRESH, Verdict.UNSURE):
        return "only a fresh step has a result to compare with"
    return can_plan(context)


def can_accept(context: Context) -> str:
    """A step must be selected whose code is not that of its stored result."""
    step = context.step
    if step is None:
        return "select a step to accept its edit"
    if step.accepted:
        return "its edit is accepted already"
    if step.verdict is Verdict.FAILED:
        return "this step failed; run it again, or undo the edit"
    if step.verdict is Verdict.RUNNING or not step.old_codes:
        return "no edit of this step's code is in question"
    return can_plan(context)


def can_unaccept(context: Context) -> str:
    """A step must be selected of which an edit was accepted."""
    step = context.step
    if step is None:
        return "select a step whose edit was accepted"
    if not any(alias.function == step.function for alias in step.acceptances):
        return "no edit of this step was accepted"
    return can_plan(context)


def can_cancel(context: Context) -> str:
    """There must be no doubt which run is meant."""
    if context.run is not None:
        return ""
    if context.chosen.run is not None:
        return "this run is over"
    if context.active:
        return "several runs are active; select a script or a step of one"
    return "nothing is running"


def can_edit(context: Context) -> str:
    """Another program must be able to take over the terminal."""
    if context.script is None and context.chosen.run is None:
        return "nothing is selected"
    return "" if context.can_suspend else "this terminal cannot be handed to an editor"


def has_log(context: Context) -> str:
    """Something must be selected."""
    return "" if context.chosen.run is not None else has_rows(context)


def has_search(context: Context) -> str:
    """Something must have been searched for in the pane with the focus."""
    return "" if context.searching else "search for something first, with /"


def has_entry(context: Context) -> str:
    """An entry of a store must be there to be looked at."""
    return "" if context.kept.entry else "select an entry first"


def can_copy(context: Context) -> str:
    """Something must be selected: a step, a script, an entry, or a run."""
    chosen = context.kept.entry or context.chosen.run is not None
    return "" if chosen else has_rows(context)


def can_mark(context: Context) -> str:
    """The focus must be on an entry, or on a run."""
    if context.pane == "runs":
        return has_run(context)
    if context.pane == "record":
        return "runs are marked in their table"
    return "" if context.pane == "entries" and context.kept.entry else "only entries can be marked"


def can_delete(context: Context) -> str:
    """There must be runs that are meant, or entries, in a store that may be written."""
    if context.kept.refused:
        return context.kept.refused
    return "" if context.kept.number or context.chosen.number else "nothing is selected"


def has_run(context: Context) -> str:
    """A run must be selected."""
    return "" if context.chosen.run is not None else "select a run first"


def can_run_again(context: Context) -> str:
    """A run must be selected; while it is under way it need not be repeated."""
    run = context.chosen.run
    if run is not None and run.state.active:
        return "this run is not over yet"
    return has_run(context)


def can_override(context: Context) -> str:
    """A script must be selected that can be read, or a run."""
    if context.chosen.run is not None:
        return ""
    if context.script is not None and context.script.error is not None:
        return "this script cannot be read; w says why"
    return has_rows(context)


def can_compare(context: Context) -> str:
    """Two runs must be meant: the marked ones, or the selected one and the one before it."""
    if context.chosen.compared >= 2:
        return ""
    return has_run(context) or "its script did not run before: mark another run with space"


def has_older(context: Context) -> str:
    """The run's script must have run before."""
    return "" if context.chosen.older else "its script did not run before that"


def has_newer(context: Context) -> str:
    """The run's script must have run again."""
    return "" if context.chosen.newer else "its script did not run since"


def shows_log(context: Context) -> str:
    """The output of a run must be what is shown."""
    return "" if context.chosen.log else "show the log first, with l"
