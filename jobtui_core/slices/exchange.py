"""Call sites as they would be if steps had other code, without a walk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core.slices.terms import term

if TYPE_CHECKING:
    from jobtui_core.slices.analysis import Analysis, CallSite
    from jobtui_core.slices.ground import Ground

__all__ = ["with_codes"]


def with_codes(
    analysis: Analysis, ground: Ground, codes: Mapping[str, str]
) -> tuple[CallSite, ...] | None:
    """Exchange the codes of steps in an analysis's call sites.

    Parameters
    ----------
    analysis, ground : Analysis, Ground
        As found together.
    codes : mapping
        Digests that take the place of steps' own, by identity.

    Returns
    -------
    tuple of CallSite or None
        What `analyse` would find with these codes; ``None`` if that cannot be told without it,
        since what a loop calls is part of all that it holds.
    """
    if not ground.looped.isdisjoint(codes):
        return None
    return tuple(_with_code(site, ground, codes) for site in analysis.sites)


def _with_code(site: CallSite, ground: Ground, codes: Mapping[str, str]) -> CallSite:
    code = codes.get(site.function, site.code)
    if code == site.code:
        return site
    template = term("site", site.function, code, *ground.parts[site.index])
    return replace(site, code=code, template=template.digest)
