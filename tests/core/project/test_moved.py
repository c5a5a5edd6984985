"""A project in another place, and another copy of it on the same store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import jobtui_core
from jobtui_core.project import open_project, status

CODE = Path(jobtui_core.__file__).parent.parent
FILES = {
    "script.py": """
from jobtui_core import JsonFile, Memory, make
from helpers import shift

memory = Memory("cache", verbose=0)

@make(inputs=["{path}"])
def read(path):
    with open("../ran", "a") as file:
        file.write("read ")
    with open(path) as file:
        return [int(line) for line in file]

@make(output=JsonFile("results/shifted.json"))
def shifted(values):
    with open("../ran", "a") as file:
        file.write("shifted ")
    return [shift(value) for value in values]

@memory.cache
def total(values):
    with open("../ran", "a") as file:
        file.write("total ")
    return sum(values)

print(total(shifted(read("data.txt"))))
""",
    "helpers.py": "def shift(value):\n    return value + 1\n",
    "data.txt": "1\n2\n",
}


def make(root: Path) -> Path:
    (root / ".jobtui").mkdir(parents=True)
    for name, text in FILES.items():
        (root / name).write_text(text)
    return root


def run(root: Path, **environment: str) -> tuple[str, list[str]]:
    """Run the script; give what it printed, and which functions ran."""
    noted = root.parent / "ran"
    noted.unlink(missing_ok=True)
    known = {k: v for k, v in os.environ.items() if not k.startswith(("JOBTUI_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=root,
        env={**known, "PYTHONPATH": str(CODE), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout, noted.read_text().split() if noted.exists() else []


def verdicts(root: Path) -> dict[str, str]:
    found = status(open_project(root))
    assert found.warnings == ()
    return {row.name: row.verdict.value for row in found.steps}


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            monkeypatch.delenv(name)


ALL = ["read", "shifted", "total"]


def test_a_moved_project_is_all_fresh_and_all_hits(tmp_path: Path) -> None:
    root = make(tmp_path / "here" / "project")
    assert run(root) == ("5\n", ALL)
    moved = tmp_path / "there" / "under another name"
    moved.parent.mkdir()
    root.rename(moved)
    assert verdicts(moved) == dict.fromkeys(ALL, "fresh")
    assert run(moved) == ("5\n", [])
    assert verdicts(moved) == dict.fromkeys(ALL, "fresh")


def test_a_copied_project_is_all_fresh_and_goes_its_own_way(tmp_path: Path) -> None:
    root = make(tmp_path / "here" / "project")
    run(root)
    copy = tmp_path / "there" / "project"
    shutil.copytree(root, copy)
    assert run(copy) == ("5\n", [])
    (copy / "helpers.py").write_text(FILES["helpers.py"].replace("+ 1", "+ 2"))
    assert verdicts(copy)["shifted"] == "stale"
    assert verdicts(root) == dict.fromkeys(ALL, "fresh")


def test_a_project_behind_a_link_is_the_same(tmp_path: Path) -> None:
    root = make(tmp_path / "here" / "project")
    run(root)
    (tmp_path / "there").mkdir()
    link = tmp_path / "there" / "project"
    link.symlink_to(root)
    assert verdicts(link) == dict.fromkeys(ALL, "fresh")
    assert run(link) == ("5\n", [])


def test_a_clone_on_the_same_store_hits_and_says_so_or_that_it_cannot_tell(tmp_path: Path) -> None:
    """The clone has none of the records of the runs: it may not know, but it must not be wrong."""
    store = tmp_path / "store"
    first, second = (make(tmp_path / name / "project") for name in ("first", "second"))
    for root in (first, second):
        (root / "jobtui.toml").write_text(f'store = "{store}"\n')
        text = FILES["script.py"].replace('Memory("cache"', f'Memory("{store}"')
        (root / "script.py").write_text(text)
    assert run(first) == ("5\n", ALL)
    # Nothing was ever recorded here: the verdict is about this folder's own runs.
    assert set(verdicts(second).values()) <= {"new", "fresh"}
    assert run(second) == ("5\n", [])
    assert verdicts(second) == dict.fromkeys(ALL, "fresh")
    assert (second / "results" / "shifted.json").is_file()
