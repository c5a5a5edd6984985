"""The classes that backends written for joblib derive from, with what joblib gives them."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jobtui_core.stores import CacheItemInfo, StoreBackendBase

__all__ = ["FileSystemStoreBackend", "StoreBackendMixin"]

_is_hash = re.compile(r"[0-9a-f]{32}").match


class StoreBackendMixin:
    """Results, metadata and code in the files of a backend, as joblib lays them out.

    `Memory` needs none of it; it is for programs that call it themselves.
    """

    location: str
    compress: Any = False
    mmap_mode: Any = None
    _open_item: Callable[..., Any]
    _item_exists: Callable[[str], bool]
    _move_item: Callable[[str, str], Any]
    create_location: Callable[[str], None]
    clear_location: Callable[[str], None]
    get_items: Callable[[], list[Any]]

    def _path(self, call_id: Sequence[str], *file: str) -> str:
        return posixpath.join(self.location, *call_id, *file)

    def _write(self, call_id: Sequence[str], name: str, write: Callable[[Any], Any]) -> None:
        self.create_location(self._path(call_id))
        path = self._path(call_id, name)
        beside = f"{path}.{os.urandom(12).hex()}"
        with self._open_item(beside, "wb") as file:
            write(file)
        self._move_item(beside, path)

    def load_item(
        self,
        call_id: Sequence[str],
        verbose: int = 1,
        timestamp: float | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Any:
        """Read a result; raise KeyError if there is none."""
        from jobtui_core.dumps import load

        path = self._path(call_id, "output.pkl")
        if not self._item_exists(path):
            raise KeyError(f"Non-existing item (may have been cleared): {path}")
        if self.mmap_mode is not None:
            return load(path, mmap_mode=self.mmap_mode)
        with self._open_item(path, "rb") as file:
            return load(file)

    def dump_item(self, call_id: Sequence[str], item: Any, verbose: int = 1) -> None:
        """Write a result."""
        from jobtui_core.dumps import dump

        self._write(call_id, "output.pkl", lambda file: dump(item, file, compress=self.compress))

    def clear_item(self, call_id: Sequence[str]) -> None:
        """Delete a result, if it is there."""
        self.clear_path(call_id)

    def contains_item(self, call_id: Sequence[str]) -> bool:
        """Tell whether there is a result."""
        return bool(self._item_exists(self._path(call_id, "output.pkl")))

    def get_item_info(self, call_id: Sequence[str]) -> dict[str, str]:
        """Tell where a result lies."""
        return {"location": self._path(call_id)}

    def get_metadata(self, call_id: Sequence[str]) -> dict[str, Any]:
        """Read what is said of a call; nothing if that cannot be read."""
        with suppress(Exception), self._open_item(self._path(call_id, "metadata.json"), "rb") as f:
            found = json.loads(f.read())
            return found if isinstance(found, dict) else {}
        return {}

    def store_metadata(self, call_id: Sequence[str], metadata: dict[str, Any]) -> None:
        """Write what is said of a call."""
        data = json.dumps(metadata).encode()
        self._write(call_id, "metadata.json", lambda file: file.write(data))

    def contains_path(self, call_id: Sequence[str]) -> bool:
        """Tell whether anything is kept of a function."""
        return bool(self._item_exists(self._path(call_id)))

    def clear_path(self, call_id: Sequence[str]) -> None:
        """Delete all that is kept of a function."""
        if self.contains_path(call_id):
            self.clear_location(self._path(call_id))

    def store_cached_func_code(self, call_id: Sequence[str], func_code: str | None = None) -> None:
        """Write the source of a function."""
        self.create_location(self._path(call_id))
        if func_code is not None:
            data = func_code.encode()
            self._write(call_id, "func_code.py", lambda file: file.write(data))

    def get_cached_func_code(self, call_id: Sequence[str]) -> str:
        """Read the source of a function."""
        with self._open_item(self._path(call_id, "func_code.py"), "rb") as file:
            text: str = file.read().decode()
        return text

    def get_cached_func_info(self, call_id: Sequence[str]) -> dict[str, str]:
        """Tell where the results of a function lie."""
        return {"location": self._path(call_id)}

    def clear(self) -> None:
        """Delete everything."""
        self.clear_location(self.location)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(location="{self.location}")'


class FileSystemStoreBackend(StoreBackendBase, StoreBackendMixin):
    """Files in a folder: joblib's own backend, to derive from.

    `Memory` itself keeps its folders in another way, without one for each result.
    """

    location: Any = None
    _open_item: Any = staticmethod(open)
    _item_exists: Any = staticmethod(os.path.exists)
    _move_item: Any = staticmethod(os.replace)

    def create_location(self, location: str) -> None:
        """Make a folder, and those above it."""
        Path(location).mkdir(parents=True, exist_ok=True)

    def clear_location(self, location: str) -> None:
        """Delete a folder; of the whole store, what is in it."""
        import shutil

        if location != self.location:
            shutil.rmtree(location, ignore_errors=True)
            return
        for inner in Path(location).iterdir():
            if inner.is_dir() and not inner.is_symlink():
                shutil.rmtree(inner, ignore_errors=True)

    def get_items(self) -> list[Any]:
        """Give the folders of results, with their sizes and when they were read last."""
        import datetime as dt

        found = []
        for folder, _, names in os.walk(self.location or "."):
            path = Path(folder)
            if not _is_hash(path.name):
                continue
            # What goes away meanwhile is none any more.
            with suppress(OSError):
                files = [(path / name).stat() for name in names]
                used = (path / "output.pkl").stat().st_atime
                when = dt.datetime.fromtimestamp(used)  # noqa: DTZ006  as joblib's are
                found.append(CacheItemInfo(folder, sum(one.st_size for one in files), when))
        return found

    def configure(
        self,
        location: str,
        verbose: int = 1,
        backend_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Set up the backend; options are ``compress`` and ``mmap_mode``."""
        options = backend_options or {}
        self.location = location
        self.create_location(location)
        self.compress = options.get("compress", False)
        self.mmap_mode = options.get("mmap_mode")
        self.verbose = verbose
