"""Classes and functions of scripts in pickles: under their module's name, found without importing.

What pickle calls ``__main__`` is another file in every process.  So a class of a script is
written under the name its file has in the project, and is looked for where that file already is:
in ``__main__`` if that is the file, else among the loaded modules.  A script is never imported
for it, since that would run it.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from pickle import UnpicklingError
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from jobtui_core.hashing import is_library_module, main_name
from jobtui_core.root import is_library

if TYPE_CHECKING:
    import ast

__all__ = ["check_import", "find_in_main", "name_of_script_object", "script_object"]


def name_of_script_object(value: Any) -> tuple[str, str] | None:
    """Give module and qualified name of a class or function of the main script.

    ``None`` for everything else, for what cannot be found by its name, and where the main module
    has no name of its own (notebooks).
    """
    if not isinstance(value, type | FunctionType) or value.__module__ != "__main__":
        return None
    name = main_name()
    if name is None or _attribute(sys.modules.get("__main__"), value.__qualname__) is not value:
        return None
    return name, value.__qualname__


def script_object(module: str, name: str) -> Any:
    """Give what a pickle wrote as a script's class or function.

    Raises
    ------
    UnpicklingError
        If the script is not loaded in this process, or has no such name any more.
    """
    place = _main_as(module) or sys.modules.get(module)
    if place is None:
        raise UnpicklingError(f"{name} belongs to the script {module}, which is not loaded here")
    found = _attribute(place, name)
    if found is None:
        raise UnpicklingError(f"{module} has no {name} any more")
    return found


def find_in_main(module: str, name: str) -> Any:
    """Give what an imported module's name means, if that module is the script running here.

    ``None`` if it is another module.

    Raises
    ------
    UnpicklingError
        If it was written by a main module without a name, while this process runs a script.
    """
    if module == "__main__":
        if main_name() is not None:
            raise UnpicklingError(f"{name} belongs to a session that is not this script")
        return None
    if module in sys.modules and module != main_name():
        return None
    main = _main_as(module)
    return None if main is None else _attribute(main, name)


def _main_as(module: str) -> ModuleType | None:
    """Give the main module if a name means it."""
    main = sys.modules.get("__main__")
    if main is None:
        return None
    if main_name() == module:
        return main
    file = getattr(main, "__file__", None)
    if file and "." not in module and Path(file).stem == module and module not in sys.modules:
        # A script below the root, imported by a neighbour under its short name.
        spec = _find(module)
        if (
            spec is not None
            and spec.origin
            and Path(spec.origin).absolute() == Path(file).absolute()
        ):
            return main
    return None


def _find(module: str) -> ModuleSpec | None:
    from importlib.util import find_spec

    return find_spec(module)


def check_import(module: str) -> None:
    """Refuse a module whose import would run a script.

    Raises
    ------
    UnpicklingError
        If it is not loaded and is a file of the project that does its work when imported.
    """
    if module in sys.modules or is_library_module(module):
        return
    try:
        spec = _find(module)
    except (ImportError, AttributeError, ValueError):
        return
    if spec is not None and spec.origin and spec.has_location and _is_script(spec.origin):
        raise UnpicklingError(f"{module} is a script, which is not loaded here")


@lru_cache(maxsize=1024)
def _is_script(file: str) -> bool:
    """Tell whether a file uses this package and calls functions when it is imported."""
    if is_library(file):
        return False
    import ast

    try:
        text = Path(file).read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, ValueError, SyntaxError):
        return False
    if "jobtui_core" not in text:
        return False
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return any(_works(statement, own) for statement in tree.body)


def _works(statement: ast.stmt, own: set[str]) -> bool:
    import ast

    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
        return False
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return True
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id in own for call in calls)


def _attribute(place: Any, name: str) -> Any:
    for part in name.split("."):
        place = getattr(place, part, None)
    return place
