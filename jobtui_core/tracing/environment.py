"""What surrounds a run: versions, git, the scheduler's job.  Cheap, and never in the way."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

__all__ = ["git_state", "job_id", "user_name", "versions"]

MOST_VERSIONS = 200


def versions() -> dict[str, str]:
    """Give the versions of third-party packages that are loaded.

    Taken from the modules themselves: ``importlib.metadata`` takes tens of milliseconds.
    """
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        if "." in name or name.startswith("_") or name in sys.stdlib_module_names:
            continue
        # vars() and not getattr: a module's __getattr__ may import half the world.
        version = getattr(module, "__dict__", {}).get("__version__")
        if isinstance(version, str) and len(found) < MOST_VERSIONS:
            found[name] = version[:64]
    return found


def git_state(root: Path) -> dict[str, str | None] | None:
    """Give the commit that is checked out, read from git's own files.

    Returns
    -------
    dict or None
        ``commit``, and ``dirty``, which is ``None``: telling it would take running git.
    """
    try:
        for folder in (root, *root.parents):
            place = folder / ".git"
            if place.is_dir():
                return {"commit": _head(place), "dirty": None}
            if place.is_file():
                target = place.read_text().partition("gitdir:")[2].strip()
                return {"commit": _head(folder / target), "dirty": None}
    except (OSError, UnicodeDecodeError):
        pass
    return None


def _head(git: Path) -> str | None:
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref:"):
        return head or None
    name = head.partition("ref:")[2].strip()
    common = git
    if (git / "commondir").is_file():
        # A worktree keeps its HEAD and shares its branches.
        common = git / (git / "commondir").read_text().strip()
    for folder in (git, common):
        if (folder / name).is_file():
            return (folder / name).read_text().strip() or None
    packed = common / "packed-refs"
    if packed.is_file():
        for line in packed.read_text().splitlines():
            commit, _, ref = line.partition(" ")
            if ref == name:
                return commit
    return None


def job_id() -> str | None:
    """Give the scheduler's id of the job that this process belongs to."""
    for name in ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID"):
        if os.environ.get(name):
            return f"{name.partition('_')[0].lower()}:{os.environ[name]}"
    return None


@functools.cache
def user_name() -> str:
    """Give the name of the user, or the number where there is no name.

    The variables are those that ``getpass`` looks at, whose import takes longer than the rest.
    """
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError, OSError):
        # A container may run under a number that nobody gave a name.
        return str(os.getuid()) if hasattr(os, "getuid") else ""
