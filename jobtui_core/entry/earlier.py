"""Results for earlier contents of files that a step opened without declaring them.

Such files are no part of a call's key, so that there is one entry for all that they ever held:
that of the last call.  The entries before it are kept beside it, under names made from the key
and what those files held, so that undoing an edit finds them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jobtui_core.hashing import combine

__all__ = ["earlier_name"]


def earlier_name(key: str, met: Iterable[Sequence[str | None]]) -> str:
    """Give what stands for a key in the name of an entry with these files met.

    Parameters
    ----------
    key : str
    met : iterable of (path, digest)
        As an entry lists them; no digest stands for a file that is gone.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    files = sorted((path or "", digest or "") for path, digest in met)
    return combine("files met", key, *(part for pair in files for part in pair))
