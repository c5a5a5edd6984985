"""From a location, as settings and users write it, to a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from jobtui_core.errors import ConfigurationError, StoreError
from jobtui_core.stores.addresses import folder_of, scheme_of, without_credentials
from jobtui_core.stores.backends import BackendStore, is_backend
from jobtui_core.stores.base import Store
from jobtui_core.stores.local import LocalStore
from jobtui_core.stores.memory import MemoryStore
from jobtui_core.stores.unchanged import UnchangedStore, is_checking

__all__ = [
    "open_backend",
    "open_store",
    "register_s3_store_backend",
    "register_store_backend",
]

_memories: dict[str, MemoryStore] = {}


def _open_memory(url: str) -> Store:
    name = url.partition("://")[2]
    return _memories.setdefault(name, MemoryStore(name))


def _open_file(url: str) -> Store:
    return LocalStore(cast("str", folder_of(url)))


_backends: dict[str, Any] = {"file": _open_file, "memory": _open_memory}

_HOMES = {"s3": ("s3", "S3Store")}
"""Modules and classes of kinds of store that few processes need."""

_PLACES = ("file", "memory")
"""Schemes of which the URL tells everything."""


def register_store_backend(name: str, backend: Callable[[str], Store] | type[Any]) -> None:
    """Teach `open_store`, and ``Memory(backend=…)``, another kind of store.

    Parameters
    ----------
    name : str
        The scheme: what stands before ``://`` in a location, in any case.
    backend : class or callable
        A class of `Store`, or a function, that takes the URL and gives the store without touching
        it: an object that cannot be reached is the concern of the first read or write.  Or a class
        with the methods of joblib's ``StoreBackendBase``; it is set up, by its ``configure``, with
        what stands behind ``://``, or with location and ``backend_options`` of a `Memory`.

    Raises
    ------
    ValueError
        If one of them is nothing of the kind.
    """
    if not isinstance(name, str):
        raise ValueError(f"Store backend name should be a string, not {name!r}")
    if not is_backend(backend) and not callable(backend):
        raise ValueError(
            "Store backend should inherit StoreBackendBase, or be a function that opens a store; "
            f"{backend!r} of {name!r} does not"
        )
    if not name or not (is_backend(backend) or scheme_of(f"{name}://")):
        raise ValueError(
            f"Store backend name should be a string that can stand before '://', not {name!r}"
        )
    _backends[name.lower()] = backend


def register_s3_store_backend() -> None:
    """Have ``s3://`` mean what it means without this call; programs for joblib-store make it.

    See Also
    --------
    jobtui_core.integrations.joblib.register_s3_store_backend : the same for ``joblib.Memory``.
    """
    _backends.pop("s3", None)


def _backend(scheme: str) -> Any:
    """Give what opens stores of a kind; ``None`` if nobody knows it."""
    if scheme in _HOMES and scheme not in _backends:
        from importlib import import_module

        module, name = _HOMES[scheme]
        _backends[scheme] = getattr(import_module(f"jobtui_core.stores.{module}"), name)
    if scheme in _backends:
        return _backends[scheme]
    # What nobody registered may be a file system that fsspec has.
    from jobtui_core.urls.filesystems import is_known

    if not is_known(scheme):
        return None
    from jobtui_core.stores.fsspec import FsspecStore

    return FsspecStore


def open_backend(
    name: str,
    location: str,
    options: Mapping[str, Any] | None = None,
    verbose: int = 0,
    *,
    base: Path | None = None,
    spool: Path | None = None,
) -> Store:
    """Give the store at a location of a backend that was registered.

    Parameters
    ----------
    name : str
        As registered.
    location : str
        Without a scheme; on S3 a prefix in the bucket that the options name.
    options : mapping, optional
        For the backend, which may refuse them.
    verbose : int
    base, spool
        As for `open_store`.

    Raises
    ------
    TypeError
        If there is no such backend, or one that lacks a method.
    ValueError
        If a bucket is needed and none is named.
    """
    backend = _backend(name.lower())
    if is_backend(backend):
        store: Store = BackendStore(name, backend(), location, options, verbose)
        return UnchangedStore(store) if is_checking() else store
    url, rest = _address(name.lower(), location, dict(options or {}))
    if backend is None:
        raise TypeError(
            f"Unknown location {location!r} or backend {name!r}: register_store_backend makes "
            "one known, and without one the location tells the kind of store"
        )
    return open_store(url, base, rest, spool=spool)


def _address(scheme: str, location: str, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Give the URL of a location whose kind of store was named beside it."""
    if scheme_of(location) is not None:
        return location, options
    if scheme != "s3":
        return f"{scheme}://{location}", options
    bucket = options.pop("bucket", None)
    if not isinstance(bucket, str) or not bucket:
        raise ValueError(
            f"a location on S3 needs a bucket: Memory({location!r:.100}, backend='s3', "
            "backend_options={'bucket': '…'}), or Memory('s3://…/…')"
        )
    return f"s3://{bucket}/{location.strip('/')}".rstrip("/"), options


def open_store(
    location: str | Path,
    base: Path | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    spool: Path | None = None,
) -> Store:
    """Give the store at a location, without creating or touching anything.

    Parameters
    ----------
    location : str or Path
        A folder (``~`` is the home folder), or a URL of a known scheme: ``file:``, ``memory://``,
        ``s3://``, one that was registered, or one that fsspec has a file system for.
    base : Path, optional
        The root of a project: what a relative folder counts from, the working directory by
        default; and whose settings have options for URLs, none by default.
    options : mapping, optional
        What the URL does not tell: keyword arguments of the store's class, ``tier`` and
        ``tier_size``.  They outweigh settings; a folder has none.
    spool : Path, optional
        Folder for what is on its way to a remote store.  Without it, writing waits for the store.

    Raises
    ------
    StoreError
        If nobody knows the scheme, or the URL holds credentials.
    ConfigurationError
        If there is no such option, or one has a value of the wrong type.

    Notes
    -----
    In a script that a check runs, the store is one that cannot be changed.
    """
    store = _open(location, base, options or {}, spool)
    return UnchangedStore(store) if is_checking() else store


def _open(
    location: str | Path, base: Path | None, options: Mapping[str, Any], spool: Path | None
) -> Store:
    if isinstance(location, str):
        folder_of(location)
    if isinstance(location, str) and (scheme := scheme_of(location)):
        url = without_credentials(location)
        backend = _backend(scheme)
        if backend is None:
            known = ", ".join(sorted({*_backends, *_HOMES}))
            raise StoreError(
                f"no store is known for {scheme}: URLs; there are {known}, folders, and what "
                "fsspec has a file system for, such as sftp and gs",
                scheme=scheme,
            )
        if is_backend(backend):
            return BackendStore(scheme, backend(), url.partition("://")[2], options)
        if scheme in _PLACES:
            if options:
                raise ConfigurationError(f"a {scheme}: URL has no options, such as {min(options)}")
            return cast("Store", backend(url))
        return _open_with(backend, url, base, options, spool)
    path = Path(location).expanduser()
    return LocalStore(path if base is None else base / path)


def _open_with(
    backend: Callable[..., Store],
    url: str,
    base: Path | None,
    given: Mapping[str, Any],
    spool: Path | None,
) -> Store:
    # Not at import: most stores are folders.
    from jobtui_core.stores.layers import layered
    from jobtui_core.stores.options import check_options, portable, settings_for, split_options

    options = {**({} if base is None else settings_for(url, base)), **given}
    own, layers = split_options(options, base)
    check_options(backend, own, url)
    store = backend(url, **own)
    # A store may know more, such as the profile of a session that was given.
    store.options = {**store.options, **portable(options)}
    return layered(store, layers, spool)
