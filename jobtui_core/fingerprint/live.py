"""Fingerprints of live functions: their code as loaded, and the values it refers to."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

from jobtui_core.errors import JobtuiError, ScriptError, UnhashableError, UnknownNameError
from jobtui_core.fingerprint.check import function_matches, mismatches
from jobtui_core.fingerprint.codes import code_digest, nested_codes
from jobtui_core.fingerprint.definitions import Definition, definitions_of
from jobtui_core.fingerprint.facts import facts_of
from jobtui_core.fingerprint.identities import identity
from jobtui_core.fingerprint.layers import (
    captured_values,
    definitions_behind,
    innermost,
    is_project_layer,
    layers_of,
    plain_function,
)
from jobtui_core.fingerprint.model import Fingerprint, ValueRef
from jobtui_core.fingerprint.snapshot import (
    choose_text,
    in_library,
    loaded_module,
    loaded_tree,
    module_of_class,
    namespace_of,
)
from jobtui_core.fingerprint.static import Walk, walk
from jobtui_core.hashing import combine, digest
from jobtui_core.sources import SourceModule, SourceTree

__all__ = [
    "LoadedFingerprint",
    "class_fingerprint",
    "function_fingerprint",
    "loaded_fingerprint",
]

_NO_CODE: Fingerprint = Fingerprint("", (), (), (), frozenset(), ())


@dataclass(frozen=True, slots=True)
class LoadedFingerprint:
    """The code of a live function and the values that count with it.

    Attributes
    ----------
    digest : str
        Of code and values.
    static : Fingerprint
        Of the code alone, from the text that was loaded: equal to that of the sources on disk
        while nobody edits them.
    matches_source : bool
        Whether the loaded code is that of the text; if not, ``digest`` says nothing of use.
    identity : str
        ``module:qualified name``.
    unfollowed : tuple of str
        What could not be followed, in the code and in its values.
    """

    digest: str
    static: Fingerprint
    matches_source: bool
    identity: str
    unfollowed: tuple[str, ...] = ()
    _frozen: str = ""
    _rebound: tuple[tuple[str, dict[str, Any]], ...] = field(default=(), repr=False)

    @property
    def changing(self) -> bool:
        """Whether values that count may be bound anew between calls."""
        return bool(self._rebound)

    def refresh(self) -> LoadedFingerprint:
        """Give the fingerprint as of now, where values may have been bound anew."""
        if not self._rebound:
            return self
        parts = [self._frozen]
        for name, namespace in self._rebound:
            parts += [name, _value_digest(name, namespace.get(name, _Unset))[0]]
        current = combine("rebound", *parts)
        return self if current == self.digest else replace(self, digest=current)


class _Unset:
    """Stands for a name that is not bound yet."""


_known: weakref.WeakKeyDictionary[Any, LoadedFingerprint] = weakref.WeakKeyDictionary()
_known_classes: weakref.WeakKeyDictionary[type, str] = weakref.WeakKeyDictionary()
_working = threading.local()


def loaded_fingerprint(func: Any) -> LoadedFingerprint:
    """Fingerprint a live function, as this process loaded it.

    Parameters
    ----------
    func : callable
        A function, method, partial, builtin, or one of these behind wrappers.

    Returns
    -------
    LoadedFingerprint
        Values are those of the first call with this function; names that are bound several times
        in a run count by what they are now.
    """
    if isinstance(func, MethodType):
        func = func.__func__
    try:
        known = _known.get(func)
    except TypeError:
        return _Loading(func).fingerprint()
    if known is None:
        known, circular = _guarded(func)
        if not circular:
            try:
                _known[func] = known
            except TypeError:
                return known
    return known.refresh() if known.changing else known


def _guarded(func: Any) -> tuple[LoadedFingerprint, bool]:
    """Work out a fingerprint; functions that capture each other end where they began."""
    active: list[Any] = _working.__dict__.setdefault("active", [])
    if any(func is item for item in active):
        _working.circular = True
        name = identity(func)
        return LoadedFingerprint(combine("circular", name), _NO_CODE, True, name), True
    if not active:
        _working.circular = False
    active.append(func)
    try:
        found = _Loading(func).fingerprint()
    finally:
        active.pop()
    # Inside a circle, what an inner function came to depends on where the walk began.
    return found, bool(active) and _working.circular


class _Loading:
    """Gathers the parts of one function's fingerprint."""

    def __init__(self, func: Any) -> None:
        self.func = func
        self.parts: list[str] = []
        self.unfollowed: list[str] = []
        self.rebound: list[tuple[str, dict[str, Any]]] = []
        self.matches = True

    def fingerprint(self) -> LoadedFingerprint:
        static = self._static()
        frozen = combine("loaded", static.digest, *self.parts)
        name = identity(self.func)
        unfollowed = (*static.unfollowed, *dict.fromkeys(self.unfollowed))
        found = LoadedFingerprint(
            frozen, static, self.matches, name, unfollowed, frozen, tuple(self.rebound)
        )
        return found.refresh()

    def _static(self) -> Fingerprint:
        func = self.func
        if isinstance(func, partial):
            inner = loaded_fingerprint(func.func)
            self.matches = inner.matches_source
            self.parts += ["partial", inner.digest]
            self._add("its bound arguments", (func.args, func.keywords))
            return inner.static
        layers = layers_of(func)
        for layer in layers[:-1]:
            self._layer(layer)
        root = layers[-1]
        if not isinstance(root, FunctionType) or in_library(root.__code__):
            return self._opaque(root)
        module = loaded_module(root)
        found = None if module is None else self._from_source(root)
        if found is not None:
            return found
        return _code_fingerprint(self, root)

    def _opaque(self, func: Any) -> Fingerprint:
        """Builtins, ufuncs, classes and callable objects."""
        if isinstance(func, partial | MethodType):
            inner = loaded_fingerprint(func)
            self.matches = inner.matches_source
            self.parts.append(inner.digest)
            return inner.static
        name = identity(func).replace(":", ".")
        if isinstance(func, type):
            return replace(_NO_CODE, digest=digest(func), libraries=frozenset({name}))
        if isinstance(getattr(type(func), "__call__", None), FunctionType):  # noqa: B004  its kind
            inner = loaded_fingerprint(type(func).__call__)
            self.matches = inner.matches_source
            self.parts.append(inner.digest)
            self._add("the object called", func)
            return inner.static
        version = _library_version(name.partition(".")[0])
        return replace(
            _NO_CODE, digest=combine("library", name, version), libraries=frozenset({name})
        )

    # From source ---------------------------------------------------------------------------

    def _from_source(self, func: FunctionType) -> Fingerprint | None:
        for _ in range(4):
            module = loaded_module(func)
            if module is None:
                return None
            try:
                definitions = definitions_behind(module, func)
                steps = self._walk(loaded_tree(), module, func, definitions)
            except (ScriptError, UnknownNameError):
                return None
            wrong = list(mismatches(steps.reached, func))
            if not function_matches(func, module.text):
                wrong.insert(0, (module, func))
            if not wrong or not _choose_again(wrong):
                self._found(func, module, definitions, steps)
                self.matches = self.matches and not wrong
                return steps.fingerprint()
        return None

    def _found(
        self,
        func: FunctionType,
        module: SourceModule,
        definitions: list[Definition],
        steps: Walk,
    ) -> None:
        if len(definitions) == 1 and definitions[0].node is not _only(module, func):
            # Several definitions share the name; the sources count them all.
            self.parts += ["one of several", facts_of(module).normal(definitions[0].node)]
        self._values(steps.fingerprint(), steps, func)
        self._cells(func, module, definitions)

    def _walk(
        self,
        tree: SourceTree,
        module: SourceModule,
        func: FunctionType,
        definitions: list[Definition],
    ) -> Walk:
        if func.__name__ == "<lambda>" and len(definitions) == 1:
            return walk(tree, module, func.__qualname__, definitions)
        return walk(tree, module, func.__qualname__)

    def _values(self, static: Fingerprint, steps: Walk, func: Any) -> None:
        for value in static.values:
            namespace = _namespace(steps, value, func)
            name = f"{value.module}:{value.name}"
            if namespace is None:
                self.unfollowed.append(f"{name} is not known before its module is loaded")
            elif value.rebound:
                self.rebound.append((value.name, namespace))
            elif value.name in namespace:
                self._add(name, namespace[value.name])
            else:
                self.unfollowed.append(f"{name} has no value yet")

    def _cells(
        self, func: FunctionType, module: SourceModule | None, definitions: list[Definition]
    ) -> None:
        read: frozenset[str] | None = None
        if module is not None and len(definitions) == 1:
            facts = facts_of(module)
            uses = facts.uses(definitions[0].node, definitions[0].around)
            read = frozenset(use.chain[0] for use in uses.captured if use.mode in _COUNTING)
        for name, value, reason in captured_values(func, definitions, read):
            if reason:
                self.unfollowed.append(f"{func.__qualname__} reads {name}, {reason}")
            else:
                self._add(name, value)

    def _layer(self, layer: Any) -> None:
        """Add a wrapper of the project: its code and what it captures, the function left out."""
        if not is_project_layer(layer):
            return
        module = loaded_module(layer)
        if module is not None and not function_matches(layer, module.text):
            _choose_again([(module, layer)])
            module = loaded_module(layer)
        code = layer.__code__
        wrapped = layers_of(layer)[1:]
        if module is None:
            self.parts.append(code_digest(code))
            return
        self.matches = self.matches and function_matches(layer, module.text)
        try:
            static = walk(loaded_tree(), module, code.co_qualname).fingerprint()
            self.parts += ["layer", static.digest]
            self.unfollowed += [s for s in static.unfollowed if "known only at run time" not in s]
        except (ScriptError, UnknownNameError):
            self.parts.append(code_digest(code))
        for name, cell in zip(code.co_freevars, layer.__closure__ or (), strict=True):
            value = cell.cell_contents if _filled(cell) else None
            if any(value is item for item in wrapped) or type(value) in (list, dict, set):
                continue
            self._add(name, value)

    # Values --------------------------------------------------------------------------------

    def _add(self, name: str, value: Any) -> None:
        found, reason = _value_digest(name, value)
        self.parts += [name, found]
        if reason:
            self.unfollowed.append(reason)


_COUNTING = ("read", "dynamic")


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  raises where it is empty
    except ValueError:
        return False
    return True


def _only(module: SourceModule, func: FunctionType) -> Any:
    """Give the one definition of a function's name, if there is just one."""
    found = definitions_of(module, func.__qualname__)
    return found[0].node if len(found) == 1 else None


def _choose_again(wrong: list[tuple[SourceModule, FunctionType]]) -> bool:
    """Find other texts that fit the functions; ``False`` if there is none for one of them."""
    by_path: dict[Path, list[FunctionType]] = {}
    for module, func in wrong:
        by_path.setdefault(module.path, []).append(func)
    return all(choose_text(path, partial(_all_match, funcs)) for path, funcs in by_path.items())


def _all_match(functions: list[FunctionType], text: str) -> bool:
    return all(function_matches(function, text) for function in functions)


def _namespace(steps: Walk, value: ValueRef, func: Any) -> dict[str, Any] | None:
    tree = steps.tree
    for path in tree.files:
        module = tree.module_at(path)
        if module.name == value.module:
            return namespace_of(module, func)
    return None


def _value_digest(name: str, value: Any) -> tuple[str, str]:
    """Digest a value that counts by content; a sentence where it has none."""
    if value is _Unset:
        return combine("unset"), ""
    if isinstance(value, ModuleType):
        return combine("module", value.__name__), ""
    try:
        return digest(value), ""
    except UnhashableError as error:
        return combine("unhashable", type(value).__qualname__), f"{name} does not count: {error}"
    except (JobtuiError, RecursionError) as error:
        return combine("unhashable", type(value).__qualname__), f"{name} does not count: {error}"


def _library_version(package: str) -> str:
    if package == "builtins" or package in sys.stdlib_module_names:
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    return str(getattr(sys.modules.get(package), "__version__", ""))


# Without source ------------------------------------------------------------------------------


def _code_fingerprint(into: _Loading, func: FunctionType) -> Fingerprint:
    """Fingerprint a function that has no source file by its code object."""
    parts = [code_digest(func.__code__)]
    unfollowed: list[str] = []
    libraries: set[str] = set()
    for name, value in _global_values(func):
        if isinstance(value, ModuleType):
            libraries.add(value.__name__)
            parts += [name, value.__name__]
            continue
        if type(value) in (list, dict, set) and not value:
            continue
        found, reason = _value_digest(name, value)
        parts += [name, found]
        if reason:
            unfollowed.append(reason)
    into._cells(func, None, [])
    defaults, reason = _value_digest("defaults", (func.__defaults__, func.__kwdefaults__))
    if not reason:
        parts.append(defaults)
    return Fingerprint(
        combine("code objects", *parts), (), (), tuple(unfollowed), frozenset(libraries), ()
    )


def _global_values(func: FunctionType) -> Iterator[tuple[str, Any]]:
    names = {name for code in nested_codes(func.__code__) for name in code.co_names}
    for name in sorted(names):
        if name in func.__globals__ and func.__globals__[name] is not func:
            yield name, func.__globals__[name]


# What hashing asks -----------------------------------------------------------------------------


def function_fingerprint(func: Any) -> str:
    """Digest a function as a value."""
    found = loaded_fingerprint(func)
    if found.matches_source:
        return combine("function", found.identity, found.digest)
    return combine("loaded function", found.identity, code_digest(innermost(func).__code__))


def class_fingerprint(cls: type) -> str | None:
    """Digest the code of a class of the project; ``None`` for classes of libraries."""
    known = _known_classes.get(cls)
    if known is None:
        known = _known_classes[cls] = _class_digest(cls)
    return known or None


def _class_digest(cls: type) -> str:
    functions = [f for value in vars(cls).values() if (f := _method(value, cls)) is not None]
    module = loaded_module(functions[0]) if functions else module_of_class(cls)
    if module is not None and "<locals>" not in cls.__qualname__:
        try:
            steps = walk(loaded_tree(), module, cls.__qualname__)
        except (ScriptError, UnknownNameError):
            steps = None
        if steps is not None and not any(mismatches(steps.reached, None)):
            loading = _Loading(cls)
            static = steps.fingerprint()
            loading._values(static, steps, functions[0] if functions else None)
            return combine("class", static.digest, *loading.parts)
    if not functions and module is None:
        return ""
    codes = sorted(f"{f.__qualname__}={code_digest(f.__code__)}" for f in functions)
    return combine("class by its code", cls.__qualname__, *codes)


def _method(value: Any, cls: type) -> FunctionType | None:
    found = plain_function(value)
    if found is None or not found.__qualname__.startswith(cls.__qualname__ + "."):
        return None
    return found
