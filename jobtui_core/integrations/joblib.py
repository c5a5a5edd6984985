"""Stores on S3 for ``joblib.Memory``::

    from joblib import Memory
    from jobtui_core.integrations.joblib import register_s3_store_backend

    register_s3_store_backend()
    memory = Memory("s3://bucket/prefix")

Results lie there as joblib lays them out, so that ``joblib.Memory`` alone reads them.  Nothing is
shared with `jobtui_core.Memory`, which keeps its own beside them.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from joblib import register_store_backend
from joblib._store_backends import (
    CacheItemInfo,
    CacheWarning,
    FileSystemStoreBackend,
    StoreBackendBase,
    StoreBackendMixin,
)

from jobtui_core.errors import StoreError
from jobtui_core.stores import Listed, Store, open_store

__all__ = ["S3StoreBackend", "register_s3_store_backend"]

_is_result = re.compile(r"(.*)/([0-9a-f]{32})/[^/]+").fullmatch

_FILES = ("output.pkl", "metadata.json", "func_code.py")
"""What joblib keeps files by; all other paths are folders."""


def register_s3_store_backend() -> None:
    """Have ``joblib.Memory`` understand ``s3://`` URLs, and ``backend="s3"``.

    Folders are treated as before.
    """
    register_store_backend("s3", S3StoreBackend)
    # Without ``backend=`` joblib takes every location for a folder.
    register_store_backend("local", _FolderOrS3)


class S3StoreBackend(StoreBackendBase, StoreBackendMixin):  # type: ignore[misc]  # joblib has no types
    """A backend of ``joblib.Memory`` on S3.

    Its options are ``bucket``, unless the location is an ``s3://`` URL, and those of
    `jobtui_core.stores.s3.S3Store`.

    Notes
    -----
    A bucket that does not answer, or refuses, costs one warning and recomputations: joblib alone
    would end the script.
    """

    store: Store
    compress: Any = False
    mmap_mode: None = None
    verbose: int = 0

    def configure(
        self, location: str, verbose: int = 0, backend_options: Mapping[str, Any] | None = None
    ) -> None:
        """Set up the backend, without a request.

        Raises
        ------
        ValueError
            If no bucket is named, or there is no such option.
        """
        options = dict(backend_options or {})
        self.verbose = verbose
        self.compress = options.pop("compress", False)
        if options.pop("mmap_mode", None) is not None:
            warnings.warn("what lies on S3 cannot be mapped: mmap_mode is ignored", stacklevel=4)
        self.location = _url(location, options.pop("bucket", None))
        self.store = open_store(self.location, options=options)
        self._warned = False

    # ------------------------------------------------------------------- what joblib builds on

    def _open_item(self, f: str, mode: str) -> io.BytesIO:
        name = self._name(f)
        if "w" in mode:
            return _Written(lambda data: self.store.write(name, data))
        data = self.store.read(name)
        if data is None:
            raise FileNotFoundError(f)
        return io.BytesIO(data)

    def _item_exists(self, location: str) -> bool:
        name = self._name(location)
        try:
            if name.endswith(_FILES):
                return self.store.stat(name) is not None
            return any(True for _ in self.store.pages(_folder(name), 1))
        except StoreError as error:
            # Taken for a miss, the function runs.
            self._warn(error)
            return False

    object_exists = _item_exists
    """What ``contains_path`` of joblib asks for."""

    def _move_item(self, src: str, dst: str) -> None:
        source = self._name(src)
        self.store.copy(source, self._name(dst))
        self.store.delete(source)

    def _concurrency_safe_write(
        self, to_write: Any, filename: str, write_func: Callable[[Any, str], None]
    ) -> None:
        # What is written there is seen whole or not at all: one request instead of three.
        try:
            write_func(to_write, filename)
        except StoreError as error:
            self._warn(error)

    def create_location(self, location: str) -> None:
        """Do nothing: there are no folders."""

    def clear_location(self, location: str) -> None:
        """Delete all that lies below a location."""
        name = self._name(location)
        try:
            found = [one.name for one in self.store.list(_folder(name))]
            self.store.delete_all([*found, name] if name else found)
        except StoreError as error:
            self._warn(error)

    def get_items(self) -> list[Any]:
        """Give what is stored: folder, bytes and time of writing of each result."""
        folders: dict[str, list[Listed]] = {}
        for one in self.store.list():
            if match := _is_result(one.name):
                folders.setdefault(f"{match[1]}/{match[2]}", []).append(one)
        return [
            CacheItemInfo(
                f"{self.location}/{unquote(folder)}",
                sum(one.size for one in files),
                datetime.fromtimestamp(max(one.mtime for one in files)),  # noqa: DTZ006  joblib's
            )
            for folder, files in folders.items()
        ]

    def _name(self, path: str) -> str:
        """Give the name in the store of a path below the location: ``""`` for itself."""
        below = path.removeprefix(self.location).strip("/")
        return "/".join(map(_part, below.split("/"))) if below else ""

    def _warn(self, error: StoreError) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(f"Not cached: {error}", CacheWarning, stacklevel=2)


class _FolderOrS3(FileSystemStoreBackend):  # type: ignore[misc]  # as above
    """joblib's backend of folders, which becomes one on S3 where a URL of it is given."""

    def configure(
        self, location: str, verbose: int = 1, backend_options: Mapping[str, Any] | None = None
    ) -> None:
        if location.lower().startswith("s3://"):
            self.__class__ = S3StoreBackend
            self.configure(location, verbose, backend_options)
        else:
            super().configure(location, verbose, backend_options)


class _Written(io.BytesIO):
    """A file that is stored when it is closed, unless it was left by an error."""

    def __init__(self, store: Callable[[bytes], None]) -> None:
        super().__init__()
        self._store = store

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._store(self.getvalue())
        self.close()


def _url(location: str, bucket: Any) -> str:
    if location.lower().startswith("s3://"):
        return location.rstrip("/")
    if not isinstance(bucket, str) or not bucket:
        raise ValueError(
            f"a location on S3 needs a bucket: Memory({location!r:.100}, backend='s3', "
            "backend_options={'bucket': '…'}), or Memory('s3://…/…')"
        )
    return f"s3://{bucket}/{location.strip('/')}".rstrip("/")


def _folder(name: str) -> str:
    return f"{name}/" if name else ""


def _part(text: str) -> str:
    """Give one part of a name; `unquote` gives the text back."""
    quoted = quote(text, safe="+=@,~")
    return f"%2E{quoted[1:]}" if quoted.startswith(".") else quoted
