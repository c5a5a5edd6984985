"""The algorithms that digests are made with: one for speed, one for values of people one distrusts.

Both give 16 bytes, so that keys and entries have one form.  Nobody finds two contents with one
digest of either by accident; whoever looks for them finds them for xxh3, which was never made to
keep anybody from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Protocol

from xxhash import xxh3_128, xxh3_128_digest, xxh3_128_hexdigest

__all__ = ["BLAKE2B", "XXH3", "Algorithm", "State", "algorithm_of"]


class State(Protocol):
    """A digest in the making."""

    def update(self, data: Any, /) -> None:
        """Add to what is digested."""

    def digest(self) -> bytes:
        """Give the 16 bytes."""
        ...

    def hexdigest(self) -> str:
        """Give them as 32 hexadecimal digits."""
        ...


# One object each, and looked up by at every call: equal is what is the same.
@dataclass(frozen=True, slots=True, eq=False)
class Algorithm:
    """How bytes become a digest.

    Attributes
    ----------
    name : str
    digest, hexdigest : callable
        Give the 16 bytes that stand for others, and the same as 32 hexadecimal digits.
    state : callable
        Begins a digest of what comes in parts, the first of which may be given.
    """

    name: str
    digest: Callable[[bytes], bytes]
    hexdigest: Callable[[bytes | bytearray | memoryview], str]
    state: Callable[..., State]

    def __reduce__(self) -> tuple[Any, ...]:
        return algorithm_of, (self.name,)


_begun = partial(blake2b, digest_size=16)


def _blake2b(data: bytes) -> bytes:
    return _begun(data).digest()


def _blake2b_hex(data: bytes | bytearray | memoryview) -> str:
    return _begun(data).hexdigest()


XXH3 = Algorithm("xxh3_128", xxh3_128_digest, xxh3_128_hexdigest, xxh3_128)
"""At the speed of memory; the default."""

BLAKE2B = Algorithm("blake2b", _blake2b, _blake2b_hex, _begun)
"""BLAKE2b of 128 bits: cryptographic, and some thirty times slower on large values."""

_ALGORITHMS = {algorithm.name: algorithm for algorithm in (XXH3, BLAKE2B)}


def algorithm_of(name: str) -> Algorithm:
    """Give the algorithm of a name.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = _ALGORITHMS.get(name) if isinstance(name, str) else None
    if found is None:
        choices = " or ".join(map(repr, _ALGORITHMS))
        raise ValueError(f"hash must be {choices}, not {name!r}")
    return found
