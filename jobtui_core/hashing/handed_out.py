"""Digests of arrays that a store handed out, and that nobody can have changed since.

An array over a read-only mapping of an entry is what the entry says it is for as long as it
lives, so hashing it as the argument of the next call would only find that out again.  It is known
by a weak reference to that very object: a view of it, or another object at its address, is not it.
"""

from __future__ import annotations

import weakref
from typing import Any

__all__ = ["known_digest", "remember_digest"]

_Known = tuple["weakref.ref[Any]", bytes, tuple[int, ...], tuple[int, ...], Any]

_known: dict[int, _Known] = {}


def remember_digest(array: Any, digest: bytes) -> None:
    """Take note of the digest of an array over memory that is never written to.

    Parameters
    ----------
    array : numpy.ndarray
        Anything else, and what can be written to, is passed over.
    digest : bytes
        As `digest` gives it for keys.
    """
    flags = getattr(array, "flags", None)
    if flags is None or flags.writeable or not hasattr(array, "__array_interface__"):
        return
    # A structured dtype can be given other names in place; and one of objects holds what it likes.
    if array.ndim == 0 or array.dtype.names is not None or array.dtype.hasobject:
        return
    place = id(array)

    def forget(reference: weakref.ref[Any]) -> None:
        known = _known.get(place)
        # Another object may have the id by now.
        if known is not None and known[0] is reference:
            del _known[place]

    reference = weakref.ref(array, forget)
    _known[place] = (reference, digest, array.shape, array.strides, array.dtype)


def known_digest(array: Any) -> bytes | None:
    """Give the digest of an array that a store handed out; ``None`` for any other."""
    known = _known.get(id(array))
    if known is None:
        return None
    reference, digest, shape, strides, dtype = known
    same: bool = reference() is array
    if (
        not same
        or array.flags.writeable
        # These can be set in place, and are part of what is hashed.
        or array.dtype is not dtype
        or array.shape != shape
        or array.strides != strides
    ):
        return None
    return digest
