"""What goes into a report, as frozen records: all that was asked of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobtui_core.labbook import Comparison, FigureInfo, LogLine, RunDetail
from jobtui_core.pictures import Preview

__all__ = [
    "Chapter",
    "LogPart",
    "ReportData",
    "Result",
    "ScriptPart",
    "Source",
    "StepSum",
    "figure_name",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSum:
    """What became of a step in a run: its calls, added up."""

    name: str
    function: str
    kind: str
    calls: int = 0
    hits: int = 0
    computed: int = 0
    """Of these, those whose result could not be kept are in `uncached` as well."""
    uncached: int = 0
    failed: int = 0
    old: int = 0
    running: int = 0
    took: float | None = None
    """Seconds that computing took, where anything was computed."""
    saved: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """What a step, or the script outside of its steps, put out."""

    step: str
    """Empty: outside of steps."""
    lines: tuple[LogLine, ...]
    left_out: int = 0
    """Lines between the first half and the second that there is no room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a call gave, as the picture that was made of it."""

    step: str
    function: str
    key: str
    preview: Preview | None
    arguments: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    """Why there is no picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A definition that steps of a run were computed by."""

    name: str
    """Identity of a function, or name of a class, constant or module."""
    source: str
    kind: str = ""
    file: str = ""
    line: int = 0
    own: bool = False
    """Whether it is the function of a step itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptPart:
    """The statements of a script that lead to its steps."""

    script: str
    lines: tuple[tuple[int, str], ...]
    """Numbers and texts, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """All about one run."""

    detail: RunDetail
    steps: tuple[StepSum, ...] = ()
    """In the order of their first calls."""
    log: tuple[LogPart, ...] = ()
    results: tuple[Result, ...] = ()
    results_left_out: int = 0
    sources: tuple[Source, ...] = ()
    scripts: tuple[ScriptPart, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    """Names by which packages are installed, as far as they are known, and versions."""
    missing: tuple[str, ...] = ()
    """What could not be had, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """All that a report says."""

    project: str
    """Name of the project's folder."""
    made: float
    """When it was gathered."""
    version: str
    """Of jobtui."""
    chapters: tuple[Chapter, ...]
    comparison: Comparison | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """Bytes of figures, by `figure_name`."""
    missing: tuple[str, ...] = ()


def figure_name(figure: FigureInfo, kind: str) -> str:
    """Give the name that a figure's bytes have in a report; empty where there are none."""
    digest = figure.png if kind == "png" else figure.svg
    return f"{digest}.{kind}" if digest else ""
