"""Pictures of pickles, from their instructions: what a value is, without making it."""

from __future__ import annotations

import io
from itertools import islice
from typing import IO, Any

from jobtui_core.dumps.compressors import COMPRESSORS, detect, first_bytes
from jobtui_core.dumps.dtypes import dtype_of
from jobtui_core.dumps.inert import Made, Named, look_into
from jobtui_core.entry.describe import REDACTED, clean, is_secret
from jobtui_core.entry.previews import preview
from jobtui_core.records import Preview

__all__ = ["preview_of_pickle"]

_ITEMS = 20
_DEPTH = 3
_NAME = 200
_ATOMS = (int, float, complex, bool, str, bytes, type(None))


def preview_of_pickle(file: IO[bytes]) -> Preview:
    """Give a bounded picture of what a pickle, or a file of ``joblib.dump``, holds.

    Parameters
    ----------
    file : binary file
        At its beginning; compressed in a way that `load` knows, or not.

    Returns
    -------
    Preview
        Types, shapes and plain data; of a damaged file, what can still be told.
    """
    try:
        method = detect(first_bytes(file))
        stream: Any = file if method is None else COMPRESSORS[method].decompressor_file(file)
        if isinstance(stream, io.RawIOBase):
            stream = io.BufferedReader(stream)
        seen = look_into(stream)
    except Exception as error:  # noqa: BLE001  # bytes of anybody's
        text = clean(f"unreadable: {type(error).__name__}: {error}", _NAME)
        return Preview(kind="opaque", type="unreadable", text=text)
    if seen.value is None and not seen.whole:
        return Preview(kind="opaque", type="unreadable", text="this is no pickle")
    return _picture(seen.value, 0)


def _picture(value: Any, depth: int) -> Preview:
    if isinstance(value, _ATOMS):
        return preview(value)
    if isinstance(value, Named):
        name = clean(str(value), _NAME)
        return Preview(kind="opaque", type="class or function", text=name)
    if isinstance(value, Made):
        return _array(value) or _object(value, depth)
    if isinstance(value, dict):
        pairs = [(_label(key), item) for key, item in islice(value.items(), _ITEMS)]
        return _parts("mapping", value, pairs, depth)
    if isinstance(value, list | tuple | set | frozenset):
        items = [(str(i), item) for i, item in enumerate(islice(value, _ITEMS))]
        return _parts("sequence", value, items, depth)
    return Preview(kind="opaque", type=type(value).__name__)


def _label(key: Any) -> str:
    return clean(str(key) if isinstance(key, _ATOMS) else _type(key), _NAME)


def _type(value: Any) -> str:
    if isinstance(value, Made):
        return clean(str(value.by), _NAME) if isinstance(value.by, Named) else "object"
    return type(value).__name__


def _parts(kind: Any, value: Any, pairs: list[tuple[str, Any]], depth: int) -> Preview:
    items: list[tuple[str, Preview]] = []
    if depth < _DEPTH:
        for label, item in pairs:
            hidden = Preview(kind="opaque", type=_type(item), text=REDACTED)
            items.append((label, hidden if is_secret(label) else _picture(item, depth + 1)))
    return Preview(kind=kind, type=type(value).__name__, shape=(len(value),), items=tuple(items))


def _array(made: Made) -> Preview | None:
    """Give the picture of an array or numpy scalar; ``None`` for anything else."""
    by, state = str(made.by), made.state
    if by.endswith(".NumpyArrayWrapper") and isinstance(state, dict):
        shape, dtype = state.get("shape"), dtype_of(state.get("dtype"))
        kind = state.get("subclass")
    elif by.startswith("numpy.") and by.endswith("._reconstruct") and isinstance(state, tuple):
        shape, dtype = state[1], dtype_of(state[2])
        kind = made.arguments[0]
    elif by.startswith("numpy.") and by.endswith((".scalar", "._frombuffer")):
        return _from_bytes(made)
    else:
        return None
    name = str(kind) if isinstance(kind, Named) else "numpy.ndarray"
    if not isinstance(shape, tuple) or not all(type(size) is int for size in shape):
        shape = ()
    text = "" if dtype is None else clean(str(dtype), _NAME)
    return Preview(kind="array", type=clean(name, _NAME), shape=shape, dtype=text)


def _from_bytes(made: Made) -> Preview:
    import numpy as np

    if str(made.by).endswith(".scalar") and len(made.arguments) == 2:
        dtype, data = dtype_of(made.arguments[0]), made.arguments[1]
        plain = dtype is not None and not dtype.hasobject and isinstance(data, bytes)
        if dtype is not None and plain and len(data) == dtype.itemsize:
            return preview(np.frombuffer(data, dtype)[0])
    return Preview(kind="opaque", type="numpy value")


def _object(made: Made, depth: int) -> Preview:
    state = made.state
    if isinstance(state, tuple) and len(state) == 2 and isinstance(state[1], dict):
        # Slots beside the attributes.
        state = {**(state[0] if isinstance(state[0], dict) else {}), **state[1]}
    items: tuple[tuple[str, Preview], ...] = ()
    if isinstance(state, dict):
        pairs = [(_label(key), item) for key, item in islice(state.items(), _ITEMS)]
        items = _parts("mapping", state, pairs, depth).items
    elif made.arguments:
        pairs = [(str(i), item) for i, item in enumerate(made.arguments[:_ITEMS])]
        items = _parts("sequence", made.arguments, pairs, depth).items
    return Preview(kind="mapping" if items else "opaque", type=_type(made), items=items)
