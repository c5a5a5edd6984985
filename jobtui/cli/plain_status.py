"""``jobtui status`` into a pipe, as prompts, hooks and scripts call it, many times a day.

The lines are kept beside the status that they say.  While nothing has changed, neither the
machinery behind verdicts nor that of the command line is loaded.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from jobtui import __version__
from jobtui.cli.output import Output
from jobtui.plain import plain

if TYPE_CHECKING:
    from jobtui_core.records import ProjectStatus

__all__ = ["print_plain_status"]


def print_plain_status(output: Output) -> None:
    """Print the lines of the project in the working directory."""
    from jobtui_core.project import open_project, overview_text

    text = overview_text(open_project(), _lines, f"lines {__version__}")
    # The index is a file like any other: nothing in it may reach a terminal behind the pipe.
    output.raw("".join(f"{plain(line)}\n" for line in text.splitlines()))


def _lines(status: ProjectStatus) -> str:
    from jobtui.cli.status import print_status

    text = io.StringIO()
    print_status(status, Output(text))
    return text.getvalue()
