"""Folders in which a script's imports are looked for, as far as its text tells."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from jobtui_core.errors import ScriptError
from jobtui_core.packages import followed_places

__all__ = ["import_path", "path_edits"]

_MAX_DEPTH = 50
"""Nesting beyond which nobody writes a path."""


def import_path(root: Path, script: Path, extra: Sequence[str] = ()) -> list[Path]:
    """Give the folders in which a script's imports are looked for, without running it.

    Parameters
    ----------
    root, script : Path
        Absolute.
    extra : sequence of str
        More folders, such as those of ``PYTHONPATH``.
    """
    before, after = path_edits(root, script)
    places = [*before, script.parent, root, root / "src", *after]
    places += [Path(os.path.abspath(item)) for item in extra if item]
    places += followed_places()
    return list(dict.fromkeys(places))


def path_edits(root: Path, script: Path) -> tuple[list[Path], list[Path]]:
    """Give the folders that a script adds to ``sys.path``, in front and behind.

    Found are calls of ``insert``, ``append`` and ``extend`` at the top level whose arguments are
    built from text, ``__file__``, ``pathlib`` and ``os.path``.
    """
    from jobtui_core.sources.tree import parse, read_source

    try:
        text = read_source(script, script.name)
        if "sys.path" not in text and "site.addsitedir" not in text:
            return [], []
        body = parse(text).body
    except (ScriptError, SyntaxError, ValueError, RecursionError, MemoryError):
        return [], []
    reader = _Paths(root, script, body)
    before: list[Path] = []
    after: list[Path] = []
    for method, arguments in _calls(body):
        front = method == "insert"
        for argument in arguments:
            place = reader.folder(argument)
            if place is not None:
                # The last one inserted comes first.
                before.insert(0, place) if front else after.append(place)
    return before, after


def _calls(body: list[ast.stmt]) -> Iterator[tuple[str, Sequence[ast.expr]]]:
    stack: list[ast.stmt] = list(reversed(body))
    while stack:
        statement = stack.pop()
        for block in ("orelse", "body"):
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                stack.extend(reversed(getattr(statement, block, None) or []))
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        owner, method = ast.unparse(call.func.value), call.func.attr
        if owner == "sys.path" and method == "insert" and len(call.args) == 2:
            yield method, call.args[1:]
        elif (owner, method) in (("sys.path", "append"), ("site", "addsitedir")):
            yield method, call.args
        elif owner == "sys.path" and method == "extend" and call.args:
            listed = call.args[0]
            if isinstance(listed, ast.List | ast.Tuple):
                yield method, listed.elts


class _Paths:
    """Works out paths that a script's text determines."""

    def __init__(self, root: Path, script: Path, body: list[ast.stmt]) -> None:
        self.root = root
        self.script = script
        self.names: dict[str, ast.expr] = {}
        for statement in body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.names.setdefault(statement.targets[0].id, statement.value)

    def folder(self, node: ast.expr) -> Path | None:
        """Give the folder that an expression names, if it exists."""
        found = self._path(node, 0)
        if found is None:
            return None
        # A relative path is from the working directory: that of the project or of the script.
        for base in (self.root, self.script.parent):
            place = Path(os.path.abspath(base / found))
            if place.is_dir():
                return place
        return None

    def _path(self, node: ast.expr, depth: int) -> Path | None:
        depth += 1
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return Path(node.value) if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            if node.id == "__file__":
                return self.script
            known = self.names.get(node.id)
            return None if known is None else self._path(known, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self._joined([node.left, node.right], depth)
        if isinstance(node, ast.Subscript):
            return self._parents(node, depth)
        if isinstance(node, ast.Attribute):
            if ast.unparse(node) in ("os.pardir", "os.path.pardir"):
                return Path("..")
            base = self._path(node.value, depth) if node.attr == "parent" else None
            return None if base is None else _parent(base)
        return self._called(node, depth) if isinstance(node, ast.Call) else None

    def _parents(self, node: ast.Subscript, depth: int) -> Path | None:
        holder, index = node.value, node.slice
        if not (isinstance(holder, ast.Attribute) and holder.attr == "parents"):
            return None
        path = self._path(holder.value, depth)
        if not (isinstance(index, ast.Constant) and isinstance(index.value, int)) or path is None:
            return None
        for _ in range(index.value + 1):
            path = _parent(path)
        return path

    def _called(self, node: ast.Call, depth: int) -> Path | None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if isinstance(node.func, ast.Name):
            name = node.func.id
        if name in ("Path", "str", "fspath", "join", "abspath", "realpath", "normpath"):
            return self._joined(node.args, depth)
        if name == "dirname" and len(node.args) == 1:
            path = self._path(node.args[0], depth)
            return None if path is None else _parent(path)
        if isinstance(node.func, ast.Attribute) and name in ("resolve", "absolute", "as_posix"):
            return self._path(node.func.value, depth)
        if isinstance(node.func, ast.Attribute) and name == "joinpath":
            return self._joined([node.func.value, *node.args], depth)
        return None

    def _joined(self, nodes: Sequence[ast.expr], depth: int) -> Path | None:
        parts = [self._path(node, depth) for node in nodes]
        known = [part for part in parts if part is not None]
        return Path(*known) if known and len(known) == len(parts) else None


def _parent(path: Path) -> Path:
    return path / ".." if path.name in ("", "..") else path.parent
