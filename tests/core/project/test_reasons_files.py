"""Reasons about files: size, time, hash, and the lines of small texts."""

from __future__ import annotations

import os
import time

import pytest

from jobtui_core.diffs.texts import line_changes
from jobtui_core.hashing import digest_file
from jobtui_core.records import ReasonKind
from jobtui_core.tracing.contents import Contents


@pytest.fixture
def noted(lab):
    """The lab after a run whose calls noted what they read."""
    path = lab.root / "data/co2.csv"
    os.utime(path, (1_700_000_000, 1_700_000_000))
    Contents(lab.root).note([("data/co2.csv", digest_file(path))])
    lab.run()
    return lab


def reason(lab, step="read"):
    (found,) = lab.row(step).reasons
    return found


def test_a_changed_text_shows_lines_size_time_and_hash(noted):
    old = digest_file(noted.root / "data/co2.csv")
    noted.edit("data/co2.csv", "2\n", "2\n2.5\n2.7\n")
    noted.edit("data/co2.csv", "4\n", "5\n")
    new = digest_file(noted.root / "data/co2.csv")
    found = reason(noted)
    assert found.kind is ReasonKind.INPUT_CHANGED
    assert found.summary == "data/co2.csv changed: 3 lines added, 1 removed (4 → 6 lines)"
    assert found.diff.splitlines()[2:] == [
        "@@ -1,4 +1,6 @@", " 1", " 2", "+2.5", "+2.7", " 3", "-4", "+5",
    ]  # fmt: skip
    then = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(1_700_000_000))
    assert found.old == f"4 lines, 8 bytes, {then}, #{old[:8]}"
    assert found.new.startswith("6 lines, 16 bytes, 20")
    assert found.new.endswith(f", #{new[:8]}")


def test_a_secret_in_a_changed_text_is_not_shown(noted):
    noted.edit("data/co2.csv", "2\n", "password = 'hunter2'\n")
    assert "hunter2" not in reason(noted).diff
    assert "password" in reason(noted).diff


def test_bytes_that_changed_show_size_and_hash_alone(noted):
    (noted.root / "data/co2.csv").write_bytes(b"\0" * 20)
    found = reason(noted)
    assert found.summary == "data/co2.csv changed: 8 → 20 bytes"
    assert found.diff == ""
    assert found.new.startswith("20 bytes, ")


def test_a_content_that_nobody_noted_is_told_by_its_hash(lab):
    old = digest_file(lab.root / "data/co2.csv")
    lab.run()
    lab.edit("data/co2.csv", "4\n", "5\n")
    new = digest_file(lab.root / "data/co2.csv")
    found = reason(lab)
    assert found.summary == f"data/co2.csv changed (#{old[:8]} → #{new[:8]})"
    assert found.old == f"#{old[:8]}"


def test_a_file_that_is_gone_says_what_it_was(noted):
    (noted.root / "data/co2.csv").unlink()
    found = reason(noted)
    assert found.summary == "data/co2.csv is gone"
    assert found.old.startswith("4 lines, 8 bytes")
    assert found.new is None


def test_lines_count_from_the_beginning_of_the_text():
    old = "".join(f"{n}\n" for n in range(50_000))
    new = old.replace("40000\n", "40000\nnew\n")
    found = line_changes(old, new, "a")
    assert (found.added, found.removed) == (1, 0)
    assert "@@ -39999,6 +39999,7 @@" in found.diff


def test_a_text_that_changed_throughout_is_compared_in_good_time():
    old = "".join(f"{n % 50}\n" for n in range(200_000))
    new = "".join(f"{n % 49}\n" for n in range(200_000))
    start = time.perf_counter()
    found = line_changes(old, new, "a")
    assert time.perf_counter() - start < 5
    assert found.added == found.removed > 0
    assert len(found.diff.splitlines()) < 500


def test_a_text_that_lost_its_last_newline_differs_all_the_same():
    found = line_changes("1\n2\n", "1\n2", "a")
    assert "ends of lines" in found.diff
    assert found.added == found.removed > 0


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [("", "1\n", (1, 0)), ("1\n", "", (0, 1)), ("1\n2\n3\n", "3\n1\n2\n", (1, 1))],
)
def test_lines_that_came_and_went_are_counted(old, new, counts):
    assert line_changes(old, new, "a")[:2] == counts
