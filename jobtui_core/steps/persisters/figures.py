"""Figures of matplotlib."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jobtui_core.steps.persisters.base import Persister

__all__ = ["FigureFile"]

_UNDATED: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What matplotlib would put into a file besides the figure: the time, and its own version."""


class FigureFile(Persister):
    """A picture of a figure of matplotlib: PNG, SVG or PDF, as the name ends.

    Takes a figure, whether closed or not, or axes, which stand for the figure that they are in.
    The step's own result stays the figure; `load` gives the bytes of the picture, for there is
    no figure in it any more.

    Parameters
    ----------
    filename : str or path
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    dpi : float, optional
        Dots per inch; by default those of the figure.
    tight : bool
        Whether the margins are cut off.

    Notes
    -----
    A figure that is drawn in the same way gives the same bytes: no time and no random names are
    in the file.  Another version of matplotlib may draw another picture.
    """

    def __init__(
        self, filename: str | os.PathLike[str], dpi: float | None = None, tight: bool = False
    ) -> None:
        super().__init__(filename)
        if "{" not in _format_of(self.filename):
            _check(self.filename)
        self.dpi = dpi
        self.tight = tight

    def save(self, data: Any) -> None:
        """Draw a figure."""
        _check(self.filename)
        figure = _figure_of(data)
        # The figure is there, so matplotlib is.
        import matplotlib as mpl

        form = _format_of(self.filename)
        # SVG has names in it, which are random unless there is a salt.
        with mpl.rc_context({"svg.hashsalt": "jobtui"}):
            figure.savefig(
                self.filename,
                format=form,
                metadata=_UNDATED[form],
                dpi="figure" if self.dpi is None else self.dpi,
                bbox_inches="tight" if self.tight else None,
            )

    def load(self) -> bytes:
        """Give the bytes of the picture."""
        with self.at_hand() as filename:
            return Path(filename).read_bytes()


def _format_of(filename: str) -> str:
    return filename.rpartition(".")[2].lower()


def _check(filename: str) -> None:
    if _format_of(filename) not in _UNDATED:
        raise ValueError(f"a figure's file ends in .png, .svg or .pdf, not as {filename!r}")


def _figure_of(data: Any) -> Any:
    figure = data
    # Axes may be in a part of a figure.
    for _ in range(3):
        if hasattr(figure, "savefig") and hasattr(figure, "axes"):
            return figure
        figure = getattr(figure, "figure", None)
    raise TypeError(f"a figure's file takes a figure of matplotlib, not {type(data).__name__}")
