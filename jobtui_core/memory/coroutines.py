"""Coroutine functions decorated with ``Memory.cache``: calls are awaited, results are stored."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

from jobtui_core.memory.cached import Computation
from jobtui_core.memory.memorized import MemorizedFunc, NotMemorizedFunc, call_metadata
from jobtui_core.memory.request import Request
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.memory.shelved import MemorizedResult, NotMemorizedResult

__all__ = ["AsyncMemorizedFunc", "AsyncNotMemorizedFunc", "mark_coroutine"]

P = ParamSpec("P")
R = TypeVar("R")


class AsyncMemorizedFunc(MemorizedFunc[P, Coroutine[Any, Any, R]]):
    """A coroutine function that is computed once for each combination of arguments and code.

    Made by `Memory.cache`.  Of calls with one key that are awaited at the same time in one event
    loop, one computes; the others wait for it.
    """

    def __init__(
        self, func: Callable[P, Coroutine[Any, Any, R]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(func, *args, **kwargs)
        mark_coroutine(self)

    async def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the function's result, from the store where it is known."""
        request = self._asked(args, kwargs)
        return cast("R", await self._answer(request, args, kwargs))

    async def call(self, /, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]:  # type: ignore[override]  # awaited
        """Run the function and store its result, whether or not it is known."""
        request = self._asked(args, kwargs)
        result, started = await self._run(request, args, kwargs)
        return result, call_metadata(request, started)

    async def call_and_shelve(  # type: ignore[override]  # awaited
        self, /, *args: P.args, **kwargs: P.kwargs
    ) -> MemorizedResult[R] | NotMemorizedResult[R]:
        """Compute the result unless it is stored, and give a reference to it."""
        request = self._asked(args, kwargs)
        request.by_reference = True
        result = await self._answer(request, args, kwargs)
        shelved: Any = self._shelved(request, result)
        if shelved is None:
            result = cast("Any", (await self._run(request, args, kwargs))[0])
            shelved = self._shelved(request, result) or NotMemorizedResult(result)
        return cast("MemorizedResult[R] | NotMemorizedResult[R]", shelved)

    async def _answer(self, request: Request, args: Any, kwargs: Any) -> Any:
        found = self._known(request)
        if found is not NOTHING:
            return found
        async with self._turn(request) as found:
            if found is not NOTHING:
                return found
            return (await self._run(request, args, kwargs))[0]

    async def _run(self, request: Request, args: Any, kwargs: Any) -> tuple[R, float]:
        with Computation(self, request) as computation:
            awaited = await self.func(*args, **kwargs)
            result = cast("R", computation.take(cast("Any", awaited)))
        result = cast("R", self._end(computation, cast("Any", result)))
        return result, computation.handle.started


class AsyncNotMemorizedFunc(NotMemorizedFunc[P, Coroutine[Any, Any, R]]):
    """What ``Memory(None).cache`` gives for a coroutine function."""

    def __init__(self, func: Callable[P, Coroutine[Any, Any, R]]) -> None:
        super().__init__(func)
        mark_coroutine(self)

    async def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function."""
        return await self.func(*args, **kwargs)

    async def call(self, /, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]:  # type: ignore[override]  # awaited
        """Run the function; there is no metadata to give."""
        return await self.func(*args, **kwargs), {}

    async def call_and_shelve(self, /, *args: P.args, **kwargs: P.kwargs) -> NotMemorizedResult[R]:  # type: ignore[override]  # awaited
        """Run the function and give its result under the interface of a stored one."""
        return NotMemorizedResult(await self.func(*args, **kwargs))


def mark_coroutine(function: Any) -> None:
    """Let ``inspect.iscoroutinefunction`` tell what it is: there is a way since Python 3.12."""
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(function)
