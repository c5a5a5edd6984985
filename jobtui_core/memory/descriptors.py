"""What a decorator does with methods that another decorator has made into something else.

``@memory.cache`` over ``@property`` is given a property and no function.  What is meant is clear
for the common kinds: the same over the decorated function.  Other descriptors are refused, with
the order that works.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["is_descriptor", "over_descriptor"]


def is_descriptor(value: Any) -> bool:
    """Tell whether a value stands for a method without being a function itself."""
    # staticmethod objects can be called, but not pickled or taken apart.
    if isinstance(value, staticmethod | classmethod | property | functools.cached_property):
        return True
    return not callable(value) and hasattr(type(value), "__get__") and not inspect.isclass(value)


def over_descriptor(value: Any, decorate: Callable[[Any], Any], name: str) -> Any:
    """Decorate the function inside of a descriptor.

    Parameters
    ----------
    value : descriptor
    decorate : callable
    name : str
        Of the decorator, for the message.

    Returns
    -------
    descriptor
        Another one of the same kind.

    Raises
    ------
    TypeError
        If it is of a kind that has no function, or more than one.
    """
    if isinstance(value, property):
        if value.fget is None:
            raise TypeError(f"{name} was given a property that cannot be read")
        # Not copied by type(value): what a subclass of property takes is its own.
        getter: Any = value.getter(decorate(value.fget))
        return getter
    if isinstance(value, staticmethod | classmethod):
        return type(value)(decorate(value.__func__))
    if isinstance(value, functools.cached_property):
        return type(value)(decorate(value.func))
    kind = type(value).__name__
    raise TypeError(
        f"{name} cannot be put over {kind}: put it below, so that it decorates the function "
        f"(@{kind} above @{name})"
    )
