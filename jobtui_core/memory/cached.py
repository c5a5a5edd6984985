"""A function whose calls are answered from a store: what steps and memoized functions share.

One call goes through `CachedFunction.__call__`: bind the arguments, make the key, look it up;
failing that run the function, keep the result, and say all of it to the run's trace.  Whatever
goes wrong with a store costs a warning and a computation; only what the user's own code raises,
and wrong use, leaves a call.
"""

from __future__ import annotations

import functools
import os
import pickle
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import MethodType
from typing import Any, ClassVar, Generic, Literal, ParamSpec, TypeVar

from jobtui_core import tracing
from jobtui_core.entry import EntryInfo, MmapMode, entry_name, read_value, write_entry
from jobtui_core.errors import CodecError, JobtuiError, UnhashableError, text_of
from jobtui_core.fingerprint import (
    Fingerprint,
    LoadedFingerprint,
    identity,
    loaded_fingerprint,
    snapshot_loaded,
)
from jobtui_core.hashing import digest, digest_file
from jobtui_core.memory.circumstances import entry_meta
from jobtui_core.memory.mutation import may_have_changed
from jobtui_core.memory.notices import warn_once
from jobtui_core.memory.outputs import OutputRecord, are_records, put_back, to_put_back
from jobtui_core.memory.project import name_elsewhere, outputs_mode, store_named
from jobtui_core.memory.reached import literal_inputs
from jobtui_core.memory.request import Files, Outcome, Request, call_key
from jobtui_core.memory.reuse import NOTHING, ReusedResults
from jobtui_core.memory.target import Target
from jobtui_core.records import StepKind
from jobtui_core.root import relative_name
from jobtui_core.stores import Store, quote

__all__ = ["CachedFunction", "leads_back", "name_of"]

P = ParamSpec("P")
R = TypeVar("R")

# A script may read its configuration between this import and its first step.
tracing.prepare()

NO_CODE = Fingerprint("", (), (), (), frozenset(), ())
"""Stands for code that could not be fingerprinted."""

_inside: ContextVar[list[OutputRecord] | None] = ContextVar("jobtui-inside", default=None)
"""Outputs of the calls made in the course of the one that is computed now."""


class CachedFunction(ABC, Generic[P, R]):
    """Base of `MemorizedFunc` and `Step`.

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
    ) -> None:
        if not callable(func):
            raise TypeError(f"only a function can be cached, not {func!r:.80}")
        functools.update_wrapper(self, func)
        if not hasattr(func, "__qualname__"):
            self.__name__ = self.__qualname__ = name_of(func)
        self.func = func
        self.ignore = ignore
        self.files: Literal["met", "declared"] = files
        self.mmap_mode = mmap_mode
        self.depends = tuple(depends)
        self.version = version
        self.display_name = name or name_of(func)
        self._target: Target | None = None
        self._reused: ReusedResults[EntryInfo] = ReusedResults()
        self._recomputed: set[str] = set()
        self._elsewhere: tuple[Store, str | None] | None = None
        # What is edited from here on was not loaded by this process.
        snapshot_loaded(func)

    # What the two kinds decide for themselves

    @abstractmethod
    def _store(self) -> Store | None:
        """Give the store of the results; ``None`` keeps nothing."""

    def _store_elsewhere(self) -> str | None:
        """Name the store for the run's record, unless it is the project's."""
        store = self._store()
        if store is None:
            return None
        if self._elsewhere is None or self._elsewhere[0] is not store:
            self._elsewhere = (store, name_elsewhere(store))
        return self._elsewhere[1]

    def _declared_inputs(self, request: Request) -> list[Path]:
        """Give the input files of a call, absolute; raise for one that is missing."""
        return []

    def _holds(self, request: Request, info: EntryInfo) -> bool:
        """Tell whether an entry that was found may answer the call."""
        return True

    def _begin(self, request: Request) -> None:
        """Refuse a call that must not happen, before anything is looked up or run."""

    def _computes(self) -> None:
        """Hear that the function is about to run."""

    def _failed(self, request: Request) -> None:
        """Take back what `_begin` did: the function raised."""

    def _same_outputs(self, request: Request, info: EntryInfo) -> bool:
        """Tell whether an entry's own output files are those that the call would write."""
        return not _own(info.outputs)

    def _produce(self, request: Request, result: R, outcome: Outcome) -> R:
        """Write the files that go with a result, and give the result as callers get it."""
        return result

    # A call

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the function's result, from the store where it is known."""
        try:
            request = self._request(args, kwargs)
            self._begin(request)
        except JobtuiError as error:
            self._say_refused(error)
            raise
        if request.key is not None and not self._must_recompute(request.key):
            found: R = self._look_up(request)
            if found is not NOTHING:
                return found
        try:
            return self._compute(request, args, kwargs)
        except BaseException as error:
            _leave_out_this_frame(error)
            raise

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        # In a class body it is a method: the instance is its first argument, and counts.
        return self if instance is None else MethodType(self, instance)

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
        target = self._whole_target()
        values = target.bind(args, kwargs)
        code = self._code(target)
        request = Request(target, values, code)
        paths = self._declared_inputs(request)
        if not code.matches_source:
            request.unkeyed = (
                f"{self.display_name} runs uncached: its source is not what this process loaded"
            )
            return request
        request.inputs = self._input_digests(code, paths)
        binder = target.binder
        digests = []
        for index in binder.counted:
            try:
                digests.append(digest(values[index], name=binder.names[index]))
            except UnhashableError as error:
                request.unkeyed = f"{self.display_name} runs uncached: {error}"
                request.at_fault = binder.names[index]
                return request
        request.digests = tuple(digests)
        request.key = call_key(code.identity, code.digest, request.argument_digests, request.inputs)
        return request

    def _code(self, target: Target) -> LoadedFingerprint:
        try:
            return loaded_fingerprint(target.function)
        except Exception as error:  # noqa: BLE001  code that defeats us must still run
            name = identity(target.function)
            warn_once(("code", name), f"{self.display_name} runs uncached: {text_of(error)}")
            return LoadedFingerprint("", NO_CODE, False, name)

    def _say_refused(self, error: JobtuiError) -> None:
        """Tell the trace of a call that failed before the function could run."""
        run = tracing.current()
        handle = run.call_start(self.identity, self.display_name, self.kind)
        run.call_end(handle, "failed", code=self._code(self._whole_target()).static, error=error)

    def _input_digests(self, code: LoadedFingerprint, declared: Iterable[Path]) -> Files:
        if not declared and not code.static.steps:
            return ()
        root = tracing.project_root()
        found = {relative_name(path, root): digest_file(path) for path in declared}
        for name in literal_inputs(code.static.steps):
            # One that is missing is the business of the step that declares it, if it is called.
            if name not in found and (root / name).is_file():
                found[name] = digest_file(root / name)
        return tuple(sorted(found.items()))

    def _must_recompute(self, key: str) -> bool:
        # Looked up before the settings are, since it is asked at every hit.
        if "JOBTUI_RECOMPUTE" not in os.environ or key in self._recomputed:
            return False
        asked = tracing.settings().recompute
        if not {self.display_name, self.__name__, self.identity}.intersection(asked):
            return False
        # Once a run: a second call with the same key wants the result just computed.
        self._recomputed.add(key)
        return True

    # Looking up

    def _look_up(self, request: Request) -> Any:
        assert request.key is not None
        notes: list[str] = []
        try:
            found = self._read(request)
            if found is None:
                return NOTHING
            value, info = found
            if not self._stands(request, info, notes) or not self._put_back(info, notes):
                return NOTHING
        except JobtuiError:
            # Wrong use: a setting that cannot be used.
            raise
        except Exception as error:  # noqa: BLE001  whatever an entry says, the call is answered
            text = f"{self.display_name}: an entry is not used: {text_of(error)}"
            warn_once(("look up", request.code.identity), text)
            return NOTHING
        run = tracing.current()
        run.hit(
            request.code.identity,
            self.display_name,
            self.kind,
            key=request.key,
            result=info.result,
            code=request.code.static,
            inputs=request.inputs,
            met=[(path, known) for path, known in info.met],
            outputs=_own(info.outputs),
            inner=[tuple(item) for item in info.inner],
            saved=info.duration,
            store=self._store_elsewhere(),
            notes=notes,
        )
        return value

    def _stands(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        """Tell whether an entry may answer a call, its output files left aside."""
        return (
            are_records(info.outputs)
            and self._holds(request, info)
            and self._met_unchanged(request, info, notes)
            and self._same_outputs(request, info)
        )

    def _read(self, request: Request) -> tuple[Any, EntryInfo] | None:
        assert request.key is not None
        if (known := self._reused.get(request.key)) is not None:
            return known
        store = self._store()
        if store is None:
            return None
        name = entry_name(request.code.identity, request.key)
        try:
            found = read_value(store, name, request.key, mmap_mode=self.mmap_mode)
            file = store.local_path(name)
        except Exception as error:  # noqa: BLE001  a cache that cannot be read costs a computation
            warn_once(
                ("read", store.url), f"the store {store.url} cannot be read: {text_of(error)}"
            )
            return None
        if found is not None and file is not None:
            self._reused.put(request.key, str(file), found)
        return found

    def _met_unchanged(self, request: Request, info: EntryInfo, notes: list[str]) -> bool:
        if self.files == "declared":
            return True
        changed = [path for path, known in info.met if _file_digest(path) != known]
        if not changed:
            return True
        if self.kind == "step":
            return False
        names = ", ".join(changed)
        text = (
            f"{self.display_name} read {names}, which changed since; as it does not declare it, "
            "the stored result stands"
        )
        notes.append(text)
        warn_once(("met", request.code.identity, names), text)
        return True

    def _put_back(self, info: EntryInfo, notes: list[str]) -> bool:
        """Bring an entry's output files into place; ``False`` if that cannot be done."""
        outputs = info.outputs
        if not outputs:
            return True
        try:
            looked = to_put_back(outputs, self._store_of, tracing.project_root(), outputs_mode())
            if looked is None:
                return False
            missing, edited = looked
            for output in missing:
                put_back(output, self._store_of(output), tracing.project_root())
                notes.append(f"{output['path']} was put back")
        except OSError as error:
            text = f"{self.display_name}: an output could not be put back: {error}"
            notes.append(text)
            warn_once(("put back", self.identity), text)
            edited = []
        for output in edited:
            text = (
                f"{output['path']} was edited since {self.display_name} wrote it; the file is "
                "kept, and the stored result returned"
            )
            notes.append(text)
            warn_once(("edited", output["path"]), text)
        if (outer := _inside.get()) is not None:
            outer.extend(outputs)
        return True

    def _store_of(self, output: OutputRecord) -> Store:
        """Give the store with the copy of an output; inner calls may have one of their own."""
        own = None if output.get("inner") else self._store()
        return own or store_named(output.get("store"))

    # Computing

    def _compute(self, request: Request, args: Any, kwargs: Any) -> R:
        self._computes()
        run = tracing.current()
        handle = run.call_start(
            request.code.identity,
            self.display_name,
            self.kind,
            key=request.key,
            declared=[path for path, _ in request.inputs],
            files=self.files,
        )
        inner_outputs: list[OutputRecord] = []
        token = _inside.set(inner_outputs)
        outcome = Outcome()
        start = time.perf_counter()
        try:
            result = self.func(*args, **kwargs)
            outcome.duration = time.perf_counter() - start
            result = self._produce(request, result, outcome)
        except BaseException as error:
            _leave_out_this_frame(error)
            self._failed(request)
            self._end_failed(handle, request, error)
            raise
        finally:
            _inside.reset(token)
        own_outputs = _own(outcome.outputs)
        for item in outcome.outputs:
            item["store"] = self._store_elsewhere()
        outcome.outputs += [{**item, "inner": True} for item in inner_outputs]
        if (outer := _inside.get()) is not None:
            outer.extend(outcome.outputs)
        met = handle.met()
        try:
            self._keep(request, result, outcome, handle, met)
        except Exception as error:  # noqa: BLE001  the result is there, and is the caller's
            outcome.not_kept(
                f"the result of {self.display_name} is not stored: {text_of(error)}", "unstorable"
            )
        run.call_end(
            handle,
            outcome.state,
            key=request.key,
            result=outcome.result,
            code=request.code.static,
            inputs=request.inputs,
            met=met,
            outputs=own_outputs,
            # As its entry says, so that a step did not take less once it was answered from there.
            took=outcome.duration,
            store=self._store_elsewhere(),
            notes=outcome.notes,
        )
        for subject, text in outcome.notices:
            warn_once((request.code.identity, *subject), text)
        return result

    @staticmethod
    def _end_failed(handle: tracing.CallHandle, request: Request, error: BaseException) -> None:
        tracing.current().call_end(
            handle,
            "failed",
            key=request.key,
            code=request.code.static,
            inputs=request.inputs,
            error=error,
        )

    def _keep(
        self,
        request: Request,
        result: R,
        outcome: Outcome,
        handle: tracing.CallHandle,
        met: Files,
    ) -> None:
        """Put a result into the store, unless something speaks against it."""
        if request.key is None:
            outcome.not_kept(request.unkeyed, "unkeyed", request.at_fault)
        if handle.parameters and outcome.state != "uncached":
            names = ", ".join(sorted(handle.parameters))
            outcome.not_kept(
                f"{self.display_name} reads a parameter of the script ({names}) while it runs, "
                "and runs uncached: declare it in the script, and pass it on as an argument",
                "parameter",
                names,
            )
        if outcome.state == "uncached" or request.key is None:
            return
        moved = self._moved(request) or list(handle.moved())
        if moved:
            names = ", ".join(moved)
            outcome.not_kept(
                f"{names} changed while {self.display_name} ran; its result is not stored",
                "moved",
                names,
            )
            return
        self._notice_changed_arguments(request, outcome)
        store = self._store()
        if store is None:
            outcome.state = "uncached"
            return
        name = entry_name(request.code.identity, request.key)
        meta = entry_meta(request, outcome, handle, met, tracing.current().id)
        try:
            outcome.result = write_entry(store, name, result, meta)
        except (CodecError, pickle.PicklingError, RecursionError) as error:
            outcome.not_kept(
                f"the result of {self.display_name} cannot be stored: {text_of(error)}",
                "unstorable",
            )
        except Exception as error:  # noqa: BLE001  whatever a store does, the result is there
            outcome.state = "uncached"
            outcome.notes.append(f"not stored: {text_of(error)}")
            # Once for a store, not for each of its functions.
            warn_once(
                ("write", store.url),
                f"the store {store.url} cannot be written ({text_of(error)}); "
                "results are computed anew",
            )

    def _moved(self, request: Request) -> list[str]:
        return [path for path, known in request.inputs if _file_digest(path) != known]

    def _notice_changed_arguments(self, request: Request, outcome: Outcome) -> None:
        binder = request.target.binder
        for index, before in zip(binder.counted, request.digests, strict=True):
            value, name = request.values[index], binder.names[index]
            if not may_have_changed(value):
                continue
            try:
                after = digest(value, name=name)
            except UnhashableError:
                after = ""
            if after != before:
                outcome.notice(
                    f"{self.display_name} changes its argument {name!r} in place; a hit will not",
                    "changed",
                    name,
                )

    # Looking at the store

    def check_call_in_cache(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Tell whether a call would be answered from the store; changes nothing."""
        try:
            request = self._request(args, kwargs)
        except JobtuiError:
            return False
        if request.key is None or (found := self._read(request)) is None:
            return False
        _, info = found
        if not self._stands(request, info, []):
            return False
        root = tracing.project_root()
        return to_put_back(info.outputs, self._store_of, root, outputs_mode()) is not None

    def clear(self, warn: bool = True) -> None:
        """Delete all stored results of this function, whatever code they are from.

        Parameters
        ----------
        warn : bool
            For joblib's sake; nothing is said either way.
        """
        self._reused.clear()
        store = self._store()
        if store is None:
            return
        for item in list(store.list(f"{quote(self.identity)}/")):
            store.delete(item.name)


def _leave_out_this_frame(error: BaseException) -> None:
    """Drop the frame that caught an exception from its traceback: it is no part of the story.

    Where nothing lies below it, it is all there is to see, and stays.
    """
    traceback = error.__traceback__
    if traceback is not None and traceback.tb_next is not None:
        error.__traceback__ = traceback.tb_next


def _file_digest(path: str) -> str | None:
    """Digest a file named as in records; ``None`` if it is not there."""
    try:
        return digest_file(tracing.project_root() / path)
    except OSError:
        return None


def leads_back(wrapper: Any) -> bool:
    """Tell whether a decorated function's name leads to it, and not to something else."""
    found: Any = sys.modules.get(wrapper.__module__)
    for part in wrapper.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is wrapper


def _own(outputs: Iterable[OutputRecord]) -> Files:
    """Give the output files of a call itself, without those of the calls it made."""
    return tuple((item["path"], item["digest"]) for item in outputs if not item.get("inner"))


def name_of(func: Callable[..., Any]) -> str:
    """Name any callable as people do."""
    while isinstance(func, functools.partial):
        func = func.func
    return getattr(func, "__name__", type(func).__name__)
