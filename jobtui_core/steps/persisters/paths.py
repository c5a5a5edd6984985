"""Files that a step's function writes itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobtui_core.errors import OutputError
from jobtui_core.named import is_url
from jobtui_core.steps.persisters.base import Persister

__all__ = ["PathOutput"]


class PathOutput(Persister):
    """A file, or a whole folder, that the function writes itself, whatever its format.

    The function asks `output_path` for the name to write to, and gives back that name, or
    nothing.  Who calls the step gets the path of the file: as declared, with arguments filled in,
    relative to the project root, so that it is the same on every machine; or its URL.

    Parameters
    ----------
    filename : str or path
        As for any `Persister`.  With a slash at the end, ``"results/{subject}/"``, it is a folder:
        `output_path` gives an empty one, and what is in it when the function returns takes the
        place of what was there, as a whole.  Hidden files and empty folders are part of it; links
        are refused.

    Examples
    --------
    >>> @make(output=PathOutput("results/{subject}.h5"))
    ... def segment(subject):
    ...     subprocess.run(["segment", subject, "-o", output_path()], check=True)
    ...     return output_path()
    >>> segment("s1")
    PosixPath('results/s1.h5')
    """

    def save(self, data: Any) -> None:
        """Refuse: what is written, only the function knows."""
        raise OutputError("the file of a PathOutput is written by the step's function")

    def load(self) -> Path | str:
        """Give the path of the file, or its URL."""
        return named(self.filename)


def named(filename: str) -> Path | str:
    """Give a path as callers get it; a URL would not survive being one."""
    return filename if is_url(filename) else Path(filename).expanduser()
