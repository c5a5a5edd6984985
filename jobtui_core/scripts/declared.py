"""Names of the parameters that a script declares, read from its sources without running it."""

from __future__ import annotations

import ast
from pathlib import Path

from jobtui_core.errors import ScriptError
from jobtui_core.sources import SourceModule, SourceTree, import_path

__all__ = ["declared_parameters"]


def declared_parameters(root: Path, script: Path) -> tuple[list[str], bool]:
    """Give the names that a script and the project modules it imports declare.

    Returns
    -------
    names : list of str
    certain : bool
        Whether these are all: not so where a name is computed, or a module cannot be read.
    """
    tree = SourceTree(root, import_path(root, script))
    names: list[str] = []
    certain = True
    seen: set[Path] = set()
    waiting = [tree.module_at(script)]
    while waiting:
        module = waiting.pop()
        if module.path in seen:
            continue
        seen.add(module.path)
        try:
            nodes = list(ast.walk(module.tree))
        except ScriptError:
            certain = False
            continue
        spellings = _spellings(nodes)
        for node in nodes:
            if isinstance(node, ast.Call) and _is_declaration(node, spellings):
                name = _literal_name(node)
                if name is None:
                    certain = False
                elif name not in names:
                    names.append(name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                waiting.extend(_imported(tree, module, node))
    return names, certain


def _spellings(nodes: list[ast.AST]) -> set[str]:
    """Names under which a module knows ``default_param``."""
    return {"default_param"} | {
        alias.asname
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "default_param" and alias.asname
    }


def _is_declaration(call: ast.Call, spellings: set[str]) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in spellings
    return isinstance(function, ast.Attribute) and function.attr == "default_param"


def _literal_name(call: ast.Call) -> str | None:
    given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "name")]
    if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
        return given[0].value
    return None


def _imported(
    tree: SourceTree, module: SourceModule, node: ast.Import | ast.ImportFrom
) -> list[SourceModule]:
    if isinstance(node, ast.Import):
        found = [tree.find(alias.name, importer=module) for alias in node.names]
    else:
        base = node.module or ""
        level = node.level
        found = [tree.find(base, importer=module, level=level)] if base or level else []
        for alias in node.names:
            dotted = f"{base}.{alias.name}" if base else alias.name
            found.append(tree.find(dotted, importer=module, level=level))
    return [item for item in found if item is not None]
