"""The name of a function: the same however its file is run, imported or sent to a worker."""

from __future__ import annotations

from typing import Any

from jobtui_core.fingerprint.layers import innermost
from jobtui_core.fingerprint.snapshot import loaded_module
from jobtui_core.hashing import canonical_module

__all__ = ["identity"]


def identity(func: Any) -> str:
    """Name a function: ``module:qualified name``.

    The module is the file's dotted path under the project root, for code outside of it the
    import name.
    """
    while True:
        inner = getattr(func, "__func__", None) or getattr(func, "__wrapped__", None)
        if inner is None and not hasattr(func, "__qualname__"):
            inner = getattr(func, "func", None)  # a partial
        if inner is None:
            break
        func = inner
    root = innermost(func)
    module = loaded_module(root)
    owner = root if hasattr(root, "__qualname__") else type(root)
    name = getattr(owner, "__qualname__", type(root).__qualname__)
    if module is not None:
        return f"{module.name}:{name}"
    place = canonical_module(getattr(owner, "__module__", None) or "builtins")
    if not hasattr(root, "__qualname__") and callable(root):
        # A ufunc has a name, but no qualified one.
        name = getattr(root, "__name__", name)
    return f"{place}:{name}"
