"""Stamps of all that a look at a project rested on, to tell later whether it still holds.

A file is what it was while its size, its times and its inode are.  A look is not stamped at all
when one of its files is so young that a change might leave the same stamp behind, or when a run
was going on: then the next one looks properly.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jobtui_core._version import KEY_FORMAT, __version__
from jobtui_core.packages import looked_in
from jobtui_core.project.walk import RACY_NS
from jobtui_core.root import is_library
from jobtui_core.stores.signing import environment_key

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project

__all__ = ["Stamps", "circumstances", "holds"]

Stamp = list[int] | None
"""Size, times of modification and of change, and inode; ``None`` for what is not there."""

_VARIABLES = ("PYTHONPATH", "JOBTUI_OUTPUTS", "JOBTUI_STORE", "VIRTUAL_ENV")


def circumstances(project: Project) -> list[str]:
    """What a status depends on beside files: versions, settings, environment."""
    place = os.uname().nodename if hasattr(os, "uname") else ""
    key = environment_key()
    return [
        *(__version__, KEY_FORMAT, sys.version, sys.prefix, place, str(project.root)),
        *(project.store_location, repr(project.config), os.pathsep.join(sys.path)),
        *(f"{name}={os.environ.get(name)}" for name in _VARIABLES),
        # Which entries count; the key itself is not for the disk.
        "" if key is None else key.sign(b"jobtui status", []).hex(),
    ]


class Stamps:
    """Collects stamps after a look.

    Parameters
    ----------
    began : int
        When the look began, in nanoseconds: what was changed since, or shortly before, might be
        changed again without a trace.
    """

    def __init__(self, began: int) -> None:
        self._settled = began - RACY_NS
        self.certain = True
        self.files: dict[str, Stamp] = {}
        self.folders: dict[str, list[list[Any]] | None] = {}
        self.there: dict[str, list[str]] = {}
        """Objects of stores that are there, by the folder of the store."""
        self.gone: list[str] = []
        """Files and folders that are not there."""

    def add_file(self, path: str) -> None:
        """Stamp a file, whether it is there or not."""
        if path in self.files:
            return
        found = self.files[path] = _stamp(path)
        self._settle(path if found is not None else _nearest_folder(path))

    def add_folder(self, path: str, prefix: str = "") -> None:
        """Stamp the files in a folder whose names begin with a prefix."""
        listed = self.folders[f"{prefix}\0{path}"] = _listing(path, prefix)
        self._settle(path if listed is not None else _nearest_folder(path))
        for entry in listed or ():
            if max(entry[2], entry[3]) > self._settled:
                self.certain = False

    def _settle(self, path: str) -> None:
        """Tell what may be another one than the look saw; where it is gone, its folder tells."""
        found = _stamp(path)
        if found is None or max(found[1], found[2]) > self._settled:
            self.certain = False

    def add_packages(self, root: str) -> None:
        """Stamp the folders of installed packages: their versions may be part of keys."""
        for place in (*sys.path, *looked_in()):
            # The project's own folders are walked through, but for an environment among them.
            own = f"{place}{os.sep}".startswith(root + os.sep) and not is_library(place)
            # Some are no folders at all, but what an editable install puts there.
            if os.path.isabs(place) and not own:  # noqa: PTH117  # a text
                self.add_file(place)
        # Where there is one, it is the scripts' packages that count.
        self.add_file(f"{root}{os.sep}.venv{os.sep}bin{os.sep}python")

    def add_object(self, folder: str, name: str, *, there: bool) -> None:
        """Note whether a store in a folder has an object."""
        if there:
            self.there.setdefault(folder, []).append(name)
        else:
            self.gone.append(f"{folder}{os.sep}{name}")

    def to_json(self) -> dict[str, Any]:
        """Give them as plain data."""
        return {
            "files": self.files,
            "folders": self.folders,
            "there": {folder: sorted(set(names)) for folder, names in self.there.items()},
            "gone": sorted(set(self.gone)),
        }


def holds(data: Mapping[str, Any]) -> bool:
    """Tell whether everything is as stamped; wrong data raises or is taken for a change."""
    for path, known in data["files"].items():
        if _stamp(path) != known:
            return False
    for place, known in data["folders"].items():
        prefix, _, path = place.partition("\0")
        if _listing(path, prefix) != known:
            return False
    if any(map(os.path.lexists, data["gone"])):
        return False
    return all(_all_there(folder, names) for folder, names in data["there"].items())


def _all_there(folder: str, names: Sequence[str]) -> bool:
    exists = os.access
    try:
        # Relative to the open folder: the way to it is walked once, not for every entry.
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        if exists in os.supports_dir_fd:
            return all(exists(name, os.F_OK, dir_fd=opened) for name in names)
        return all(exists(f"{folder}{os.sep}{name}", os.F_OK) for name in names)
    finally:
        os.close(opened)


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116  # called for many files in a row
    except (OSError, ValueError):
        return None
    size = found.st_size if stat.S_ISREG(found.st_mode) else -1
    return [size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _nearest_folder(path: str) -> str:
    while not os.path.lexists(path) and os.path.dirname(path) != path:  # noqa: PTH120  # texts
        path = os.path.dirname(path)  # noqa: PTH120  # as above
    return path


def _listing(path: str, prefix: str) -> list[list[Any]] | None:
    found: list[list[Any]] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith(prefix):
                    status = entry.stat()
                    times = (status.st_mtime_ns, status.st_ctime_ns)
                    size = -1 if entry.is_dir() else status.st_size
                    found.append([entry.name, size, *times, status.st_ino])
    except OSError:
        return None
    return sorted(found)
