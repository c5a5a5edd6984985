"""``jobtui rm RUN…``: removing records of runs, after showing which."""

from __future__ import annotations

from argparse import Namespace

from jobtui.cli.asking import DECLINED, agreed, must_be_able_to_ask
from jobtui.cli.kept import print_json
from jobtui.cli.output import Output
from jobtui.cli.runs import list_runs
from jobtui.plain import count, size
from jobtui_core.errors import RunError

__all__ = ["remove"]


def remove(options: Namespace, output: Output) -> int:
    """Show what goes, ask, and remove it."""
    from jobtui_core.project import open_project, remove_runs, run_removal

    project = open_project()
    look = run_removal(project, options.words, force=options.force)
    if look.refused:
        raise RunError(f"nothing was removed: {'; '.join(look.refused)}")
    must_be_able_to_ask("rm", options)
    if not options.json:
        list_runs(look.runs, output)
        if look.shown_by:
            of = "it" if len(look.runs) == 1 else count(len(look.shown_by), "of them", "of them")
            output.line(f"verdicts of steps rest on {of}; stored results stay")
    question = f"Remove {count(len(look.runs), 'run')}, {size(look.size)}?"
    if not agreed("rm", options, output, question):
        output.line("nothing was removed")
        return DECLINED
    gone = remove_runs(project, [info.id for info in look.runs], force=options.force)
    if options.json:
        print_json({"removed": list(gone), "size": look.size}, output)
    else:
        output.line(f"removed {count(len(gone), 'run')}, {size(look.size)}")
    return 0
