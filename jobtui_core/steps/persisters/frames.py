"""Tables: frames of pandas or polars, or plain rows, as CSV or Parquet."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Literal, cast

from jobtui_core.steps.persisters.base import Persister

__all__ = ["CsvFile", "ParquetFile"]

Frames = Literal["pandas", "polars", "rows"]


class CsvFile(Persister):
    """A CSV file in UTF-8 with a frame of pandas or polars, or a list of rows.

    An index of pandas' is written as the first columns, unless it only counts the rows.  Rows
    are dicts, whose keys become the first line, or tuples or lists, the first of which is the
    first line then; an array of two dimensions is such rows, too.

    Parameters
    ----------
    filename : str or path
        What ends in ``.gz`` is packed.
    separator : str
        One character: ``"\\t"`` for tabs.
    frames : {"pandas", "polars", "rows"}, optional
        What ``load`` gives: a CSV file does not say what it was written from.  By default a
        frame of pandas, or of polars where only that is installed, or else a list of lists of
        texts, as ``"rows"`` does.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        separator: str = ",",
        frames: Frames | None = None,
    ) -> None:
        super().__init__(filename)
        if frames not in (None, "pandas", "polars", "rows"):
            raise ValueError(f"frames must be 'pandas', 'polars' or 'rows', not {frames!r}")
        self.separator = separator
        self.frames = frames

    def save(self, data: Any) -> None:
        """Write a frame, or rows."""
        library = _library_of(data)
        with _packing(self.filename) as file:
            if library == "pandas":
                index = _is_named_index(data)
                data.to_csv(file, sep=self.separator, index=index, lineterminator="\n")
            elif library == "polars":
                _as_frame(data).write_csv(file, separator=self.separator)
            else:
                _write_rows(file, data, self.separator)

    def load(self) -> Any:
        """Give a frame, or rows of texts."""
        frames = self.frames or _installed()
        with self.at_hand() as filename:
            if frames == "pandas":
                import pandas as pd

                return pd.read_csv(filename, sep=self.separator)
            if frames == "polars":
                import polars as pl

                return pl.read_csv(filename, separator=self.separator)
            return _rows_of(filename, self.separator)


class ParquetFile(Persister):
    """A Parquet file with a frame of pandas or polars.

    ``load`` gives a frame of whichever made it.  pandas needs pyarrow for that, polars does not.
    """

    def save(self, data: Any) -> None:
        """Write a frame."""
        library = _library_of(data)
        if library is None:
            raise TypeError(
                f"a Parquet file takes a frame of pandas or polars, not {type(data).__name__}"
            )
        if library == "polars":
            _as_frame(data).write_parquet(self.filename)
            return
        _need_pyarrow("write a frame of pandas to")
        frame = data.to_frame() if hasattr(data, "to_frame") else data
        # By a file: a name might be taken for one of another file system.
        with Path(self.filename).open("wb") as file:
            frame.to_parquet(file, engine="pyarrow")

    def load(self) -> Any:
        """Give the frame."""
        with self.at_hand() as filename:
            if _by_pandas(filename):
                import pandas as pd

                return pd.read_parquet(filename, engine="pyarrow")
            import polars as pl

            return pl.read_parquet(filename)


def _library_of(data: Any) -> str | None:
    """Tell whose frame something is, a derived one like geopandas' included."""
    for base in type(data).__mro__:
        if base.__name__ in ("DataFrame", "Series"):
            package = base.__module__.partition(".")[0]
            if package in ("pandas", "polars"):
                return package
    return None


def _as_frame(data: Any) -> Any:
    return data.to_frame() if hasattr(data, "to_frame") else data


def _is_named_index(data: Any) -> bool:
    """Tell whether an index of pandas' says more than the numbers of the rows."""
    import pandas as pd

    index = data.index
    counts = isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1
    return not counts or index.name is not None


def _write_rows(file: IO[bytes], data: Any, separator: str) -> None:
    import csv
    import io

    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerows(_as_rows(data))
    text.flush()
    text.detach()


def _as_rows(data: Any) -> Iterator[Sequence[Any]]:
    if type(data).__module__ == "numpy" and getattr(data, "ndim", 0) == 2:
        data = data.tolist()
    if not isinstance(data, list | tuple):
        raise TypeError(
            "a CSV file takes a frame of pandas or polars, or a list of rows, "
            f"not {type(data).__name__}"
        )
    if data and all(isinstance(row, dict) for row in data):
        names = list(dict.fromkeys(name for row in data for name in row))
        yield names
        for row in data:
            yield [row.get(name, "") for name in names]
        return
    for row in data:
        if not isinstance(row, list | tuple):
            raise TypeError(
                "rows of a CSV file are all dicts, or tuples or lists, "
                f"and one is a {type(row).__name__}"
            )
        yield row


def _rows_of(filename: str, separator: str) -> list[list[str]]:
    import csv
    import gzip

    opened = gzip.open if filename.endswith(".gz") else open
    with opened(filename, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(cast("IO[str]", file), delimiter=separator))


@contextmanager
def _packing(filename: str) -> Iterator[IO[bytes]]:
    """Open a file for writing, packed if its name says so, and with no time in it."""
    with Path(filename).open("wb") as file:
        if not filename.endswith(".gz"):
            yield file
            return
        import gzip

        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
            yield cast("IO[bytes]", packed)


def _installed() -> Frames:
    if find_spec("pandas") is not None:
        return "pandas"
    return "polars" if find_spec("polars") is not None else "rows"


def _by_pandas(filename: str) -> bool:
    """Tell whether a Parquet file is to be read by pandas, which leaves its mark in what it wrote.

    Files by others are read by polars, where that is installed.
    """
    if find_spec("polars") is None:
        _need_pyarrow("read")
        return True
    if find_spec("pyarrow") is None or find_spec("pandas") is None:
        return False
    import pyarrow.parquet as pq

    return b"pandas" in (pq.read_schema(filename).metadata or {})


def _need_pyarrow(what: str) -> None:
    if find_spec("pyarrow") is None:
        raise ModuleNotFoundError(
            f"to {what} Parquet files, install pyarrow (pip install pyarrow, or 'jobtui[frames]')"
        )
