"""A store in a folder: one file an object."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from jobtui_core.errors import StoreError
from jobtui_core.filesystems import takes_reservations
from jobtui_core.leftovers import passing_name, sweep, sweep_now_and_then
from jobtui_core.root import STATE_FOLDER
from jobtui_core.stores.base import (
    Capability,
    Data,
    Listed,
    Part,
    Store,
    check_name,
    check_prefix,
    is_name,
)
from jobtui_core.stores.locks import LOCK_FILE, FileLocks

__all__ = ["LocalStore", "ensure_state_folder"]

# Made once: every hit asks for them.
_CAPABILITIES: frozenset[Capability] = frozenset({"exclusive", "local", "range", "shared"})

_TEMPORARY = ".tmp"
"""Folder for files on their way; its name is none that an object may have."""

_AT_ONCE = 512
"""Pieces handed to the kernel in one call; POSIX systems take 1,024, some take less."""

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
"""Files are not affected; a pipe in place of one must not hold up whoever looks."""

_IN_ONE_READ = 1 << 16
"""Bytes that a file system gives in one read, unless the file ends: entries know their length."""

_RESERVED = 1 << 20
"""Bytes from which room for a file is set aside first: it is written in two thirds of the time."""

_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES)


def ensure_state_folder(root: Path) -> Path:
    """Make the folder in a project's root that holds everything this package writes.

    A new one gets a ``.gitignore`` of ``*``, so that it stays out of version control; in a
    folder that was there already nothing is touched.

    Returns
    -------
    Path
        ``root/.jobtui``.

    Raises
    ------
    StoreError
        If it cannot be made.
    """
    folder = root / STATE_FOLDER
    try:
        root.mkdir(parents=True, exist_ok=True)
        try:
            folder.mkdir()
        except FileExistsError:
            if folder.is_dir():
                return folder
            raise
        (folder / ".gitignore").write_text("*\n", encoding="ascii")
    except OSError as error:
        raise _failure("made", folder, error) from error
    return folder


class LocalStore(Store):
    """A store in a folder of a file system.

    Parameters
    ----------
    path : str or Path
        The folder; a relative one counts from the working directory at this moment.  It is made
        by the first write.

    Notes
    -----
    Objects are written to ``.tmp`` in the folder and renamed, so that readers, other processes
    and a kill in between never see half of one.  They are not flushed to the disk one by one: a
    power cut may leave an object empty or torn, which its reader's checksum must tell.
    `write_if_absent` uses a hard link, which is atomic on network file systems too; where there
    are none, the file is created exclusively and then filled.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(os.path.abspath(Path(path).expanduser()))
        self._base = str(self.path) + os.sep
        # Asked for by every miss, and slow to make.
        self._url = self.path.as_uri()
        self._temporary = self._base + _TEMPORARY + os.sep

    @property
    def url(self) -> str:
        """The folder as a ``file:`` URL."""
        return self._url

    @property
    def capabilities(self) -> frozenset[Capability]:
        """All of them."""
        return _CAPABILITIES

    def local_path(self, name: str) -> Path:
        """Give the file that holds an object, or would."""
        return Path(self._base + check_name(name))

    def local_file(self, name: str) -> str:
        """Give its path as text."""
        return self._base + check_name(name)

    @property
    def locks(self) -> FileLocks | None:
        """Locks among the processes of this machine, in a file of the folder."""
        return FileLocks.of(self._base + LOCK_FILE, self._make_folder)

    # Reading is what every hit pays for: plain system calls, no stat, no Path objects.

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read an object or a part of it."""
        path = self._base + (name if is_name(name) else check_name(name))
        try:
            descriptor = os.open(path, _READING)
        except OSError as error:
            if error.errno in _MISSING:
                return None
            raise _failure("read", path, error) from error
        try:
            if start == 0 and length is not None and 0 < length <= _IN_ONE_READ:
                return os.read(descriptor, length)
            return _read(descriptor, start, length)
        except IsADirectoryError:
            return None
        except OSError as error:
            raise _failure("read", path, error) from error
        finally:
            try:  # noqa: SIM105  # on the way of every hit
                os.close(descriptor)
            except OSError:
                # Nothing was written that could be lost by now.
                pass

    def stat(self, name: str) -> Listed | None:
        """Give an object's size and time."""
        path = self._base + check_name(name)
        try:
            status = os.stat(path)  # noqa: PTH116  # called for many objects in a row
        except OSError as error:
            if error.errno in _MISSING:
                return None
            raise _failure("looked at", path, error) from error
        if not _is_file(status.st_mode):
            return None
        return Listed(name, status.st_size, status.st_mtime)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Give the objects whose names begin with ``prefix``."""
        folder = check_prefix(prefix).rpartition("/")[0]
        waiting = [] if self._leads_away(folder) else [folder]
        while waiting:
            folders, objects = self.list_folder(waiting.pop(), prefix)
            waiting += folders
            yield from objects

    def _leads_away(self, folder: str) -> bool:
        """Tell whether a link stands in a folder's name: what is listed may be deleted next."""
        path = self._base
        for part in folder.split("/") if folder else ():
            path = os.path.join(path, part)  # noqa: PTH118  a text
            if os.path.islink(path):  # noqa: PTH114  as above
                return True
        return False

    def list_folder(self, folder: str, prefix: str = "") -> tuple[Sequence[str], Sequence[Listed]]:
        """Give the folders and the objects directly in a folder, which ``""`` is the whole of.

        Parameters
        ----------
        folder : str
        prefix : str
            Of names; what cannot lead to one is left out.
        """
        before = folder + "/" if folder else ""
        folders: list[str] = []
        objects: list[Listed] = []
        try:
            with os.scandir(self._base + folder) as entries:
                found = [entry for entry in entries if entry.name[0] != "."]
        except OSError as error:
            if error.errno in _MISSING:
                return folders, objects
            raise _failure("listed", self._base + folder, error) from error
        for entry in found:
            name = before + entry.name
            if not name.startswith(prefix) and not prefix.startswith(name + "/"):
                continue
            if entry.is_dir(follow_symlinks=False):
                if is_name(entry.name):
                    folders.append(name)
            elif (listed := _listed(entry, name)) is not None:
                objects.append(listed)
        return folders, objects

    def write(self, name: str, data: Data) -> None:
        """Write an object, in place of the one that may be there."""
        path = self._base + check_name(name)
        temporary = self._write_temporary(data)
        try:
            _in_folder(path, lambda: os.replace(temporary, path))  # noqa: PTH105  # cheaper
        except BaseException as error:
            _remove(temporary)
            if isinstance(error, OSError):
                raise _failure("written", path, error) from error
            raise

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there."""
        path = self._base + check_name(name)
        temporary = self._write_temporary(data)
        try:
            _in_folder(path, lambda: os.link(temporary, path))
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise _failure("written", path, error) from error
            return _create(path, data)
        finally:
            _remove(temporary)
        return True

    def copy(self, source: str, target: str) -> None:
        """Give an object a second name; both may lead to one file, as objects never change."""
        path, new = self._base + check_name(source), self._base + check_name(target)
        temporary = self._temporary + passing_name()
        if self.stat(source) is None:
            return
        try:
            self._make_folder()
            os.link(path, temporary)
            _in_folder(new, lambda: os.replace(temporary, new))  # noqa: PTH105  as above
        except OSError:
            # No links here, or nothing to be linked.
            super().copy(source, target)
        finally:
            # Where both are one file already, renaming does nothing and leaves the other name.
            _remove(temporary)

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        path = self._base + check_name(name)
        try:
            os.unlink(path)  # noqa: PTH108  # called for many objects in a row
        except OSError as error:
            # Unlinking a folder is EISDIR on Linux and EPERM elsewhere.
            if error.errno in _MISSING or os.path.isdir(path):  # noqa: PTH112  # as above
                return
            raise _failure("deleted", path, error) from error
        folder = os.path.dirname(path)  # noqa: PTH120  # as above
        with suppress(OSError):
            # Folders that became empty go too; one that fills again meanwhile refuses.
            while len(folder) >= len(self._base):
                os.rmdir(folder)  # noqa: PTH106  # as above
                folder = os.path.dirname(folder)  # noqa: PTH120  # as above

    def _write_temporary(self, data: Data) -> str:
        path = self._temporary + passing_name()
        sweep_now_and_then(self._temporary, all_passing=True)
        try:
            try:
                _fill(path, data)
            except FileNotFoundError:
                self._make_folder()
                _fill(path, data)
        except OSError as error:
            raise _failure("written", path, error) from error
        return path

    def _make_folder(self) -> None:
        for folder in (self.path, *self.path.parents):
            if folder.name == STATE_FOLDER:
                ensure_state_folder(folder.parent)
                break
        Path(self._temporary).mkdir(parents=True, exist_ok=True)

    def sweep(self) -> None:
        """Remove what writers that died left behind; writing does it now and then."""
        sweep(self._temporary, all_passing=True)


def _failure(what: str, path: str | Path, error: OSError) -> StoreError:
    reason = error.strerror or str(error)
    return StoreError(f"{path} cannot be {what}: {reason}", path=str(path), code=error.errno)


def _is_file(mode: int) -> bool:
    return mode & 0o170000 == 0o100000


def _read(descriptor: int, start: int, length: int | None) -> bytes:
    if start:
        os.lseek(descriptor, start, os.SEEK_SET)
    if length is None:
        length = max(0, os.fstat(descriptor).st_size - start)
    data = os.read(descriptor, length) if length > 0 else b""
    if len(data) == length or not data or length <= _IN_ONE_READ:
        return data
    # A short read is the end of the file, a signal, or the limit of one call (2 GB).
    parts, missing = [data], length - len(data)
    while missing > 0 and (data := os.read(descriptor, missing)):
        parts.append(data)
        missing -= len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _listed(entry: os.DirEntry[str], name: str) -> Listed | None:
    try:
        status = entry.stat()
    except OSError:
        # Gone meanwhile.
        return None
    if not is_name(entry.name):
        # No store wrote it.
        return None
    return Listed(name, status.st_size, status.st_mtime) if _is_file(status.st_mode) else None


def _fill(path: str, data: Data) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write_all(descriptor, data, os.path.dirname(path))  # noqa: PTH120  # of every miss
        finally:
            os.close(descriptor)
    except BaseException:
        _remove(path)
        raise


def _write_all(descriptor: int, data: Data, folder: str) -> None:
    pieces = [data] if isinstance(data, Part) else data
    if len(pieces) > 1 and sum(map(len, pieces)) <= _IN_ONE_READ:
        pieces = [b"".join(pieces)]
    views = [memoryview(piece).cast("B") for piece in pieces if len(piece)]
    size = sum(map(len, views))
    if size >= _RESERVED and takes_reservations(folder):
        with suppress(OSError):
            os.posix_fallocate(descriptor, 0, size)
    first = 0
    while first < len(views):
        written = os.writev(descriptor, views[first : first + _AT_ONCE])
        while first < len(views) and written >= len(views[first]):
            written -= len(views[first])
            first += 1
        if written:
            views[first] = views[first][written:]


def _in_folder(path: str, place: Callable[[], None]) -> None:
    """Put a file at ``path``, whose folder may not exist yet or be removed meanwhile."""
    for _ in range(100):
        try:
            place()
        except FileNotFoundError:
            # Whoever deletes the last object in a folder may take the folder away between any
            # two calls here; pathlib then reports that it exists although it does not.
            with suppress(FileExistsError, FileNotFoundError):
                Path(path).parent.mkdir(parents=True, exist_ok=True)
        else:
            return
    place()


def _create(path: str, data: Data) -> bool:
    try:
        _in_folder(path, lambda: _fill(path, data))
    except FileExistsError:
        return False
    except OSError as error:
        raise _failure("written", path, error) from error
    return True


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108  # part of every write
