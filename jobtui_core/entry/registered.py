"""Pictures of a user's own types, by functions that are registered for them.

The visualisation beside the persistence: how results of a type are shown wherever they are, by
``jobtui show``, the app and reports.  A function is asked once for a result, when that is written.
"""

from __future__ import annotations

import sys
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Any, TypeVar, overload

from jobtui_core.entry.describe import clean, type_name
from jobtui_core.entry.given import converted
from jobtui_core.errors import CacheWarning
from jobtui_core.pictures import Preview

__all__ = ["forget_all", "is_any", "made_by_function", "register_preview"]

_T = TypeVar("_T")
_Function = Callable[[Any], Any]

_SECONDS = 1.0
"""That the function of a type may take in a process, besides a part of what it shows took."""

_SHARE = 0.1
"""That part."""


@dataclass(slots=True)
class _Registered:
    """A function, and the time it has taken so far."""

    function: _Function
    spent: float = 0.0
    earned: float = _SECONDS
    off: bool = False


def _nothing(value: Any) -> None:
    """Stand for types that nothing is registered for."""


class _Registry:
    def __init__(self) -> None:
        self.dispatch: Any = singledispatch(_nothing)
        self.functions: dict[_Function, _Registered] = {}
        self.waiting: dict[str, _Function] = {}
        """By dotted name: of classes that were not loaded yet."""
        self.lock = threading.Lock()


_registry = _Registry()


@overload
def register_preview(cls: type[_T], function: Callable[[_T], Any]) -> Callable[[_T], Any]: ...


@overload
def register_preview(cls: str, function: _Function) -> _Function: ...


@overload
def register_preview(cls: type | str) -> Callable[[_Function], _Function]: ...


def register_preview(cls: type | str, function: _Function | None = None) -> Any:
    """Say how results of a type are shown: in the app, by ``jobtui show`` and in reports.

    Parameters
    ----------
    cls : type or str
        The type, which stands for its subclasses too, as in ``functools.singledispatch``; or its
        dotted name, ``"trimesh.Trimesh"``, so that it need not be imported.
    function : callable
        Takes a result, which it must not change, and gives what is to be seen of it:

        - a text, of one line or several;
        - a table: a list of rows, a dict of columns, a dict of single values, or a frame;
        - `Plot`, with one or several `Series`;
        - an image: a PNG as bytes, an array of bytes (height × width, × 3 or × 4 for colours), a
          figure of matplotlib, or an image of pillow;
        - any other array, which is shown as arrays are;
        - ``None``, for what is shown without it.

        Without it, a decorator is given.

    Returns
    -------
    callable
        The function.

    Notes
    -----
    The function is called once for a result, in the thread that computed it, when that is
    written to a store; what it gives is kept beside the result as plain data, and cut where it is
    too large.  An error costs nothing but the picture.  Together with all its calls in a process
    it may take one second and a tenth of the time that the results took: beyond, it is not asked
    any more, and a warning says so.

    Examples
    --------
    >>> @register_preview(Mesh)
    ... def show_mesh(mesh):
    ...     return {"vertices": len(mesh.vertices), "faces": len(mesh.faces)}
    """
    if function is None:
        return lambda given: register_preview(cls, given)
    if not callable(function):
        raise TypeError(f"a preview is made by a function, not by {type(function).__name__}")
    with _registry.lock:
        if isinstance(cls, str):
            if "." not in cls:
                raise ValueError(f"the dotted name of a class has its module: not {cls!r}")
            _registry.waiting[cls] = function
        else:
            _registry.dispatch.register(cls, function)
        _registry.functions[function] = _Registered(function)
    return function


def forget_all() -> None:
    """Forget what was registered; for tests."""
    global _registry
    _registry = _Registry()


def is_any() -> bool:
    """Tell whether anything is registered."""
    return bool(_registry.functions)


def made_by_function(value: Any, duration: float, *, inner: bool) -> tuple[Preview | None, str]:
    """Have the function that is registered for a value's type show it.

    Parameters
    ----------
    value : object
    duration : float
        Seconds that computing the result took.
    inner : bool
        Whether the value is a part of the result.

    Returns
    -------
    preview : Preview or None
        ``None`` where there is no function, or it gave nothing.
    note : str
        Why there is none, if that is worth saying.
    """
    function = _function_for(type(value))
    if function is _nothing:
        return None, ""
    one = _registry.functions[function]
    if one.off:
        return None, f"{_name(function)} takes too long, and was not asked"
    one.earned += 0.0 if inner else duration * _SHARE
    begun = time.perf_counter()
    note = ""
    try:
        made = converted(function(value), inner)
        if made is not None:
            made = replace(made, type=type_name(value))
    except Exception as error:  # noqa: BLE001  # the user's code, and whatever it gave
        made, note = None, f"{_name(function)} failed: {type(error).__name__}: {error}"
    one.spent += time.perf_counter() - begun
    if one.spent > one.earned:
        one.off = True
        text = f"{_name(function)} takes too long for a preview; it is not asked any more"
        # Not said of a line: it is written somewhere in the course of a call.
        warnings.warn(text, CacheWarning, stacklevel=2)
    return made, clean(note, 200)


def _name(function: _Function) -> str:
    return clean(getattr(function, "__qualname__", type(function).__name__), 80)


def _function_for(cls: type) -> _Function:
    if _registry.waiting:
        _look_for_waiting()
    function: _Function = _registry.dispatch.dispatch(cls)
    return function


def _look_for_waiting() -> None:
    """Register what was registered by name, as far as its modules are loaded by now."""
    for name, function in list(_registry.waiting.items()):
        module, _, attribute = name.rpartition(".")
        cls = getattr(sys.modules.get(module), attribute, None)
        if isinstance(cls, type):
            with _registry.lock:
                _registry.dispatch.register(cls, function)
                _registry.waiting.pop(name, None)
