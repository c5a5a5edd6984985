"""The last look at a project, as its index keeps it: whether it still holds, and what it said.

Prompts and hooks ask for a status many times a day, mostly of a project in which nothing has
changed.  So nothing is loaded here that a bare interpreter does not have, and the file is plain
lines.  Whatever is doubtful is no look: then somebody looks properly.
"""

from __future__ import annotations

import os
import stat
import sys

from jobtui_core._version import KEY_FORMAT, __version__
from jobtui_core.project.tree.foldernames import Names, names_in
from jobtui_core.regular import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from io import BufferedReader
    from types import TracebackType
    from typing import Self

__all__ = [
    "LastLook",
    "Listed",
    "Stamp",
    "circumstances",
    "kept_answer",
    "listed",
    "look_bytes",
    "look_path",
    "stamped",
    "to_line",
    "written",
]

FORMAT = b"jobtui last look 4\n"

LARGEST = 128_000_000
"""Bytes; a status of more than some hundred thousand steps is not kept."""

DAMAGED = (OSError, ValueError, LookupError, TypeError)
"""What reading a file that anybody may have written may raise."""

_VARIABLES = (
    "HOME", "JOBTUI_OUTPUTS", "JOBTUI_ROOT", "JOBTUI_STORE", "PYTHONPATH", "VIRTUAL_ENV",
)  # fmt: skip

Stamp = tuple[int, int, int, int]
"""Size (-1 for what is no file), times of modification and of change in nanoseconds, inode."""

Listed = list[tuple[str, Stamp]]
"""Names in a folder with their stamps, sorted."""


def look_path(root: str) -> str:
    """Give the file in which the last look at a project is kept."""
    return f"{root}/.jobtui/index/status.txt"


def circumstances(root: str) -> str:
    """Say in one line what a status depends on beside files: versions and the environment."""
    place = os.uname().nodename if hasattr(os, "uname") else ""
    variables = [os.environ.get(name) for name in _VARIABLES]
    found = (__version__, KEY_FORMAT, sys.version, sys.prefix, place, root, sys.path, variables)
    return ascii((*found, _signature()))


def _signature() -> str:
    """Tell which entries count, where they are signed; the key itself is not for the disk."""
    if not os.environ.get("JOBTUI_SIGNING_KEY"):
        return ""
    from jobtui_core.stores.signing import environment_key

    key = environment_key()
    return "" if key is None else key.sign(b"jobtui status", []).hex()


# -- reading -------------------------------------------------------------------------------------


def kept_answer(root: str, question: str, *, colours: bool = False) -> tuple[int, str] | None:
    """Give what was answered last time, if everything that it rests on is as it was.

    Parameters
    ----------
    root : str
        Of the project; absolute.
    question : str
        As it was kept with the answer.
    colours : bool
        Whether the text may set colours of a terminal.

    Returns
    -------
    tuple of int, str or None
        Exit code and text; the text does nothing to a terminal but, if wanted, colour it.
    """
    try:
        with LastLook(root) as look:
            if look.has(question) and look.holds():
                return look.answer(question, colours=colours)
    except DAMAGED:
        pass
    return None


class LastLook:
    """The file of the last look, open for reading.

    Parameters
    ----------
    root : str
        Of the project; absolute.

    Raises
    ------
    OSError
        If there is none.
    ValueError
        If it is of another format.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._parts: dict[str, tuple[int, int]] = {}
        self._codes: dict[str, int] = {}
        self._file = open_regular(look_path(root))
        try:
            self._find_parts(self._file)
        except BaseException:
            self._file.close()
            raise

    def _find_parts(self, file: BufferedReader) -> None:
        end = os.fstat(file.fileno()).st_size
        if end > LARGEST or file.readline(len(FORMAT)) != FORMAT:
            raise ValueError("no look of this format")
        while head := file.readline(10_000):
            size, code, name = head.decode("ascii").rstrip("\n").split(" ", 2)
            at = file.tell()
            if not 0 <= int(size) <= end - at:
                raise ValueError("cut short")
            self._parts[name] = (at, int(size))
            self._codes[name] = int(code)
            file.seek(at + int(size))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _part(self, name: str) -> bytes:
        at, size = self._parts[name]
        self._file.seek(at)
        return self._file.read(size)

    @property
    def stamps(self) -> bytes:
        """What the look rested on, as lines."""
        return self._part("stamps")

    @property
    def status(self) -> bytes:
        """What it saw, as JSON; untrusted."""
        return self._part("status")

    @property
    def answers(self) -> dict[str, tuple[int, bytes]]:
        """Exit codes and texts by question, the oldest first; untrusted."""
        return {
            name: (self._codes[name], self._part(name))
            for name in self._parts
            if name not in ("stamps", "status")
        }

    def has(self, question: str) -> bool:
        """Tell whether there is an answer to a question."""
        return question in self._parts

    def answer(self, question: str, *, colours: bool = False) -> tuple[int, str] | None:
        """Give the answer to a question, if there is one that is fit to be shown."""
        if question not in self._parts:
            return None
        text = self._part(question).decode()
        if not _is_harmless(text, colours=colours):
            return None
        return self._codes[question], text

    def holds(self) -> bool:
        """Tell whether everything that the look rested on is as it was.

        Raises
        ------
        ValueError, LookupError, TypeError, OSError
            If the stamps are damaged.
        """
        first, *lines = self.stamps.decode("utf-8", "surrogateescape").split("\n")
        if first != circumstances(self._root):
            return False
        for line in lines:
            kind, known, place, *names = line.split("\t")
            if not _STANDS[kind](known, place, names):
                return False
        return True


def _is_harmless(text: str, *, colours: bool) -> bool:
    if colours:
        first, *rest = text.split("\x1b[")
        parts = [first]
        for part in rest:
            codes, end, after = part.partition("m")
            if not end or codes.strip("0123456789;"):
                return False
            parts.append(after)
        text = "".join(parts)
    return text.replace("\n", "").isprintable()


# -- stamps --------------------------------------------------------------------------------------


def stamped(path: str) -> Stamp | None:
    """Stamp a file or folder: what has the same stamp is the same; ``None`` = it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116  # called for many files in a row
    except (OSError, ValueError):
        return None
    size = found.st_size if stat.S_ISREG(found.st_mode) else -1
    return size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def listed(path: str, prefix: str) -> Listed | None:
    """Stamp what begins with a prefix in a folder; ``None`` if it cannot be listed."""
    found: Listed = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith(prefix):
                    status = entry.stat()
                    size = -1 if entry.is_dir() else status.st_size
                    times = (status.st_mtime_ns, status.st_ctime_ns)
                    found.append((entry.name, (size, *times, status.st_ino)))
    except OSError:
        return None
    return sorted(found)


def written(found: Stamp | Listed | Names | int | None) -> str:
    """Give a stamp, what was listed or a time as a word."""
    return ascii(found)


def to_line(kind: str, known: str, place: str, names: Iterable[str] = ()) -> str:
    """Give a line of stamps.

    Raises
    ------
    ValueError
        If a name cannot stand in a line.
    """
    words = (kind, known, place, *names)
    if any("\t" in word or "\n" in word for word in words):
        raise ValueError("a name with a tab or a newline")
    return "\t".join(words)


def _file_stands(known: str, place: str, names: Sequence[str]) -> bool:
    return written(stamped(place)) == known


def _listing_stands(known: str, place: str, names: Sequence[str]) -> bool:
    return written(listed(place, *names)) == known


def _search_stands(known: str, place: str, names: Sequence[str]) -> bool:
    """Tell whether a folder that was searched for Python files still offers the same ones."""
    modified = written(os.stat(place).st_mtime_ns)  # noqa: PTH116  # a text
    # Files come and go that have nothing to do with it: results, pictures, notes.
    return modified == known or names == [written(names_in(place))]


def _is_gone(known: str, place: str, names: Sequence[str]) -> bool:
    return not os.path.lexists(place)


def _objects_stand(known: str, place: str, names: Sequence[str]) -> bool:
    """Tell whether a store's folder still has all of its objects that were asked for."""
    exists = os.access
    # Relative to the open folder: the way to it is walked once, not for every entry.
    folder = os.open(place, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        if exists in os.supports_dir_fd:
            return all(exists(name, os.F_OK, dir_fd=folder) for name in names)
        return all(exists(f"{place}{os.sep}{name}", os.F_OK) for name in names)
    finally:
        os.close(folder)


_STANDS: dict[str, Callable[[str, str, Sequence[str]], bool]] = {
    "file": _file_stands,
    "listing": _listing_stands,
    "searched": _search_stands,
    "gone": _is_gone,
    "objects": _objects_stand,
}
"""By the word that a line of stamps begins with."""


# -- writing -------------------------------------------------------------------------------------


def look_bytes(stamps: bytes, status: bytes, answers: dict[str, tuple[int, bytes]]) -> bytes:
    """Give the content of the file.

    Parameters
    ----------
    stamps : bytes
        A line of circumstances, and lines as `to_line` gives them.
    status : bytes
        Of whatever form.
    answers : dict of str to tuple of int and bytes
        By question: exit code and text.
    """
    parts = {"stamps": (0, stamps), "status": (0, status), **answers}
    found = [FORMAT]
    for name, (code, data) in parts.items():
        found += [f"{len(data)} {code} {name}\n".encode("ascii"), data]
    return b"".join(found)
