"""A normal form of source code: equal for code that does the same by construction.

Comments, layout, docstrings and annotations of functions and local variables are gone.  The
serialisation is our own, because ``ast.dump`` and ``ast.unparse`` differ between versions of
Python: a field that is empty is left out, and so are the fields that only some versions have.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

__all__ = ["serialise"]

_SKIPPED = frozenset({"ctx", "kind", "type_comment", "type_ignores", "simple", "str"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def serialise(node: ast.AST, *, without: Collection[ast.AST] = ()) -> str:
    """Write a syntax tree in normal form.

    Parameters
    ----------
    node : ast.AST
    without : collection of ast.AST
        Nodes to leave out, such as decorators that do not count.

    Returns
    -------
    str
        Equal on all supported versions of Python.
    """
    skipped = {id(item) for item in without}
    out: list[str] = []
    # Work items are text to write, or a node with what surrounds it: "class" keeps annotations
    # of assignments, "function" drops them.
    stack: list[str | tuple[ast.AST, str]] = [(node, "class")]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
            continue
        stack.extend(reversed(list(_written(*item, skipped))))
    return "".join(out)


def _written(
    node: ast.AST, around: str, skipped: Collection[int]
) -> Iterator[str | tuple[ast.AST, str]]:
    if isinstance(node, ast.Constant):
        yield _constant(node.value)
        return
    if isinstance(node, ast.AnnAssign) and around == "function":
        # Only reached with a value: bare annotations are dropped with their statement.
        yield "Assign("
        yield "targets=["
        yield (node.target, around)
        yield "]value="
        if node.value is not None:
            yield (node.value, around)
        yield ")"
        return
    if isinstance(node, ast.JoinedStr):
        yield from _joined(node, around)
        return
    inside = around
    if isinstance(node, ast.ClassDef):
        inside = "class"
    elif isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        inside = "function"
    keep_annotations = isinstance(node, _FUNCTIONS) and _registers(node)
    yield type(node).__name__ + "("
    for name in node._fields:
        value = getattr(node, name, None)
        if name in _SKIPPED or value is None or value == []:
            if isinstance(node, ast.MatchSingleton):
                yield f"value={_constant(value)}"
            continue
        if name == "returns" and not keep_annotations:
            continue
        if name == "annotation" and isinstance(node, ast.arg) and around != "register":
            continue
        if name == "args" and keep_annotations:
            yield "args="
            yield (node.args, "register")  # type: ignore[attr-defined]  # a function has args
            continue
        yield from _field(node, name, value, inside, skipped)
    yield ")"


def _field(
    node: ast.AST, name: str, value: object, inside: str, skipped: Collection[int]
) -> Iterator[str | tuple[ast.AST, str]]:
    if isinstance(value, ast.AST):
        if name == "format_spec" and isinstance(value, ast.JoinedStr) and not _pieces(value):
            return
        yield f"{name}="
        yield (value, inside)
    elif isinstance(value, list):
        items = [item for item in value if id(item) not in skipped and not _inert(item, inside)]
        if not items:
            return
        yield f"{name}=["
        for item in items:
            if isinstance(item, ast.AST):
                yield (item, inside)
            else:
                yield _constant(item)
            yield ","
        yield "]"
    elif name == "level" and not value:
        return
    else:
        yield f"{name}={_constant(value)}"


def _inert(item: object, inside: str) -> bool:
    """Tell whether a statement does nothing: docstrings, ``pass``, bare annotations."""
    if isinstance(item, ast.Pass):
        return True
    if isinstance(item, ast.Expr):
        return isinstance(item.value, ast.Constant)
    return isinstance(item, ast.AnnAssign) and item.value is None and inside == "function"


def _registers(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether annotations act: ``@area.register`` reads the type of the first argument."""
    return any(isinstance(d, ast.Attribute) and d.attr == "register" for d in node.decorator_list)


def _constant(value: object) -> str:
    if isinstance(value, bool) or value is None or value is ...:
        return f"{value!r};"
    if isinstance(value, int):
        # Decimal text of very long integers is refused by Python itself.
        return f"int:{value:#x};"
    if isinstance(value, str):
        # What counts as printable, and hence repr(), follows the version's Unicode tables.
        return f"str:{value!a};"
    return f"{type(value).__name__}:{value!r};"


def _pieces(node: ast.JoinedStr) -> list[str | ast.AST]:
    """Parts of an f-string, neighbouring text joined: versions cut it differently."""
    pieces: list[str | ast.AST] = []
    for value in node.values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if pieces and isinstance(pieces[-1], str):
                pieces[-1] += value.value
            elif value.value:
                pieces.append(value.value)
        else:
            pieces.append(value)
    return pieces


def _joined(node: ast.JoinedStr, around: str) -> Iterator[str | tuple[ast.AST, str]]:
    yield "JoinedStr(["
    for piece in _pieces(node):
        if isinstance(piece, str):
            yield _constant(piece)
        else:
            yield (piece, around)
        yield ","
    yield "])"
