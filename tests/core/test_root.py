"""Where a project begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobtui_core.errors import ConfigurationError
from jobtui_core.root import find_root, load_config


def test_the_nearest_folder_with_a_mark_is_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "project" / "analysis"
    folder.mkdir(parents=True)
    (tmp_path / "project" / "jobtui.toml").touch()
    (tmp_path / ".jobtui").mkdir()
    assert find_root(folder) == tmp_path / "project"


def test_a_mark_in_a_folder_for_everybody_counts_for_nobody(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    folder = shared / "mine"
    folder.mkdir(parents=True)
    shared.chmod(0o1777)
    (shared / ".jobtui").mkdir()
    (shared / "jobtui.toml").write_text('launch = "evil {command}"\n')
    assert find_root(folder) == folder
    (folder / "jobtui.toml").touch()
    (folder / "inner").mkdir()
    assert find_root(folder / "inner") == folder


@pytest.mark.parametrize("text", ["a=" + "[" * 5000, "a=\udcff", "x="])
def test_settings_that_cannot_be_read_are_said_to_be(tmp_path: Path, text: str) -> None:
    (tmp_path / "jobtui.toml").write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_config(tmp_path)
