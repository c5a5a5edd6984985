"""Two people on two machines, as far as one machine can be two, with one store between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jobtui_core

CODE = Path(jobtui_core.__file__).parent.parent

SCRIPT = """
from jobtui_core import default_param, make
from helpers import scale

factor = default_param("factor", 2, help="what every number is multiplied by")

@make(inputs=["{path}"])
def read(path):
    print("computing read")
    with open(path) as file:
        return [int(word) for word in file.read().split()]

@make
def scaled(numbers, factor):
    print("computing scaled")
    return [scale(number, factor) for number in numbers]

print("the sum is", sum(scaled(read("numbers.txt"), factor)))
"""

HELPERS = """
def scale(number, factor):
    return number * factor
"""


class Machine:
    """A clone of a project with a home and a user of its own.

    Parameters
    ----------
    folder : Path
        Holds both.
    user : str
    environment : dict
        More of it, for everything that is started.
    """

    def __init__(self, folder: Path, user: str, environment: dict[str, str]) -> None:
        self.root = folder / "work" / "project"
        self.root.mkdir(parents=True)
        home = folder / "home"
        home.mkdir()
        known = {k: v for k, v in os.environ.items() if not k.startswith("JOBTUI_")}
        own = {"HOME": str(home), "USER": user, "LOGNAME": user, "PYTHONPATH": str(CODE)}
        self.environment = {**known, **own, **environment}

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text
        (self.root / name).write_text(text.replace(old, new))

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Run Python with these words in the project's folder."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.root,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *argv: str, code: int = 0, **environment: str) -> str:
        """Run a script by hand; give what it printed."""
        process = self.start(script, *argv, **environment)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, err
        assert code or not err
        return out

    def jobtui(self, *words: str, code: int = 0) -> str:
        """Give what a command prints."""
        return self.run("-m", "jobtui", *words, code=code)

    def status(self) -> dict[str, dict[str, Any]]:
        """Give the steps by name, as ``jobtui status --json`` has them."""
        found = json.loads(self.jobtui("status", "--json"))
        assert not found.get("warnings"), found["warnings"]
        return {step["name"]: step for script in found["scripts"] for step in script["steps"]}

    def verdicts(self) -> dict[str, str]:
        return {name: step["verdict"] for name, step in self.status().items()}


MakeMachine = Callable[..., Machine]


@pytest.fixture
def machine(tmp_path: Path) -> MakeMachine:
    """Make a machine for a user."""

    def make(user: str, **environment: str) -> Machine:
        folder = tmp_path / f"machine of {user}"
        folder.mkdir()
        return Machine(folder, user, environment)

    return make


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that both machines reach; not there yet."""
    return tmp_path / "mounted" / "results"


@pytest.fixture
def both(machine: MakeMachine, shared: Path) -> tuple[Machine, Machine]:
    """Two clones of a project whose settings name the shared folder as its store."""
    machines = machine("ada"), machine("bob")
    for one in machines:
        one.write("co2.py", SCRIPT)
        one.write("helpers.py", HELPERS)
        one.write("numbers.txt", "1 2 3")
        one.write("jobtui.toml", f'store = "{shared}"\n')
    return machines
