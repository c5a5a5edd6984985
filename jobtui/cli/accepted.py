"""``jobtui accepted``: the edits that were accepted, by whom and when."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING

from jobtui.acceptances import edited, said_by
from jobtui.cli.diff import print_diff
from jobtui.cli.output import Output
from jobtui.cli.phrases import one_line

if TYPE_CHECKING:
    from jobtui_core.records import Acceptance

__all__ = ["run", "title"]


def run(options: Namespace, output: Output) -> int:
    """List the accepted edits of the project in the working directory."""
    from jobtui_core.project import acceptances_to_json, accepted, open_project

    found = accepted(open_project())
    if options.json:
        output.raw(json.dumps(acceptances_to_json(found), indent=2) + "\n")
        return 0
    if not found and output.terminal:
        output.line("nothing was accepted")
    for alias in found:
        output.line(title(alias), "bold")
        if output.terminal:
            print_diff(alias.diff, output)
    return 0


def title(alias: Acceptance) -> str:
    """Say in one line what was accepted, by whom and when."""
    function = one_line(alias.function.replace(":", "."))
    return f"{function}: {edited(alias)}, {said_by(alias)}"
