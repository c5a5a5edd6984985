"""Which names a text may change behind their definitions, whatever module they belong to.

Names are taken as they are written, scopes left aside: a name that is told from another one of
the same spelling is not worth the time, since all that hangs on it is how often a value is looked
at again.
"""

from __future__ import annotations

import ast
import re
import weakref
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from jobtui_core.fingerprint.known import CHANGING_METHODS, LOOKING_CALLS, LOOKING_METHODS
from jobtui_core.fingerprint.scopes import children_of
from jobtui_core.sources.tree import parse

__all__ = ["Touched", "binds_attribute", "bound_attributes", "may_change", "touched"]


class Touched(NamedTuple):
    """Names as written in a text, by what is done to them.

    Attributes
    ----------
    changed : frozenset of str
        The object is changed in place: an item or attribute is set, a list appended to.
    handed : frozenset of str
        The object itself is handed on, to where it may be changed under another name.
    bound : frozenset of str
        An attribute of that name is set, of a module, class or object.
    """

    changed: frozenset[str]
    handed: frozenset[str]
    bound: frozenset[str]


_NOTHING = Touched(frozenset(), frozenset(), frozenset())
_KNOWN: weakref.WeakKeyDictionary[ast.Module, Touched] = weakref.WeakKeyDictionary()

_SETS = re.compile(
    r"\.\s*(\w+)\s*(?:=(?!=)|[-+*/%@&|^<>]{1,3}=|[:,;)\]#]|\bin\b|$)|setattr\b", re.MULTILINE
)


def touched(text: str) -> Touched:
    """Give the names that a text touches; of one that does not parse none, as it cannot run."""
    try:
        tree = parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _NOTHING
    found = _KNOWN.get(tree)
    if found is None:
        found = _KNOWN[tree] = _Reader().read(tree)
    return found


def may_change(name: str, texts: Iterable[str], *, handed: bool) -> bool:
    """Tell whether any text may change the object behind a name.

    Parameters
    ----------
    name : str
    texts : iterable of str
    handed : bool
        Whether handing the object on is enough.
    """
    for text in texts:
        # Most modules never mention it, and need not be parsed.
        if name in text:
            found = touched(text)
            if name in found.changed or (handed and name in found.handed):
                return True
    return False


def binds_attribute(name: str, texts: Iterable[str]) -> bool:
    """Tell whether any text sets an attribute of that name: of a module or class, perhaps."""
    for text in texts:
        # Far quicker than a tree; of most names it already says no.
        candidates = _perhaps_set(text)
        if (candidates is None or name in candidates) and name in touched(text).bound:
            return True
    return False


def bound_attributes(texts: Iterable[str]) -> frozenset[str]:
    """Give all attributes that any text may set, and some that only look like it."""
    found: set[str] = set()
    for text in texts:
        candidates = _perhaps_set(text)
        found |= touched(text).bound if candidates is None else candidates
    return frozenset(found)


@lru_cache(maxsize=4096)
def _perhaps_set(text: str) -> frozenset[str] | None:
    """Attributes that a text may set; ``None`` for any, since only its tree tells."""
    names = {match.group(1) for match in _SETS.finditer(text)}
    return None if None in names else frozenset(names)


class _Reader:
    """Goes through a tree; each node comes with whether its object is handed on."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.handed: set[str] = set()
        self.bound: set[str] = set()
        self.aliases: list[tuple[str, str]] = []
        """Names with what else they are called."""
        self.stack: list[tuple[ast.AST, bool]] = []

    def read(self, tree: ast.Module) -> Touched:
        self.stack.append((tree, True))
        while self.stack:
            node, handed = self.stack.pop()
            visit = _VISITORS.get(type(node))
            if visit is not None:
                visit(self, node, handed)
            else:
                self._push(handed or not isinstance(node, ast.expr), *children_of(node))
        for name, alias in reversed(self.aliases):
            if alias in self.changed:
                self.changed.add(name)
        return Touched(frozenset(self.changed), frozenset(self.handed), frozenset(self.bound))

    def _push(self, handed: bool, *nodes: ast.AST | None) -> None:
        self.stack.extend((node, handed) for node in nodes if node is not None)

    def _change(self, node: ast.AST) -> None:
        """Note that the object behind an expression is changed, and what holds it."""
        while isinstance(node, ast.Subscript | ast.Attribute):
            if isinstance(node, ast.Attribute):
                self.changed.add(node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            self.changed.add(node.id)

    def name(self, node: ast.Name, handed: bool) -> None:
        if handed and isinstance(node.ctx, ast.Load):
            self.handed.add(node.id)

    def attribute(self, node: ast.Attribute, handed: bool) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.bound.add(node.attr)
            self._change(node.value)
        elif handed:
            self.handed.add(node.attr)
        self._push(False, node.value)

    def subscript(self, node: ast.Subscript, handed: bool) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._change(node.value)
        self._push(False, node.value, node.slice)

    def augmented(self, node: ast.AugAssign, handed: bool) -> None:
        self._change(node.target)
        self._push(False, node.target, node.value)

    def call(self, node: ast.Call, handed: bool) -> None:
        function = node.func
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        looks = isinstance(function, ast.Name) and function.id in LOOKING_CALLS
        if isinstance(function, ast.Name) and function.id in ("setattr", "delattr"):
            self._set_by_name(node)
        elif isinstance(function, ast.Attribute):
            if function.attr in CHANGING_METHODS:
                self._change(function.value)
            # What any other method does to its object nobody knows.
            self._push(function.attr not in LOOKING_METHODS, function.value)
        else:
            self._push(True, function)
        self._push(not looks, *arguments)

    def _set_by_name(self, node: ast.Call) -> None:
        if len(node.args) > 1:
            self._change(node.args[0])
            name = node.args[1]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                self.bound.add(name.value)

    def looked_at(self, node: ast.AST, handed: bool) -> None:
        self._push(False, *children_of(node))

    def loop(self, node: ast.For | ast.AsyncFor, handed: bool) -> None:
        self._push(False, node.iter)
        self._push(True, node.target, *node.body, *node.orelse)

    def comprehension(self, node: ast.comprehension, handed: bool) -> None:
        self._push(False, node.iter, *node.ifs)
        self._push(True, node.target)

    def branch(self, node: ast.If | ast.While, handed: bool) -> None:
        self._push(False, node.test)
        self._push(True, *node.body, *node.orelse)

    def choice(self, node: ast.IfExp, handed: bool) -> None:
        self._push(False, node.test)
        self._push(handed, node.body, node.orelse)

    def imported(self, node: ast.ImportFrom, handed: bool) -> None:
        for alias in node.names:
            if alias.asname not in (None, alias.name):
                self.aliases.append((alias.name, str(alias.asname)))
                self.handed.add(alias.name)

    def assigned(self, node: ast.Assign, handed: bool) -> None:
        name = getattr(node.value, "id", None) or getattr(node.value, "attr", None)
        if name is not None:
            others = [target.id for target in node.targets if isinstance(target, ast.Name)]
            self.aliases += [(name, other) for other in others]
        self._push(True, *node.targets, node.value)

    def declared(self, node: ast.Nonlocal, handed: bool) -> None:
        self.changed.update(node.names)

    def handing(self, node: ast.AST, handed: bool) -> None:
        self._push(True, *children_of(node))


_VISITORS: dict[type[ast.AST], Callable[[_Reader, Any, bool], None]] = {
    ast.Name: _Reader.name,
    ast.Attribute: _Reader.attribute,
    ast.Subscript: _Reader.subscript,
    ast.AugAssign: _Reader.augmented,
    ast.Call: _Reader.call,
    ast.For: _Reader.loop,
    ast.AsyncFor: _Reader.loop,
    ast.comprehension: _Reader.comprehension,
    ast.If: _Reader.branch,
    ast.While: _Reader.branch,
    ast.IfExp: _Reader.choice,
    ast.ImportFrom: _Reader.imported,
    ast.Assign: _Reader.assigned,
    ast.Nonlocal: _Reader.declared,
    **dict.fromkeys((ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda), _Reader.handing),
    **dict.fromkeys(
        (ast.Compare, ast.BinOp, ast.UnaryOp, ast.FormattedValue, ast.Starred, ast.Expr),
        _Reader.looked_at,
    ),
}
