"""Verdicts on calls of which a hit would not do, or not be, what the call was."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from jobtui_core.project import open_project, status

CHECKOUT = Path(__file__).parents[3]


class Scripted:
    """A project whose script is really run."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = environment
        (root / "jobtui.toml").touch()

    def write(self, text: str) -> None:
        (self.root / "s.py").write_text(textwrap.dedent(text).lstrip())

    def run(self) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "s.py"],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    def row(self, name: str):
        return next(row for row in status(open_project(self.root)).steps if row.name == name)

    def verdict(self, name: str) -> tuple[str, str]:
        row = self.row(name)
        return row.verdict.value, "; ".join(reason.summary for reason in row.reasons)


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in ("JOBTUI_STORE", "JOBTUI_OUTPUTS"):
        monkeypatch.delenv(name, raising=False)
    environment = {"PYTHONPATH": str(CHECKOUT), "HOME": str(tmp_path / "home")}
    return Scripted(tmp_path, environment)


def test_undone_edit_of_an_undeclared_file_is_fresh_and_a_hit(project):
    project.write(
        """
        from jobtui_core import make

        @make
        def read(x):
            print("ran")
            with open("notes.txt") as file:
                return file.read()

        read(1)
        """
    )
    notes = project.root / "notes.txt"
    for text in ("one", "two"):
        notes.write_text(text)
        assert project.run() == ["ran"]
        assert project.verdict("read")[0] == "fresh"
    for text in ("one", "two"):
        notes.write_text(text)
        assert project.verdict("read")[0] == "fresh"
        assert project.run() == []
        assert project.verdict("read")[0] == "fresh"
    notes.write_text("three")
    assert project.verdict("read")[0] == "stale"
    assert project.run() == ["ran"]


def test_a_function_that_asks_a_callback_is_not_called_fresh(project):
    template = """
        from jobtui_core import Memory

        @Memory("cache").cache({})
        def read(x):
            print("ran")
            return x

        read(1)
        """
    project.write(template.format("cache_validation_callback=lambda facts: facts['duration'] < 9"))
    assert project.run() == ["ran"]
    words = "read asks its cache_validation_callback whether a stored result stands"
    assert project.verdict("read") == ("unsure", words)
    assert project.run() == []
    assert project.verdict("read") == ("unsure", words)
    project.write(template.format(""))
    assert project.run() == []
    assert project.verdict("read")[0] == "fresh"


def test_a_call_that_changed_its_argument_is_unsure_and_stays_so(project):
    bodies = ("x.append(1)", *["return x.random()"] * 3)
    values = ("[1]", "random.Random(1)", "np.random.default_rng(1)", "np.random.RandomState(1)")
    text = script_of(["import random", "import numpy as np"], bodies)
    for number, value in enumerate(values):
        text = text.replace(f"step{number}({number})", f"step{number}({value})")
    project.write(text)
    for _ in range(2):
        project.run()
        for number in range(len(values)):
            words = f"step{number} changes its argument 'x' in place; a hit will not"
            assert project.verdict(f"step{number}") == ("unsure", words)


def script_of(head, bodies):
    """Give a script with a step for each body, called one after the other."""
    steps = [
        f"@make\ndef step{number}(x):\n    {body}\n\nstep{number}({number})\n"
        for number, body in enumerate(bodies)
    ]
    return "\n".join([*head, "from jobtui_core import make", *steps])


def test_why_says_whose_files_are_not_seen(project):
    words = {
        "subprocess.run(['cat', 'd.csv'])": "other programs (subprocess.run)",
        "len(pl.read_csv('d.csv'))": "files that C libraries open (polars.read_csv)",
        "multiprocessing.get_context('fork').Process(target=print).start()": (
            "files that its child processes read (multiprocessing.get_context)"
        ),
    }
    project.write(script_of(["import multiprocessing, subprocess", "import polars as pl"], words))
    (project.root / "d.csv").write_text("one")
    project.run()
    for number, expected in enumerate(words.values()):
        row = project.row(f"step{number}")
        assert row.verdict.value == "fresh"
        assert expected in row.not_compared


def test_undeclared_files_are_told_of_and_scratch_files_are_not(project):
    undeclared = {
        "open('d.csv').close()": "d.csv",
        "open('made', 'w').close(); open('made').close()": "",
        "os.replace(shutil.copy('d.csv', 'copy'), 'moved'); open('moved').close()": "d.csv",
        "tempfile.TemporaryFile().close(); open(tempfile.mkstemp()[1]).close()": "",
        "open('.hidden').close()": "",
        "open('/etc/passwd').close()": "",
        "np.load('a.npy'); np.loadtxt('d.csv', delimiter=',')": "a.npy d.csv",
        "np.memmap('a.npy', mode='r')": "a.npy",
        "np.fromfile('a.npy')": "a.npy",
        "pd.read_csv('d.csv')": "d.csv",
        "sqlite3.connect('d.sqlite').close()": "",
        "threading.Thread(target=open('d.csv').read).start()": "d.csv",
    }
    head = ["import os, shutil, sqlite3, tempfile, threading", "import numpy as np, pandas as pd"]
    project.write(script_of(head, undeclared))
    for name in ("d.csv", ".hidden"):
        (project.root / name).write_text("1,2")
    np.save(project.root / "a.npy", [1.0])
    project.environment["TMPDIR"] = str(project.root.parent)
    project.run()
    for number, (body, expected) in enumerate(undeclared.items()):
        row = project.row(f"step{number}")
        assert row.verdict.value == "fresh", body
        opened = [item.subject for item in row.compared if item.detail == "opened, not declared"]
        assert opened == expected.split(), body
