"""Makes the folder of the demo, or recognises one that was made before."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from jobtui_core.errors import ConfigurationError

__all__ = ["TEMPLATE", "create_demo"]

TEMPLATE = Path(__file__).parent / "project"
"""The files as they are shipped."""

_MARKS = ("jobtui.toml", "co2.py", "data/co2.csv")
"""A folder that holds all of these is a demo, whatever was edited in it since."""

_MADE_HERE = frozenset({"__pycache__", ".jobtui", "results", "figures"})
"""What appears when the scripts are run or compiled where they are shipped."""


def create_demo(folder: Path) -> bool:
    """Put the demo project into a folder.

    Parameters
    ----------
    folder : Path
        Absent, empty, or a demo that was made before, which is left as it is.

    Returns
    -------
    bool
        Whether it was created now.

    Raises
    ------
    ConfigurationError
        If the folder holds something else, or the path is a file.
    OSError
        If it cannot be written.
    """
    if folder.is_dir():
        if all((folder / mark).is_file() for mark in _MARKS):
            return False
        if any(folder.iterdir()):
            raise ConfigurationError(
                f"{folder} is not empty and not the demo; name another folder: jobtui demo DIR",
                path=str(folder),
            )
        _copy(folder)
        return True
    if folder.exists():
        raise ConfigurationError(
            f"{folder} is a file; name a folder: jobtui demo DIR", path=str(folder)
        )
    # All or nothing: what is interrupted here would be taken for somebody else's folder later.
    beside = folder.with_name(f".{folder.name}-{os.getpid()}")
    try:
        _copy(beside)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return True


def _copy(folder: Path) -> None:
    """Copy contents only: an installation may be read-only, and its modes are not the user's."""
    for source in sorted(TEMPLATE.rglob("*")):
        name = source.relative_to(TEMPLATE)
        if source.is_file() and not _MADE_HERE.intersection(name.parts):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
