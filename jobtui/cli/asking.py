"""Asking before something is deleted."""

from __future__ import annotations

import sys
from argparse import Namespace

from jobtui.cli.output import Output
from jobtui.cli.usage import UsageError

__all__ = ["DECLINED", "agreed", "must_be_able_to_ask"]

DECLINED = 1
"""Exit code where somebody saw what would be deleted and said no."""


def must_be_able_to_ask(command: str, options: Namespace) -> None:
    """Refuse where there is nobody to ask, or no room for a question.

    Raises
    ------
    UsageError
        If ``--yes`` is missing there.
    """
    if options.yes:
        return
    if options.json:
        raise UsageError(f"jobtui {command} --json does not ask first: it needs --yes too")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"jobtui {command} asks first, which needs a terminal; with --yes it does not"
        )


def agreed(command: str, options: Namespace, output: Output, question: str) -> bool:
    """Ask, unless that was forgone."""
    if options.yes:
        return True
    must_be_able_to_ask(command, options)
    output.raw(f"{question} [y/N] ")
    output.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
