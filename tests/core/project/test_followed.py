"""Packages that are followed are those that the scripts' interpreter finds, not our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui_core.packages import followed_places, look_in
from jobtui_core.project import glance, overview, status
from jobtui_core.project.folder import Project
from jobtui_core.project.reader import forget_readers
from jobtui_core.project.running.interpreter import package_folders
from tests.core.project.conftest import Lab
from tests.core.project.test_overview import settle

SCRIPT = """
    import mylab.scales
    from jobtui_core import make

    @make
    def step(x):
        return mylab.scales.scale(x)

    step(1)
    """


@pytest.fixture
def lab_with_package(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Lab]:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr("jobtui_core.packages._folders", None)
    monkeypatch.setattr("jobtui_core.packages._followed", {})
    ours = tmp_path / "ours"
    package(ours, "x * 100")
    monkeypatch.syspath_prepend(str(ours))
    lab.write("jobtui.toml", 'follow = ["mylab"]')
    lab.write("script.py", SCRIPT)
    yield lab
    look_in(None)


def package(folder: Path, code: str) -> None:
    (folder / "mylab").mkdir(parents=True, exist_ok=True)
    (folder / "mylab/__init__.py").write_text("")
    (folder / "mylab/scales.py").write_text(f"def scale(x):\n    return {code}\n")


def environment(folder: Path, code: str) -> Path:
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin/python").write_text("")
    packages = folder / "lib/python3.12/site-packages"
    package(packages, code)
    return packages


def code(lab: Lab) -> str | None:
    assert lab.status().warnings == ()
    return lab.row("step", "script.py").code


def test_the_copy_of_the_scripts_environment_counts(lab_with_package: Lab, tmp_path: Path) -> None:
    lab = lab_with_package
    own = code(lab)
    packages = environment(lab.root / ".venv", "x * 2")
    doubled = code(lab)
    assert doubled != own
    assert followed_places() == (packages,)
    package(packages, "x * 3")
    assert code(lab) not in (doubled, own)
    package(packages, "x * 2")
    assert code(lab) == doubled
    package(tmp_path / "ours", "x * 7")
    assert code(lab) == doubled


def test_another_environment_may_hold_another_copy(
    lab_with_package: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lab, found = lab_with_package, []
    environment(tmp_path / "one", "x * 2")
    environment(tmp_path / "two", "x * 3")
    for name in ("one", "two", "one"):
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / name))
        found.append(code(lab))
    assert found[0] == found[2] != found[1]


def test_a_change_of_the_followed_copy_is_told_by_its_name(lab_with_package: Lab) -> None:
    lab = lab_with_package
    packages = environment(lab.root / ".venv", "x * 2")
    lab.status()
    lab.run("script.py")
    assert lab.verdicts()["step"] == "fresh"
    package(packages, "x * 3")
    (reason,) = lab.row("step", "script.py").reasons
    assert (reason.kind, reason.subject) == ("code-changed", "mylab.scales:scale")


def test_a_package_that_the_scripts_cannot_import_is_named(lab_with_package: Lab) -> None:
    lab = lab_with_package
    packages = environment(lab.root / ".venv", "x * 2")
    (packages / "mylab").rename(packages / "other")
    (warning,) = status(Project(lab.root, lab.project.config)).warnings
    assert "mylab" in warning
    (packages / "other").rename(packages / "mylab")
    assert status(lab.project).warnings == ()


def test_a_folder_named_in_a_pth_file_belongs_to_an_environment(lab_with_package: Lab) -> None:
    lab = lab_with_package
    packages = environment(lab.root / ".venv", "x * 2")
    doubled = code(lab)
    (packages / "mylab").rename(packages / "gone")
    package(lab.root.parent / "checkout", "x * 2")
    (packages / "linked.pth").write_text(f"# a comment\nimport os\n{lab.root.parent}/checkout\n")
    assert code(lab) == doubled
    package(lab.root.parent / "checkout", "x * 5")
    assert code(lab) != doubled


def test_packages_of_the_system_belong_to_an_environment_that_says_so(tmp_path: Path) -> None:
    base = tmp_path / "base"
    theirs = environment(base, "x")
    own = environment(tmp_path / "env", "x")
    python = str(tmp_path / "env/bin/python")
    assert package_folders(python) == (str(own),)
    settings = tmp_path / "env/pyvenv.cfg"
    settings.write_text(f"home = {base}/bin\ninclude-system-site-packages = true\n")
    assert package_folders(python) == (str(own), str(theirs))
    settings.write_text(f"home = {base}/bin\ninclude-system-site-packages = false\n")
    assert package_folders(python) == (str(own),)


def test_a_kept_status_sees_an_edit_and_another_copy_there(lab_with_package: Lab) -> None:
    lab = lab_with_package
    (lab.root / ".jobtui/index").mkdir(parents=True, exist_ok=True)

    def look() -> None:
        settle(lab.root)
        settle(lab.root.parent / "ours")
        forget_readers()
        overview(lab.project)
        assert glance._kept_status(lab.project) is not None

    look()
    packages = environment(lab.root / ".venv", "x * 2")
    assert glance._kept_status(lab.project) is None
    look()
    package(packages, "x * 3")
    assert glance._kept_status(lab.project) is None
