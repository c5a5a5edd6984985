"""How things are measured beside their peers: in turn, in one process, as medians and ratios.

Machines are noisy and differ; ratios of medians that were taken in turn hold up best.  Nothing
here is a test.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Row", "Work", "in_turn", "measured", "table"]

Clock = Literal["CPU", "wall"]

_CLOCKS: dict[Clock, Callable[[], float]] = {"CPU": time.process_time, "wall": time.perf_counter}
_LONG_ENOUGH = 0.01
"""Seconds that one measurement takes at least: the work is repeated until it does."""

OURS, JOBLIB, DISKCACHE = "jobtui", "joblib", "diskcache"


@dataclass(slots=True)
class Work:
    """Something whose time is taken.

    Attributes
    ----------
    run : callable
    prepare : callable, optional
        Is called before each ``run``, and not measured; its result is what ``run`` is given.
    calls : int
        How many calls ``run`` makes: times are those of one.
    """

    run: Callable[..., Any]
    prepare: Callable[[], Any] | None = None
    calls: int = 1

    def seconds(self, clock: Clock, times: int) -> float:
        """Give the time of one call."""
        now, total = _CLOCKS[clock], 0.0
        for _ in range(times):
            if self.prepare is None:
                started = now()
                self.run()
            else:
                given = self.prepare()
                started = now()
                self.run(given)
            total += now() - started
        return total / (times * self.calls)


@dataclass(slots=True)
class Row:
    """A line of the table.

    Attributes
    ----------
    what : str
    found : dict
        Ours and those of the peers, by name: seconds, or bytes.
    budget : float or None
        Times the peer's that ours may be at most.
    clock : {"CPU", "wall", "bytes", "requests"}
    peer : str
        Whose figure the budget is about.
    """

    what: str
    found: dict[str, float]
    budget: float | None = None
    clock: Clock | Literal["bytes", "requests"] = "CPU"
    peer: str = JOBLIB
    note: str = field(default="")

    @property
    def ratio(self) -> float | None:
        """Ours in terms of the peer's, if it was measured."""
        theirs = self.found.get(self.peer)
        return self.found[OURS] / theirs if theirs else None

    @property
    def met(self) -> bool | None:
        """Whether it is within its budget, if it has one."""
        ratio = self.ratio
        return None if self.budget is None or ratio is None else ratio <= self.budget


def in_turn(work: Mapping[str, Work], rounds: int, clock: Clock = "CPU") -> dict[str, float]:
    """Measure several things, each once a round; give their medians, after a warm-up."""
    times = {}
    for name, one in work.items():
        one.seconds("wall", 1)
        once = one.seconds("wall", 1) * one.calls
        times[name] = max(1, min(10_000, round(_LONG_ENOUGH / max(once, 1e-7))))
    found: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, one in work.items():
            found[name].append(one.seconds(clock, times[name]))
    return {name: statistics.median(figures) for name, figures in found.items()}


def measured(
    what: str,
    rounds: int,
    budget: float | None = None,
    *,
    clock: Clock = "CPU",
    note: str = "",
    **work: Work | Callable[[], Any],
) -> Row:
    """Measure ours and the peers' in turn; give the line of the table."""
    made = {name: one if isinstance(one, Work) else Work(one) for name, one in work.items()}
    peer = JOBLIB if JOBLIB in made else next(name for name in made if name != OURS)
    return Row(what, in_turn(made, rounds, clock), budget, clock, peer, note)


def _shown(figure: float | None, clock: str) -> str:
    if figure is None:
        return ""
    if clock == "requests":
        return f"{figure:g}"
    if clock == "bytes":
        return f"{figure / 1e6:.1f} MB"
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if figure * scale >= 1:
            return f"{figure * scale:.3g} {unit}"
    return f"{figure * 1e9:.0f} ns"


def table(title: str, rows: list[Row]) -> str:
    """Give rows as a table of Markdown."""
    names = list(dict.fromkeys(name for row in rows for name in (OURS, row.peer, *row.found)))
    lines = [
        f"### {title}",
        "",
        "| what | " + " | ".join(names) + " | ratio | budget | |",
        "| --- | " + "---: | " * (len(names) + 2) + "--- |",
    ]
    for row in rows:
        figures = [_shown(row.found.get(name), row.clock) for name in names]
        clock = "" if row.clock == "bytes" else f" ({row.clock})"
        ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
        budget = "" if row.budget is None else f"{row.budget:g}"
        verdict = {None: "", True: "met", False: "**over**"}[row.met]
        marks = "; ".join(text for text in (verdict, row.note) if text)
        lines.append(
            f"| {row.what}{clock} | {' | '.join(figures)} | {ratio} | {budget} | {marks} |"
        )
    return "\n".join(lines) + "\n"
