"""A store that is left alone for a while after it did not answer, or refused.

One call to a server that is down takes as long as the backend's timeouts and attempts allow.  A
script that makes thousands of calls would pay that for each: here it pays once, then not at all
for a while, then once more.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Literal, Self, TypeVar

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores.around import StoreAround
from jobtui_core.stores.base import Data, Listed, Store

__all__ = ["PatientStore", "destination", "patient"]

R = TypeVar("R")

Kind = Literal["delete", "list", "read", "write"]
"""What a store may allow and refuse by itself: policies tell these apart."""

_FIRST_PAUSE = 30.0
"""Seconds for which a store is left alone at first: a server that restarts is back by then."""

_LONGEST_PAUSE = 300.0
"""Seconds for which it is left alone at most, the pause doubling each time."""

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""Where the environment names the server that is meant."""

_LONGEST_TRIAL = 60.0
"""Seconds after which another call may try, although the one that tries has not come back."""


def destination(store: Store) -> str:
    """Name where a store's requests go, by a digest: its URL, and the server where that is told.

    Two servers may have buckets of one name.  How a server is asked makes no difference.
    """
    server = store.options.get("endpoint_url")
    if server is None:
        server = next(filter(None, map(os.environ.get, _ENDPOINTS)), "")
    return _digest(store.url, f"{server}")


def patient(store: Store) -> PatientStore:
    """Put patience around a store, in common with all others of the process that are the same.

    That it was refused something is forgotten: it may have other credentials now.
    """
    told = sorted(f"{name}={value!r}" for name, value in store.options.items())
    opened = PatientStore(store, key=_digest(destination(store), *told))
    opened.forget_refusals()
    return opened


def _digest(*texts: str) -> str:
    data = "\n".join(texts).encode("utf-8", "surrogateescape")
    return blake2b(data, digest_size=16).hexdigest()


class PatientStore(StoreAround):
    """Another store, which is asked less while it does not answer.

    Parameters
    ----------
    store : Store
    key : str, optional
        Stores with one key are left alone together, in this process: those that were opened at
        one URL with the same options.  By default this one and its copies.
    first, longest : float
        Seconds for which it is left alone after a failure; twice as long after each further one,
        and at most the longest.
    clock : callable, optional
        Gives seconds, in place of ``time.monotonic``.

    Notes
    -----
    After a `StoreUnavailableError` every call raises the same at once, without a request, until
    the pause is over; then one call asks again, and the others still fail at once until it is
    known how that went.  After a `StoreDeniedError` the same holds for calls of the kind that was
    refused (reading, listing, writing, deleting): who may not write may still read.  An object
    that was refused after others of the kind were not is that object's affair.

    How long a call takes that is made is up to the other store: a call that waits cannot be ended
    from outside.  Stores of this package bound it by their timeouts and attempts, to ten seconds
    without an answer by default; the transfer of large objects takes longer as long as it goes on.

    Threads may use it at once.  A pickled one has, in another process, its own experiences.
    """

    def __init__(
        self,
        store: Store,
        *,
        key: str | None = None,
        first: float = _FIRST_PAUSE,
        longest: float = _LONGEST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(store)
        self.key = key or os.urandom(16).hex()
        self._first, self._longest = first, longest
        self._clock = clock
        self._state = _state_of(self.key)
        self._insists = False

    def insistent(self) -> Self:
        """Give the same store for whoever can wait: its calls are all made.

        How they go, the patient ones learn: one that is answered ends the pause for all.
        """
        other = copy.copy(self)
        other._insists = True
        return other

    def forget_refusals(self) -> None:
        """Ask again for what was refused: credentials or permissions are others now."""
        self._state.refused.clear()

    @property
    def unanswered(self) -> StoreUnavailableError | None:
        """Why it is being left alone altogether; ``None`` if it is not."""
        left = self._state.unanswered
        if left is None or not isinstance(left.error, StoreUnavailableError):
            return None
        return left.error

    @property
    def writable(self) -> bool | None:
        """``False`` while it is left alone because it refused that; see `Store.writable`."""
        left = self._state.refused.get("write")
        if left is not None and self._clock() < left.until:
            return False
        return self.inner.writable

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
        """See `Store.read`."""
        return self._ask("read", lambda: self.inner.read(name, start, length))

    def stat(self, name: str) -> Listed | None:
        """See `Store.stat`."""
        return self._ask("read", lambda: self.inner.stat(name))

    def write(self, name: str, data: Data) -> None:
        """See `Store.write`."""
        self._ask("write", lambda: self.inner.write(name, data))

    def write_if_absent(self, name: str, data: Data) -> bool:
        """See `Store.write_if_absent`."""
        return self._ask("write", lambda: self.inner.write_if_absent(name, data))

    def copy(self, source: str, target: str) -> None:
        """See `Store.copy`."""
        self._ask("write", lambda: self.inner.copy(source, target))

    def delete(self, name: str) -> None:
        """See `Store.delete`."""
        self._ask("delete", lambda: self.inner.delete(name))

    def delete_all(self, names: Iterable[str]) -> None:
        """See `Store.delete_all`."""
        self._ask("delete", lambda: self.inner.delete_all(names))

    def sweep(self) -> None:
        """See `Store.sweep`."""
        self._ask("delete", self.inner.sweep)

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """See `Store.list`."""
        return self._ask_each("list", self.inner.list(prefix))

    def pages(self, prefix: str = "", size: int = 1000) -> Iterator[Sequence[Listed]]:
        """See `Store.pages`."""
        return self._ask_each("list", self.inner.pages(prefix, size))

    def _ask_each(self, kind: Kind, answers: Iterator[R]) -> Iterator[R]:
        # Not one call for the whole: whoever goes through it may stop, or take an hour.
        end: Any = object()
        while (answer := self._ask(kind, lambda: next(answers, end))) is not end:
            yield answer

    def _ask(self, kind: Kind, call: Callable[[], R]) -> R:
        """Make a call, or raise at once what the last one raised."""
        state = self._state
        trials: list[_Left] = []
        for left in (state.unanswered, state.refused.get(kind)):
            if left is not None and not self._insists:
                if not left.may_try(self._clock()):
                    for trial in trials:
                        trial.give_back()
                    raise left.again()
                trials.append(left)
        before = state.unanswered, state.refused.get(kind)
        try:
            answer = call()
        except StoreUnavailableError as error:
            if state.unanswered is before[0]:
                state.unanswered = self._left(error, before[0])
            raise
        except StoreDeniedError as error:
            state.unanswered = None
            if kind not in state.allowed and state.refused.get(kind) is before[1]:
                state.refused[kind] = self._left(error, before[1])
            raise
        except StoreError:
            # An answer, after all.
            state.answered(kind, before)
            raise
        except BaseException:
            for trial in trials:
                trial.give_back()
            raise
        state.answered(kind, before)
        # Whoever may not list what there is is refused what is missing: only what was found,
        # or done, shows that such calls are allowed.
        if answer is not None or kind != "read":
            state.allowed.add(kind)
        return answer

    def _left(self, error: StoreError, before: _Left | None) -> _Left:
        pause = self._first if before is None else min(2 * before.pause, self._longest)
        return _Left(error, pause, self._clock() + pause)

    def __copy__(self) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        del state["_state"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._state = _state_of(self.key)


class _Left:
    """Why a store is left alone, and until when.  No lock: a fork might find it taken."""

    def __init__(self, error: StoreError, pause: float, until: float) -> None:
        self.error = error
        self.pause = pause
        self.until = until
        self._turns = [True]

    def may_try(self, now: float) -> bool:
        """Tell whether the pause is over and nobody else tries already."""
        if now < self.until:
            return False
        try:
            self._turns.pop()
        except IndexError:
            if now < self.until + _LONGEST_TRIAL:
                return False
        # Later ones count from here.
        self.until = now
        return True

    def give_back(self) -> None:
        """Let another call try: this one was given up."""
        self._turns[:] = [True]

    def again(self) -> StoreError:
        """Give the error for another call: each has a traceback of its own."""
        return type(self.error)(self.error.message, **self.error.facts)


class _State:
    """What is known of a store's answers; stores with one key have it in common."""

    def __init__(self) -> None:
        self.unanswered: _Left | None = None
        self.refused: dict[Kind, _Left] = {}
        self.allowed: set[Kind] = set()

    def answered(self, kind: Kind, before: tuple[_Left | None, _Left | None]) -> None:
        """Note that a call was answered, unless another one failed since it was made."""
        if before[0] is not None and self.unanswered is before[0]:
            self.unanswered = None
        if before[1] is not None and self.refused.get(kind) is before[1]:
            self.refused.pop(kind, None)


_MOST_STATES = 256

_states: dict[str, _State] = {}
"""By key.  A worker unpickles a store for each of its tasks, and learns from the last one."""


def _state_of(key: str) -> _State:
    found = _states.get(key)
    if found is None:
        if len(_states) >= _MOST_STATES:
            _states.clear()
        found = _states.setdefault(key, _State())
    return found
