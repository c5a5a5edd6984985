"""What lies around a remote store, from the inside to the outside, put together in one place."""

from __future__ import annotations

from pathlib import Path

from jobtui_core.stores.base import Store, quote
from jobtui_core.stores.local import LocalStore
from jobtui_core.stores.options import LayerOptions
from jobtui_core.stores.patience import destination, patient
from jobtui_core.stores.spool import spooled
from jobtui_core.stores.tiered import TieredStore

__all__ = ["layered"]


def layered(store: Store, options: LayerOptions, spool: Path | None) -> Store:
    """Put around a remote store what makes it fit for use; any other one stays as it is.

    Parameters
    ----------
    store : Store
    options : LayerOptions
    spool : Path, optional
        Folder for what is on its way to remote stores; in scripts alone.
    """
    if "remote" not in store.capabilities:
        return store
    # Two servers may have buckets of one name.
    name = f"{quote(store.url)}-{destination(store)[:8]}"
    read_only = store.writable is False
    store = patient(store)
    if spool is not None and not read_only:
        # What nobody takes would wait for ever.
        store = spooled(store, spool)
    if options.tier is not None and spool is not None:
        # For scripts alone: others look at an object once, and nobody bounds what they copy.
        store = TieredStore(LocalStore(options.tier / name), store, options.tier_size)
    return store
