"""Inputs that are many files: a folder, or a pattern, known by one digest of all that is in it.

In records such an input has a name that no file can have: the folder from which it is looked
for, two slashes, and the pattern below it, which is empty for everything: ``data//`` and
``data//*.csv``.  Its digest is that of a list of its files with their digests, so that a file
that comes, goes, changes or is renamed makes another one.  Contents are read once: from then on,
in later processes too, size, times and inode decide.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import Any

from jobtui_core.hashing import XXH3, Algorithm, digest_file, recall_digests, remember_digests
from jobtui_core.hashing.files import State, known_digests, state_of
from jobtui_core.root import DIGEST_NOTES, STATE_FOLDER, relative_name

__all__ = [
    "Tree",
    "escaped",
    "find_tree",
    "has_magic",
    "is_tree",
    "on_one_line",
    "shown_name",
    "split_manifest",
]

_MOST = 1_000_000
"""Files; nobody means to have more of them compared before each call."""

_finds_magic = re.compile(r"[*?[]")
_escaped = re.compile(r"\[([*?[])\]")


def is_tree(name: str) -> bool:
    """Tell whether a name in records is that of a folder's files, or of those of a pattern."""
    return "//" in name and "://" not in name


def has_magic(text: str) -> bool:
    """Tell whether a path holds what has a meaning in patterns."""
    return _finds_magic.search(text) is not None


def escaped(value: Any) -> Any:
    """Give a text as a part of a pattern that stands for itself; anything else as it is."""
    return _finds_magic.sub(r"[\g<0>]", value) if isinstance(value, str) else value


def shown_name(name: str) -> str:
    """Write a name in records as people do: ``data//*.csv`` is ``data/*.csv``."""
    if not is_tree(name):
        return name
    base, _, pattern = name.rpartition("//")
    return pattern if base == "." and pattern else f"{base.rstrip('/')}/{pattern}"


def find_tree(path: str, pattern: str, root: Path) -> str | None:
    """Give the name of the files that a path stands for which names no file itself.

    Parameters
    ----------
    path : str
        As declared, filled in.
    pattern : str
        The same, but for special characters of arguments, which are escaped where the
        declaration has some of its own.
    root : Path
        What paths are relative to.

    Returns
    -------
    str or None
        ``None`` if it is no folder and no pattern.  A pattern in which all special characters
        are escaped gives the name of a file.
    """
    place = os.path.normpath(root / Path(path).expanduser())
    if os.path.isdir(place):  # noqa: PTH112  a text
        return f"{relative_name(Path(place), root)}//"
    if not has_magic(pattern):
        return None
    whole = os.path.normpath(root / Path(pattern).expanduser())
    # The root's own name may hold anything; only what is written below it is a pattern.
    inside = whole.startswith(f"{root}/")
    parts = [part for part in whole[len(str(root)) if inside else 0 :].split("/") if part]
    base = [str(root) if inside else "/"]
    while parts and (plain := _plain(parts[0])) is not None:
        base.append(plain)
        parts.pop(0)
    name = relative_name(Path(*base), root)
    if not parts:
        return name
    if pattern.endswith("/"):
        parts.append("**")
    return f"{name}//{'/'.join(parts)}"


def _plain(part: str) -> str | None:
    """Give the name that a part of a pattern stands for; ``None`` if it stands for several."""
    return None if has_magic(_escaped.sub("", part)) else _escaped.sub(r"\1", part)


def split_manifest(text: str) -> dict[str, str]:
    """Give the digests in a list of files, by their paths below the folder."""
    found = {}
    for line in text.split("\n"):
        digest, _, path = line.partition(" ")
        if path:
            found[_is_escape.sub(_unescape, path)] = digest
    return found


@dataclass(frozen=True, slots=True)
class Tree:
    """The files in a folder that a pattern stands for, hidden ones left out.

    Attributes
    ----------
    name : str
        In records.
    base : str
        The folder, relative to the root or absolute.
    pattern : str
        Below the folder; empty for everything.
    """

    name: str
    base: str
    pattern: str

    @classmethod
    def of(cls, name: str) -> Tree:
        """Give the one that a record names."""
        base, _, pattern = name.rpartition("//")
        return cls(name, base, pattern)

    def matches(self, path: str, root: Path) -> bool:
        """Tell whether a file would be one of them, by its path alone.

        Parameters
        ----------
        path : str
            Absolute, or relative to the root, as records have it.
        root : Path
        """
        folder = f"{os.path.normpath(root / self.base).rstrip('/')}/"
        place = os.path.normpath(root / path)
        if not place.startswith(folder):
            return False
        *folders, file = place[len(folder) :].split("/")
        matcher = _matcher(self.pattern)
        states = matcher.start
        for part in folders:
            states = matcher.inside(states, part)
        return matcher.takes(states, file)

    def files(self, root: Path) -> Iterator[tuple[str, os.stat_result]]:
        """Give the files that are there, by path below the folder, in any order.

        Links are followed; a folder that is a link to one that it lies in, is not entered.

        Raises
        ------
        OSError
            If the folder is not there, one in it cannot be looked through, or there are more
            files than anybody means.
        """
        matcher = _matcher(self.pattern)
        top = os.path.normpath(root / self.base)
        waiting = [("", matcher.start, frozenset((_identity(os.stat(top)),)))]  # noqa: PTH116
        count = 0
        while waiting:
            below, states, within = waiting.pop()
            with os.scandir(f"{top}/{below}") as entries:
                for entry in entries:
                    try:
                        if entry.is_dir():
                            inside = matcher.inside(states, entry.name)
                            found = _identity(entry.stat()) if inside else None
                            if found is not None and found not in within:
                                waiting.append((f"{below}{entry.name}/", inside, within | {found}))
                        elif matcher.takes(states, entry.name) and entry.is_file():
                            count += 1
                            yield below + entry.name, entry.stat()
                    except FileNotFoundError:
                        # Deleted just now: it is not there.
                        continue
            if count > _MOST:
                raise OSError(errno.EFBIG, f"more than {_MOST:,} files", top)

    def folders(self, root: Path, most: int) -> Iterator[str]:
        """Give the folders that files of it lie in, or may come to lie in; absolute paths."""
        top = os.path.normpath(root / self.base)
        matcher = _matcher(self.pattern)
        waiting = [("", matcher.start)]
        while waiting and most > 0:
            below, states = waiting.pop()
            most -= 1
            yield f"{top}/{below}".rstrip("/")
            with suppress(OSError), os.scandir(f"{top}/{below}") as entries:
                for entry in entries:
                    inside = matcher.inside(states, entry.name)
                    if inside and entry.is_dir(follow_symlinks=False):
                        waiting.append((f"{below}{entry.name}/", inside))

    def digests(
        self, root: Path, algorithm: Algorithm = XXH3, instead: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Give the digests of the files, by path below the folder.

        Parameters
        ----------
        root : Path
        algorithm : Algorithm
        instead : mapping, optional
            Digests that files are taken to have, whether or not they are there, by the same paths.

        Raises
        ------
        OSError
            As `files` does, and if a file cannot be read.
        """
        notes = root / DIGEST_NOTES
        recall_digests(notes)
        known = known_digests if algorithm is XXH3 else {}
        top = os.path.normpath(root / self.base).rstrip("/")
        found: dict[str, str] = dict(instead or {})
        read = []
        for below, status in self.files(root):
            if below in found:
                continue
            place = f"{top}/{below}"
            remembered: tuple[State, str] | None = known.get(place)
            if remembered is not None and remembered[0] == state_of(status):
                found[below] = remembered[1]
                continue
            try:
                found[below] = digest_file(place, algorithm)
            except FileNotFoundError:
                continue
            read.append(Path(place))
        if read and (root / STATE_FOLDER).is_dir():
            # Without notes the next process reads them again, and that is all.
            with suppress(OSError):
                remember_digests(notes, read)
        return found

    def manifest(self, root: Path, found: Mapping[str, str]) -> bytes:
        """Give the list whose digest is that of the whole.

        Raises
        ------
        FileNotFoundError
            If nothing matches the pattern.  A folder may be empty.
        """
        if not found and self.pattern:
            raise FileNotFoundError(errno.ENOENT, "no file matches", shown_name(self.name))
        lines = [f"{digest} {on_one_line(path)}\n" for path, digest in sorted(found.items())]
        plain = "/".join(_escaped.sub(r"\1", part) for part in self.pattern.split("/"))
        if self.pattern and os.path.lexists(os.path.normpath(root / self.base / plain)):
            # Then it is that file which is meant.
            lines.append("a file has this very name\n")
        return "".join(lines).encode("utf-8", "surrogateescape")

    def digest(self, root: Path, algorithm: Algorithm = XXH3) -> str:
        """Give the digest of all that the files hold, and of what they are called.

        Raises
        ------
        OSError
            As `files` does, and if a file cannot be read or nothing matches the pattern.
        """
        return algorithm.hexdigest(self.manifest(root, self.digests(root, algorithm)))


_is_escape = re.compile(r"\\([n\\])")


def _unescape(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else "\\"


def on_one_line(path: str) -> str:
    """Spell a path for a list of files, as `split_manifest` reads it."""
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def _identity(status: os.stat_result) -> tuple[int, int]:
    return (status.st_dev, status.st_ino)


States = frozenset[int]
"""How much of a pattern a folder's path has used up: numbers of the parts that may come next."""


class _Matcher:
    """A pattern, taken apart at its slashes; ``**`` is any number of folders, or any file."""

    def __init__(self, pattern: str) -> None:
        self._parts = pattern.split("/") if pattern else ["**"]
        self._tests = [None if part == "**" else _test(part) for part in self._parts]
        self.start: States = self._with_none(frozenset((0,)))

    def _with_none(self, states: States) -> States:
        """Let ``**`` be no folder at all, too."""
        found = set(states)
        last = len(self._parts) - 1
        for index in range(last):
            if index in found and self._tests[index] is None:
                found.add(index + 1)
        return frozenset(found)

    def inside(self, states: States, folder: str) -> States:
        """Tell what may come next inside of a folder; nothing if no file of it counts."""
        found = set()
        last = len(self._parts) - 1
        for index in states:
            test = self._tests[index]
            if test is None and folder[:1] != ".":
                found.add(index)
            elif test is not None and index < last and test(folder):
                found.add(index + 1)
        return self._with_none(frozenset(found))

    def takes(self, states: States, file: str) -> bool:
        """Tell whether a file in a folder counts."""
        last = len(self._parts) - 1
        if last not in states:
            return False
        test = self._tests[last]
        return file[:1] != "." if test is None else bool(test(file))


def _test(part: str) -> Callable[[str], bool]:
    """Give what tells whether a name matches one part; hidden ones are to be asked for."""
    if (plain := _plain(part)) is not None:
        return plain.__eq__
    match, hidden = re.compile(translate(part)).match, part[:1] == "."
    return lambda name: (hidden or name[:1] != ".") and match(name) is not None


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> _Matcher:
    return _Matcher(pattern)
