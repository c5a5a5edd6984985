"""Finding a definition in a module by its qualified name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from jobtui_core.fingerprint.facts import blocks_of
from jobtui_core.fingerprint.scopes import Function
from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["Definition", "definitions_of", "find_definition"]

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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
    places: list[tuple[list[ast.stmt], tuple[Function, ...], str]] = [(module.tree.body, (), "")]
    parts = qualname.split(".")
    found: list[Definition] = []
    for position, part in enumerate(parts):
        if part == "<locals>":
            continue
        last = position == len(parts) - 1
        found = []
        inner: list[tuple[list[ast.stmt], tuple[Function, ...], str]] = []
        for body, around, owner in places:
            for node, statement in _named(body, part, last=last):
                found.append(Definition(node, statement, around, owner))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    inner.append((node.body, (*around, node), ""))
                elif isinstance(node, ast.ClassDef):
                    inner.append((node.body, around, ".".join(parts[: position + 1])))
        places = inner
    return found


def _named(body: list[ast.stmt], name: str, *, last: bool) -> Iterator[tuple[ast.AST, ast.stmt]]:
    for statement in _statements(body):
        if isinstance(statement, Defined):
            if statement.name == name:
                yield statement, statement
        elif last and name == "<lambda>":
            for node in lambdas_in(statement):
                yield node, statement
        elif last and name in _assigned_names(statement):
            value = getattr(statement, "value", None)
            yield (value if isinstance(value, ast.Lambda) else statement), statement


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    stack = list(reversed(body))
    while stack:
        statement = stack.pop()
        yield statement
        for block in reversed(blocks_of(statement)):
            stack.extend(reversed(block))


def lambdas_in(node: ast.AST) -> Iterator[ast.Lambda]:
    """Give the lambdas of a statement, in order, those in its inner blocks left out."""
    inner = (
        {id(child) for block in blocks_of(node) for child in block}
        if isinstance(node, ast.stmt)
        else set()
    )
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.Lambda):
            yield current
            continue
        stack.extend(
            child
            for child in reversed(list(ast.iter_child_nodes(current)))
            if id(child) not in inner
        )


def _assigned_names(statement: ast.stmt) -> frozenset[str]:
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    else:
        return frozenset()
    return frozenset(
        node.id
        for target in targets
        for node in ast.walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


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
