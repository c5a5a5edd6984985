"""What importing the package loads, in an interpreter of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.core.isolation import clean_environment

HEAVY = {
    "numpy", "pandas", "boto3", "botocore", "s3fs", "fsspec", "rich", "textual", "asyncio",
    "dask", "distributed", "joblib", "cloudpickle", "psutil", "jobtui",
}  # fmt: skip

ON_DEMAND = {
    "difflib", "getpass", "jobtui_core.diffs", "jobtui_core.records", "logging", "platform",
    "pprint", "secrets", "shutil", "tempfile",
}  # fmt: skip
"""For explanations, messages, checks and odd turns only."""


def loaded_by(code):
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import jobtui_core",
        "from jobtui_core import *",
        "from jobtui_core import JsonFile, Memory, default_param, make, run_script",
        "from jobtui_core import make\nf = make(lambda: 1, version=1)",
    ],
)
def test_nothing_heavy_is_loaded(code):
    assert not HEAVY & loaded_by(code)


def test_the_bare_package_loads_next_to_nothing_of_itself():
    ours = {name for name in loaded_by("import jobtui_core") if name.startswith("jobtui_core")}
    assert ours == {"jobtui_core", "jobtui_core._version"}


def test_memory_and_make_leave_what_few_calls_need_to_those():
    here = loaded_by("pass")
    loaded = loaded_by("from jobtui_core import Memory, make")
    assert not ON_DEMAND & (loaded - here)


def test_every_public_name_is_there():
    import jobtui_core

    assert sorted(jobtui_core.__all__) == jobtui_core.__all__
    for name in jobtui_core.__all__:
        assert getattr(jobtui_core, name) is not None
        assert name in dir(jobtui_core)
    with pytest.raises(AttributeError, match="nothing"):
        jobtui_core.nothing  # noqa: B018
