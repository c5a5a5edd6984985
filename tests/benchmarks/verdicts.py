"""What verdicts cost: cold status beside doit, and a look after an edit in a process that goes on.

    python -m pip install -e ".[dev]" doit && python tests/benchmarks/verdicts.py

Processor time, so that a busy machine tells the same; medians of several, and ratios of medians.
doit is asked for the same thing, with as many tasks: which of them would run (``list -s --all``).
Nothing here is a test: machines are noisy.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import projects

from jobtui_core.project import open_project, status
from jobtui_core.records import ProjectStatus

BUDGETS = {1_000: 0.35, 10_000: 0.15}


def processor_seconds(command: list[str], folder: Path) -> float:
    """Run a command; give the seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cold(base: Path, steps: int, times: int) -> None:
    """Measure ``jobtui status`` of an unchanged project in new processes."""
    ours, theirs = base / f"flow-{steps}", base / f"tasks-{steps}"
    projects.flow(ours, steps)
    projects.list_of_tasks(theirs, steps)
    subprocess.run([sys.executable, "all.py"], cwd=ours, check=True)
    doit = shutil.which("doit", path=str(Path(sys.executable).parent)) or shutil.which("doit")
    ask = [sys.executable, "-m", "jobtui", "status"]
    first = processor_seconds(ask, ours)
    processor_seconds(ask, ours)
    if doit is None:
        took = statistics.median(processor_seconds(ask, ours) for _ in range(times))
        print(f"cold status, {steps:6,} steps   {took * 1e3:7.0f} ms   (doit is not installed)")
        return
    subprocess.run([doit], cwd=theirs, check=True, stdout=subprocess.DEVNULL)
    listed = [doit, "list", "-s", "--all"]
    pairs = [
        (processor_seconds(ask, ours), processor_seconds(listed, theirs)) for _ in range(times)
    ]
    took, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"cold status, {steps:6,} steps   {took * 1e3:7.0f} ms   doit list -s {peer * 1e3:7.0f} ms"
        f"   ratio {took / peer:.2f} (budget {BUDGETS[steps]})   first look {first * 1e3:.0f} ms"
    )


def cold_after(folder: Path, edits: dict[str, tuple[str, str, str]], times: int) -> None:
    """Measure ``jobtui status`` of new processes after edits: with the index, and without it."""
    ask = [sys.executable, "-m", "jobtui", "status"]
    for what, (name, old, new) in edits.items():
        path = folder / name
        source = path.read_text()
        took: list[float] = []
        bare: list[float] = []
        for number in range(times):
            path.write_text(source.replace(old, new.replace("#", str(number + 1)), 1))
            took.append(processor_seconds(ask, folder))
            shutil.rmtree(folder / ".jobtui" / "index")
            bare.append(processor_seconds(ask, folder))
        path.write_text(source)
        with_index, without = statistics.median(took) * 1e3, statistics.median(bare) * 1e3
        print(f"  a new process, {what:32} {with_index:6.0f} ms   without index {without:6.0f} ms")


def looked(look: Callable[[], ProjectStatus]) -> tuple[float, str]:
    """Look once; give the milliseconds of processor time, and the verdicts."""
    started = time.process_time()
    found = look()
    took = (time.process_time() - started) * 1e3
    counts = Counter(step.verdict.value for step in found.steps)
    return took, ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))


def incremental(folder: Path, edits: dict[str, tuple[str, str, str]], times: int) -> None:
    """Measure looks of a process that goes on, as the app's: after edits, and after undoing."""
    project = open_project(folder)

    def look() -> ProjectStatus:
        return status(project)

    print(f"{folder.name}: first look {looked(look)[0]:.0f} ms", end="")
    time.sleep(0.1)
    print(f", unchanged {statistics.median(looked(look)[0] for _ in range(times)):.0f} ms")
    for what, (name, old, new) in edits.items():
        path = folder / name
        source = path.read_text()
        assert old in source
        found: list[tuple[float, str]] = []
        undone: list[float] = []
        for number in range(times):
            path.write_text(source.replace(old, new.replace("#", str(number + 1)), 1))
            found.append(looked(look))
            path.write_text(source)
            undone.append(looked(look)[0])
        took = statistics.median(one for one, _ in found)
        back = statistics.median(undone)
        print(f"  {what:32} {took:6.0f} ms   undone {back:6.0f} ms   {found[-1][1]}")


STEP = ("total = _local(value) + extra", "total = _local(value) + extra + #")
LOCAL = ("return shifted(value)", "return shifted(value) + #")
HELPER = ("math.floor(value * factor)", "math.floor(value * factor + #)")


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=7, help="measurements of each (7)")
    parser.add_argument("--small", action="store_true", help="leave out the 10,000 steps")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name) / "projects"
        base.mkdir()
        cold(base, 1_000, options.n)
        part, helpers = "flow/part_007.py", "flow/helpers.py"
        edits = {
            "edit of a step": (part, *STEP),
            "edit of a helper of its module": (part, *LOCAL),
            "edit of a helper of all": (helpers, *HELPER),
            "edit of a module's constant": (part, "LIMIT = 7", "LIMIT = 70#"),
            "edit of the script": ("all.py", "step_007_00(7)", "step_007_00(7#)"),
        }
        incremental(base / "flow-1000", edits, options.n)
        cold_after(base / "flow-1000", edits, options.n)
        several = base / "scripts-20"
        projects.scripts_of_their_own(several, 20, 40)
        for script in sorted(several.glob("script_*.py")):
            subprocess.run([sys.executable, script.name], cwd=several, check=True)
        incremental(several, {"edit of a step": (part, *STEP)}, options.n)
        if not options.small:
            cold(base, 10_000, options.n)
            chain = base / "chain"
            projects.long_chain(chain, 10_000)
            took = processor_seconds([sys.executable, "chain.py"], chain)
            print(f"a chain of 10,000 calls: run {took:.1f} s")
            incremental(chain, {}, options.n)


if __name__ == "__main__":
    main()
