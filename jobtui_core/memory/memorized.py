"""Functions decorated with ``Memory.cache``: joblib's names on this package's store."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar

from jobtui_core.entry import EntryInfo, MmapMode
from jobtui_core.memory.cached import CachedFunction, leads_back, name_of
from jobtui_core.memory.circumstances import argument_texts
from jobtui_core.memory.request import Outcome, Request
from jobtui_core.records import StepKind
from jobtui_core.stores import Store
from jobtui_core.tracing.notes import ASKS

if TYPE_CHECKING:
    from jobtui_core.memory.memory import Memory

__all__ = ["MemorizedFunc", "NotMemorizedFunc"]

P = ParamSpec("P")
R = TypeVar("R")

Validation = Callable[[dict[str, Any]], Any]

_log = logging.getLogger("jobtui_core.memory")


class MemorizedFunc(CachedFunction[P, R]):
    """A function that is computed once for each combination of arguments and code.

    Made by `Memory.cache`.  Editing the function, or a function, class or constant of the
    project that it uses, makes other keys; the results of earlier code stay and count again when
    an edit is undone.

    Attributes
    ----------
    func : callable
        The function itself.
    ignore : list of str
        Arguments that do not count.
    mmap_mode : str or None
    cache_validation_callback : callable or None
    """

    kind: ClassVar[StepKind] = "memoized"

    def __init__(
        self,
        func: Callable[P, R],
        memory: Memory,
        *,
        ignore: Sequence[str] | None = None,
        mmap_mode: MmapMode | None = None,
        verbose: int = 1,
        cache_validation_callback: Validation | None = None,
    ) -> None:
        super().__init__(func, ignore=ignore, mmap_mode=mmap_mode)
        self.memory = memory
        self.verbose = verbose
        self.cache_validation_callback = cache_validation_callback

    def call(self, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]:
        """Run the function and store its result, whether or not it is known.

        Returns
        -------
        result : object
        metadata : dict
            ``duration`` in seconds, ``time`` of the call in seconds since the epoch, and
            ``input_args`` as bounded text by name.
        """
        request = self._request(args, kwargs)
        started = time.time()
        result = self._compute(request, args, kwargs)
        ended = time.time()
        return result, {
            "duration": ended - started,
            "time": started,
            "input_args": argument_texts(request),
        }

    def _store(self) -> Store | None:
        return self.memory.store

    def _computes(self) -> None:
        if self.verbose:
            _log.info("computing %s", self.display_name)

    def _holds(self, request: Request, info: EntryInfo) -> bool:
        if self.cache_validation_callback is None:
            return True
        metadata = {
            "duration": info.duration,
            "time": info.started,
            "input_args": argument_texts(request),
        }
        return bool(self.cache_validation_callback(metadata))

    def _answers(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        if not super()._answers(request, info, notes):
            return False
        notes += self._says_who_decides()
        return True

    def _produce(self, request: Request, result: R, outcome: Outcome) -> R:
        outcome.notes += self._says_who_decides()
        return super()._produce(request, result, outcome)

    def _says_who_decides(self) -> list[str]:
        """Give the note that only the user's code can tell whether a call will be a hit."""
        if self.cache_validation_callback is None:
            return []
        return [f"{self.display_name} {ASKS} whether a stored result stands"]

    def _by_value(self) -> tuple[Any, ...]:
        return (
            _rebuild,
            (
                self.func,
                self.memory,
                self.ignore,
                self.mmap_mode,
                self.verbose,
                self.cache_validation_callback,
            ),
        )


def _rebuild(
    func: Callable[..., Any],
    memory: Memory,
    ignore: Sequence[str] | None,
    mmap_mode: MmapMode | None,
    verbose: int,
    validation: Validation | None,
) -> MemorizedFunc[..., Any]:
    return MemorizedFunc(
        func,
        memory,
        ignore=ignore,
        mmap_mode=mmap_mode,
        verbose=verbose,
        cache_validation_callback=validation,
    )


class NotMemorizedFunc(Generic[P, R]):
    """What ``Memory(None).cache`` gives: the function as it is, under the same interface."""

    __name__: str
    __qualname__: str

    def __init__(self, func: Callable[P, R]) -> None:
        functools.update_wrapper(self, func)
        if not hasattr(func, "__qualname__"):
            self.__name__ = self.__qualname__ = name_of(func)
        self.func = func

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function."""
        return self.func(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"NotMemorizedFunc({self.func!r})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        if leads_back(self):
            return self.__qualname__
        return (NotMemorizedFunc, (self.func,))

    def call(self, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]:
        """Run the function; there is no metadata to give."""
        return self.func(*args, **kwargs), {}

    def check_call_in_cache(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell that nothing is stored."""
        return False

    def clear(self, warn: bool = True) -> None:
        """Do nothing: nothing is stored."""
