"""What it costs that output, records of logging and progress bars are noted: a step's own time.

    python -m pip install -e ".[dev]" && python tests/benchmarks/capture.py

A step of 10 ms that puts something out is run with nothing noted (``JOBTUI_TRACE=0``), by hand,
and as ``jobtui run`` starts it, in turn.  Medians of the processor time that its body takes are
given, and their ratios to the first.  Nothing here is a test: machines are noisy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent
RUN = "2026-11-22T10-00-00-abcd"

SCRIPT = """
import logging, sys, time
from jobtui_core import make
import tqdm

logging.basicConfig(level="INFO")
log = logging.getLogger("lab")
kind, times = sys.argv[1], int(sys.argv[2])

def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass

def nothing():
    spin(0.01)

def few():
    spin(0.01)
    for i in range(5):
        print("a line of what a step says", i)

def prints():
    spin(0.01)
    for i in range(100):
        print("a line of what a step says", i)

def logs():
    spin(0.01)
    for i in range(100):
        log.info("a line of what a step says %d", i)

def bars():
    for i in tqdm.tqdm(range(10_000)):
        for _ in range(50):
            pass

body = {"nothing": nothing, "few": few, "prints": prints, "logs": logs, "bars": bars}[kind]
took = []

@make(files="declared", version=1)
def step(i):
    start = time.thread_time()
    body()
    took.append(time.thread_time() - start)

whole = time.thread_time()
for i in range(times):
    step(i)
whole = time.thread_time() - whole
with open("took.txt", "w") as file:
    file.write(" ".join(map(str, [whole / times, *took])))
"""

KINDS = {
    "nothing": "10 ms",
    "few": "10 ms, 5 lines printed",
    "prints": "10 ms, 100 lines printed",
    "logs": "10 ms, 100 records of logging shown",
    "bars": "tqdm over 10,000 items",
}
WAYS = ("plain", "by hand", "jobtui run")


def one(kind: str, way: str, times: int) -> list[float]:
    """Run the script once; give the seconds of a whole call, and of each body."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "jobtui.toml").touch()
        (root / "script.py").write_text(SCRIPT)
        folder = root / ".jobtui" / "runs" / RUN
        folder.mkdir(parents=True)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        env = {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
        if way == "plain":
            env["JOBTUI_TRACE"] = "0"
        elif way == "jobtui run":
            (folder / "events.jsonl").write_text('{"event":"run_queued","time":1.0}\n')
            env |= {"JOBTUI_RUN": RUN, "JOBTUI_SCRIPT": str(root / "script.py")}
        log = folder / "output.log" if way == "jobtui run" else root / "shown.txt"
        with log.open("ab", buffering=0) as output:
            subprocess.run(
                [sys.executable, "script.py", kind, str(times)],
                cwd=root,
                env=env,
                check=True,
                stdout=output,
                stderr=output,
            )
        return [float(word) for word in (root / "took.txt").read_text().split()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="rounds of measurements (5)")
    parser.add_argument("-t", type=int, default=60, help="calls in each of them (60)")
    options = parser.parse_args()
    print(f"{'step':36}", *(f"{way:>22}" for way in WAYS))
    for kind, words in KINDS.items():
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(options.n):
            for way in WAYS:
                found[way] += one(kind, way, options.t)[1:]
        medians = {way: statistics.median(took) for way, took in found.items()}
        columns = [
            f"{seconds * 1000:9.3f} ms ×{seconds / medians['plain']:6.3f}"
            for seconds in medians.values()
        ]
        print(f"{words:36}", *(f"{column:>22}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
