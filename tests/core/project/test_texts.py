"""Texts of sources are read again when, and only when, they may have changed."""

from __future__ import annotations

import os

from jobtui_core.project.tree.texts import Texts


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    os.utime(path, (1e9, 1e9))
    texts = Texts(tmp_path)
    first = texts.get("a.py")
    assert texts.get("a.py") is first
    path.write_text("x = 2\n")
    os.utime(path, (1e9, 1e9))
    assert texts.get("a.py") == "x = 2\n"


def test_a_file_written_anew_with_the_same_text_is_the_same_object(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    texts = Texts(tmp_path)
    first = texts.get("a.py")
    path.unlink()
    path.write_text("x = 1\n")
    assert texts.get("a.py") is first
