"""Files on their way to their place: names for them, and an end to those whose writer died.

Whatever is written is written under a passing name and renamed, so that nobody sees half of it.
A writer that is killed in between leaves that file behind.  Its name says which process of which
machine it belonged to, and the next writer in the folder removes it once that process is gone.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

__all__ = [
    "lasting_name",
    "passing_name",
    "passing_path",
    "sweep",
    "sweep_now_and_then",
    "writer_is_gone",
]

_ABANDONED = 24 * 3600.0
"""Seconds after which a file on its way belongs to nobody, whoever is said to write it."""

_PAUSE = 3600.0
"""Seconds between two looks at one folder by one process."""

_MOST_FOLDERS = 1000

_find_writer = re.compile(r"~([0-9a-f]{12})-([0-9]{1,10})-[0-9a-f]{16}(?=\.|$)").search

_looked: dict[str, float] = {}


def passing_name() -> str:
    """Give a name that no other file has, and that tells who writes it."""
    return f"~{_machine()}-{os.getpid()}-{os.urandom(8).hex()}"


def passing_path(path: Path | str, suffix: str = "") -> str:
    """Name a hidden file beside another one, free to be written and renamed to it.

    Parameters
    ----------
    path : path-like
    suffix : str
        What the name ends in, for programs that go by it.
    """
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:40]}.{passing_name()}{suffix}")  # noqa: PTH118  as above


def lasting_name(name: str) -> str:
    """Give the name that a file will have; that of one that is not on its way is its own."""
    writer = _find_writer(name)
    return name if writer is None or name[:1] != "." else name[1 : writer.start() - 1]


@lru_cache(maxsize=1)
def _machine() -> str:
    """Name this boot of this machine, and the space in which its processes have their numbers."""
    parts = [os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        parts.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115  compared, not a path
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()


def writer_is_gone(name: str) -> bool:
    """Tell whether the process that a passing name tells of is known to have ended."""
    writer = _find_writer(name)
    return writer is not None and _is_dead(writer[1], int(writer[2]))


def sweep_now_and_then(folder: str, *, all_passing: bool = False) -> None:
    """Do `sweep`, unless this process did within the hour.  Costs nothing then."""
    now = time.monotonic()
    last = _looked.get(folder)
    if last is not None and now - last < _PAUSE:
        return
    if len(_looked) >= _MOST_FOLDERS:
        _looked.clear()
    _looked[folder] = now
    sweep(folder, all_passing=all_passing)


def sweep(folder: str, *, all_passing: bool = False) -> None:
    """Remove what writers that died left in a folder; what cannot be removed stays.

    Parameters
    ----------
    folder : str
    all_passing : bool
        Whether all files there are on their way; else those whose names say so.  Of a link, this
        is believed of no folder: others may have put it there.
    """
    if all_passing and os.path.islink(folder.rstrip(os.sep)):  # noqa: PTH114  a text
        return
    now: float | None = None
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            writer = _find_writer(entry.name)
            if not (all_passing or (writer is not None and entry.name[0] == ".")):
                continue
            with suppress(OSError):
                if writer is None or not _is_dead(writer[1], int(writer[2])):
                    now = _time_of(folder) if now is None else now
                    # Also one from the future: a clock was put back meanwhile.
                    if abs(now - entry.stat(follow_symlinks=False).st_mtime) < _ABANDONED:
                        continue
                if writer is not None and entry.is_dir(follow_symlinks=False):
                    import shutil

                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)  # noqa: PTH108  a text


def _time_of(folder: str) -> float:
    """Give the time by the clock that stamps files there, which may be another machine's."""
    probe = os.path.join(folder, f".{passing_name()}")  # noqa: PTH118  a text
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        # A full disk: all the more reason to remove something.
        return time.time()
    try:
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
        os.unlink(probe)  # noqa: PTH108  a text


def _is_dead(machine: str, process: int) -> bool:
    # Elsewhere signal 0 is none, and kills.
    if machine != _machine() or os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
