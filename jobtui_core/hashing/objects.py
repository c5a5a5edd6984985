"""Digests of objects: classes and functions by what they are, everything else by its state.

An object's state is what ``copyreg`` and ``__reduce_ex__`` would hand to pickle; no stream is
made of it, since pickle's memo sees identity.  Any failure means that the object has no digest:
half a state would give two different objects one digest.
"""

from __future__ import annotations

import copyreg
import functools
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import PurePath
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any

from jobtui_core.errors import UnhashableError
from jobtui_core.hashing import (
    arrays,
    pandas_frames,
    plain,
    polars_frames,
    sparse,
    torch_tensors,
    xarray_data,
)
from jobtui_core.hashing.names import canonical_module, is_library_module
from jobtui_core.hashing.nodes import (
    ORDERED,
    Attributes,
    Bag,
    Handler,
    Node,
    Options,
    Pairs,
    Sequence,
    head,
)

__all__ = [
    "NoDigestError",
    "cause_of",
    "handler_for",
    "known_handler",
    "register_hasher",
    "set_class_fingerprinter",
    "set_function_fingerprinter",
    "unhashable",
]

_found: dict[type, Handler] = dict(plain.HANDLERS)
known_handler = _found.get
"""`handler_for` for types met before, without the call of a Python function."""

_taught: dict[type, Callable[[Any], Any]] = {}
_class_fingerprint: Callable[[type], str | None] | None = None
_function_fingerprint: Callable[[Any], str | None] | None = None


class NoDigestError(Exception):
    """Says why a value has none; the walk adds where it was met."""


def unhashable(where: str, value: Any, reason: Exception) -> UnhashableError:
    """Make the error that says which part of a value has no digest."""
    cls = type(value)
    shown = where or "the value"
    return UnhashableError(
        f"{shown} cannot be hashed: {cls.__module__}.{cls.__qualname__}: {reason!s:.500}",
        where=where,
        type=f"{cls.__module__}.{cls.__qualname__}",
    )


def cause_of(error: Exception) -> BaseException | None:
    """Give what an error is to be chained to: itself, or what it was made from."""
    return error.__cause__ if isinstance(error, NoDigestError) else error


def handler_for(cls: type) -> Handler:
    """Give what turns values of exactly this type into nodes."""
    handler = _found.get(cls)
    if handler is None:
        if len(_found) > 5000:
            # Classes made in a loop or a notebook must not be kept alive for ever.
            _found.clear()
            _found.update(plain.HANDLERS)
        handler = _found[cls] = _choose(cls)
    return handler


def register_hasher(cls: type, function: Callable[[Any], Any]) -> None:
    """Teach how values of a type, and of types derived from it, are hashed.

    Parameters
    ----------
    cls : type
    function : callable
        Takes a value and returns what is hashed in its place, together with the class: a tuple
        of its content, say.  It must return equal things for values that mean the same.
    """
    if not isinstance(cls, type):
        raise TypeError(f"register_hasher needs a class, not {cls!r}")
    _taught[cls] = function
    _found.clear()
    _found.update(plain.HANDLERS)


def set_class_fingerprinter(function: Callable[[type], str | None] | None) -> None:
    """Set what tells the fingerprint of a class's code; ``None`` from it for library classes."""
    global _class_fingerprint
    _class_fingerprint = function


def set_function_fingerprinter(function: Callable[[Any], str | None] | None) -> None:
    """Set what tells the fingerprint of a function's code and what it captures.

    Where it returns ``None``, or none is set, the function's code object, defaults and closure
    are hashed.
    """
    global _function_fingerprint
    _function_fingerprint = function


def _choose(cls: type) -> Handler:
    for base in cls.__mro__:
        if base in _taught:
            return _by_teaching(_taught[base])
    for package in dict.fromkeys(base.__module__.partition(".")[0] for base in cls.__mro__):
        library = _LIBRARIES.get(package)
        if library is not None and package in sys.modules:
            handler = library(cls)
            if handler is not None:
                return handler
    for base, known in _BY_BASE:
        if issubclass(cls, base):
            return known
    if issubclass(cls, Iterator) and cls.__module__ in ("builtins", "itertools"):
        # Their pickling is going away, and a call would use them up.
        return _refuse
    return _reduced


def _by_teaching(function: Callable[[Any], Any]) -> Handler:
    def handle(value: Any, options: Options) -> Node:
        try:
            parts = [type(value), function(value)]
        except Exception as error:
            raise NoDigestError(f"its registered hasher failed: {error}") from error
        return Node(head("taught"), ORDERED, parts, _unlabelled)

    return handle


def _unlabelled(children: list[Any], index: int) -> str:
    return ""


def _refuse(value: Any, options: Options) -> Node:
    raise NoDigestError(f"a {type(value).__name__} has no content to go by")


def _global(options: Options, kind: str, module: str, name: str) -> bytes:
    return options.digest(head(kind, f"{canonical_module(module)}:{name}".encode()))


# ------------------------------------------------------------------------------------- classes


def _class(value: type, options: Options) -> bytes:
    fingerprint = None
    if _class_fingerprint is not None and not is_library_module(value.__module__):
        fingerprint = _class_fingerprint(value)
    name = f"{canonical_module(value.__module__)}:{value.__qualname__}:{fingerprint or ''}"
    return options.digest(head("class", name.encode()))


def _enum(value: Enum, options: Options) -> Node:
    parts = [type(value), value.name, value.value]
    return Node(head("enum"), ORDERED, parts, _unlabelled)


# ----------------------------------------------------------------------------------- functions


def _function(value: FunctionType, options: Options) -> bytes | Node:
    if is_library_module(value.__module__ or "") and _is_importable(value):
        return _global(options, "function", value.__module__, value.__qualname__)
    if _function_fingerprint is not None:
        fingerprint = _function_fingerprint(value)
        if fingerprint is not None:
            return options.digest(head("function", fingerprint.encode()))
    try:
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
    except ValueError as error:
        raise NoDigestError("it captures a name that has no value yet") from error
    parts = [value.__code__, value.__defaults__, value.__kwdefaults__, tuple(cells)]
    return Node(head("function code"), ORDERED, parts, _captured)


def _captured(children: list[Any], index: int) -> str:
    return ("", ".__defaults__", ".__kwdefaults__", ".__closure__")[index]


def _is_importable(value: Any) -> bool:
    found: Any = sys.modules.get(value.__module__)
    for part in value.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is value


def _code(value: CodeType, options: Options) -> Node:
    parts: list[Any] = [
        value.co_code,
        value.co_consts,
        value.co_names,
        value.co_varnames,
        value.co_freevars,
        (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, value.co_flags),
    ]
    return Node(head("code"), ORDERED, parts, _unlabelled)


def _builtin(value: BuiltinFunctionType, options: Options) -> bytes | Node:
    owner = value.__self__
    if owner is None or isinstance(owner, ModuleType):
        return _global(options, "function", value.__module__ or "builtins", value.__qualname__)
    return Node(head("bound"), ORDERED, [value.__name__, owner], _bound_label)


def _method(value: MethodType, options: Options) -> Node:
    parts = [value.__func__, value.__self__]
    return Node(head("method"), ORDERED, parts, _bound_label)


def _bound_label(children: list[Any], index: int) -> str:
    return ".__self__" if index else ""


def _partial(value: functools.partial[Any], options: Options) -> Node:
    parts = [
        type(value),
        value.func,
        value.args,
        value.keywords,
        Attributes(value.__dict__),
    ]
    return Node(head("partial"), ORDERED, parts, _partial_label)


def _partial_label(children: list[Any], index: int) -> str:
    return ("", ".func", ".args", ".keywords", "")[index]


# ------------------------------------------------------------------------------- other objects


def _path(value: PurePath, options: Options) -> Node:
    cls: Any = type(value)
    if cls.__module__.partition(".")[0] == "pathlib":
        # Where in the package a class lies depends on the version of Python.
        cls = cls.__name__
    return Node(head("path"), ORDERED, [cls, str(value)], _unlabelled)


def _fraction(value: Any, options: Options) -> Node:
    # What it pickles as depends on the version of Python.
    return Node(head("Fraction"), ORDERED, [value.numerator, value.denominator], _unlabelled)


def _mapping_proxy(value: MappingProxyType[Any, Any], options: Options) -> Node:
    return Node(head("mappingproxy"), ORDERED, [dict(value)], _unlabelled)


def _set_subclass(value: set[Any] | frozenset[Any], options: Options) -> Node:
    # Their __reduce__ lists the members in an order that PYTHONHASHSEED decides.
    state = getattr(value, "__dict__", {})
    parts = [type(value), Bag(value), Attributes(state)]
    return Node(head("set subclass"), ORDERED, parts, _unlabelled)


def _ordered_dict(value: OrderedDict[Any, Any], options: Options) -> Node:
    parts = [type(value), Sequence(value.items()), Attributes(vars(value))]
    return Node(head("OrderedDict subclass"), ORDERED, parts, _unlabelled)


_BY_BASE: tuple[tuple[type, Handler], ...] = (
    (type, _class),
    (Enum, _enum),
    (FunctionType, _function),
    (MethodType, _method),
    (BuiltinFunctionType, _builtin),
    (CodeType, _code),
    (functools.partial, _partial),
    (PurePath, _path),
    (MappingProxyType, _mapping_proxy),
    (ModuleType, _refuse),
    (set, _set_subclass),
    (frozenset, _set_subclass),
    (OrderedDict, _ordered_dict),
)


_LIBRARIES: dict[str, Callable[[type], Handler | None]] = {
    "numpy": arrays.handler_for,
    "pandas": pandas_frames.handler_for,
    "polars": polars_frames.handler_for,
    "scipy": sparse.handler_for,
    "torch": torch_tensors.handler_for,
    "xarray": xarray_data.handler_for,
    "fractions": lambda cls: _fraction if cls is sys.modules["fractions"].Fraction else None,
}
"""Who knows the types of a package; none of them imports it."""


def _reduced(value: Any, options: Options) -> bytes | Node:
    cls = type(value)
    try:
        reduce = copyreg.dispatch_table.get(cls)
        reduced = reduce(value) if reduce is not None else value.__reduce_ex__(4)
        if isinstance(reduced, str):
            return _named(value, reduced, options)
        function, arguments, state, items, pairs, setter = (*reduced, *(None,) * 6)[:6]
        # Iterators are used up here, where a failure still has a name.
        listed = None if items is None else list(items)
        mapped = None if pairs is None else list(pairs)
    except Exception as error:
        # A reducer is anybody's code; whatever it raises, there is no digest.
        raise NoDigestError(str(error) or type(error).__name__) from error
    parts: list[Any] = [function, *arguments]
    labels = [""] * len(parts)
    for part, label in _state(state):
        parts.append(part)
        labels.append(label)
    if listed is not None:
        parts.append(Sequence(listed))
    if mapped is not None:
        parts.append(Pairs(mapped))
    if setter is not None:
        parts.append(setter)
    labels += [""] * (len(parts) - len(labels))
    absent = (state is None, listed is None, mapped is None, setter is None)
    if function is not copyreg.__newobj__:  # type: ignore[attr-defined]  # not in typeshed
        parts.append(cls)
        labels.append("")
    return Node(
        _object_head(len(arguments), absent), ORDERED, parts, lambda children, index: labels[index]
    )


@functools.lru_cache(maxsize=256)
def _object_head(arguments: int, absent: tuple[bool, ...]) -> bytes:
    return head("object", repr((arguments, *absent)).encode())


def _named(value: Any, name: str, options: Options) -> bytes | Node:
    """Digest what pickle would look up by name: functions of extension modules, singletons."""
    wrapped = getattr(value, "__wrapped__", None)
    if wrapped is not None:
        # functools.lru_cache and its like are what they wrap.
        return Node(head("wrapper"), ORDERED, [type(value), wrapped], _unlabelled)
    module = getattr(value, "__module__", None) or type(value).__module__
    return _global(options, "global", str(module), name)


def _state(state: Any) -> list[tuple[Any, str]]:
    if state is None:
        return []
    if type(state) is dict:
        return [(Attributes(state), "")]
    if type(state) is tuple and len(state) == 2 and isinstance(state[1], dict):
        # What object.__getstate__ gives for a class with __slots__.
        own, slots = state
        return [(Attributes(own) if type(own) is dict else own, ""), (Attributes(slots), "")]
    return [(state, ".__getstate__()")]
