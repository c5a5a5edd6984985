"""Help for testing with this package, and for testing backends of one's own.

Needs pytest, which is imported with the parts that use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobtui_core.testing.stores import StoreConformance

__all__ = ["StoreConformance"]


def __getattr__(name: str) -> Any:
    if name == "StoreConformance":
        from jobtui_core.testing.stores import StoreConformance

        return StoreConformance
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
