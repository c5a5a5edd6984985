"""What the loop costs: imports, cold status, first paint, and from a save to the screen.

    python -m pip install -e ".[dev,joblib]" && python tests/benchmarks/loop.py

Every figure stands beside a peer that is measured in the same run, in turn with it; medians are
given, and ratios of medians.  Nothing here is a test: machines are noisy.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pexpect

from jobtui.demo import create_demo

REPOSITORY = Path(__file__).parent.parent.parent
EMPTY_APP = """
from textual.app import App
from textual.widgets import Label

class Empty(App):
    def compose(self):
        yield Label("painted")

Empty().run()
"""


def environment(home: Path) -> dict[str, str]:
    """Give the environment of everything that is measured."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "TERM": "xterm-256color", "PYTHONPATH": str(REPOSITORY)}


def processor_seconds(command: list[str], folder: Path, env: dict[str, str]) -> float:
    """Run a command; give the seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def open_on_terminal(command: list[str], folder: Path, env: dict[str, str]) -> pexpect.spawn:
    """Start a program on a terminal of 120 by 36."""
    return pexpect.spawn(
        command[0],
        command[1:],
        cwd=str(folder),
        env=env,
        dimensions=(36, 120),
        timeout=60,
        encoding="utf-8",
        codec_errors="replace",
    )


def first_paint(command: list[str], pattern: str, folder: Path, env: dict[str, str]) -> float:
    """Give the seconds from starting a program until something is on its screen."""
    started = time.perf_counter()
    child = open_on_terminal(command, folder, env)
    child.expect(pattern)
    seconds = time.perf_counter() - started
    child.close(force=True)
    return seconds


def save_to_screen(folder: Path, env: dict[str, str], times: int) -> list[float]:
    """Give the seconds from saving an edit of the helper until its verdict is on the screen."""
    helper = folder / "helpers.py"
    source = helper.read_text()
    edited = source.replace('mode="valid"', 'mode="same"')
    assert edited != source
    child = open_on_terminal([sys.executable, "-m", "jobtui"], folder, env)
    found: list[float] = []
    try:
        child.expect("all 2 steps fresh")
        child.expect(r"r.{0,40} run ")
        for _ in range(times):
            for text, pattern in ((edited, "2 stale"), (source, "all 7 steps fresh")):
                # The watch needs to be at rest, as it is when a person saves.
                time.sleep(0.5)
                started = time.perf_counter()
                helper.write_text(text)
                child.expect(pattern)
                found.append(time.perf_counter() - started)
    finally:
        child.close(force=True)
        helper.write_text(source)
    return found


def in_turn(
    first: Callable[[], float], second: Callable[[], float], times: int
) -> tuple[float, float]:
    """Measure two things in turn; give their medians, after a warm-up of both."""
    first(), second()
    pairs = [(first(), second()) for _ in range(times)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def row(what: str, ours: float, peer: str, theirs: float, budget: str) -> None:
    ratio = ours / theirs if theirs else float("nan")
    print(f"{what:38} {ours * 1e3:7.0f} ms  {peer:28} {theirs * 1e3:7.0f} ms  "
          f"{ratio:6.2f}  {budget}")  # fmt: skip


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=7, help="measurements of each (7)")
    times = parser.parse_args().n
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        env = environment(base)
        demo = base / "demo"
        create_demo(demo)
        script = demo / "co2.py"
        script.write_text(script.read_text().replace("15000", "200"))
        python = sys.executable
        subprocess.run(
            [python, "-m", "jobtui", "run"], cwd=demo, env=env, check=True, capture_output=True
        )

        def cost(*code: str) -> Callable[[], float]:
            return lambda: processor_seconds([python, *code], demo, env)

        head = f"{'what':38} {'ours':>10}  {'peer':28} {'theirs':>10}"
        print(f"{head}  {'ratio':>6}  budget")
        ours, theirs = in_turn(cost("-c", "import jobtui_core"), cost("-c", "import joblib"), times)
        row("import jobtui_core (CPU)", ours, "import joblib", theirs, "0.25")
        status = cost("-m", "jobtui", "status")
        ours, theirs = in_turn(status, cost("-c", "import joblib"), times)
        row("jobtui status, 9 steps (CPU)", ours, "import joblib", theirs, "")
        ours, theirs = in_turn(
            lambda: first_paint([python, "-m", "jobtui"], "co2.py", demo, env),
            lambda: first_paint([python, "-c", EMPTY_APP], "painted", demo, env),
            times,
        )
        row("first verdicts on screen", ours, "empty Textual app painted", theirs, "")
        ours, theirs = in_turn(
            lambda: first_paint([python, "-m", "jobtui"], "Steps", demo, env),
            lambda: first_paint([python, "-c", EMPTY_APP], "painted", demo, env),
            times,
        )
        row("first paint", ours, "empty Textual app painted", theirs, "1.2")
        seconds = save_to_screen(demo, env, times)
        middle, largest = statistics.median(seconds) * 1e3, max(seconds) * 1e3
        print(f"{'save in the editor to screen':38} {middle:7.0f} ms", end="")
        print(f"  of {len(seconds)}, largest {largest:.0f} ms; budget 200 ms")


if __name__ == "__main__":
    main()
