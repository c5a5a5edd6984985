"""``jobtui store prune``: a store brought within limits, what was used longest ago first."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jobtui.cli.output import Output
from jobtui.cli.usage import UsageError
from jobtui.plain import count, size

if TYPE_CHECKING:
    from jobtui_core.limits import Limits
    from jobtui_core.project import Project, StoreView
    from jobtui_core.upkeep.reducing import Freed

__all__ = ["prune"]


def prune(
    project: Project,
    views: Sequence[StoreView],
    options: Namespace,
    output: Output,
    agreed: Callable[[str], bool],
) -> bool:
    """Say what goes, ask, and delete it; tell whether it was agreed to.

    Parameters
    ----------
    project : Project
        Its settings are the limits where none are given, for its own store.
    views : sequence of StoreView
    options : Namespace
        ``max_size``, ``max_age``, ``max_items``, ``dry_run`` and ``yes``.
    output : Output
    agreed : callable
        Asks a question.
    """
    limits = _limits(project, options)
    for view in views:
        freed = view.reduce(limits, dry_run=True)
        if freed is None:
            output.line(f"{view.place}  {view.kind}: left as it is")
            continue
        if not freed.size and not freed.entries:
            output.line(f"{view.place}: nothing goes; {_left(freed)}")
            continue
        if options.dry_run:
            output.line(f"{view.place}: {_gone(freed)} would go; {_left(freed)} would be left")
            continue
        if not options.yes and not agreed(f"{view.place}: delete {_gone(freed)}? [y/N] "):
            return False
        freed = view.reduce(limits) or freed
        output.line(f"{view.place}: deleted {_gone(freed)}; {_left(freed)} left")
    return True


def _limits(project: Project, options: Namespace) -> Limits:
    from jobtui_core.limits import limits_of

    given = (options.max_size, options.max_items, options.max_age)
    if given == (None, None, None) and not options.words[1:]:
        # Of the project's own store; they were checked when they were read.
        given = (project.config.max_size, None, project.config.max_age)
    if given == (None, None, None):
        raise UsageError(
            "jobtui store prune needs --max-size, --max-age or --max-items; for the project's "
            "store, max_size and max_age in the settings will do"
        )
    try:
        return limits_of(*given)
    except ValueError as error:
        raise UsageError(f"jobtui store prune: {error}") from error


def _gone(freed: Freed) -> str:
    outputs = f" and {count(freed.outputs, 'kept output')}" if freed.outputs else ""
    return f"{count(freed.entries, 'result')}{outputs}, {size(freed.size)}"


def _left(freed: Freed) -> str:
    return f"{count(freed.left, 'result')}, {size(freed.size_left)}"
