"""Copying between two stores that a person named: which ones, and which results of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobtui_core.entry import clean, read_info
from jobtui_core.errors import EntryError, StoreError, UnknownNameError
from jobtui_core.project.catalogue.finding import is_key, means, short_name
from jobtui_core.project.catalogue.known import open_catalogues
from jobtui_core.project.catalogue.views import JoblibView, OwnView, function_in
from jobtui_core.project.nearest import hint, nearest
from jobtui_core.project.ownruns import WithOwnRuns
from jobtui_core.stores import LocalStore, Store, open_store
from jobtui_core.stores.addresses import folder_of
from jobtui_core.tracing.sharing.places import is_shared
from jobtui_core.tracing.sharing.records import parse_name
from jobtui_core.upkeep.belonging import Stock, Wanted
from jobtui_core.upkeep.contents import key_in
from jobtui_core.upkeep.copying import Copied, CopyPlan, CopyProgress, carry_out, plan_copy

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["copy_plan", "copy_results", "copy_to_json"]


def copy_plan(
    project: Project,
    source: str | None,
    target: str | None,
    *,
    functions: Sequence[str] = (),
    keys: Sequence[str] = (),
    runs: Sequence[str] = (),
    seen: Callable[[str, int], None] = lambda what, count: None,
) -> CopyPlan:
    """Find out what a copy between two stores would copy.

    Parameters
    ----------
    project : Project
    source, target : str, optional
        What was given to `Memory`, or the store itself: a folder or a URL.  By default the
        project's store.  With one in the project's folder go the records of the project's runs.
    functions, keys, runs : sequence of str
        What is copied: results of functions by name, by the first digits of their keys, and all
        that runs gave, by the beginnings of their ids.  Everything, if none is named.
    seen : callable
        Told now and then what is looked at, and how much of it was so far.

    Raises
    ------
    StoreError
        If they cannot be copied between, or one cannot be read.
    UnknownNameError
        If nothing is called so.
    """
    from_, to = _source(project, source), _target(project, target)
    if from_.url == to.url:
        raise StoreError(f"both are {_shown(from_)}: a store is copied to another one")
    if to.writable is False:
        raise StoreError(f"{_shown(to)} is read-only: nothing can be copied to it", url=to.url)

    def choose(stock: Stock) -> Wanted:
        return Wanted(
            folders=frozenset(_folders(from_, stock, functions)),
            keys=tuple(_key(from_, stock, key) for key in keys),
            runs=frozenset(name for run in runs for name in _records(from_, stock["runs"], run)),
        )

    plan = plan_copy(from_, to, choose, seen)
    if from_.absent:
        # A misspelt name would look like a store in which there is nothing.
        raise StoreError(f"{_shown(from_)}: there is no such bucket", url=from_.url)
    return plan


def copy_results(
    project: Project,
    plan: CopyPlan,
    *,
    progress: Callable[[CopyProgress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Copied:
    """Carry a plan out; see `jobtui_core.upkeep.copying.carry_out`."""
    # The system's folder for temporary files may well be memory.
    scratch = project.state_folder if project.state_folder.is_dir() else None
    return carry_out(plan, scratch=scratch, progress=progress, stop=stop)


def copy_to_json(plan: CopyPlan, copied: Copied | None = None) -> dict[str, Any]:
    """Give a plan, or what it came to, as JSON takes it."""
    told: dict[str, Any] = {"source": _shown(plan.source), "target": _shown(plan.target)}
    if copied is None:
        missing = {kind: len(objects) for kind, objects in plan.missing.items()}
        return {**told, "dry_run": True, "objects": missing, "size": plan.size, "there": plan.there}
    return {
        **told,
        "dry_run": False,
        "objects": dict(copied.objects),
        "size": copied.size,
        "there": copied.there,
        "gone": copied.gone,
        "damaged": copied.damaged,
        "left_out": [{"name": one.name, "reason": one.reason} for one in copied.left_out],
        "seconds": round(copied.seconds, 3),
        "whole": copied.whole,
        "stopped": copied.stopped,
        "error": None if copied.error is None else copied.error.message,
    }


def _shown(store: Store) -> str:
    inner = store.inner if isinstance(store, WithOwnRuns) else store
    return str(inner.path) if isinstance(inner, LocalStore) else clean(store.url, 1000)


def _source(project: Project, place: str | None) -> Store:
    views = [one.view for one in open_catalogues(project, place)]
    stores = [view.store for view in views if isinstance(view, OwnView)]
    if not stores:
        (theirs,) = [view for view in views if isinstance(view, JoblibView)]
        raise StoreError(
            f"{theirs.place} is a cache of joblib's: its results are found by joblib's own keys, "
            "and would answer no call of ours; call the functions under jobtui_core's Memory once"
        )
    store = stores[0]
    # Those of a shared store are in it already.
    alone = not is_shared(store, project.root) and "shared" in store.capabilities
    return WithOwnRuns(store, project) if alone and project.config.share_runs else store


def _target(project: Project, place: str | None) -> Store:
    if place is None:
        return project.open_store()
    path = folder_of(place)
    if path is None:
        (found,) = [one.view for one in open_catalogues(project, place)]
        assert isinstance(found, OwnView)
        return found.store
    folder = Path(os.path.abspath(Path(path).expanduser()))
    if folder.exists():
        try:
            for one in open_catalogues(project, place):
                if isinstance(one.view, OwnView):
                    return one.view.store
        except StoreError:
            # A folder without results becomes a store, unless it holds something else.
            if not folder.is_dir() or any(folder.iterdir()):
                raise
            return open_store(folder)
        raise StoreError(
            f"{clean(str(folder), 300)} is a cache of joblib's: results of ours are no use there"
        )
    return open_store(folder)


def _folders(store: Store, stock: Stock, names: Sequence[str]) -> set[str]:
    """Give the folders of the entries of functions."""
    if not names:
        return set()
    there = {name.partition("/")[0]: name for name in stock["entries"]}
    functions = {folder: _identity(store, folder, name) for folder, name in there.items()}
    found: set[str] = set()
    for name in names:
        mine = {folder for folder, function in functions.items() if means(name, function)}
        if not mine:
            raise _unknown(store, "results of a function", name, functions.values())
        found |= mine
    return found


def _identity(store: Store, folder: str, entry: str) -> str:
    function = function_in(folder)
    if function.endswith("…"):
        # The name was too long for a folder; its entries have it whole.
        with suppress(EntryError):
            info = read_info(store, entry)
            return function if info is None else info.function
    return function


def _key(store: Store, stock: Stock, key: str) -> str:
    known = is_key(key) and any(key_in(name).startswith(key) for name in stock["entries"])
    if not known:
        raise _unknown(store, "result with the key", key, ())
    return key


def _records(store: Store, names: Collection[str], run: str) -> set[str]:
    """Give the records of a run: more than one if machines began runs in the same second."""
    wanted = run.replace(":", "-").replace(" ", "T")
    known = {name: told.run for name in names if (told := parse_name(name)) is not None}
    found = {name for name, one in known.items() if wanted and one.startswith(wanted)}
    if not found:
        raise _unknown(store, "record of a run that ended", run, set(known.values()))
    if len({known[name] for name in found} - {wanted}) > 1:
        raise UnknownNameError(
            f"{clean(run, 100)!r} is the beginning of {len(found)} runs", name=run, nearest=()
        )
    return found


def _unknown(store: Store, what: str, name: str, known: Collection[str]) -> UnknownNameError:
    choices = [*known, *(short_name(one).rpartition(".")[2] for one in known)]
    near = nearest(name, choices)
    return UnknownNameError(
        f"{_shown(store)} has no {what} {clean(name, 200)!r}{hint(near)}", name=name, nearest=near
    )
