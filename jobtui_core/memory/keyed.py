"""A function, and the key of each of its calls: what is known before anything is looked up."""

from __future__ import annotations

import functools
import os
import sys
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
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

from jobtui_core import tracing
from jobtui_core.entry import EntryInfo, MmapMode
from jobtui_core.errors import InputError, UnhashableError, text_of
from jobtui_core.fingerprint import (
    Fingerprint,
    LoadedFingerprint,
    identity,
    loaded_fingerprint,
    snapshot_loaded,
    tell_of_changes,
)
from jobtui_core.hashing import (
    recall_digests,
    register_hasher,
    remember_digests,
    remember_urls,
)
from jobtui_core.limits import Limits
from jobtui_core.memory.bound import BoundFunction
from jobtui_core.memory.inputs import (
    Inputs,
    as_templates,
    input_name,
    input_names,
    missing_input,
)
from jobtui_core.memory.keys import Keys
from jobtui_core.memory.notices import warn_once
from jobtui_core.memory.project import inputs_check
from jobtui_core.memory.reached import literal_inputs, register_inputs
from jobtui_core.memory.repeated import RepeatedCalls
from jobtui_core.memory.request import Files, Request
from jobtui_core.memory.reuse import ReusedResults
from jobtui_core.memory.target import Target
from jobtui_core.memory.templates import is_literal
from jobtui_core.memory.waiting import longest_wait
from jobtui_core.named import digest_named, is_url
from jobtui_core.root import DIGEST_NOTES
from jobtui_core.stores import Store, ensure_state_folder
from jobtui_core.trees import is_tree, shown_name
from jobtui_core.upkeep.tally import Tally

if TYPE_CHECKING:
    from jobtui_core.records import StepKind

__all__ = ["KeyedFunction", "leads_back", "name_of"]

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")

# A script may read its configuration between this import and its first step.
tracing.prepare()

_environment: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
"""Where ``os.environ`` keeps variables: to ask that itself takes ten times as long."""

_RECOMPUTE: Any = "JOBTUI_RECOMPUTE"
if _environment is not os.environ:
    _RECOMPUTE = os.environ.encodekey(_RECOMPUTE)

NO_CODE = Fingerprint("", (), (), (), frozenset(), ())
"""Stands for code that could not be fingerprinted."""


_all: weakref.WeakSet[KeyedFunction[..., Any]] = weakref.WeakSet()


def _take_apart_anew() -> None:
    """Look at functions again whose defaults may be others."""
    while True:
        try:
            every = list(_all)
        except RuntimeError:
            # Another thread decorates one.
            continue
        break
    for one in every:
        one._target = None


tell_of_changes(_take_apart_anew)


class KeyedFunction(ABC, Generic[P, R]):
    """A function that was decorated, and what was said of it.

    Parameters
    ----------
    func : callable
    name : str, optional
        As shown; by default the function's own.
    ignore : sequence of str
        Arguments that do not count.
    files : {"met", "declared"}
        Whether files that a call opens without declaring them count.
    mmap_mode : {None, "r", "r+", "c"}
        How arrays of a stored result are mapped; ``None`` leaves it to the format.
    depends : iterable of callable
        Code that counts beside the function's own.
    version : str or int, optional
        Stands for the code.
    inputs : str, path, or list of them
        Templates of files whose content counts.
    inputs_check : {"content", "stat"}, optional
        What tells in a new process that a declared input is as it was; by default the setting.
    allow_pickle : bool
        Whether results may be stored in, and read from, forms whose reading runs code.
    level : int, optional
        Of zstd, that results are packed with; 0 packs none.
    hash : {"xxh3_128", "blake2b"}
        The algorithm of digests of arguments, inputs and results.
    limits : Limits, optional
        What the store is held to whenever a result is written.
    single_flight : bool or float
        Whether calls wait for equal ones that are computed already, or for how many seconds.
    """

    kind: ClassVar[StepKind]
    __name__: str
    __qualname__: str

    def __init__(
        self,
        func: Callable[P, R],
        *,
        name: str | None = None,
        ignore: Sequence[str] | None = None,
        files: Literal["met", "declared"] = "met",
        mmap_mode: MmapMode | None = None,
        depends: Iterable[Any] = (),
        version: str | int | None = None,
        inputs: Inputs = (),
        inputs_check: Literal["content", "stat"] | None = None,
        allow_pickle: bool = True,
        level: int | None = None,
        hash: str = "xxh3_128",  # noqa: A002  as `Memory` has it
        limits: Limits | None = None,
        single_flight: bool | float = True,
    ) -> None:
        if not callable(func):
            raise TypeError(f"only a function can be cached, not {func!r:.80}")
        if inputs_check not in (None, "content", "stat"):
            raise ValueError(f"inputs_check must be 'content' or 'stat', not {inputs_check!r}")
        functools.update_wrapper(self, func)
        if not hasattr(func, "__qualname__"):
            self.__name__ = self.__qualname__ = name_of(func)
        self.func = func
        self.ignore = ignore
        self.files: Literal["met", "declared"] = files
        self.mmap_mode = mmap_mode
        self.depends = tuple(depends)
        self.version = version
        self.inputs = as_templates(inputs)
        self.inputs_check: Literal["content", "stat"] | None = inputs_check
        register_inputs(self, func, [item for item in self.inputs if is_literal(item)])
        self.allow_pickle = allow_pickle
        self.level = level
        self.hash = hash
        self._keys = Keys(hash)
        self.limits = limits
        self.single_flight = single_flight
        longest_wait(single_flight)  # Raises for what is none.
        self.display_name = name or name_of(func)
        self._target: Target | None = None
        self._reused: ReusedResults[EntryInfo] = ReusedResults()
        self._repeated = RepeatedCalls()
        self._recomputed: set[str] = set()
        self._elsewhere: tuple[Store, str | None] | None = None
        self._used: tuple[Store, Callable[[str], None]] | None = None
        self._hits, self._misses = Tally(), Tally()
        self._sources = ("", "")
        # What is edited from here on was not loaded by this process.
        snapshot_loaded(func)
        _all.add(self)

    # What the two kinds decide for themselves

    @abstractmethod
    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the function's result."""

    def _declared_inputs(self, request: Request) -> list[str]:
        """Give the input files of a call, as records name them; raise for one that is missing."""
        if not self.inputs:
            return []
        root = tracing.project_root()
        return input_names(self.inputs, request.arguments, root, self._in_errors())

    def _in_errors(self) -> str:
        return f"step {self.display_name}" if self.kind == "step" else self.display_name

    # What identifies a call

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(
        self: KeyedFunction[Concatenate[Any, Q], R], instance: object, owner: type | None = None
    ) -> BoundFunction[Q, R]: ...

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        # In a class body it is a method: the instance is its first argument, and counts.
        return self if instance is None else BoundFunction(self, instance)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.display_name})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle by reference where the name leads back here, as functions do."""
        if leads_back(self):
            return self.__qualname__
        return self._by_value()

    @abstractmethod
    def _by_value(self) -> tuple[Any, ...]:
        """Give what makes another one like this."""

    @property
    def identity(self) -> str:
        """The name of the function in keys and records: ``module:qualified name``."""
        return identity(self._whole_target().function)

    def _whole_target(self) -> Target:
        if self._target is None:
            self._target = Target(self.func, () if self.ignore is None else self.ignore)
        return self._target

    def _request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        target = self._target or self._whole_target()
        values = target.bind(args, kwargs)
        code = self._code(target)
        request = Request(target, values, code)
        declared = self._declared_inputs(request)
        if not code.matches_source:
            request.unkeyed = (
                f"{self.display_name} runs uncached: its source is not what this process loaded"
            )
            return request
        try:
            request.inputs = self._input_digests(code, declared)
        except InputError:
            raise
        except OSError as error:
            # What the function makes of it is its own business.
            request.unkeyed = f"{self.display_name} runs uncached: an input cannot be read: {error}"
            return request
        binder, keys = target.binder, self._keys
        digests, digest = [], keys.digest
        for index in binder.counted:
            try:
                digests.append(digest(values[index], name=binder.names[index]))
            except UnhashableError as error:
                request.unkeyed = f"{self.display_name} runs uncached: {error}"
                request.at_fault = binder.names[index]
                return request
        request.digests = tuple(digests)
        request.key = keys.of(request, code.digest)
        return request

    def _code(self, target: Target) -> LoadedFingerprint:
        try:
            return loaded_fingerprint(target.function)
        except Exception as error:  # noqa: BLE001  code that defeats us must still run
            name = identity(target.function)
            warn_once(("code", name), f"{self.display_name} runs uncached: {text_of(error)}")
            return LoadedFingerprint("", NO_CODE, False, name)

    def _input_digests(self, code: LoadedFingerprint, declared: Sequence[str]) -> Files:
        if not declared and not code.static.steps:
            return ()
        root = tracing.project_root()
        by_stat = (self.inputs_check or inputs_check()) == "stat"
        reached = literal_inputs(code.static.steps)
        urls = [name for name in (*declared, *reached) if is_url(name)]
        notes = root / DIGEST_NOTES
        if by_stat or code.static.steps or urls:
            recall_digests(notes)
        if any(map(is_tree, declared)):
            # What many files hold is noted there.
            with suppress(OSError):
                ensure_state_folder(root)
        found = {name: self._input_digest(name, root) for name in declared}
        for name in (input_name(item, item, root) for item in reached):
            # One that is missing is the business of the step that declares it, if it is called.
            if name is not None and name not in found:
                with suppress(FileNotFoundError):
                    found[name] = digest_named(name, root)
        if by_stat or urls:
            # Without notes the next process reads them again, and that is all.
            with suppress(OSError):
                if not notes.exists():
                    ensure_state_folder(root)
                remember_urls(notes, urls)
                if by_stat:
                    # The files of a tree are noted anyway.
                    plain = (name for name in declared if not (is_url(name) or is_tree(name)))
                    remember_digests(notes, [root / name for name in plain])
        return tuple(sorted(found.items()))

    def _input_digest(self, name: str, root: Path) -> str:
        try:
            return digest_named(name, root)
        except FileNotFoundError:
            raise missing_input(name, shown_name(name), self._in_errors()) from None

    @staticmethod
    def _may_be_asked_anew() -> bool:
        """Tell whether the environment asks for anything to be computed although it is known."""
        return _RECOMPUTE in _environment

    def _must_recompute(self, key: str) -> bool:
        # Looked up before the settings are, since it is asked at every hit.
        if not self._may_be_asked_anew() or key in self._recomputed:
            return False
        asked = tracing.settings().recompute
        if not {self.display_name, self.__name__, self.identity}.intersection(asked):
            return False
        # Once a run: a second call with the same key wants the result just computed.
        self._recomputed.add(key)
        return True


# Neither its settings nor where its results are kept are part of what a function is.
register_hasher(KeyedFunction, lambda function: function.func)


def leads_back(wrapper: Any) -> bool:
    """Tell whether a decorated function's name leads to it for whoever unpickles it.

    To loky's workers, and to others that cloudpickle serves, ``__main__`` is not the script: it
    sends the script's functions by value, and so are these sent.
    """
    asking = sys._getframe(2).f_globals.get("__name__", "")
    if wrapper.__module__ == "__main__" and asking.rpartition(".")[2] == "cloudpickle":
        return False
    found: Any = sys.modules.get(wrapper.__module__)
    for part in wrapper.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is wrapper


def name_of(func: Callable[..., Any]) -> str:
    """Name any callable as people do."""
    while isinstance(func, functools.partial):
        func = func.func
    return getattr(func, "__name__", type(func).__name__)
