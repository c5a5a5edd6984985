"""``jobtui browse``: the app, opened on what a store keeps."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from jobtui.cli.output import Output
from jobtui.cli.places import is_place

__all__ = ["parts", "run"]


def run(options: Namespace, output: Output) -> int:
    """Open the app on a store."""
    from jobtui.cli.app import open_app

    place, text = parts(options.words)
    return open_app(Path(), place=place, filter=text, browse=True)


def parts(words: Sequence[str]) -> tuple[str | None, str]:
    """Take words apart: the store, if the first names one, and a filter."""
    words = list(words)
    place = words.pop(0) if words and is_place(words[0]) else None
    return place, " ".join(words)
