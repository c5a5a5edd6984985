"""A function whose calls are answered from a store: what steps and memoized functions share.

One call goes through `CachedFunction.__call__`: bind the arguments, make the key, look it up;
failing that run the function, keep the result, and say all of it to the run's trace.  Whatever
goes wrong with a store costs a warning and a computation; only what the user's own code raises,
and wrong use, leaves a call.
"""

from __future__ import annotations

import pickle
import time
from contextlib import suppress
from typing import Any, Generic, ParamSpec, Self, TypeVar

from jobtui_core import tracing
from jobtui_core.codecs import DEFAULT_LEVEL
from jobtui_core.entry import entry_name, write_entry
from jobtui_core.errors import (
    CodecError,
    JobtuiError,
    StoreError,
    StoreUnavailableError,
    text_of,
)
from jobtui_core.fingerprint import Fingerprint
from jobtui_core.fingerprint.kept import keep_sources
from jobtui_core.hashing import is_library_module
from jobtui_core.limits import Limits
from jobtui_core.memory.again import RepeatedFunction
from jobtui_core.memory.aside import AsideFunction, checking
from jobtui_core.memory.circumstances import entry_meta
from jobtui_core.memory.dropped import DroppableFunction
from jobtui_core.memory.explained import ExplainedFunction
from jobtui_core.memory.keyed import leads_back, name_of
from jobtui_core.memory.lookup import file_digest
from jobtui_core.memory.mutation import changed_arguments
from jobtui_core.memory.notices import warn_of_store, warn_once
from jobtui_core.memory.once import OnceFunction
from jobtui_core.memory.outputs import Inside, inside_call, output_size
from jobtui_core.memory.request import Files, Outcome, Request, own_files
from jobtui_core.memory.reuse import NOTHING
from jobtui_core.stores import Store, quote
from jobtui_core.tracing.notes import CHANGES
from jobtui_core.trees import shown_name

__all__ = ["CachedFunction", "Computation", "leads_back", "name_of"]

P = ParamSpec("P")
R = TypeVar("R")


class CachedFunction(
    AsideFunction[P, R],
    DroppableFunction[P, R],
    ExplainedFunction[P, R],
    OnceFunction[P, R],
    RepeatedFunction[P, R],
):
    """Base of `MemorizedFunc` and `Step`: a function whose calls a store answers, or keeps."""

    # What the two kinds decide for themselves

    def _begin(self, request: Request) -> None:
        """Refuse a call that must not happen, before anything is looked up or run."""

    def _misses_call(self, request: Request, args: Any, kwargs: Any) -> None:
        """Hear that a call is not answered, and which one; its traceback has no frame of this."""

    def _computes(self) -> None:
        """Hear that the function is about to run."""

    def _failed(self, request: Request) -> None:
        """Take back what `_begin` did: the function raised."""

    def _produce(self, request: Request, result: R, outcome: Outcome) -> R:
        """Write the files that go with a result, and give the result as callers get it."""
        return result

    # A call

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Give the function's result, from the store where it is known."""
        found: R = self._answer_again(args, kwargs)
        if found is not NOTHING:
            return found
        request = self._asked(args, kwargs)
        if checking is not None:
            return self._call_aside(checking, request, args, kwargs)
        found = self._known(request)
        if found is not NOTHING:
            if request.key in self._reused.results and self._dropped is None:
                self._note_again(request, args, kwargs)
            return found
        try:
            with self._turn(request) as found:
                return found if found is not NOTHING else self._compute(request, args, kwargs)
        except BaseException as error:
            _leave_out_this_frame(error)
            raise

    def _asked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Request:
        """Take a call, or refuse it."""
        try:
            request = self._request(args, kwargs)
            self._begin(request)
        except JobtuiError as error:
            self._say_refused(error)
            raise
        return request

    def _known(self, request: Request) -> Any:
        """Give the result that a store answers a call with, or ``NOTHING``."""
        turn = None if self._dropped is None else self._dropped.turn(self.identity)
        if request.key is not None:
            if not self._must_recompute(request.key):
                found = self._look_up(request)
                if found is not NOTHING:
                    return found
            else:
                request.anew = True
                if self.force:
                    # To ask for it by name outweighs what its author wished for.
                    return NOTHING
        if self._dropped is not None and turn is not None:
            return self._old_answer(self._dropped, request, turn)
        return NOTHING

    def _say_refused(self, error: JobtuiError) -> None:
        """Tell the trace of a call that failed before the function could run."""
        run = tracing.current()
        handle = run.call_start(self.identity, self.display_name, self.kind)
        run.call_end(handle, "failed", code=self._code(self._whole_target()).static, error=error)

    def _compute(self, request: Request, args: Any, kwargs: Any) -> R:
        self._misses_call(request, args, kwargs)
        with Computation(self, request) as computation:
            result = computation.take(self.func(*args, **kwargs))
        return self._end(computation, result)

    def _end(self, computation: Computation[P, R], result: R) -> R:
        """Keep what a call gave, tell the run, and give it as the next call will get it."""
        request, outcome, handle = computation.request, computation.outcome, computation.handle
        own_outputs = own_files(outcome.outputs)
        for item in outcome.outputs:
            item["store"] = self._store_elsewhere()
        outcome.outputs += [{**item, "inner": True} for item in computation.inner_outputs]
        if (outer := inside_call.get()) is not None:
            outer.extend(outcome.outputs)
        met = handle.met()
        try:
            self._keep(request, result, outcome, handle, met)
        except Exception as error:  # noqa: BLE001  the result is there, and is the caller's
            outcome.not_kept(
                f"the result of {self.display_name} is not stored: {text_of(error)}", "unstorable"
            )
        request.kept = outcome.state == "computed"
        tracing.current().call_end(
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
            pending=outcome.pending,
        )
        for subject, text in outcome.notices:
            warn_once((request.code.identity, *subject), text)
        return self._as_stored(request, outcome, result)

    def _as_stored(self, request: Request, outcome: Outcome, result: R) -> R:
        """Give a result from its entry, as a hit does, where that makes a difference.

        Where its arrays are to be mapped; and where it is a global itself, which would be changed
        by whoever changes the result, on a miss alone.
        """
        if outcome.state != "computed" or request.by_reference:
            return result
        store = self._store()
        maps = self.mmap_mode is not None and store is not None and _may_map(store)
        if not maps and not _is_global(request, result):
            return result
        found = self._read(request)
        return result if found is None else found[0]

    def _keep(
        self,
        request: Request,
        result: R,
        outcome: Outcome,
        handle: tracing.CallHandle,
        met: Files,
    ) -> None:
        """Put a result into the store, unless something speaks against it."""
        if old := tracing.current().old_within(handle):
            # Its key tells nothing of that: the next run would take it for today's.
            names = ", ".join(old)
            outcome.state = "uncached"
            outcome.notes.append(f"not stored: an older result of {names} went into it")
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
        self._notice_changed_values(request, outcome)
        store = self._store()
        if store is None:
            outcome.state = "uncached"
            return
        self._write(store, request, result, outcome, handle, met)

    def _write(
        self,
        store: Store,
        request: Request,
        result: R,
        outcome: Outcome,
        handle: tracing.CallHandle,
        met: Files,
    ) -> None:
        """Write an entry; what goes wrong is said, and costs a computation."""
        assert request.key is not None
        name = entry_name(request.code.identity, request.key)
        pictures = 0
        if "pictures" in handle.kept:
            # Not at import: most calls draw nothing.
            from jobtui_core.memory.pictures import keep_pictures

            pictures = keep_pictures(store, handle, outcome)
        meta = entry_meta(request, outcome, handle, met, tracing.current().id)
        meta.hash = "" if self._keys.usual else self.hash
        try:
            outcome.result = write_entry(
                store, name, result, meta, allow_pickle=self.allow_pickle, level=self._level(store)
            )
        except (CodecError, pickle.PicklingError, RecursionError) as error:
            outcome.not_kept(
                f"the result of {self.display_name} cannot be stored: {text_of(error)}",
                "unstorable",
            )
        except Exception as error:  # noqa: BLE001  whatever a store does, the result is there
            outcome.state = "uncached"
            outcome.notes.append(f"not stored: {text_of(error)}")
            # Once for a store, not for each of its functions.
            if not request.unreadable:
                warn_of_store("written", store, error)
        else:
            outcome.pending = store.is_pending(name)
            if outcome.pending and not request.unreadable:
                _say_refused(store)
            self._keep_sources(store, request.code.static)
            self._hold_to_limits(store, meta.size + pictures, outcome)

    def _keep_sources(self, store: Store, code: Fingerprint) -> None:
        """Keep the code behind a result, for showing later how it differs from that of the day."""
        if self._sources == (store.url, code.digest):
            return
        self._sources = (store.url, code.digest)
        # The diff is lost, the result is not.
        with suppress(StoreError):
            keep_sources(store, code)

    def _limits(self) -> Limits | None:
        """Give what the store is held to."""
        return self.limits

    def _level(self, store: Store) -> int:
        """Give how much results are packed: for a network by default, for a disk if asked to."""
        if self.level is not None:
            return self.level
        return DEFAULT_LEVEL if "remote" in store.capabilities else 0

    def _hold_to_limits(self, store: Store, size: int, outcome: Outcome) -> None:
        """Delete what was used longest ago where the result that was just written is too much."""
        limits = self._limits()
        if not limits:
            return
        # Not at import: most stores have no limits.
        from jobtui_core.upkeep.keeper import keeper_of

        keeper = keeper_of(store, limits)
        if keeper is None:
            return
        try:
            keeper.grew(size + sum(output_size(one) for one in outcome.outputs))
        except StoreError as error:
            warn_once(
                ("limits", store.url),
                f"{store.url} cannot be held to its limits: {text_of(error)}",
            )

    def _moved(self, request: Request) -> list[str]:
        return [shown_name(path) for path, known in request.inputs if file_digest(path) != known]

    def _notice_changed_arguments(self, request: Request, outcome: Outcome) -> None:
        for name in changed_arguments(request, self._keys):
            text = f"{self.display_name} changes its argument {name!r} {CHANGES}"
            if is_library_module(request.target.function.__module__ or ""):
                # Who reads the warning cannot change that: scikit-learn fits what it is given.
                outcome.notes.append(text)
            else:
                outcome.notice(text, "changed", name)

    def _notice_changed_values(self, request: Request, outcome: Outcome) -> None:
        """Say which globals the call changed that it reads: a hit leaves them as they are."""
        watch = request.code.watch
        now = watch.now()
        if now is watch:
            return
        for name in watch.changed(now):
            outcome.notice(
                f"{self.display_name} changes {name}, which it reads, {CHANGES}",
                "changed",
                name,
            )

    def clear(self, warn: bool = True) -> None:
        """Delete all stored results of this function, whatever code they are from.

        Parameters
        ----------
        warn : bool
            For joblib's sake; nothing is said either way.
        """
        self._reused.clear()
        self._repeated.clear()
        store = self._store()
        if store is None:
            return
        store.delete_all(one.name for one in list(store.list(f"{quote(self.identity)}/")))


class Computation(Generic[P, R]):
    """The time in which a function's body runs: what it prints, opens and calls is noted.

    Parameters
    ----------
    function : CachedFunction
    request : Request
    """

    def __init__(self, function: CachedFunction[P, R], request: Request) -> None:
        self.function = function
        self.request = request
        self.outcome = Outcome()
        self.inner_outputs = Inside()

    def __enter__(self) -> Self:
        function, request = self.function, self.request
        function._misses.add()
        function._computes()
        self.handle = tracing.current().call_start(
            request.code.identity,
            function.display_name,
            function.kind,
            key=request.key,
            declared=[path for path, _ in request.inputs],
            files=function.files,
        )
        self.inner_outputs.rooms = function._rooms(request)
        self._token = inside_call.set(self.inner_outputs)
        self._start = time.perf_counter()
        return self

    def take(self, result: R) -> R:
        """Write the files that go with a result, and give the result as callers get it."""
        self.outcome.duration = time.perf_counter() - self._start
        self.handle.result = result
        tracing.current().returned(self.handle)
        self.handle.result = None
        return self.function._produce(self.request, result, self.outcome)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        # A coroutine may be closed in another context than it began in: its own is no more.
        with suppress(ValueError):
            inside_call.reset(self._token)
        if self.inner_outputs.rooms is not None:
            self.inner_outputs.rooms.close()
        if error is None:
            return
        _leave_out_this_frame(error)
        self.function._failed(self.request)
        tracing.current().returned(self.handle, error)
        if isinstance(error, Exception):
            # Not at import: most calls do not fail.  An interrupt is no failure of the call's.
            from jobtui_core.memory.failed import keep_arguments

            keep_arguments(
                self.request, self.function._keys, self.handle, self.function.allow_pickle
            )
        tracing.current().call_end(
            self.handle,
            "failed",
            key=self.request.key,
            code=self.request.code.static,
            inputs=self.request.inputs,
            error=error,
        )


def _is_global(request: Request, result: Any) -> bool:
    """Tell whether a result is a container that the function reads by a name of its own."""
    if type(result) not in (list, dict, set, bytearray):
        return False
    return any(watched.value is result for watched in request.code.watch.values)


def _leave_out_this_frame(error: BaseException) -> None:
    """Drop the frame that caught an exception from its traceback: it is no part of the story.

    Where nothing lies below it, it is all there is to see, and stays.
    """
    traceback = error.__traceback__
    if traceback is not None and traceback.tb_next is not None:
        error.__traceback__ = traceback.tb_next


def _say_refused(store: Store) -> None:
    """Say why results do not arrive, unless it is that nobody answers just now."""
    trouble = store.trouble
    if trouble is not None and not isinstance(trouble, StoreUnavailableError):
        warn_once(
            ("written", store.url),
            f"{text_of(trouble)}; results wait in .jobtui/spool until it takes them",
        )


def _may_map(store: Store) -> bool:
    return "local" in store.capabilities or store.copies is not None
