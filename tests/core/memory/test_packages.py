"""Installed packages that the settings name: followed as code, or by their version."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jobtui_core.errors import ConfigurationError
from jobtui_core.packages import _version
from jobtui_core.project import open_project, status
from jobtui_core.root import load_config
from tests.core.isolation import CHECKOUT, clean_environment

SCRIPT = """
from jobtui_core import make
import mylab.scales

@make
def total(items):
    print("ran")
    return mylab.scales.scale(sum(items))

print(total([1, 2]))
"""


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A project beside an environment with a package in it; runs its script."""
    packages = tmp_path / "env" / "site-packages"
    (packages / "mylab").mkdir(parents=True)
    (packages / "mylab" / "__init__.py").write_text("")
    (packages / "mylab" / "scales.py").write_text("def scale(x):\n    return x * 2\n")
    meta = packages / "my_lab-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: my-lab\nVersion: 1.0\n")
    (meta / "top_level.txt").write_text("mylab\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "script.py").write_text(SCRIPT)
    (project / "jobtui.toml").write_text("")
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setenv("JOBTUI_ROOT", str(project))
    monkeypatch.setattr("jobtui_core.packages._followed", {})
    _version.cache_clear()

    def run():
        environment = {**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("JOBTUI_TRACE")
        environment["PYTHONPATH"] = f"{packages}:{CHECKOUT}"
        done = subprocess.run(
            [sys.executable, "script.py"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split(), done.stderr

    run.project, run.packages, run.meta = project, packages, meta
    return run


def verdict(lab):
    (row,) = status(open_project(lab.project)).steps
    return row.verdict, [(reason.kind, reason.subject) for reason in row.reasons]


def test_an_installed_package_counts_by_name_alone(lab):
    assert lab()[0] == ["ran", "6"]
    (lab.packages / "mylab" / "scales.py").write_text("def scale(x):\n    return x * 5\n")
    assert verdict(lab)[0] == "fresh"
    assert lab()[0] == ["6"]


def test_one_that_is_followed_counts_with_its_code(lab):
    (lab.project / "jobtui.toml").write_text('follow = ["mylab"]\n')
    assert lab()[0] == ["ran", "6"]
    assert verdict(lab)[0] == "fresh"
    assert lab()[0] == ["6"]
    (lab.packages / "mylab" / "scales.py").write_text("def scale(x):\n    return x * 5\n")
    assert verdict(lab) == ("stale", [("code-changed", "mylab.scales:scale")])
    assert lab()[0] == ["ran", "15"]
    assert verdict(lab)[0] == "fresh"


def test_the_version_of_one_that_is_tracked_counts(lab):
    (lab.project / "jobtui.toml").write_text('track_packages = ["my-lab"]\n')
    assert lab()[0] == ["ran", "6"]
    assert verdict(lab)[0] == "fresh"
    assert lab()[0] == ["6"]
    text = (lab.meta / "METADATA").read_text()
    (lab.meta / "METADATA").write_text(text.replace("1.0", "1.1"))
    assert verdict(lab) == ("stale", [("version-changed", "my-lab")])
    assert lab()[0] == ["ran", "6"]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('follow = ["nolab"]', "follow names 'nolab', which cannot be imported here"),
        ('track_packages = ["no-lab"]', "track_packages names 'no-lab', which is not installed"),
    ],
)
def test_a_package_that_is_not_there_is_said(lab, setting, sentence):
    (lab.project / "jobtui.toml").write_text(setting)
    assert lab()[1].count(sentence) == 1
    (said,) = status(open_project(lab.project)).warnings
    assert sentence in said


@pytest.mark.parametrize(
    "setting",
    ['follow = ["my lab"]', 'follow = ["mylab.scales"]', 'follow = "mylab"', "follow = [1]",
     'track_packages = ["a b"]', 'track_packages = ["../x"]', 'track_packages = [""]'],
)  # fmt: skip
def test_a_setting_that_names_no_package_is_an_error(tmp_path, setting):
    (tmp_path / "jobtui.toml").write_text(setting)
    with pytest.raises(ConfigurationError, match=setting.partition(" ")[0]):
        load_config(tmp_path)
