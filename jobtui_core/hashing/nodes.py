"""What a value is for hashing: a finished digest, or a head with children.

Handlers turn a value into one of the two; they never call each other, so that depth costs no
Python stack and cycles can be seen from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from jobtui_core.hashing.algorithms import State

__all__ = [
    "ORDERED",
    "PAIRS",
    "UNORDERED",
    "Attributes",
    "Bag",
    "Handler",
    "Node",
    "Options",
    "Pairs",
    "Sequence",
    "compose",
    "head",
    "indexed",
]

ORDERED, UNORDERED, PAIRS = 0, 1, 2
"""How children's digests are put together: in order, as a bag, or as a bag of (key, value)."""


class Node(NamedTuple):
    """A value that consists of others."""

    head: bytes
    """Type and own content; made by `head`."""
    mode: int
    children: list[Any]
    label: Callable[[list[Any], int], str]
    """Gives the path from the value to its child at an index, for error messages."""


@dataclass(frozen=True, slots=True)
class Options:
    """What sets one kind of digest apart from another."""

    digest: Callable[[bytes], bytes]
    """Gives the 16 bytes of others."""
    state: Callable[..., State]
    """Begins a digest of what comes in parts."""
    leaves: dict[type, Callable[[Any], bytes]]
    """What has no parts, by exact type, with what digests it."""
    recalls: bool
    """Whether arrays that a store handed out are known by the digest that it has of them."""
    strides: bool = False
    """Whether arrays that differ in memory layout only differ."""
    memmaps: bool = False
    """Whether a memory-mapped array differs from one in memory."""


Handler = Callable[[Any, Options], "bytes | Node"]


class _Marker:
    """Parts of an object on their way to a node, which are no object of the user's."""

    __slots__ = ("parts",)

    def __init__(self, parts: Any) -> None:
        self.parts = parts


class Sequence(_Marker):
    """Items in order."""

    __slots__ = ()


class Bag(_Marker):
    """Items in no order."""

    __slots__ = ()


class Pairs(_Marker):
    """(key, value) items in no order."""

    __slots__ = ()


class Attributes(_Marker):
    """An object's attributes by name."""

    __slots__ = ()


def head(tag: str, content: bytes = b"") -> bytes:
    """Give the beginning of a node's serialisation, which tells where it ends itself."""
    name = tag.encode()
    # No leaf begins with this byte, so no leaf can be taken for a node.
    return b"\x01%d:%b%d:%b" % (len(name), name, len(content), content)


def compose(options: Options, start: bytes, mode: int, digests: list[bytes]) -> bytes:
    """Give a node's digest from its head and its children's digests."""
    if mode == UNORDERED:
        digests = sorted(digests)
    elif mode == PAIRS:
        pairs = zip(digests[::2], digests[1::2], strict=True)
        digests = sorted([key + value for key, value in pairs])
    return options.digest(start + b"".join(digests))


def indexed(children: list[Any], index: int) -> str:
    """Label a child by its place."""
    return f"[{index}]"
