"""A pytest plugin that puts this package's names where joblib's own tests look for joblib's.

Everything of joblib is imported first, so that what joblib uses itself stays its own.
"""

from __future__ import annotations

import importlib
from typing import Any

import jobtui_core
import jobtui_core.errors
import jobtui_core.memory

REPLACED: dict[str, Any] = {
    **{name: getattr(jobtui_core.memory, name) for name in jobtui_core.memory.__all__},
    **{name: getattr(jobtui_core, name) for name in ("dump", "load", "hash", "expires_after")},
}
PLACES = ("", "memory", "hashing", "numpy_pickle", "_store_backends")

for place in PLACES:
    module = importlib.import_module(f"joblib.{place}" if place else "joblib")
    for name, replacement in REPLACED.items():
        if hasattr(module, name):
            # ``joblib.hash`` is a function, ``joblib.memory.hash`` would be of no use to a test.
            setattr(module, name, replacement)


def pytest_configure(config: Any) -> None:
    """Know joblib's markers."""
    config.addinivalue_line("markers", "thread_unsafe: joblib's")
