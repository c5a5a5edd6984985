"""Looks out for matplotlib; what is to be done once there are figures is loaded then.

A script that draws nothing pays for one look into a dict at the begin and end of a call.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import ConfigurationError
from jobtui_core.root import load_config
from jobtui_core.tracing import savefig
from jobtui_core.tracing.observers import Observer

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle
    from jobtui_core.tracing.figures import Figures
    from jobtui_core.tracing.written import Run

__all__ = ["FigureWatch"]

_PYPLOT = "matplotlib._pylab_helpers"
_FIGURE = "matplotlib.figure"


class FigureWatch(Observer):
    """Keeps the figures of a run, see `jobtui_core.tracing.figures`.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._figures: Figures | None = None
        savefig.listen(self._saved)

    def began(self, handle: CallHandle) -> None:
        """See `Observer.began`."""
        if _PYPLOT in sys.modules and self._wanted:
            self._keeper().began(handle)

    def returned(self, handle: CallHandle, error: BaseException | None) -> None:
        """See `Observer.returned`."""
        if _FIGURE in sys.modules and self._wanted:
            self._keeper().returned(handle)

    def ended(self, handle: CallHandle, error: BaseException | None) -> None:
        """See `Observer.ended`."""
        if self._figures is not None:
            self._figures.ended(handle)

    def after_fork(self) -> None:
        """See `Observer.after_fork`."""
        if self._figures is not None:
            self._figures.after_fork()

    def close(self) -> None:
        """See `Observer.close`."""
        savefig.stop_listening(self._saved)

    @cached_property
    def _wanted(self) -> bool:
        """Whether the project keeps figures."""
        try:
            return load_config(self._run.root).keep_figures
        except ConfigurationError:
            # Settings that cannot be read may have said no.
            return False

    def _keeper(self) -> Figures:
        if self._figures is None:
            from jobtui_core.tracing.figures import Figures

            # Another thread may have been faster; theirs knows what was kept.
            made = Figures(self._run)
            self._figures = self._figures or made
        return self._figures

    def _saved(self, figure: Any, args: Sequence[Any], options: Mapping[str, Any]) -> None:
        try:
            if self._wanted:
                self._keeper().saved(figure, args, options)
        except Exception as error:  # noqa: BLE001  # nothing in here may reach the script
            self._run.failed(error)
