from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobtui_core.project.tree.gitignore import is_ignored, parse_rules
from jobtui_core.project.tree.walk import FolderWalk


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def test_python_files_are_found_in_folders_and_sorted(tmp_path: Path) -> None:
    make(tmp_path, "b.py", "a/c.py", "a/deep/d.py", "data/x.csv", "notes.txt")
    assert FolderWalk(tmp_path).files() == ("a/c.py", "a/deep/d.py", "b.py")


def test_hidden_folders_environments_and_other_projects_are_not_entered(tmp_path: Path) -> None:
    make(tmp_path, ".git/x.py", ".hidden.py", "venv/pyvenv.cfg", "venv/x.py", "__pycache__/x.py")
    make(tmp_path, "node_modules/x.py", "other/jobtui.toml", "other/x.py", "kept/x.py")
    make(tmp_path, "third/.jobtui/cache/x", "third/x.py", "fourth/x.py")
    (tmp_path / "fourth" / "pyproject.toml").write_text("[tool.jobtui]\n")
    make(tmp_path, "fifth/x.py")
    (tmp_path / "fifth" / "pyproject.toml").write_text("[project]\n")
    assert FolderWalk(tmp_path).files() == ("fifth/x.py", "kept/x.py")


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "a/x.py")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert FolderWalk(tmp_path).files() == ("a/x.py",)


def test_ignored_and_excluded_files_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, "build/x.py", "src/build/x.py", "src/gen_a.py", "src/kept.py", "old/x.py")
    (tmp_path / ".gitignore").write_text("# built\nbuild/\n")
    (tmp_path / "src" / ".gitignore").write_text("gen_*.py\n")
    assert FolderWalk(tmp_path, ["old"]).files() == ("src/kept.py",)


def test_a_second_look_sees_new_and_deleted_files(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "sub/b.py")
    walk = FolderWalk(tmp_path)
    assert walk.files() == ("a.py", "sub/b.py")
    make(tmp_path, "sub/c.py")
    (tmp_path / "a.py").unlink()
    assert walk.files() == ("sub/b.py", "sub/c.py")


def test_an_edited_gitignore_is_read_again(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_text("a.py\n")
    walk = FolderWalk(tmp_path)
    assert walk.files() == ("b.py",)
    (tmp_path / ".gitignore").write_text("b.py\n")
    assert walk.files() == ("a.py",)


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("*.py", "a/b.py", True),
        ("/b.py", "a/b.py", False),
        ("/b.py", "b.py", True),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/c/b.py", False),
        ("a/**/b.py", "a/c/d/b.py", True),
        ("a/**/b.py", "a/b.py", True),
        ("**/b.py", "x/y/b.py", True),
        ("data[0-9].py", "data7.py", True),
        ("data[!0-9].py", "data7.py", False),
        ("b?.py", "b/.py", False),
        ("\\#x.py", "#x.py", True),
        ("[", "a.py", False),
    ],
)
def test_patterns_mean_what_they_mean_to_git(pattern: str, path: str, ignored: bool) -> None:
    assert is_ignored([parse_rules("", pattern)], path, is_folder=False) is ignored


def test_the_last_rule_and_the_inner_file_decide() -> None:
    outer = parse_rules("", "*.py\n!kept.py\n")
    inner = parse_rules("sub", "kept.py\n")
    assert not is_ignored([outer], "kept.py", is_folder=False)
    assert is_ignored([outer, inner], "sub/kept.py", is_folder=False)


@pytest.mark.timeout(20)
def test_links_in_circles_and_pipes_hide_nothing_and_hold_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "script.py").touch()
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "self").symlink_to(".")
    folder = tmp_path / "sub"
    folder.mkdir()
    (folder / "other.py").touch()
    for pipe in ("pipe.py", ".gitignore", "sub/.gitignore", "sub/pyproject.toml"):
        os.mkfifo(tmp_path / pipe)
    assert FolderWalk(tmp_path).files() == ("script.py", "sub/other.py")


@pytest.mark.timeout(20)
def test_stars_in_a_row_take_no_time(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*" * 60 + "x\n" + "**/" * 40 + "x\n")
    (tmp_path / ("a" * 200 + ".py")).touch()
    assert len(FolderWalk(tmp_path).files()) == 1


def test_a_pattern_that_makes_no_sense_excludes_nothing(tmp_path: Path) -> None:
    (tmp_path / "script.py").touch()
    assert FolderWalk(tmp_path, ["[z-a]", "[z-a", "script.p[z-a]"]).files() == ("script.py",)
