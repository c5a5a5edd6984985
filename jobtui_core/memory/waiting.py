"""How long a call waits for another one, and when that is of no use any more."""

from __future__ import annotations

import math
import time

from jobtui_core.memory.flights import Flight
from jobtui_core.tracing.liveness import ancestors, is_stopped

__all__ = ["LOG", "Wait", "longest_wait"]

LOG = "jobtui_core.memory"
"""Name of the logger; the module is loaded by the first message only."""

LONGEST_WAIT = 24 * 3600.0
"""Seconds that a call waits if nothing else is said: computations take hours, not days."""

TELL_AFTER = 3.0
"""Seconds after which somebody may wonder why nothing happens."""

STOPPED_FOR = 5.0
"""Seconds for which a process must have been stopped to be taken for one that stays so."""

FIRST_PAUSE, LONGEST_PAUSE = 0.0005, 0.05
"""Seconds between two looks at another process; they grow with the time that was waited."""

LOOK_UP = 1.0
"""Seconds between two looks at what can only change slowly: the limit, a stopped process."""


def longest_wait(single_flight: bool | float) -> float:
    """Give the seconds that a call may wait for another one; 0 turns that off.

    Raises
    ------
    TypeError, ValueError
        If it is neither a bool nor a number of seconds.
    """
    if isinstance(single_flight, bool):
        return LONGEST_WAIT if single_flight else 0.0
    if not isinstance(single_flight, int | float):
        raise TypeError(f"single_flight is a bool or seconds, not {single_flight!r:.80}")
    if math.isnan(single_flight) or single_flight < 0:
        raise ValueError(f"single_flight must be 0 or more seconds, not {single_flight!r}")
    return float(single_flight)


class Wait:
    """A call's wait for others, one after the other."""

    def __init__(self, name: str, longest: float, within: list[str]) -> None:
        self._name = name
        self._longest = longest
        self.within = within
        """Keys of the computations in whose course the call is made."""
        self._began = time.monotonic()
        self.flight: Flight | None = None
        """What it waits for in this process; ``None`` for another one."""
        self._pid: int | None = None
        self._in_vain = 0
        self._first = True
        self._told = False
        self._looked = self._began
        self._stopped: float | None = None

    def pause(self) -> float:
        """Give the seconds until the next look: a tenth of those that were waited."""
        waited = time.monotonic() - self._began
        return min(LONGEST_PAUSE, max(FIRST_PAUSE, waited / 10))

    def patience(self) -> float:
        """Give the seconds after which to look at what is slow to change."""
        left = self._began + self._longest - time.monotonic()
        return min(LOOK_UP, max(FIRST_PAUSE, left))

    def is_useless(self) -> bool:
        """Tell whether the next one would leave nothing either."""
        return self.flight is not None and self.flight.unkept

    def goes_on(self, flight: Flight | None, pid: int | None) -> bool:
        """Tell whether to wait (on) for somebody."""
        if self._is_another(flight, pid):
            # What the last one computed is not there.
            self._in_vain += 1
            if self._in_vain >= 2:
                return False
        self.flight = flight
        if pid is not None and pid != self._pid:
            self._pid, self._stopped = pid, None
            if pid in ancestors():
                # One that started this process may be waiting for it.
                return False
        now = time.monotonic()
        if now - self._began >= self._longest:
            return False
        if now - self._looked < LOOK_UP:
            return True
        self._looked = now
        if not self._told and now - self._began >= TELL_AFTER:
            self._told = True
            whom = "another thread" if flight is not None else f"process {pid or '?'}"
            import logging

            log = logging.getLogger(LOG)
            log.info("%s: waiting for %s, which computes this call", self._name, whom)
        return not self._is_stopped(now)

    def _is_another(self, flight: Flight | None, pid: int | None) -> bool:
        """Tell whether this is not the one that was waited for; no pid may be any process."""
        first, self._first = self._first, False
        if first:
            return False
        if flight is not None or self.flight is not None:
            return flight is not self.flight
        return pid is not None and self._pid is not None and pid != self._pid

    def _is_stopped(self, now: float) -> bool:
        if self._pid is None or not is_stopped(self._pid):
            self._stopped = None
            return False
        if self._stopped is None:
            self._stopped = now
        return now - self._stopped >= STOPPED_FOR
