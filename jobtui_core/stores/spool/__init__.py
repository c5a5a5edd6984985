"""Stores that are far away, for scripts: writing takes as long as a local file takes.

What is written goes to a folder of the project first, the spool, and from there to the store, by
threads.  Reading looks there first, so that nobody notices the difference.
"""

from jobtui_core.stores.spool.bounds import Bounds
from jobtui_core.stores.spool.store import SpooledStore, flush_all, spooled

__all__ = ["Bounds", "SpooledStore", "flush_all", "spooled"]
