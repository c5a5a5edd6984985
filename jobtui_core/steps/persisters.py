"""Files that a step's result is saved to, for other programs to read."""

from __future__ import annotations

import copy
import json
import os
import pickle
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

from jobtui_core.named import fetch, is_url

__all__ = ["JsonFile", "NumpyFile", "Persister", "PickleFile"]


class Persister(ABC):
    """A file that (part of) a step's result is saved to.

    Derive from it to write a format of your own: give it ``save``, which writes
    ``self.filename``, and ``load``, which reads what `at_hand` gives.

    Parameters
    ----------
    filename : str or path
        Relative to the project root, or a URL.  A template over the step's arguments:
        ``"results/{subject}.npy"``.

    Notes
    -----
    ``save`` is handed a temporary file beside the target, with the same extension, which takes
    the target's place when ``save`` has returned; nobody ever sees half a file.
    """

    def __init__(self, filename: str | os.PathLike[str]) -> None:
        self.filename = os.fspath(filename)

    @abstractmethod
    def save(self, data: Any) -> None:
        """Write data to ``self.filename``."""

    @abstractmethod
    def load(self) -> Any:
        """Give what is in ``self.filename``."""

    @contextmanager
    def at_hand(self) -> Iterator[str]:
        """Give the name of a local file to be read: a copy, for as long, of what is at a URL."""
        if not is_url(self.filename):
            yield self.filename
            return
        from tempfile import TemporaryDirectory

        from jobtui_core import tracing

        with TemporaryDirectory() as folder:
            copied = Path(folder) / (self.filename.rpartition("/")[2] or "file")
            fetch(self.filename, tracing.project_root(), copied)
            yield str(copied)

    def at(self, filename: str | os.PathLike[str]) -> Self:
        """Give a persister like this one for another file."""
        other = copy.copy(self)
        other.filename = os.fspath(filename)
        return other

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.filename!r})"


class NumpyFile(Persister):
    """A ``.npy`` file with one array, or a ``.npz`` file with a mapping of arrays.

    Parameters
    ----------
    filename : str or path
        What does not end in ``.npz`` is written as ``.npy``, whatever its name.
    mmap_mode : {None, 'r', 'r+', 'c'}
        How ``load`` maps a ``.npy`` file; ``None`` reads it.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        mmap_mode: Literal["r", "r+", "c"] | None = None,
    ) -> None:
        super().__init__(filename)
        self.mmap_mode = mmap_mode

    def save(self, data: Any) -> None:
        """Write an array, or a mapping of arrays to a ``.npz`` file."""
        import numpy as np

        # By an open file, since numpy adds an extension to names it does not like.
        with Path(self.filename).open("wb") as file:
            if not self.filename.endswith(".npz"):
                np.save(file, data, allow_pickle=False)
            elif isinstance(data, dict):
                np.savez(file, allow_pickle=False, **data)
            else:
                np.savez(file, data, allow_pickle=False)

    def load(self) -> Any:
        """Give the array, or a dict of arrays from a ``.npz`` file."""
        import numpy as np

        with self.at_hand() as filename:
            if filename.endswith(".npz"):
                with np.load(filename, allow_pickle=False) as arrays:
                    return {name: arrays[name] for name in arrays.files}
            return np.load(filename, mmap_mode=self.mmap_mode, allow_pickle=False)


class PickleFile(Persister):
    """A file with one pickled object.  Load only what you trust: loading can run code."""

    def save(self, data: Any) -> None:
        """Pickle an object."""
        with Path(self.filename).open("wb") as file:
            pickle.dump(data, file, protocol=5)

    def load(self) -> Any:
        """Unpickle the object."""
        with self.at_hand() as filename, Path(filename).open("rb") as file:
            return pickle.load(file)


class JsonFile(Persister):
    """A JSON file in UTF-8, indented for people.

    Takes what JSON knows, and numpy's scalars and arrays as numbers and lists; ``load`` gives
    what JSON gives (lists for tuples).  A step's own result is never read back from here.
    """

    def save(self, data: Any) -> None:
        """Write data as JSON."""
        text = json.dumps(data, indent=2, ensure_ascii=False, default=_plain)
        Path(self.filename).write_text(text + "\n", encoding="utf-8")

    def load(self) -> Any:
        """Give what the file says."""
        with self.at_hand() as filename:
            return json.loads(Path(filename).read_text(encoding="utf-8"))


def _plain(value: Any) -> Any:
    # Only what has an obvious form; numpy is not imported for this.
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
