"""Turning the catalogue into parsers and help.

Each command has a parser of its own rather than a subparser: words and options may then stand in
any order (``jobtui run co2.py -j 2 window=26``), which argparse allows for plain parsers alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from jobtui.cli.catalogue import COMMANDS, EXIT_CODES
from jobtui.cli.command import Command
from jobtui.cli.usage import UsageError
from jobtui.cli.words import split_argv

__all__ = ["UsageError", "help_text", "parse"]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def parse(command: Command, words: Sequence[str]) -> argparse.Namespace:
    """Read what follows a command's name.

    Returns
    -------
    Namespace
        One attribute an option, ``words`` (list of str) and ``argv`` (tuple of str or ``None``).

    Raises
    ------
    UsageError
        If an option is unknown or lacks its value, or there are more words than the command takes.
    """
    own, argv = split_argv(words)
    if argv is not None and not command.takes_argv and not {"-h", "--help"} & set(own):
        raise UsageError(f"jobtui {command.name} takes no words after --")
    parser = _parser(command)
    options, unknown = parser.parse_known_intermixed_args(own)
    if unknown:
        raise UsageError(_unknown_option(command, unknown[0]))
    if command.words == "one" and len(options.words) > 1:
        raise UsageError(
            f"jobtui {command.name} takes one word, not {len(options.words)}; "
            f"see jobtui {command.name} --help"
        )
    options.argv = argv
    return options


def _parser(command: Command) -> _Parser:
    parser = _Parser(
        prog=f"jobtui {command.name}",
        usage=f"jobtui {command.name} {command.usage}",
        description=f"{command.summary[0].upper()}{command.summary[1:]}.\n\n{command.details}",
        epilog=f"{_examples(command)}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for option in command.options:
        if not option.metavar:
            parser.add_argument(*option.flags, help=option.help, action="store_true")
        elif option.repeated:
            parser.add_argument(
                *option.flags, help=option.help, metavar=option.metavar, action="append", default=[]
            )
        else:
            parser.add_argument(
                *option.flags,
                help=option.help,
                metavar=option.metavar,
                type=_count if option.number else str,
            )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    return parser


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _unknown_option(command: Command, word: str) -> str:
    flags = [flag for option in command.options for flag in option.flags]
    near = get_close_matches(word.partition("=")[0], flags, n=1)
    hint = f"did you mean {near[0]}?" if near else f"see jobtui {command.name} --help"
    return f"jobtui {command.name} has no option {word}; {hint}"


def _examples(command: Command) -> str:
    width = max(len(line) for line, _ in command.examples)
    lines = [f"  {line:<{width}}   {what}" for line, what in command.examples]
    return "\n".join(["examples:", *lines])


def help_text() -> str:
    """Give what ``jobtui --help`` prints."""
    commands = "\n".join(f"  {command.name:<12}{command.summary}" for command in COMMANDS)
    return f"""\
usage: jobtui [DIR]
       jobtui COMMAND …

Which steps of your scripts are stale, why, and one key to rerun them.
"jobtui" alone opens the app on the project in DIR, or in the working directory.

commands:
{commands}

  jobtui COMMAND --help      explains one, with examples
  jobtui --version

start here:
  jobtui demo                a project to try it on
  jobtui status              what is fresh, what is not, and why
  jobtui why trend           the edit behind one verdict
  jobtui run                 run what is not fresh

A script is a plain Python file that decorates its slow functions:

  from jobtui_core import NumpyFile, default_param, make

  window = default_param("window", 52)

  @make(output=NumpyFile("results/trend.npy"))
  def trend(series, window): ...

{EXIT_CODES}
"""
