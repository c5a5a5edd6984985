"""A file that a step's result is saved to: what all formats have in common."""

from __future__ import annotations

import copy
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from jobtui_core.named import fetch, is_url

__all__ = ["Persister"]


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
