"""The status that is kept on disk is given only while everything that it rests on is as it was."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import jobtui_core.project.glance as glance
from jobtui_core.project import open_project, overview, status
from jobtui_core.project.kept.columns import DETAIL, from_columns, to_columns, without_detail
from jobtui_core.project.kept.lastlook import (
    FORMAT,
    LastLook,
    circumstances,
    look_bytes,
    look_path,
    to_line,
)
from jobtui_core.project.reader import forget_readers
from jobtui_core.project.tree.walk import RACY_NS
from jobtui_core.records import ProjectStatus, ScriptStatus, StepStatus, Verdict
from tests.core.project.test_end_to_end import Folder

SCRIPT = """
from jobtui_core import JsonFile, default_param, make

from parts import helper

level = default_param("level", 3)


@make(inputs=["data.txt"])
def read():
    with open("data.txt") as file:
        return helper(file.read())


@make(output=JsonFile("out.json"))
def write(text):
    return text * level


write(read())
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that ran once."""
    root = tmp_path_factory.mktemp("made") / "project"
    folder = Folder(root)
    folder.write("script.py", SCRIPT)
    folder.write("parts.py", "def helper(text):\n    return text.strip()\n")
    folder.write("data.txt", "abc\n")
    folder.run("script.py")
    return root


@pytest.fixture(scope="module")
def copies(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Copies of it that are old enough; made many at a time, to wait for them together."""
    return _copies(made, tmp_path_factory.mktemp("copies"))


def _copies(made: Path, folder: Path) -> Iterator[Path]:
    for first in itertools.count(0, 20):
        roots = [folder / str(first + number) / "project" for number in range(20)]
        for root in roots:
            shutil.copytree(made, root)
        settle(folder)
        yield from roots


@pytest.fixture
def root(copies: Iterator[Path]) -> Path:
    """A project of which a status was kept."""
    root = next(copies)
    cold(root)
    assert kept(root), "nothing was kept"
    return root


def settle(root: Path) -> None:
    """Wait until no file is so young that its stamp would not be trusted."""
    newest = max(p.stat().st_ctime_ns for p in (root, *root.rglob("*")))
    while time.time_ns() - newest <= 2 * RACY_NS:
        time.sleep(0.01)


def cold(root: Path) -> ProjectStatus:
    """Ask as a new process would."""
    forget_readers()
    return overview(open_project(root))


def kept(root: Path) -> bool:
    return glance._kept_status(open_project(root)) is not None


def properly(root: Path) -> ProjectStatus:
    """Look without anything that was kept."""
    forget_readers()
    shutil.rmtree(root / ".jobtui" / "index", ignore_errors=True)
    return without_detail(status(open_project(root)))


def rewrite(path: Path, text: str) -> None:
    """Write a text of the same length, and put the time of modification back."""
    before = path.stat()
    assert len(text) == before.st_size
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def keep_otherwise(root: Path, change: Callable[[Any], object], number: str = "") -> None:
    """Change the status that was kept; a number may be one that JSON has not, for ``HERE``."""
    with LastLook(str(root)) as look:
        data = json.loads(look.status)
        change(data)
        text = json.dumps(data).replace('"HERE"', number).encode()
        kept = look_bytes(look.stamps, text, look.answers)
    Path(look_path(str(root))).write_bytes(kept)


def entries(root: Path) -> list[Path]:
    return [p for p in (root / ".jobtui/cache").rglob("*") if p.is_file() and "%3A" in str(p)]


def clear(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


CHANGES: dict[str, Callable[[Path], object]] = {
    "a module is edited": lambda root: (root / "parts.py").write_text("def helper(t):\n    0\n"),
    "a module is edited, size and time as before": lambda root: rewrite(
        root / "parts.py", "def helper(text):\n    return text.title()\n"
    ),
    "the script is edited": lambda root: (root / "script.py").write_text(SCRIPT + "read()\n"),
    "a module is replaced by another file": lambda root: (
        (root / "new").write_text("def helper(text):\n    return text.upper()\n"),
        (root / "new").rename(root / "parts.py"),
    ),
    "a module is deleted": lambda root: (root / "parts.py").unlink(),
    "a package takes the place of a module": lambda root: (
        (root / "parts.py").unlink(),
        (root / "parts").mkdir(),
        (root / "parts/__init__.py").write_text("def helper(text):\n    return 1\n"),
    ),
    "an ignored file shadows a library": lambda root: (
        (root / ".gitignore").write_text("jobtui_core.py\n"),
        (root / "jobtui_core.py").write_text("make = default_param = JsonFile = print\n"),
    ),
    "another script appears": lambda root: (root / "more.py").write_text(SCRIPT),
    "an input changes, size and time as before": lambda root: rewrite(root / "data.txt", "xyz\n"),
    "an input is deleted": lambda root: (root / "data.txt").unlink(),
    "an output is edited": lambda root: (root / "out.json").write_text("mine"),
    "an output is deleted": lambda root: (root / "out.json").unlink(),
    "an entry is deleted": lambda root: entries(root)[0].unlink(),
    "all results are deleted": lambda root: clear(root / ".jobtui/cache"),
    "the code that was kept is deleted": lambda root: clear(root / ".jobtui/cache/code"),
    "the runs are deleted": lambda root: clear(root / ".jobtui/runs"),
    "a trace is cut short": lambda root: [
        path.write_bytes(path.read_bytes()[:-40])
        for path in (root / ".jobtui/runs").rglob("events*.jsonl")
    ],
    "it runs again": lambda root: Folder.run(_folder(root), "script.py"),
    "it runs with another parameter": lambda root: Folder.start(
        _folder(root), "script.py", JOBTUI_PARAMS='{"level": 4}', JOBTUI_SCRIPT="script.py"
    ).communicate(timeout=60),
    "the settings change": lambda root: (root / "jobtui.toml").write_text(
        'outputs = "recompute"\nexclude = ["script.py"]\n'
    ),
}


def _folder(root: Path) -> Folder:
    folder = Folder.__new__(Folder)
    folder.root = root
    return folder


@pytest.mark.parametrize("name", CHANGES)
def test_no_change_is_missed(root: Path, name: str) -> None:
    CHANGES[name](root)
    now = cold(root)
    assert now == properly(root)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_kept_does_not_hold_after_a_change(root: Path, name: str) -> None:
    CHANGES[name](root)
    assert not kept(root)


def test_a_new_process_reads_no_source_while_nothing_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance, "_look", None)
    found = cold(root)
    assert [step.verdict for step in found.steps] == [Verdict.FRESH, Verdict.FRESH]
    assert found == properly(root)


def test_a_file_that_has_nothing_to_do_with_it_costs_no_look(root: Path) -> None:
    (root / "notes.txt").write_text("…")
    assert kept(root)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHONPATH", "/elsewhere"),
        ("JOBTUI_SIGNING_KEY", "secret"),
        ("JOBTUI_STORE", "elsewhere"),
        ("JOBTUI_OUTPUTS", "recompute"),
        ("VIRTUAL_ENV", "/elsewhere"),
        ("HOME", "/elsewhere"),
    ],
)
def test_another_environment_is_another_look(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert not kept(root)
    assert value not in circumstances(str(root)) or name != "JOBTUI_SIGNING_KEY"


def test_a_folder_is_listed_where_its_time_does_not_tell(root: Path) -> None:
    (root / "notes.txt").write_text("…")
    assert kept(root)
    (root / "more.py").write_text(SCRIPT)
    (root / "notes.txt").unlink()
    assert not kept(root)


def test_what_git_ignores_is_another_matter_once_the_rules_change(root: Path) -> None:
    (root / ".gitignore").write_text("*.txt\n")
    settle(root)
    cold(root)
    assert kept(root)
    (root / ".gitignore").write_text("*.pyx\n")
    assert not kept(root)


def test_a_module_that_appears_on_the_search_path_is_seen(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(place))
    (root / "parts.py").write_text("import elsewhere\n\n\ndef helper(t):\n    return elsewhere.x\n")
    settle(root)
    cold(root)
    assert kept(root)
    (place / "elsewhere.py").write_text("x = 1\n")
    assert not kept(root)


def test_an_input_outside_the_project_is_stamped_too(tmp_path: Path) -> None:
    folder, data = Folder(tmp_path / "project"), tmp_path / "elsewhere.txt"
    data.write_text("abc\n")
    folder.write("script.py", SCRIPT.replace('"data.txt"', repr(str(data))))
    folder.write("parts.py", "def helper(text):\n    return text.strip()\n")
    folder.run("script.py")
    settle(tmp_path)
    assert {step.verdict for step in cold(folder.root).steps} == {Verdict.FRESH}
    assert kept(folder.root)
    data.write_text("xyz\n")
    assert not kept(folder.root)


def test_a_package_installed_in_the_projects_own_environment_is_seen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = root / ".venv/lib/python3.13/site-packages"
    packages.mkdir(parents=True)
    monkeypatch.syspath_prepend(packages)
    settle(root)
    cold(root)
    assert kept(root)
    (packages / "some-1.0.dist-info").mkdir()
    assert not kept(root)


GOES = {
    "an input": "data.txt",
    "a module": "parts.py",
    "the runs": ".jobtui/runs",
    "what was accepted": ".jobtui/cache/alias/m%3Af",
}


@pytest.mark.parametrize("name", GOES)
def test_what_goes_away_in_the_course_of_a_look_is_not_stamped_as_gone(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / ".jobtui/cache/alias/m%3Af").mkdir(parents=True)
    settle(root)
    clear(root / ".jobtui/index")
    keep = glance._keep

    def late(*arguments: Any) -> None:
        clear(root / GOES[name])
        keep(*arguments)

    monkeypatch.setattr(glance, "_keep", late)
    cold(root)
    assert not kept(root)


def test_a_young_file_is_looked_at_again(root: Path) -> None:
    (root / "parts.py").write_text("def helper(text):\n    return text.lower()\n")
    began = time.time_ns()
    found = cold(root)
    young = (root / "parts.py").stat().st_mtime_ns > began - RACY_NS
    assert not (young and kept(root))
    assert found == properly(root)


DAMAGES = {
    "empty": b"",
    "another format": b"jobtui last look 2\n",
    "binary": b"\x00\xff",
    "nothing but its format": FORMAT,
    "a head that is none": FORMAT + b"stamps\n",
    "a size that is none": FORMAT + b"x 0 stamps\n",
    "a negative size": FORMAT + b"-1 0 stamps\n",
    "cut short": FORMAT + b"100 0 stamps\nshort",
    "no status": FORMAT + b"0 0 stamps\n",
    "another alphabet": FORMAT + "0 0 stämps\n".encode(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_no_index(root: Path, damage: str) -> None:
    Path(look_path(str(root))).write_bytes(DAMAGES[damage])
    assert cold(root) == properly(root)


@pytest.mark.parametrize(
    "line",
    ["", "file", "file\t", "\t\t", "else\t\t", "listing\tNone\t/", "listing\t\t/\ta\tb",
     "searched\t\t/no such folder", "file\tNone\t\x00", "objects\t\t/no such folder"],
)  # fmt: skip
def test_a_stamp_that_is_none_holds_for_nothing(root: Path, line: str) -> None:
    with LastLook(str(root)) as look:
        data = look_bytes(look.stamps + f"\n{line}".encode(), look.status, look.answers)
    Path(look_path(str(root))).write_bytes(data)
    assert cold(root) == properly(root)


@pytest.mark.parametrize("key", ["name", "verdict", "reasons", "notes", "line", "duration"])
@pytest.mark.parametrize("value", [None, [], [[1]], [{}], ["a", "b", "c"], {"a": 1}, 7])
def test_what_is_no_status_is_not_shown(root: Path, key: str, value: object) -> None:
    def change(data: Any) -> None:
        data["scripts"][0]["steps"][key] = value

    keep_otherwise(root, change)
    assert cold(root) == properly(root)


@pytest.mark.parametrize("key", ["duration", "last_time"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e300", "1" + "0" * 400])
def test_a_number_that_is_no_time_is_not_shown(root: Path, key: str, value: str) -> None:
    def change(data: Any) -> None:
        data["scripts"][0]["steps"][key] = ["HERE"]

    keep_otherwise(root, change, value)
    assert cold(root) == properly(root)


@pytest.mark.parametrize("value", [-1, 10**12])
def test_more_rows_than_there_can_be_are_not_made_up(root: Path, value: int) -> None:
    def change(data: Any) -> None:
        data["scripts"][0]["count"] = value
        steps = data["scripts"][0]["steps"]
        data["scripts"][0]["steps"] = {name: column[:1] for name, column in steps.items()}

    keep_otherwise(root, change)
    assert cold(root) == properly(root)


@pytest.mark.parametrize("name", ["status.txt", "digests.jsonl", "contents.json"])
def test_a_pipe_in_the_index_holds_nobody_up(root: Path, name: str) -> None:
    path = root / ".jobtui/index" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert {step.verdict for step in cold(root).steps} == {Verdict.FRESH}


def test_a_pipe_that_is_called_a_store_holds_nobody_up(root: Path) -> None:
    os.mkfifo(root / ".jobtui/pipe")
    line = to_line("objects", "", str(root / ".jobtui/pipe"), ["entry"])
    with LastLook(str(root)) as look:
        data = look_bytes(look.stamps + f"\n{line}".encode(), look.status, {})
    Path(look_path(str(root))).write_bytes(data)
    assert cold(root) == properly(root)


def test_nothing_is_kept_where_nothing_can_be_written(root: Path) -> None:
    shutil.rmtree(root / ".jobtui/index")
    (root / ".jobtui/index").write_text("no folder")
    found = cold(root)
    (root / ".jobtui/index").unlink()
    assert found == properly(root)


def test_every_field_of_a_step_is_kept_or_left_out_on_purpose() -> None:
    step = StepStatus(name="a", function="m:a", kind="step", script="s.py", verdict=Verdict.NEW)
    found = to_columns(ProjectStatus(root="/", scripts=(ScriptStatus(path="s.py", steps=(step,)),)))
    kept = {*found["scripts"][0]["steps"], "script"}
    passing = {"progress", "started"}
    assert kept | set(DETAIL) | passing == {field.name for field in fields(StepStatus)}
    assert from_columns(json.loads(json.dumps(found))).steps == (step,)
