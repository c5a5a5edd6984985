"""``memoize``: every call of a function with small arguments and results, in memory and on disk.

Its results lie in the project's store, as those of steps do, under the same kind of keys: an edit
of code that counts makes the function run again.  What differs from `Memory.cache` is there for
calls that are many and short, such as those of a recursion: no call waits for another one; a
result that is at hand is given whatever becomes of its entry; a store that cannot be used is
stood in for by memory.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Coroutine
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Protocol, TypeVar, cast, overload

from jobtui_core import tracing
from jobtui_core.entry import EntryInfo, entry_name, read_value, write_entry
from jobtui_core.limits import Limits
from jobtui_core.memory.again import is_known_by_arguments
from jobtui_core.memory.aside import checking
from jobtui_core.memory.bound import BoundFunction
from jobtui_core.memory.cached import CachedFunction, Computation
from jobtui_core.memory.circumstances import argument_texts, entry_meta
from jobtui_core.memory.coroutines import mark_coroutine
from jobtui_core.memory.depth import DEEPER
from jobtui_core.memory.descriptors import is_descriptor, over_descriptor
from jobtui_core.memory.notices import warn_once
from jobtui_core.memory.place import store_in
from jobtui_core.memory.project import project_limits, project_store
from jobtui_core.memory.repeated import RepeatedCall
from jobtui_core.memory.request import Files, Outcome, Request
from jobtui_core.memory.reuse import NOTHING, is_immutable
from jobtui_core.stores import LocalStore, MemoryStore, Store

if TYPE_CHECKING:
    from jobtui_core.records import StepKind

__all__ = ["AsyncMemoizedFunction", "MemoizedFunction", "memoize"]

P = ParamSpec("P")
R = TypeVar("R")

CacheDir = str | os.PathLike[str] | None


class MemoizedFunction(CachedFunction[P, R]):
    """A function decorated with `memoize`.

    Attributes
    ----------
    func : callable
        The function itself.
    persist : bool
        Whether results outlive the process.
    """

    kind: ClassVar[StepKind] = "memoized"

    def __init__(
        self,
        func: Callable[P, R],
        persist: bool = True,
        cachedir: CacheDir = None,
        debug: bool = False,
    ) -> None:
        super().__init__(func, single_flight=False)
        self.persist = persist
        self.cachedir = cachedir
        self.debug = debug
        self._held = MemoryStore()
        """Results that are in no other store, by choice or because it cannot be written."""
        self._there = ""
        """The store that held a result when it was last asked."""
        self._explained = False

    def _store(self) -> Store:
        if not self.persist:
            return self._held
        if self.cachedir is None:
            return project_store()
        return store_in(self.cachedir)

    def _limits(self) -> Limits | None:
        return project_limits() if self.persist and self.cachedir is None else None

    # A call

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the function's result, from memory or the store where it is known."""
        found: R = self._answer_again(args, kwargs)
        if found is not NOTHING:
            return found
        request = self._asked(args, kwargs)
        if checking is not None:
            return self._call_aside(checking, request, args, kwargs)
        found = self._known(request)
        if found is not NOTHING:
            self._note_again(request, args, kwargs)
            return found
        if self.debug:
            self._tell(request, args, kwargs)
        # Here, not in a method: Python lets a recursion have so many frames and no more.
        with DEEPER, Computation(self, request) as computation:
            result = computation.take(self.func(*args, **kwargs))
        return self._end(computation, result)

    def _known(self, request: Request) -> Any:
        # Of damaged entries one is told of, not each: see `_notice_damage`.
        request.missed = True
        found = super()._known(request)
        if self.debug and found is not NOTHING:
            _say(f"{self._in_words(request)} is known")
        return found

    def _note_again(self, request: Request, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Remember the result of a call in memory, where nothing but its code counts."""
        read, used = request.read, self._used
        if read is None or used is None or request.key is None or self.debug:
            return
        value, info = read
        other_files = not info.bare and (info.met or info.outputs or info.accepted)
        if (
            not other_files
            and self._dropped is None
            and is_immutable(value)
            and is_known_by_arguments(request)
        ):
            # Without a file: an entry that is gone makes no result wrong.
            found = (None, (0, 0, 0), read)
            call = RepeatedCall(request.key, request.target, request.code, found, used[1])
            self._repeated.put(args, kwargs, call)

    def _read(
        self, request: Request, key: str | None = None, *, name: str | None = None
    ) -> tuple[Any, EntryInfo] | None:
        """Read an entry from the store, or from what is held in memory in place of it."""
        found = super()._read(request, key, name=name)
        entry = entry_name(request.code.identity, name or key or request.key or "")
        if found is None and self.persist:
            self._notice_damage(request, entry)
            if not request.by_reference:
                found = read_value(self._held, entry, key or request.key or "")
        elif found is not None and not self._there:
            self._there = self._store().url
        request.read = found
        return found

    def _notice_damage(self, request: Request, entry: str) -> None:
        """Warn once of entries that are there and cannot be read: they will be replaced."""
        store = self._store()
        if isinstance(store, LocalStore) and not request.unreadable and store.stat(entry):
            warn_once(
                ("damaged", store.url),
                f"{store.url} holds damaged results of {self.display_name}, perhaps of others; "
                "they are computed and stored anew",
            )

    def _write(
        self,
        store: Store,
        request: Request,
        result: R,
        outcome: Outcome,
        handle: tracing.CallHandle,
        met: Files,
    ) -> None:
        if self._there == store.url and isinstance(store, LocalStore) and not store.path.exists():
            warn_once(("gone", store.url), f"{store.url} is gone; results are stored anew")
        notices = len(outcome.notices)
        super()._write(store, request, result, outcome, handle, met)
        if outcome.state == "computed":
            self._there = store.url
        elif len(outcome.notices) == notices and request.key is not None:
            # Not for want of a form in which it can be stored: the store takes nothing.
            meta = entry_meta(request, outcome, handle, met, tracing.current().id)
            write_entry(self._held, entry_name(request.code.identity, request.key), result, meta)

    # What was said of it

    def _tell(self, request: Request, args: Any, kwargs: Any) -> None:
        """Say on stderr which call is about to run, and the first time why."""
        why = ""
        if not self._explained:
            self._explained = True
            reasons = self.explain(*args, **kwargs).reasons
            why = f": {reasons[0].summary}" if reasons else ""
        _say(f"{self._in_words(request)} runs{why}")

    def _in_words(self, request: Request) -> str:
        texts = argument_texts(request) if request.key is not None else {}
        words = ", ".join(f"{name}={text}" for name, text in texts.items())
        return f"{self.display_name}({words or '…'})"

    def clear(self, warn: bool = True) -> None:
        """Delete all results of this function, in memory and in the store.

        Parameters
        ----------
        warn : bool
            For the sake of ``Memory.cache``; nothing is said either way.
        """
        for one in self._held.list():
            self._held.delete(one.name)
        super().clear(warn)

    def forget(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Delete the result of one call, so that the next one computes it.

        Returns
        -------
        bool
            Whether there was one.
        """
        held = len(list(self._held.list()))
        key = self._request(args, kwargs).key
        if key is not None:
            self._held.delete(entry_name(self.identity, key))
        known = self._repeated.get(args, kwargs) is not None
        self._repeated.clear()
        was_held = len(list(self._held.list())) < held
        return super().forget(*args, **kwargs) or known or was_held

    def _by_value(self) -> tuple[Any, ...]:
        return type(self), (self.func, self.persist, self.cachedir, self.debug)


class AsyncMemoizedFunction(MemoizedFunction[P, Coroutine[Any, Any, R]]):
    """A coroutine function decorated with `memoize`: calls are awaited, results are kept."""

    def __init__(
        self, func: Callable[P, Coroutine[Any, Any, R]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(func, *args, **kwargs)
        mark_coroutine(self)

    async def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the function's result, from the store where it is known."""
        request = self._asked(args, kwargs)
        found = self._known(request)
        if found is not NOTHING:
            return cast("R", found)
        if self.debug:
            self._tell(request, args, kwargs)
        with Computation(self, request) as computation:
            result = computation.take(cast("Any", await self.func(*args, **kwargs)))
        return cast("R", self._end(computation, result))


class Decorator(Protocol):
    """What ``memoize(persist=False)`` gives: something to decorate a function with."""

    def __call__(self, func: Callable[P, R], /) -> MemoizedFunction[P, R]:
        """Decorate a function."""
        ...


@overload
def memoize(
    persist: Callable[P, R], cachedir: CacheDir = None, debug: bool = False
) -> MemoizedFunction[P, R]: ...


@overload
def memoize(persist: bool = True, cachedir: CacheDir = None, debug: bool = False) -> Decorator: ...


def memoize(
    persist: Callable[..., Any] | bool = True, cachedir: CacheDir = None, debug: bool = False
) -> Any:
    """Remember every call of a function with small arguments and results, in memory and on disk.

    Parameters
    ----------
    persist : bool
        Whether results are kept on disk; ``False`` keeps them in memory, for this process alone.
        Or the function itself: ``@memoize`` needs no parentheses.
    cachedir : str or path, optional
        A folder, from the project's, or a URL, for results of this function; they lie in
        ``jobtui`` inside it.  By default they lie in the project's store.
    debug : bool
        Whether each call is told of on stderr: whether it runs, and for the first one why.

    Returns
    -------
    MemoizedFunction
        Called like the function; ``.clear()`` forgets everything.  Of a ``classmethod``,
        ``staticmethod``, ``property`` or ``cached_property``, another of its kind over such a
        function.

    Raises
    ------
    TypeError
        If what is decorated is no function.

    See Also
    --------
    Memory.cache : For large arguments and results, on any folder, with joblib's options.
    make : For stages of a script, with files that go in and come out.

    Notes
    -----
    A function that calls itself may go about as deep as undecorated.  Calls with arguments that
    cannot be told apart (locks, open files, generators) run, with one warning.

    Examples
    --------
    >>> @memoize
    ... def fibonacci(n):
    ...     return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
    >>> fibonacci(90)
    2880067194370816120
    """
    # 0 and 1 were booleans to those who wrote scripts in 2008.
    function_given: Any = None if isinstance(persist, int) else persist
    if not (isinstance(persist, int) or callable(function_given) or is_descriptor(persist)):
        raise TypeError(f"persist must be True or False, or a function, not {persist!r:.80}")

    def decorate(function: Any) -> Any:
        if is_descriptor(function):
            return over_descriptor(function, decorate, "memoize")
        if isinstance(function, BoundFunction):
            function = MethodType(function.__func__.func, function.__self__)
        elif isinstance(function, CachedFunction):
            function = function.func
        awaited = inspect.iscoroutinefunction(function)
        kind = AsyncMemoizedFunction if awaited else MemoizedFunction
        return kind(function, function_given is not None or bool(persist), cachedir, debug)

    return decorate if function_given is None else decorate(function_given)


def _say(text: str) -> None:
    sys.stderr.write(f"memoize: {text}\n")
