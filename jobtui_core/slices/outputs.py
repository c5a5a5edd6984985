"""What the source says in an ``output=``: names of files, and constants."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from jobtui_core.slices.meanings import Value
from jobtui_core.slices.terms import Constant, Term

__all__ = [
    "PERSISTERS",
    "Written",
    "constants_in",
    "output_files",
    "saved_files",
    "written_files",
]

PERSISTERS = frozenset(
    {
        "CsvFile", "FigureFile", "JsonFile", "MemMappedNiftiFile", "NiftiFile", "NumpyFile",
        "ParquetFile", "PathOutput", "PickleFile", "TextFile",
    }
)  # fmt: skip
"""Classes of ours whose first argument is a file's name."""


class Written(NamedTuple):
    """What is known of a persister: class and file, and why that may be another one."""

    text: str
    unfollowed: frozenset[str]


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


def written_files(node: ast.expr, eval_: Callable[[ast.expr], Value]) -> Iterator[Written]:
    """Tell the persisters of an ``output=`` apart: by class and file, as entries do.

    Parameters
    ----------
    node : ast.expr
    eval_ : callable
        Gives what an expression means there.
    """
    if isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from written_files(item, eval_)
    elif isinstance(node, ast.Dict):
        for item in node.values:
            yield from written_files(item, eval_)
    elif isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        file = next((one.value for one in node.keywords if one.arg == "filename"), None)
        file = node.args[0] if file is None and node.args else file
        if file is None or isinstance(file, ast.Starred):
            # Some function gives it, or a class of the user's knows its file.
            file, name = node, ""
        yield _written(name, eval_(file).term)
    elif not isinstance(node, ast.Constant | ast.UnaryOp | ast.BinOp):
        yield _written("", eval_(node).term)


def _written(saver: str, file: Term) -> Written:
    known = file.meaning.value if isinstance(file.meaning, Constant) else None
    words = known if isinstance(known, str) else f"#{file.digest}"
    return Written(f"{saver}({words})", file.unfollowed)


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
