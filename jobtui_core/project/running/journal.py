"""Lines that whoever manages a run adds to its trace, beside those of the script itself."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

__all__ = ["EVENTS", "OUTPUT", "append_event"]

EVENTS = "events.jsonl"
OUTPUT = "output.log"


def append_event(folder: Path, event: str, **fields: Any) -> None:
    """Add one event to a run's trace.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    line = json.dumps({"event": event, "time": time.time(), **fields}, ensure_ascii=True)
    handle = os.open(folder / EVENTS, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
    try:
        size = os.fstat(handle).st_size
        # A script that was killed may have left half a line, which must not swallow this one.
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if torn else b"") + line.encode("ascii") + b"\n")
    finally:
        os.close(handle)
