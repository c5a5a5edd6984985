"""Names that a nested function or lambda takes from around it, and its text in normal form."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

__all__ = ["bound_in", "is_lazy", "library_names", "normal_text", "of_function"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def _scopes(node: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes of one scope; inner functions and classes are given, not entered."""
    stack = list(ast.iter_child_nodes(node))
    while stack:
        inner = stack.pop()
        yield inner
        if not isinstance(inner, FunctionNode | ast.ClassDef):
            stack.extend(ast.iter_child_nodes(inner))


def bound_in(node: FunctionNode) -> frozenset[str]:
    """Give the names that are local to a function: its parameters and what it assigns."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
    names = {item.arg for item in every}
    foreign: set[str] = set()
    body = node.body if isinstance(node.body, list) else [node.body]
    for statement in body:
        for inner in (statement, *_scopes(statement)):
            names.update(_bindings(inner))
            if isinstance(inner, ast.Global | ast.Nonlocal):
                foreign.update(inner.names)
    return frozenset(names - foreign)


def _bindings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name


def of_function(node: FunctionNode) -> frozenset[str]:
    """Give the names that a function reads and does not bind, inner functions included."""
    found: set[str] = set()
    local = bound_in(node)
    body = node.body if isinstance(node.body, list) else [node.body]
    for statement in body:
        for inner in (statement, *_scopes(statement)):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                found.add(inner.id)
            elif isinstance(inner, FunctionNode):
                found |= of_function(inner)
            elif isinstance(inner, ast.ClassDef):
                found.update(
                    name.id
                    for name in ast.walk(inner)
                    if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
                )
    return frozenset(found - local)


def library_names(node: FunctionNode, aliases: Mapping[str, str]) -> set[str]:
    """Give the dotted library names that a function uses, after its imports' aliases."""
    found: set[str] = set()
    for start in ast.walk(node):
        words: list[str] = []
        inner: ast.AST = start
        while isinstance(inner, ast.Attribute):
            words.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in aliases:
            found.add(".".join([aliases[inner.id], *reversed(words)]))
    return found


def normal_text(node: FunctionNode) -> str:
    """Give a function's syntax as text, without positions, names of its own, or docstring."""
    if isinstance(node, ast.Lambda):
        return ast.dump(node)
    body = node.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        body = body[1:]
    return ast.dump(node.args) + ";".join(ast.dump(statement) for statement in body)


def is_lazy(node: FunctionNode) -> bool:
    """Tell whether a function's body runs later than it is called: generators, coroutines."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True
    body = node.body if isinstance(node.body, list) else [node.body]
    return any(
        isinstance(inner, ast.Yield | ast.YieldFrom)
        for statement in body
        for inner in (statement, *_scopes(statement))
    )
