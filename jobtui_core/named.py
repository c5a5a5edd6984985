"""Files as declarations and records name them: by a path from the project root, or by a URL."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import ConfigurationError
from jobtui_core.hashing import XXH3, Algorithm, digest_file
from jobtui_core.root import load_config, relative_name
from jobtui_core.trees import Tree, is_tree

if TYPE_CHECKING:
    from jobtui_core.urls.files import UrlFacts

__all__ = [
    "digest_named",
    "fetch",
    "is_url",
    "look_at",
    "may_be_asked",
    "options_for",
    "record_name",
    "server_of",
]

_begins_as_url = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+://", re.IGNORECASE).match

_OF_S3FS = ("anon", "client_kwargs", "config_kwargs", "endpoint_url", "profile", "requester_pays")
"""What a store on S3 and s3fs call by one name, and what s3fs alone takes."""

_ASKED_ANYWAY = ("s3", "s3a", "local", "memory")
"""Schemes whose URLs name no server: requests go where this machine's settings say, or nowhere."""

_NOT_OF_FILES = ("tier", "tier_size")
"""Settings of stores that single files have no use for."""


def is_url(name: str) -> bool:
    """Tell whether a file is named by a URL; ``file:`` names a path."""
    return "://" in name and _begins_as_url(name) is not None


def server_of(template: str) -> str | None:
    """Give scheme and server of a URL; ``None`` if it has none, or a template leaves it open."""
    if not is_url(template):
        return None
    scheme, _, rest = template.partition("://")
    server = rest.partition("/")[0].rpartition("@")[2]
    return None if "{" in server else f"{scheme}://{server}".lower()


def may_be_asked(url: str, servers: Collection[str], root: Path) -> bool:
    """Tell whether requests may be made for a URL that only a record names.

    Records may be of other people: none of them is to tell this machine whom to talk to.

    Parameters
    ----------
    url : str
    servers : collection of str
        Those that the project's own code names, as `server_of` gives them.
    root : Path
        The project root, whose settings may name others.
    """
    if url.partition("://")[0].lower() in _ASKED_ANYWAY:
        return True
    server = server_of(url)
    return server is not None and (server in servers or server in _in_settings(root))


def _in_settings(root: Path) -> set[str | None]:
    try:
        return set(map(server_of, load_config(root).stores))
    except ConfigurationError:
        return set()


def record_name(declared: str, root: Path) -> str:
    """Give a file's name as records have it, from what was declared.

    Parameters
    ----------
    declared : str
        A URL, or a path, relative to the root or with ``~``.
    root : Path
        The project root.

    Raises
    ------
    StoreError
        If it is a URL that holds credentials: it would be recorded and shown.
    """
    if is_url(declared):
        from jobtui_core.stores.addresses import without_credentials

        return without_credentials(declared)
    if declared[:5].lower() == "file:":
        from urllib.parse import unquote, urlsplit

        declared = unquote(urlsplit(declared).path)
    place = os.path.normpath(root / Path(declared).expanduser())
    # Two slashes at the start would mean something else in a record, and one means the same here.
    return relative_name(Path(f"/{place.lstrip('/')}"), root)


def digest_named(
    name: str, root: Path, algorithm: Algorithm = XXH3, *, largest: int | None = None
) -> str:
    """Give the digest of what a file holds, or a tree of files, that is named as in records.

    Parameters
    ----------
    name : str
    root : Path
        The project root.
    algorithm : Algorithm
    largest : int, optional
        Bytes that are read from a URL at most.

    Raises
    ------
    OSError
        If it is not there or cannot be read: `StoreError` for a URL that gives no answer,
        `jobtui_core.urls.files.NotReadError` for one that holds more.
    """
    if not is_url(name):
        if is_tree(name):
            return Tree.of(name).digest(root, algorithm)
        return digest_file(root / name, algorithm)
    # fsspec, and what is behind it, is for those who have such files.
    from jobtui_core.urls.files import digest_url

    return digest_url(name, options_for(name, root), algorithm, largest=largest)


def look_at(url: str, root: Path) -> UrlFacts | None:
    """Ask for the facts of a file at a URL; ``None`` if it is not there.

    Raises
    ------
    StoreError
        If there is no answer, or a refusal.
    """
    from jobtui_core.urls.files import look

    return look(url, options_for(url, root))


def fetch(url: str, root: Path, target: Path) -> None:
    """Copy what is at a URL into a file of this machine.

    Raises
    ------
    OSError
        If it is not there, or there is no answer.
    """
    from jobtui_core.urls.files import download

    download(url, options_for(url, root), target)


def options_for(url: str, root: Path) -> Mapping[str, Any]:
    """Give the options of the file system that a URL lies in, by the project's settings.

    They are those of the store that the URL would be in, ``[stores."s3://bucket"]``, as far as
    they are options of the file system, too.
    """
    try:
        if not load_config(root).stores:
            return {}
    except ConfigurationError:
        # Whoever opens the project says so.
        return {}
    from jobtui_core.stores.options import settings_for

    settings = settings_for(url, root)
    if url[:3].lower() != "s3:":
        return {name: value for name, value in settings.items() if name not in _NOT_OF_FILES}
    found = {name: settings[name] for name in _OF_S3FS if name in settings}
    if "region" in settings:
        found["client_kwargs"] = {
            **found.get("client_kwargs", {}),
            "region_name": settings["region"],
        }
    return found
