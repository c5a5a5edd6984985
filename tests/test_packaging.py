"""What pip installs: every file, requirements that resolve to today's releases, cheap imports."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
MADE_HERE = {"__pycache__", ".jobtui", "results", "figures"}


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def requirements(pyproject):
    found = [Requirement(text) for text in pyproject["project"]["dependencies"]]
    return {each.name: each for each in found}


@pytest.mark.parametrize("package", ["jobtui", "jobtui_core"])
def test_every_data_file_is_named_in_the_package_data(package, pyproject):
    patterns = pyproject["tool"]["setuptools"]["package-data"][package]
    packed = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
    data = {
        path
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".py" and not MADE_HERE.intersection(path.parts)
    }
    assert sorted(data - packed) == []


@pytest.mark.parametrize("package", ["jobtui", "jobtui_core"])
def test_both_packages_say_that_they_are_typed(package):
    assert (ROOT / package / "py.typed").is_file()


def test_the_demo_is_shipped_whole():
    from jobtui.demo import TEMPLATE

    for name in ("co2.py", "forecast.py", "helpers.py", "data/co2.csv", "data/PROVENANCE.md"):
        assert (TEMPLATE / name).is_file(), name


def test_an_s3fs_of_years_ago_is_never_chosen(requirements):
    """A resolver that starts from boto3 ends at s3fs 0.4, which needs no aiobotocore."""
    s3fs = requirements["s3fs"].specifier
    assert not s3fs.contains("0.4.2")
    assert not s3fs.contains("2024.12.0")
    assert s3fs.contains("2025.1.0")
    assert next(iter(requirements)) == "aiobotocore", "it pins botocore, so it comes first"
    assert "boto3" in requirements
    assert not requirements["boto3"].specifier, "aiobotocore decides which one fits"


def test_what_is_installed_fits_together(requirements):
    assert Version(version("s3fs")) >= Version("2025")
    for requirement in requirements.values():
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(version(requirement.name), prereleases=True)
    for text in requires("aiobotocore") or ():
        needed = Requirement(text)
        if needed.name == "botocore" and needed.marker is None:
            assert needed.specifier.contains(version("botocore"))


def test_tests_run_with_one_exact_textual_within_the_users_range(pyproject, requirements):
    extras = pyproject["project"]["optional-dependencies"]["dev"]
    pinned = next(Requirement(text) for text in extras if text.startswith("textual=="))
    exact = next(iter(pinned.specifier)).version
    assert requirements["textual"].specifier.contains(exact)


def test_the_version_has_one_home():
    from jobtui_core import __version__

    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", __version__)
    try:
        assert version("jobtui") == __version__
    except PackageNotFoundError:
        pytest.skip("the sources are used without being installed")


def test_the_readme_promises_the_line_that_the_checks_run():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert 'python -m pip install -e ".[dev]" && python -m pytest' in readme
    assert "python -m pip install . && jobtui demo" in readme


def loaded_by(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has after running some code."""
    script = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


HEAVY = {"numpy", "pandas", "boto3", "botocore", "s3fs", "rich", "textual", "asyncio", "psutil"}


def test_importing_the_core_loads_nothing_heavy():
    assert loaded_by("import jobtui_core") & HEAVY == set()


def test_the_command_line_starts_without_anything_heavy():
    assert loaded_by("import jobtui.cli.status, jobtui.cli.plan, jobtui.cli.why") & HEAVY == set()
