"""The signature of an entry: 64 bytes behind its header.

The first half is the digest of all that follows, frames and padding; the second signs all that
stands before, and the first half.  So whoever only looks at an entry need not read its value to
know who wrote what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from hmac import compare_digest
from typing import TYPE_CHECKING

from jobtui_core.errors import EntryCorruptError
from jobtui_core.stores import SigningKey

if TYPE_CHECKING:
    from jobtui_core.codecs import Frame

__all__ = ["SIGNATURE", "check_body", "check_signature", "sign"]

SIGNATURE = 64
"""Bytes of a signature."""

_HALF = 32
_USE = b"jobtui entry"


def sign(key: SigningKey, head: Iterable[Frame], body: Iterable[Frame]) -> bytes:
    """Give the signature of an entry that consists of these pieces."""
    digest = _digest(body)
    return digest + key.sign(_USE, [*head, digest])


def _digest(body: Iterable[Frame]) -> bytes:
    state = blake2b(digest_size=_HALF)
    for piece in body:
        state.update(piece)
    return state.digest()


def check_signature(key: SigningKey, data: Frame, place: int) -> None:
    """Hold an entry's first part against its signature.

    Parameters
    ----------
    key : SigningKey
    data : bytes-like
        The entry, to the end of its signature at least.
    place : int
        Where the signature begins; 0 if there is none.

    Raises
    ------
    EntryCorruptError
        If it is not signed, or not with this key.
    """
    if not place:
        raise EntryCorruptError("it is not signed")
    view = memoryview(data)
    end = place + _HALF
    if not key.signed(_USE, [view[:end]], bytes(view[end : end + _HALF])):
        raise EntryCorruptError("it is not signed with the key that is used here")


def check_body(data: Frame, place: int) -> None:
    """Hold an entry's frames against its signature, which has been checked itself.

    Raises
    ------
    EntryCorruptError
        If they are not those that were signed.
    """
    view = memoryview(data)
    if not compare_digest(_digest([view[place + SIGNATURE :]]), view[place : place + _HALF]):
        raise EntryCorruptError("its value is not the one that was signed")
