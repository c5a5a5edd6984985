"""What the words of commands about stores mean: a place, names of results, parts of a filter.

The first word is a place if it looks like one: a URL, a path with ``/`` in it (or ``~``), or a
folder that there is.  ``--store`` says the place by itself; all words are names then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jobtui.cli.usage import UsageError

__all__ = ["Words", "as_filter", "is_place", "is_run", "understand"]

_is_url = re.compile(r"[A-Za-z][A-Za-z0-9_+.-]*:/").match
_is_run = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9T:_a-f-]*)?|last(~[0-9]+)?").fullmatch
_is_part = re.compile(r"[!-]?[^\s:=<>!/]+(?:[:=<>]|!=)", re.DOTALL).match
_part = re.compile(r"([!-]?[^\s:=<>!]+(?:!=|[:=<>]+))(.*)", re.DOTALL).fullmatch


class Words(NamedTuple):
    """Words, taken apart."""

    place: str | None
    """A folder or a URL; ``None`` for the project's store."""
    names: tuple[str, ...]
    """Of functions, or the first digits of keys."""
    filter: str
    """As `jobtui_core.project.entry_filter` takes it."""
    guessed: bool
    """Whether the place was known by its looks alone."""


def is_place(word: str) -> bool:
    """Tell whether a word names a folder or a URL."""
    if _is_url(word):
        return True
    # ``path=data/x.csv`` and ``fn:a/b`` ask for something.
    if _is_part(word) and not Path(word).is_dir():
        return False
    return "/" in word or word[:1] == "~" or Path(word).is_dir()


def is_run(word: str) -> bool:
    """Tell whether a word names a run: ids begin with a date, and no key has a dash."""
    return _is_run(word) is not None


def understand(command: str, words: Sequence[str], store: str | None = None) -> Words:
    """Take words apart.

    Parameters
    ----------
    command : str
        Whose words they are, for errors.
    words : sequence of str
    store : str, optional
        What ``--store`` says.

    Raises
    ------
    UsageError
        If there is more than one place.
    """
    place, rest = store, list(words)
    guessed = place is None and bool(rest) and is_place(rest[0])
    if guessed:
        place = rest.pop(0)
    names: list[str] = []
    parts: list[str] = []
    for word in rest:
        if _is_url(word) or (is_place(word) and "/" in word):
            other = f"it has {place} already" if place else "a place stands before all names"
            raise UsageError(f"jobtui {command} takes one place, and {word!r} is another; {other}")
        (parts if _is_part(word) else names).append(word)
    return Words(place, tuple(names), as_filter(parts), guessed)


def as_filter(parts: Sequence[str]) -> str:
    """Put the words of a filter together, with quotes where the shell took them."""
    return " ".join(map(_quoted, parts))


def _quoted(part: str) -> str:
    """Put quotes around a word or value with blanks: the shell took those that stood there."""
    if '"' in part or not re.search(r"\s", part):
        return part
    found = _part(part)
    if found is None:
        return f'"{part}"'
    return f'{found[1]}"{found[2]}"'
