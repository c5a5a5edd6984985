"""Waiting for all stores at once."""

from __future__ import annotations

import sys

__all__ = ["flush"]


def flush(timeout: float | None = None) -> int:
    """Wait until all results that this process computed have arrived in their stores.

    Results of steps and memoized functions are sent to a store far away while the script goes
    on, and before it ends.  Who needs them to be there sooner, for another machine, waits.

    Parameters
    ----------
    timeout : float, optional
        Seconds at most.  Without it, as long as something arrives, and ten seconds more.

    Returns
    -------
    int
        Objects that have not arrived: they wait in ``.jobtui/spool``, and are sent later.  0 for
        stores in folders.
    """
    # Whoever has such a store has loaded it.
    spool = sys.modules.get("jobtui_core.stores.spool.store")
    return 0 if spool is None else int(spool.flush_all(timeout))
