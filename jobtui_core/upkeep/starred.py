"""What runs with a star need of a store, so that making room leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jobtui_core.root import STATE_FOLDER
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.runnotes import starred_runs
from jobtui_core.tracing.traces import RunTrace

__all__ = ["NOTHING_NEEDED", "Needed", "needed_by", "needed_by_starred"]


@dataclass(frozen=True, slots=True)
class Needed:
    """What has to stay.

    Stores are not told apart: a result has one key wherever it lies, and whatever a run rests on
    may have been copied.
    """

    keys: frozenset[str] = frozenset()
    """Of results: those that the calls gave or took, and of the calls in their course."""
    outputs: frozenset[str] = frozenset()
    """Digests of kept outputs and figures."""
    sources: frozenset[str] = frozenset()
    """Names of recorded sources and analyses in a store."""
    runs: frozenset[str] = frozenset()
    """Ids of the runs themselves."""


NOTHING_NEEDED = Needed()


def needed_by_starred(root: Path) -> Needed:
    """Give what the runs of a project need that have a star.

    Parameters
    ----------
    root : Path
        The project's.
    """
    runs = root / STATE_FOLDER / "runs"
    starred = starred_runs(runs)
    if not starred:
        return NOTHING_NEEDED
    found = [needed_by(read_run(runs / run)) for run in starred]
    return Needed(
        keys=frozenset().union(*(one.keys for one in found)),
        outputs=frozenset().union(*(one.outputs for one in found)),
        sources=frozenset().union(*(one.sources for one in found)),
        runs=starred,
    )


def needed_by(trace: RunTrace) -> Needed:
    """Give what one run needs."""
    keys: set[str | None] = set()
    outputs: set[str] = set()
    codes = {one.digest for one in trace.analyses}
    for call in trace.calls:
        keys |= {call.key, call.entry, *(key for _, key, _ in call.inner)}
        outputs |= {digest for _, digest in call.outputs}
        codes |= {call.code or "", call.analysis or ""}
        codes |= {code for accepted in call.accepted for code in accepted[1:3]}
    for figure in trace.figures:
        outputs |= {figure.png, figure.svg}
    return Needed(
        keys=frozenset(key for key in keys if key),
        outputs=frozenset(outputs - {""}),
        sources=frozenset(f"code/{code}.json" for code in codes if code),
        runs=frozenset([trace.info.id]),
    )
