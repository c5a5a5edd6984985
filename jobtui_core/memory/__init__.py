"""``Memory`` and ``memoize``: functions whose results are kept, under the names they have had."""

from __future__ import annotations

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

# Not ``typing``'s: it takes longer to load than all that is done here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobtui_core.memory.memoized import AsyncMemoizedFunction, MemoizedFunction, memoize

__all__ = [
    "AsyncMemoizedFunction",
    "AsyncMemorizedFunc",
    "AsyncNotMemorizedFunc",
    "BadCallError",
    "CacheInfo",
    "CacheItemInfo",
    "CacheWarning",
    "CallExplanation",
    "FileSystemStoreBackend",
    "JobLibCollisionWarning",
    "MemoizedFunction",
    "MemorizedFunc",
    "MemorizedResult",
    "Memory",
    "NotMemorizedFunc",
    "NotMemorizedResult",
    "StoreBackendBase",
    "StoreBackendMixin",
    "StoredCall",
    "expires_after",
    "memoize",
    "register_store_backend",
]

_OF_MEMOIZE = ("AsyncMemoizedFunction", "MemoizedFunction", "memoize")


def __getattr__(name: str) -> Any:
    if name not in _OF_MEMOIZE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Not at import: who uses `Memory` or `make` does without.
    from jobtui_core.memory import memoized

    return getattr(memoized, name)
