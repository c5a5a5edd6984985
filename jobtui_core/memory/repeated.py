"""Calls that are known by their arguments alone: those of plain types that cannot change."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jobtui_core.entry import EntryInfo
from jobtui_core.fingerprint import LoadedFingerprint
from jobtui_core.memory.reuse import FileState
from jobtui_core.memory.target import Target

__all__ = ["RepeatedCall", "RepeatedCalls", "tells_itself"]

_PLAIN = frozenset({int, float, bool, str, bytes, type(None)})
_LONGEST = 1 << 12
"""Characters of a text that is known by itself: comparing it must not be felt."""

_MOST_CALLS = 4096
"""Calls of one combination of types that are remembered."""

_MOST_KINDS = 64
"""Combinations of types."""


class RepeatedCall:
    """A call that was answered from memory, and what it rested on."""

    __slots__ = ("code", "file", "function", "info", "inner", "key", "note_use", "state", "value")

    def __init__(
        self,
        key: str,
        target: Target,
        code: LoadedFingerprint,
        found: tuple[str | None, FileState, tuple[Any, EntryInfo]],
        note_use: Callable[[str], None],
    ) -> None:
        self.key = key
        self.function = target.function
        self.code = code
        file, self.state, (self.value, self.info) = found
        # The kernel takes bytes: text would be encoded at each call.
        self.file = None if file is None else os.fsencode(file)
        """``None`` where the result is given whatever becomes of its entry."""
        self.note_use = note_use
        self.inner = () if self.info.bare else tuple(map(tuple, self.info.inner))


class RepeatedCalls:
    """The calls of one function that are known by their arguments.

    By the types first: numbers that are equal may be of different types, and a call with others
    is not even hashed.

    Attributes
    ----------
    by_kinds : dict
        By types, what is known by arguments of these types; empty until a call was repeated.
    """

    def __init__(self) -> None:
        self.by_kinds: dict[tuple[Any, ...], dict[tuple[Any, ...], RepeatedCall]] = {}

    def get(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> RepeatedCall | None:
        """Give what is known of a call."""
        try:
            if kwargs:
                args, kinds = _flattened(args, kwargs)
                calls = self.by_kinds.get(kinds)
            else:
                calls = self.by_kinds.get(tuple(map(type, args)))
        except Exception:  # noqa: BLE001  types are what their types make of them, unhashable too
            return None
        return None if calls is None else calls.get(args)

    def put(self, args: tuple[Any, ...], kwargs: dict[str, Any], call: RepeatedCall) -> None:
        """Remember a call, if its arguments tell it apart from all others."""
        if not all(map(tells_itself, (*args, *kwargs.values()))):
            return
        if kwargs:
            args, kinds = _flattened(args, kwargs)
        else:
            kinds = tuple(map(type, args))
        if len(self.by_kinds) >= _MOST_KINDS:
            self.by_kinds.clear()
        calls = self.by_kinds.setdefault(kinds, {})
        if len(calls) >= _MOST_CALLS:
            calls.clear()
        calls[args] = call

    def clear(self) -> None:
        """Forget everything."""
        self.by_kinds.clear()


def _flattened(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Give arguments in one row, and types that also tell which of them have which names."""
    kinds = (*map(type, args), *kwargs, *map(type, kwargs.values()))
    return (*args, *kwargs.values()), kinds


def tells_itself(value: Any) -> bool:
    """Tell whether values of this type that are equal are the same."""
    kind = value.__class__
    if kind is float:
        # Zeros are equal whatever their signs.
        return bool(value != 0)
    return kind in _PLAIN and (kind not in (str, bytes) or len(value) <= _LONGEST)
