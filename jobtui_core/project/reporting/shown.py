"""Texts as a report may show them: without secrets, and without characters that act."""

from __future__ import annotations

import hashlib

from jobtui_core.entry.describe import without_secrets
from jobtui_core.plain import plain

__all__ = ["anchor", "shown", "shown_lines"]


def shown(text: str) -> str:
    """Give a text on one line as it may be shown.

    What names in it make a secret is left out; characters that steer a terminal or turn the
    direction of writing become visible.
    """
    return plain(without_secrets("", text))


def shown_lines(text: str) -> list[str]:
    """Give the lines of a text, each as it may be shown."""
    return [shown(line) for line in text.replace("\r\n", "\n").split("\n")]


def anchor(*names: str) -> str:
    """Give a name for a place on the page that is made of names which may be anything."""
    return (
        "p"
        + hashlib.blake2b("\0".join(names).encode("utf-8", "replace"), digest_size=6).hexdigest()
    )
