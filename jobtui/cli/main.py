"""The program: what was printed last time if that will do, else a command; and an exit code."""

from __future__ import annotations

import os
import sys

from jobtui.cli.again import said_again

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

CLOSED_PIPE = 128 + 13
"""What a shell shows for a program that SIGPIPE ended, as ``head`` does to its source."""

INTERRUPTED = 128 + 2
"""The same for SIGINT."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the program's name; those of this process if not given.

    Returns
    -------
    int
        The exit code: 0, 1 (a step failed or is not fresh) or 2 (wrong use).
    """
    words = sys.argv[1:] if argv is None else argv
    try:
        code = said_again(words)
        if code is None:
            # Not above: an unchanged status needs none of it.
            from jobtui.cli.dispatch import carry_out

            code = carry_out(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has seen enough; Python's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except OSError as error:
        from jobtui.cli.dispatch import complain_of

        return complain_of(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code
