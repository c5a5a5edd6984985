"""What a hit leaves undone, and who would miss it: calls that change what they are given in place.

Such a call leaves a changed object behind where it runs, and the object as it was where it is
answered from the store.  Whoever takes that object afterwards may be called with either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core.project.judging import reasons as why
from jobtui_core.records import Verdict
from jobtui_core.tracing.notes import tells_of

if TYPE_CHECKING:
    from jobtui_core.project.evidence.gathered import Evidence
    from jobtui_core.project.judging.judge import Judged

__all__ = ["with_doubts"]


def with_doubts(judged: Sequence[Judged], evidence: Evidence) -> list[Judged]:
    """Doubt fresh verdicts on calls after one that changed what they take.

    Parameters
    ----------
    judged : sequence of Judged
        All of a script, in order.
    evidence : Evidence

    Returns
    -------
    list of Judged
    """
    found = list(judged)
    notes: dict[int, tuple[str, ...]] = {}
    doubted: set[int] = set()
    for place, one in enumerate(judged):
        if one.verdict is not Verdict.FRESH:
            continue
        words: list[str] = []
        for index, subject in one.site.after:
            if index not in notes:
                notes[index] = _cautions(judged[index], evidence)
            words += [note for note in notes[index] if tells_of(note, subject)]
        doubts = why.cannot_follow(one.site.function, dict.fromkeys(words))
        names = [judged[hole].site.name for hole in one.site.holes if hole in doubted]
        doubts += [
            why.upstream(name, why.in_words(Verdict.UNSURE)) for name in dict.fromkeys(names)
        ]
        if doubts:
            doubted.add(place)
            found[place] = replace(one, verdict=Verdict.UNSURE, result=None, reasons=doubts)
    return found


def _cautions(judged: Judged, evidence: Evidence) -> tuple[str, ...]:
    keys = judged.record.keys if judged.record is not None else ()
    return tuple(note for note in dict.fromkeys(map(evidence.caution, keys)) if note)
