"""The facts that the layers hand to each other and to the screen, as frozen records.

Nothing here acts, and nothing here knows how it will be shown: a screen, the command line and a
script turn the same records into words.  Paths are relative to the project root with ``/``
between their parts, so that a record means the same on another machine; times are seconds since
the epoch and durations seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from jobtui_core.pictures import Plot, Preview, Series, Thumb
from jobtui_core.reasons import Reason, ReasonKind

__all__ = [
    "AcceptOffer",
    "Acceptance",
    "CallInfo",
    "CallState",
    "Compared",
    "Explanation",
    "Held",
    "HeldRow",
    "Maker",
    "ParameterInfo",
    "Plan",
    "PlanAction",
    "PlanRow",
    "Plot",
    "Preview",
    "Progress",
    "ProjectStatus",
    "Reason",
    "ReasonKind",
    "RunInfo",
    "RunRequest",
    "RunState",
    "ScriptStatus",
    "Series",
    "SourceProblem",
    "StepKind",
    "StepStatus",
    "Thumb",
    "Verdict",
]

StepKind = Literal["step", "memoized"]


class Verdict(StrEnum):
    """What would happen to a step if its script ran now; the worst first."""

    FAILED = "failed"
    RUNNING = "running"
    NEW = "new"
    STALE = "stale"
    UNSURE = "unsure"
    FRESH = "fresh"
    UNUSED = "unused"

    @property
    def rank(self) -> int:
        """Place in the order from worst (0) to best."""
        return list(Verdict).index(self)


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It ended with a non-zero code or by a signal nobody asked for."""
    CANCELLED = "cancelled"
    DIED = "died"
    """Its process is gone and left no end."""
    SILENT = "silent"
    """It belongs to another host that has not been heard of for a while."""

    @property
    def active(self) -> bool:
        """Whether it may still produce something."""
        return self in (RunState.QUEUED, RunState.RUNNING, RunState.SILENT)


class CallState(StrEnum):
    """How a call ended."""

    RUNNING = "running"
    HIT = "hit"
    COMPUTED = "computed"
    UNCACHED = "uncached"
    """It ran, and its result could not be kept."""
    OLD = "old"
    """Its step was dropped from the plan: an older result was given in place of today's."""
    FAILED = "failed"


class PlanAction(StrEnum):
    """What a run would do with a step."""

    RUN = "run"
    MAYBE = "maybe"
    KEEP = "keep"
    DROP = "drop"
    """It would run, and was dropped: its latest stored result is taken, for this run only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Something that a verdict was built on, for "why fresh"."""

    kind: Literal[
        "code", "constant", "package", "parameter", "argument", "input", "output", "upstream"
    ]
    subject: str
    detail: str = ""
    count: int = 1
    """How many things of the kind this stands for: 1 unless it says "and 7 more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Somebody's word that an edit of a function's code does not matter."""

    function: str
    """Identity of the function whose results of old code are taken for new code."""
    code: str
    """Digest of the new code."""
    old: str
    """Digest of the old code."""
    time: float
    """When that was said."""
    user: str = ""
    host: str = ""
    script: str = ""
    """The script that it was looked at in."""
    symbols: tuple[str, ...] = ()
    """What was edited: the function itself, or what it uses."""
    diff: str = ""
    """The edit as it was shown."""
    objects: bool = False
    """Whether its results may hold objects of a class that was edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who computed a result, where that was somebody else: another machine, user or project."""

    user: str
    """As they, or the store, say: untrusted text, fit to be shown."""
    host: str
    time: float
    """When it was computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """A row of the screen: one step (or memoized function) of one script."""

    name: str
    function: str
    """Identity: ``module:qualified name``."""
    kind: StepKind
    script: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    """Most telling first; empty when fresh or unused."""
    notes: tuple[str, ...] = ()
    makers: tuple[Maker, ...] = ()
    """Others who computed results that it is fresh by, the latest first."""
    restores: tuple[str, ...] = ()
    """Output files that are not what they should be, and that its hit would put back."""
    accepted: bool = False
    """Fresh only because somebody declared an edit irrelevant."""
    code: str = ""
    """Digest of the function's code today."""
    old_codes: tuple[str, ...] = ()
    """Digests of the code of the results that the verdict compares with, where that is older."""
    acceptances: tuple[Acceptance, ...] = ()
    """What was declared irrelevant, where results of older code are taken."""
    calls: int = 0
    """Calls in the newest run that reached it."""
    duration: float | None = None
    """Seconds that its calls took when they were last computed; ``None`` if never."""
    last_run: str | None = None
    """Id of the newest run that called it."""
    last_time: float | None = None
    """When that was."""
    path: str = ""
    """File that defines the function."""
    line: int = 0
    """1-based line of the ``def``."""
    keys: tuple[str, ...] = ()
    """Keys of the entries behind the newest results, in order of the calls."""
    compared: tuple[Compared, ...] = ()
    not_compared: tuple[str, ...] = ()
    """What a verdict cannot see, in words."""
    depends_on: tuple[str, ...] = ()
    """Names of the steps whose results or files it takes."""
    takes: tuple[str, ...] = ()
    """Identities of the same steps: two may have one name."""
    progress: float | None = None
    """Between 0 and 1 while running, where it can be told."""
    started: float | None = None
    """When the call that is running now began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOffer:
    """An edit that somebody may declare irrelevant, as it has to be shown before."""

    step: StepStatus
    acceptances: tuple[Acceptance, ...]
    """What accepting would write down; its ``diff`` is what to show."""
    reasons: tuple[Reason, ...]
    """The edit, definition by definition."""
    remaining: tuple[Reason, ...] = ()
    """Why the step would not be fresh even then; empty if it would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterInfo:
    """A parameter that a script declares with ``default_param``."""

    name: str
    type: str
    """``int``, ``Path``, ``list[int]``, ``date | None`` …; ``any`` where only running tells."""
    default: Any
    """As JSON has it, paths and dates as text; ``None`` as well where only running tells."""
    value: Any
    """What is in effect: the override where there is one, else the default."""
    help: str = ""
    choices: tuple[Any, ...] = ()
    line: int = 0
    file: str = ""
    """Where it is declared; a module that the script imports may do so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """Why a script cannot be read."""

    message: str
    line: int | None = None
    column: int | None = None
    text: str = ""
    path: str = ""
    """The file at fault, when it is not the script itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStatus:
    """One script with its steps, in the order in which it would call them."""

    path: str
    error: SourceProblem | None = None
    argv: tuple[str, ...] = ()
    parameters: tuple[ParameterInfo, ...] = ()
    steps: tuple[StepStatus, ...] = ()
    reads: tuple[str, ...] = ()
    """Files that its steps declare as inputs, as far as they are known."""
    writes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Source files that its verdicts were read from (absolute paths outside the root)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStatus:
    """What is known of a project now."""

    root: str
    """Absolute path."""
    scripts: tuple[ScriptStatus, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[StepStatus, ...]:
        """The steps of all scripts, in order."""
        return tuple(step for script in self.scripts for step in script.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that "why" says about one step, whatever its verdict."""

    step: StepStatus
    run: RunInfo | None = None
    """The newest run that called it."""
    packages: tuple[str, ...] = ()
    """Packages that are not installed in the version that its results were computed with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What a run would do with one step."""

    script: str
    step: str
    function: str
    action: PlanAction
    duration: float | None = None
    """Seconds it took last time; ``None`` where it never ran."""
    reason: str = ""
    """One line: why."""
    on_old: tuple[str, ...] = ()
    """Dropped steps whose old results it takes, at whatever distance."""
    latest: tuple[tuple[int, tuple[str | None, ...]], ...] = ()
    """Of a dropped step, by call site: keys of the results that its calls had the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What running now would do, in order."""

    rows: tuple[PlanRow, ...] = ()
    scripts: tuple[str, ...] = ()
    """Scripts that would be started, in the order that their files demand."""
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Why steps that were to be dropped cannot be, a sentence for each."""

    @property
    def will_run(self) -> tuple[PlanRow, ...]:
        """Rows that certainly run."""
        return tuple(row for row in self.rows if row.action is PlanAction.RUN)

    @property
    def may_run(self) -> tuple[PlanRow, ...]:
        """Rows that run unless what they take comes out equal."""
        return tuple(row for row in self.rows if row.action is PlanAction.MAYBE)

    @property
    def kept(self) -> tuple[PlanRow, ...]:
        """Rows that are answered from the store."""
        return tuple(row for row in self.rows if row.action is PlanAction.KEEP)

    @property
    def dropped(self) -> tuple[PlanRow, ...]:
        """Rows that an old result answers."""
        return tuple(row for row in self.rows if row.action is PlanAction.DROP)

    @property
    def duration(self) -> float:
        """Seconds that what will or may run took last time, where that is known."""
        return sum(row.duration or 0.0 for row in (*self.will_run, *self.may_run))

    @property
    def untimed(self) -> tuple[PlanRow, ...]:
        """Rows that will or may run, and of which nobody knows how long they take."""
        return tuple(row for row in (*self.will_run, *self.may_run) if row.duration is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """A step of a plan, and what became of it in the run."""

    step: str
    function: str
    planned: PlanAction | None
    """``None``: it was not in the plan."""
    happened: Literal["ran", "hit", "old", "failed", "cancelled", "not reached"]
    expected: float | None = None
    """Seconds it took the time before, where that was known."""
    took: float | None = None
    """Seconds that its calls took, where it ran."""
    on_old: tuple[str, ...] = ()
    """Dropped steps on whose old results it was computed, or looked up."""
    wrong: bool = False
    """Whether the plan had said otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A run's plan, held against what happened."""

    run: str
    script: str
    rows: tuple[HeldRow, ...] = ()

    @property
    def wrong(self) -> tuple[HeldRow, ...]:
        """What the plan was wrong about."""
        return tuple(row for row in self.rows if row.wrong)

    @property
    def timed(self) -> tuple[HeldRow, ...]:
        """Rows that ran and whose time was known before."""
        return tuple(row for row in self.rows if row.took is not None and row.expected is not None)

    @property
    def expected(self) -> float:
        """Seconds that what ran was expected to take, as far as that was known."""
        return sum(row.expected or 0.0 for row in self.timed)

    @property
    def took(self) -> float:
        """Seconds that the same rows took."""
        return sum(row.took or 0.0 for row in self.timed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What somebody asks to be run."""

    scripts: tuple[str, ...]
    overrides: dict[str, Any] = field(default_factory=dict)
    argv: tuple[str, ...] | None = None
    """Words for the scripts; ``None`` repeats those of each script's newest run."""
    only: str | None = None
    """Stop each script once this step is done."""
    recompute: tuple[str, ...] = ()
    """Steps to compute although they are fresh."""
    drop: tuple[str, ...] = ()
    """Steps that an old result answers where they would be computed, for this run only."""
    planned: Plan | None = field(default=None, compare=False)
    """What whoever asks was told would happen; the runs are held against it."""
    replay: bool = False
    """Whether hits show what their calls put out when they were computed."""
    jobs: int = 1
    """How many scripts may run at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far something is that takes long."""

    done: float
    total: float | None = None
    label: str = ""
    unit: str = ""
    time: float | None = None
    """When that was told."""

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1, where it can be told."""
        return min(self.done / self.total, 1.0) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One execution of one script, as far as its trace tells."""

    id: str
    script: str
    state: RunState
    argv: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    """Values that were given in place of the defaults."""
    values: dict[str, Any] = field(default_factory=dict)
    """Every parameter that was asked for or given, with the value in effect."""
    differing: dict[str, Any] = field(default_factory=dict)
    """Those of them that are not the defaults."""
    steps: tuple[str, ...] = ()
    """Names of the steps and memoized functions that were called, in order."""
    started: float | None = None
    ended: float | None = None
    code: int | None = None
    """Exit code; ``None`` while running, when a signal ended it or when nobody knows."""
    signal: int | None = None
    host: str = ""
    pid: int | None = None
    started_by: Literal["jobtui", "hand"] = "hand"
    queue: str | None = None
    """Id of the queue that it belongs to, where it was started by ``jobtui run`` or the app."""
    last_heard: float | None = None
    error: str = ""
    """Last line of what ended it, where something did."""
    hits: int = 0
    computed: int = 0
    failed: int = 0
    old: int = 0
    """Calls of dropped steps, which got older results."""
    time_saved: float = 0.0
    """Seconds that the hits took when they were computed."""
    user: str = ""
    python: str = ""
    job: str = ""
    """Id that a batch scheduler gave it, such as ``slurm:1234``."""
    commit: str = ""
    """Git commit of the working tree when it began."""
    dirty: bool | None = None
    """Whether the working tree held uncommitted changes; ``None``: not known."""
    parent: str = ""
    """The run that started it, where one did."""
    sweep: str = ""
    """Id of the sweep that it belongs to."""
    note: str = ""
    tags: tuple[str, ...] = ()
    starred: bool = False
    progress: Progress | None = None
    """How far the script itself is, outside of calls, while it runs."""

    @property
    def order(self) -> tuple[str, float, str]:
        """What runs are sorted by to stand in the order in which they began.

        Their ids tell the second, and then chance but for runs of one queue; one that has not
        begun yet is the newest.
        """
        began = float("inf") if self.started is None else self.started
        return self.id[: len("2026-11-22T10-14-05")], began, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInfo:
    """One call of a step in one run."""

    id: str
    run: str
    function: str
    name: str
    kind: StepKind
    state: CallState
    key: str | None = None
    entry: str | None = None
    """Key of the entry that answered, where it is not the call's own."""
    store: str | None = None
    """Where the entry is; ``None`` for the project's store."""
    result: str | None = None
    """Content digest of the result."""
    code: str | None = None
    """Digest of the function's code; its sources are ``code/<digest>.json`` in the store."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Files that it declared or met, with the digests of their content."""
    outputs: tuple[tuple[str, str], ...] = ()
    saved: float = 0.0
    """Seconds that a hit took when it was computed."""
    notes: tuple[str, ...] = ()
    progress: Progress | None = None
    """The last that it told, while it runs."""
    site: int | None = None
    """Index of the call site in the analysis that the run recorded."""
    parent: str | None = None
    started: float | None = None
    duration: float | None = None
    error: str = ""
    traceback: str = ""
    log: tuple[int, int | None] = (0, None)
    """Where its output lies in the run's ``output.log``: byte offsets, ``None`` = until now."""
    on_old: tuple[str, ...] = ()
    """Dropped steps whose old results went into it."""
