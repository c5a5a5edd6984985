"""``jobtui pull``: results of another store, copied to the project's."""

from __future__ import annotations

from argparse import Namespace

from jobtui.cli.output import Output
from jobtui.cli.transfer import place_of, transfer
from jobtui.cli.usage import UsageError

__all__ = ["run"]


def run(options: Namespace, output: Output) -> int:
    """Copy from the store that is named to the project's, or that of ``--to``."""
    (word,) = options.words or [None]
    source = getattr(options, "from")
    if (word is None) == (source is None):
        raise UsageError("jobtui pull needs one store to copy from: a folder or a URL")
    source = source if word is None else place_of("pull", word)
    return transfer("pull", source, options.to, options, output)
