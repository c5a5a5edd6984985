"""How far calls are that take long, told to the trace twice a second at most."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from jobtui_core.tracing.journal import bounded
from jobtui_core.tracing.observers import Observer
from jobtui_core.tracing.run import speaking

if TYPE_CHECKING:
    from jobtui_core.tracing.calls import CallHandle

__all__ = ["Meters", "Source"]

SECONDS = 0.5
"""Time between two events of one call."""

_CALL = "_jobtui_call"
"""Attribute of a progress bar: the call in which it was made."""


class Source:
    """Something that goes on, where nobody else has an object for it."""


class _Meter:
    """What is told of one call."""

    __slots__ = ("began", "done", "due", "source")

    def __init__(self) -> None:
        self.source: Callable[[], object] = _nobody
        self.began = self.due = 0.0
        self.done: Any = None


def _nobody() -> None:
    return None


class Meters(Observer):
    """Tells of the outermost of the things that go on in each call.

    Parameters
    ----------
    write : callable
        Takes the name and the fields of an event.
    worker : bool
        Whether this is not the run's main process, which alone tells of the script itself.
    """

    def __init__(self, write: Callable[..., None], *, worker: bool) -> None:
        self._write = write
        self._worker = worker
        self._meters: dict[str, _Meter] = {}
        self._lock = threading.RLock()

    def ended(self, handle: CallHandle, error: BaseException | None) -> None:
        """Forget a call."""
        self._meters.pop(handle.id, None)

    def after_fork(self) -> None:
        """Forget what the parent will tell of."""
        self._worker = True
        self._meters = {}
        self._lock = threading.RLock()

    def tell(
        self,
        source: object,
        call: str | None,
        done: Any,
        total: Any,
        *,
        label: Any = "",
        unit: Any = "",
        ended: bool = False,
    ) -> None:
        """Tell how far something is, unless that was done just now or it is an inner one.

        Parameters
        ----------
        source : object
            Who tells.  The first in a call counts until it has ended, or is gone.
        call : str, optional
            Id of the call; empty for the script itself.
        done, total : number
            ``total`` may be ``None``.
        label, unit : str
        ended : bool
            Whether nothing will be told of it any more.
        """
        if call is None or (self._worker and not call):
            return
        with self._lock:
            meter = self._meters.get(call)
            if meter is None:
                meter = self._meters[call] = _Meter()
            teller, now = meter.source(), time.monotonic()
            if teller is None and not ended:
                meter.source, meter.began, meter.done = weakref.ref(source), now, None
            elif teller is not source:
                return
            if ended:
                meter.source = _nobody
                # Of what lasted, people want to see the end; there may be thousands of others.
                short = now < meter.due and now - meter.began < SECONDS
                if short or done == meter.done:
                    return
            elif now < meter.due:
                return
            meter.due, meter.done = now + SECONDS, done
        self._write(
            "progress",
            call=call or None,
            label=bounded(str(label or ""), 200),
            done=_number(done) or 0,
            total=_number(total),
            unit=bounded(str(unit or ""), 50),
        )

    def advanced(self, kind: Literal["tqdm", "rich"], bar: Any, *, ended: bool) -> None:
        """Hear of a progress bar of a library."""
        with suppress(Exception):
            call = vars(bar).setdefault(_CALL, speaking()[1])
            if kind == "rich":
                self._of_rich(bar, call, ended=ended)
            elif not bar.disable:
                label = str(bar.desc or "").removesuffix(": ")
                self.tell(bar, call, bar.n, bar.total, label=label, unit=bar.unit, ended=ended)

    def _of_rich(self, bar: Any, call: str | None, *, ended: bool) -> None:
        tasks = bar.tasks
        # The first one is that of the outer loop.
        task = next((one for one in tasks if not one.finished), tasks[-1] if tasks else None)
        if task is not None:
            label = task.description
            self.tell(bar, call, task.completed, task.total, label=label, ended=ended)

    def adopt(self, bars: Any) -> None:
        """Take bars that are there already for what goes on here, whoever moves them on."""
        call = speaking()[1]
        for bar in list(bars):
            vars(bar).setdefault(_CALL, call)


def _number(value: Any) -> float | int | None:
    if value is None or type(value) in (int, float):
        return value  # type: ignore[no-any-return]  # as just looked at
    # Libraries take whatever can be added up.
    with suppress(Exception):
        return float(value)
    return None
