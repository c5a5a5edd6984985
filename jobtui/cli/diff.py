"""A unified diff on the command line."""

from __future__ import annotations

from jobtui.cli.output import Output
from jobtui.plain import plain_lines

__all__ = ["print_diff"]

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def print_diff(diff: str, output: Output, *, indent: int = 4) -> None:
    """Print a diff line by line, as it is; a terminal folds what is too long."""
    for line in plain_lines(diff.rstrip("\n")) if diff else ():
        output.line(" " * indent + line, _STYLES.get(line[:1], ""), exact=True)
