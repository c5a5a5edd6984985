"""Where the lines of a module have gone, after an edit that an analysis can be brought up to."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jobtui_core.sources import SourceModule

__all__ = ["CannotReviseError", "Moves"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class CannotReviseError(Exception):
    """The edit may be more than one of function bodies."""


class _Segment(NamedTuple):
    """A statement of a module's top level, with its decorators: first and last line."""

    node: ast.stmt
    first: int
    last: int


class Moves:
    """Where the lines of one file have gone.

    Raises
    ------
    CannotReviseError
        If statements of the top level came, went or changed beyond the bodies of functions that
        nobody walked through, and literals under names that nobody asked for.
    """

    def __init__(
        self,
        old: SourceModule,
        new: SourceModule,
        walked: Sequence[int],
        read: AbstractSet[str],
    ) -> None:
        before, after = _segments(old), _segments(new)
        if len(before) != len(after):
            raise CannotReviseError
        self._firsts = [segment.first for segment in before]
        self._lasts = [segment.last for segment in before]
        self._offsets = [new.first - old.first for old, new in zip(before, after, strict=True)]
        self._changed: dict[int, tuple[int, int]] = {}
        """Of functions that changed: their ``def`` lines before and after, by place."""
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            if _text(old, one) == _text(new, other):
                continue
            if any(one.first <= line <= one.last for line in walked):
                raise CannotReviseError
            if _same_for_the_walk(one.node, other.node, read):
                self._changed[place] = (0, 0)
                continue
            if not _same_head(one.node, other.node):
                raise CannotReviseError
            self._changed[place] = (one.node.lineno, other.node.lineno)

    def line(self, line: int) -> int:
        """Give today's number of a line that is still there."""
        place = bisect_right(self._firsts, line) - 1
        if place < 0 or line > self._lasts[place]:
            raise CannotReviseError
        if place in self._changed:
            before, after = self._changed[place]
            if line != before:
                raise CannotReviseError
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


def _same_for_the_walk(one: ast.stmt, other: ast.stmt, read: AbstractSet[str]) -> bool:
    """Whether both bind a name to a literal, and what is bound there goes into code alone.

    So do texts that stand for themselves: docstrings.
    """
    if _is_text(one) and _is_text(other):
        return True
    name = _literal_name(one)
    return name is not None and name == _literal_name(other) and name not in read


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _literal_name(statement: ast.stmt) -> str | None:
    """Give the name that a statement binds to something that is written out in it."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
        value: ast.expr | None = statement.value
    elif isinstance(statement, ast.AnnAssign):
        target, value = statement.target, statement.value
    else:
        return None
    if not isinstance(target, ast.Name) or value is None:
        return None
    plain = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp)
    marks = (ast.expr_context, ast.unaryop)
    known = all(isinstance(node, (*plain, *marks)) for node in ast.walk(value))
    return target.id if known else None


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
