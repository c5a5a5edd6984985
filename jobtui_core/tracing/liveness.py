"""Whether the process behind a record is still alive, told without trusting its number alone.

A pid is given to somebody else sooner or later.  Boot id, pid and the process's own start time
together name one process of one machine for good.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "ancestors",
    "boot_id",
    "file_safe_host",
    "host_name",
    "is_stopped",
    "liveness",
    "process_start",
]

_PROC = Path("/proc")


@lru_cache(maxsize=1)
def host_name() -> str:
    """Name of this machine, as records have it."""
    # platform.node() and socket.gethostname() give the same, for an import each.
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def file_safe_host() -> str:
    """Name of this machine, as file names have it."""
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in host_name())
    return safe.lstrip(".")[:64] or "localhost"


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Name this boot of this machine, and the process namespace where there are several.

    Two containers on one host see different processes under one pid.
    """
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        pass
    try:
        import psutil

        # It wanders by a second with the clock's adjustments.
        return f"boot-{round(psutil.boot_time() / 10)}"
    except Exception:  # noqa: BLE001  # without a boot id the start time alone has to do
        return ""


def process_start(pid: int) -> float | None:
    """Give when a process began, in a unit of this machine's own; ``None`` if there is none.

    Clock ticks since boot where there is ``/proc``, seconds since the epoch elsewhere.
    """
    if _PROC.is_dir():
        fields = _stat_fields(pid)
        return float(fields[19]) if fields else None
    try:
        import psutil

        return float(psutil.Process(pid).create_time())
    except Exception:  # noqa: BLE001  # gone, or not ours to look at
        return None


def _stat_fields(pid: int) -> list[str] | None:
    """Fields of ``/proc/<pid>/stat`` behind the command's name, which may contain anything."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields if len(fields) > 19 else None


def is_stopped(pid: int) -> bool:
    """Tell whether a process of this machine does not run on: Ctrl+Z, a debugger, frozen."""
    if _PROC.is_dir():
        fields = _stat_fields(pid)
        return fields is not None and fields[0] in "Tt"
    try:
        import psutil

        return psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except Exception:  # noqa: BLE001  # gone, or not ours to look at
        return False


def ancestors() -> frozenset[int]:
    """Give the processes that started this one, as far as can be told, and those of theirs."""
    found = {os.getppid()}
    # A fork server stands between a worker and the process that it works for.
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process is not None else None
    waiting = [*found] if parent is None else [*found, int(parent.pid)]
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        fields = _stat_fields(pid)
        if fields is not None and (before := int(fields[1])) > 0 and before not in found:
            waiting.append(before)
    return frozenset(found)


def liveness(record: dict[str, Any]) -> Literal["alive", "zombie", "dead", "unknown"]:
    """Tell what became of the process that wrote a ``run_start``.

    Parameters
    ----------
    record : dict
        With ``host``, ``boot``, ``pid`` and ``pid_start``.

    Returns
    -------
    str
        ``unknown`` for another machine or another process namespace; ``zombie`` for one that
        ended and was not reaped by its parent yet.
    """
    pid, started = record.get("pid"), record.get("pid_start")
    if record.get("host") != host_name() or not isinstance(pid, int):
        return "unknown"
    boot = str(record.get("boot") or "")
    (its_boot, _, its_space), (our_boot, _, our_space) = (
        boot.partition("/"),
        boot_id().partition("/"),
    )
    if its_boot and our_boot and its_boot != our_boot:
        return "dead"
    if its_space and its_space != our_space:
        return "unknown"
    now = process_start(pid)
    if now is None:
        return "dead"
    if isinstance(started, int | float) and abs(now - started) > 1:
        return "dead"
    fields = _stat_fields(pid)
    return "zombie" if fields and fields[0] in "ZX" else "alive"
