"""What could stand at the cursor: the part of shell completion that knows the project.

The shells' own scripts (see ``completion``) only ask ``jobtui __complete WORD…``, the last word
being the one at the cursor, and offer what it prints, one candidate a line.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jobtui.cli.catalogue import COMMANDS, command_named
from jobtui.cli.command import Command, Option
from jobtui.cli.output import Output
from jobtui.plain import plain
from jobtui_core.errors import JobtuiError

if TYPE_CHECKING:
    from jobtui_core.project import Project

__all__ = ["candidates", "print_candidates"]

_VALUES = {
    "STEP": ("step",), "NAME": ("kept",), "KEY": ("key",), "RUN": ("run",), "TAG": ("tag",),
    "KIND": ("kind",),
}  # fmt: skip
"""What the values of options can be, by what help calls them."""

_is_digits = re.compile(r"[0-9a-f]+").fullmatch

_RECENT = 20
"""Runs that are offered; older ones are rarely meant."""


def print_candidates(words: Sequence[str], output: Output) -> int:
    """Print what could stand in the place of the last word."""
    for candidate in candidates(words):
        # A name that a shell could not read back in one piece is no candidate.
        if candidate == plain(candidate):
            output.raw(candidate + "\n")
    return 0


def candidates(words: Sequence[str]) -> list[str]:
    """Give what could stand in the place of the last word, sorted as it is best read."""
    *before, current = words or [""]
    if not before:
        found = [command.name for command in COMMANDS] + ["--help", "--version"]
        return _starting(current, found)
    command = command_named(before[0])
    if command is None or "--" in before:
        return []
    option = _expecting(command, before[-1])
    if option is not None:
        return _starting(current, _names(*_VALUES.get(option.metavar, ())))
    if current.startswith("-"):
        flags = [flag for each in command.options for flag in each.flags]
        return _starting(current, [*flags, "--help"])
    found = list(_words(command, before[1:]))
    if "kept" in command.completes and _is_digits(current):
        # Not before: nobody wants to see all keys.
        found += _names("key")
    return _starting(current, found)


def _starting(current: str, found: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(found) if name.startswith(current)]


def _expecting(command: Command, word: str) -> Option | None:
    """Give the option whose value stands at the cursor."""
    return next((each for each in command.options if word in each.flags and each.metavar), None)


def _words(command: Command, before: Sequence[str]) -> Iterable[str]:
    if command.name in ("why", "check", "accept"):
        # The step comes first, whatever follows it.
        return _names("step") if not before else _names("script", "parameter")
    return _names(*command.completes)


def _names(*kinds: str) -> list[str]:
    if "shell" in kinds:
        return ["bash", "zsh", "fish"]
    if "kind" in kinds:
        from jobtui.views.differences import KINDS

        return list(KINDS)
    try:
        return _project_names(kinds)
    except (JobtuiError, OSError):
        # Nobody wants to read an error between two key strokes.
        return []


def _project_names(kinds: Sequence[str]) -> list[str]:
    from jobtui_core.project import discover, open_project, runs

    if not set(kinds):
        return []
    project = open_project()
    found: list[str] = []
    if "script" in kinds:
        found += discover(project)
    if "run" in kinds:
        found += _runs(project)
    if "filter" in kinds:
        found += _filters(project)
    if "tag" in kinds:
        found += sorted({tag for info in runs(project) for tag in info.tags})
    if {"kept", "key"} & set(kinds):
        found += _kept(project, kinds)
    if {"step", "parameter"} & set(kinds):
        found += _of_status(project, kinds)
    return found


def _runs(project: Project) -> list[str]:
    from jobtui_core.project import runs

    return [info.id for info in runs(project, limit=_RECENT)]


def _filters(project: Project) -> list[str]:
    """Give what a part of a filter of runs may be, with the names that runs have."""
    from jobtui_core.project import filter_names, runs

    known = runs(project)
    found = {f"step:{name}" for info in known for name in info.steps}
    found |= {f"tag:{tag}" for info in known for tag in info.tags}
    found |= {f"script:{info.script}" for info in known}
    found |= {f"state:{info.state.value}" for info in known}
    values = {f"{name}=" for info in known for name in info.values}
    return [*filter_names(), *sorted(values), *sorted(found)]


def _kept(project: Project, kinds: Sequence[str]) -> list[str]:
    """Give functions and keys of the project's store, without a word over a network."""
    from jobtui_core.project import open_catalogues

    found: list[str] = []
    for catalogue in open_catalogues(project):
        # How it was at the last look, if that would take requests.
        if not catalogue.remote:
            deque(catalogue.pages(), maxlen=0)
        else:
            catalogue.remember()
        if "kept" in kinds:
            found += sorted({row.function.rpartition(":")[2] for row in catalogue.rows})
        if "key" in kinds:
            found += sorted(row.key for row in catalogue.rows)
    return found


def _of_status(project: Project, kinds: Sequence[str]) -> list[str]:
    from jobtui_core.project import overview

    found: list[str] = []
    for script in overview(project).scripts:
        if "step" in kinds:
            found += [step.name for step in script.steps]
        if "parameter" in kinds:
            found += [f"{parameter.name}=" for parameter in script.parameters]
    return found
