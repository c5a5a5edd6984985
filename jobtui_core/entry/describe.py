"""Short texts about values: bounded, guarded, and without secrets.

A text made here is shown on terminals and kept in stores.  So control characters are spelled
out, what looks like a credential by its name is left out, and no value costs more than a few
microseconds per character shown, however large it is or whatever its ``repr`` does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any

__all__ = [
    "REDACTED",
    "array_range",
    "clean",
    "describe",
    "describe_argument",
    "is_hidden",
    "is_secret",
    "redacted_words",
    "type_name",
    "without_secrets",
]

REDACTED = "<hidden>"
"""What stands in the place of a secret."""

_ITEMS = 20
"""Items of a container that are described."""

_RANGED = 1_000_000
"""Numbers of an array up to which their range is told; it takes a millisecond."""

_DEPTH = 4
"""Levels of containers that are described."""

_SEEN = 8
"""How many times more characters than are shown are looked through: secrets take some away."""

_secret = re.compile(
    r"passw|passphrase|secret|token|credential|api_?key|access_?key|private_?key"
    r"|(?:^|[_.\- ])keys?(?:$|[_.\- ])",
    re.IGNORECASE,
).search
_assigned = re.compile(
    r"""((?:passw|passphrase|secret|token|credential|api_?key|access_?key|private_?key)\w{0,100}"""
    r"""['"]?\s*(?::\s*[\w.| ]{0,60}(?:\[[^\]=\n]{0,60}\][\w.| ]{0,60})?=|[:=])\s*)"""
    r"""[bfru]{0,2}(?:'[^'\n]*'?|"[^"\n]*"?)""",
    re.IGNORECASE,
)
"""A text behind the name of a secret, as a ``repr``, a call or a ``def`` spells it; cut short
perhaps."""

_user_info = re.compile(r"(?<=://)[^/@\s:]*:[^/@\s]*(?=@)")
_NO_REPR: Any = object.__repr__
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_HARMLESS = (int, float, bool, type(None), complex)


def is_secret(name: str) -> bool:
    """Tell whether a name is one that passwords, tokens or keys go by."""
    return _secret(name) is not None


def is_hidden(name: str, value: Any) -> bool:
    """Tell whether a value is a secret by its name; no number or truth value is one."""
    return is_secret(name) and not isinstance(value, _HARMLESS)


def without_secrets(name: str, text: str) -> str:
    """Leave out of a text about a value what its name, or names within it, make a secret.

    Parameters
    ----------
    name : str
        Of the value: an argument, a parameter.
    text : str
        A ``repr``, or what is written in a call.
    """
    if is_secret(name) and ("'" in text or '"' in text):
        return REDACTED
    return _user_info.sub("…", _assigned.sub(rf"\g<1>{REDACTED}", text))


def redacted_words(words: Sequence[str]) -> list[str]:
    """Give the words on a command line without secrets: ``--token=…``, ``--token …``, ``key=…``."""
    found: list[str] = []
    hidden = False
    for word in words:
        name, assigned, value = word.partition("=")
        if hidden and not word.startswith("-"):
            found.append(REDACTED)
        elif assigned and value and is_secret(name.lstrip("-")):
            found.append(f"{name}={REDACTED}")
        else:
            found.append(without_secrets("", word))
        # An option's value may be the next word.
        hidden = word.startswith("-") and not assigned and is_secret(word.lstrip("-"))
    return found


def clean(text: str, limit: int = 10_000) -> str:
    """Make a text fit to be shown: bounded, and without characters that steer a terminal.

    Tabs, newlines and whatever else Unicode does not count as printable are spelled out: escape
    sequences, changes of writing direction, halves of surrogate pairs.  Whatever the text is
    longer than ``limit`` is replaced by ``…``.
    """
    if len(text) > limit:
        text = text[: max(0, limit - 1)] + "…"
    if text.isprintable():
        return text
    return "".join(part if part.isprintable() else _spell(part) for part in text)


def _spell(character: str) -> str:
    code = ord(character)
    if code < 256:
        return _NAMED.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def type_name(value: Any) -> str:
    """Give the name of a value's type, with its module unless that is builtin."""
    cls = type(value)
    name = cls.__qualname__
    return clean(name if cls.__module__ == "builtins" else f"{cls.__module__}.{name}", 200)


def describe_argument(name: str, value: Any, limit: int = 200) -> str:
    """Give a text about an argument of a call; what its name makes a secret is left out."""
    if is_hidden(name, value):
        return REDACTED
    return describe(value, limit)


def array_range(value: Any) -> str:
    """Give the range of an array of numbers that is not too large, to go with its description."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) is not numpy.ndarray or value.dtype.kind not in "iuf":
        return ""
    if not 0 < value.size <= _RANGED:
        return ""
    # Unlike min and max these leave NaNs out, and warn of none.
    low, high = (f.reduce(value, axis=None) for f in (numpy.fmin, numpy.fmax))
    return f", {float(low):.6g} to {float(high):.6g}"


def describe(value: Any, limit: int = 200) -> str:
    """Give a text about a value, much like its ``repr``.

    Parameters
    ----------
    value : object
    limit : int
        Characters at most.
    """
    text = _guarded(value, limit, 0)
    if len(text) > _SEEN * limit:
        # A repr of megabytes is not looked through for secrets that nobody will see.
        text = text[: _SEEN * limit] + "…"
    return clean(without_secrets("", text), limit)


def _guarded(value: Any, limit: int, depth: int) -> str:
    try:
        return _describe(value, limit, depth)
    except Exception:  # noqa: BLE001  # a repr is anybody's code
        return f"<{type_name(value)}>"


def _describe(value: Any, limit: int, depth: int) -> str:
    cls = type(value)
    if cls in _SIMPLE:
        return _SIMPLE[cls](value, limit)
    silent = cls.__repr__ is _NO_REPR
    if depth >= _DEPTH and (silent or hasattr(cls, "__len__") or is_dataclass(value)):
        return "…"
    if cls is dict:
        return _join("{", _pairs(value.items(), limit, depth, ": "), "}", len(value), limit)
    if cls in _BRACKETS:
        before, after = _BRACKETS[cls]
        if not value:
            return repr(value)
        items = list(islice(value, _ITEMS))
        if cls in (list, tuple) and all(type(item) is str for item in items):
            # They may be the words on a command line.
            items = redacted_words(items)
        parts = (_guarded(item, limit, depth + 1) for item in items)
        return _join(before, parts, after, len(value), limit)
    module = cls.__module__.partition(".")[0]
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        if value.shape == () and module == "numpy" and cls.__name__ != "ndarray":
            return repr(value)
        return f"{cls.__name__} {value.dtype} {tuple(value.shape)}"
    if hasattr(value, "shape") and hasattr(value, "columns"):
        return f"{cls.__name__} {tuple(value.shape)}"
    if is_dataclass(value) and not isinstance(value, type) and hasattr(value, "__dict__"):
        known = vars(value)
        pairs = ((f.name, known[f.name]) for f in fields(value) if f.repr and f.name in known)
        texts = _pairs(pairs, limit, depth, "=")
        return _join(f"{cls.__qualname__}(", texts, ")", 0, limit)
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return f"{getattr(value, '__module__', '')}.{value.__qualname__}"
    if silent:
        # Its repr would be an address, which says nothing once the process is gone.
        held: dict[str, Any] | None = getattr(value, "__dict__", None)
        if not held:
            return f"<{type_name(value)}>"
        texts = _pairs(held.items(), limit, depth, "=")
        return _join(f"{cls.__qualname__}(", texts, ")", 0, limit)
    if hasattr(cls, "__len__") and len(value) > 1000:
        # Its repr would be built as a whole only to be cut.
        return f"<{type_name(value)} of {len(value)}>"
    return repr(value)


def _pairs(items: Iterable[tuple[Any, Any]], limit: int, depth: int, between: str) -> Iterable[str]:
    for name, value in islice(items, _ITEMS):
        named = isinstance(name, str)
        shown = name if named and between == "=" else _guarded(name, limit, depth + 1)
        if named and is_hidden(name, value):
            yield f"{shown}{between}{REDACTED}"
        else:
            yield f"{shown}{between}{_guarded(value, limit, depth + 1)}"


def _join(before: str, parts: Iterable[str], after: str, count: int, limit: int) -> str:
    found, length = [], 0
    for part in parts:
        found.append(part)
        length += len(part) + 2
        if length > limit:
            break
    more = ", …" if count > len(found) else ""
    comma = "," if before == "(" and count == 1 else ""
    return f"{before}{', '.join(found)}{comma}{more}{after}"


def _text(value: str | bytes, limit: int) -> str:
    if isinstance(value, str) and "=" in value and _is_one_word(value):
        (value,) = redacted_words([value])
    return repr(value) if len(value) <= limit else f"{value[:limit]!r}…"


def _number(value: Any, limit: int) -> str:
    if isinstance(value, int) and value.bit_length() > 4096:
        # Decimal digits of a long int take quadratic time, and have a limit.
        return f"<int of {value.bit_length()} bits>"
    return repr(value)


_is_one_word = re.compile(r"-*[\w.-]+=\S*").fullmatch

_SIMPLE: dict[type, Callable[[Any, int], str]] = {
    str: _text,
    bytes: _text,
    int: _number,
    float: _number,
    bool: _number,
    complex: _number,
    type(None): _number,
}
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}
