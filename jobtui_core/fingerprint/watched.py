"""Values that count by content, looked at when the function is first used or at each call."""

from __future__ import annotations

import sys
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field, replace
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any

from jobtui_core.fingerprint.codes import code_digest
from jobtui_core.fingerprint.contents import UNSET, content_digest
from jobtui_core.fingerprint.layers import innermost
from jobtui_core.fingerprint.snapshot import (
    code_of,
    loaded_generation,
    loaded_sources,
    project_file,
)
from jobtui_core.fingerprint.touched import may_change
from jobtui_core.hashing import combine

__all__ = ["Watch", "Watched"]

_FIXED = frozenset(
    {int, float, complex, bool, str, bytes, type(None), type(...), type, range}
    | {ModuleType, BuiltinFunctionType}
)
_CONTAINERS = frozenset({list, dict, set, bytearray, deque, Counter, OrderedDict, defaultdict})


@dataclass(frozen=True, slots=True)
class Watched:
    """A name with a value that counts.

    Attributes
    ----------
    label : str
        Its name in the digest.
    holder : mapping or cell
        The globals, class attributes or cell that it is in.
    key : str
        Its name there.
    own : bool
        Whether the function changes the object itself: only what it was at first counts then.
    code : bool
        Whether a function counts by its own code alone, since what that refers to is followed
        from its definition.
    anyone : bool
        Whether nobody can tell who changes it, since there is no source to go by.
    """

    label: str
    holder: Any
    key: str
    own: bool = False
    code: bool = False
    anyone: bool = False

    @property
    def value(self) -> Any:
        """What the name means now, ``UNSET`` if nothing."""
        if isinstance(self.holder, CellType):
            try:
                return self.holder.cell_contents
            except ValueError:
                return UNSET
        return self.holder.get(self.key, UNSET)

    def content(self, value: Any) -> tuple[str, str]:
        """Digest of a value that the name has, and a sentence where it has none."""
        if self.code and callable(value) and (code := code_of(innermost(value))) is not None:
            return combine("code", code.co_qualname, code_digest(code)), ""
        return content_digest(self.label, value)

    def changes_in_place(self) -> bool:
        """Tell whether the object may change, as far as the code loaded tells."""
        value = self.value
        if self.own or _is_fixed(value):
            return False
        container = type(value) in _CONTAINERS
        if container and (self.anyone or not _is_flat(value)):
            return True
        handed = container or _is_of_project(type(value))
        return may_change(self.key, loaded_sources().values(), handed=handed)


@dataclass(frozen=True, slots=True)
class Watch:
    """All values that count for one function, with their contents as of some time.

    Which object a name means is asked at each call; what is in it, only where that may change.

    Attributes
    ----------
    values : tuple of Watched
    seen : tuple
        The objects, or weak references to them.
    contents : tuple of str
        Their digests.
    changing : tuple of int
        Which of the objects may change in place.
    generation : int
        Which code was loaded when that was settled: more of it may change more of them.
    """

    values: tuple[Watched, ...] = ()
    seen: tuple[Any, ...] = field(default=(), repr=False)
    contents: tuple[str, ...] = ()
    changing: tuple[int, ...] = ()
    generation: int = -1

    def now(self) -> Watch:
        """Give the contents as of now; itself where none has changed."""
        if not self.values:
            return self
        generation = loaded_generation()
        if generation != self.generation:
            changing = tuple(n for n, value in enumerate(self.values) if value.changes_in_place())
            settled = replace(self, changing=changing, generation=generation)
            return settled._looked_at()
        for index, watched in enumerate(self.values):
            value = watched.value
            if not _is_seen(self.seen[index], value) or (
                index in self.changing and watched.content(value)[0] != self.contents[index]
            ):
                return self._looked_at()
        return self

    def _looked_at(self) -> Watch:
        contents = list(self.contents) or [""] * len(self.values)
        seen = list(self.seen) or [_UNSEEN] * len(self.values)
        for index, watched in enumerate(self.values):
            value = watched.value
            if index in self.changing or not _is_seen(seen[index], value):
                contents[index] = watched.content(value)[0]
                seen[index] = _reference(value)
        return replace(self, contents=tuple(contents), seen=tuple(seen))

    def changed(self, later: Watch) -> tuple[str, ...]:
        """Name the values that have another content in a later look."""
        pairs = zip(self.values, self.contents, later.contents, strict=True)
        return tuple(dict.fromkeys(one.label for one, old, new in pairs if old != new))

    def replaced(self, later: Watch) -> bool:
        """Tell whether a function was put in the place of another one since."""
        pairs = zip(self.contents, later.contents, strict=True)
        return any(
            watched.code and old != new
            for watched, (old, new) in zip(self.values, pairs, strict=True)
        )

    def digest(self, code: str) -> str:
        """Digest of code and the values that it refers to."""
        if not self.values:
            return code
        labels = (value.label for value in self.values)
        named = sorted(set(zip(labels, self.contents, strict=True)))
        return combine("values", code, *(text for pair in named for text in pair))


class _Unseen:
    """Stands for an object that was not looked at yet."""


_UNSEEN = _Unseen()


def _reference(value: Any) -> Any:
    """Give something to know an object again by, that does not keep a large one alive."""
    try:
        return weakref.ref(value)
    except TypeError:
        return value


def _is_seen(seen: Any, value: Any) -> bool:
    return seen is value or (type(seen) is weakref.ref and seen() is value)


def _is_fixed(value: Any) -> bool:
    """Tell whether a value can never become another one."""
    return type(value) in _FIXED or (type(value) in (tuple, frozenset) and _is_flat(value))


def _is_flat(value: Any) -> bool:
    """Tell whether no item of a container can be changed in place."""
    if isinstance(value, bytearray):
        return True
    stack = list(value.values() if isinstance(value, dict) else value)
    while stack:
        item = stack.pop()
        if type(item) in (tuple, frozenset):
            stack.extend(item)
        # A function that a container in the source names is followed there.
        elif type(item) not in _FIXED and type(item) is not FunctionType:
            return False
    return True


def _is_of_project(cls: type) -> bool:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if file is None:
        return cls.__module__ == "__main__"
    return project_file(str(file)) is not None
