"""Files that a function writes itself, under names that it is given while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jobtui_core import tracing
from jobtui_core.errors import OutputError
from jobtui_core.folders import remove
from jobtui_core.memory.outputs import inside_call

__all__ = ["Rooms", "output_path"]


class Rooms:
    """The files that one call writes itself, until they are put into their places.

    Parameters
    ----------
    makers : sequence of tuple
        Of each file the name in records, and what names a temporary file for it.
    """

    def __init__(self, makers: Sequence[tuple[str, Callable[[], Path]]]) -> None:
        self._makers = makers
        self._made: dict[str, Path] = {}

    def room(self, index: int) -> Path:
        """Give the name under which the function writes a file, the same one each time.

        Raises
        ------
        OutputError
            If it has no such file.
        """
        if not 0 <= index < len(self._makers):
            raise OutputError(
                f"output_path({index}): the step has {len(self._makers)} PathOutput in its output=",
                index=index,
            )
        record, maker = self._makers[index]
        if record not in self._made:
            path = self._made[record] = maker()
            if (handle := tracing.innermost()) is not None:
                # It may write by a library in C, and read by Python: not a file it depends on.
                handle.declare([str(path), f"{path}//"] if path.is_dir() else [str(path)])
        return self._made[record]

    def made(self, record: str) -> Path | None:
        """Give the name that the function asked for, if it did."""
        return self._made.get(record)

    def close(self) -> None:
        """Remove what was not put into its place."""
        for path in self._made.values():
            # What stays is swept by a later one.
            remove(path)


def output_path(index: int = 0) -> Path:
    """Give the name under which the running step is to write the file of a `PathOutput`.

    The file is there under its own name once the step has returned.  If the step fails, the
    file of an earlier call stays as it was.

    Parameters
    ----------
    index : int
        Which one, counted from 0, where ``output=`` has several `PathOutput`.

    Returns
    -------
    Path
        Absolute; ends as the file does.  Its folder is there.  For a `PathOutput` whose name ends
        in a slash it is a folder, which is there, and empty.

    Raises
    ------
    OutputError
        If no step with a `PathOutput` is running here.  A thread that the step started does not
        know: ask before, and hand the name on.

    Examples
    --------
    >>> @make(output=PathOutput("results/{subject}.h5"))
    ... def segment(subject):
    ...     with h5py.File(output_path(), "w") as file:
    ...         file["labels"] = labels_of(subject)
    ...     return output_path()
    """
    inside = inside_call.get()
    if inside is None or inside.rooms is None:
        raise OutputError(
            "output_path() is for the function of a step with output=PathOutput(…), while it "
            "runs; another thread is to be handed the name"
        )
    return inside.rooms.room(index)
