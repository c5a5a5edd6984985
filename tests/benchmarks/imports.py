"""What an import costs, beside joblib's, in new processes."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measuring import JOBLIB, OURS, Row

TITLE = "Imports"

ROUNDS = 3
"""Times as many rounds as elsewhere: they are short and noisy."""


def processor_seconds(statement: str) -> float:
    """Run a statement in a new interpreter; give the processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure all of it."""
    wanted = {
        "start Python and import it": {OURS: "import jobtui_core", JOBLIB: "import joblib"},
        "start Python and from it import Memory": {
            OURS: "from jobtui_core import Memory",
            JOBLIB: "from joblib import Memory",
        },
    }
    budgets = {"start Python and import it": 0.25}
    for label, statements in wanted.items():
        yield Row(label, _medians(statements, rounds * ROUNDS), budgets.get(label))


def _medians(statements: dict[str, str], rounds: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(rounds + 1):
        for name, statement in statements.items():
            found[name].append(processor_seconds(statement))
    # The first of each reads files that are not in memory.
    return {name: statistics.median(figures[1:]) for name, figures in found.items()}
