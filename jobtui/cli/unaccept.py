"""``jobtui unaccept STEP``: take back that an edit does not matter."""

from __future__ import annotations

from argparse import Namespace

from jobtui.cli.accepted import title
from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """Take back the last acceptance of a step, or all of them."""
    if len(options.words) != 1:
        raise UsageError("jobtui unaccept needs the name of a step; jobtui accepted lists them")
    from jobtui_core.project import open_project, unaccept

    (step,) = options.words
    gone = unaccept(open_project(), step, every=options.all)
    for alias in gone:
        output.line(f"taken back: {title(alias)}")
    return 0
