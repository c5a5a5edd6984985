"""Whoever looks on while calls run: output, figures, failures are kept by observers of a run.

A run tells its observers of each call that it records one by one, at three moments: when the body
is about to run, when it has returned or raised (before anything of the call is stored), and when
its end is about to be written.  What an observer wants written goes into two dicts of the call's
handle: ``told`` becomes fields of its ``call_end``, ``kept`` parts of its entry's header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle
    from jobtui_core.tracing.written import Run

__all__ = ["Observer", "observe"]


class Observer:
    """Looks on while calls run; each method does nothing unless a class says otherwise.

    An error in one is noted in the trace once, and reaches neither the script nor the others.
    Methods are called in the thread of the call, and may be called in several at a time.
    """

    def began(self, handle: CallHandle) -> None:
        """The body is about to run."""

    def returned(self, handle: CallHandle, error: BaseException | None) -> None:
        """The body has returned, or raised ``error``; nothing of the call is stored yet."""

    def ended(self, handle: CallHandle, error: BaseException | None) -> None:
        """The call's end is about to be written."""

    def after_fork(self) -> None:
        """Go on in a forked child: threads are gone, locks may be held by nobody."""

    def close(self) -> None:
        """The run, or this process's part of it, ends."""


def observe(run: Run, *, worker: bool) -> None:
    """Give a run that has just been opened its observers.

    Parameters
    ----------
    run : Run
    worker : bool
        Whether another process is the run's main one.
    """
    from jobtui_core.tracing import hooks
    from jobtui_core.tracing.figurewatch import FigureWatch
    from jobtui_core.tracing.kept import KeptOutput
    from jobtui_core.tracing.messages import Messages
    from jobtui_core.tracing.meters import Meters

    run.meters = Meters(run.journal.write, worker=worker)
    run.observers.append(run.meters)
    if run.output is not None:
        run.observers.append(KeptOutput(run.output, run.root, worker=worker))
        hooks.begin(Messages(run.output, run.root), run.meters)
    else:
        hooks.begin(None, run.meters)
    run.observers.append(FigureWatch(run))
