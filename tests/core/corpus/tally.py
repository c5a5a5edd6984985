"""Counts what the cases of the corpus showed, all of them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.core.corpus.harness import Case, Findings, Shape

__all__ = ["MOST_ALARMS", "MOST_WITH_STANDING", "Tally", "tally"]

MOST_ALARMS = 0.03
"""Share of verdicts that may be false alarms on an edit, each listed with its reason."""
MOST_WITH_STANDING = 0.07
"""The same with the steps that a project lists as alarmed for whatever the edit is: to be lowered
as more of what such projects do is followed."""

KINDS = {
    "false fresh": "fresh, and it ran",
    "old results": "a result of other code, arguments or files",
    "missed": "did not run, and should have",
    "wasted": "ran, though nothing that matters had changed",
    "vague": "not fresh, without a reason that one can act on",
}


@dataclass(slots=True)
class Tally:
    """Numbers of a corpus."""

    projects: int = 0
    cases: int = 0
    rows: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    """By kind."""
    problems: list[str] = field(default_factory=list)
    alarms: list[tuple[str, str, str, str]] = field(default_factory=list)
    """False alarms: case, step, what was said, and the reason why that is so."""
    standing: int = 0
    """How many of them come with the project, whatever the edit is."""

    @property
    def share(self) -> float:
        """Part of all verdicts that are false alarms on an edit."""
        return (len(self.alarms) - self.standing) / max(self.rows, 1)

    @property
    def share_with_standing(self) -> float:
        """Part of all verdicts that are false alarms."""
        return len(self.alarms) / max(self.rows, 1)

    def table(self, *, listed: bool = True) -> str:
        """Give the numbers as a table, and every false alarm with its reason."""
        lines = [f"{self.cases} edits of {self.projects} projects, {self.rows} verdicts", ""]
        lines += [f"{kind:<14}{self.wrong[kind]:>6}   {words}" for kind, words in KINDS.items()]
        others = sum(count for kind, count in self.wrong.items() if kind not in KINDS)
        lines.append(f"{'other':<14}{others:>6}")
        for name, count, share in (
            ("false alarms", len(self.alarms) - self.standing, self.share),
            ("with standing", len(self.alarms), self.share_with_standing),
        ):
            lines.append(f"{name:<14}{count:>6}   {100 * share:.1f} %: not fresh, and it hit")
        if listed:
            lines += [""] if self.alarms else []
            lines += [f"  {case}, {step}: {why or 'NOT LISTED'}\n      {said}"
                      for case, step, said, why in self.alarms]  # fmt: skip
        return "\n".join([*lines, *self.problems])


def tally(cases: Mapping[str, tuple[Shape, Case]], found: Iterable[tuple[str, Findings]]) -> Tally:
    """Count what cases, given by name, showed."""
    counted = Tally()
    projects = set()
    for name, one in found:
        shape, case = cases[name]
        projects.add(shape.name)
        counted.cases += 1
        counted.rows += one.rows
        for words in one.wrong:
            counted.wrong[words.partition(":")[0]] += 1
            counted.problems.append(f"{name}: {words}")
        for step, said in one.alarms.items():
            counted.standing += step not in case.alarms and step in shape.alarms
            why = case.alarms.get(step) or shape.alarms.get(step) or ""
            counted.alarms.append((name, step, said, why))
    counted.projects = len(projects)
    return counted
