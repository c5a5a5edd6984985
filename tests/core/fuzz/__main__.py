"""The fuzzer by hand, for as long as one likes.

    python -m tests.core.fuzz --minutes 20 --seed 1 --folder fuzz

What is wrong is made small and written to ``failure-<seed>.txt`` in the folder.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.core.fuzz.lab import lab
from tests.core.fuzz.trial import WrongError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first twenty projects; the next have the next"
    )
    parser.add_argument("--folder", type=Path, help="for the projects and the failures")
    parser.add_argument("--alarms", action="store_true", help="write down false alarms as well")
    asked = parser.parse_args()
    folder = (asked.folder or Path(tempfile.mkdtemp(prefix="jobtui-fuzz-"))).absolute()
    until, number, failures = time.monotonic() + 60 * asked.minutes, asked.seed, 0
    with lab(folder) as opened:
        opened.census.keep = asked.alarms
        while time.monotonic() < until:
            try:
                opened.explore(20, number)
            except WrongError as error:
                failures += 1
                place = folder / f"failure-{number}.txt"
                place.write_text(f"{error}\n")
                print(f"seed {number}: {str(error).splitlines()[0]}  ({place})", flush=True)
            number += 1
        for position, story in enumerate(opened.census.examples):
            (folder / f"alarm-{position}.txt").write_text(f"{story}\n")
        print(opened.census.table())
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
