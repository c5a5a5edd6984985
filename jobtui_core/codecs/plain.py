"""Plain data as bytes: numbers, text, bytes and builtin containers, of exactly these types.

Reading runs no code and trusts nothing: every length is checked against what is there, so bytes
from anywhere give a value or an error.  ``marshal`` would be quicker and may crash the process on
made-up input; JSON knows neither tuples nor NaN nor bytes.

A container that is met twice is refused, since reading it back would give two: sharing matters to
whoever changes the value later.  So is what nests too deep, and, where another codec is at hand,
what has so many parts that walking them in Python would be felt.

What is no plain data may still lie inside of some: a `LeafWriter` takes such parts out on the
way in, and a `LeafReader` puts them back.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from struct import Struct, pack, unpack_from
from typing import Any

from jobtui_core.errors import CodecError

__all__ = ["LeafReader", "LeafWriter", "decode_plain", "encode_plain"]

_DEPTH = 150
"""Levels of nesting; far from Python's own limit, wherever in a program it is reached."""

_LEAF = 20
"""Parts that one counts for which is no plain data."""

_count = Struct("<cI")
_int = Struct("<cq")
_float = Struct("<cd")
_complex = Struct("<cdd")
_packed = Struct("<ccI")


class _NotPlainError(Exception):
    """Not for this codec."""


LeafWriter = Callable[[Any], bytes | None]
"""Gives what stands for a part that is no plain data; ``None`` if there is no place for it."""


LeafReader = Callable[[bytes], Any]
"""Gives the part that some bytes stand for."""


class _Writer:
    __slots__ = ("budget", "depth", "leaf", "out", "seen")

    def __init__(self, budget: int, leaf: LeafWriter | None) -> None:
        self.out: list[bytes] = []
        self.leaf = leaf
        self.seen: set[int] = set()
        self.budget = budget
        self.depth = 0

    def enter(self, value: Any, size: int) -> None:
        self.budget -= size
        self.depth += 1
        if id(value) in self.seen or self.budget < 0 or self.depth > _DEPTH:
            raise _NotPlainError
        self.seen.add(id(value))


def encode_plain(
    value: Any, budget: int = 10_000_000, leaf: LeafWriter | None = None
) -> bytes | None:
    """Give the bytes of a value; ``None`` if it is not plain data.

    Parameters
    ----------
    value : object
    budget : int
        Parts at most that are written one by one; lists and tuples of nothing but ints, floats
        or text are written as a whole and do not count.
    leaf : callable, optional
        Is asked about parts that are no plain data.
    """
    writer = _Writer(budget, leaf)
    try:
        _WRITERS.get(type(value), _write_leaf)(value, writer)
    except _NotPlainError:
        return None
    return b"".join(writer.out)


def _write_leaf(value: Any, writer: _Writer) -> None:
    writer.budget -= _LEAF
    if writer.leaf is None or writer.budget < 0:
        raise _NotPlainError
    data = writer.leaf(value)
    if data is None:
        raise _NotPlainError
    writer.out.append(_head(b"x", len(data)))
    writer.out.append(data)


def _write_none(value: None, writer: _Writer) -> None:
    writer.out.append(b"N")


def _write_bool(value: bool, writer: _Writer) -> None:
    writer.out.append(b"T" if value else b"F")


def _write_int(value: int, writer: _Writer) -> None:
    if -(1 << 63) <= value < 1 << 63:
        writer.out.append(_int.pack(b"i", value))
    else:
        data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        writer.out.append(_count.pack(b"I", len(data)) + data)


def _write_float(value: float, writer: _Writer) -> None:
    writer.out.append(_float.pack(b"f", value))


def _write_complex(value: complex, writer: _Writer) -> None:
    writer.out.append(_complex.pack(b"c", value.real, value.imag))


def _write_str(value: str, writer: _Writer) -> None:
    data = value.encode("utf-8", "surrogatepass")
    writer.out.append(_head(b"s", len(data)))
    writer.out.append(data)


def _write_bytes(value: bytes, writer: _Writer) -> None:
    writer.out.append(_head(b"b", len(value)))
    writer.out.append(value)


def _head(tag: bytes, size: int) -> bytes:
    if size >= 1 << 32:
        raise _NotPlainError
    return _count.pack(tag, size)


def _items(tag: bytes) -> Callable[[Any, _Writer], None]:
    def write(value: Any, writer: _Writer) -> None:
        if len(value) > 8 and tag in b"lt" and _write_packed(tag, value, writer):
            # Counted as one part, but met twice it is still one object.
            writer.enter(value, 1)
            writer.depth -= 1
            return
        writer.out.append(_head(tag, len(value)))
        if not value:
            if tag in b"le":
                writer.enter(value, 1)
                writer.depth -= 1
            return
        writer.enter(value, len(value))
        for item in value:
            _WRITERS.get(type(item), _write_leaf)(item, writer)
        writer.depth -= 1

    return write


def _write_packed(tag: bytes, value: Any, writer: _Writer) -> bool:
    kinds = set(map(type, value))
    if len(kinds) > 1 or len(value) >= 1 << 32:
        return False
    kind = kinds.pop()
    if kind is int and min(value) >= -(1 << 63) and max(value) < 1 << 63:
        writer.out += (_packed.pack(b"p", tag, len(value)), b"q", pack(f"<{len(value)}q", *value))
    elif kind is float:
        writer.out += (_packed.pack(b"p", tag, len(value)), b"d", pack(f"<{len(value)}d", *value))
    elif kind is str:
        text = "".join(value).encode("utf-8", "surrogatepass")
        lengths = list(map(len, value))
        if len(text) >= 1 << 32 or _joins(value):
            return False
        sizes = pack(f"<I{len(value)}I", len(text), *lengths)
        writer.out += (_packed.pack(b"p", tag, len(value)), b"s", sizes, text)
    else:
        return False
    return True


def _joins(value: Any) -> bool:
    # Halves of a surrogate pair in neighbouring items would be read as one character.
    return any(
        "\ud800" <= item[:1] <= "\udfff" or "\ud800" <= item[-1:] <= "\udfff" for item in value
    )


def _write_dict(value: dict[Any, Any], writer: _Writer) -> None:
    writer.out.append(_head(b"d", len(value)))
    writer.enter(value, len(value))
    for key, item in value.items():
        _WRITERS.get(type(key), _write_leaf)(key, writer)
        _WRITERS.get(type(item), _write_leaf)(item, writer)
    writer.depth -= 1


_WRITERS: dict[type, Callable[[Any, _Writer], None]] = {
    type(None): _write_none,
    bool: _write_bool,
    int: _write_int,
    float: _write_float,
    complex: _write_complex,
    str: _write_str,
    bytes: _write_bytes,
    list: _items(b"l"),
    tuple: _items(b"t"),
    set: _items(b"e"),
    frozenset: _items(b"z"),
    dict: _write_dict,
}


def decode_plain(data: bytes | memoryview, leaf: LeafReader | None = None) -> Any:
    """Give the value behind some bytes.

    Parameters
    ----------
    data : bytes-like
    leaf : callable, optional
        Gives the parts that are no plain data.

    Raises
    ------
    CodecError
        If the bytes are none that `encode_plain` makes.
    """
    data = bytes(data)
    try:
        value, end = _READERS[data[0]](data, 1, 0, leaf)
    except CodecError:
        raise
    except Exception as error:
        raise CodecError(f"plain data cannot be read: {error!r}") from error
    if end != len(data):
        raise CodecError("plain data has bytes behind its end")
    return value


def _take(data: bytes, start: int, size: int) -> bytes:
    part = data[start : start + size]
    if len(part) != size:
        raise CodecError("plain data ends too early")
    return part


_size = Struct("<I").unpack_from
_read_q = Struct("<q").unpack_from
_read_d = Struct("<d").unpack_from
_read_dd = Struct("<dd").unpack_from

_Result = tuple[Any, int]
_Leaf = LeafReader | None
_Reader = Callable[[bytes, int, int, _Leaf], _Result]


def _read_int(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    return _read_q(data, at)[0], at + 8


def _read_long(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    (size,) = _size(data, at)
    return int.from_bytes(_take(data, at + 4, size), "little", signed=True), at + 4 + size


def _read_float(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    return _read_d(data, at)[0], at + 8


def _read_complex(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    return complex(*_read_dd(data, at)), at + 16


def _read_str(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    (size,) = _size(data, at)
    return _take(data, at + 4, size).decode("utf-8", "surrogatepass"), at + 4 + size


def _read_bytes(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    (size,) = _size(data, at)
    return _take(data, at + 4, size), at + 4 + size


def _read_leaf(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    if leaf is None:
        raise CodecError("plain data has a part that is none")
    (size,) = _size(data, at)
    return leaf(_take(data, at + 4, size)), at + 4 + size


def _read_items(build: Callable[[list[Any]], Any]) -> _Reader:
    def read(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
        (size,) = _size(data, at)
        at += 4
        _check_depth(depth)
        found = []
        for _ in range(size):
            item, at = _READERS[data[at]](data, at + 1, depth + 1, leaf)
            found.append(item)
        return build(found), at

    return read


def _read_dict(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    (size,) = _size(data, at)
    at += 4
    _check_depth(depth)
    found = {}
    for _ in range(size):
        key, at = _READERS[data[at]](data, at + 1, depth + 1, leaf)
        found[key], at = _READERS[data[at]](data, at + 1, depth + 1, leaf)
    return found, at


def _check_depth(depth: int) -> None:
    if depth > _DEPTH:
        raise CodecError("plain data is nested too deep")


def _read_packed(data: bytes, at: int, depth: int, leaf: _Leaf) -> _Result:
    build: Any = {b"l": list, b"t": tuple}[data[at : at + 1]]
    (count,) = _size(data, at + 1)
    kind = data[at + 5 : at + 6]
    at += 6
    if kind == b"s":
        if count * 4 > len(data):
            raise CodecError("plain data ends too early")
        size, *lengths = unpack_from(f"<I{count}I", data, at)
        at += 4 + 4 * count
        text = _take(data, at, size).decode("utf-8", "surrogatepass")
        ends = list(accumulate(lengths, initial=0))
        if ends[-1] != len(text):
            raise CodecError("plain data has texts of wrong lengths")
        return build([text[i:j] for i, j in pairwise(ends)]), at + size
    if kind not in (b"q", b"d") or count * 8 > len(data):
        raise CodecError("plain data ends too early")
    return build(unpack_from(f"<{count}{kind.decode()}", data, at)), at + 8 * count


_READERS: dict[int, _Reader] = {
    ord("N"): lambda data, at, depth, leaf: (None, at),
    ord("T"): lambda data, at, depth, leaf: (True, at),
    ord("F"): lambda data, at, depth, leaf: (False, at),
    ord("i"): _read_int,
    ord("I"): _read_long,
    ord("f"): _read_float,
    ord("c"): _read_complex,
    ord("s"): _read_str,
    ord("b"): _read_bytes,
    ord("l"): _read_items(lambda found: found),
    ord("t"): _read_items(tuple),
    ord("e"): _read_items(set),
    ord("z"): _read_items(frozenset),
    ord("d"): _read_dict,
    ord("p"): _read_packed,
    ord("x"): _read_leaf,
}
