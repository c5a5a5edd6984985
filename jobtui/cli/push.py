"""``jobtui push``: results of the project's store, copied to another one."""

from __future__ import annotations

from argparse import Namespace

from jobtui.cli.output import Output
from jobtui.cli.transfer import place_of, transfer
from jobtui.cli.usage import UsageError

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """Copy from the project's store, or that of ``--from``, to the one that is named."""
    (word,) = options.words or [None]
    if (word is None) == (options.to is None):
        raise UsageError("jobtui push needs one store to copy to: a folder or a URL")
    target = options.to if word is None else place_of("push", word)
    return transfer("push", getattr(options, "from"), target, options, output)
