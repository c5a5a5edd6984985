"""Processes named so that a recycled number is never taken for the one that was meant."""

from __future__ import annotations

import os
from dataclasses import dataclass

from jobtui_core.tracing.liveness import boot_id, host_name, liveness, process_start

__all__ = ["ProcessId", "identify"]


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process of one machine, for all time."""

    host: str
    boot: str
    pid: int
    start: float | None

    @property
    def alive(self) -> bool | None:
        """Whether it still runs; ``None`` where that cannot be told from here."""
        state = liveness(
            {"host": self.host, "boot": self.boot, "pid": self.pid, "pid_start": self.start}
        )
        return None if state == "unknown" else state == "alive"


def identify(pid: int | None = None) -> ProcessId:
    """Name a process of this machine, this one by default."""
    pid = os.getpid() if pid is None else pid
    return ProcessId(host_name(), boot_id(), pid, process_start(pid))
