"""Packages that a stored result was computed with, and those that a script would find now.

Third-party packages count by name only, so a verdict does not see that one was updated; entries
say which versions they were computed with.  Whoever asks why a step is fresh is told where these
are not the ones that are installed.  Nothing of the packages is imported for it, and no
interpreter is started: metadata lie in files.
"""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.entry import entry_name, read_info
from jobtui_core.errors import JobtuiError
from jobtui_core.project.evidence.gathered import MALFORMED, Evidence
from jobtui_core.project.reader import reader_of
from jobtui_core.project.running.interpreter import choose_interpreter, package_folders

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project
    from jobtui_core.records import StepStatus

__all__ = ["package_changes"]

_LOOKED_AT = 50
"""Entries of a step that are read; a loop's were computed in the same run, mostly."""


def package_changes(project: Project, step: StepStatus) -> tuple[str, ...]:
    """Say which packages are installed in another version than a step's results were made with.

    Parameters
    ----------
    project : Project
        As ``open_project`` gives it.
    step : StepStatus
        As ``status`` gives it.

    Returns
    -------
    tuple of str
        One sentence for each package.
    """
    with reader_of(project) as reader:
        then = _versions_then(reader.evidence, step)
    if not then:
        return ()
    try:
        python = choose_interpreter(project)
    except JobtuiError:
        # That it cannot be used is told by whoever wants to run something.
        python = sys.executable
    now = _Installed(python)
    found = []
    for name, versions in sorted(then.items()):
        today = now.version(name)
        older = sorted(versions - {today})
        if today is not None and older:
            found.append(f"{name} was {' or '.join(older)} then, and is {today} now")
    return tuple(found)


def _versions_then(evidence: Evidence, step: StepStatus) -> dict[str, set[str]]:
    place = evidence.place_of(step.function)
    found: dict[str, set[str]] = {}
    for key in step.keys[:_LOOKED_AT]:
        try:
            info = read_info(evidence.store_at(place), entry_name(step.function, key))
        except MALFORMED:
            continue
        for name, version in (info.versions if info is not None else {}).items():
            found.setdefault(name, set()).add(version)
    return found


class _Installed:
    """What an interpreter would import, as far as files tell.

    Parameters
    ----------
    python : str
        The interpreter.
    """

    def __init__(self, python: str) -> None:
        folders = package_folders(python)
        self._own = folders is None
        self._prefix = Path(python).absolute().parent.parent
        self._folders = sys.path if folders is None else list(folders)
        self._by_module: dict[str, str] | None = None

    def version(self, name: str) -> str | None:
        """Give the version of a package by the name that it is imported by, or ``None``."""
        if name == "python":
            return self._python()
        direct = next(iter(metadata.distributions(name=name, path=self._folders)), None)
        if direct is not None:
            return direct.version
        return self._modules().get(name)

    def _python(self) -> str | None:
        if self._own:
            return platform.python_version()
        try:
            lines = (self._prefix / "pyvenv.cfg").read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return None
        facts = {key.strip(): value.strip() for key, _, value in (x.partition("=") for x in lines)}
        return facts.get("version")

    def _modules(self) -> dict[str, str]:
        """Give versions by the modules that distributions name otherwise: ``yaml``, ``sklearn``."""
        if self._by_module is None:
            self._by_module = {}
            for one in metadata.distributions(path=self._folders):
                for module in (one.read_text("top_level.txt") or "").split():
                    self._by_module.setdefault(module, one.version)
        return self._by_module
