"""Keys by which it is known that what lies in a store was put there by somebody who has them.

A key is a secret: it is never shown, never pickled and never written.  What is pickled is only
that there is one; a process that was not forked from this one finds it in its environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from jobtui_core.errors import StoreError
from jobtui_core.hashing import register_hasher

__all__ = ["SIGNING_KEY", "SigningKey", "environment_key"]

SIGNING_KEY = "JOBTUI_SIGNING_KEY"
"""The environment's key: it counts for every store that was given none of its own."""

_given: dict[str, SigningKey] = {}
"""Keys of this process, and of those that it was forked from, by the names they are pickled as."""


class SigningKey:
    """A secret that signs.

    Parameters
    ----------
    secret : str or bytes
        Of any length; it should be as long and as random as ``openssl rand -hex 32`` makes them.
    """

    __slots__ = ("_name", "_secret")

    def __init__(self, secret: str | bytes) -> None:
        if not isinstance(secret, str | bytes):
            # Its value is not for an error message.
            raise TypeError(f"a signing key is a str or bytes, not a {type(secret).__name__}")
        if not secret:
            raise ValueError("a signing key must not be empty")
        data = secret.encode("utf-8", "surrogateescape") if isinstance(secret, str) else secret
        # As long as BLAKE2b takes at most, whatever the secret's own length.
        self._secret = blake2b(data, person=b"jobtui signing").digest()
        self._name = ""

    def sign(self, use: bytes, parts: Iterable[bytes | bytearray | memoryview]) -> bytes:
        """Give the signature of some bytes.

        Parameters
        ----------
        use : bytes
            What is signed, 16 bytes at most: an alias never passes for an entry.
        parts : iterable of bytes-like
            Their concatenation counts.

        Returns
        -------
        bytes
            32 bytes.
        """
        state = blake2b(key=self._secret, digest_size=32, person=use)
        for part in parts:
            state.update(part)
        return state.digest()

    def signed(
        self, use: bytes, parts: Iterable[bytes | bytearray | memoryview], signature: bytes
    ) -> bool:
        """Tell whether a signature is that of some bytes, in a time that tells nothing of it."""
        return compare_digest(self.sign(use, parts), signature)

    def __repr__(self) -> str:
        return "SigningKey(<hidden>)"

    def __reduce__(self) -> tuple[Any, ...]:
        if not self._name:
            self._name = os.urandom(16).hex()
            _given[self._name] = self
        return (_recall, (self._name,))


class _AbsentKey(SigningKey):
    """Stands for a key that this process was not given: it refuses, whatever is asked."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        self._name = name

    def sign(self, use: bytes, parts: Iterable[bytes | bytearray | memoryview]) -> bytes:
        """Refuse."""
        raise StoreError(
            "what is stored here is signed with a key that this process was not given; "
            f"{SIGNING_KEY} hands it to processes that are started"
        )


# Functions that use a signed memory have the same code whatever the key is.
register_hasher(SigningKey, lambda key: None)


def _recall(name: str) -> SigningKey:
    return _given.get(name) or environment_key() or _AbsentKey(name)


def environment_key() -> SigningKey | None:
    """Give the key that the environment says, if it says one."""
    secret = os.environ.get(SIGNING_KEY)
    return SigningKey(secret) if secret else None
