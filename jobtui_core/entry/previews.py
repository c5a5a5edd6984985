"""Pictures of results, made when they are written, so that looking at a cache unpickles nothing."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import fields, is_dataclass, replace
from itertools import islice
from typing import Any

from jobtui_core.entry import registered
from jobtui_core.entry.array_previews import array_preview, sparse_preview
from jobtui_core.entry.describe import REDACTED, clean, describe, is_secret, type_name
from jobtui_core.entry.frame_previews import frame_preview
from jobtui_core.entry.imports import loaded
from jobtui_core.entry.library_previews import library_preview
from jobtui_core.entry.preview_json import preview_from_json, preview_to_json
from jobtui_core.pictures import Preview

__all__ = ["preview", "preview_from_json", "preview_to_json"]

_TEXT = 2000
"""Characters of a preview's text."""

_CELL = 80
"""Characters of a label."""

_ITEMS = 20
_DEPTH = 3
"""Levels of containers whose parts are shown."""


def preview(value: Any, duration: float = 0.0) -> Preview:
    """Give a bounded picture of a value as plain data.

    It never fails: a value whose own code does is shown by the name of its type.

    Parameters
    ----------
    value : object
    duration : float
        Seconds that computing it took; of these, what was registered for its type may take a part.
    """
    return _guarded(value, 0, duration)


def _guarded(value: Any, depth: int, duration: float) -> Preview:
    numpy = loaded("numpy")
    quiet = nullcontext() if numpy is None else numpy.errstate(all="ignore")
    note = ""
    with quiet:
        if registered.is_any():
            made, note = registered.made_by_function(value, duration, inner=depth > 0)
            if made is not None:
                return made
        try:
            shown = _preview(value, depth, duration)
        except Exception:  # noqa: BLE001  # reading a foreign object runs anybody's code
            shown = Preview(kind="opaque", type=type_name(value))
    return replace(shown, note=note) if note else shown


def _preview(value: Any, depth: int, duration: float) -> Preview:
    cls = type(value)
    if value is None:
        return Preview(kind="none", type="NoneType", text="None")
    name = type_name(value)
    if cls in (bool, int, float, complex):
        return Preview(kind="scalar", type=name, text=describe(value, _TEXT))
    if cls in (str, bytes):
        return Preview(kind="text", type=name, text=describe(value, _TEXT))
    shown = _of_library(value, name, inner=depth > 0)
    if shown is not None:
        return shown
    text = describe(value, _TEXT)
    if isinstance(value, dict):
        pairs = [(describe(key, _CELL), key, item) for key, item in islice(value.items(), _ITEMS)]
        return _parts("mapping", name, text, pairs, depth, len(value), duration)
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "__dict__"):
        known = vars(value)
        named = [(f.name, f.name, known[f.name]) for f in fields(value) if f.name in known]
        return _parts("mapping", name, text, named[:_ITEMS], depth, len(named), duration)
    if isinstance(value, list | tuple | set | frozenset):
        items = [(str(i), i, item) for i, item in enumerate(islice(value, _ITEMS))]
        return _parts("sequence", name, text, items, depth, len(value), duration)
    return Preview(kind="opaque", type=name, text=text)


def _of_library(value: Any, name: str, *, inner: bool) -> Preview | None:
    """Give the picture of what a library made, if that is known here."""
    numpy = loaded("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return array_preview(value, name, inner=inner)
    if numpy is not None and isinstance(value, numpy.generic):
        return Preview(kind="scalar", type=name, text=describe(value, _TEXT))
    cls = type(value)
    module = cls.__module__.partition(".")[0]
    if module in ("pandas", "polars") and cls.__name__ in ("DataFrame", "Series"):
        return frame_preview(value, name, module)
    if module == "builtins":
        return None
    return sparse_preview(value, name, inner=inner) or library_preview(value, name, inner=inner)


def _parts(
    kind: Any,
    name: str,
    text: str,
    parts: Iterable[tuple[str, Any, Any]],
    depth: int,
    size: int,
    duration: float,
) -> Preview:
    items: list[tuple[str, Preview]] = []
    if depth < _DEPTH:
        for label, key, value in parts:
            if isinstance(key, str) and is_secret(key):
                shown = Preview(kind="opaque", type=type_name(value), text=REDACTED)
            else:
                shown = _guarded(value, depth + 1, duration)
            items.append((clean(label, _CELL), shown))
    return Preview(kind=kind, type=name, text=text, shape=(size,), items=tuple(items))
