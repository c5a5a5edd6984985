"""Digests of bytes, and of a few facts put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xxhash import xxh3_128_hexdigest

from jobtui_core.hashing.algorithms import XXH3, Algorithm

__all__ = ["ALGORITHM", "combine", "combining", "digest_bytes"]

ALGORITHM = "xxh3_128/2"
"""Name of the algorithm and version of the serialisations fed to it; ``KEY_FORMAT`` implies it."""


def digest_bytes(*parts: bytes | bytearray | memoryview, algorithm: Algorithm = XXH3) -> str:
    """Give the digest of some bytes, as `digest_file` would of a file that holds them.

    Parameters
    ----------
    *parts : bytes-like
        Contiguous; their concatenation counts, not where one ends and the next begins.
    algorithm : Algorithm

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    if len(parts) == 1:
        return algorithm.hexdigest(parts[0])
    state = algorithm.state()
    for part in parts:
        state.update(part)
    return state.hexdigest()


def combine(tag: str, *parts: str | bytes | int) -> str:
    """Give the digest of a few labelled facts, so that no two lists of facts look alike.

    Each part carries its type and its length: ``("ab", "c")``, ``("a", "bc")`` and ``(b"ab", "c")``
    all differ.  ``tag`` says what the digest is of and keeps different uses apart.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return xxh3_128_hexdigest(_serialise(tag, parts))


def combining(
    tag: str, *parts: str | bytes | int, algorithm: Algorithm = XXH3
) -> Callable[..., str]:
    """Give a function of further texts, which are combined with these facts.

    ``combining(tag, *a)(*b)`` is ``combine(tag, *a, *b)``, quicker where it is asked for often,
    and with the algorithm of choice.
    """
    start, finished = _serialise(tag, parts), algorithm.hexdigest

    def finish(*texts: str) -> str:
        data = start
        for text in texts:
            part = text.encode("utf-8", "surrogatepass")
            data += b"s%d:%b" % (len(part), part)
        return finished(data)

    return finish


def _serialise(tag: str, parts: Sequence[str | bytes | int]) -> bytes:
    label = tag.encode()
    pieces = [b"%d:%b" % (len(label), label)]
    for part in parts:
        if isinstance(part, str):
            data = part.encode("utf-8", "surrogatepass")
            pieces.append(b"s%d:%b" % (len(data), data))
        elif isinstance(part, int):
            # Hexadecimal, because decimal conversion of a long int is limited and slow.
            data = f"{part:x}".encode()
            pieces.append(b"i%d:%b" % (len(data), data))
        else:
            pieces.append(b"b%d:%b" % (len(part), part))
    return b"".join(pieces)
