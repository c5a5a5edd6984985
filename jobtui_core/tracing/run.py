"""What steps and memoized functions tell of their calls, whether or not anybody writes it down."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobtui_core.tracing.calls import MOST_INNER_CALLS, AcceptedCode, CallEndState, CallHandle
from jobtui_core.tracing.files import FilesMet

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint
    from jobtui_core.records import StepKind
    from jobtui_core.tracing.sites import ScriptSites

__all__ = [
    "Files",
    "Inner",
    "NullRun",
    "asked",
    "calling",
    "innermost",
    "listeners",
    "scope",
    "speaking",
]

Files = Iterable[tuple[str, str]]
Inner = Iterable[tuple[str, str | None, str | None]]

calling: ContextVar[CallHandle | None] = ContextVar("jobtui_call", default=None)
_open_calls: dict[int, CallHandle] = {}
"""Calls going on in this process, whatever the thread; by identity."""

scope: ContextVar[ScriptSites | None] = ContextVar("jobtui_script", default=None)
"""The inner script that is running, where there is one."""


def listeners() -> list[FilesMet]:
    """Give who is told of a file that is opened now: the calls going on here."""
    handle = calling.get()
    if handle is None:
        if not _open_calls or threading.current_thread() is threading.main_thread():
            return []
        # A thread that a step started does not know of it.  To take a file for that of too many
        # steps costs a recomputation; to miss one costs a wrong result.
        return [call.files for call in list(_open_calls.values()) if call.files is not None]
    found = []
    while handle is not None:
        if handle.files is not None:
            found.append(handle.files)
        handle = handle.parent
    return found


def innermost() -> CallHandle | None:
    """Give the call that is going on here, if one is."""
    return calling.get()


def speaking() -> tuple[CallHandle | None, str | None]:
    """Give the call that whatever is printed here belongs to, and its id.

    Without a call the id is empty for the script itself, and ``None`` for a thread that any of
    several calls may have started.
    """
    handle = calling.get()
    if handle is None:
        if not _open_calls or threading.get_ident() == threading.main_thread().ident:
            return None, ""
        # A thread that a step started does not know of it.
        going = list(_open_calls.values())
        handle = going[-1]
        chain = {id(handle)}
        outer = handle.parent
        while outer is not None:
            chain.add(id(outer))
            outer = outer.parent
        if any(id(one) not in chain for one in going):
            return None, None
    while handle is not None and handle.counted:
        # Nothing is written of it by itself.
        handle = handle.parent
    return handle, "" if handle is None else handle.id


def asked(parameter: str, within: CallHandle | None) -> None:
    """Let the calls going on here know that one of them asks for a parameter of the script.

    Parameters
    ----------
    parameter : str
        Its name.
    within : CallHandle or None
        The call that runs the script, if one does: it gives the values itself.
    """
    for handle in _going_on(within):
        handle.parameters.add(parameter)


def _going_on(within: CallHandle | None = None) -> list[CallHandle]:
    """Give the calls in whose course this happens, the innermost first, up to one of them."""
    handle = calling.get()
    if handle is None and threading.current_thread() is not threading.main_thread():
        # A thread that a step started does not know of it.
        return list(_open_calls.values())
    found = []
    while handle is not None and handle is not within:
        found.append(handle)
        handle = handle.parent
    return found


class NullRun:
    """A run of which nothing is written: calls still know their parents and the files they meet.

    Attributes
    ----------
    id : str
        Empty.
    root : Path
        The project root, absolute.
    folder : Path or None
        Where the run's records lie.
    replays : bool or None
        Whether hits show what their calls put out; ``None`` until somebody asked.
    """

    def __init__(self, root: Path) -> None:
        self.id = ""
        self.folder: Path | None = None
        self.root = root
        self.replays: bool | None = None
        self._numbers = itertools.count(1)
        self._pid = os.getpid()

    def call_start(
        self,
        function: str,
        name: str,
        kind: StepKind,
        *,
        key: str | None = None,
        declared: Iterable[str] = (),
        files: Literal["met", "declared"] = "met",
    ) -> CallHandle:
        """Say that the body of a step or memoized function begins to run.

        The call site is that of the nearest frame outside of this package, so that it makes no
        difference how many of our own frames lie between.

        Parameters
        ----------
        function : str
            Identity: ``module:qualified name``.
        name : str
            As shown.
        kind : {"step", "memoized"}
        key : str, optional
            Where it is known already.
        declared : iterable of str
            Input files: relative to the root, or absolute.
        files : {"met", "declared"}
            Whether to watch for files opened without being declared.

        Returns
        -------
        CallHandle
            Give it to ``call_end``, whatever happens.  Calls that start in the meantime, in this
            thread or task, are inner calls of this one.
        """
        identifier = f"{self._pid}-{next(self._numbers)}"
        handle = CallHandle(identifier, function, name, kind, calling.get())
        handle.key = key
        if files == "met":
            handle.files = FilesMet(self.root, declared)
        _open_calls[id(handle)] = handle
        handle.token = calling.set(handle)
        return handle

    def returned(self, handle: CallHandle, error: BaseException | None = None) -> None:
        """Say that the body of a call has returned or raised; its result is not stored yet."""

    def call_end(
        self,
        handle: CallHandle,
        state: CallEndState,
        *,
        key: str | None = None,
        result: str | None = None,
        code: Fingerprint | str | None = None,
        inputs: Files = (),
        met: Files | None = None,
        outputs: Files = (),
        took: float | None = None,
        saved: float = 0.0,
        store: str | None = None,
        error: BaseException | None = None,
        notes: Sequence[str] = (),
        pending: bool = False,
    ) -> None:
        """Say how a call ended.

        Parameters
        ----------
        handle : CallHandle
        state : {"hit", "computed", "uncached", "failed"}
        key, result : str, optional
            Key of the entry, content digest of the result.
        code : Fingerprint or str, optional
            The function's static fingerprint; its sources are kept in the project's store once.
            A string is taken for its digest alone.
        inputs, outputs : iterable of (path, digest)
            Declared files, relative to the root.
        met : iterable of (path, digest), optional
            Default: ``handle.met()``.
        took : float, optional
            Seconds that the function itself took; by default all since ``call_start``.
        saved : float
            Seconds that a hit took when it was computed.
        store : str, optional
            Where the entry is, unless in the project's store: a folder as records name files, or
            a URL.
        error : BaseException, optional
            What the function raised.
        notes : sequence of str
            Sentences for people.
        pending : bool
            Whether the entry is still on its way to the store.
        """
        self._leave(handle)
        handle.key = key or handle.key
        if handle.parent is not None:
            handle.parent.accepted.extend(handle.accepted)
        self._pass_on(handle.parent, handle.function, handle.key, result, inputs, met, handle)

    def hit(
        self,
        function: str,
        name: str,
        kind: StepKind,
        *,
        key: str,
        result: str | None = None,
        code: Fingerprint | str | None = None,
        inputs: Files = (),
        met: Files = (),
        outputs: Files = (),
        inner: Inner = (),
        saved: float = 0.0,
        store: str | None = None,
        notes: Sequence[str] = (),
        entry: str | None = None,
        accepted: Sequence[AcceptedCode] = (),
    ) -> None:
        """Say that a call was answered from the store: start and end in one, and cheaper.

        ``inputs``, ``met`` and ``inner`` are those of the entry: the outer call depends on them
        too.  ``entry`` is the entry's key where it is not the call's own, and ``accepted`` tells
        the accepted edits that the result rests on.  The other parameters are those of
        ``call_start`` and ``call_end``.
        """
        parent = calling.get()
        if parent is not None:
            self._pass_on(parent, function, key, result, inputs, met, None)
            parent.accepted.extend(accepted)

    def old(
        self,
        function: str,
        name: str,
        kind: StepKind,
        *,
        entry: str,
        result: str | None = None,
        store: str | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """Say that a call of a dropped step got an older result.

        Calls in whose course that happens rest on it as well: see ``CallHandle.old``.

        Parameters
        ----------
        function, name, kind, result, store, notes
            As for ``call_start`` and ``call_end``.
        entry : str
            Key of the entry that the result is from, which is not that of the call.
        """
        for handle in _going_on():
            handle.old.add(name)

    def old_within(self, handle: CallHandle) -> tuple[str, ...]:
        """Give the dropped steps whose old results a call got in its course, wherever that was."""
        return tuple(sorted(handle.old))

    def site_of(self, function: str) -> tuple[str, int] | None:
        """Give the call site of a call that is about to be made, where that can be told.

        Parameters
        ----------
        function : str
            Identity of what is called.

        Returns
        -------
        tuple or None
            The digest of the analysis, and the site's index in it.
        """
        return None

    def latest(self, function: str, site: tuple[str, int] | None, turn: int) -> str | None:
        """Give the key of the result that a dropped step's call had the last time, if known.

        Parameters
        ----------
        function : str
            Identity of what is called.
        site : tuple or None
            As from ``site_of``.
        turn : int
            How many calls were made there before.
        """
        return None

    def parameter(self, name: str, value: object, default: object) -> None:
        """Say which value a parameter has; for a value that is no plain data its ``repr``."""

    def warn(self, text: str) -> None:
        """Put a sentence into the trace that people should see beside the run."""

    @staticmethod
    def _leave(handle: CallHandle) -> None:
        _open_calls.pop(id(handle), None)
        token, handle.token = handle.token, None
        if token is None:
            return
        try:
            calling.reset(token)
        except ValueError:
            # It ends in another task or thread than it began in.
            if calling.get() is handle:
                calling.set(handle.parent)

    @staticmethod
    def _pass_on(
        parent: CallHandle | None,
        function: str,
        key: str | None,
        result: str | None,
        inputs: Files,
        met: Files | None,
        handle: CallHandle | None,
    ) -> None:
        """Let the outer call know what it depends on through this one."""
        if parent is None:
            return
        if len(parent.inner) < MOST_INNER_CALLS:
            parent.inner.append((function, key, result))
        if parent.files is not None:
            parent.files.inherit(inputs)
            parent.files.inherit(handle.met() if met is None and handle is not None else met or ())
