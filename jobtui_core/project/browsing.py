"""Looking through stores: what is kept, without unpickling, and deleting one result or several.

A store of ours and a cache of joblib's are seen through one interface.  All texts come from files
that anybody may have written; they are bounded, and free of control characters and secrets as far
as those are told by their names.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jobtui_core.entry import read_info
from jobtui_core.entry.describe import clean
from jobtui_core.entry.joblib_cache import JoblibCache, JoblibCall, is_joblib_cache
from jobtui_core.errors import EntryError, StoreError, UnknownNameError
from jobtui_core.limits import Limits
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.stores import LocalStore, Store, open_store
from jobtui_core.upkeep.contents import is_entry, key_in
from jobtui_core.upkeep.reducing import Freed, reduce_store

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.records import Preview

__all__ = [
    "KeptFunction",
    "KeptResult",
    "StoreView",
    "find_results",
    "open_stores",
    "stores_to_json",
]

_SHORTEST = 4
"""Digits of a key that name a result; fewer may be the beginning of a function's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFunction:
    """A function with results in a store."""

    name: str
    results: int
    size: int
    """Bytes of them all."""
    newest: float
    """When the newest one was written, in seconds since the epoch."""
    _place: str = field(repr=False, compare=False, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptResult:
    """The result of one call in a store, without the result itself."""

    function: str
    key: str
    arguments: dict[str, str] = field(default_factory=dict)
    """Bounded texts by name."""
    started: float | None = None
    """When the call began, in seconds since the epoch; joblib tells since 1.3."""
    duration: float | None = None
    """Seconds."""
    size: int = 0
    """Bytes."""
    written: float = 0.0
    """When it was written, in seconds since the epoch."""
    preview: Preview | None = None
    """A picture of the result; of joblib's, made from the instructions of its pickle."""
    problem: str = ""
    """Why nothing more is known, if it cannot be read."""
    _where: Any = field(repr=False, compare=False, default=None)


class StoreView(ABC):
    """One store, to be looked through.

    Attributes
    ----------
    kind : {"jobtui", "joblib"}
    place : str
        Folder or URL.
    """

    kind: Literal["jobtui", "joblib"]
    place: str

    @abstractmethod
    def functions(self) -> list[KeptFunction]:
        """Give the functions that have results, by name."""

    @abstractmethod
    def results(self, function: KeptFunction | None = None, key: str = "") -> list[KeptResult]:
        """Give results with a picture of each, the newest first.

        Parameters
        ----------
        function : KeptFunction, optional
            Only those of this one.
        key : str
            Only those whose key begins like this.
        """

    @abstractmethod
    def code(self, result: KeptResult) -> str | None:
        """Give the source that computed a result, where the store has it."""

    @abstractmethod
    def delete(self, result: KeptResult) -> None:
        """Delete a result; whoever asks for it computes it again, and keeps the others.

        Raises
        ------
        StoreError
            If it cannot be deleted.
        """

    def reduce(self, limits: Limits, *, dry_run: bool = False) -> Freed | None:
        """Delete what was used longest ago until limits hold; see `reduce_store`.

        Returns
        -------
        Freed or None
            ``None`` for a cache of joblib's, which has limits of its own.

        Raises
        ------
        StoreError
            If something cannot be deleted.
        """
        return None


class _OwnView(StoreView):
    """A store of ours."""

    kind = "jobtui"

    def __init__(self, store: Store) -> None:
        self._store = store
        self.place = str(store.path) if isinstance(store, LocalStore) else store.url

    def functions(self) -> list[KeptFunction]:
        found: dict[str, list[Any]] = {}
        for item in self._store.list():
            if is_entry(item.name):
                group = found.setdefault(item.name.partition("/")[0], [0, 0, 0.0, item.name])
                group[0] += 1
                group[1] += item.size
                group[2] = max(group[2], item.mtime)
        named = [
            KeptFunction(
                name=self._identity(example) or clean(place, 500),
                results=count,
                size=size,
                newest=newest,
                _place=place,
            )
            for place, (count, size, newest, example) in found.items()
        ]
        return sorted(named, key=lambda one: one.name)

    def _identity(self, name: str) -> str:
        """Give the function's name: that of its folder is quoted, and may be cut short."""
        try:
            info = read_info(self._store, name)
        except (EntryError, StoreError):
            return ""
        return "" if info is None else clean(info.function, 500)

    def results(self, function: KeptFunction | None = None, key: str = "") -> list[KeptResult]:
        prefix = "" if function is None else f"{function._place}/"
        found = [
            self._result(item.name, item.size, item.mtime)
            for item in self._store.list(prefix)
            if is_entry(item.name) and key_in(item.name).startswith(key)
        ]
        return _newest_first(found)

    def _result(self, name: str, size: int, written: float) -> KeptResult:
        key = key_in(name)
        folder = clean(name.partition("/")[0], 500)
        try:
            info = read_info(self._store, name)
            problem = "" if info is not None else "it is gone"
        except (EntryError, StoreError) as error:
            info, problem = None, clean(error.message, 300)
        if info is None:
            return KeptResult(
                function=folder, key=key, size=size, written=written, problem=problem, _where=name
            )
        return KeptResult(
            function=clean(info.function, 500),
            key=key,
            arguments={one: str(about.get("preview", "")) for one, about in info.arguments.items()},
            started=info.started,
            duration=info.duration,
            size=size,
            written=written,
            preview=info.preview,
            _where=name,
        )

    def code(self, result: KeptResult) -> str | None:
        return None

    def delete(self, result: KeptResult) -> None:
        self._store.delete(result._where)

    def reduce(self, limits: Limits, *, dry_run: bool = False) -> Freed:
        return reduce_store(self._store, limits, dry_run=dry_run)


class _JoblibView(StoreView):
    """A cache of joblib's."""

    kind = "joblib"

    def __init__(self, cache: JoblibCache) -> None:
        self._cache = cache
        self.place = str(cache.path)

    def functions(self) -> list[KeptFunction]:
        found: dict[str, list[Any]] = {}
        for call in self._cache.calls():
            group = found.setdefault(call.function, [0, 0, 0.0])
            group[0] += 1
            group[1] += call.size
            group[2] = max(group[2], call.written)
        for name in self._cache.functions():
            found.setdefault(name, [0, 0, 0.0])
        return [
            KeptFunction(name=name, results=count, size=size, newest=newest, _place=name)
            for name, (count, size, newest) in sorted(found.items())
        ]

    def results(self, function: KeptFunction | None = None, key: str = "") -> list[KeptResult]:
        calls = self._cache.calls(None if function is None else function.name)
        return _newest_first([self._result(call) for call in calls if call.key.startswith(key)])

    def _result(self, call: JoblibCall) -> KeptResult:
        return KeptResult(
            function=call.function,
            key=call.key,
            arguments=call.arguments,
            started=call.started,
            duration=call.duration,
            size=call.size,
            written=call.written,
            preview=self._cache.preview(call),
            _where=call,
        )

    def code(self, result: KeptResult) -> str | None:
        return self._cache.code(result.function)

    def delete(self, result: KeptResult) -> None:
        self._cache.delete(result._where)


def _newest_first(found: list[KeptResult]) -> list[KeptResult]:
    return sorted(found, key=lambda one: (-(one.started or one.written), one.key))


def open_stores(project: Project, place: str | None = None) -> tuple[StoreView, ...]:
    """Give the stores at a place, to be looked through; nothing is created.

    Parameters
    ----------
    project : Project
    place : str, optional
        What was given to `Memory` or to ``joblib.Memory``, or the store itself: a folder or a URL.
        By default the project's store.

    Returns
    -------
    tuple of StoreView
        Two where a cache of joblib's lies beside one of ours.

    Raises
    ------
    StoreError
        If there is neither.
    """
    if place is None:
        return (_OwnView(project.open_store()),)
    if "://" in place and not place.startswith("file:"):
        return tuple(map(_OwnView, _with_entries(place.rstrip("/") + "/jobtui", place)))
    folder = Path(os.path.abspath(Path(place.removeprefix("file://")).expanduser()))
    found: list[StoreView] = []
    for where in (folder / "jobtui", folder):
        if where.is_dir() and any(is_entry(item.name) for item in LocalStore(where).list()):
            found.append(_OwnView(LocalStore(where)))
            break
    if is_joblib_cache(folder):
        found.append(_JoblibView(JoblibCache(folder)))
    if not found:
        what = "holds no results" if folder.is_dir() else "is no folder"
        raise StoreError(f"{clean(place, 300)} {what}, of jobtui's or joblib's", url=str(folder))
    return tuple(found)


def _with_entries(*places: str) -> Iterator[Store]:
    """Give the first store that holds results, or the last one."""
    for place in places:
        store = open_store(place)
        if place == places[-1] or any(is_entry(item.name) for item in store.list()):
            yield store
            return


def find_results(
    views: tuple[StoreView, ...], name: str
) -> tuple[tuple[StoreView, tuple[KeptResult, ...]], ...]:
    """Give the results that a name means: those of a function, or one by its key.

    Parameters
    ----------
    views : tuple of StoreView
    name : str
        Name of a function, with or without what it lies in; or the first digits of a key.

    Returns
    -------
    tuple of (StoreView, tuple of KeptResult)
        Those that have any, the newest results first.

    Raises
    ------
    UnknownNameError
        If there are none.
    """
    found: list[tuple[StoreView, tuple[KeptResult, ...]]] = []
    known: list[str] = []
    for view in views:
        results: list[KeptResult] = []
        for function in view.functions():
            if function.results:
                known.append(_dotted(function.name))
            if _means(name, function.name):
                results += view.results(function)
        if not results and len(name) >= _SHORTEST and set(name) <= set("0123456789abcdef"):
            results += view.results(key=name)
        if results:
            found.append((view, tuple(results)))
    if not found:
        near = nearest(name, [*known, *(one.rpartition(".")[2] for one in known)])
        raise UnknownNameError(
            f"nothing is kept of {clean(name, 200)!r}{hint(near)}", name=name, nearest=near
        )
    return tuple(found)


def _dotted(function: str) -> str:
    return function.replace(":", ".")


def _means(name: str, function: str) -> bool:
    return f".{_dotted(function)}".endswith(f".{_dotted(name)}")


def stores_to_json(found: tuple[tuple[StoreView, tuple[KeptResult, ...]], ...]) -> list[Any]:
    """Give stores with results as JSON takes it."""
    return [
        {
            "kind": view.kind,
            "place": view.place,
            "results": [_to_json(result) for result in results],
        }
        for view, results in found
    ]


def _to_json(result: KeptResult) -> dict[str, Any]:
    preview = result.preview
    return {
        "function": result.function,
        "key": result.key,
        "arguments": result.arguments,
        "started": result.started,
        "duration": result.duration,
        "size": result.size,
        "written": result.written,
        "problem": result.problem,
        "result": None
        if preview is None
        else {
            "type": preview.type,
            "shape": list(preview.shape),
            "dtype": preview.dtype,
            "text": preview.text,
        },
    }
