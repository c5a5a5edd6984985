"""Texts, JSON and pickles."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

from jobtui_core.steps.persisters.base import Persister

__all__ = ["JsonFile", "PickleFile", "TextFile"]


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


class TextFile(Persister):
    """A file with a text, byte for byte: line ends are left as they are.

    Parameters
    ----------
    filename : str or path
    encoding : str
    """

    def __init__(self, filename: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        super().__init__(filename)
        self.encoding = encoding

    def save(self, data: Any) -> None:
        """Write a text."""
        if not isinstance(data, str):
            raise TypeError(f"a text file takes a str, not {type(data).__name__}")
        Path(self.filename).write_bytes(data.encode(self.encoding))

    def load(self) -> str:
        """Give the text."""
        with self.at_hand() as filename:
            return Path(filename).read_bytes().decode(self.encoding)


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
