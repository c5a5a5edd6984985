"""What hashing asks of us: the code behind functions and classes that are part of a value."""

from __future__ import annotations

import threading
import weakref
from types import FunctionType
from typing import Any

from jobtui_core.errors import ScriptError, UnknownNameError
from jobtui_core.fingerprint.check import function_matches, mismatches
from jobtui_core.fingerprint.codes import code_digest
from jobtui_core.fingerprint.gather import Parts
from jobtui_core.fingerprint.layers import innermost, plain_function
from jobtui_core.fingerprint.live import loaded_fingerprint
from jobtui_core.fingerprint.snapshot import (
    loaded_place,
    place_of_class,
    project_file,
    reloads,
)
from jobtui_core.fingerprint.static import Walk, walk
from jobtui_core.fingerprint.watched import Watch
from jobtui_core.hashing import combine

__all__ = ["class_fingerprint", "function_fingerprint"]

_working = threading.local()
_known: weakref.WeakKeyDictionary[type, tuple[str, Watch, int]] = weakref.WeakKeyDictionary()


def function_fingerprint(func: Any) -> str:
    """Digest a function as a value: its identity, code and what that refers to."""
    found = loaded_fingerprint(func)
    if found.matches_source:
        return combine("function", found.identity, found.digest)
    return combine("loaded function", found.identity, code_digest(innermost(func).__code__))


def class_fingerprint(cls: type) -> str | None:
    """Digest the code of a class of the project; ``None`` for classes of libraries."""
    active: list[type] = _working.__dict__.setdefault("active", [])
    if cls in active:
        # One of its attributes or of the values that its methods use is an instance of it.
        return "circular"
    active.append(cls)
    try:
        known = _known.get(cls)
        if known is not None and known[2] != reloads():
            known = None
        code, values, begun = known or _class_code(cls)
        now = values.now()
        # What it comes to inside another class depends on where the walk began.
        if known is None or (now is not values and len(active) == 1):
            _known[cls] = code, now, begun
    finally:
        active.pop()
    return now.digest(code) or None


def _class_code(cls: type) -> tuple[str, Watch, int]:
    begun = reloads()
    functions = [f for value in vars(cls).values() if (f := _method(value, cls)) is not None]
    place = loaded_place(functions[0]) if functions else place_of_class(cls)
    if place is None and not functions:
        return "", Watch(), begun
    tree, module = place or (None, None)
    parts = Parts(loaded_fingerprint)
    steps: Walk | None = None
    if tree is not None and module is not None:
        try:
            steps = walk(tree, module, cls.__qualname__)
        except (ScriptError, UnknownNameError):
            steps = None
    own = [f for f in functions if module and project_file(f.__code__.co_filename) == module.path]
    # Of a module that was loaded again, an older class may still have instances.
    as_written = module is not None and all(function_matches(f, module.text) for f in own)
    if steps is not None and as_written and not any(mismatches(steps.reached, None)):
        parts.digests.append(steps.fingerprint().digest)
        parts.values(steps, functions[0] if functions else None)
        for function in functions:
            parts.cells(function, None, [])
    else:
        parts.digests.append(cls.__qualname__)
        for function in sorted(functions, key=lambda f: f.__qualname__):
            parts.digests += [function.__qualname__, parts.from_code(function).digest]
    return combine("class", *parts.digests), Watch(tuple(parts.watched)), begun


def _method(value: Any, cls: type) -> FunctionType | None:
    found = plain_function(value)
    if found is None or not found.__qualname__.startswith(cls.__qualname__ + "."):
        return None
    return found
