"""A normal form of source code: equal for code that does the same by construction.

Comments, layout, docstrings and annotations of functions and local variables are gone.  The
serialisation is our own, because ``ast.dump`` and ``ast.unparse`` differ between versions of
Python: a field that is empty is left out, and so are the fields that only some versions have.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

__all__ = ["serialise"]

_SKIPPED = frozenset({"ctx", "kind", "type_comment", "type_ignores", "simple", "str"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OPENS = {
    ast.ClassDef: "class",
    ast.FunctionDef: "function",
    ast.AsyncFunctionDef: "function",
    ast.Lambda: "function",
}

_Item = str | tuple[ast.AST, str]
"""Text, or a node with what surrounds it.

``class`` keeps annotations of assignments, ``function`` drops them, ``register`` is the head of
a function whose own annotations act.
"""


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
    stack: list[_Item] = [(node, "class")]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item[0], ast.Constant):
            out.append(_constant(item[0].value))
        else:
            pieces = _pieces(*item, skipped)
            pieces.reverse()
            stack += pieces
    return "".join(out)


_fields: dict[type[ast.AST], tuple[str, ...]] = {}


def _pieces(node: ast.AST, around: str, skipped: Collection[int]) -> list[_Item]:
    """Write one node; its children are left to be written."""
    if isinstance(node, ast.AnnAssign) and around == "function" and node.value is not None:
        node = ast.Assign(targets=[node.target], value=node.value)
    if isinstance(node, ast.JoinedStr):
        return _joined(node, around)
    cls = type(node)
    inside = _OPENS.get(cls, around)
    annotated = around == "register"
    if isinstance(node, _FUNCTIONS):
        annotated = _registers(node)
    pieces: list[_Item] = [cls.__name__, "("]
    if cls not in _fields:
        _fields[cls] = tuple(name for name in cls._fields if name not in _SKIPPED)
    for name in _fields[cls]:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            if name in ("annotation", "returns") and not annotated and _hides(node, around):
                continue
            if name == "format_spec" and not _texts(value):
                continue
            head = annotated and name == "args"
            pieces += [name, "=", (value, "register" if head else inside)]
        elif isinstance(value, list):
            items = _items(value, inside, skipped)
            if items:
                pieces += [name, "=[", *items, "]"]
        elif value or not (value is None or name == "level") or cls is ast.MatchSingleton:
            pieces += [name, "=", _constant(value)]
    pieces.append(")")
    return pieces


def _items(values: list[object], inside: str, skipped: Collection[int]) -> list[_Item]:
    items: list[_Item] = []
    for value in values:
        if isinstance(value, ast.AST):
            if id(value) not in skipped and not _inert(value, inside):
                items += [(value, inside), ","]
        else:
            items += [_constant(value), ","]
    return items


def _hides(node: ast.AST, around: str) -> bool:
    """Tell whether an annotation does nothing: those of class bodies make fields."""
    return not isinstance(node, ast.AnnAssign) or around == "function"


def _inert(item: ast.AST, inside: str) -> bool:
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
    if isinstance(value, str):
        # What counts as printable, and hence repr(), follows the version's Unicode tables.
        return f"str:{value!a};"
    if isinstance(value, bool) or value is None or value is ...:
        return f"{value!r};"
    if isinstance(value, int):
        # Decimal text of very long integers is refused by Python itself.
        return f"int:{value:#x};"
    return f"{type(value).__name__}:{value!r};"


def _texts(node: ast.AST) -> list[str | ast.AST]:
    """Parts of an f-string, neighbouring text joined: versions cut it differently."""
    if not isinstance(node, ast.JoinedStr):
        return [node]
    pieces: list[str | ast.AST] = []
    for value in node.values:
        if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
            pieces.append(value)
        elif pieces and isinstance(pieces[-1], str):
            pieces[-1] += value.value
        elif value.value:
            pieces.append(value.value)
    return pieces


def _joined(node: ast.JoinedStr, around: str) -> list[_Item]:
    items: list[_Item] = ["JoinedStr(["]
    for piece in _texts(node):
        items += [_constant(piece) if isinstance(piece, str) else (piece, around), ","]
    items.append("])")
    return items
