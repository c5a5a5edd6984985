"""Help for testing with this package, and for testing backends of one's own.

Needs pytest, which is imported with the parts that use it; random calls on a store need
hypothesis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobtui_core.testing.stores import (
        AroundConformance,
        ReadOnlyConformance,
        StoreConformance,
    )

__all__ = ["AroundConformance", "ReadOnlyConformance", "StoreConformance"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import pytest

    # A plain assert would not say what it compared.
    pytest.register_assert_rewrite(f"{__name__}.conformance")
    from jobtui_core.testing import stores

    return getattr(stores, name)
