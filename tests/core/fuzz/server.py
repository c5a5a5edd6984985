"""Runs scripts and judges projects in forks of one process, each as good as a process of its own.

Starting an interpreter costs ten times what such a script takes.  The server has imported
everything and has never seen a project; a fork of it becomes the script's process: its module is
``__main__``, and it does at its end what an interpreter does, but for tearing all modules down.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jobtui_core
from jobtui_core import tracing
from jobtui_core.errors import UnknownNameError
from jobtui_core.fingerprint.snapshot import snapshot_loaded

__all__ = ["Done", "Server", "judged"]

CHECKOUT = Path(__file__).parents[3]
LIMIT = 1.0
"""Seconds of computing that a script may take: edits make endless loops."""
OTHERS = (
    "_datetime", "_pickle", "bz2", "difflib", "getpass", "hmac", "lzma", "mmap", "platform",
    "pwd", "secrets", "sysconfig", "tempfile", "tomllib",
)  # fmt: skip
"""Modules of the standard library that are imported on the way."""
MEMORY = 2**30
"""Bytes that it may take."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""In what is printed of a function: another one in each process."""


@dataclass(frozen=True)
class Done:
    """How a script ended."""

    code: int
    output: str
    errors: str
    noted: frozenset[str]
    """Functions that noted an execution of their own."""

    @property
    def endless(self) -> bool:
        return self.code == -signal.SIGPROF


class Server:
    """A process that forks; to be closed.

    Parameters
    ----------
    folder : Path
        For what the forks write, outside of all projects.
    library : Path
        A folder called ``site-packages`` with what scripts may import.
    """

    def __init__(self, folder: Path, library: Path) -> None:
        self.folder = folder
        # Its frames are below a script's: they must not be taken for frames of the project.
        copy = shutil.copy(__file__, library / "forking.py")
        kept = {name: value for name, value in os.environ.items() if not _is_meant_for_a_run(name)}
        self._process = subprocess.Popen(
            [sys.executable, "-B", copy],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**kept, "PYTHONPATH": f"{library}{os.pathsep}{CHECKOUT}"},
        )

    def run(
        self,
        root: Path,
        script: str,
        *,
        argv: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a script of a project from its root."""
        notes = self.folder / "notes"
        notes.unlink(missing_ok=True)
        given = {**(environment or {}), "NOTES": str(notes)}
        code = self._ask(do="run", root=str(root), script=script, argv=argv, environment=given)
        out, err = ((self.folder / name).read_text(errors="replace") for name in ("out", "err"))
        noted = notes.read_text().split() if notes.exists() else []
        return Done(code, ADDRESS.sub("", out), err, frozenset(noted))

    def status(
        self, root: Path, *, overrides: Mapping[str, Any], argv: tuple[str, ...] | None
    ) -> dict[str, Any]:
        """Give the verdicts of a process that knows nothing of the project."""
        code = self._ask(do="status", root=str(root), overrides=overrides, argv=argv)
        assert code == 0, (self.folder / "err").read_text()
        found: dict[str, Any] = json.loads((self.folder / "out").read_text())
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def _ask(self, **request: Any) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the server is gone"
        return int(answer)


def judged(root: Path, overrides: Mapping[str, Any], argv: Sequence[str] | None) -> dict[str, Any]:
    """Give the verdicts on a project, as this process sees it."""
    from jobtui_core.project import open_project, status  # see _import_all

    project = open_project(root)
    try:
        found = status(project, overrides=overrides, argv=argv)
    except UnknownNameError:
        # An edit took the parameter away.
        found = status(project, argv=argv)
    problems = [
        f"{script.path}: {script.error.message}"
        for script in found.scripts
        if script.error is not None
    ]
    steps = [
        {
            "name": row.name,
            "verdict": row.verdict.value,
            "reasons": [[r.kind.value, r.subject, r.summary] for r in row.reasons],
        }
        for row in found.steps
    ]
    return {"steps": steps, "problems": [*found.warnings, *problems]}


def _is_meant_for_a_run(name: str) -> bool:
    return name.startswith(("JOBTUI_", "PYTHON", "PYTEST"))


# -- in the server ---------------------------------------------------------------------------------


def _serve() -> dict[str, Any] | None:
    """Fork for every request; give the request in the fork, nothing at the end of the server."""
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            return request
        _, state = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(state), flush=True)
    return None


def _become(request: dict[str, Any]) -> None:
    """Make this fork look like a process that was started for the request."""
    out, err, null = (
        os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC) for name in ("out", "err", os.devnull)
    )
    for source, target in ((null, 0), (out, 1), (err, 2)):
        os.dup2(source, target)
        os.close(source)
    os.chdir(request["root"])
    if request["do"] == "status":
        return
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _run(request: dict[str, Any]) -> None:
    os.environ.update(request["environment"])
    script = os.path.join(request["root"], request["script"])
    sys.argv[:] = [script, *request["argv"]]
    sys.path[0] = os.path.dirname(script)
    main = ModuleType("__main__")
    main.__file__ = script
    sys.modules["__main__"] = main
    tracing.prepare()
    text = Path(script).read_bytes()
    exec(compile(text, script, "exec", dont_inherit=True), main.__dict__)


def _judge(request: dict[str, Any]) -> None:
    argv = request["argv"]
    found = judged(Path(request["root"]), request["overrides"], argv)
    json.dump(found, sys.stdout)


def _to_its_end(work: Callable[[dict[str, Any]], None], request: dict[str, Any]) -> None:
    code = 0
    try:
        work(request)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        # As the interpreter does it, and in that order.
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter does next
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import_all() -> None:
    """Import what scripts and verdicts would import, one fork after the other."""
    # Importing notes the command line and the environment: each fork has its own, and does it.
    prepare, tracing.prepare = tracing.prepare, lambda: None
    for module in pkgutil.walk_packages(jobtui_core.__path__, "jobtui_core."):
        if not module.name.startswith("jobtui_core.testing"):
            importlib.import_module(module.name)
    for name in OTHERS:
        importlib.import_module(name)
    tracing.prepare = prepare


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    _import_all()
    # Looking at some hundred modules of libraries need not be done in every fork.
    snapshot_loaded(None)
    gc.freeze()
    asked = _serve()
    if asked is not None:
        _become(asked)
        _to_its_end(_run if asked["do"] == "run" else _judge, asked)
