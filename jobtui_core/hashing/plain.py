"""Digests of plain data: numbers, text, bytes and the builtin containers, by exact type.

A container whose items are all leaves is serialised in one go by ``marshal`` (version 2, which
knows neither references nor interning), after a look at the items' types: ``marshal`` would take
numpy scalars for bytes and subclasses for their bases.  Of any other list, tuple or dict the
leaves are serialised that way too, with a gap for each other item, whose digests follow.  Whether
a way is taken depends on the value alone, so that equal values always go the same one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from functools import partial
from marshal import dumps
from typing import Any

from jobtui_core.hashing.algorithms import XXH3, Algorithm
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

__all__ = ["HANDLERS", "LEAVES", "is_flat", "leaves_of"]

_LONG = 1 << 16
"""Length from which text and bytes are fed to the hash without another copy."""

_MANY = 16
"""Items above which texts are measured first: one long text, met often, would be copied often."""

_LEAF_TYPES = frozenset({int, float, str, bytes, bool, complex, type(None)})
_TEXTS = frozenset({str, bytes})
_NUMBERS = _LEAF_TYPES - _TEXTS
_LISTS = frozenset({list, tuple})
_ONE_STR = frozenset({str})
_SORTABLE = ({int}, {str}, {bytes})
_GAP = ...
"""Stands for an item that is no leaf; ``marshal`` knows it, and it is no leaf itself."""


def leaves_of(algorithm: Algorithm) -> dict[type, Callable[[Any], bytes]]:
    """Give what digests values without parts, by exact type."""
    finished, begun = algorithm.digest, algorithm.state

    def leaf(value: Any) -> bytes:
        return finished(dumps(value, 2))

    def text(value: str) -> bytes:
        if len(value) < _LONG:
            return finished(dumps(value, 2))
        return finished(b"\x02s" + value.encode("utf-8", "surrogatepass"))

    def of_bytes(value: bytes) -> bytes:
        if len(value) < _LONG:
            return finished(dumps(value, 2))
        state = begun(b"\x02b")
        state.update(value)
        return state.digest()

    numbers: dict[type, Callable[[Any], bytes]] = dict.fromkeys(
        (int, float, bool, complex, type(None)), leaf
    )
    return {**numbers, str: text, bytes: of_bytes}


LEAVES = leaves_of(XXH3)
"""What has no parts, by exact type."""


def is_flat(items: Collection[Any]) -> bool:
    """Tell whether a list of these items is hashed in one go."""
    if len(items) <= _MANY:
        return _LEAF_TYPES.issuperset(map(type, items))
    kinds = list(map(type, items))
    first = kinds[0]
    if first not in _LEAF_TYPES:
        return False
    if kinds.count(first) == len(kinds):
        # The usual case, at the speed of comparing addresses.
        return first not in _TEXTS or max(map(len, items)) < _LONG
    different = set(kinds)
    return different <= _LEAF_TYPES and (
        different.isdisjoint(_TEXTS)
        or all(len(item) < _LONG for item in items if type(item) in _TEXTS)
    )


def _are_short(texts: Collection[str]) -> bool:
    """Tell whether no text is too long to be copied."""
    # Of a few, all of them together usually are not either, which is known in half the time.
    return (len(texts) <= _LONG >> 8 and len("".join(texts)) < _LONG) or (
        max(map(len, texts)) < _LONG
    )


def _flat(value: Any, options: Options) -> bytes | None:
    """Digest what consists of leaves only; ``None`` for what is too long for ``marshal``."""
    try:
        return options.digest(dumps(value, 2))
    except ValueError:
        # An item of 2 GB or more: still a property of the value.
        return None


def _with_gaps(items: Collection[Any]) -> tuple[list[Any], list[Any]]:
    """Give the items with a gap for each one that has parts, and those.

    In a small container, what is small and flat itself stays: the copies that this makes of a
    shared part are few, and its digest is not worth the effort.
    """
    kept, children = list(items), []
    small = len(items) <= _MANY
    for place, item in enumerate(items):
        kind = type(item)
        # The usual ones first: this is asked of every item of every nested value.
        if kind in _NUMBERS or (kind in _TEXTS and len(item) < _LONG):
            continue
        if (
            small
            and kind in _LISTS
            and len(item) <= _MANY
            and _LEAF_TYPES.issuperset(map(type, item))
        ):
            continue
        kept[place] = _GAP
        children.append(item)
    return kept, children


def _gapped(
    options: Options,
    tag: bytes,
    items: Collection[Any],
    keys: list[Any] | None = None,
    named: Callable[[Any], str] = "[{}]".format,
) -> bytes | Node:
    """Digest leaves in one go, in front of what has parts; ``named`` labels a key or place."""
    kept, children = _with_gaps(items)
    try:
        start = b"\x03" + tag + dumps((keys, kept), 2)
    except ValueError:
        # A text of 2 GB in a small part, or among the keys.
        return Node(head("large", tag), ORDERED, [*items, keys], indexed)
    if not children:
        return options.digest(start)
    return Node(start, ORDERED, children, partial(_gap_label, kept, keys, named))


def _gap_label(
    kept: list[Any],
    keys: list[Any] | None,
    named: Callable[[Any], str],
    children: list[Any],
    index: int,
) -> str:
    place = [i for i, item in enumerate(kept) if item is _GAP][index]
    return named(place if keys is None else keys[place])


def _list(value: list[Any], options: Options) -> bytes | Node:
    if is_flat(value):
        digest = _flat(value, options)
        if digest is not None:
            return digest
    return _gapped(options, b"l", value)


def _tuple(value: tuple[Any, ...], options: Options) -> bytes | Node:
    if is_flat(value):
        digest = _flat(value, options)
        if digest is not None:
            return digest
    return _gapped(options, b"t", value)


def _key_label(children: list[Any], index: int) -> str:
    return ".keys()" if index % 2 == 0 else _item_label(children[index - 1])


def _item_label(key: Any) -> str:
    if type(key) is str:
        return f'["{key[:80]}"]'
    return f"[{key!r:.80}]" if type(key) in LEAVES else f"[<{type(key).__name__}>]"


def _dict(value: dict[Any, Any], options: Options) -> bytes | Node:
    small = len(value) <= _MANY
    named = _ONE_STR.issuperset(map(type, value))
    sortable = named or set(map(type, value)) in _SORTABLE
    # Of names it is known already that they are leaves.
    short = small or (sortable and (_are_short(value) if named else is_flat(value)))
    if sortable and short:
        keys = sorted(value)
        items = list(map(value.__getitem__, keys))
        if _LEAF_TYPES.issuperset(map(type, items)) if small else is_flat(items):
            digest = _flat((None, keys, items), options)
            if digest is not None:
                return digest
        return _gapped(options, b"d", items, keys, _item_label)
    children = [part for item in value.items() for part in item]
    return Node(head("dict"), PAIRS, children, _key_label)


def _member(children: list[Any], index: int) -> str:
    return "{…}"


def _bag(tag: str) -> Handler:
    def handle(value: Any, options: Options) -> bytes | Node:
        types = set(map(type, value))
        if types in _SORTABLE:
            digest = _flat((tag, sorted(value)), options)
            if digest is not None:
                return digest
        return Node(head(tag), UNORDERED, list(value), _member)

    return handle


def _bytearray(value: bytearray, options: Options) -> bytes:
    state = options.state(b"\x02a")
    state.update(value)
    return state.digest()


def _memoryview(value: memoryview, options: Options) -> bytes:
    shape = repr((value.format, value.shape)).encode()
    return options.digest(head("memoryview", shape) + value.tobytes())


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


def _attribute_label(name: Any) -> str:
    return f".{name}" if type(name) is str else f".<{type(name).__name__}>"


def _attribute_pair_label(children: list[Any], index: int) -> str:
    return _attribute_label(children[index - index % 2])


def _attributes(value: Attributes, options: Options) -> bytes | Node:
    parts: dict[Any, Any] = value.parts
    if _ONE_STR.issuperset(map(type, parts)):
        names = sorted(parts)
        items = list(map(parts.__getitem__, names))
        return _gapped(options, b"a", items, names, _attribute_label)
    children = [part for item in parts.items() for part in item]
    return Node(head("*attributes"), PAIRS, children, _attribute_pair_label)


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
