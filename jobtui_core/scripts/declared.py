"""Parameters of a script and of the project modules it imports, read without running it."""

from __future__ import annotations

import ast
from pathlib import Path

from jobtui_core.errors import ScriptError
from jobtui_core.parameters import Declared, declared_in, merged
from jobtui_core.records import ParameterInfo
from jobtui_core.sources import SourceModule, SourceTree, import_path

__all__ = ["declared_parameters"]


def declared_parameters(root: Path, script: Path) -> Declared:
    """Give what a script and the project modules it imports declare.

    It is not certain that these are all where a name is computed, or a module cannot be read.
    """
    tree = SourceTree(root, import_path(root, script))
    found: list[ParameterInfo] = []
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
            declared = declared_in(module, tree)
        except ScriptError:
            certain = False
            continue
        found += declared.parameters
        certain = certain and declared.certain
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                waiting.extend(_imported(tree, module, node))
    return Declared(merged(found), certain)


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
