"""``jobtui demo``: make the demo project, start it and show it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from jobtui.cli.app import has_terminal, open_app
from jobtui.cli.output import Output

__all__ = ["TIP", "run"]

TIP = "Try: press e, set window to 26, save. Then w says why, and R runs what is stale."
"""What the app says above the demo."""

FOLDER = "co2-demo"
"""Where the demo is made when no folder is named."""


def run(options: Namespace, output: Output) -> int:
    """Make or find the demo, and open the app on it; without a terminal, run it and print."""
    from jobtui.demo import create_demo
    from jobtui_core.project import discover, open_project
    from jobtui_core.records import RunRequest

    folder = Path(options.words[0] if options.words else FOLDER)
    created = create_demo(folder)
    project = open_project(folder)
    if has_terminal():
        request = RunRequest(scripts=discover(project)) if created else None
        return open_app(folder, tip=TIP, start=request)
    output.line(f"{'made' if created else 'found'} the demo in {folder}")
    return _run_and_print(folder, output)


def _run_and_print(folder: Path, output: Output) -> int:
    from jobtui.cli.run import run_selected
    from jobtui.cli.status import print_status
    from jobtui.cli.words import Selection
    from jobtui_core.project import open_project, status

    project = open_project(folder)
    code = run_selected(project, Selection(None), output)
    print_status(status(project), output)
    output.line(f"to see it in the app: cd {folder} && jobtui")
    return code
