"""Files that a call depends on through the steps it may call: their inputs with literal paths."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

from jobtui_core.fingerprint import identity

__all__ = ["literal_inputs", "register_inputs"]

_declared: weakref.WeakKeyDictionary[Any, tuple[Callable[..., Any], tuple[str, ...]]]
_declared = weakref.WeakKeyDictionary()


def register_inputs(owner: Any, func: Callable[..., Any], paths: Iterable[str]) -> None:
    """Remember that a step takes the same files at every call.

    Parameters
    ----------
    owner : object
        The decorated function, which the record does not outlive.
    func : callable
    paths : iterable of str
        Relative to the project root, or absolute.
    """
    if paths := tuple(paths):
        _declared[owner] = (func, paths)


def literal_inputs(identities: Iterable[str]) -> tuple[str, ...]:
    """Give the files that steps take at every call, sorted."""
    wanted = frozenset(identities)
    if not wanted:
        return ()
    found: set[str] = set()
    for func, paths in _every():
        if identity(func) in wanted:
            found.update(paths)
    return tuple(sorted(found))


def _every() -> list[tuple[Callable[..., Any], tuple[str, ...]]]:
    while True:
        try:
            return list(_declared.values())
        except RecursionError:
            raise
        except RuntimeError:
            # Another thread imported a module with a step.
            continue
