"""Results for earlier contents of files that a step opened undeclared, and other output files.

Neither is part of a call's key, so that there is one entry for all that such files ever held, and
for all that was ever declared as ``output=``: that of the last call.  The entries before it are
kept beside it, under names made from the key and from what they go with, so that undoing an edit
finds them again, and a function may be used twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jobtui_core.hashing import combine

__all__ = ["Written", "earlier_name", "written_in"]

Written = Sequence[tuple[str, str]]
"""Output files in their order, each with the class that wrote it; then, if there are constants
in ``output=``, an empty path with their digest."""


def written_in(outputs: Iterable[Mapping[str, Any]]) -> Written:
    """Give what an entry says of the output files of its own call."""
    own = [item for item in outputs if not item.get("inner")]
    found = [(item["path"], str(item.get("saver", ""))) for item in own]
    if own and isinstance(own[0].get("constants"), str):
        found.append(("", own[0]["constants"]))
    return found


def earlier_name(key: str, met: Iterable[Sequence[str | None]], written: Written = ()) -> str:
    """Give what stands for a key in the name of an entry with these files met and written.

    Parameters
    ----------
    key : str
    met : iterable of (path, digest)
        As an entry lists them; no digest stands for a file that is gone.
    written : Written

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    files = sorted((path or "", digest or "") for path, digest in met)
    parts = [part for pair in files for part in pair]
    if written:
        parts += ["files written", *(part for pair in written for part in pair)]
    return combine("files met", key, *parts)
