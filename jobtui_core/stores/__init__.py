"""Stores: bytes under names, in a folder or in memory."""

from jobtui_core.stores.backends import BackendStore, CacheItemInfo, StoreBackendBase
from jobtui_core.stores.base import Capability, Data, Listed, Store, check_name, quote
from jobtui_core.stores.local import LocalStore, ensure_state_folder
from jobtui_core.stores.memory import MemoryStore
from jobtui_core.stores.opening import open_backend, open_store, register_store_backend
from jobtui_core.stores.signing import SIGNING_KEY, SigningKey
from jobtui_core.stores.unchanged import CHECK, UnchangedStore

__all__ = [
    "CHECK",
    "SIGNING_KEY",
    "BackendStore",
    "CacheItemInfo",
    "Capability",
    "Data",
    "Listed",
    "LocalStore",
    "MemoryStore",
    "SigningKey",
    "Store",
    "StoreBackendBase",
    "UnchangedStore",
    "check_name",
    "ensure_state_folder",
    "open_backend",
    "open_store",
    "quote",
    "register_store_backend",
]
