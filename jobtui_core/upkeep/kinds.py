"""What an object of a store is, by its name alone; see ``FORMAT.md``."""

from __future__ import annotations

import re
from typing import Literal

from jobtui_core.tracing.sharing.records import parse_name

__all__ = ["KINDS", "Kind", "alias_codes", "kind_of"]

Kind = Literal["blobs", "code", "entries", "alias", "runs", "use"]

KINDS: tuple[Kind, ...] = ("blobs", "code", "entries", "alias", "runs")
"""Those that mean the same in any store, in the order in which they are written: an object after
those that it rests on."""

_is_entry = re.compile(r"[^/]+/([0-9a-f]{2})/\1[0-9a-f]{30}\.entry").fullmatch
_is_output = re.compile(r"blobs/[0-9a-f]{32}(?:\.mark)?").fullmatch
_is_source = re.compile(r"code/[0-9a-f]{32}\.json").fullmatch
_alias = re.compile(r"alias/[^/]+/([0-9a-f]{32})-([0-9a-f]{32})\.json").fullmatch


def kind_of(name: str) -> Kind | None:
    """Give what an object of that name is; ``None`` for what nobody wrote by our rules."""
    # Most objects are entries, and an entry's function may be called anything, blobs as well.
    if _is_entry(name):
        return "entries"
    if _is_output(name):
        return "blobs"
    if _is_source(name):
        return "code"
    if _alias(name):
        return "alias"
    if parse_name(name):
        return "runs"
    return "use" if name.startswith("use/") else None


def alias_codes(name: str) -> tuple[str, str]:
    """Give the codes in the name of an alias, the newer one first."""
    found = _alias(name)
    return (found[1], found[2]) if found else ("", "")
