"""Which call of this run owns an output path: two on one path would overwrite each other."""

from __future__ import annotations

import sys
import weakref
from types import ModuleType

from jobtui_core.errors import OutputError

__all__ = ["claim", "release"]

_owners: weakref.WeakKeyDictionary[ModuleType, dict[str, tuple[str, str]]]
_owners = weakref.WeakKeyDictionary()


def claim(path: str, name: str, key: str, call: str) -> None:
    """Say that a call of the running script writes a path.

    Parameters
    ----------
    path : str
        Absolute, or a URL.
    name : str
        The path as people know it.
    key : str
        Of the call: the same call may come again.
    call : str
        The call in words, for the error.

    Raises
    ------
    OutputError
        If another call of the script that is running now wrote it.

    Notes
    -----
    In an interpreter or a notebook, where somebody tries one thing after the other, the newest
    call simply owns the path.  A script that is run by ``run_script`` is a run of its own.
    """
    main = sys.modules.get("__main__")
    if main is None or getattr(main, "__file__", None) is None:
        return
    owned = _owners.setdefault(main, {})
    other_key, other_call = owned.setdefault(path, (key, call))
    if other_key != key:
        raise OutputError(
            f"two calls in one run would write {name}: {other_call} and {call}; "
            "put an argument into the path, as in 'results/{subject}.npy'",
            path=path,
            calls=(other_call, call),
        )


def release(path: str, key: str) -> None:
    """Take back a claim: the call failed, and somebody may try otherwise."""
    main = sys.modules.get("__main__")
    owned = _owners.get(main, {}) if main is not None else {}
    if path in owned and owned[path][0] == key:
        del owned[path]
