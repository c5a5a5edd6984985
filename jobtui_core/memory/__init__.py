"""``Memory``: functions whose results are kept, under joblib's names."""

from jobtui_core.errors import CacheWarning
from jobtui_core.memory.binder import BadCallError
from jobtui_core.memory.coroutines import AsyncMemorizedFunc, AsyncNotMemorizedFunc
from jobtui_core.memory.explained import CallExplanation
from jobtui_core.memory.joblib_backends import FileSystemStoreBackend, StoreBackendMixin
from jobtui_core.memory.memorized import MemorizedFunc, NotMemorizedFunc
from jobtui_core.memory.memory import Memory
from jobtui_core.memory.notices import JobLibCollisionWarning
from jobtui_core.memory.shelved import MemorizedResult, NotMemorizedResult
from jobtui_core.memory.stored import CacheInfo, StoredCall
from jobtui_core.memory.validity import expires_after
from jobtui_core.stores import CacheItemInfo, StoreBackendBase, register_store_backend

__all__ = [
    "AsyncMemorizedFunc",
    "AsyncNotMemorizedFunc",
    "BadCallError",
    "CacheInfo",
    "CacheItemInfo",
    "CacheWarning",
    "CallExplanation",
    "FileSystemStoreBackend",
    "JobLibCollisionWarning",
    "MemorizedFunc",
    "MemorizedResult",
    "Memory",
    "NotMemorizedFunc",
    "NotMemorizedResult",
    "StoreBackendBase",
    "StoreBackendMixin",
    "StoredCall",
    "expires_after",
    "register_store_backend",
]
