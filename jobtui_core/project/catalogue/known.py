"""Which stores there are to be looked through, and opening one of them, or any other place."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobtui_core.entry.describe import clean, without_secrets
from jobtui_core.entry.joblib_cache import JoblibCache, is_joblib_cache
from jobtui_core.errors import StoreError
from jobtui_core.project.catalogue.catalogue import Catalogue
from jobtui_core.project.catalogue.index import last_looks
from jobtui_core.project.catalogue.views import JoblibView, OwnView, View
from jobtui_core.regular import open_regular
from jobtui_core.stores import LocalStore, Store, open_store
from jobtui_core.stores.addresses import folder_of
from jobtui_core.upkeep.contents import is_entry

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["KnownStore", "known_stores", "open_catalogues", "places_in_runs"]

_RUNS = 40
"""Newest runs whose records are looked at."""

_OF_RUN = 256 << 10
"""Bytes of a run's records that are."""

_FOLDERS = 2000
_DEPTH = 4
"""Folders of a project that are looked at for caches of joblib's, and levels of them."""

SUBFOLDER = "jobtui"
"""That of ``jobtui_core.memory.place``, which takes long to load: our part of a location."""

_LOOKED_AT = 1000
"""Objects of a folder that are looked at for a first entry."""

_find_places = re.compile(rb'"store": ?("(?:[^"\\]|\\.)*")').findall


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStore:
    """A store that is offered for looking through; it was not asked for anything."""

    place: str
    """Folder or URL: what `open_catalogues` takes."""
    kind: Literal["jobtui", "joblib", ""]
    """Whose it is; empty where only opening it tells."""
    why: Literal["project", "settings", "runs", "folder", "opened"]
    """Where it is known from: it is the project's; the settings name it; runs used it; it lies
    in the project's folder; it was opened before."""
    remote: bool = False
    """Whether it is reached over a network."""
    read_only: bool | None = None
    """Whether nothing can be deleted, where that is known without asking it."""
    opened: float | None = None
    """When it was looked at last, in seconds since the epoch."""
    entries: int | None = None
    """How many it had then."""
    size: int | None = None
    """Bytes that they took."""


def known_stores(project: Project) -> tuple[KnownStore, ...]:
    """Give the stores that a project leads to, without asking any of them.

    Parameters
    ----------
    project : Project

    Returns
    -------
    tuple of KnownStore
        The project's own first; then those of its settings, those that its newest runs used,
        caches of joblib's in its folder, and those that were opened before.  Each once.
    """
    looks = {(look.kind, look.url): look for look in last_looks(project.index_folder)}
    found: dict[str, KnownStore] = {}

    def offer(view: View | None, why: Literal["project", "settings", "runs", "folder"]) -> None:
        if view is None or (view.url in found and view.kind == found[view.url].kind):
            return
        look = looks.pop((view.kind, view.url), None)
        # Whether there is one of ours in the folder is not looked up.
        found[view.url] = KnownStore(
            place=view.place,
            kind=view.kind if why in ("project", "folder", "runs") or look else "",
            why=why,
            remote=view.remote,
            read_only=None if view.writable is None else not view.writable,
            opened=None if look is None else look.time,
            entries=None if look is None else look.entries,
            size=None if look is None else look.size,
        )

    with suppress(StoreError):
        offer(OwnView(project.open_store()), "project")
    for url in project.config.stores:
        # What was opened there may be the store of a `Memory`.
        opened = any(look.url == _inner(url) for look in looks.values())
        offer(_own_view(_inner(url) if opened else url, project.root), "settings")
    for place in places_in_runs(project.runs_folder):
        offer(_own_view(place, project.root), "runs")
    for folder in _joblib_caches(project.root):
        with suppress(StoreError):
            offer(JoblibView(JoblibCache(folder)), "folder")
    for look in looks.values():
        found.setdefault(
            look.url,
            KnownStore(
                place=look.place,
                kind="joblib" if look.kind == "joblib" else "jobtui",
                why="opened",
                remote="://" in look.place,
                opened=look.time,
                entries=look.entries,
                size=look.size,
            ),
        )
    return tuple(found.values())


def _own_view(place: str, root: Path) -> View | None:
    """Give the view of a store by what names it; ``None`` for what cannot be one, or be shown."""
    if clean(place, 2000) != place or without_secrets("", place) != place:
        return None
    try:
        return OwnView(open_store(place, base=root))
    except StoreError:
        return None


def places_in_runs(folder: Path) -> list[str]:
    """Give the places of stores that the newest runs used, as their records name them."""
    try:
        with os.scandir(folder) as entries:
            runs = sorted((one.name for one in entries if one.is_dir()), reverse=True)
    except OSError:
        return []
    found: dict[str, None] = {}
    for run in runs[:_RUNS]:
        with suppress(OSError):
            with open_regular(folder / run / "events.jsonl") as file:
                data = file.read(_OF_RUN)
            for text in dict.fromkeys(_find_places(data)):
                with suppress(ValueError):
                    found[json.loads(text)] = None
    # What was in the memory of a process went with it.
    return [place for place in found if place and not place.startswith("memory:")]


def _joblib_caches(root: Path) -> Iterator[Path]:
    """Give the folders below a project's in which a cache of joblib's lies."""
    waiting, seen = [(root, 0)], 0
    while waiting and seen < _FOLDERS:
        folder, depth = waiting.pop(0)
        seen += 1
        try:
            with os.scandir(folder) as entries:
                names = sorted(
                    one.name
                    for one in entries
                    if one.name[0] != "." and one.is_dir(follow_symlinks=False)
                )
        except OSError:
            continue
        if "joblib" in names and is_joblib_cache(folder / "joblib"):
            yield folder
            continue
        if depth < _DEPTH and not (folder / "pyvenv.cfg").is_file():
            waiting += [(folder / name, depth + 1) for name in names]


def open_catalogues(project: Project, place: str | None = None) -> tuple[Catalogue, ...]:
    """Open the stores at a place for looking; nothing is created.

    Parameters
    ----------
    project : Project
        Whose index keeps what is seen.
    place : str, optional
        What was given to `Memory` or to ``joblib.Memory``, or the store itself: a folder or a URL.
        By default the project's store.

    Returns
    -------
    tuple of Catalogue
        Two where a cache of joblib's lies beside one of ours.

    Raises
    ------
    StoreError
        If there is neither, or the store cannot be read.

    Notes
    -----
    A place on another machine is asked once or twice, unless it was opened before.
    """
    views = _views(project, place)
    return tuple(Catalogue(view, project.index_folder) for view in views)


def _views(project: Project, place: str | None) -> list[View]:
    if place is None:
        return [OwnView(project.open_store())]
    path = folder_of(place)
    if path is None:
        return [OwnView(_with_entries(project, place))]
    folder = Path(os.path.abspath(Path(path).expanduser()))
    found: list[View] = []
    for where in (folder / SUBFOLDER, folder):
        if where.is_dir() and _has_entries(LocalStore(where)):
            found.append(OwnView(LocalStore(where)))
            break
    if is_joblib_cache(folder):
        found.append(JoblibView(JoblibCache(folder)))
    own = project.open_store()
    if not found and isinstance(own, LocalStore) and folder in (own.path, own.path.parent):
        # The project's own one may be empty, and is one all the same.
        found.append(OwnView(own))
    if not found:
        there = "holds no results, of jobtui's or joblib's" if folder.is_dir() else "is no folder"
        raise StoreError(f"{clean(place, 300)} {there}", url=str(folder))
    return found


def _with_entries(project: Project, place: str) -> Store:
    """Give the store at a URL, or that of a `Memory` at the URL: what was opened, what has any."""
    whole = open_store(place, base=project.root)
    inner = open_store(_inner(place), base=project.root)
    # One that was empty then may have been looked for at the wrong one of the two.
    known = {look.url for look in last_looks(project.index_folder) if look.entries}
    for store in (whole, inner):
        if store.url in known or store.url == project.open_store().url:
            return store
    # Whatever lies there, somebody used it: sources, records of runs, outputs may come first.
    return inner if next(iter(inner.pages(size=1)), None) is not None else whole


def _inner(place: str) -> str:
    return f"{place.rstrip('/')}/{SUBFOLDER}"


def _has_entries(store: LocalStore) -> bool:
    """Tell whether a folder holds results, without going through all else that it may hold."""
    folders, _ = store.list_folder("")
    for folder in folders:
        some = islice(store.list(f"{folder}/"), _LOOKED_AT)
        if any(is_entry(one.name) for one in some):
            return True
    return False
