"""An analysis brought up to date after the edit of function bodies, without a walk.

Most edits are of a step's body, of a helper, of a comment.  None of them changes what the script
calls or how values flow between the calls: other fingerprints take the place of the old ones in
the templates, and lines move.  Whatever may be more than that is left to a walk of its own.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from jobtui_core.errors import JobtuiError, ScriptError
from jobtui_core.fingerprint import Fingerprint, source_fingerprint
from jobtui_core.slices.ground import FunctionKey, Ground
from jobtui_core.slices.terms import Origin, term

if TYPE_CHECKING:
    from jobtui_core.records import ParameterInfo
    from jobtui_core.slices.analysis import Analysis, CallSite, DeclaredFunction
    from jobtui_core.slices.machine import Position
    from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["revise"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class _CannotReviseError(Exception):
    """The edit may be more than one of function bodies."""


class _Segment(NamedTuple):
    """A statement of a module's top level, with its decorators: first and last line."""

    node: ast.stmt
    first: int
    last: int


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
    except (_CannotReviseError, ScriptError, JobtuiError, LookupError, ValueError):
        return None


class _Revision:
    def __init__(self, analysis: Analysis, ground: Ground, tree: SourceTree) -> None:
        if tree.earlier is None:
            raise _CannotReviseError
        self.old = analysis
        self.ground = ground
        self.tree = tree
        self.before: SourceTree = tree.earlier
        self.now: dict[SourceModule, SourceModule] = {}
        """Today's module for each one that is not as it was."""
        self.moves: dict[str, _Moves] = {}
        """By file, for those that changed."""
        for path in self.before.files:
            old, new = self.before.module_at(path), tree.module_at(path)
            if old is not new:
                self.now[old] = new
                walked = [line for file, line in ground.walked if file == old.file]
                self.moves[old.file] = _Moves(old, new, walked)

    def made(self) -> tuple[Analysis, Ground]:
        prints = self._fingerprints()
        codes = {f"{module.name}:{name}": found.digest for (module, name), found in prints.items()}
        ground = Ground(
            prints,
            {self._today(key) for key in self.ground.fixed},
            {(file, self._line(file, line)) for file, line in self.ground.walked},
            self.ground.parts,
        )
        revised = replace(
            self.old,
            digest="",
            sites=tuple(self._site(site, codes) for site in self.old.sites),
            functions=tuple(self._function(one, codes) for one in self.old.functions),
            parameters=tuple(self._parameter(one) for one in self.old.parameters),
            sources=tuple(sorted(self.tree.module_at(path).file for path in self.tree.files)),
        )
        return revised, ground

    # ------------------------------------------------------------------ fingerprints

    def _today(self, key: FunctionKey) -> FunctionKey:
        return (self.now.get(key[0], key[0]), key[1])

    def _fingerprints(self) -> dict[FunctionKey, Fingerprint]:
        kept = self.tree.kept
        found: dict[FunctionKey, Fingerprint] = {}
        for key, old in self.ground.fingerprints.items():
            if key[0] in kept:
                found[key] = old
                continue
            today = self._today(key)
            new = found[today] = source_fingerprint(self.tree, *today)
            if key in self.ground.fixed:
                alike = new.digest == old.digest and _places(new) == self._moved_places(old)
            else:
                alike = True
            # What it takes from outside goes into templates in other ways than by its digest.
            if not alike or _outside(new) != _outside(old):
                raise _CannotReviseError
        return found

    def _moved_places(self, fingerprint: Fingerprint) -> list[tuple[str, int, int]]:
        return [(file, self._line(file, line), count) for file, line, count in _places(fingerprint)]

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

    def _parameter(self, one: ParameterInfo) -> ParameterInfo:
        line = self._line(self.old.script, one.line) if one.line else one.line
        return one if line == one.line else replace(one, line=line)


class _Moves:
    """Where the lines of one file have gone.

    Raises
    ------
    _CannotReviseError
        If statements of the top level came, went or changed beyond the bodies of functions that
        nobody walked through.
    """

    def __init__(self, old: SourceModule, new: SourceModule, walked: Sequence[int]) -> None:
        before, after = _segments(old), _segments(new)
        if len(before) != len(after):
            raise _CannotReviseError
        self._firsts = [segment.first for segment in before]
        self._lasts = [segment.last for segment in before]
        self._offsets = [new.first - old.first for old, new in zip(before, after, strict=True)]
        self._changed: dict[int, tuple[int, int]] = {}
        """Of functions that changed: their ``def`` lines before and after, by place."""
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            if _text(old, one) == _text(new, other):
                continue
            if any(one.first <= line <= one.last for line in walked):
                raise _CannotReviseError
            if not _same_head(one.node, other.node):
                raise _CannotReviseError
            self._changed[place] = (one.node.lineno, other.node.lineno)

    def line(self, line: int) -> int:
        """Give today's number of a line that is still there."""
        place = bisect_right(self._firsts, line) - 1
        if place < 0 or line > self._lasts[place]:
            raise _CannotReviseError
        if place in self._changed:
            before, after = self._changed[place]
            if line != before:
                raise _CannotReviseError
            return after
        return line + self._offsets[place]


def _segments(module: SourceModule) -> list[_Segment]:
    found: list[_Segment] = []
    for node in module.tree.body:
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        found.append(_Segment(node, first, node.end_lineno or node.lineno))
    return found


def _text(module: SourceModule, segment: _Segment) -> list[str]:
    return module.lines[segment.first - 1 : segment.last]


def _same_head(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether two functions differ in their bodies alone, and both only compute there."""
    if type(one) is not type(other) or not isinstance(one, _FUNCTIONS):
        return False
    assert isinstance(other, _FUNCTIONS)
    return (
        one.name == other.name
        and one.name != "main"
        and _plain(one)
        and _plain(other)
        and _dump([one.args, one.returns, *one.decorator_list])
        == _dump([other.args, other.returns, *other.decorator_list])
    )


def _plain(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a body declares nothing that an analysis looks for wherever it stands."""
    for node in ast.walk(function):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.ClassDef):
            return False
        if isinstance(node, _FUNCTIONS) and node is not function:
            return False
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if name == "default_param":
            return False
    return True


def _dump(nodes: Sequence[ast.AST | None]) -> list[str]:
    return [ast.dump(node) if node is not None else "" for node in nodes]


def _outside(fingerprint: Fingerprint) -> tuple[object, ...]:
    """What a function takes from outside, as far as an analysis asks for it."""
    return (
        fingerprint.values,
        fingerprint.libraries,
        fingerprint.unfollowed,
        fingerprint.steps,
    )


def _places(fingerprint: Fingerprint) -> list[tuple[str, int, int]]:
    """Where the definitions behind a fingerprint stand, and how many lines each has."""
    return [(symbol.file, symbol.line, symbol.source.count("\n")) for symbol in fingerprint.symbols]
