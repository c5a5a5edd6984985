"""What one would type to do the same without the screen."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jobtui_core.records import RunRequest, StepStatus
from jobtui_core.tracing.redacted import redacted_value, redacted_words

__all__ = [
    "browse_command",
    "check_command",
    "compare_command",
    "load_snippet",
    "open_command",
    "run_command",
    "runs_command",
    "show_command",
    "shown_command",
]


def open_command(root: Path) -> str:
    """Give the command that opens the app on a project from the working directory."""
    here = Path.cwd()
    if root == here:
        return "jobtui"
    relative = os.path.relpath(root, here)
    # With its dot, a folder named like a command is still a folder.
    shown = f"./{relative}" if not relative.startswith("..") else str(root)
    return f"jobtui {shlex.quote(shown)}"


def check_command(step: StepStatus) -> str:
    """Give the command that checks a step."""
    return shlex.join(["jobtui", "check", step.name, step.script])


def run_command(request: RunRequest | None) -> str:
    """Give the command that runs a request; ``None`` stands for all that is not fresh."""
    words = ["jobtui", "run"]
    if request is not None:
        words += request.scripts
        words += [f"{name}={value}" for name, value in request.overrides.items()]
        words += ["--only", request.only] if request.only else []
        for step in request.recompute:
            words += ["--recompute", step]
        for step in request.drop:
            words += ["--drop", step]
        if request.argv is not None:
            words += ["--", *request.argv]
    return shlex.join(words)


def shown_command(request: RunRequest | None) -> str:
    """Give the same without what the names of parameters and words make a secret."""
    if request is None:
        return run_command(None)
    overrides = {name: redacted_value(name, value) for name, value in request.overrides.items()}
    argv = None if request.argv is None else tuple(redacted_words(request.argv))
    return run_command(replace(request, overrides=overrides, argv=argv))


def load_snippet(root: Path, step: StepStatus) -> str:
    """Give lines of Python that load a step's newest result, or nothing if there is none."""
    if not step.keys:
        return ""
    key = step.keys[-1]
    return (
        "from jobtui_core.entry import entry_name, read_value\n"
        "from jobtui_core.project import open_project\n"
        "\n"
        f"store = open_project({str(root)!r}).open_store()\n"
        f"name = entry_name({step.function!r}, {key!r})\n"
        f"value, info = read_value(store, name, {key!r})\n"
    )


def browse_command(place: str | None, text: str = "") -> str:
    """Give the command that opens the app on what a store keeps, with a filter."""
    words = ["jobtui", "browse"]
    if place is not None:
        words.append(_from_here(place))
    return shlex.join([*words, *([text] if text else [])])


def show_command(place: str, key: str) -> str:
    """Give the command that shows one entry of a store."""
    return shlex.join(["jobtui", "show", _from_here(place), key])


def runs_command(text: str = "") -> str:
    """Give the command that opens the app on the runs, with a filter."""
    return shlex.join(["jobtui", "runs", "--app", *([text] if text else [])])


def compare_command(runs: Sequence[str]) -> str:
    """Give the command that says in what runs differ."""
    return shlex.join(["jobtui", "compare", *runs])


def _from_here(place: str) -> str:
    """Write a folder below the working directory as one would type it."""
    here = f"{Path.cwd()}{os.sep}"
    return f"./{place[len(here) :]}" if place.startswith(here) else place
