"""``Memory``: caching on any folder, as in joblib."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from types import MethodType
from typing import Any, Literal, ParamSpec, Protocol, TypeVar, overload

from jobtui_core.codecs import Compress, level_of
from jobtui_core.entry import MmapMode, known_mmap_mode
from jobtui_core.hashing import algorithm_of, register_hasher
from jobtui_core.limits import Age, Size, limits_of
from jobtui_core.memory.bound import BoundFunction
from jobtui_core.memory.coroutines import AsyncMemorizedFunc, AsyncNotMemorizedFunc
from jobtui_core.memory.descriptors import is_descriptor, over_descriptor
from jobtui_core.memory.inputs import Inputs
from jobtui_core.memory.memorized import MemorizedFunc, NotMemorizedFunc
from jobtui_core.memory.place import Place, open_location, place_of, store_at
from jobtui_core.memory.validity import Validation
from jobtui_core.memory.waiting import longest_wait
from jobtui_core.stores import SigningKey, Store

__all__ = ["Memory"]

P = ParamSpec("P")
R = TypeVar("R")


class Decorator(Protocol):
    """What ``memory.cache(ignore=[...])`` gives: something to decorate a function with."""

    def __call__(self, func: Callable[P, R], /) -> MemorizedFunc[P, R]:
        """Decorate a function."""
        ...


class Memory:
    """Results of functions, kept in a folder.

    Parameters
    ----------
    location : str or path, optional
        A folder, from the working directory of now, or a URL of a store.  What is kept lies in
        ``jobtui`` inside it; other files there are left alone.  ``None`` keeps nothing.
    backend : str
        ``"local"``: the kind of store is told by the location.  Or a name that was given to
        `register_store_backend`.
    mmap_mode : {None, "r", "r+", "w+", "c"}
        Large arrays of stored results are mapped into memory: with ``"r"`` they cannot be written
        to; with any other mode they can, and the store does not change for it.
    compress : bool, int, str or (str, int), optional
        Whether results are packed; by default those that go over a network.  ``True``, a level
        from 1 to 9, or any other spelling of joblib's (``"lz4"``, ``("lzma", 9)``).  It is always
        zstd, at a level that takes about as long; what does not become smaller is stored as it
        is.  Arrays that were packed cannot be mapped.
    verbose : int
        From 1 on, calls that are computed are logged to ``jobtui_core.memory`` as INFO, which is
        seen once the program asks for it: ``logging.basicConfig(level="INFO")``.
    backend_options : dict, optional
        What the location does not tell: ``bucket`` for ``backend="s3"``, keyword arguments of the
        store's class such as ``profile`` and ``endpoint_url``, or what a backend that was
        registered takes.  ``tier`` names a folder for copies of what a remote store holds, and
        ``tier_size`` what it may grow to.  A folder needs none.  Other processes are handed these
        too, but no secrets and no sessions: they have their own credentials.
    allow_pickle : bool
        ``False`` stores and reads nothing whose reading runs code: plain data, arrays and data
        frames, and containers of these, are kept; every other result is computed each time.
    signing_key : str or bytes, optional
        A secret that entries are signed with.  What was not signed with it is never read.  By
        default that of the environment variable ``JOBTUI_SIGNING_KEY``, if there is one.
    max_size : int or str, optional
        Bytes that results and kept outputs may take: ``20_000_000_000``, ``"20G"``.  Beyond it,
        results that were used longest ago are deleted when others are written; several processes
        that write at once may go beyond it by a hundredth each.
    max_age : timedelta or str, optional
        Results that no call used for so long are deleted when others are written: ``"90d"``.
    hash : {"xxh3_128", "blake2b"}
        What tells values apart.  ``"xxh3_128"`` runs at the speed of memory; nobody finds two
        values that it takes for one by accident, but whoever means to can.  ``"blake2b"`` is for
        arguments from people one does not trust, and makes other keys: results of the one are
        none of the other's.
    single_flight : bool or float
        Whether a call that another thread, task or process of this machine computes already waits
        for its result; ``False`` computes it at once, too.  A number limits the wait to so many
        seconds; otherwise it is as long as the other one runs on, a day at most.

    Examples
    --------
    >>> memory = Memory("cache")
    >>> @memory.cache
    ... def square(x):
    ...     return x**2
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        backend: str = "local",
        mmap_mode: MmapMode | None = None,
        compress: Compress | None = None,
        verbose: int = 1,
        backend_options: dict[str, Any] | None = None,
        *,
        allow_pickle: bool = True,
        signing_key: str | bytes | None = None,
        hash: str = "xxh3_128",  # noqa: A002  as the field calls it
        max_size: Size | None = None,
        max_age: Age | None = None,
        single_flight: bool | float = True,
    ) -> None:
        if compress is None and mmap_mode is not None:
            # What is to be mapped is not to be packed, wherever it lies.
            compress = False
        if compress and mmap_mode is not None:
            warnings.warn("compressed results cannot be mapped into memory", stacklevel=2)
        self.location = location
        self.backend = backend
        self.mmap_mode = known_mmap_mode(mmap_mode)
        self.compress = compress
        self.verbose = verbose
        self.backend_options = dict(backend_options or {})
        self.allow_pickle = allow_pickle
        self.hash = hash
        algorithm_of(hash)  # Raises for what is none, here rather than at the first call.
        self.max_size = max_size
        self.max_age = max_age
        self.limits = limits_of(max_size, None, max_age)
        self.single_flight = single_flight
        longest_wait(single_flight)  # Raises for what is none.
        if compress is not None:
            level_of(compress)  # Raises for what is none, here rather than at the first call.
        key = None if signing_key is None else SigningKey(signing_key)
        self.store: Store | None = None
        if location is not None:
            self.store = open_location(location, backend, backend_options, verbose).with_key(key)

    @overload
    def cache(
        self,
        func: Callable[P, R],
        ignore: Sequence[str] | None = None,
        verbose: int | None = None,
        mmap_mode: MmapMode | Literal[False] | None = False,
        cache_validation_callback: Validation | None = None,
        *,
        version: str | int | None = None,
        depends: Iterable[Any] = (),
        inputs: Inputs = (),
        inputs_check: Literal["content", "stat"] | None = None,
        single_flight: bool | float | None = None,
    ) -> MemorizedFunc[P, R]: ...

    @overload
    def cache(
        self,
        func: None = None,
        ignore: Sequence[str] | None = None,
        verbose: int | None = None,
        mmap_mode: MmapMode | Literal[False] | None = False,
        cache_validation_callback: Validation | None = None,
        *,
        version: str | int | None = None,
        depends: Iterable[Any] = (),
        inputs: Inputs = (),
        inputs_check: Literal["content", "stat"] | None = None,
        single_flight: bool | float | None = None,
    ) -> Decorator: ...

    def cache(
        self,
        func: Callable[..., Any] | None = None,
        ignore: Sequence[str] | None = None,
        verbose: int | None = None,
        mmap_mode: MmapMode | Literal[False] | None = False,
        cache_validation_callback: Validation | None = None,
        *,
        version: str | int | None = None,
        depends: Iterable[Any] = (),
        inputs: Inputs = (),
        inputs_check: Literal["content", "stat"] | None = None,
        single_flight: bool | float | None = None,
    ) -> Any:
        """Decorate a function so that each of its calls is computed once.

        Parameters
        ----------
        func : callable, optional
            Left out, a decorator is given: ``@memory.cache(ignore=["verbose"])``.
        ignore : list of str, optional
            Arguments that make no difference to the result; ``'*'`` and ``'**'`` mean surplus
            ones.
        verbose : int, optional
            In place of that of the `Memory`.
        mmap_mode : {None, "r", "r+", "w+", "c", False}
            In place of that of the `Memory`; ``False`` means the same.
        cache_validation_callback : callable, optional
            Is given the metadata of a stored result (``duration``, ``time``, ``input_args``);
            unless it answers with something true, the function runs again.
        version : str or int, optional
            Stands for the code: results stay good, whatever is edited, until it is another.
        depends : iterable of callable
            Code that the function depends on and that cannot be seen from its own.
        inputs : str, path, or list of them
            Files whose content counts, like another argument: templates over the function's
            arguments, relative to the project's folder, such as ``["{path}", "settings.json"]``;
            folders and patterns, as for `make`.
        inputs_check : {"content", "stat"}, optional
            As for `make`: ``"stat"`` for inputs of terabytes.
        single_flight : bool or float, optional
            In place of that of the `Memory`.

        Returns
        -------
        MemorizedFunc or NotMemorizedFunc
            The latter where nothing is kept.  Of a ``classmethod``, ``staticmethod``, ``property``
            or ``cached_property``, another of its kind over such a function.

        Raises
        ------
        ValueError
            If `cache_validation_callback` cannot be called, or `mmap_mode` is none.
        TypeError
            If `func` is nothing that can be cached.
        """
        if cache_validation_callback is not None and not callable(cache_validation_callback):
            raise ValueError(
                "cache_validation_callback needs to be callable. "
                f"Got {cache_validation_callback!r}."
            )
        chosen_mode = self.mmap_mode if mmap_mode is False else known_mmap_mode(mmap_mode)

        def decorate(function: Any) -> Any:
            if is_descriptor(function):
                return over_descriptor(function, decorate, "memory.cache")
            if isinstance(function, BoundFunction):
                function = MethodType(function.__func__.func, function.__self__)
            elif isinstance(function, MemorizedFunc | NotMemorizedFunc):
                function = function.func
            awaited = inspect.iscoroutinefunction(function)
            if self.store is None:
                return (AsyncNotMemorizedFunc if awaited else NotMemorizedFunc)(function)
            return (AsyncMemorizedFunc if awaited else MemorizedFunc)(
                function,
                self.store,
                ignore=ignore,
                mmap_mode=chosen_mode,
                compress=self.compress,
                verbose=self.verbose if verbose is None else verbose,
                cache_validation_callback=cache_validation_callback,
                allow_pickle=self.allow_pickle,
                hash=self.hash,
                single_flight=self.single_flight if single_flight is None else single_flight,
                version=version,
                depends=depends,
                inputs=inputs,
                inputs_check=inputs_check,
                limits=self.limits,
            )

        return decorate if func is None else decorate(func)

    @property
    def store_backend(self) -> Store | None:
        """The store, under joblib's name."""
        return self.store

    def eval(self, func: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function as if it were decorated."""
        return self.cache(func)(*args, **kwargs)

    def clear(self, warn: bool = True) -> None:
        """Delete everything that is kept here.

        Parameters
        ----------
        warn : bool
            For joblib's sake; nothing is said either way.
        """
        if self.store is not None:
            self.store.delete_all(one.name for one in list(self.store.list()))
            self.store.sweep()

    def reduce_size(
        self,
        bytes_limit: Size | None = None,
        items_limit: int | None = None,
        age_limit: Age | None = None,
    ) -> None:
        """Delete results until what is kept is within limits; without a limit, nothing.

        Those that were used longest ago go first.  Kept outputs of steps that no result has any
        more go with them, and so does what writers that were killed left behind.  Other
        processes may read and write meanwhile.  What was deleted is logged to
        ``jobtui_core.memory`` as INFO.

        Parameters
        ----------
        bytes_limit : int or str, optional
            Bytes of results and of kept outputs: ``10_000_000``, ``"10K"``, ``"1M"``, ``"2G"``.
        items_limit : int, optional
            Number of results.
        age_limit : timedelta or str, optional
            Results that were not used for so long go: ``timedelta(days=90)``, ``"90d"``.

        Raises
        ------
        ValueError
            If a limit is negative or cannot be read.
        StoreError
            If something cannot be deleted; the rest is by then.

        Examples
        --------
        >>> memory = Memory("cache")
        >>> memory.reduce_size("20G", age_limit="90d")
        """
        limits = limits_of(bytes_limit, items_limit, age_limit)
        if self.store is not None and limits:
            # Not at import: a program that never does this does without.
            from jobtui_core.root import process_root
            from jobtui_core.upkeep.reducing import reduce_store
            from jobtui_core.upkeep.starred import needed_by_starred

            reduce_store(self.store, limits, needed=needed_by_starred(process_root()))

    def flush(self, timeout: float | None = None) -> int:
        """Wait until all results have arrived in the store.

        They are sent to a store far away while the script goes on, and before it ends.  Who needs
        them to be there sooner, for another machine, waits.

        Parameters
        ----------
        timeout : float, optional
            Seconds at most.  Without it, as long as something arrives, and ten seconds more.

        Returns
        -------
        int
            Objects that have not arrived: they wait in ``.jobtui/spool``, and are sent later.  0
            for a store in a folder.
        """
        return 0 if self.store is None else self.store.flush(timeout)

    def __repr__(self) -> str:
        return f"Memory(location={self.location!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        from jobtui_core.stores.options import portable

        # By its absolute place: the process that unpickles it may work in another folder.
        return (
            _rebuild,
            (
                self.location,
                None if self.store is None else place_of(self.store),
                self.allow_pickle,
                self.hash,
                self.single_flight,
                None if self.store is None else self.store.signing_key,
                self.backend,
                self.mmap_mode,
                self.compress,
                self.verbose,
                portable(self.backend_options),
            ),
            {"max_size": self.max_size, "max_age": self.max_age, "limits": self.limits},
        )


def _rebuild(
    location: Any,
    place: Place | None,
    allow_pickle: bool,
    hash: str,  # noqa: A002  as above
    single_flight: bool | float,
    key: SigningKey | None,
    *settings: Any,
) -> Memory:
    memory = Memory(
        None, *settings, allow_pickle=allow_pickle, hash=hash, single_flight=single_flight
    )
    memory.location = location
    memory.store = None if place is None else store_at(place).with_key(key)
    return memory


# Where results are kept makes no difference to an object that knows it.
register_hasher(Memory, lambda memory: None)
