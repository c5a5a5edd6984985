"""The two digests of a value: for keys, and under joblib's name for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from jobtui_core.hashing.algorithms import XXH3, Algorithm
from jobtui_core.hashing.nodes import Options
from jobtui_core.hashing.plain import LEAVES, leaves_of
from jobtui_core.hashing.walk import digest_value

__all__ = ["digest", "digester", "hash"]

_KEY = Options(XXH3.digest, XXH3.state, LEAVES, recalls=True)


def digest(obj: Any, *, name: str = "") -> str:
    """Give the digest of a value's content, for keys.

    Memory layout of arrays is folded to what a ``.npy`` file stores: C or Fortran order.

    Parameters
    ----------
    obj : object
    name : str, optional
        What the value is called in an error: the argument's name.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    UnhashableError
        If it, or something inside it, has no content to go by: a lock, an open file, a
        generator, a module.  ``where`` is the path to that part.
    """
    return digest_value(obj, _KEY, name).hex()


@lru_cache(maxsize=8)
def digester(algorithm: Algorithm) -> Callable[..., str]:
    """Give `digest` by another algorithm."""
    if algorithm is XXH3:
        return digest
    # What a store handed out is known by its digest of the other kind.
    leaves = leaves_of(algorithm)
    options = Options(algorithm.digest, algorithm.state, leaves, recalls=False)

    def digest_otherwise(obj: Any, *, name: str = "") -> str:
        return digest_value(obj, options, name).hex()

    return digest_otherwise


def hash(obj: Any, hash_name: str = "md5", coerce_mmap: bool = False) -> str:  # noqa: A001  # joblib's name
    """Give a digest of any value, as ``joblib.hash`` does.

    Unlike joblib's it is blind to object identity, so equal values have equal digests, in every
    process; like joblib's it tells arrays of different strides apart.

    Parameters
    ----------
    obj : object
    hash_name : {"md5", "sha1"}
        Accepted for joblib's sake; the algorithm is this package's own.
    coerce_mmap : bool
        Whether a ``numpy.memmap`` counts as the array it holds.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    UnhashableError
        A ``TypeError``: if something inside has no content to go by.
    ValueError
        If ``hash_name`` is neither of the two.
    """
    if hash_name not in ("md5", "sha1"):
        raise ValueError(f"Valid options for 'hash_name' are 'md5' and 'sha1', not {hash_name!r}")
    options = replace(_KEY, recalls=False, strides=True, memmaps=not coerce_mmap)
    return digest_value(obj, options, "").hex()
