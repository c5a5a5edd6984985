"""Where an output file lies: on a path of this machine, or at a URL."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import Any

from jobtui_core.folders import exchange, folder_digest, folder_state, is_folder
from jobtui_core.hashing import digest_file, remember_urls
from jobtui_core.leftovers import passing_path, sweep_now_and_then
from jobtui_core.named import digest_named, is_url, look_at, may_be_asked, options_for, server_of
from jobtui_core.root import DIGEST_NOTES, STATE_FOLDER
from jobtui_core.stores import ensure_state_folder

__all__ = ["OUTGOING", "Place", "declare_server", "is_foreign", "place_of", "temporary_beside"]

OUTGOING = "outgoing"
"""Folder in ``.jobtui`` for files on their way to URLs."""


class Place(ABC):
    """Where a file lies, or is to lie."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The path, absolute, or the URL."""

    @abstractmethod
    def temporary(self) -> Path:
        """Name a local file, free to be written and then `put`, with the same extensions."""

    @abstractmethod
    def put(self, temporary: Path, digest: str) -> list[Any] | None:
        """Bring a temporary file here, whole; give the state that it has then.

        Raises
        ------
        OSError
            If that fails.
        """

    @abstractmethod
    def state(self) -> list[Any] | None:
        """Give what tells whether the file was touched, without reading it; ``None`` if it is gone.

        Raises
        ------
        StoreError
            If it is at a URL that gives no answer.
        """

    @abstractmethod
    def digest(self) -> str | None:
        """Give the digest of its content; ``None`` if it cannot be read."""

    @abstractmethod
    def is_own(self, root: Path) -> bool:
        """Tell whether it is one of the project's visible files, links followed."""


class FilePlace(Place):
    """A path of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def text(self) -> str:
        """See `Place.text`."""
        return str(self.path)

    def temporary(self) -> Path:
        """Beside the file itself."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return temporary_beside(self.path)

    def put(self, temporary: Path, digest: str) -> list[Any] | None:
        """Rename it."""
        temporary.replace(self.path)
        return self.state()

    def state(self) -> list[Any] | None:
        """Size, time and inode."""
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return [stat.st_size, stat.st_mtime_ns, stat.st_ino]

    def digest(self) -> str | None:
        """See `Place.digest`."""
        try:
            return digest_file(self.path)
        except OSError:
            return None

    def is_own(self, root: Path) -> bool:
        """See `Place.is_own`."""
        base = os.path.realpath(root)
        real = os.path.join(os.path.realpath(self.path.parent), self.path.name)  # noqa: PTH118  texts
        inside = real.startswith(base + os.sep)
        return inside and not any(part[:1] == "." for part in Path(real[len(base) :]).parts)


class FolderPlace(FilePlace):
    """A folder of this machine, with all that is in it."""

    def temporary(self) -> Path:
        """Beside the folder itself; it is there, and empty."""
        found = super().temporary()
        found.mkdir()
        return found

    def put(self, temporary: Path, digest: str) -> list[Any] | None:
        """Rename it; what was there is removed when the new one is in its place."""
        exchange(self.path, temporary, temporary_beside(self.path))
        return self.state()

    def state(self) -> list[Any] | None:
        """See `jobtui_core.folders.folder_state`."""
        return folder_state(self.path)

    def digest(self) -> str | None:
        """See `Place.digest`."""
        try:
            return folder_digest(self.path)
        except OSError:
            return None


class UrlPlace(Place):
    """A URL."""

    def __init__(self, url: str, root: Path) -> None:
        self.url = url
        self.root = root

    @property
    def text(self) -> str:
        """See `Place.text`."""
        return self.url

    def temporary(self) -> Path:
        """In the project's own folder: it has room for results."""
        ensure_state_folder(self.root)
        folder = self.root / STATE_FOLDER / OUTGOING
        folder.mkdir(exist_ok=True)
        return temporary_beside(folder / (self.url.rpartition("/")[2] or "output"))

    def put(self, temporary: Path, digest: str) -> list[Any] | None:
        """Upload it."""
        from jobtui_core.urls.files import upload

        facts = upload(temporary, self.url, options_for(self.url, self.root), digest)
        # What was written need not be read to know what it is.
        with suppress(OSError):
            remember_urls(self.root / DIGEST_NOTES, [self.url])
        return facts.record

    def state(self) -> list[Any] | None:
        """Size, and what the server says of the content."""
        facts = look_at(self.url, self.root)
        return None if facts is None else facts.record

    def digest(self) -> str | None:
        """See `Place.digest`."""
        try:
            return digest_named(self.url, self.root)
        except OSError:
            return None

    def is_own(self, root: Path) -> bool:
        """Never."""
        return False


_servers: set[str] = set()
"""Servers that functions of this process declare files on."""


def declare_server(template: str) -> None:
    """Remember whose files a function declares."""
    if (server := server_of(template)) is not None:
        _servers.add(server)


def is_foreign(name: str, root: Path) -> bool:
    """Tell whether a file is on a server that nothing but an entry names."""
    return is_url(name) and not may_be_asked(name, _servers, root)


def place_of(name: str, root: Path) -> Place:
    """Give the place of a file that is named as in records."""
    if is_url(name):
        return UrlPlace(name, root)
    return (FolderPlace if is_folder(name) else FilePlace)(root / name)


def temporary_beside(path: Path) -> Path:
    """Name a file beside another one, with the same extensions and free to be written."""
    sweep_now_and_then(str(path.parent))
    return Path(passing_path(path, "".join(path.suffixes[-2:])))
