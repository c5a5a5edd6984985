"""``jobtui accept STEP``: declare that an edit does not matter.

Nothing is accepted that was not shown: the diff is printed first, and without a terminal to ask
on, ``--yes`` has to say that somebody knows it.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from jobtui.cli.diff import print_diff
from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError
from jobtui.cli.phrases import one_line
from jobtui.cli.words import select

if TYPE_CHECKING:
    from jobtui_core.records import AcceptOffer

__all__ = ["run"]

DECLINED = 1
"""Exit code where somebody looked at the edit and said no."""


def run(options: Namespace, output: Output) -> int:
    """Show the edit of a step, and accept it if that is wanted."""
    if not options.words:
        raise UsageError("jobtui accept needs the name of a step; jobtui status lists them")
    from jobtui_core.project import accept, accept_offer, open_project

    step, *rest = options.words
    project = open_project()
    chosen = select(project, rest, options.argv)
    scripts = chosen.scripts or (None,)
    if len(scripts) > 1:
        raise UsageError("jobtui accept takes one script")
    offer = accept_offer(project, step, script=scripts[0], **chosen.keywords())
    _print_offer(offer, output)
    if not options.yes and not _agreed(offer, output):
        output.line("nothing was accepted")
        return DECLINED
    accept(project, offer)
    name = one_line(offer.step.name)
    kept = "its stored result is used" if not offer.remaining else "it is not fresh yet"
    output.line(f"accepted: {kept}; jobtui unaccept {name} takes it back")
    return 0


def _print_offer(offer: AcceptOffer, output: Output) -> None:
    output.line(f"{one_line(offer.step.name)} ({one_line(offer.step.script)})", "bold")
    for reason in offer.reasons:
        output.line(f"  {one_line(reason.summary)}")
        print_diff(reason.diff, output)
    if offer.remaining:
        output.line("  it would not be fresh even then:")
        for reason in offer.remaining:
            output.line(f"    {one_line(reason.summary)}")


def _agreed(offer: AcceptOffer, output: Output) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "jobtui accept asks first, which needs a terminal; "
            f"jobtui accept {offer.step.name} --yes accepts the edit above"
        )
    output.line()
    output.raw("Does this edit make no difference to the result? [y/N] ")
    output.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
