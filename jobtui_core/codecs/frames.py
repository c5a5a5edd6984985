"""Data frames and series as Arrow: read by any program, and without running code.

pandas' go through pyarrow, where it is installed; polars writes Arrow itself.  Whether all of a
frame comes back is tried before it is stored: types, index, names, and what is missing where.  If
it does not, pickle is used.
"""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from jobtui_core.codecs.plain import decode_plain, encode_plain
from jobtui_core.errors import CodecError, text_of
from jobtui_core.hashing import digest

if TYPE_CHECKING:
    Frame = bytes | bytearray | memoryview

__all__ = ["decode_frame", "encode_frame"]


def encode_frame(value: Any, known: str | None = None) -> list[Frame] | None:
    """Give the two frames of a data frame or series; ``None`` for everything else.

    The first is plain data about it, the second an Arrow file.

    Parameters
    ----------
    value : object
    known : str, optional
        Its digest, where that is known.
    """
    kind = _kind(value)
    if kind is None:
        return None
    # Arrow refuses much, and says so in many ways; pickle is there for all of it.
    with suppress(Exception):
        head, data = _WRITERS[kind](value)
        text = encode_plain(head)
        if text is not None:
            back = decode_frame([text, data])
            if _same(value, back, known):
                return [text, data]
    return None


def _kind(value: Any) -> str | None:
    package = type(value).__module__.partition(".")[0]
    if package not in ("pandas", "polars"):
        return None
    module: Any = sys.modules.get(package)
    for name in ("DataFrame", "Series"):
        if type(value) is getattr(module, name, None):
            return f"{package}.{name}"
    return None


def _same(value: Any, back: Any, known: str | None) -> bool:
    if type(back) is not type(value) or _storages(back) != _storages(value):
        return False
    texts = _texts(value)
    if not texts:
        return digest(back) == (known or digest(value))
    # A digest of texts makes an object of each: comparing them as they lie takes a tenth.
    return texts == _texts(back) and all(
        digest(one) == digest(other)
        for one, other in zip(_beside(value, texts), _beside(back, texts), strict=True)
    )


def _texts(value: Any) -> dict[int, Any]:
    """Give the columns of a frame of pandas' that are texts in Arrow's memory, by place."""
    if not hasattr(value, "index") or value.ndim != 2:
        return {}
    arrays = ((n, value.iloc[:, n].array) for n in range(value.shape[1]))
    # Kept as pandas keeps them: its type tells what stands for a missing one.
    return {
        n: _Texts(array.dtype, array.__arrow_array__())
        for n, array in arrays
        if getattr(array.dtype, "storage", None) == "pyarrow"
    }


class _Texts(NamedTuple):
    """A column of texts: equal if all of them are, and what is missing."""

    dtype: Any
    texts: Any


def _beside(value: Any, texts: dict[int, Any]) -> list[Any]:
    """Give what a frame is besides some of its columns."""
    rest = [n for n in range(value.shape[1]) if n not in texts]
    facts = (value.attrs, value.flags.allows_duplicate_labels)
    return [value.columns, value.index, facts, value.iloc[:, rest]]


def _storages(value: Any) -> list[Any]:
    """Give how pandas keeps texts: of two ways that are equal in all else."""
    if not hasattr(value, "index"):
        return []
    dtypes = list(value.dtypes) if value.ndim == 2 else [value.dtype]
    return [getattr(dtype, "storage", None) for dtype in [*dtypes, value.index.dtype]]


def decode_frame(frames: list[Frame]) -> Any:
    """Give the data frame or series behind two frames.

    Raises
    ------
    CodecError
        If they are none, or the library that it belongs to is not installed here.
    """
    text, data = frames
    head = decode_plain(bytes(text))
    reader = _READERS.get(head[0]) if type(head) is tuple and head else None
    if reader is None:
        raise CodecError("a frame is of a kind that nobody knows")
    try:
        return reader(head, data)
    except ImportError as error:
        raise CodecError(f"a {head[0]} cannot be read here: {error}") from error
    except BaseException as error:
        # What polars cannot read it may take for a mistake of its own, which is no Exception.
        if isinstance(error, Exception) or type(error).__name__ != "PanicException":
            raise
        raise CodecError(f"a {head[0]} cannot be read: {text_of(error)}") from error


# -------------------------------------------------------------------------------------- pandas


def _write_pandas_frame(value: Any) -> tuple[Any, Frame]:
    return ("pandas.DataFrame", _facts(value)), _to_arrow(value)


def _write_pandas_series(value: Any) -> tuple[Any, Frame]:
    head = ("pandas.Series", _facts(value), value.name)
    return head, _to_arrow(value.to_frame("value"))


def _facts(value: Any) -> dict[str, Any]:
    """Give what Arrow has no place for."""
    frequency = getattr(value.index, "freq", None)
    return {
        "attrs": dict(value.attrs),
        "duplicates": value.flags.allows_duplicate_labels,
        "frequency": frequency and frequency.freqstr,
        "columns": _range(getattr(value, "columns", None)),
    }


def _range(columns: Any) -> Any:
    """Give the numbers that columns are counted by, where they have no other names."""
    if type(columns).__name__ != "RangeIndex":
        return None
    return (columns.start, columns.stop, columns.step, columns.name)


def _to_arrow(frame: Any) -> Frame:
    import pyarrow as pa

    frame = frame.copy(deep=False)
    frame.attrs = {}
    table = pa.Table.from_pandas(frame)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def _read_pandas(head: Any, data: Frame) -> Any:
    import pandas as pd
    import pyarrow as pa

    table = pa.ipc.open_file(pa.py_buffer(data)).read_all()
    # Offsets that lead anywhere would be followed blindly.
    table.validate(full=True)
    frame = table.to_pandas()
    facts = head[1]
    if facts["frequency"] is not None:
        frame.index.freq = pd.tseries.frequencies.to_offset(facts["frequency"])
    if facts["columns"] is not None:
        *numbers, name = facts["columns"]
        frame.columns = pd.RangeIndex(*numbers, name=name)
    found = frame
    if head[0] == "pandas.Series":
        found = frame["value"]
        found.name = head[2]
    found.attrs = facts["attrs"]
    if not facts["duplicates"]:
        found.flags.allows_duplicate_labels = False
    return found


# -------------------------------------------------------------------------------------- polars


def _write_polars_frame(value: Any) -> tuple[Any, Frame]:
    sink = io.BytesIO()
    value.write_ipc(sink, compression="uncompressed")
    return ("polars.DataFrame",), sink.getbuffer()


def _write_polars_series(value: Any) -> tuple[Any, Frame]:
    _, data = _write_polars_frame(value.alias("value").to_frame())
    return ("polars.Series", value.name), data


def _read_polars(head: Any, data: Frame) -> Any:
    import polars as pl

    frame = pl.read_ipc(io.BytesIO(data), use_pyarrow=False)
    if head[0] == "polars.Series":
        return frame.to_series().alias(head[1])
    return frame


_WRITERS = {
    "pandas.DataFrame": _write_pandas_frame,
    "pandas.Series": _write_pandas_series,
    "polars.DataFrame": _write_polars_frame,
    "polars.Series": _write_polars_series,
}
_READERS = {
    "pandas.DataFrame": _read_pandas,
    "pandas.Series": _read_pandas,
    "polars.DataFrame": _read_polars,
    "polars.Series": _read_polars,
}
