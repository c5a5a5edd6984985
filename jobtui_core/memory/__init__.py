"""``Memory``: functions whose results are kept, under joblib's names."""

from jobtui_core.memory.binder import BadCallError
from jobtui_core.memory.memorized import MemorizedFunc, NotMemorizedFunc
from jobtui_core.memory.memory import Memory

__all__ = ["BadCallError", "MemorizedFunc", "Memory", "NotMemorizedFunc"]
