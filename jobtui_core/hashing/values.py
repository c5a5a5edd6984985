"""The two digests of a value: for keys, and under joblib's name for everybody."""

from __future__ import annotations

from typing import Any

from jobtui_core.hashing.nodes import Options
from jobtui_core.hashing.walk import digest_value

__all__ = ["digest", "hash"]

_KEY = Options()


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
    return digest_value(obj, Options(strides=True, memmaps=not coerce_mmap), "").hex()
