"""The run of this process, as steps and memoized functions see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jobtui_core.records import StepKind
from jobtui_core.tracing.calls import CallEndState, CallHandle

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint

__all__ = ["NullRun", "Run"]

Files = Iterable[tuple[str, str]]
Inner = Iterable[tuple[str, str | None, str | None]]


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
    """

    id: str = ""
    folder: Path | None = None

    def __init__(self, root: Path) -> None:
        self.root = root

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
        raise NotImplementedError

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
        saved: float = 0.0,
        error: BaseException | None = None,
        notes: Sequence[str] = (),
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
        saved : float
            Seconds that a hit took when it was computed.
        error : BaseException, optional
            What the function raised.
        notes : sequence of str
            Sentences for people.
        """
        raise NotImplementedError

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
        notes: Sequence[str] = (),
    ) -> None:
        """Say that a call was answered from the store: start and end in one, and cheaper.

        ``inputs``, ``met`` and ``inner`` are those of the entry: the outer call depends on them
        too.  The other parameters are those of ``call_start`` and ``call_end``.
        """
        raise NotImplementedError

    def parameter(self, name: str, value: object, default: object) -> None:
        """Say which value a parameter has; for a value that is no plain data its ``repr``."""
        raise NotImplementedError

    def warn(self, text: str) -> None:
        """Put a sentence into the trace that people should see beside the run."""
        raise NotImplementedError


class Run(NullRun):
    """A run that is written to ``.jobtui/runs/<id>``."""
