"""Functions decorated with ``Memory.cache``: joblib's names on this package's store."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
    overload,
)

from jobtui_core.codecs import Compress, level_of
from jobtui_core.entry import EntryInfo, MmapMode
from jobtui_core.limits import Limits
from jobtui_core.memory.bound import BoundFunction
from jobtui_core.memory.cached import CachedFunction, leads_back, name_of
from jobtui_core.memory.circumstances import argument_texts
from jobtui_core.memory.explained import CallExplanation, nothing_kept
from jobtui_core.memory.inputs import Inputs
from jobtui_core.memory.place import Place, open_location, place_of, store_at
from jobtui_core.memory.request import Outcome, Request
from jobtui_core.memory.reuse import STORED
from jobtui_core.memory.shelved import MemorizedResult, NotMemorizedResult
from jobtui_core.memory.stored import CacheInfo, StoredCall
from jobtui_core.memory.validity import Validation
from jobtui_core.memory.waiting import LOG
from jobtui_core.stores import SigningKey, Store
from jobtui_core.tracing.notes import ASKS

if TYPE_CHECKING:
    from jobtui_core.records import StepKind

__all__ = ["MemorizedFunc", "NotMemorizedFunc", "call_metadata"]

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")


class MemorizedFunc(CachedFunction[P, R]):
    """A function that is computed once for each combination of arguments and code.

    Made by `Memory.cache`.  Editing the function, or a function, class or constant of the
    project that it uses, makes other keys; the results of earlier code stay and count again when
    an edit is undone.

    Parameters
    ----------
    func : callable
    location : str, path or Store
        As for `Memory`.
    backend : str
        ``"local"``; the location tells the kind of store.
    ignore : list of str, optional
        Arguments that do not count.
    mmap_mode : {None, "r", "r+", "w+", "c"}
        How arrays of stored results are mapped into memory.
    compress : bool, int, str or (str, int), optional
        As for `Memory`.
    verbose : int
        From 1 on, calls that are computed are logged.
    timestamp : float, optional
        For joblib's sake.
    cache_validation_callback : callable, optional
        See `Memory.cache`.
    inputs, inputs_check
        See `Memory.cache`.
    limits : Limits, optional
        What the store is held to whenever a result is written.
    allow_pickle : bool
        As for `Memory`.
    hash : {"xxh3_128", "blake2b"}
        As for `Memory`.
    version, depends
        See `Memory.cache`.
    single_flight : bool or float
        As for `Memory`.

    Attributes
    ----------
    func : callable
        The function itself.
    store_backend : Store
        Where the results are kept.
    """

    kind: ClassVar[StepKind] = "memoized"

    def __init__(
        self,
        func: Callable[P, R],
        location: str | os.PathLike[str] | Store,
        backend: str = "local",
        ignore: Sequence[str] | None = None,
        mmap_mode: MmapMode | None = None,
        compress: Compress | None = None,
        verbose: int = 1,
        timestamp: float | None = None,
        cache_validation_callback: Validation | None = None,
        *,
        inputs: Inputs = (),
        inputs_check: Literal["content", "stat"] | None = None,
        limits: Limits | None = None,
        allow_pickle: bool = True,
        hash: str = "xxh3_128",  # noqa: A002  as `Memory` has it
        version: str | int | None = None,
        depends: Iterable[Any] = (),
        single_flight: bool | float = True,
    ) -> None:
        super().__init__(
            func,
            version=version,
            depends=depends,
            ignore=ignore,
            inputs=inputs,
            inputs_check=inputs_check,
            limits=limits,
            mmap_mode=mmap_mode,
            allow_pickle=allow_pickle,
            hash=hash,
            single_flight=single_flight,
            level=None if compress is None else level_of(compress),
        )
        self.store_backend = (
            location if isinstance(location, Store) else open_location(location, backend)
        )
        self.backend = backend
        self.compress = compress
        self.verbose = verbose
        self.timestamp = timestamp
        self.cache_validation_callback = cache_validation_callback
        self.__doc__ = f"Memoized version of {self.display_name}\n\n{func.__doc__ or ''}".rstrip()

    @property
    def func_id(self) -> str:
        """Identity of the function: what joblib has under this name."""
        return self.identity

    def call(self, /, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]:
        """Run the function and store its result, whether or not it is known.

        Returns
        -------
        result : object
        metadata : dict
            ``duration`` in seconds, ``time`` of the call in seconds since the epoch, and
            ``input_args`` as bounded text by name.
        """
        request = self._asked(args, kwargs)
        started = time.time()
        result = self._compute(request, args, kwargs)
        return result, call_metadata(request, started)

    def call_and_shelve(
        self, /, *args: P.args, **kwargs: P.kwargs
    ) -> MemorizedResult[R] | NotMemorizedResult[R]:
        """Compute the result unless it is stored, and give a reference to it.

        Returns
        -------
        MemorizedResult or NotMemorizedResult
            The latter holds the result itself, where that could not be stored.
        """
        request = self._asked(args, kwargs)
        request.by_reference = True
        result = self._known(request)
        if result is not STORED:
            with self._turn(request) as found:
                result = found if found is STORED else self._compute(request, args, kwargs)
        if (shelved := self._shelved(request, result)) is None:
            result = self._compute(request, args, kwargs)
            return self._shelved(request, result) or NotMemorizedResult(result)
        return shelved

    def _shelved(
        self, request: Request, result: R
    ) -> MemorizedResult[R] | NotMemorizedResult[R] | None:
        """Give a reference to the result of a call; ``None`` if it was found, and is gone now."""
        request.by_reference = True
        found = next(iter(self._candidates(request)), None)
        if found is None:
            return None if result is STORED else NotMemorizedResult(result)
        info = found[1]
        return MemorizedResult(
            self.store_backend,
            (request.code.identity, info.key),
            mmap_mode=self.mmap_mode,
            verbose=self.verbose,
            metadata=call_metadata(request, info.started, info.duration),
            allow_pickle=self.allow_pickle,
        )

    def _store(self) -> Store | None:
        return self.store_backend

    def _computes(self) -> None:
        if self.verbose:
            import logging

            logging.getLogger(LOG).info("computing %s", self.display_name)

    def _asks_somebody(self) -> bool:
        return self.cache_validation_callback is not None

    def _holds(self, request: Request, info: EntryInfo) -> bool:
        if self.cache_validation_callback is None:
            return True
        metadata = call_metadata(request, info.started, info.duration)
        return bool(self.cache_validation_callback(metadata))

    def _answers(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        if not super()._answers(request, info, notes):
            return False
        if self.cache_validation_callback is not None:
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
        settings = (
            self.ignore,
            self.mmap_mode,
            self.compress,
            self.verbose,
            self.cache_validation_callback,
            self.allow_pickle,
            self.hash,
            self.version,
            self.depends,
            self.single_flight,
            self.store_backend.signing_key,
        )
        # What is not handed to the other one's constructor.
        rest = {"limits": self.limits}
        inputs = (self.inputs, self.inputs_check)
        place = place_of(self.store_backend)
        return _rebuild, (type(self), self.func, place, inputs, *settings), rest


def call_metadata(
    request: Request, started: float, duration: float | None = None
) -> dict[str, Any]:
    """Give what joblib tells of a call: up to now, unless its duration is known."""
    return {
        "duration": max(0.0, time.time() - started) if duration is None else duration,
        "time": started,
        "input_args": argument_texts(request),
    }


def _rebuild(
    kind: type[MemorizedFunc[..., Any]],
    func: Callable[..., Any],
    place: Place,
    inputs: tuple[tuple[str, ...], Literal["content", "stat"] | None],
    ignore: Sequence[str] | None,
    mmap_mode: MmapMode | None,
    compress: Compress | None,
    verbose: int,
    validation: Validation | None,
    allow_pickle: bool,
    hash: str,  # noqa: A002  as `Memory` has it
    version: str | int | None,
    depends: Iterable[Any],
    single_flight: bool | float,
    key: SigningKey | None,
) -> MemorizedFunc[..., Any]:
    return kind(
        func,
        store_at(place).with_key(key),
        inputs=inputs[0],
        inputs_check=inputs[1],
        ignore=ignore,
        mmap_mode=mmap_mode,
        compress=compress,
        verbose=verbose,
        cache_validation_callback=validation,
        allow_pickle=allow_pickle,
        hash=hash,
        version=version,
        depends=depends,
        single_flight=single_flight,
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

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function."""
        return self.func(*args, **kwargs)

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(
        self: NotMemorizedFunc[Concatenate[Any, Q], R], instance: object, owner: type | None = None
    ) -> BoundFunction[Q, R]: ...

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else BoundFunction(self, instance)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.func!r})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        if leads_back(self):
            return self.__qualname__
        return (type(self), (self.func,))

    def call(self, /, *args: P.args, **kwargs: P.kwargs) -> tuple[R, dict[str, Any]]:
        """Run the function; there is no metadata to give."""
        return self.func(*args, **kwargs), {}

    def call_and_shelve(self, /, *args: P.args, **kwargs: P.kwargs) -> NotMemorizedResult[R]:
        """Run the function and give its result under the interface of a stored one."""
        return NotMemorizedResult(self.func(*args, **kwargs))

    def check_call_in_cache(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell that nothing is stored."""
        return False

    def clear(self, warn: bool = True) -> None:
        """Do nothing: nothing is stored."""

    hits = 0
    """Nothing is ever answered from a store; calls are not counted."""
    misses = 0

    def cache_info(self) -> CacheInfo:
        """Tell that nothing is stored."""
        return CacheInfo(0, 0, None, 0)

    def entries(self) -> Iterator[StoredCall]:
        """Give nothing: nothing is stored."""
        return iter(())

    def forget(self, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell that nothing was stored."""
        return False

    def explain(self, /, *args: P.args, **kwargs: P.kwargs) -> CallExplanation:
        """Say that nothing is kept."""
        return nothing_kept(name_of(self.func))
