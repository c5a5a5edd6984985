"""A store behind any URL that fsspec has a file system for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Self, TypeVar

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.leftovers import passing_name
from jobtui_core.stores.base import (
    Capability,
    Data,
    Listed,
    Store,
    check_name,
    check_prefix,
    is_name,
    join,
)
from jobtui_core.stores.options import portable
from jobtui_core.urls.facts import is_file, size_of, time_of
from jobtui_core.urls.filesystems import class_of, file_system
from jobtui_core.urls.placing import (
    WHOLE,
    info_of,
    inside,
    make_folder,
    move_into_place,
    quietly,
    remove_file,
    write_file,
)

__all__ = ["FsspecStore"]

T = TypeVar("T")

_READ_ONLY = frozenset({"data", "gist", "git", "github", "http", "https"})
"""Schemes that are known not to be written."""

_TEMPORARY = ".tmp"
"""Folder for what is being written; no name of an object begins with a dot."""

_LEFT = 24 * 3600.0
"""Seconds after which what lies there was left by somebody who was killed."""


class FsspecStore(Store):
    """A store at a URL of fsspec: ``sftp://host/path``, ``gs://bucket/path``, ``az://…``.

    Parameters
    ----------
    url : str
    **options
        As the file system of the scheme takes them, fsspec's ``storage_options``.

    Raises
    ------
    StoreError
        If fsspec has no file system for the scheme, or it needs a package that is not installed.

    Notes
    -----
    Nothing is connected to before the first call.  Where the place is a file system, an object is
    written under a temporary name and moved; where it is an object store, in one request.  What
    fsspec offers has no way to write an object only if it is not there: of two who do at once,
    both may be told that they were first.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self.options: Mapping[str, Any] = portable(options)
        self._begin(url, options)

    def _begin(self, url: str, options: Mapping[str, Any]) -> None:
        scheme, _, rest = url.partition("://")
        self._scheme = scheme.lower()
        self._url = f"{self._scheme}://{rest.rstrip('/')}"
        # Now, for the sentence that says what is missing.
        class_of(self._scheme)
        self._files = file_system(self._url, options)
        self._base = self._files.path(self._url)
        self._made_folders: set[str] = set()

    @property
    def url(self) -> str:
        """As given, without a ``/`` at its end."""
        return self._url

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Never exclusive, and shared but for a process's own memory."""
        found: set[Capability] = {"range"}
        if self._scheme != "memory":
            found.add("shared")
        if self._files.is_remote:
            found.add("remote")
        return frozenset(found)

    @property
    def writable(self) -> bool | None:
        """``False`` where nothing can be written over this protocol."""
        return False if self._scheme in _READ_ONLY else None

    def _path(self, name: str) -> str:
        if self._scheme in ("http", "https"):
            from urllib.parse import quote

            name = quote(name, safe="/~+=@,")
        return f"{self._base}/{name}"

    def _ask(
        self, what: str, name: str, request: Callable[[Any], T], *, large: bool = False
    ) -> T | None:
        url = f"{self._url}/{name}" if name else self._url
        if large:
            return self._files.ask(what, url, request, bounded=False)
        return self._files.ask(what, url, request)

    # --------------------------------------------------------------------------------- reading

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read an object or a part of it."""
        path = self._path(check_name(name))
        if length is not None and length <= 0:
            return None if self.stat(name) is None else b""
        end = None if length is None else start + length
        try:
            data = self._ask("read", name, lambda fs: _read(fs, path, start, end), large=True)
        except (StoreUnavailableError, StoreDeniedError):
            raise
        except StoreError:
            # A folder, and a part that begins behind the end, are refused by servers each in its
            # own way.
            listed = self.stat(name)
            if listed is not None and listed.size > start:
                raise
            return None if listed is None else b""
        if data is None and start > 0 and self.stat(name) is not None:
            return b""
        return data

    def stat(self, name: str) -> Listed | None:
        """Give an object's size and time."""
        path = self._path(check_name(name))
        info = self._ask("looked at", name, lambda fs: info_of(fs, path))
        return None if info is None else self._listed(name, info)

    def _listed(self, name: str, info: Mapping[str, Any]) -> Listed | None:
        if not is_file(info):
            return None
        size = size_of(info)
        if size is None:
            path = self._path(name)
            size = self._ask("looked at", name, lambda fs: int(fs.size(path) or 0)) or 0
        when = time_of(info)
        # Nothing that is old is told of: it would be the first to be cleared away.
        return Listed(name, size, time.time() if when is None else when)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Give the objects whose names begin with ``prefix``.

        An object store is listed in one go; of a file system, each folder when it comes to it.
        """
        check_prefix(prefix)
        above = prefix.rpartition("/")[0]
        if self._scheme in WHOLE:
            yield from self._found(above, prefix)
        else:
            yield from self._walked(above, prefix)

    def _found(self, above: str, prefix: str) -> Iterator[Listed]:
        place = self._path(above).rstrip("/")
        found = self._ask("listed", above, lambda fs: fs.find(place, detail=True), large=True)
        for path, info in (found or {}).items():
            name = path[len(self._base) + 1 :]
            if path.startswith(f"{self._base}/") and name.startswith(prefix) and is_name(name):
                listed = self._listed(name, info)
                if listed is not None:
                    yield listed

    def _walked(self, above: str, prefix: str) -> Iterator[Listed]:
        folders = [above]
        while folders:
            folder = folders.pop()
            for info in self._in(folder):
                last = info["name"].rstrip("/").rpartition("/")[2]
                if self._scheme in ("http", "https"):
                    from urllib.parse import unquote

                    last = unquote(last)
                name = f"{folder}/{last}" if folder else last
                if not is_name(name):
                    continue
                if info.get("type") == "directory":
                    if name.startswith(prefix) or prefix.startswith(f"{name}/"):
                        folders.append(name)
                elif name.startswith(prefix):
                    listed = self._listed(name, info)
                    if listed is not None:
                        yield listed

    def _in(self, folder: str) -> Sequence[Mapping[str, Any]]:
        place = self._path(folder).rstrip("/")
        return self._ask("listed", folder, lambda fs: inside(fs, place)) or ()

    # --------------------------------------------------------------------------------- writing

    def write(self, name: str, data: Data) -> None:
        """Write an object, in place of the one that may be there."""
        path = self._path(check_name(name))
        self._check_writable("written", name)
        content = join(data)

        def put(fs: Any) -> None:
            if self._scheme in WHOLE:
                fs.pipe_file(path, content)
            else:
                self._put(fs, path, content)

        self._files.ask("written", f"{self._url}/{name}", put, bounded=False, absent=False)

    def _check_writable(self, what: str, name: str) -> None:
        if self.writable is False:
            raise StoreDeniedError(
                f"{name} cannot be {what}: {self._scheme}: URLs may be read only",
                url=self._url,
                name=name,
            )

    def _put(self, fs: Any, path: str, content: bytes) -> None:
        """Write a file beside its place and move it there."""
        temporary = f"{self._base}/{_TEMPORARY}/{passing_name()}"
        self._make_folder(fs, f"{self._base}/{_TEMPORARY}")
        try:
            write_file(fs, temporary, content)
        except OSError:
            # The folder may be gone since it was made.
            self._make_folder(fs, f"{self._base}/{_TEMPORARY}", anew=True)
            write_file(fs, temporary, content)
        try:
            self._make_folder(fs, path.rpartition("/")[0])
            move_into_place(fs, self._scheme, temporary, path)
        except BaseException:
            # Who was interrupted leaves it to `sweep`.
            quietly(lambda: fs.rm_file(temporary))
            raise

    def _make_folder(self, fs: Any, folder: str, *, anew: bool = False) -> None:
        if anew or folder not in self._made_folders:
            make_folder(fs, folder)
            self._made_folders.add(folder)

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there."""
        self._check_writable("written", check_name(name))
        if self.stat(name) is not None:
            return False
        self.write(name, data)
        return True

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        self._check_writable("deleted", check_name(name))
        self._delete(name)

    def _delete(self, name: str) -> None:
        path = self._path(name)
        self._ask("deleted", name, lambda fs: remove_file(fs, path))

    def sweep(self) -> None:
        """Remove what writers that were killed left behind, a day ago or more."""
        if self._scheme in WHOLE or self.writable is False:
            return
        for info in self._in(_TEMPORARY):
            written, last = time_of(info), info["name"].rstrip("/").rpartition("/")[2]
            if is_file(info) and written is not None and time.time() - written > _LEFT:
                self._delete(f"{_TEMPORARY}/{last}")

    def __copy__(self) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __getstate__(self) -> dict[str, Any]:
        # Neither connections nor secrets: another process has its own.
        state = super().__getstate__()
        kept = {"options", "signing_key", "_url"}
        return {name: value for name, value in state.items() if name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin(self._url, self.options)


def _read(fs: Any, path: str, start: int, end: int | None) -> bytes:
    getfo = getattr(getattr(fs, "ftp", None), "getfo", None)
    if getfo is not None and start == 0 and end is None:
        # paramiko asks for all pieces at once here, elsewhere for one after the other.
        whole = BytesIO()
        getfo(path, whole)
        return whole.getvalue()
    data = bytes(fs.cat_file(path, start=start or None, end=end))
    if start and end is not None and len(data) > end - start and len(data) == fs.size(path):
        # Servers of HTTP may answer with the whole when they are asked for a part.
        return data[start:end]
    return data if end is None else data[: end - start]
