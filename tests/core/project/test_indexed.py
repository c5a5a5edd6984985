"""Analyses in the index spare a process that begins anew the work of an earlier one."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core.project import open_project, status
from jobtui_core.project.judging import analyses
from jobtui_core.project.kept import indexed
from jobtui_core.project.reader import forget_readers
from jobtui_core.records import ProjectStatus
from jobtui_core.sources import tree
from tests.core.project.test_end_to_end import Folder

SCRIPT = """
from jobtui_core import default_param, make

import aside
import parts

level = default_param("level", 2.5)


@make
def scaled(value):
    return parts.scale(value) + level


aside.other(scaled(scaled(3)))
"""
PARTS = "import far\n\nFACTOR = 2\n\n\ndef scale(value):\n    return far.away(value) * FACTOR\n"
ASIDE = "from jobtui_core import make\n\n\n@make\ndef other(value):\n    return value + 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A project that ran, and that an earlier process looked at."""
    folder = Folder(tmp_path / "project")
    folder.write("script.py", SCRIPT)
    folder.write("parts.py", PARTS)
    folder.write("far.py", "def away(value):\n    return value\n")
    folder.write("aside.py", ASIDE)
    folder.run("script.py")
    look(folder)
    assert kept(folder)
    return folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that were parsed."""
    found: list[str] = []
    parse = tree._parsed.__wrapped__

    def noted(text: str) -> ast.Module:
        found.append(text)
        return parse(text)

    monkeypatch.setattr(tree, "_parsed", noted)
    return found


def look(folder: Folder) -> ProjectStatus:
    """Look as a process does that begins anew."""
    forget_readers()
    return status(open_project(folder.root))


def verdicts(found: ProjectStatus) -> list[str]:
    return [step.verdict.value for step in found.steps]


def kept(folder: Folder) -> list[Path]:
    return sorted((folder.root / ".jobtui" / "index" / "analyses").glob("*"))


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Scripts that were walked through."""
    found: list[str] = []
    analyse = analyses.analyse

    def noted(*args: object, **options: object) -> object:
        found.append(str(args[1]))
        return analyse(*args, **options)  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(analyses, "analyse", noted)
    return found


def test_nothing_is_parsed_or_walked_through_that_is_as_it_was(
    folder: Folder, walks: list[str], parsed: list[str]
) -> None:
    assert verdicts(look(folder)) == ["fresh", "fresh"]
    assert walks == []
    assert parsed == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("parts.py", "FACTOR = 2", "FACTOR = 3"),
        ("parts.py", "* FACTOR", "+ FACTOR"),
    ],
)
def test_after_an_edit_only_what_changed_is_parsed(
    folder: Folder, walks: list[str], parsed: list[str], name: str, old: str, new: str
) -> None:
    folder.edit(name, old, new)
    assert verdicts(look(folder)) == ["stale", "unsure"]
    assert walks == []
    assert {PARTS, PARTS.replace(old, new)} <= set(parsed)
    assert ASIDE not in parsed


def test_an_edit_of_the_script_is_walked_through_once(folder: Folder, walks: list[str]) -> None:
    folder.edit("script.py", "scaled(3)", "scaled(4)")
    assert verdicts(look(folder)) == ["stale", "unsure"]
    assert len(walks) == 1
    assert verdicts(look(folder)) == ["stale", "unsure"]
    assert len(walks) == 1


def test_a_module_that_appears_where_one_was_looked_for_is_seen(
    folder: Folder, walks: list[str]
) -> None:
    folder.write("far/__init__.py", "def away(value):\n    return -value\n")
    (folder.root / "far.py").unlink()
    assert verdicts(look(folder)) == ["stale", "unsure"]
    assert walks


def _other_version(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"jobtui analysis 1", b"jobtui analysis 0", 1))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _one_letter(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"scaled"', b'"scalee"', 1))


def _shared(path: Path) -> None:
    path.chmod(0o666)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [_other_version, _cut, _one_letter, _shared, _pipe, _folder])
def test_a_kept_analysis_that_is_damaged_or_not_ours_alone_is_none(
    folder: Folder, walks: list[str], harm: Callable[[Path], None]
) -> None:
    (path,) = kept(folder)
    harm(path)
    assert verdicts(look(folder)) == ["fresh", "fresh"]
    assert len(walks) == 1


def _shapes() -> list[tuple[str, object]]:
    return [
        ("modules", [[1, 2, 3, 4]]), ("modules", []), ("leads", [[0, [99]]]), ("missed", [1]),
        ("consulted", []), ("prints", [[0]]), ("symbols", [["a"]]), ("symbols", []),
        ("analysis", {}), ("analysis", {"script": "script.py"}), ("ground", {}), ("ground", None),
    ]  # fmt: skip


@pytest.mark.parametrize(("part", "value"), _shapes())
def test_a_kept_analysis_of_another_shape_is_none(
    folder: Folder, walks: list[str], part: str, value: object
) -> None:
    (path,) = kept(folder)
    head, _, data = path.read_bytes().partition(b"\n")
    document = json.loads(data)
    document[part] = value
    data = json.dumps(document).encode()
    words = head.decode().split()
    path.write_bytes(indexed._head(data, words[3]) + data)
    assert verdicts(look(folder)) == ["fresh", "fresh"]
    assert len(walks) == 1


def test_an_index_that_cannot_be_written_costs_nothing_but_time(folder: Folder) -> None:
    (path,) = kept(folder)
    path.unlink()
    path.parent.rmdir()
    path.parent.write_text("in the way")
    assert verdicts(look(folder)) == ["fresh", "fresh"]
    assert path.parent.read_text() == "in the way"


def test_analyses_of_scripts_that_are_gone_go_in_time(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed, "_MOST", 3)
    for number in range(5):
        folder.write(f"more_{number}.py", SCRIPT)
    look(folder)
    assert len(kept(folder)) == 3


def test_files_of_others_do_not_go_with_them(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed, "_MOST", 1)
    (path,) = kept(folder)
    theirs = tmp_path / "theirs"
    path.parent.rename(theirs)
    for number in range(3):
        (theirs / f"{number}.json").write_text("precious")
    path.parent.symlink_to(theirs)
    folder.write("more.py", SCRIPT)
    look(folder)
    assert sum(one.read_text() == "precious" for one in theirs.iterdir()) == 3
    assert len(list(theirs.iterdir())) == 4


def test_values_that_json_would_change_are_not_kept(folder: Folder, walks: list[str]) -> None:
    folder.edit("script.py", "2.5", "(1, 2)")
    look(folder)
    walks.clear()
    look(folder)
    assert len(walks) == 1


def test_nothing_is_kept_where_packages_are_followed(folder: Folder, walks: list[str]) -> None:
    folder.write("jobtui.toml", 'track_packages = ["xxhash"]\n')
    look(folder)
    look(folder)
    assert len(walks) == 2
