"""Single files at URLs: what they hold by digest, read once per content, and put there whole.

After a content was read, what a request for its facts says (ETag, version, size, time) decides
whether it is read again.  A server that did not answer is left alone for a while: whoever asks for
many files pays for it once.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jobtui_core.errors import StoreError, StoreUnavailableError
from jobtui_core.hashing import XXH3, Algorithm, digest_bytes, known_url_digests
from jobtui_core.leftovers import passing_name
from jobtui_core.urls.facts import is_file, marks_of, size_of, time_of
from jobtui_core.urls.filesystems import FileSystem, file_system
from jobtui_core.urls.placing import (
    WHOLE,
    info_of,
    make_folder,
    move_into_place,
    quietly,
    remove_file,
    write_file,
)

__all__ = ["NotReadError", "UrlFacts", "digest_url", "download", "look", "remove", "upload"]

T = TypeVar("T")

_CHUNK = 8 << 20
"""Bytes read at a time; a smaller file is read in one request."""

_PAUSE = 30.0
"""Seconds for which a server that did not answer is not asked again."""

_TICK = 2.5
"""Seconds within which a file may change twice and have one time: some count whole ones."""

_FINE_TICK = 0.05
"""The same where times are of less than a second."""

_KNOWN = 100_000
"""Digests that are remembered at most."""

_HELD = 64
"""Connections that are kept for the next file."""


class NotReadError(OSError):
    """A content that was not read, since it is larger than who asks wants to wait for."""


@dataclass(frozen=True, slots=True)
class UrlFacts:
    """What is said of a file without reading it."""

    size: int | None
    """Bytes; ``None`` if that is not told."""
    state: str | None
    """Another one if the content is; ``None`` where nothing tells."""
    settled: bool
    """Whether the next change will surely show in it."""

    @property
    def record(self) -> list[Any]:
        """As records of outputs have it."""
        return [self.size or 0, self.state]


def look(url: str, options: Mapping[str, Any]) -> UrlFacts | None:
    """Ask for the facts of a file: one request, ten seconds at most.

    Parameters
    ----------
    url : str
        Without credentials.
    options : mapping
        For the file system.

    Returns
    -------
    UrlFacts or None
        ``None`` if there is no such file.

    Raises
    ------
    StoreError
        If there is no answer, or a refusal.
    """
    files, path = _place(url, options)
    info = _patiently(files, url, lambda: files.ask("looked at", url, lambda fs: info_of(fs, path)))
    if info is None or not is_file(info):
        return None
    size, when, marks = size_of(info), time_of(info), marks_of(info)
    if when is None and not marks:
        return UrlFacts(size, None, settled=False)
    told = repr((size, when, sorted(marks.items())))
    tick = _TICK if when is None or when.is_integer() else _FINE_TICK
    settled = bool(marks) or (when is not None and time.time() - when > tick)
    return UrlFacts(size, digest_bytes(told.encode()), settled)


def digest_url(
    url: str,
    options: Mapping[str, Any],
    algorithm: Algorithm = XXH3,
    *,
    largest: int | None = None,
) -> str:
    """Give the digest of what a file holds; it is read if nothing is known of this content.

    Parameters
    ----------
    url, options
        As for `look`.
    algorithm : Algorithm
    largest : int, optional
        Bytes that are read at most, within ten seconds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    NotReadError
        If it would have to be read and is larger.
    StoreError
        If there is no answer, or a refusal.
    """
    digest = ""
    for _ in range(3):
        before = look(url, options)
        if before is None:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", url)
        known = known_url_digests.get((url, algorithm.name, before.state or ""))
        if known is not None:
            return known
        if largest is not None and (before.size is None or before.size > largest):
            raise NotReadError(errno.EFBIG, "too large to be read now", url)
        digest = _read(url, options, algorithm, before.size, bounded=largest is not None)
        after = look(url, options)
        if after is not None and after.state == before.state:
            _remember(url, algorithm, before, digest)
            break
        # One that is being written is read again; whoever still writes after that is on their own.
    return digest


def _read(
    url: str,
    options: Mapping[str, Any],
    algorithm: Algorithm,
    size: int | None,
    *,
    bounded: bool,
) -> str:
    files, path = _place(url, options)

    def read(fs: Any) -> str:
        digest = algorithm.state()
        if size is not None and size <= _CHUNK:
            digest.update(fs.cat_file(path))
        else:
            with fs.open(path, "rb", block_size=_CHUNK) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
        found: str = digest.hexdigest()
        return found

    found = _patiently(files, url, lambda: files.ask("read", url, read, bounded=bounded))
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "there is no such file", url)
    return found


def download(url: str, options: Mapping[str, Any], target: Path) -> None:
    """Copy what a file holds into a local one.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    StoreError
        If there is no answer, or a refusal.
    """
    files, path = _place(url, options)

    def get(fs: Any) -> bool:
        fs.get_file(path, str(target))
        return True

    found = _patiently(files, url, lambda: files.ask("read", url, get, bounded=False))
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "there is no such file", url)


def upload(source: Path, url: str, options: Mapping[str, Any], digest: str) -> UrlFacts:
    """Put a local file to a URL, whole, in place of the one that may be there.

    Parameters
    ----------
    source : Path
    url, options
        As for `look`.
    digest : str
        Of the content, to be remembered.

    Raises
    ------
    StoreError
        If that fails.
    """
    files, path = _place(url, options)

    def put(fs: Any) -> None:
        if files.scheme in WHOLE:
            write_file(fs, path, source)
            return
        folder, _, name = path.rpartition("/")
        make_folder(fs, folder)
        temporary = f"{folder}/.{name}{passing_name()}"
        try:
            write_file(fs, temporary, source)
            move_into_place(fs, files.scheme, temporary, path)
        except BaseException:
            quietly(lambda: fs.rm_file(temporary))
            raise

    _patiently(files, url, lambda: files.ask("written", url, put, bounded=False, absent=False))
    facts = look(url, options)
    if facts is None:
        raise StoreError(f"{url} is not there although it was written", url=url)
    _remember(url, XXH3, facts, digest)
    return facts


def _remember(url: str, algorithm: Algorithm, facts: UrlFacts, digest: str) -> None:
    if facts.settled and facts.state is not None:
        if len(known_url_digests) > _KNOWN:
            known_url_digests.clear()
        known_url_digests[url, algorithm.name, facts.state] = digest


def remove(url: str, options: Mapping[str, Any]) -> None:
    """Remove a file, if it is there.

    Raises
    ------
    StoreError
        If that fails.
    """
    files, path = _place(url, options)
    _patiently(files, url, lambda: files.ask("deleted", url, lambda fs: remove_file(fs, path)))


# -- connections ---------------------------------------------------------------------------------

_lock = threading.Lock()
_held: dict[str, FileSystem] = {}
_silent: dict[FileSystem, tuple[float, str]] = {}


def _after_fork() -> None:
    # Another thread may have held it.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _place(url: str, options: Mapping[str, Any]) -> tuple[FileSystem, str]:
    files = file_system(url, options)
    # Else it would be closed, and connected to again by the next one.
    with _lock:
        if _held.get(files.name) is not files:
            if len(_held) >= _HELD:
                _silent.pop(_held.pop(next(iter(_held))), None)
            _held[files.name] = files
    return files, files.path(url)


def _patiently(files: FileSystem, url: str, ask: Callable[[], T]) -> T:
    silent = _silent.get(files)
    if silent is not None and time.monotonic() < silent[0]:
        raise StoreUnavailableError(
            f"{url} was not asked for: {silent[1]}", url=url, kind="left alone"
        )
    try:
        answer = ask()
    except StoreUnavailableError as error:
        _silent[files] = (time.monotonic() + _PAUSE, str(error))
        raise
    _silent.pop(files, None)
    return answer
