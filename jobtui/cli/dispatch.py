"""From the words on the command line to a command."""

from __future__ import annotations

import sys
from importlib import import_module

from jobtui.cli.output import Output, prepare_streams
from jobtui.cli.usage import UsageError
from jobtui_core.errors import FilterError, JobtuiError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["carry_out", "complain_of"]

WRONG_USE = 2
"""The command line, a name, a value or a folder cannot be used."""

_LONGEST_POINTED = 200
"""Characters of a filter that is shown with its error."""


def carry_out(words: Sequence[str]) -> int:
    """Carry out a command.

    Parameters
    ----------
    words : sequence of str
        After the program's name.

    Returns
    -------
    int
        The exit code: 0, 1 (a step failed or is not fresh) or 2 (wrong use).

    Raises
    ------
    OSError
        If something cannot be read or written.
    KeyboardInterrupt
        If it was interrupted.
    """
    prepare_streams()
    try:
        return _dispatch(list(words))
    except SystemExit as stop:
        # argparse prints --help and leaves by this way.
        return stop.code if isinstance(stop.code, int) else 0
    except UsageError as error:
        return _complain(str(error))
    except FilterError as error:
        _complain(error.message)
        return _point(error)
    except JobtuiError as error:
        return _complain(error.message)


def complain_of(error: OSError) -> int:
    """Say what cannot be read or written; give the exit code."""
    prepare_streams()
    name = f"{error.filename}: " if error.filename else ""
    return _complain(f"{name}{error.strerror or error}")


def _complain(text: str) -> int:
    from jobtui.cli.phrases import one_line

    print(f"jobtui: {one_line(text)}", file=sys.stderr)
    return WRONG_USE


def _point(error: FilterError) -> int:
    """Show which part of a filter it is."""
    from jobtui.plain import plain

    text, before = plain(error.text), plain(error.text[: error.position])
    if text and len(text) < _LONGEST_POINTED:
        print(f"  {text}\n  {' ' * len(before)}^", file=sys.stderr)
    return WRONG_USE


def _dispatch(words: list[str]) -> int:
    output = Output()
    if not words:
        return _open_app(".")
    first, *rest = words
    if first == "help" and rest:
        first, rest = rest[0], ["--help"]
    if first in ("-V", "--version"):
        from jobtui_core._version import __version__

        output.line(f"jobtui {__version__}")
        return 0
    if first == "__complete":
        from jobtui.cli.candidates import print_candidates

        return print_candidates(rest, output)
    # Not above: neither the app nor what a shell asks for at each key needs parsers.
    from jobtui.cli.catalogue import command_named
    from jobtui.cli.parser import help_text, parse

    if first in ("-h", "--help", "help"):
        output.raw(help_text())
        return 0
    command = command_named(first)
    if command is not None:
        run = import_module(command.module).run
        code: int = run(parse(command, rest), output)
        return code
    if first.startswith("-"):
        raise UsageError(f"jobtui has no option {first}; see jobtui --help")
    from pathlib import Path

    if rest or not Path(first).is_dir():
        raise UsageError(_unknown(first))
    return _open_app(first)


def _unknown(word: str) -> str:
    from difflib import get_close_matches
    from pathlib import Path

    from jobtui.cli.catalogue import COMMANDS

    if Path(word).is_file():
        return f"{word} is a file; jobtui run {word} runs it, jobtui status {word} looks at it"
    near = get_close_matches(word, [command.name for command in COMMANDS], n=1)
    hint = f"did you mean jobtui {near[0]}?" if near else "see jobtui --help"
    return f"{word!r} is neither a command nor a folder; {hint}"


def _open_app(folder: str) -> int:
    from pathlib import Path

    from jobtui.cli.app import open_app

    return open_app(Path(folder))
