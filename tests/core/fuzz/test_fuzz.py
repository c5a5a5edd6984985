"""Random projects are edited at random: no verdict is wrong, no old result is served.

These few are the same every time; ``python -m tests.core.fuzz --minutes 20`` makes others.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.fuzz.lab import lab

PROJECTS = 12
ALARMS = 0.05
"""Share of verdicts that may be not fresh although the step then hits."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_no_verdict_on_random_edits_is_wrong(tmp_path: Path, seed: int) -> None:
    with lab(tmp_path) as opened:
        opened.explore(PROJECTS, seed)
        census = opened.census
    print(census.table())
    # Steps ran, and steps did not: there was something to be wrong about.
    assert census.executed > census.runs / 4
    assert census.fresh > census.rows / 4
    assert sum(census.alarms.values()) <= ALARMS * census.rows, census.table()
