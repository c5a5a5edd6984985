"""Libraries that a script has loaded: values of others cannot be met."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["is_a", "loaded"]


def loaded(module: str) -> Any:
    """Give a module if somebody has imported it; ``None`` otherwise."""
    return sys.modules.get(module)


def is_a(value: Any, module: str, name: str) -> bool:
    """Tell whether a value is of a class of a library, without importing that."""
    cls = getattr(sys.modules.get(module), name, None)
    return isinstance(cls, type) and isinstance(value, cls)
