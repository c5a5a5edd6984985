"""``jobtui demo``: where it makes a folder, and where it refuses to."""

from __future__ import annotations

import csv

import pytest

from jobtui.cli import main
from jobtui.cli.parser import UsageError
from jobtui.demo import TEMPLATE, create_demo
from jobtui_core.errors import ConfigurationError


def test_it_makes_a_folder_with_all_its_files(tmp_path):
    folder = tmp_path / "deep" / "co2-demo"
    assert create_demo(folder)
    made = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert made == {
        path.relative_to(TEMPLATE)
        for path in TEMPLATE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert [path.name for path in folder.parent.iterdir()] == ["co2-demo"]


def test_an_empty_folder_is_filled(tmp_path):
    assert create_demo(tmp_path)
    assert (tmp_path / "co2.py").is_file()


def test_a_demo_that_is_there_keeps_its_edits(tmp_path):
    create_demo(tmp_path / "demo")
    script = tmp_path / "demo" / "co2.py"
    script.write_text("# mine\n")
    assert not create_demo(tmp_path / "demo")
    assert script.read_text() == "# mine\n"


def test_somebody_elses_folder_is_refused_and_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("years of work")
    assert main(["demo", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "not empty" in said
    assert "jobtui demo DIR" in said
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "co2-demo").touch()
    with pytest.raises(ConfigurationError, match="is a file"):
        create_demo(tmp_path / "co2-demo")


def test_a_failure_half_way_leaves_nothing(tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        create_demo(tmp_path / "co2-demo")
    assert list(tmp_path.iterdir()) == []


def test_the_record_is_whole_and_weekly():
    with (TEMPLATE / "data" / "co2.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2284
    assert (rows[0]["date"], rows[-1]["date"]) == ("19580329", "20011229")
    assert sum(not row["co2"] for row in rows) == 59


def test_the_provenance_names_the_file_that_is_shipped():
    import hashlib

    text = (TEMPLATE / "data" / "PROVENANCE.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((TEMPLATE / "data" / "co2.csv").read_bytes()).hexdigest()
    assert digest in text
    for word in ("ppm", "public domain", "1958", "2001", "Keeling"):
        assert word in text


def test_windows_is_told_to_use_wsl(tmp_path, monkeypatch):
    from jobtui.cli.app import open_app

    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(UsageError, match="WSL"):
        open_app(tmp_path)
