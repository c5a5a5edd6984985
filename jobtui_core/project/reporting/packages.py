"""Names by which packages are installed, for lists that pip can read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import packages_distributions

__all__ = ["installable"]

_OUR_OWN = {"jobtui_core": "jobtui"}

_NOT_INSTALLED = frozenset({"python"})


def installable(versions: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Give packages by the names that pip knows, sorted.

    Records have the names of modules; ``PIL`` is installed as ``pillow``.  Which is which is known
    of what is installed here; anything else keeps its name.

    Parameters
    ----------
    versions : sequence of (str, str)
        Modules and their versions.
    """
    known = {
        (_OUR_OWN.get(name) or _distribution(name), version)
        for name, version in versions
        if name not in _NOT_INSTALLED
    }
    return tuple(sorted(known, key=lambda one: (one[0].lower(), one[1])))


def _distribution(module: str) -> str:
    names = set(_distributions().get(module, ()))
    # A module that several share is none of theirs alone.
    return names.pop() if len(names) == 1 else module


@cache
def _distributions() -> dict[str, list[str]]:
    try:
        return {name: list(found) for name, found in packages_distributions().items()}
    except (OSError, ValueError, KeyError):
        # Somebody's broken metadata is no reason to have no report.
        return {}
