"""Bringing a store within limits, and the records of runs that belong to it to a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core.errors import StoreError
from jobtui_core.limits import Limits
from jobtui_core.project.catalogue.deleting import refusal
from jobtui_core.project.catalogue.views import OwnView
from jobtui_core.project.pruning import prune_runs
from jobtui_core.tracing.sharing.places import is_shared
from jobtui_core.upkeep.reducing import Freed, reduce_store
from jobtui_core.upkeep.starred import needed_by_starred

if TYPE_CHECKING:
    from jobtui_core.project.catalogue.catalogue import Catalogue
    from jobtui_core.project.folder import Project

__all__ = ["collect"]


def collect(
    project: Project,
    catalogue: Catalogue,
    limits: Limits,
    *,
    keep_runs: int | None = None,
    dry_run: bool = False,
    now: float | None = None,
    seen: Callable[[str, int], None] = lambda what, count: None,
) -> Freed | None:
    """Delete what is beyond the limits of a store; see `reduce_store`.

    What the project's runs with a star need stays, whatever the limits say.

    Parameters
    ----------
    project : Project
        Whose runs count where the store is its own and nobody else's.
    catalogue : Catalogue
    limits : Limits
    keep_runs : int, optional
        Records of runs that stay, the newest.  Of the project's own runs, older ones stay too
        where they alone show something.
    dry_run : bool
        Say only what would go: with the same ``now``, and where nobody writes in between, the
        real one deletes exactly that.
    now : float, optional
        Seconds since the epoch.
    seen : callable
        Told now and then what is being done, and with how many objects so far.

    Returns
    -------
    Freed or None
        ``None`` for a cache of joblib's, which is left as it is.

    Raises
    ------
    StoreError
        If the store cannot be read, is read-only, or something cannot be deleted.
    """
    view = catalogue.view
    if not isinstance(view, OwnView):
        return None
    if not dry_run and (refused := refusal(catalogue)):
        raise StoreError(refused, url=view.url)
    freed = reduce_store(
        view.store,
        limits,
        now=now,
        dry_run=dry_run,
        keep_runs=keep_runs,
        needed=needed_by_starred(project.root),
        seen=seen,
    )
    own = view.url == project.open_store().url and not is_shared(view.store, project.root)
    if own and keep_runs is not None:
        gone = prune_runs(project, keep=keep_runs, dry_run=dry_run)
        freed = replace(freed, runs=freed.runs + len(gone))
    return freed
