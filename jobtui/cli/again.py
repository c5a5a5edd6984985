"""``jobtui status`` once more, as prompts, hooks and people ask it, many times a day.

While nothing has changed, what was printed last time is printed again, and neither the machinery
behind verdicts nor that of the command line is loaded.  Any doubt leaves it to them.
"""

from __future__ import annotations

import os
import sys

from jobtui_core._version import __version__
from jobtui_core.project.kept.lastlook import kept_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

__all__ = ["is_terminal", "question", "said_again"]

_VARIABLES = (
    "COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TERM", "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)  # fmt: skip
"""What Rich reads to decide over colours and widths."""


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person looks at it: a terminal that understands more than plain text."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def question(stream: TextIO, *, json: bool, fail_if_stale: bool) -> str:
    """Name all that the answer of ``jobtui status`` depends on beside the project."""
    asked = f"status {__version__} json={json:d} fail={fail_if_stale:d}"
    if not is_terminal(stream):
        return f"{asked} plain"
    sizes = []
    for descriptor in (0, 1, 2):
        try:
            sizes.append(tuple(os.get_terminal_size(descriptor)))
        except OSError:
            sizes.append(())
    variables = [os.environ.get(name) for name in _VARIABLES]
    return f"{asked} terminal {(stream.encoding, sizes, variables)!a}"


def said_again(words: Sequence[str]) -> int | None:
    """Print what a command printed last time; give its exit code.

    Returns
    -------
    int or None
        ``None`` if nothing was printed: then the command has to be carried out.
    """
    stream = sys.stdout
    # Started with a closed descriptor, Python has no stream.
    if stream is None or not words or words[0] != "status":
        return None
    if not {"--json", "--fail-if-stale"}.issuperset(words[1:]):
        return None
    asked = question(stream, json="--json" in words, fail_if_stale="--fail-if-stale" in words)
    try:
        # Only where the project begins: whose the folders below are is for others to say.
        root = os.getcwd()  # noqa: PTH109  # a text
    except OSError:
        return None
    known = kept_answer(root, asked, colours=is_terminal(stream))
    if known is None:
        return None
    code, text = known
    if not text.isascii() and (stream.encoding or "").lower() != "utf-8":
        # Signs that it may lack have to be spelt.
        return None
    stream.write(text)
    return code
