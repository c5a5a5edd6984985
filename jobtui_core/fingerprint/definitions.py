"""Finding a definition in a module by its qualified name."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from jobtui_core.fingerprint.facts import Defined, facts_of
from jobtui_core.fingerprint.scopes import Function
from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["Definition", "definitions_of", "find_definition"]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One place that defines a qualified name."""

    node: ast.AST
    """Function, class or lambda, or the statement that binds the name otherwise."""
    statement: ast.AST
    """What to show as its source."""
    around: tuple[Function, ...] = ()
    """Functions around it, outermost first."""
    owner: str = ""
    """Qualified name of the class whose body it is in."""


def definitions_of(module: SourceModule, qualname: str) -> list[Definition]:
    """Give every place of a module that defines a qualified name, in order.

    There are several if the definition depends on a condition or is repeated.
    """
    facts = facts_of(module)
    places: list[tuple[Defined | None, tuple[Function, ...], str]] = [(None, (), "")]
    parts = qualname.split(".")
    found: list[Definition] = []
    for position, part in enumerate(parts):
        if part == "<locals>":
            continue
        last = position == len(parts) - 1
        found = []
        inner: list[tuple[Defined | None, tuple[Function, ...], str]] = []
        for holder, around, owner in places:
            for node, statement in facts.defined(holder).get(part, ()):
                if not isinstance(node, Defined):
                    if last:
                        found.append(Definition(node, statement, around, owner))
                    continue
                found.append(Definition(node, statement, around, owner))
                if isinstance(node, ast.ClassDef):
                    inner.append((node, around, ".".join(parts[: position + 1])))
                else:
                    inner.append((node, (*around, node), ""))
        places = inner
    return found


def find_definition(tree: SourceTree, module: SourceModule, qualname: str) -> ast.AST | None:
    """Give the syntax tree of a definition.

    Parameters
    ----------
    tree : SourceTree
        Unused so far as the definition lies in ``module`` itself.
    module : SourceModule
    qualname : str
        As in ``__qualname__``: ``Model.fit``, ``build.<locals>.inner``.

    Returns
    -------
    ast.AST or None
        The function, class or lambda; the statement for a name that is assigned.  Where a
        definition is repeated, the last one.
    """
    del tree
    found = definitions_of(module, qualname)
    return found[-1].node if found else None
