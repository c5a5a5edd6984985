"""How a script is told about its run: environment variables.

Whoever starts a script sets them; the script's own child processes inherit them.  All but
``JOBTUI_ROOT``, ``JOBTUI_TRACE`` and ``JOBTUI_STORE`` are meant for one script and mean nothing to
any other that it may start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Settings", "settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process was told."""

    run: str | None = None
    """Id of the run to join."""
    script: Path | None = None
    """Main script of this process; ``None`` for ``python -c``, stdin, a REPL or a notebook."""
    overrides: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    recompute: tuple[str, ...] = ()
    """Steps (names or identities) to compute although they could be hits."""


def settings() -> Settings:
    """Give what the environment says to this process's main script; read once."""
    raise NotImplementedError
