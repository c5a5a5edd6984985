"""What is declared of a command: once, for parsing, for help and for completion."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["JSON", "Command", "Option"]


# Named tuples, since dataclasses take longer to load than help to print or names to complete.
class Option(NamedTuple):
    """An option of a command."""

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    """Name of its value; empty for a switch."""
    repeated: bool = False
    number: bool = False


class Command(NamedTuple):
    """A command: what it is called, what it takes and how it is explained."""

    name: str
    usage: str
    summary: str
    """One line, for the list of commands."""
    details: str
    examples: tuple[tuple[str, str], ...]
    """Command lines and what they do."""
    module: str
    """Where its ``run(options, output)`` is; imported when it is called."""
    options: tuple[Option, ...] = ()
    words: Literal["any", "one", "none"] = "any"
    """How many words it takes besides its options."""
    takes_argv: bool = False
    """Whether ``-- ARGV…`` may follow."""
    completes: tuple[str, ...] = ()
    """What its words can be: ``script``, ``step``, ``parameter``, ``run``, ``filter`` (of runs),
    ``kept``, ``shell``."""


JSON = Option(("--json",), "print one JSON object")
