"""The facts of the lab-book, as frozen records: what a run left behind besides its results.

Like `jobtui_core.records`, nothing here acts or knows how it will be shown.  Texts come from
scripts and from other people's stores: untrusted, bounded, and cleaned of what a terminal would
obey when they were read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from jobtui_core.pictures import Thumb
from jobtui_core.records import CallInfo, Held, ParameterInfo, RunInfo, RunState

__all__ = [
    "Comparison",
    "Difference",
    "DifferenceKind",
    "Failure",
    "FailureFrame",
    "FigureInfo",
    "LogLine",
    "RunDetail",
    "RunNotes",
    "ScriptRun",
    "Sweep",
    "SweepRow",
]


DifferenceKind = Literal[
    "script",
    "argv",
    "parameter",
    "code",
    "input",
    "package",
    "environment",
    "outcome",
    "log",
    "result",
    "figure",
]
"""What runs may differ in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNotes:
    """What people wrote beside a run."""

    note: str = ""
    tags: tuple[str, ...] = ()
    """Sorted."""
    starred: bool = False
    """Never pruned, and nothing that it needs is."""
    changed: float | None = None
    """When it was written last; ``None`` if never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of what a run, or one call in it, put out."""

    text: str
    """Without its newline."""
    time: float | None = None
    """When it was begun; ``None`` where nobody knows (output of a C library between others')."""
    stream: Literal["out", "err", "log", "warning", ""] = ""
    """``sys.stdout``, ``sys.stderr``, a logging record, a warning, or not known."""
    level: str = ""
    """Of a logging record: ``INFO`` …; of a warning its category."""
    logger: str = ""
    """Name of the logger."""
    place: str = ""
    """``file:line`` of a logging record or warning."""
    call: str | None = None
    """Id of the innermost call in whose course it was put out."""
    step: str = ""
    """Name of that call's step."""
    origin: str = ""
    """The run in which it was put out, where a hit only repeats it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureInfo:
    """A figure that was alive at the end of a step, or was saved by the script."""

    name: str
    """The file name that it was saved under, or its label, or ``Figure 1``."""
    run: str
    """The run in which it was drawn."""
    call: str | None = None
    """The call that drew it, or was answered with it; ``None``: the script, outside of calls."""
    step: str = ""
    png: str = ""
    """Digest of its picture as PNG; empty where there is none."""
    svg: str = ""
    width: int = 0
    """Of the PNG, in pixels."""
    height: int = 0
    thumb: Thumb | None = None
    """A small picture of it, for terminals."""
    hit: bool = False
    """Whether this run only found it stored; ``run`` is then the one that drew it."""
    store: str | None = None
    """Where its bytes are besides: as in ``CallInfo.store``; ``None`` = the project's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFrame:
    """One frame of a traceback, as it was when the exception passed."""

    file: str
    """Relative to the root, absolute outside of it."""
    line: int
    function: str
    source: tuple[str, ...] = ()
    """Source lines around it."""
    first: int = 0
    """Line number of the first of them."""
    locals: tuple[tuple[str, str], ...] = ()
    """Names and bounded texts of local variables; secrets redacted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call, or a script, that raised."""

    run: str
    call: str | None
    """``None``: the script itself."""
    step: str
    type: str
    message: str
    function: str = ""
    """Identity of the step."""
    traceback: str = ""
    frames: tuple[FailureFrame, ...] = ()
    """Outermost first, those of the user's code."""
    arguments: tuple[tuple[str, str], ...] = ()
    replayable: bool = False
    """Whether its arguments were kept, so that ``jobtui replay`` can call it again."""
    changed: tuple[str, ...] = ()
    """Arguments that it had changed by the time it failed: they were kept as they were then."""
    why: str = ""
    """Why its arguments were not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptRun:
    """A script that another one ran by ``run_script``."""

    id: int
    """Its number in the run."""
    script: str
    within: int | None = None
    """The inner script that ran it; ``None``: the run's own script did."""
    call: str | None = None
    """The call in whose course it ran."""
    parameters: tuple[tuple[str, Any], ...] = ()
    """Values that it was given in place of defaults."""
    values: tuple[tuple[str, Any], ...] = ()
    """All parameters that it asked for, as they were in effect."""
    started: float | None = None
    duration: float | None = None
    error: str = ""
    """What ended it, if it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """One combination of a sweep, and the last run of it."""

    values: tuple[tuple[str, Any], ...]
    """Of the parameters that are swept over, by name."""
    planned: str = ""
    """What a run would do, in a few words; empty where nobody has asked."""
    left: bool = True
    """Whether it is still to be run."""
    run: str | None = None
    """``None``: it has not been run in this sweep."""
    state: RunState | None = None
    duration: float | None = None
    saved: float = 0.0
    """Seconds that its hits took when they were computed."""
    computed: int = 0
    hits: int = 0
    failed: int = 0
    error: str = ""
    shown: Any = None
    """The scalar that was asked for; ``None`` where the run has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A script, run once for each combination of some values of its parameters."""

    id: str
    """The same for the same script, words, values and combinations."""
    script: str
    argv: tuple[str, ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()
    """Parameters that have one value in all runs."""
    names: tuple[str, ...] = ()
    """Those that are swept over."""
    rows: tuple[SweepRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetail:
    """All that is known of one run, for a page of its own."""

    info: RunInfo
    notes: RunNotes
    parameters: tuple[ParameterInfo, ...] = ()
    """All that the script asked for, with default and value in effect."""
    calls: tuple[CallInfo, ...] = ()
    scripts: tuple[ScriptRun, ...] = ()
    """Scripts that it ran by ``run_script``, in order of their start."""
    figures: tuple[FigureInfo, ...] = ()
    failures: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    """What jobtui itself had to say beside the run."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Files read (declared, met or by the script itself), with the digests of their content."""
    outputs: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    """Packages that were loaded when the run began."""
    command: str = ""
    """The command line that does the same again."""
    held: Held | None = None
    """Its plan, held against what happened."""
    diff: str = ""
    """Uncommitted changes of the working tree when it began, bounded."""
    untracked: tuple[str, ...] = ()
    """Names of files that git neither followed nor ignored then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which runs differ."""

    kind: DifferenceKind
    subject: str
    """Name of the parameter, function, file, package, step."""
    values: tuple[str | None, ...] = ()
    """For each run, in order: its side, as a short text; ``None`` where it has none."""
    run: int = 1
    """Which of the runs is held against the first in what follows.  Where three runs differ in
    three ways, there are two records with the same subject and values."""
    detail: str = ""
    """A diff of sources or texts, the lines around the first difference of logs, or the places
    where results differ."""
    numbers: tuple[tuple[str, float], ...] = ()
    """Of results: ``max_abs`` and ``max_rel`` (finite differences), ``count`` of ``size`` numbers
    that differ, ``nan`` (only one is), ``infinite`` (differences that are), ``places`` inside of
    the result; of figures: ``share`` of pixels that differ, and ``max`` difference, 0 to 1."""
    where: str = ""
    """The first place that differs: a path inside of a result, a line of a log; of code, the steps
    that rest on it, with the way there."""
    figures: tuple[FigureInfo | None, ...] = ()
    """For ``figure``: one for each run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two or more runs, and only what differs between them."""

    runs: tuple[RunInfo, ...]
    """The first is what the others are held against."""
    differences: tuple[Difference, ...] = ()
    same: tuple[tuple[str, int], ...] = ()
    """How many things of each kind were compared and found equal."""
    not_compared: tuple[str, ...] = ()
    """What could not be, in words."""

    def of(self, kind: str) -> tuple[Difference, ...]:
        """Give the differences of one kind."""
        return tuple(one for one in self.differences if one.kind == kind)
