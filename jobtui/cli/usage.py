"""What is raised for a command line that cannot be understood."""

from __future__ import annotations

__all__ = ["UsageError"]


class UsageError(Exception):
    """The command line cannot be understood; its text says so in one sentence."""
