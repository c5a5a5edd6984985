"""Packages whose version is not the one that a result was computed with."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from jobtui_core.diffs.code import code_reasons, definitions
from jobtui_core.entry import EntryMeta, entry_name, write_entry
from jobtui_core.project import installed, package_changes, why


def distribution(folder: Path, name: str, version: str, module: str) -> None:
    place = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    (place / "top_level.txt").write_text(f"{module}\n")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment of the scripts that has other packages than this process."""
    root = tmp_path / "env"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "python").touch()
    (root / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")
    packages = root / "lib" / "python3.12" / "site-packages"
    distribution(packages, "numpy", "2.1", "numpy")
    distribution(packages, "scikit-learn", "1.5", "sklearn")
    monkeypatch.setenv("VIRTUAL_ENV", str(root))
    return root


@pytest.fixture
def stored(lab):
    """The lab, with an entry of ``trend`` that says what it was computed with."""
    lab.run()
    row = lab.row("trend")
    (key,) = row.keys
    versions = {"numpy": "1.26", "sklearn": "1.5", "python": "3.11.2", "unheard_of": "1"}
    meta = EntryMeta(key=key, function=row.function, versions=versions)
    write_entry(lab.project.open_store(), entry_name(row.function, key), 1, meta)
    return lab


def test_packages_of_the_scripts_interpreter_are_compared_with_the_entrys(stored, environment):
    assert package_changes(stored.project, stored.row("trend")) == (
        "numpy was 1.26 then, and is 2.1 now",
        "python was 3.11.2 then, and is 3.12.1 now",
    )


def test_why_tells_of_them(stored, environment):
    (found,) = why(stored.project, "trend")
    assert len(found.packages) == 2
    assert found.step.verdict == "fresh"


def test_without_an_environment_our_own_packages_are_looked_at(stored, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(installed.platform, "python_version", lambda: "3.11.2")
    found = package_changes(stored.project, stored.row("trend"))
    assert not [text for text in found if text.startswith(("python", "unheard_of"))]


def test_an_entry_that_is_gone_or_an_interpreter_that_cannot_be_used_is_no_error(stored, lab):
    row = replace(stored.row("trend"), keys=("a" * 32, "../b"))
    assert package_changes(stored.project, row) == ()
    (lab.root / "jobtui.toml").write_text("python = 'no-such-python'")
    assert package_changes(lab.project, stored.row("trend")) is not None
    assert Path(sys.executable).exists()


def test_a_package_whose_version_counts_is_told_by_it():
    def symbol(version):
        one = {"name": "numpy", "digest": version, "source": f"numpy {version}", "path": []}
        return definitions([{**one, "kind": "import"}])

    (reason,) = code_reasons("m:f", symbol("1.26"), symbol("2.1"))
    assert (reason.kind, reason.summary) == ("version-changed", "numpy: 1.26 → 2.1")
    (reason,) = code_reasons("m:f", [], symbol("2.1"))
    assert reason.summary == "numpy: not counted → 2.1"


def test_a_package_whose_version_counts_is_listed_as_compared(lab):
    (lab.root / "jobtui.toml").write_text("track_packages = ['numpy']")
    lab.edit("helpers.py", "SCALE = 3", "import numpy\n\nSCALE = 3")
    lab.edit("helpers.py", "    return [value", "    numpy.pi\n    return [value")
    row = lab.row("trend")
    (package,) = [one for one in row.compared if one.kind == "package"]
    assert (package.subject, package.detail) == ("numpy", metadata.version("numpy"))
    assert row.not_compared == ()


def test_what_could_not_be_followed_and_what_c_libraries_open_is_not_compared(lab):
    lab.edit("helpers.py", "SCALE = 3", "import h5py\n\nSCALE = 3")
    lab.edit(
        "helpers.py",
        "    return [value",
        "    h5py.File('a.h5')\n    globals()['g'](x)\n    return [value",
    )
    unseen = lab.row("trend").not_compared
    assert "files that C libraries open (h5py.File)" in unseen
    assert [text for text in unseen if text.startswith("could not follow: ")]
