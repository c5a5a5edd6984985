"""``joblib.Parallel`` over memoized functions, with each of its backends."""

from __future__ import annotations

import pytest

joblib = pytest.importorskip("joblib")

SCRIPT = """
import sys
from joblib import Parallel, delayed
from jobtui_core import Memory

memory = Memory("cache", verbose=0)
FACTOR = 2

def helper(x):
    return FACTOR * x

@memory.cache
def f(x):
    sys.stdout.write(f"ran-{x}\\n")  # in one piece: others write, too
    sys.stdout.flush()
    return [helper(x)] * 3

def total(backend):
    found = Parallel(n_jobs=2, backend=backend)(delayed(f)(n) for n in (1, 2, 3))
    return [one[0] for one in found]

if __name__ == "__main__":
    print("got", *total(sys.argv[1] if sys.argv[1:] else BACKEND), flush=True)
"""


@pytest.mark.parametrize(
    "backend", [pytest.param("loky", marks=pytest.mark.slow), "threading", "multiprocessing"]
)
def test_each_call_is_computed_once_and_an_edit_of_a_helper_is_seen(run, tmp_path, backend):
    """joblib #1030, #176, #226: workers computed again, or could not be given the function."""
    script = tmp_path / "script.py"
    text = SCRIPT.replace("BACKEND", repr(backend))
    script.write_text(text)
    first = run()
    assert first[first.index("got") :] == ["got", "2", "4", "6"]
    assert sorted(first[: first.index("got")]) == ["ran-1", "ran-2", "ran-3"]
    if backend == "loky":
        # Its workers take a second to start, and tests of decorated functions edit one for them.
        return
    script.write_text(text.replace("FACTOR = 2", "FACTOR = 3"))
    again = run()
    assert again[again.index("got") :] == ["got", "3", "6", "9"]
    assert sorted(again[: again.index("got")]) == ["ran-1", "ran-2", "ran-3"]
