"""Whether an analysis that was read back from a store is one that verdicts can be built on.

Stores are shared, and what lies in them is untrusted: a document of the wrong shape must cost its
own evidence and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui_core.slices import Analysis, CallSite

__all__ = ["is_sound"]


def is_sound(analysis: Analysis) -> bool:
    """Tell whether every part that is used later has the type that it should have."""
    return isinstance(analysis.script, str) and all(
        _site_is_sound(site, index) for index, site in enumerate(analysis.sites)
    )


def _site_is_sound(site: CallSite, index: int) -> bool:
    texts = (site.function, site.name, site.kind, site.template, site.code, site.slice)
    return (
        site.index == index
        and all(isinstance(text, str) for text in texts)
        and site.kind in ("step", "memoized")
        and all(isinstance(hole, int) and 0 <= hole < index for hole in site.holes)
        and _is_table(site.arguments, Mapping)
        and all(_is_table(one, str) for one in site.arguments.values())
        and _is_table(site.values, str)
        and _is_table(site.parameters, object)
        and isinstance(site.loop, bool)
        and isinstance(site.handed, bool)
        and all(isinstance(place.file, str) and isinstance(place.line, int) for place in site.chain)
        and all(isinstance(one, str) for one in (*site.unfollowed, *site.inputs, *site.outputs))
    )


def _is_table(value: object, of: type) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and isinstance(one, of) for name, one in value.items()
    )
