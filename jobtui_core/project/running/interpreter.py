"""The command line that a script is started with: interpreter and wrapper."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jobtui_core.errors import ConfigurationError, RunError
from jobtui_core.project.folder import Project

__all__ = ["check_interpreter", "choose_interpreter", "package_folders", "wrap"]

_PLACE = "{command}"
_PATIENCE = 60.0
"""Seconds after which an interpreter that does not answer is given up."""

_checked: set[tuple[str, int, str | None, str]] = set()


def choose_interpreter(project: Project) -> str:
    """Give the interpreter that the project's scripts run under.

    ``[tool.jobtui] python``, else the active virtual environment (``VIRTUAL_ENV``), else the
    project's ``.venv``, else the one that runs this.

    Raises
    ------
    RunError
        If the configured one does not exist.
    """
    configured = project.config.python
    if configured:
        return _configured(project, configured)
    active = os.environ.get("VIRTUAL_ENV")
    for environment in (Path(active) if active else None, project.root / ".venv"):
        if environment is not None:
            # Never resolved: the link's place is what makes it the environment's interpreter.
            python = environment.absolute() / "bin" / "python"
            if python.exists():
                return str(python)
    return sys.executable


def package_folders(python: str) -> tuple[str, ...] | None:
    """Give the folders in which an interpreter's packages are installed; ``None`` for our own."""
    place = Path(python).absolute()
    if place == Path(sys.executable).absolute():
        return None
    environment = place.parent.parent
    return tuple(dict.fromkeys(map(str, (*_installed(environment), *_shared(environment)))))


_PACKAGES = (
    *("lib/python*/site-packages", "lib64/python*/site-packages"),
    # Those of Debian's own interpreter.
    *("local/lib/python*/dist-packages", "lib/python3/dist-packages"),
)


def _installed(base: Path) -> list[Path]:
    return [place for pattern in _PACKAGES for place in sorted(base.glob(pattern))]


def _shared(environment: Path) -> list[Path]:
    """Give the folders of the interpreter that an environment was made with, if it uses them."""
    settings = {}
    try:
        lines = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    for line in lines:
        name, _, value = line.partition("=")
        settings[name.strip().lower()] = value.strip()
    if settings.get("include-system-site-packages", "").lower() != "true":
        return []
    home = settings.get("home")
    return _installed(Path(home).parent) if home else []


def _configured(project: Project, configured: str) -> str:
    place = str(Path(configured).expanduser())
    found: str | None
    if os.sep in place:
        found = os.path.join(project.root, place)  # noqa: PTH118 - keeps "..", which links may need
        found = found if os.access(found, os.X_OK) else None
    else:
        found = shutil.which(place)
    if found is None:
        raise RunError(
            f"There is no interpreter {configured!r}: correct `python` under [tool.jobtui] in "
            "pyproject.toml (or in jobtui.toml), or remove it.",
            python=configured,
        )
    return found


def check_interpreter(python: str, root: Path) -> None:
    """Make sure that scripts can import ``jobtui_core`` under an interpreter.

    Raises
    ------
    RunError
        If they cannot, with what to do about it.
    """
    try:
        stamp = Path(python).stat().st_mtime_ns
    except OSError as error:
        raise RunError(f"{python} cannot be run: {error.strerror}.", python=python) from error
    # What is asked for besides the interpreter decides what it can import.  Only success is
    # remembered: who reads of a failure installs the package and tries again.
    asked = (python, stamp, os.environ.get("PYTHONPATH"), str(root))
    if asked in _checked:
        return
    problem = _import_problem(python, root)
    if problem is not None:
        raise RunError(
            f"{python} cannot import jobtui_core ({problem}): install jobtui there "
            f"(`{shlex.quote(python)} -m pip install jobtui`), or choose another interpreter "
            "with `python` under [tool.jobtui] in pyproject.toml.",
            python=python,
            cause=problem,
        )
    _checked.add(asked)


def _import_problem(python: str, root: Path) -> str | None:
    try:
        done = subprocess.run(
            [python, "-c", "import jobtui_core"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_PATIENCE:.0f} s"
    except OSError as error:
        return str(error.strerror)
    if done.returncode == 0:
        return None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


def wrap(launch: str, command: Sequence[str]) -> list[str]:
    """Put a command line into the project's ``launch`` setting.

    ``{command}`` as a word of its own stands for the words of the command; inside another word,
    as in ``bash -c 'module load python; {command}'``, for the command quoted for a shell.

    Raises
    ------
    ConfigurationError
        If the setting cannot be split into words or has no ``{command}``.
    """
    try:
        words = shlex.split(launch)
    except ValueError as error:
        raise ConfigurationError(f"launch = {launch!r}: {error}", setting="launch") from error
    if not any(_PLACE in word for word in words):
        raise ConfigurationError(
            f"launch = {launch!r} has no {_PLACE}, the place of the script's command line",
            setting="launch",
        )
    wrapped: list[str] = []
    for word in words:
        if word == _PLACE:
            wrapped.extend(command)
        else:
            wrapped.append(word.replace(_PLACE, shlex.join(command)))
    return wrapped
