"""A cached method of one object: what ``obj.method`` gives."""

from __future__ import annotations

import functools
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobtui_core.memory.explained import CallExplanation
    from jobtui_core.memory.stored import CacheInfo, StoredCall

__all__ = ["BoundFunction"]

P = ParamSpec("P")
R = TypeVar("R")

_OF_CALLS = frozenset({"call", "call_and_shelve", "check_call_in_cache", "explain", "forget"})
"""Methods of a cached function that take the arguments of a call: here without the instance."""


class BoundFunction(functools.partial[R], Generic[P, R]):
    """A cached function whose first argument is the instance that it was reached through.

    What a bound method is to a function; other than that of one, its attributes know the instance
    as well: ``obj.method.check_call_in_cache(x)`` asks about the call ``obj.method(x)``.

    Notes
    -----
    A partial, since that is called without a frame of its own in tracebacks.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        # With the arguments that are left, which those of a partial do not tell.
        def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R: ...

        def call(self, /, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]: ...

        def check_call_in_cache(self, /, *args: P.args, **kwargs: P.kwargs) -> bool: ...

        def explain(self, /, *args: P.args, **kwargs: P.kwargs) -> CallExplanation: ...

        def forget(self, /, *args: P.args, **kwargs: P.kwargs) -> bool: ...

        def entries(self) -> Iterator[StoredCall]: ...

        def cache_info(self) -> CacheInfo: ...

    @property
    def __func__(self) -> Any:
        """The cached function."""
        return self.func

    @property
    def __self__(self) -> Any:
        """The instance."""
        return self.args[0]

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__":
            # ``inspect.signature`` follows it, and must not find the instance among the arguments.
            return MethodType(getattr(self.func, name), self.args[0])
        if name == "__signature__":
            raise AttributeError(name)
        found = getattr(self.func, name)
        return functools.partial(found, self.args[0]) if name in _OF_CALLS else found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BoundFunction):
            return NotImplemented
        return self.func is other.func and self.args[0] is other.args[0]

    def __hash__(self) -> int:
        return hash((id(self.func), id(self.args[0])))

    def __repr__(self) -> str:
        return f"<bound {self.func!r} of {object.__repr__(self.args[0])}>"

    def __reduce__(self) -> Any:
        # As methods are: whoever unpickles it finds the function in the class of the instance.
        return getattr, (self.args[0], self.func.__name__)
