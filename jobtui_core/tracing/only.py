"""Ending a script once the step that was asked for is done (``--only``)."""

from __future__ import annotations

__all__ = ["StopScript"]


class StopScript(SystemExit):  # noqa: N818  # it is an exit, and no error
    """Ends the script in good order: exit code 0, and ``except Exception`` does not catch it."""
