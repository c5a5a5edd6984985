"""Copying between stores, for ``jobtui push`` and ``jobtui pull``."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from jobtui.cli.kept import print_json
from jobtui.cli.output import Output
from jobtui.cli.phrases import one_line
from jobtui.cli.places import is_place
from jobtui.cli.progress import Progress
from jobtui.cli.signals import Signals
from jobtui.cli.usage import UsageError
from jobtui.plain import count, duration, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jobtui_core.project import Project
    from jobtui_core.upkeep.copying import Copied, CopyPlan, CopyProgress
    from jobtui_core.upkeep.kinds import Kind

__all__ = ["place_of", "transfer"]

LEFT_OUT, INTERRUPTED = 1, 130

_SHOWN = 10
"""Objects that were left out which are named."""

_WORDS: dict[Kind, tuple[str, str]] = {
    "entries": ("result", "results"),
    "blobs": ("kept output", "kept outputs"),
    "code": ("source", "sources"),
    "alias": ("accepted edit", "accepted edits"),
    "runs": ("record of a run", "records of runs"),
}


def transfer(
    command: str, source: str | None, target: str | None, options: Namespace, output: Output
) -> int:
    """Copy from one store to another, and say what was copied.

    Parameters
    ----------
    command : str
        ``push`` or ``pull``, for errors.
    source, target : str or None
        ``None`` for the project's store.
    options : Namespace
        ``function``, ``step``, ``key``, ``run``, ``dry_run`` and ``json``.
    output : Output
    """
    from jobtui_core.project import copy_plan, copy_to_json, open_project

    project = open_project()
    with Progress() as progress:
        plan = copy_plan(
            project,
            source,
            target,
            functions=[*options.function, *options.step],
            keys=options.key,
            runs=options.run,
            seen=progress.count,
        )
    told = copy_to_json(plan)
    if options.dry_run:
        if options.json:
            print_json(told, output)
        else:
            missing = {kind: len(objects) for kind, objects in plan.missing.items()}
            what = _in_words(missing, plan.size)
            output.line(f"{what} would be copied to {told['target']}; {plan.there:,} are there")
        return 0
    done, interrupted = _carry_out(project, plan)
    if options.json:
        print_json(copy_to_json(plan, done), output)
    else:
        _report(done, told["target"], command, output)
    if interrupted:
        return INTERRUPTED
    return 0 if done.whole and not done.damaged else LEFT_OUT


def place_of(command: str, word: str) -> str:
    """Give the place that a word names.

    Raises
    ------
    UsageError
        If it looks like none.
    """
    if is_place(word):
        return word
    raise UsageError(
        f"{word!r} is no URL and no folder: jobtui {command} ./{word} for a new one, "
        f"jobtui {command} STORE --function {word} for the results of a function"
    )


def _carry_out(project: Project, plan: CopyPlan) -> tuple[Copied, bool]:
    from jobtui_core.project import copy_results
    from jobtui_core.stores.progress import Transfer, listening

    so_far = ""
    with Signals() as signals, Progress() as progress:

        def show(now: CopyProgress) -> None:
            nonlocal so_far
            if signals.again:
                # Whoever asks twice does not wait for what is under way; it is whole or not there.
                raise KeyboardInterrupt
            so_far = _so_far(now)
            progress.say("stopping …" if signals.cancel else so_far)

        def show_large(one: Transfer) -> None:
            # It comes from the threads that transfer; a line that two write at once is mended soon.
            arrow = "↑" if one.direction == "up" else "↓"
            part = f"{arrow} {size(one.done)} of {size(one.total)}"
            progress.say("stopping …" if signals.cancel else f"{so_far}  {part}".strip())

        with listening(show_large):
            done = copy_results(project, plan, progress=show, stop=lambda: signals.cancel)
        return done, signals.cancel and done.stopped


def _so_far(now: CopyProgress) -> str:
    parts = [
        f"{now.objects:,} of {now.of_objects:,} objects",
        f"{size(now.size)} of {size(now.of_size)}",
    ]
    if now.seconds > 1 and now.size:
        rate = now.size / now.seconds
        parts += [f"{size(int(rate))}/s"]
        if now.of_size > now.size:
            parts += [f"{duration((now.of_size - now.size) / rate)} left"]
    return "  ".join(parts)


def _report(done: Copied, target: str, command: str, output: Output) -> None:
    there = f"; {done.there:,} were there" if done.there else ""
    took = f", {duration(done.seconds)}" if done.size else ""
    output.line(f"copied {_in_words(done.objects, done.size)} to {target}{there}{took}")
    for one in done.left_out[:_SHOWN]:
        output.line(f"left out: {one_line(one.name)}: {one_line(one.reason)}", "red")
    if done.damaged > _SHOWN:
        output.line(f"left out: {done.damaged - _SHOWN:,} more", "red")
    if done.gone:
        output.line(f"{count(done.gone, 'object')} went from the source meanwhile")
    if done.error is not None:
        output.line(f"stopped: {one_line(done.error.message)}", "red")
    if not done.whole:
        output.line(f"what was copied is whole; the same jobtui {command} goes on with the rest")


def _in_words(objects: Mapping[Kind, int], room: int) -> str:
    parts = [
        f"{objects[kind]:,} {words[objects[kind] != 1]}"
        for kind, words in _WORDS.items()
        if objects.get(kind) or kind == "entries"
    ]
    return f"{', '.join(parts)} ({size(room)})"
