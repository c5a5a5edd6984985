"""The project's sources as this process loaded them, kept from the moment of decoration."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
import weakref
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from jobtui_core.errors import ConfigurationError, ScriptError
from jobtui_core.root import Config, is_library, load_config, process_root
from jobtui_core.sources import SourceModule, SourceTree
from jobtui_core.sources.reading import reading
from jobtui_core.sources.tree import read_source

__all__ = [
    "choose_text",
    "code_of",
    "has_code_of_another",
    "in_library",
    "loaded_generation",
    "loaded_module",
    "loaded_place",
    "loaded_sources",
    "loaded_tree",
    "namespace_of",
    "place_of_class",
    "project_config",
    "project_file",
    "reloads",
    "snapshot_loaded",
    "tell_of_changes",
]

_texts: dict[Path, list[str]] = {}
"""Texts of each file that was loaded, newest last; several only if it was loaded again."""
_stats: dict[Path, tuple[int, int, int]] = {}
_names: set[str] = set()
"""The files with texts, as code objects name them."""
_seen: dict[str, int] = {}
"""Modules looked at, by name, with the object's id: a name may be imported afresh."""
_files: dict[Path, ModuleType] = {}
_counted: tuple[int, int] = (0, 0)
_tree: tuple[tuple[Any, ...], SourceTree] | None = None
_generation = 0
_reloads = 0
_executions = count(1)
_loaded_again: set[str] = set()
"""Files with code that was executed again, and whose text was not looked at since."""
_hooked = False


@functools.lru_cache(maxsize=1)
def _library_prefixes() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {path for name in names if (path := sysconfig.get_path(name))}
    folders.add(str(Path(os.__file__).parent))
    # Of this package a hundred modules are loaded, and in a checkout they lie elsewhere.
    folders.add(str(Path(__file__).parents[1]))
    return tuple(folder + os.sep for folder in folders)


@functools.lru_cache(maxsize=16)
def project_config(root: Path) -> Config:
    """Give the settings of a project; those that cannot be read are said when they are needed."""
    try:
        return load_config(root)
    except ConfigurationError:
        return Config()


@functools.lru_cache(maxsize=8192)
def project_file(file: str) -> Path | None:
    """Give the absolute path of a source file of the project, ``None`` for anything else."""
    # Most modules of a process lie in the same few folders; is_library looks at links, too.
    if not file.endswith(".py") or file.startswith("<"):
        return None
    if file.startswith(_library_prefixes()) and not project_config(process_root()).follow:
        return None
    path = Path(os.path.abspath(file))
    return None if is_library(path) else path


def code_of(func: Any) -> CodeType | None:
    """Give the code object of a Python function."""
    code = getattr(func, "__code__", None)
    return code if isinstance(code, CodeType) else None


def in_library(code: CodeType) -> bool:
    """Tell whether code comes from a file of a library."""
    file = code.co_filename
    return file.endswith(".py") and not file.startswith("<") and project_file(file) is None


def snapshot_loaded(func: Any) -> None:
    """Keep the text of a function's module, and of all project modules loaded by now.

    Called when a function is decorated: what is edited later was not loaded by this process.
    """
    with reading:
        _watch_reloads()
        _snapshot_modules()
        while func is not None:
            code = code_of(func)
            path = None if code is None else project_file(code.co_filename)
            if path is not None:
                _read(path)
            func = getattr(func, "__wrapped__", None) or getattr(func, "func", None)
            if isinstance(func, ModuleType):
                return


def _watch_reloads() -> None:
    """Have Python say when code is executed again, or set in place: in notebooks that is daily."""
    global _hooked
    if not _hooked:
        _hooked = True
        sys.addaudithook(_executed)


def _executed(event: str, arguments: tuple[Any, ...]) -> None:
    global _reloads
    if event == "object.__setattr__":
        if arguments[1] in _SET_IN_PLACE and _is_of_project(arguments[0]):
            if arguments[1] == "__code__":
                _given_code.add(arguments[0])
            _reloads = next(_executions)
            for tell in _told:
                tell()
        return
    if event != "exec":
        return
    file = getattr(arguments[0], "co_filename", None)
    if file in _names and arguments[0].co_name == "<module>":
        _loaded_again.add(file)
        # From a counter: of two threads that add one to it, one could be lost.
        _reloads = next(_executions)


_SET_IN_PLACE = ("__code__", "__defaults__", "__kwdefaults__")
_told: list[Callable[[], None]] = []
_given_code: weakref.WeakSet[Any] = weakref.WeakSet()


def has_code_of_another(func: FunctionType) -> bool:
    """Tell whether a function was given code in place that is written under another name."""
    return func in _given_code and func.__code__.co_qualname != func.__qualname__


def tell_of_changes(told: Callable[[], None]) -> None:
    """Have a function called when the code or the defaults of a function are set in place."""
    _told.append(told)


def _is_of_project(func: Any) -> bool:
    """Tell whether a function is not one of those that libraries make, and dress up themselves."""
    try:
        namespace = func.__globals__
        file = namespace.get("__file__")
        return namespace.get("__name__") == "__main__" or (
            isinstance(file, str) and project_file(file) is not None
        )
    except Exception:  # noqa: BLE001  an exception here would be one of the assignment
        return True


def reloads() -> int:
    """Give a number that is another one once code of the project was executed again, or set."""
    return _reloads


def _snapshot_modules() -> None:
    global _counted
    while _loaded_again:
        path = project_file(_loaded_again.pop())
        if path is not None:
            _read(path)
    now = _stamp()
    if now == _counted:
        return
    for name, module in [*sys.modules.items()]:
        if _seen.get(name) == id(module):
            continue
        if name not in ("__main__", "__mp_main__"):
            # Main modules come and go as scripts run other scripts.
            _seen[name] = id(module)
        path = _path_of(module)
        if path is not None:
            _files[path] = module
            _read(path)
    _counted = now


def _path_of(module: Any) -> Path | None:
    """Give the source file of a module of the project."""
    if not issubclass(type(module), ModuleType):
        return None
    # Asked for like any other attribute, it would load a module whose loading was put off.
    file = object.__getattribute__(module, "__dict__").get("__file__")
    return project_file(file) if isinstance(file, str) else None


def _read(path: Path) -> None:
    """Keep the text of a file, again if it was written since."""
    global _generation
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        return
    if _stats.get(path) == stamp:
        return
    try:
        text = read_source(path, str(path))
    except ScriptError:
        return
    _stats[path] = stamp
    _names.add(str(path))
    texts = _texts.setdefault(path, [])
    if text in texts:
        texts.remove(text)
    else:
        _generation += 1
    texts.append(text)


def loaded_sources() -> Mapping[Path, str]:
    """Give the texts of all project modules that this process has loaded, by path."""
    with reading:
        _snapshot_modules()
        return {path: texts[-1] for path, texts in _texts.items()}


def loaded_generation() -> int:
    """Give a number that grows as more code of the project is loaded."""
    # Asked at each call: that nothing was loaded since is seen without the lock, and without
    # making the two numbers of a stamp.
    modules, (count, newest) = sys.modules, _counted
    try:
        if len(modules) == count and id(next(reversed(modules.values()))) == newest:
            return _generation
    except RuntimeError:
        # Another thread imports something.
        pass
    if _stamp() != _counted:
        with reading:
            _snapshot_modules()
    return _generation


def _stamp() -> tuple[int, int]:
    """Tell, by the newest module, whether any was imported since, even in place of another."""
    while True:
        try:
            return len(sys.modules), id(next(reversed(sys.modules.values())))
        except RecursionError:
            # Which is a RuntimeError, too, and would be one for ever.
            raise
        except RuntimeError:
            # Another thread imported something between the two steps of that.
            continue


def loaded_tree() -> SourceTree:
    """Give the sources as loaded; the same tree until more is loaded."""
    global _tree
    with reading:
        _snapshot_modules()
        key = (process_root(), tuple(sys.path), _generation)
        if _tree is None or _tree[0] != key:
            places = [Path(os.path.abspath(place or ".")) for place in sys.path]
            outside = [place for place in places if not str(place).endswith(".zip")]
            texts = {path: texts[-1] for path, texts in _texts.items()}
            _tree = (key, SourceTree(process_root(), outside, loaded=texts))
        return _tree[1]


def loaded_module(func: Any) -> SourceModule | None:
    """Give the source of the file that a function's code comes from."""
    place = loaded_place(func)
    return None if place is None else place[1]


def loaded_place(func: Any) -> tuple[SourceTree, SourceModule] | None:
    """Give the sources as loaded, and in them the file that a function's code comes from.

    Both at once: whoever asks twice may get two trees, and the modules of one are not those of
    the other.
    """
    code = code_of(func)
    path = None if code is None else project_file(code.co_filename)
    if path is None:
        return None
    with reading:
        if path not in _texts:
            _read(path)
    return _place_of(path)


def place_of_class(cls: type) -> tuple[SourceTree, SourceModule] | None:
    """Give the same for a class without functions of its own."""
    path = _path_of(sys.modules.get(cls.__module__))
    return None if path is None else _place_of(path)


def _place_of(path: Path) -> tuple[SourceTree, SourceModule] | None:
    tree = loaded_tree()
    try:
        return tree, tree.module_at(path)
    except ScriptError:
        return None


def namespace_of(module: SourceModule, func: Any) -> dict[str, Any] | None:
    """Give the live globals of a module: those of ``func`` where it is the same file."""
    if isinstance(func, FunctionType):
        code = func.__code__
        if project_file(code.co_filename) == module.path:
            return func.__globals__
    return _namespace_at(module.path)


def _namespace_at(path: Path) -> dict[str, Any] | None:
    with reading:
        _snapshot_modules()
        found = _files.get(path)
        if found is not None and sys.modules.get(found.__name__) is found:
            return vars(found)
        for module in [*sys.modules.values()]:
            if _path_of(module) == path:
                if module.__name__ != "__main__":
                    _files[path] = module
                return vars(module)
        return None


def choose_text(path: Path, accept: Callable[[str], bool]) -> bool:
    """Look among the texts that a file had for the one that was loaded.

    Returns
    -------
    bool
        Whether there is another text that fits; `loaded_tree` then goes by it.
    """
    global _generation
    with reading:
        _read(path)
        texts = _texts.get(path, [])
        for text in reversed(texts):
            if accept(text):
                texts.remove(text)
                texts.append(text)
                _generation += 1
                return True
        return False
