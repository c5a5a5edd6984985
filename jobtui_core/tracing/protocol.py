"""How a script is told about its run: environment variables.

Whoever starts a script sets them; the script's own child processes inherit them.  All but
``JOBTUI_ROOT``, ``JOBTUI_TRACE`` and ``JOBTUI_STORE`` are meant for one script and mean nothing to
any other that it may start.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jobtui_core.root import is_library

__all__ = ["Settings", "freeze", "is_worker", "main_script", "settings"]

RUN = "JOBTUI_RUN"
SCRIPT = "JOBTUI_SCRIPT"
MAIN = "JOBTUI_MAIN"
"""``<host>:<pid>`` of the run's main process, set by itself: its children are not it."""
PARAMS = "JOBTUI_PARAMS"
ONLY = "JOBTUI_ONLY"
RECOMPUTE = "JOBTUI_RECOMPUTE"
DROP = "JOBTUI_DROP"
SWEEP = "JOBTUI_SWEEP"
"""Id of the sweep that the run belongs to."""
ROOT = "JOBTUI_ROOT"
TRACE = "JOBTUI_TRACE"
RUNS = "JOBTUI_RUNS"
"""Folder of the runs, where a check wants them out of the way."""
REPLAY = "JOBTUI_REPLAY"
STORE = "JOBTUI_STORE"
FOR_ONE_SCRIPT = (RUN, SCRIPT, MAIN, PARAMS, ONLY, RECOMPUTE, DROP, SWEEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What this process was told."""

    run: str | None = None
    """Id of the run to join."""
    script: Path | None = None
    """Main script of this process; ``None`` for ``python -c``, stdin, a REPL or a notebook."""
    overrides: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    recompute: tuple[str, ...] = ()
    """Steps (names or identities) to compute although they could be hits."""
    dropped: tuple[str, ...] = ()
    """Steps (names or identities) that an old result answers where they would be computed."""


_frozen: Settings | None = None


def freeze() -> None:
    """Take the script and what it was told as they are now, for as long as the process lives.

    Scripts change their environment, and ``__main__`` is another one during ``run_script``.
    """
    global _frozen
    found = settings()
    if found.script is not None:
        _frozen = found


def forget_foreign_root() -> None:
    """Leave a root alone that was told to another script, which started this one.

    A script of the same project may go on using it.
    """
    root, meant_for, script = os.environ.get(ROOT), os.environ.get(SCRIPT), main_script()
    if not root or not meant_for or script is None or _same_file(script, meant_for):
        return
    if not script.is_relative_to(os.path.abspath(root)):
        del os.environ[ROOT]


def settings() -> Settings:
    """Give what the environment says to this process's main script."""
    if _frozen is not None:
        return _frozen
    script = main_script()
    told = tuple(os.environ.get(name) for name in (RUN, SCRIPT, PARAMS, ONLY, RECOMPUTE, DROP))
    return _settings(script, *told)


@lru_cache(maxsize=8)
def _settings(
    script: Path | None,
    run: str | None,
    meant_for: str | None,
    params: str | None,
    only: str | None,
    recompute: str | None,
    dropped: str | None,
) -> Settings:
    if script is None or meant_for is None or not _same_file(script, meant_for):
        return Settings(script=script)
    overrides = _json(params, dict)
    return Settings(
        run=run or None,
        script=script,
        overrides=overrides,
        only=tuple(str(name) for name in _json(only, list)),
        recompute=tuple(str(name) for name in _json(recompute, list)),
        dropped=tuple(str(name) for name in _json(dropped, list)),
    )


def _json(text: str | None, kind: type[Any]) -> Any:
    try:
        value = json.loads(text) if text else kind()
    except ValueError:
        return kind()
    return value if isinstance(value, kind) else kind()


def _same_file(first: Path, second: str) -> bool:
    return os.path.realpath(first) == os.path.realpath(second)


def is_worker() -> bool:
    """Tell whether this process was started by ``multiprocessing`` for another one.

    A worker's ``__main__`` is its parent's script, or for a while nothing at all.
    """
    # It runs its parent's script under this name before it knows its parent.  In the parent the
    # name leads to the script's own module.
    if getattr(sys.modules.get("__mp_main__"), "__name__", "") == "__mp_main__":
        return True
    # Looked up and not imported: a process that did not load it is nobody's worker.
    module = sys.modules.get("multiprocessing.process")
    if module is None:
        return False
    try:
        return module.parent_process() is not None
    except Exception:  # noqa: BLE001  # a half-imported module must not break the script
        return False


def main_script() -> Path | None:
    """Give the script that this process runs, absolute, or nothing where there is none.

    ``python -c``, stdin, a REPL and a notebook have none; a console script, ``python -m pytest``
    and the like run somebody's program and not a script of the project.
    """
    if _frozen is not None:
        return _frozen.script
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if is_worker():
        file = os.environ.get(SCRIPT) or file
    return _project_script(file) if isinstance(file, str) else None


@lru_cache(maxsize=8)
def _project_script(file: str) -> Path | None:
    path = Path(os.path.abspath(file))
    if not path.is_file() or is_library(path) or path.parent in _program_folders():
        return None
    return path


def _program_folders() -> set[Path]:
    return {Path(sysconfig.get_path("scripts")), Path(sys.executable or "").parent}
