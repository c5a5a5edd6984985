"""Whether the code that a process loaded is the code that its source text says."""

from __future__ import annotations

import importlib.machinery
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from jobtui_core.fingerprint.codes import code_digest, codes_of_text, nested_codes
from jobtui_core.fingerprint.expand import Expansion
from jobtui_core.fingerprint.layers import plain_function
from jobtui_core.fingerprint.snapshot import has_code_of_another, namespace_of, project_file
from jobtui_core.sources import SourceModule

__all__ = ["function_matches", "mismatches"]


def function_matches(func: FunctionType, text: str) -> bool:
    """Tell whether a text holds the code of a function, by anything but positions."""
    if not _is_its_own(func):
        return False
    if _rewritten(func):
        return True
    codes = codes_of_text(text).get(func.__code__.co_qualname, frozenset())
    return code_digest(func.__code__) in codes


def _is_its_own(func: FunctionType) -> bool:
    """Tell whether a function's code is not that of another one, assigned to it."""
    name = func.__code__.co_qualname
    # A wrapper takes the name of what it wraps, and keeps its own code.
    return name == func.__qualname__ or "<" in name or hasattr(func, "__wrapped__")


def _rewritten(func: FunctionType) -> bool:
    """Tell whether a loader changed the code on the way, as that of pytest does for asserts."""
    spec = func.__globals__.get("__spec__")
    loader = getattr(spec, "loader", None) or func.__globals__.get("__loader__")
    if loader is None:
        return False
    known = (
        importlib.machinery.SourceFileLoader,
        importlib.machinery.SourcelessFileLoader,
        importlib.machinery.BuiltinImporter,
    )
    return not (loader in known or type(loader) in known)


def mismatches(reached: list[Expansion], func: Any) -> Iterator[tuple[SourceModule, FunctionType]]:
    """Give the loaded functions among those reached that differ from their module's text."""
    texts = {(e.module.path, e.qualname): e.module for e in reached if e.kind == "function"}
    for expansion in reached:
        if expansion.kind not in ("function", "class") or "<locals>" in expansion.qualname:
            continue
        namespace = namespace_of(expansion.module, func)
        if namespace is None:
            continue
        for loaded in _functions_at(namespace, expansion.qualname):
            if project_file(loaded.__code__.co_filename) != expansion.module.path:
                continue
            if has_code_of_another(loaded) or not function_matches(loaded, expansion.module.text):
                yield expansion.module, loaded
            for function in _called_by_name(loaded):
                # Taken from a module that was loaded again since, it is the old one still.
                place = project_file(function.__code__.co_filename), function.__qualname__
                module = texts.get(place) if place[0] is not None else None  # type: ignore[arg-type]  # no path is no key
                if module is not None and not function_matches(function, module.text):
                    yield module, function


def _called_by_name(func: FunctionType) -> Iterator[FunctionType]:
    """Give the functions of other modules that the names in a function's code mean."""
    for name in {name for code in nested_codes(func.__code__) for name in code.co_names}:
        function = plain_function(func.__globals__.get(name))
        if function is not None and function.__globals__ is not func.__globals__:
            yield function


def _functions_at(namespace: dict[str, Any], qualname: str) -> Iterator[FunctionType]:
    first, *rest = qualname.split(".")
    value = namespace.get(first)
    for part in rest:
        value = vars(value).get(part) if isinstance(value, type) else None
    values = list(vars(value).values()) if isinstance(value, type) else [value]
    for item in values:
        function = plain_function(item)
        if function is not None and function.__qualname__.startswith(qualname):
            yield function
