"""joblib's interface for backends of one's own, and such a backend as a store.

joblib's backends hold folders ("locations") with files in them, and can delete folders alone.  So
each object of a store is a file ``output.pkl`` in a folder of its own, whose name is a hash, as
``get_items`` of joblib's own backend expects it::

    <location>/<name of the object>/<MD5 of the name>/output.pkl
"""

from __future__ import annotations

import os
import posixpath
from abc import ABC, abstractmethod
from collections import namedtuple
from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Any

from jobtui_core.errors import StoreError, text_of
from jobtui_core.stores.base import (
    Capability,
    Data,
    Listed,
    Store,
    check_name,
    check_prefix,
    join,
)

__all__ = ["BackendStore", "CacheItemInfo", "StoreBackendBase", "is_backend"]

CacheItemInfo = namedtuple("CacheItemInfo", "path size last_access")  # noqa: PYI024  joblib's
"""What ``get_items`` gives: folder, bytes, and when it was read last (a ``datetime``)."""

_FILE = "output.pkl"


class StoreBackendBase(ABC):
    """What a backend for ``Memory(backend=…)`` offers; joblib's class of the same name.

    A new backend is better written as a `jobtui_core.stores.Store`: it needs no folders, and
    nothing private.
    """

    location: str | None = None

    @abstractmethod
    def _open_item(self, f: str, mode: str) -> Any:
        """Open a file of the backend: ``"rb"`` or ``"wb"``."""

    @abstractmethod
    def _item_exists(self, location: str) -> bool:
        """Tell whether there is a file or folder."""

    @abstractmethod
    def _move_item(self, src: str, dst: str) -> None:
        """Move a file, over another one too."""

    @abstractmethod
    def create_location(self, location: str) -> None:
        """Make a folder, and those above it."""

    @abstractmethod
    def clear_location(self, location: str) -> None:
        """Delete a folder with all that is in it."""

    @abstractmethod
    def get_items(self) -> list[Any]:
        """Give a `CacheItemInfo` for each folder that holds a result."""

    @abstractmethod
    def configure(
        self, location: str, verbose: int = 0, backend_options: Mapping[str, Any] = {}
    ) -> None:
        """Set up the backend on a location, with the options given to `Memory`."""


def is_backend(value: Any) -> bool:
    """Tell whether a class has the interface, from joblib or from here."""
    wanted = StoreBackendBase.__abstractmethods__
    return isinstance(value, type) and all(callable(getattr(value, one, None)) for one in wanted)


class BackendStore(Store):
    """A store in a backend that was written for joblib.

    Parameters
    ----------
    scheme : str
        The name that the backend was registered under.
    backend : object
        With the methods of `StoreBackendBase`.
    location : str
        What it is configured with.
    options : mapping, optional
        The same.
    verbose : int

    Notes
    -----
    When two write one object at once, both may believe that they were first.  How a write is seen
    by others is up to the backend's ``_move_item``.
    """

    def __init__(
        self,
        scheme: str,
        backend: Any,
        location: str,
        options: Mapping[str, Any] | None = None,
        verbose: int = 0,
    ) -> None:
        self.scheme = scheme
        self.backend = backend
        self.location = location
        try:
            backend.configure(location, verbose=verbose, backend_options=dict(options or {}))
        except Exception as error:
            raise self._failed("set up", location, error) from error

    @property
    def url(self) -> str:
        """The name of the backend and its location."""
        return f"{self.scheme}://{self.location}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Nothing is known of a backend but that others see what is written."""
        return frozenset({"shared"})

    def _failed(self, what: str, name: str, error: Exception) -> StoreError:
        text = f"{name} cannot be {what} in the {self.scheme} backend: {text_of(error)}"
        return StoreError(text, url=self.url, name=name)

    def _folder(self, name: str) -> str:
        mark = md5(name.encode(), usedforsecurity=False).hexdigest()
        return posixpath.join(self.location, *check_name(name).split("/"), mark)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read an object or a part of it."""
        path = posixpath.join(self._folder(name), _FILE)
        try:
            if not self.backend._item_exists(path):
                return None
            with self.backend._open_item(path, "rb") as file:
                data: bytes = file.read()
        except (FileNotFoundError, KeyError):
            return None
        except Exception as error:
            raise self._failed("read", name, error) from error
        end = None if length is None else start + max(0, length)
        return data if start == 0 and end is None else data[start:end]

    def write(self, name: str, data: Data) -> None:
        """Write an object, in place of the one that may be there."""
        folder = self._folder(name)
        path = posixpath.join(folder, _FILE)
        beside = f"{path}.{os.urandom(12).hex()}"
        try:
            self.backend.create_location(folder)
            with self.backend._open_item(beside, "wb") as file:
                file.write(join(data))
            self.backend._move_item(beside, path)
        except Exception as error:
            raise self._failed("written", name, error) from error

    def write_if_absent(self, name: str, data: Data) -> bool:
        """Write an object unless one is there."""
        if self.read(name) is not None:
            return False
        self.write(name, data)
        return True

    def delete(self, name: str) -> None:
        """Remove an object, if it is there."""
        folder = self._folder(name)
        try:
            if self.backend._item_exists(folder):
                self.backend.clear_location(folder)
        except (FileNotFoundError, KeyError):
            return
        except Exception as error:
            raise self._failed("deleted", name, error) from error

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """Give the objects whose names begin with ``prefix``; times are those of last use."""
        check_prefix(prefix)
        try:
            items = list(self.backend.get_items())
        except Exception as error:
            raise self._failed("listed", prefix or "what it holds", error) from error
        for item in items:
            listed = self._listed(item)
            if listed is not None and listed.name.startswith(prefix):
                yield listed

    def _listed(self, item: Any) -> Listed | None:
        """Read what a backend says of one folder; ``None`` if it is none of ours."""
        try:
            path, used = os.fspath(item.path).replace(os.sep, "/"), item.last_access
            name = posixpath.relpath(posixpath.dirname(path), self.location)
            if self._folder(name) != path:
                return None
            when = used.timestamp() if hasattr(used, "timestamp") else used
            return Listed(name, int(item.size), float(when))
        except (AttributeError, TypeError, ValueError, StoreError):
            return None

    def stat(self, name: str) -> Listed | None:
        """Give an object's size and last use, which takes a listing."""
        check_name(name)
        return next((one for one in self.list(name) if one.name == name), None)
