"""Versions of tracked packages are those that the scripts' interpreter finds, not our own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jobtui_core.packages import look_in
from jobtui_core.project import glance, overview
from jobtui_core.project.reader import forget_readers
from tests.core.project.conftest import Lab
from tests.core.project.test_overview import settle

SCRIPT = """
    import tiny
    from jobtui_core import make

    @make
    def step(x):
        return tiny.size(x)

    step(1)
    """


@pytest.fixture
def packages(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    lab.write("jobtui.toml", 'track_packages = ["tiny"]')
    lab.write("script.py", SCRIPT)
    lab.write(".venv/bin/python", "")
    monkeypatch.setattr("jobtui_core.packages._folders", None)
    return lab.root / ".venv/lib/python3.12/site-packages"


def install(packages: Path, version: str) -> None:
    shutil.rmtree(packages, ignore_errors=True)
    place = packages / f"tiny-{version}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Name: tiny\nVersion: {version}\n")
    (place / "RECORD").write_text("tiny.py,,\n")


def test_another_version_in_the_scripts_environment_is_other_code(lab: Lab, packages: Path) -> None:
    codes = []
    for version in ("1.0", "2.0", "1.0"):
        install(packages, version)
        assert lab.status().warnings == ()
        codes.append(lab.row("step", "script.py").code)
    assert codes[0] == codes[2] != codes[1]
    look_in(None)


def test_a_kept_status_sees_a_new_version_there(lab: Lab, packages: Path) -> None:
    (lab.root / ".jobtui/index").mkdir(parents=True, exist_ok=True)
    install(packages, "1.0")
    settle(lab.root)
    forget_readers()
    overview(lab.project)
    assert glance._kept_status(lab.project) is not None
    install(packages, "2.0")
    assert glance._kept_status(lab.project) is None
    look_in(None)
