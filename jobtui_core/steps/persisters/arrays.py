"""Arrays in numpy's own formats."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Literal

from jobtui_core.steps.persisters.base import Persister

__all__ = ["NumpyFile"]


class NumpyFile(Persister):
    """A ``.npy`` file with one array, or a ``.npz`` file with several.

    Parameters
    ----------
    filename : str or path
        What ends in ``.npz`` takes a dict of arrays, or a tuple or list of them, which numpy
        calls ``arr_0``, ``arr_1`` …; anything else is written as ``.npy``, whatever its name.
    mmap_mode : {None, 'r', 'r+', 'c'}
        How ``load`` maps a ``.npy`` file; ``None`` reads it.  What is in a ``.npz`` file is read
        in any case.

    Notes
    -----
    Arrays of objects are refused: reading them back would run code.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        mmap_mode: Literal["r", "r+", "c"] | None = None,
    ) -> None:
        super().__init__(filename)
        if mmap_mode not in (None, "r", "r+", "c"):
            raise ValueError(f"mmap_mode must be None, 'r', 'r+' or 'c', not {mmap_mode!r}")
        self.mmap_mode = mmap_mode

    def save(self, data: Any) -> None:
        """Write an array, or several to a ``.npz`` file."""
        import numpy as np

        # By an open file, since numpy adds an extension to names it does not like.
        with Path(self.filename).open("wb") as file:
            if not self.filename.endswith(".npz"):
                np.save(file, data, allow_pickle=False)
            elif isinstance(data, dict):
                _save_named(file, data)
            else:
                several = data if isinstance(data, tuple | list) else (data,)
                _save_named(file, {f"arr_{place}": one for place, one in enumerate(several)})

    def load(self) -> Any:
        """Give the array, or a dict of arrays from a ``.npz`` file."""
        import numpy as np

        with self.at_hand() as filename:
            if filename.endswith(".npz"):
                with np.load(filename, allow_pickle=False) as arrays:
                    return {name: arrays[name] for name in arrays.files}
            return np.load(filename, mmap_mode=self.mmap_mode, allow_pickle=False)


def _save_named(file: IO[bytes], data: Mapping[Any, Any]) -> None:
    """Write arrays under names of the user's, which may be those of ``numpy.savez``'s arguments."""
    import zipfile

    import numpy as np

    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for name, value in data.items():
            if not isinstance(name, str):
                raise TypeError(f"arrays in a .npz file are named by texts, not by {name!r}")
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(value), allow_pickle=False)
