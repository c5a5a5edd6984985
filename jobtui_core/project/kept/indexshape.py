"""Fingerprints, and what an analysis rests on, as plain data and back.

Definitions are many functions' own: each is written once, and fingerprints name them by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from jobtui_core.fingerprint import Fingerprint, Symbol, ValueRef
from jobtui_core.fingerprint.model import SymbolKind
from jobtui_core.slices import Ground
from jobtui_core.slices.terms import Term
from jobtui_core.sources import SourceModule

__all__ = ["Printed", "ground_from_json", "ground_to_json"]

FunctionKey = tuple[SourceModule, str]

_KINDS = frozenset(get_args(SymbolKind))


class Printed:
    """Writes fingerprints, and remembers where each one went.

    Attributes
    ----------
    symbols : list
        Definitions behind the fingerprints written so far.
    """

    def __init__(self, modules: Mapping[SourceModule, int]) -> None:
        self.modules = modules
        self.symbols: list[list[Any]] = []
        self._known: dict[Symbol | tuple[Any, ...], int] = {}
        self._places: dict[FunctionKey, int] = {}

    def number(self, key: FunctionKey, found: Fingerprint) -> list[Any]:
        """Give a fingerprint as plain data.

        Raises
        ------
        KeyError, ValueError
            If it is of a module that is not among those known, or of an odd shape.
        """
        self._places[key] = len(self._places)
        return [
            self.modules[key[0]],
            key[1],
            found.digest,
            found.symbols[0].path[0],
            [self._symbol(one, found.symbols[0].path[0]) for one in found.symbols],
            [[ref.module, ref.name, ref.rebound] for ref in found.values],
            list(found.unfollowed),
            sorted(found.libraries),
            list(found.steps),
            list(found.changes),
        ]

    def place(self, key: FunctionKey) -> int:
        """Give the number of a fingerprint that was written."""
        return self._places[key]

    def _symbol(self, one: Symbol, root: str) -> int:
        if one.path[:1] != (root,):
            raise ValueError("a path that begins elsewhere")
        parts = (one.name, one.digest, one.source, one.path[1:], one.kind, one.line, one.file)
        known = self._known.get(parts)
        if known is None:
            known = self._known[parts] = len(self.symbols)
            self.symbols.append([*parts[:3], list(parts[3]), *parts[4:]])
        return known

    @staticmethod
    def restored(
        data: Sequence[Any], symbols: Sequence[Any], modules: Sequence[SourceModule]
    ) -> dict[FunctionKey, Fingerprint]:
        """Read fingerprints back, in their order.

        Raises
        ------
        TypeError, ValueError, LookupError
            If the data is not of their shape.
        """
        table = [_checked(*item) for item in symbols]
        prints: dict[FunctionKey, Fingerprint] = {}
        for module, qualname, digest, root, numbers, values, *lists in data:
            unfollowed, libraries, steps, changes = lists
            _texts(qualname, digest, root, *unfollowed, *libraries, *steps, *changes)
            own = []
            for number in numbers:
                name, made_of, source, tail, kind, line, file = table[number]
                own.append(Symbol(name, made_of, source, (root, *tail), kind, line, file))
            prints[modules[module], qualname] = Fingerprint(
                digest,
                tuple(own),
                tuple(_value(*ref) for ref in values),
                tuple(unfollowed),
                frozenset(libraries),
                tuple(steps),
                tuple(changes),
            )
        return prints


def _checked(
    name: str, digest: str, source: str, tail: Sequence[str], kind: SymbolKind, line: int, file: str
) -> tuple[str, str, str, tuple[str, ...], SymbolKind, int, str]:
    _texts(name, digest, source, file, *tail)
    if kind not in _KINDS or type(line) is not int:
        raise TypeError("no symbol")
    return name, digest, source, tuple(tail), kind, line, file


def _value(module: str, name: str, rebound: bool) -> ValueRef:
    _texts(module, name)
    if not isinstance(rebound, bool):
        raise TypeError("no value")
    return ValueRef(module, name, rebound)


def _texts(*items: object) -> None:
    if not all(isinstance(item, str) for item in items):
        raise TypeError("no text")


def ground_to_json(ground: Ground, printed: Printed) -> dict[str, Any]:
    """Give what an analysis rests on as plain data."""
    return {
        "fingerprints": [printed.place(key) for key in ground.fingerprints],
        "fixed": sorted(printed.place(key) for key in ground.fixed),
        "walked": sorted(map(list, ground.walked)),
        "read": sorted(map(list, ground.read)),
        "looped": sorted(ground.looped),
        # Of a term in a template its digest counts, and which results go into it.
        "parts": [
            [one if isinstance(one, str) else [one.digest, *one.holes] for one in parts]
            for parts in ground.parts
        ],
    }


def ground_from_json(
    data: Mapping[str, Any],
    modules: Sequence[SourceModule],
    prints: Mapping[FunctionKey, Fingerprint],
) -> Ground:
    """Read it back.

    Raises
    ------
    TypeError, ValueError, LookupError
        If the data is not of its shape.
    """
    keys = list(prints)
    files = {module.file for module in modules}
    walked = {(str(file), int(line)) for file, line in data["walked"]}
    if not {file for file, _ in walked} <= files:
        raise ValueError("walked through what is not there")
    return Ground(
        {keys[number]: prints[keys[number]] for number in data["fingerprints"]},
        {keys[number] for number in data["fixed"]},
        walked,
        {(str(file), str(name)) for file, name in data["read"]},
        set(map(str, data["looped"])),
        [[_part(one) for one in parts] for parts in data["parts"]],
    )


def _part(one: Any) -> Term | str:
    if isinstance(one, str):
        return one
    digest, *holes = one
    _texts(digest)
    if not all(type(hole) is int for hole in holes):
        raise TypeError("no hole")
    return Term(digest, tuple(holes))
