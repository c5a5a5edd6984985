"""The function behind what a decorator was given, and what is known of it once and for all."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from jobtui_core.memory.binder import ArgumentBinder

__all__ = ["Target"]


class Target:
    """A callable taken apart: its function, and the arguments that are bound to it already.

    A bound method is its function with ``self`` in front, a partial its function with the
    arguments it holds, an object with ``__call__`` that method of its class: so that all that
    decides a result is an argument or code.

    Parameters
    ----------
    func : callable
    ignore : sequence of str
        See `ArgumentBinder`.
    """

    def __init__(self, func: Callable[..., Any], ignore: Sequence[str] = ()) -> None:
        args: tuple[Any, ...] = ()
        kwargs: dict[str, Any] = {}
        while True:
            if isinstance(func, functools.partial):
                args = (*func.args, *args)
                kwargs = {**func.keywords, **kwargs}
                func = func.func
            elif inspect.ismethod(func):
                args = (func.__self__, *args)
                func = func.__func__
            elif _is_callable_object(func):
                args = (func, *args)
                func = type(func).__call__
            else:
                break
        self.function = func
        self.args = args
        self.kwargs = kwargs
        self.binder = ArgumentBinder(func, ignore)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Give the values of all arguments of a call, in the order of ``binder.names``."""
        if self.args:
            args = (*self.args, *args)
        if self.kwargs:
            kwargs = {**self.kwargs, **kwargs}
        return self.binder.bind(args, kwargs)


def _is_callable_object(func: Callable[..., Any]) -> bool:
    # Builtins and ufuncs are objects with __call__ too, but known by their import path.
    return inspect.isfunction(getattr(type(func), "__call__", None))  # noqa: B004  its kind matters
