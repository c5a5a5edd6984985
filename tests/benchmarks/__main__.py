"""Measure what values, entries and calls cost, beside joblib and diskcache, as one table.

    python -m pip install -e ".[dev]" && python -m tests.benchmarks
    python -m tests.benchmarks -n 9 -o tests/benchmarks/RESULTS.md

The table that is kept was made by the second.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import warnings
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

# This very program is no script of a project.
os.environ["JOBTUI_TRACE"] = "0"

from tests.benchmarks import calls, comparing, entries, hashing, imports, stores, upkeep
from tests.benchmarks.measuring import table

GROUPS = {
    "calls": calls,
    "hashing": hashing,
    "entries": entries,
    "comparing": comparing,
    "imports": imports,
    "upkeep": upkeep,
    "stores": stores,
}
PACKAGES = ("joblib", "diskcache", "numpy", "pandas", "pyarrow", "xxhash", "boto3", "s3fs")


def machine() -> str:
    """Say where and with what the figures were found."""
    now = datetime.now().astimezone().strftime("%Y-%m-%d")
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line[:10] == "model name"]
        model = names[0] if names else model
    kernel = ".".join(platform.release().split(".")[:2])
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{now}, {os.cpu_count()} cores of {model}, {platform.system()} {kernel}, "
        f"Python {platform.python_version()}, {versions}."
    )


def main() -> None:
    """Measure, print, and write the table if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="rounds of measurements (5)")
    parser.add_argument("-o", type=Path, help="file to write the table to")
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    parts = []
    for name in asked.groups or GROUPS:
        with tempfile.TemporaryDirectory(prefix="jobtui-benchmark-") as folder:
            rows = list(GROUPS[name].rows(Path(folder), asked.n))
        parts.append(table(GROUPS[name].TITLE, rows))
        print(parts[-1], flush=True)
    if asked.o is not None:
        command = " ".join(["python -m tests.benchmarks", *sys.argv[1:]])
        asked.o.write_text(HEAD.format(machine=machine(), command=command) + "\n".join(parts))


HEAD = """\
# What things cost, beside joblib and diskcache

{machine}

Made by `{command}`, after `python -m pip install -e ".[dev]"`: medians of rounds in which ours and
the peers' take turns; CPU is processor time of the process, wall is what passes.  *Ratio* is ours
to joblib's, *budget* what it may be at most.  Figures of one machine at one time: repeat them
before relying on them.

"""


if __name__ == "__main__":
    main()
