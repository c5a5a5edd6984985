"""Edits that somebody declared irrelevant, and what they let answer for new code.

An alias says of one function that entries of its old code may answer for its new code too.  It
lies beside the results, in the store that it is about, as a small document that never changes.
Entries are written under their own code always; only look-ups follow aliases, so that taking one
back leaves nothing behind.
"""

from __future__ import annotations

import json
import re
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jobtui_core.errors import StoreError
from jobtui_core.stores import Store, quote

if TYPE_CHECKING:
    from jobtui_core.records import Acceptance

__all__ = [
    "alias_name",
    "is_alias",
    "known_older",
    "older_codes",
    "read_aliases",
    "remove_alias",
    "write_alias",
]

VERSION = 1
"""Of the documents; another one is not followed."""

_PREFIX = "alias/"

_LARGEST = 1_000_000
"""Bytes of a document that are read at most."""

_LONGEST = {"user": 200, "host": 200, "script": 1_000, "diff": 200_000}
"""Characters that are believed of a text; the rest is cut off."""

_LATEST = 250_000_000_000.0
"""Seconds since the epoch that are believed: dates up to the year 9892."""

_MOST_SYMBOLS = 1_000

_MOST_STEPS = 64
"""Codes that stand behind one at most.  Nobody accepts so many edits without running once."""

_USE = b"jobtui alias"
"""What a signature of a document is for."""

_is_code = re.compile(r"[0-9a-f]{32}").fullmatch

_known: weakref.WeakKeyDictionary[Store, dict[str, tuple[Acceptance, ...]]]
_known = weakref.WeakKeyDictionary()
"""What this process has read, by store and function."""


def alias_name(function: str, code: str, old: str) -> str:
    """Name the document that lets entries of ``old`` answer for ``code``."""
    return f"{_PREFIX}{quote(function)}/{code}-{old}.json"


def write_alias(store: Store, alias: Acceptance) -> bool:
    """Let entries of old code answer for new code.

    Returns
    -------
    bool
        ``False`` if that was said already, by whomever.

    Raises
    ------
    ValueError
        If its codes are none, or the same.
    StoreError
        If the store cannot be written.
    """
    if not (_is_code(alias.code) and _is_code(alias.old)) or alias.code == alias.old:
        raise ValueError(f"{alias.code!r} and {alias.old!r} are no codes of a function's edit")
    data = {"version": VERSION, **asdict(alias)}
    if store.signing_key is not None:
        data["signature"] = store.signing_key.sign(_USE, [_signed_part(data)]).hex()
    text = json.dumps(data, separators=(",", ":"))
    new = store.write_if_absent(alias_name(alias.function, alias.code, alias.old), text.encode())
    _forget(store, alias.function)
    return new


def _signed_part(data: Mapping[str, Any]) -> bytes:
    """Give what is signed of a document: all that it says, in one spelling."""
    rest = {name: fact for name, fact in data.items() if name != "signature"}
    return json.dumps(rest, separators=(",", ":"), sort_keys=True).encode()


def _is_signed(store: Store, data: Mapping[str, Any]) -> bool:
    """Tell whether a document may be followed in a store."""
    key, signature = store.signing_key, data.get("signature")
    if key is None:
        return True
    if not isinstance(signature, str) or re.fullmatch("[0-9a-f]{64}", signature) is None:
        return False
    return key.signed(_USE, [_signed_part(data)], bytes.fromhex(signature))


def remove_alias(store: Store, alias: Acceptance) -> None:
    """Take an alias back; one that is gone already is fine.

    Raises
    ------
    StoreError
        If the store cannot be written.
    """
    store.delete(alias_name(alias.function, alias.code, alias.old))
    _forget(store, alias.function)


def _forget(store: Store, function: str) -> None:
    """Have a function's aliases read again, by whatever object for the same store."""
    for other, aliases in list(_known.items()):
        if other is store or other.url == store.url:
            aliases.pop(function, None)


def read_aliases(store: Store, function: str | None = None) -> tuple[Acceptance, ...]:
    """Give the aliases of one function, or of all, the oldest first.

    Documents of another version, or of the wrong shape, are left out, and so are those that are
    not signed with the store's key, where it has one: whoever can write to a store may have put
    them there.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    prefix = _PREFIX if function is None else f"{_PREFIX}{quote(function)}/"
    found = [_read(store, item.name) for item in store.list(prefix)]
    kept = [one for one in found if one is not None]
    return tuple(sorted(kept, key=lambda one: (one.time, one.function, one.code, one.old)))


def is_alias(store: Store, name: str, data: bytes) -> bool:
    """Tell whether readers of a store follow a document of that name and content."""
    return len(data) <= _LARGEST and _alias_in(store, name, data) is not None


def _read(store: Store, name: str) -> Acceptance | None:
    return _alias_in(store, name, store.read(name, 0, _LARGEST))


def _alias_in(store: Store, name: str, data: bytes | None) -> Acceptance | None:
    try:
        found = json.loads(data) if data else None
        if not isinstance(found, dict) or found.get("version") != VERSION:
            return None
        if not _is_signed(store, found):
            return None
        alias = _alias(found)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    # A document that was copied or renamed says nothing about the function that it now lies at.
    said = alias_name(alias.function, alias.code, alias.old)
    return alias if said == name and alias.code != alias.old else None


def _alias(data: Mapping[str, Any]) -> Acceptance:
    codes = [data["code"], data["old"]]
    time = data.get("time", 0.0)
    symbols = data.get("symbols", ())
    texts = {name: data.get(name, "") for name in _LONGEST}
    if (
        not all(isinstance(text, str) for text in (data["function"], *codes, *texts.values()))
        or not all(map(_is_code, codes))
        or isinstance(time, bool)
        or not isinstance(time, int | float)
        # Also refuses NaN, and moments that no calendar has.
        or not 0 <= time < _LATEST
        or not isinstance(symbols, list)
        or not all(isinstance(symbol, str) for symbol in symbols)
    ):
        raise ValueError("not the shape of an alias")
    from jobtui_core.records import Acceptance

    return Acceptance(
        function=data["function"],
        code=codes[0],
        old=codes[1],
        time=float(time),
        symbols=tuple(symbols[:_MOST_SYMBOLS]),
        objects=data.get("objects") is not False,
        **{name: text[: _LONGEST[name]] for name, text in texts.items()},
    )


def older_codes(aliases: Iterable[Acceptance], code: str) -> dict[str, tuple[Acceptance, ...]]:
    """Follow aliases from a function's code to all those that may answer for it.

    Parameters
    ----------
    aliases : iterable of Acceptance
        Of one function.
    code : str

    Returns
    -------
    dict
        By code, the nearest first, the aliases that lead there.  Never ``code`` itself: circles,
        which undoing an edit and accepting that makes, end where they began.
    """
    by_code: dict[str, list[Acceptance]] = {}
    for alias in aliases:
        by_code.setdefault(alias.code, []).append(alias)
    found: dict[str, tuple[Acceptance, ...]] = {code: ()}
    waiting = [code]
    for one in waiting:
        # The newest first: that is the edit that somebody had before their eyes last.
        for alias in reversed(by_code.get(one, ())):
            if alias.old not in found and len(found) <= _MOST_STEPS:
                found[alias.old] = (*found[one], alias)
                waiting.append(alias.old)
    del found[code]
    return found


def known_older(store: Store, function: str, code: str) -> tuple[str, ...]:
    """Give the codes whose entries may answer for a function, the nearest first.

    A store is asked once for each function and process: aliases that another process writes or
    takes back later count from the next process on.
    """
    mine = _known.setdefault(store, {})
    aliases = mine.get(function)
    if aliases is None:
        try:
            aliases = read_aliases(store, function)
        except StoreError:
            # The look-up that asks has said so already.
            aliases = ()
        mine[function] = aliases
    return tuple(older_codes(aliases, code)) if aliases else ()
