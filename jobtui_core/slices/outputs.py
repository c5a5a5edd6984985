"""What the source says in an ``output=``: names of files, and constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["PERSISTERS", "constants_in", "output_files", "saved_files"]

PERSISTERS = frozenset(
    {
        "CsvFile", "FigureFile", "JsonFile", "MemMappedNiftiFile", "NiftiFile", "NumpyFile",
        "ParquetFile", "PathOutput", "PickleFile", "TextFile",
    }
)  # fmt: skip
"""Classes of ours whose first argument is a file's name."""


def output_files(node: ast.expr) -> tuple[str, ...]:
    """Give the file names of the persisters in an ``output=``, as far as they are literal."""
    found: list[str] = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            found += _file_name(inner)
    return tuple(found)


def _file_name(node: ast.Call) -> list[str]:
    """Give the file name that is handed to a persister, if it is literal."""
    named = [keyword.value for keyword in node.keywords if keyword.arg == "filename"]
    return [
        first.value
        for first in (*node.args[:1], *named)
        if isinstance(first, ast.Constant) and isinstance(first.value, str)
    ]


def constants_in(node: ast.expr) -> Iterator[str]:
    """Give the literal constants of an ``output=``, which stand for themselves in results."""
    if isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from constants_in(item)
    elif isinstance(node, ast.Dict):
        for item in node.values:
            yield from constants_in(item)
    elif isinstance(node, ast.Constant | ast.UnaryOp | ast.BinOp):
        text = ast.unparse(node)
        if text != "None":
            yield text


def saved_files(node: ast.expr) -> Iterator[str]:
    """Give the literal file names of persisters of ours in an ``output=``."""
    if isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from saved_files(item)
    elif isinstance(node, ast.Dict):
        for item in node.values:
            yield from saved_files(item)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in PERSISTERS:
            yield from _file_name(node)
