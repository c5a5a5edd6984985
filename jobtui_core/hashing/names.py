"""Names of modules that are the same whether a file is run, imported or read by a worker."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from jobtui_core.root import find_root, is_library

__all__ = ["canonical_module", "is_library_module", "main_name"]


def main_name() -> str | None:
    """Give the name that the main script's classes and functions are known by.

    Returns
    -------
    str or None
        The spec's name for ``python -m``, else the file's dotted path under the project root;
        ``None`` where there is no script (notebooks, ``python -c``).
    """
    main = sys.modules.get("__main__")
    return None if main is None else _name_of(main)


def canonical_module(name: str) -> str:
    """Give the name of a loaded module that does not depend on how it was started.

    Modules of the project are named by their dotted path under its root, all others by their
    import name.
    """
    module = sys.modules.get(name)
    if module is None:
        return name
    return _name_of(module) or name


def is_library_module(name: str) -> bool:
    """Tell whether a loaded module belongs to Python, to site-packages or to this package."""
    module = sys.modules.get(name)
    if module is None:
        return False
    file = getattr(module, "__file__", None)
    # A module without a file is built in, unless it is an interactive session.
    return _is_library_file(file) if file else name != "__main__"


@lru_cache(maxsize=4096)
def _is_library_file(file: str) -> bool:
    return is_library(file)


def _name_of(module: ModuleType) -> str | None:
    name = module.__name__
    file = getattr(module, "__file__", None)
    if name == "__main__":
        spec = getattr(module, "__spec__", None)
        if spec is not None:
            return str(spec.name)
    if not file:
        return None
    main = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    dotted = _dotted(str(file), str(main), os.environ.get("JOBTUI_ROOT", ""))
    return dotted or (Path(file).stem if name == "__main__" else name)


@lru_cache(maxsize=4096)
def _dotted(file: str, main: str, root: str) -> str | None:
    if is_library(file):
        return None
    start = Path(main) if main and not is_library(main) else Path.cwd() / "."
    folder = Path(root) if root else find_root(start)
    try:
        parts = list(Path(file).absolute().relative_to(folder).with_suffix("").parts)
    except ValueError:
        return None
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)
