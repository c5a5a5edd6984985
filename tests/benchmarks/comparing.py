"""What it costs to tell by how much two results differ, beside what numpy and pandas say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jobtui_core.diffs.arrays import apart
from jobtui_core.diffs.values import differences
from tests.benchmarks.measuring import Row, measured

TITLE = "Comparing"


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure."""
    old = np.random.default_rng(0).random(12_500_000)
    near, other = old * (1 + 1e-9), old.copy()
    other[7_000_000] += 1
    for what, new in (("all numbers differ", near), ("one number differs", other)):
        yield _against(
            f"arrays of 100 MB, {what}, beside their largest difference by numpy",
            rounds,
            old,
            new,
            largest,
        )
    yield _against("the same, beside numpy.testing", rounds, old, other, asserted)
    frames = (pd.DataFrame({"x": one[:1_000_000], "n": range(1_000_000)}) for one in (old, near))
    one, two = frames
    row = measured(
        "frames of 1M rows, beside pandas' compare",
        rounds,
        jobtui=lambda: list(differences(one, two)),
        pandas=lambda: one.compare(two),
    )
    yield row


def largest(old: Any, new: Any) -> Any:
    """Give the one fact that fits into one line of numpy."""
    return np.max(np.abs(old - new))


def asserted(old: Any, new: Any) -> None:
    """Have numpy say count, largest and relative difference."""
    try:
        np.testing.assert_array_equal(old, new)
    except AssertionError:
        return


def _against(what: str, rounds: int, old: Any, new: Any, numpy: Callable[[Any, Any], Any]) -> Row:
    return measured(what, rounds, jobtui=lambda: apart(old, new), numpy=lambda: numpy(old, new))
