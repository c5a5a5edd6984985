"""What a trace says, as records: the reader's answers.

Paths are relative to the project root with ``/``, absolute outside of it.  Times are seconds
since the epoch, durations seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jobtui_core.labbook import FigureInfo, ScriptRun
from jobtui_core.records import CallInfo, CallState, PlanRow, Progress, RunInfo, StepKind
from jobtui_core.tracing.calls import AcceptedCode

__all__ = [
    "AnalysisUse",
    "CallError",
    "CallRecord",
    "CountedCalls",
    "FileDigest",
    "FileUse",
    "ParameterUse",
    "RunTrace",
]

FileDigest = tuple[str, str]
"""A path and the digest of its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallError:
    """How a call failed."""

    type: str
    message: str
    traceback: str = ""
    frames: object = None
    """As written, not looked at: see `jobtui_core.tracing.failures.frames_from_json`."""
    arguments: object = None
    """What was kept of the call's arguments, as written: see `jobtui_core.memory.failed`."""

    @property
    def line(self) -> str:
        """The last line of its traceback."""
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call of a step or memoized function, as far as its run has come."""

    id: str
    """``<pid>-<n>``; unique in its run."""
    run: str
    function: str
    """Identity: ``module:qualified name``."""
    name: str
    kind: StepKind
    state: CallState
    """``RUNNING`` until its end was read, also when its process is gone: see ``RunInfo.state``."""
    key: str | None = None
    result: str | None = None
    """Content digest of the result."""
    code: str | None = None
    """Digest of the function's static fingerprint."""
    site: int | None = None
    """Index of the call site in ``analysis``; ``None`` where it could not be told."""
    analysis: str | None = None
    """Digest of the analysis of the script that called."""
    parent: str | None = None
    """Id of the call in whose course it happened."""
    started: float = 0.0
    ended: float | None = None
    duration: float | None = None
    """Seconds between start and end; for a hit, of the look-up."""
    saved: float = 0.0
    """Seconds that a hit took when it was computed."""
    store: str | None = None
    """Where its entry is, unless in the project's store: a folder, or a URL."""
    inputs: tuple[FileDigest, ...] = ()
    met: tuple[FileDigest, ...] = ()
    """Files that it opened without declaring them."""
    outputs: tuple[FileDigest, ...] = ()
    inner: tuple[tuple[str, str | None, str | None], ...] = ()
    """Calls made in its course: (function, key, result).  A hit carries those of its entry."""
    entry: str | None = None
    """Key of the entry that answered, where that is not the call's own."""
    accepted: tuple[AcceptedCode, ...] = ()
    """Accepted edits that its result rests on: its own function's, and those of inner calls."""
    pending: bool = False
    """Whether its entry was on its way to the store when its run was last heard of; it may have
    arrived since."""
    error: CallError | None = None
    notes: tuple[str, ...] = ()
    on_old: tuple[str, ...] = ()
    """Dropped steps whose old results went into it."""
    log: tuple[int, int | None] = (0, None)
    """Where its output lies in the run's ``output.log``: byte offsets, ``None`` = until now."""
    progress: Progress | None = None
    """How far it was when that was told last, while it ran."""
    order: int = 0
    """Place among the calls of its process, by start."""
    process: str = ""
    """Name of the event file: ``events`` for the main process."""

    @property
    def info(self) -> CallInfo:
        """The same call as screens take it."""
        return CallInfo(
            id=self.id,
            run=self.run,
            function=self.function,
            name=self.name,
            kind=self.kind,
            state=self.state,
            key=self.key,
            entry=self.entry,
            store=self.store,
            result=self.result,
            code=self.code,
            inputs=tuple(sorted({*self.inputs, *self.met})),
            outputs=self.outputs,
            saved=self.saved,
            notes=self.notes,
            site=self.site,
            parent=self.parent,
            started=self.started,
            duration=self.duration,
            error=self.error.line if self.error else "",
            traceback=self.error.traceback if self.error else "",
            log=self.log,
            progress=self.progress if self.state is CallState.RUNNING else None,
            on_old=self.on_old,
        )

    @property
    def is_evidence(self) -> bool:
        """Whether it tells something of the step as it is today.

        Not one of a dropped step, and not one that got an old result in its course: nothing in
        its key tells of that.  What was kept rests on values that its key does tell of.
        """
        if self.state is CallState.OLD:
            return False
        return not self.on_old or self.state in (CallState.HIT, CallState.COMPUTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCalls:
    """Calls of a memoized function that were only counted, the first ones being recorded."""

    function: str
    site: int | None
    analysis: str | None
    hits: int = 0
    computed: int = 0
    saved: float = 0.0
    """Seconds that the hits among them took when they were computed."""
    inner: bool = False
    """Whether other calls made them; where a trace does not say so, the script may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisUse:
    """An analysis that a run was traced against; ``code/<digest>.json`` in the store."""

    script: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUse:
    """A file that the script's own statements opened, outside of steps."""

    path: str
    digest: str | None
    """Of the content as it was opened for reading; ``None`` for one written or gone."""
    file: str
    """The source file whose statement opened it."""
    line: int
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterUse:
    """A parameter as the run had it."""

    name: str
    value: Any
    default: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTrace:
    """All that the records of one run say."""

    info: RunInfo
    calls: list[CallRecord] = field(default_factory=list)
    """In order of their start."""
    counted: tuple[CountedCalls, ...] = ()
    analyses: tuple[AnalysisUse, ...] = ()
    """That of the script first, then those of scripts it ran by ``run_script``."""
    files_read: tuple[FileUse, ...] = ()
    files_written: tuple[FileUse, ...] = ()
    parameters: dict[str, ParameterUse] = field(default_factory=dict)
    scripts: tuple[ScriptRun, ...] = ()
    """Scripts that it ran by ``run_script``, in order of their start."""
    warnings: tuple[str, ...] = ()
    figures: tuple[FigureInfo, ...] = ()
    """Those that it drew, in order; none of its hits."""
    only_stop: tuple[str, int] | None = None
    """File and line where ``--only`` ended the script."""
    finished: bool = False
    """Whether the script came to its own end: an exit code of 0, and not stopped by ``--only``."""
    start: dict[str, Any] = field(default_factory=dict)
    """The ``run_start`` event as written: versions, git, cwd, job …"""
    dropped: tuple[str, ...] = ()
    """Steps that were dropped from the plan, as they were named."""
    plan: tuple[PlanRow, ...] | None = None
    """What was said beforehand of the script's steps; ``None`` where nobody was asked."""
    error: CallError | None = None
    """What ended the script, where something did."""
    skipped: int = 0
    """Lines that could not be read."""
