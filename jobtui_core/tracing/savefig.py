"""Hearing of each ``Figure.savefig``, from the moment that matplotlib is loaded.

``Figure.savefig`` is replaced by a function that calls it; it is put back when nobody listens any
more.  Where matplotlib is not loaded, its import is waited for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import update_wrapper
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import CodeType, FunctionType, ModuleType
from typing import Any

__all__ = ["listen", "stop_listening"]

_MODULE = "matplotlib.figure"

Listener = Callable[[Any, Sequence[Any], Mapping[str, Any]], None]

_listeners: list[Listener] = []
_original: Callable[..., Any] | None = None


def listen(listener: Listener) -> None:
    """Have a function told of each figure that was saved: the figure, and how it was called."""
    _listeners.append(listener)
    if not _replace(sys.modules.get(_MODULE)) and _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def stop_listening(listener: Listener) -> None:
    """Tell a function no more; put back what was there when it was the last."""
    global _original
    with suppress(ValueError):
        _listeners.remove(listener)
    if _listeners:
        return
    with suppress(ValueError):
        sys.meta_path.remove(_finder)
    figure = getattr(sys.modules.get(_MODULE), "Figure", None)
    if figure is not None and _original is not None:
        found = vars(figure).get("savefig")
        # Somebody else may have put a function of his own over ours: it stays, and calls ours.
        if getattr(found, "__wrapped__", None) is _original:
            figure.savefig, _original = _original, None


def _replace(module: ModuleType | None) -> bool:
    """Replace ``Figure.savefig``; tell whether that is done."""
    global _original
    figure = getattr(module, "Figure", None)
    if figure is None:
        return False
    if _original is None:
        _original = figure.savefig
        figure.savefig = _listening(_original)
    return True


def _listening(original: Callable[..., Any]) -> Callable[..., Any]:
    def savefig(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        for listener in tuple(listeners):
            listener(self, args, kwargs)
        return result

    # What it uses comes from its closure, since it has matplotlib's names for its globals:
    # matplotlib looks for the first frame that is not its own, to warn there.
    listeners = _listeners
    code = getattr(original, "__code__", None)
    if isinstance(code, CodeType) and isinstance(original, FunctionType):
        ours = savefig.__code__.replace(
            co_filename=code.co_filename, co_firstlineno=code.co_firstlineno
        )
        savefig = FunctionType(ours, original.__globals__, "savefig", None, savefig.__closure__)
    return update_wrapper(savefig, original)


class _Finder:
    """Stands before those who find modules until matplotlib is imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`; finds one module, as the others do."""
        if name != _MODULE:
            return None
        with suppress(ValueError):
            sys.meta_path.remove(self)
        spec = find_spec(name)
        loader = None if spec is None else spec.loader
        if loader is None or not hasattr(loader, "exec_module"):
            return spec
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            # The loader is as it was before: a module tells by whom it was loaded.
            with suppress(AttributeError):
                del loader.exec_module
            execute(module)
            if _listeners:
                _replace(module)

        with suppress(AttributeError):
            loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


_finder = _Finder()
