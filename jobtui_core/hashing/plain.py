"""Digests of plain data: numbers, text, bytes and the builtin containers, by exact type.

A container whose items are all leaves is serialised in one go by ``marshal`` (version 2, which
knows neither references nor interning), after a look at the items' types: ``marshal`` would take
numpy scalars for bytes and subclasses for their bases.  Whether that way is taken depends on the
value alone, so that equal values always go the same way.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from marshal import dumps
from typing import Any

from xxhash import xxh3_128, xxh3_128_digest

from jobtui_core.hashing.nodes import (
    ORDERED,
    PAIRS,
    UNORDERED,
    Attributes,
    Bag,
    Handler,
    Node,
    Options,
    Pairs,
    Sequence,
    head,
    indexed,
)

__all__ = ["HANDLERS", "LEAVES", "is_flat"]

_LONG = 1 << 16
"""Length from which text and bytes are fed to the hash without another copy."""

_LEAF_TYPES = frozenset({int, float, str, bytes, bool, complex, type(None)})
_ONE_STR = frozenset({str})
_SORTABLE = ({int}, {str}, {bytes})


def _leaf(value: Any) -> bytes:
    return xxh3_128_digest(dumps(value, 2))


def _text(value: str) -> bytes:
    if len(value) < _LONG:
        return xxh3_128_digest(dumps(value, 2))
    return xxh3_128_digest(b"\x02s" + value.encode("utf-8", "surrogatepass"))


def _bytes(value: bytes) -> bytes:
    if len(value) < _LONG:
        return xxh3_128_digest(dumps(value, 2))
    state = xxh3_128(b"\x02b")
    state.update(value)
    return state.digest()


LEAVES: dict[type, Callable[[Any], bytes]] = {
    int: _leaf,
    float: _leaf,
    bool: _leaf,
    complex: _leaf,
    type(None): _leaf,
    str: _text,
    bytes: _bytes,
}
"""What has no parts, by exact type."""


def is_flat(items: Iterable[Any]) -> bool:
    """Tell whether a list of these items is hashed in one go."""
    return _LEAF_TYPES.issuperset(map(type, items))


def _flat(value: Any) -> bytes | None:
    """Digest what consists of leaves only; ``None`` for what is too long for ``marshal``."""
    try:
        return xxh3_128_digest(dumps(value, 2))
    except ValueError:
        # An item of 2 GB or more: still a property of the value.
        return None


def _list(value: list[Any], options: Options) -> bytes | Node:
    if _LEAF_TYPES.issuperset(map(type, value)):
        digest = _flat(value)
        if digest is not None:
            return digest
    return Node(head("list"), ORDERED, list(value), indexed)


def _tuple(value: tuple[Any, ...], options: Options) -> bytes | Node:
    if _LEAF_TYPES.issuperset(map(type, value)):
        digest = _flat(value)
        if digest is not None:
            return digest
    return Node(head("tuple"), ORDERED, list(value), indexed)


def _key_label(children: list[Any], index: int) -> str:
    if index % 2 == 0:
        return ".keys()"
    key = children[index - 1]
    if type(key) is str:
        return f'["{key[:80]}"]'
    return f"[{key!r:.80}]" if type(key) in LEAVES else f"[<{type(key).__name__}>]"


def _dict(value: dict[Any, Any], options: Options) -> bytes | Node:
    if _ONE_STR.issuperset(map(type, value)) and _LEAF_TYPES.issuperset(map(type, value.values())):
        # Keys are distinct, so sorting never compares two values.
        digest = _flat((None, sorted(value.items())))
        if digest is not None:
            return digest
    children = [part for item in value.items() for part in item]
    return Node(head("dict"), PAIRS, children, _key_label)


def _member(children: list[Any], index: int) -> str:
    return "{…}"


def _bag(tag: str) -> Handler:
    def handle(value: Any, options: Options) -> bytes | Node:
        types = set(map(type, value))
        if types in _SORTABLE:
            digest = _flat((tag, sorted(value)))
            if digest is not None:
                return digest
        return Node(head(tag), UNORDERED, list(value), _member)

    return handle


def _bytearray(value: bytearray, options: Options) -> bytes:
    state = xxh3_128(b"\x02a")
    state.update(value)
    return state.digest()


def _memoryview(value: memoryview, options: Options) -> bytes:
    shape = repr((value.format, value.shape)).encode()
    return xxh3_128_digest(head("memoryview", shape) + value.tobytes())


def _ordered_dict(value: OrderedDict[Any, Any], options: Options) -> Node:
    children = [part for item in value.items() for part in item]
    return Node(head("OrderedDict"), ORDERED, [*children, vars(value)], _key_label)


def _sequence(value: Sequence, options: Options) -> Node:
    return Node(head("*sequence"), ORDERED, list(value.parts), indexed)


def _bag_marker(value: Bag, options: Options) -> Node:
    return Node(head("*bag"), UNORDERED, list(value.parts), _member)


def _pairs(value: Pairs, options: Options) -> Node:
    children = [part for item in value.parts for part in item]
    return Node(head("*pairs"), PAIRS, children, _key_label)


def _attribute_label(children: list[Any], index: int) -> str:
    name = children[index - index % 2]
    return f".{name}" if type(name) is str else f".<{type(name).__name__}>"


def _attributes(value: Attributes, options: Options) -> Node:
    children = [part for item in value.parts.items() for part in item]
    return Node(head("*attributes"), PAIRS, children, _attribute_label)


HANDLERS: dict[type, Handler] = {
    list: _list,
    tuple: _tuple,
    dict: _dict,
    set: _bag("set"),
    frozenset: _bag("frozenset"),
    bytearray: _bytearray,
    memoryview: _memoryview,
    OrderedDict: _ordered_dict,
    Sequence: _sequence,
    Bag: _bag_marker,
    Pairs: _pairs,
    Attributes: _attributes,
}
"""Builtin containers and the markers, by exact type."""
