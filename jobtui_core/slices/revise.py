"""An analysis brought up to date after the edit of function bodies, without a walk.

Most edits are of a step's body, of a helper, of a comment.  None of them changes what the script
calls or how values flow between the calls: other fingerprints take the place of the old ones in
the templates, and lines move.  Whatever may be more than that is left to a walk of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core.errors import JobtuiError, ScriptError
from jobtui_core.fingerprint import Fingerprint, source_fingerprint
from jobtui_core.parameters import declared_in
from jobtui_core.slices.ground import FunctionKey, Ground
from jobtui_core.slices.moves import CannotReviseError, Moves
from jobtui_core.slices.terms import Origin, term

if TYPE_CHECKING:
    from jobtui_core.parameters import Declared
    from jobtui_core.records import ParameterInfo
    from jobtui_core.slices.analysis import Analysis, CallSite, DeclaredFunction
    from jobtui_core.slices.machine import Position
    from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["renewed", "revise"]


def revise(analysis: Analysis, ground: Ground, tree: SourceTree) -> tuple[Analysis, Ground] | None:
    """Bring an analysis up to date with a tree that was made after the analysis's own.

    Parameters
    ----------
    analysis, ground : Analysis, Ground
        As found over ``tree.earlier``, with the same parameters and words.
    tree : SourceTree
        Of the same files, and with the same data files consulted.

    Returns
    -------
    (Analysis, Ground) or None
        What `analyse` would give; ``None`` if that cannot be told without it.
    """
    try:
        return _Revision(analysis, ground, tree).made()
    except (CannotReviseError, ScriptError, JobtuiError, LookupError, ValueError):
        return None


def renewed(
    ground: Ground,
    tree: SourceTree,
    today: Callable[[FunctionKey], FunctionKey] = lambda key: key,
    line: Callable[[str, int], int] = lambda _, line: line,
) -> dict[FunctionKey, Fingerprint]:
    """Give the fingerprints that an analysis rests on as they are now.

    Parameters
    ----------
    ground : Ground
        As it was.
    tree : SourceTree
        Today's.
    today : callable
        Gives the key that a function has now.
    line : callable
        Gives the number that a line of a file has now.

    Raises
    ------
    CannotReviseError
        If one is another that went into terms.
    """
    found: dict[FunctionKey, Fingerprint] = {}
    for key, old in ground.fingerprints.items():
        if key[0] in tree.kept:
            found[key] = old
            continue
        place = today(key)
        new = found[place] = source_fingerprint(tree, *place)
        alike = True
        if key in ground.fixed:
            moved = [(file, line(file, first), count) for file, first, count in _places(old)]
            alike = new.digest == old.digest and _places(new) == moved
        # What it takes from outside goes into templates in other ways than by its digest.
        if not alike or _outside(new) != _outside(old):
            raise CannotReviseError
    return found


class _Revision:
    def __init__(self, analysis: Analysis, ground: Ground, tree: SourceTree) -> None:
        if tree.earlier is None:
            raise CannotReviseError
        self.old = analysis
        self.ground = ground
        self.tree = tree
        self.before: SourceTree = tree.earlier
        self.now: dict[SourceModule, SourceModule] = {}
        """Today's module for each one that is not as it was."""
        self.moves: dict[str, Moves] = {}
        """By file, for those that changed."""
        for path in self.before.files:
            old, new = self.before.module_at(path), tree.module_at(path)
            if old is not new:
                self.now[old] = new
                walked = [line for file, line in ground.walked if file == old.file]
                read = {name for file, name in ground.read if file == old.file}
                self.moves[old.file] = Moves(old, new, walked, read)

    def made(self) -> tuple[Analysis, Ground]:
        prints = self._fingerprints()
        codes = {f"{module.name}:{name}": found.digest for (module, name), found in prints.items()}
        if any(codes.get(one.identity, one.code) != one.code for one in self._in_loops()):
            raise CannotReviseError
        ground = Ground(
            prints,
            {self._today(key) for key in self.ground.fixed},
            {(file, self._line(file, line)) for file, line in self.ground.walked},
            self.ground.read,
            self.ground.looped,
            self.ground.parts,
        )
        revised = replace(
            self.old,
            digest="",
            sites=tuple(self._site(site, codes) for site in self.old.sites),
            functions=tuple(self._function(one, codes) for one in self.old.functions),
            parameters=self._parameters(),
            sources=tuple(sorted(self.tree.module_at(path).file for path in self.tree.files)),
        )
        return revised, ground

    def _in_loops(self) -> list[DeclaredFunction]:
        """Give the steps whose codes are in the terms of loops."""
        return [one for one in self.old.functions if one.identity in self.ground.looped]

    # ------------------------------------------------------------------ fingerprints

    def _today(self, key: FunctionKey) -> FunctionKey:
        return (self.now.get(key[0], key[0]), key[1])

    def _fingerprints(self) -> dict[FunctionKey, Fingerprint]:
        return renewed(self.ground, self.tree, self._today, self._line)

    # ------------------------------------------------------------------ places

    def _line(self, file: str, line: int) -> int:
        moves = self.moves.get(file)
        return line if moves is None else moves.line(line)

    def _origin(self, origin: Origin) -> Origin:
        file, first, last = origin
        return (file, self._line(file, first), self._line(file, last))

    def _position(self, place: Position) -> Position:
        if place.file not in self.moves:
            return place
        first, last = self._line(place.file, place.line), self._line(place.file, place.end_line)
        return replace(place, line=first, end_line=last)

    # ------------------------------------------------------------------ what is declared, called

    def _site(self, site: CallSite, codes: Mapping[str, str]) -> CallSite:
        changed: dict[str, object] = {}
        if any(place.file in self.moves for place in site.chain):
            changed["chain"] = tuple(self._position(place) for place in site.chain)
        if site.statement[0] in self.moves:
            changed["statement"] = self._origin(site.statement)
        if any(origin[0] in self.moves for origin in site.lines):
            changed["lines"] = tuple(sorted(self._origin(origin) for origin in site.lines))
        code = codes.get(site.function, site.code)
        if code != site.code:
            parts = self.ground.parts[site.index]
            changed["code"] = code
            changed["template"] = term("site", site.function, code, *parts).digest
        if all(getattr(site, name) == value for name, value in changed.items()):
            return site
        return replace(site, **changed)  # type: ignore[arg-type]  # each under its own name

    def _function(self, one: DeclaredFunction, codes: Mapping[str, str]) -> DeclaredFunction:
        code, line = codes.get(one.identity, one.code), self._line(one.file, one.line)
        if code == one.code and line == one.line:
            return one
        return replace(one, code=code, line=line)

    def _parameters(self) -> tuple[ParameterInfo, ...]:
        for old, new in self.now.items():
            before, after = declared_in(old, self.before), declared_in(new, self.tree)
            if _without_lines(before) != _without_lines(after):
                raise CannotReviseError
        return tuple(map(self._parameter, self.old.parameters))

    def _parameter(self, one: ParameterInfo) -> ParameterInfo:
        line = self._line(one.file or self.old.script, one.line) if one.line else one.line
        return one if line == one.line else replace(one, line=line)


def _without_lines(declared: Declared) -> list[ParameterInfo]:
    return [replace(one, line=0) for one in declared.parameters]


def _outside(fingerprint: Fingerprint) -> tuple[object, ...]:
    """What a function takes from outside, as far as an analysis asks for it."""
    return (
        fingerprint.values,
        fingerprint.libraries,
        fingerprint.unfollowed,
        fingerprint.steps,
        fingerprint.changes,
    )


def _places(fingerprint: Fingerprint) -> list[tuple[str, int, int]]:
    """Where the definitions behind a fingerprint stand, and how many lines each has."""
    return [(symbol.file, symbol.line, symbol.source.count("\n")) for symbol in fingerprint.symbols]
