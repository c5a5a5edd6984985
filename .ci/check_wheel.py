"""Fail unless a wheel holds every file of the two packages, data included."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

_MADE_HERE = {"__pycache__", ".jobtui", "results", "figures"}


def main(wheel: str) -> str | None:
    """Give what is missing from the wheel, or ``None``."""
    packed = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        path.as_posix()
        for package in ("jobtui", "jobtui_core")
        for path in Path(package).rglob("*")
        if path.is_file() and not _MADE_HERE.intersection(path.parts)
    }
    missing = sorted(expected - packed)
    return f"not in {Path(wheel).name}: {', '.join(missing)}" if missing else None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
