"""Stores: bytes under names, in a folder, in memory, or behind a URL.

What few processes need is resolved on first use.
"""

from __future__ import annotations

from jobtui_core.stores.backends import BackendStore, CacheItemInfo, StoreBackendBase
from jobtui_core.stores.base import Capability, Data, Listed, Store, check_name, quote
from jobtui_core.stores.local import LocalStore, ensure_state_folder
from jobtui_core.stores.memory import MemoryStore
from jobtui_core.stores.opening import (
    open_backend,
    open_store,
    register_s3_store_backend,
    register_store_backend,
)
from jobtui_core.stores.signing import SIGNING_KEY, SigningKey
from jobtui_core.stores.unchanged import CHECK, UnchangedStore

# Not ``typing``'s: it takes longer to load than what is done here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobtui_core.stores.around import StoreAround
    from jobtui_core.stores.flushing import flush
    from jobtui_core.stores.fsspec import FsspecStore
    from jobtui_core.stores.patience import PatientStore
    from jobtui_core.stores.s3 import S3Store
    from jobtui_core.stores.spool import SpooledStore
    from jobtui_core.stores.tiered import TieredStore
    from jobtui_core.stores.wrappers.counting import CountedCall, CountingStore
    from jobtui_core.stores.wrappers.faulty import Fault, FaultyStore
    from jobtui_core.stores.wrappers.latency import LatencyStore
    from jobtui_core.stores.wrappers.readonly import ReadOnlyStore

__all__ = [
    "CHECK",
    "SIGNING_KEY",
    "BackendStore",
    "CacheItemInfo",
    "Capability",
    "CountedCall",
    "CountingStore",
    "Data",
    "Fault",
    "FaultyStore",
    "FsspecStore",
    "LatencyStore",
    "Listed",
    "LocalStore",
    "MemoryStore",
    "PatientStore",
    "ReadOnlyStore",
    "S3Store",
    "SigningKey",
    "SpooledStore",
    "Store",
    "StoreAround",
    "StoreBackendBase",
    "TieredStore",
    "UnchangedStore",
    "check_name",
    "ensure_state_folder",
    "flush",
    "open_backend",
    "open_store",
    "quote",
    "register_s3_store_backend",
    "register_store_backend",
]

_HOMES = {
    "CountedCall": "wrappers.counting",
    "CountingStore": "wrappers.counting",
    "Fault": "wrappers.faulty",
    "FaultyStore": "wrappers.faulty",
    "FsspecStore": "fsspec",
    "LatencyStore": "wrappers.latency",
    "PatientStore": "patience",
    "ReadOnlyStore": "wrappers.readonly",
    "SpooledStore": "spool",
    "S3Store": "s3",
    "StoreAround": "around",
    "TieredStore": "tiered",
    "flush": "flushing",
}
"""Where names are at home that are resolved on first use."""


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
