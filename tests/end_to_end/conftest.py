"""Project folders, and the app on them as a person has it before them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from jobtui_core.project import active, cancel, open_project, runs
from jobtui_core.records import RunInfo
from tests.end_to_end.terminal import PATIENCE, Terminal
from tests.support import wait_until

REPOSITORY = Path(__file__).parent.parent.parent

SUMS = """\
from jobtui_core import default_param, make
from scaling import scale

factor = default_param("factor", 2, help="what every number is multiplied by")


@make(inputs=["{path}"])
def read(path):
    with open(path) as file:
        numbers = [int(word) for word in file.read().split()]
    print("read", len(numbers), "numbers")
    return numbers


@make
def scaled(numbers, factor):
    print("scaling by", factor)
    return scale(numbers, factor)


print("the sum is", sum(scaled(read("numbers.txt"), factor)))
"""

SCALING = """\
def scale(numbers, factor):
    return [number * factor for number in numbers]
"""

WAITING = """\
from jobtui_core import make


@make
def wait():
    print("waiting at the gate", flush=True)
    with open("gate") as gate:
        return gate.read()


print("let through with", wait())
"""
"""Runs until somebody writes into the pipe ``gate``."""


class Folder:
    """A project folder, and terminals with ``jobtui`` in it.

    Parameters
    ----------
    path : Path
    environment : dict
        That of everything that is started.
    """

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.path = path
        self.environment = environment
        self._open = ExitStack()

    def inside(self, name: str) -> Folder:
        """Give a folder in this one; what is started there ends with this one."""
        inner = Folder(self.path / name, self.environment)
        self._open.callback(inner.end)
        return inner

    def write(self, name: str, text: str) -> None:
        """Write a file as most editors do: a new one takes the place of the old."""
        beside = self.path / f".{name}.new"
        beside.write_text(text, encoding="utf-8")
        beside.replace(self.path / name)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file."""
        text = (self.path / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} does not stand once in {name}"
        self.write(name, text.replace(old, new))

    def make_gate(self, name: str = "gate") -> None:
        """Make the pipe at which `WAITING` waits."""
        os.mkfifo(self.path / name)

    def open_gate(self, text: str = "thanks", name: str = "gate") -> None:
        """Let the script that waits go on."""

        def somebody_waits() -> int:
            try:
                return os.open(self.path / name, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                return 0

        gate = wait_until(somebody_waits, PATIENCE)
        os.write(gate, text.encode())
        os.close(gate)

    # --- the app --------------------------------------------------------------------------

    def app(self, *words: str, environment: dict[str, str] | None = None, **options) -> Terminal:
        """Open ``jobtui`` on a terminal; it ends with the test at the latest."""
        terminal = Terminal(
            *words,
            folder=self.path,
            environment={**self.environment, **(environment or {})},
            **options,
        )
        return self._open.enter_context(terminal)

    def python(self, script: str) -> subprocess.Popen[str]:
        """Start a script as from another terminal."""
        process = subprocess.Popen(
            [sys.executable, script],
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._open.callback(_end, process)
        return process

    def run(self) -> None:
        """Run everything, so that it is fresh."""
        done = subprocess.run(
            [sys.executable, "-m", "jobtui", "run"],
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    # --- what the project says ------------------------------------------------------------

    def runs(self) -> tuple[RunInfo, ...]:
        """Give the runs, newest first."""
        return runs(open_project(self.path))

    def active(self) -> tuple[RunInfo, ...]:
        """Give the runs that have not ended."""
        return active(open_project(self.path))

    def wait_for_runs(self, done: Callable[[tuple[RunInfo, ...]], bool]) -> tuple[RunInfo, ...]:
        """Wait until the runs are as wanted."""
        return wait_until(lambda: (found := self.runs()) and done(found) and found, PATIENCE)

    def names(self) -> set[str]:
        """Give the names of everything in the folder."""
        return {str(path.relative_to(self.path)) for path in self.path.rglob("*")}

    def end(self) -> None:
        """Leave no process behind, whatever a test did."""
        self._open.close()
        if (self.path / ".jobtui").is_dir():
            for run in self.active():
                cancel(open_project(self.path), run.id)
            wait_until(lambda: not self.active(), PATIENCE)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where other processes keep compiled modules: neither beside the sources nor not at all."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def environment(tmp_path: Path, bytecode: Path) -> dict[str, str]:
    """An environment with a home of its own, in which this very package is imported."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONPYCACHEPREFIX": str(bytecode),
        "TMPDIR": str(home),
    }


@pytest.fixture
def empty(tmp_path: Path, environment: dict[str, str]) -> Iterator[Folder]:
    """A folder with nothing in it."""
    path = tmp_path / "project"
    path.mkdir()
    folder = Folder(path, environment)
    yield folder
    folder.end()


@pytest.fixture
def folder(empty: Folder) -> Folder:
    """A project with one quick script of two steps, and the module that it imports."""
    empty.write("jobtui.toml", "")
    empty.write("sums.py", SUMS)
    empty.write("scaling.py", SCALING)
    empty.write("numbers.txt", "1 2 3 4\n")
    return empty
