"""What the app asks of whoever watches files for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, Protocol

__all__ = ["Changed", "WatchMode", "Watcher"]

WatchMode = Literal["watch", "polling", "off"]
"""How changes of files are noticed; the title says it."""

Changed = Literal["files", "runs"]
"""What changed: a file that verdicts depend on, or the record of some run."""


class Watcher(Protocol):
    """Notices changes of files."""

    @property
    def mode(self) -> WatchMode:
        """How it does so at the moment."""

    def start(self, notify: Callable[[set[Changed]], None]) -> None:
        """Begin; ``notify`` is called from any thread."""

    def watch(self, files: Iterable[Path]) -> None:
        """Watch these files from now on, instead of those before."""

    def stop(self) -> None:
        """End, and wait for nothing."""
