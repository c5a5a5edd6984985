"""File systems of fsspec: found, connected to on first use, asked with an end to waiting."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from queue import SimpleQueue
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from jobtui_core.errors import StoreError
from jobtui_core.urls.failures import failure, kind_of

__all__ = ["WAITING", "FileSystem", "class_of", "file_system", "is_known"]

T = TypeVar("T")

WAITING = 10.0
"""Seconds to wait for an answer, where only a small one is expected."""

LOCAL = frozenset({"file", "local", "memory", "data", "dir", "asynclocal"})
"""Schemes that no network is needed for."""

_INDIRECT = frozenset(
    [
        "async_wrapper",
        "asyncwrapper",
        "blockcache",
        "cached",
        "dask",
        "filecache",
        "generic",
        "pyscript",
        "reference",
        "simplecache",
    ]
)
"""File systems of fsspec that are none: their options lead to any other one, and what one of them
reads may be a template, which runs code.  Settings come with a project that somebody else wrote."""

_PATIENT: dict[str, dict[str, Any]] = {
    "ftp": {"timeout": WAITING},
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 10}},
    "sftp": {"timeout": WAITING, "banner_timeout": WAITING, "auth_timeout": WAITING},
    "ssh": {"timeout": WAITING, "banner_timeout": WAITING, "auth_timeout": WAITING},
}
"""Options that end waiting, of drivers that would wait longer, or for ever."""


def is_known(scheme: str) -> bool:
    """Tell whether fsspec has a file system for a scheme, installed or not."""
    from fsspec.registry import known_implementations, registry

    if scheme in _INDIRECT:
        return False
    return scheme in registry or scheme in known_implementations


def class_of(scheme: str) -> Any:
    """Give the class of a scheme's file systems.

    Raises
    ------
    StoreError
        If there is none, or what it needs is not installed: it names that.
    """
    import fsspec

    try:
        if scheme in _INDIRECT:
            raise ValueError(scheme)
        return fsspec.get_filesystem_class(scheme)
    except ValueError:
        raise StoreError(
            f"nothing is known of {scheme}: URLs; fsspec has no file system of its own for them",
            scheme=scheme,
        ) from None
    except ImportError as error:
        missing = error.__cause__ if isinstance(error.__cause__, ImportError) else error
        name = f" '{missing.name}'" if missing.name else ""
        raise StoreError(
            f"{scheme}: URLs need a package{name} that is not installed: {error}",
            scheme=scheme,
            package=missing.name,
        ) from None


def file_system(url: str, options: Mapping[str, Any]) -> FileSystem:
    """Give the file system that a URL lies in; those that are used are shared.

    Raises
    ------
    StoreError
        If there is none, or what it needs is not installed.
    """
    scheme = url.partition("://")[0].lower()
    cls = class_of(scheme)
    told = {**_PATIENT.get(scheme, {}), **cls._get_kwargs_from_urls(url), **options}
    key = repr((scheme, sorted(told.items(), key=lambda item: item[0])))
    with _sharing:
        found = _shared.get(key)
        if found is None:
            found = _shared[key] = FileSystem(key, scheme, cls, told)
    return found


class FileSystem:
    """One file system of fsspec.

    Parameters
    ----------
    name : str
        The same for file systems that are the same.  It may hold secrets.
    scheme : str
    cls : class
        Of fsspec's.
    options : mapping
        It is made with.

    Notes
    -----
    It is made with the first request, again in a child process, and again after it did not answer:
    a connection that was idle for long is closed by many servers, so one that was used before is
    tried once more with a new one.
    """

    def __init__(self, name: str, scheme: str, cls: Any, options: Mapping[str, Any]) -> None:
        self.name = name
        self.scheme = scheme
        self.is_remote = scheme not in LOCAL
        self._cls = cls
        self._options = dict(options)
        self._made: _Made | None = None
        self._making = (os.getpid(), threading.Lock())

    def path(self, url: str) -> str:
        """Give what the file system calls the place of a URL."""
        path: str = self._cls._strip_protocol(url)
        return path.rstrip("/")

    def ask(
        self,
        what: str,
        url: str,
        request: Callable[[Any], T],
        *,
        bounded: bool = True,
        absent: bool = True,
    ) -> T | None:
        """Ask the file system something.

        Parameters
        ----------
        what : str
            What is done to the object, for errors: ``read``.
        url : str
            The object, for errors.
        request : callable
            Takes the file system.
        bounded : bool
            Whether to wait ten seconds at most, whatever the driver does; else that is left to it,
            for what takes long because it is large.
        absent : bool
            Whether there is nothing wrong with something that is not there.

        Returns
        -------
        object
            What ``request`` gives; ``None`` if it says that something is not there.

        Raises
        ------
        StoreError
            And nothing else that an `Exception` is.
        """
        for attempt in (0, 1):
            made = self._made
            try:
                if self.is_remote and bounded:
                    return _in_time(lambda: self._do(request), WAITING)
                return self._do(request)
            except Exception as error:  # noqa: BLE001  anything may come out of a driver
                kind = kind_of(error)
                if kind == "missing" and absent:
                    return None
                if kind == "unavailable":
                    self._forget()
                    again = made is not None and made.pid == os.getpid()
                    if again and attempt == 0 and not isinstance(error, TimeoutError):
                        continue
                raise failure(what, url, error) from None
        raise AssertionError("the second attempt ends it")

    def _do(self, request: Callable[[Any], T]) -> T:
        made = self._connected()
        with made.turn:
            return request(made.fs)

    def _connected(self) -> _Made:
        made = self._made
        if made is not None and made.pid == os.getpid():
            return made
        if self._making[0] != os.getpid():
            # Another thread may have held it when this process was forked.
            self._making = (os.getpid(), threading.Lock())
        with self._making[1]:
            made = self._made
            if made is None or made.pid != os.getpid():
                made = self._made = _Made(self._cls, self._options)
        return made

    def _forget(self) -> None:
        self._made = None
        # Whoever hangs in it keeps the old one.
        self._making = (os.getpid(), threading.Lock())


class _Made:
    """A file system that was connected to, in one process."""

    def __init__(self, cls: Any, options: dict[str, Any]) -> None:
        self.pid = os.getpid()
        # Not fsspec's own sharing: it gives the same dead connection again.
        self.fs = cls(**options, skip_instance_cache=True)
        with suppress(AttributeError):
            # A listing that is remembered hides what others write.
            self.fs.dircache.use_listings_cache = False
        with suppress(AttributeError):
            # paramiko would wait for ever for an answer.
            self.fs.ftp.get_channel().settimeout(WAITING)
        # One at a time, where a connection is one conversation.
        several = getattr(self.fs, "async_impl", False) or cls.__module__.endswith(
            (".memory", ".local")
        )
        self.turn: AbstractContextManager[Any] = nullcontext() if several else threading.Lock()


def _in_time(work: Callable[[], T], seconds: float) -> T:
    """Do something in a thread of its own, which is left behind if it takes too long."""
    answers: SimpleQueue[tuple[bool, Any]] = SimpleQueue()

    def do() -> None:
        try:
            answers.put((True, work()))
        except BaseException as error:  # noqa: BLE001  it is raised by whoever waits
            answers.put((False, error))

    from queue import Empty

    threading.Thread(target=do, name="jobtui-url", daemon=True).start()
    try:
        fine, answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"no answer within {seconds:g} s") from None
    if fine:
        result: T = answer
        return result
    raise answer


_sharing = threading.Lock()
_shared: WeakValueDictionary[str, FileSystem] = WeakValueDictionary()


def _after_fork() -> None:
    # Another thread may have held it.
    global _sharing
    _sharing = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
