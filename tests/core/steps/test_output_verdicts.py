"""Verdicts on files of every kind of output: fresh, edited, gone; and what a run does then."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import jobtui_core
from jobtui_core.project import open_project, status
from jobtui_core.records import StepStatus, Verdict
from jobtui_core.slices.outputs import PERSISTERS
from jobtui_core.steps import persisters

CODE = Path(jobtui_core.__file__).parent.parent

pytestmark = pytest.mark.slow

OUTPUTS = {
    "npy": ("NumpyFile('out/{name}.npy')", "np.arange(3)"),
    "npz": ("NumpyFile('out/{name}.npz')", "(np.arange(3), np.ones(2))"),
    "pkl": ("PickleFile('out/{name}.pkl')", "{1: 2}"),
    "json": ("JsonFile('out/{name}.json')", "{'a': 1}"),
    "txt": ("TextFile('out/{name}.txt')", "'text'"),
    "csv": ("CsvFile('out/{name}.csv')", "[('a', 'b'), (1, 2)]"),
    "parquet": ("ParquetFile('out/{name}.parquet')", "pl.DataFrame({'a': [1]})"),
    "svg": ("FigureFile('out/{name}.svg')", "figure()"),
    "nii": ("NiftiFile('out/{name}.nii.gz')", "np.zeros((2, 2, 2), 'i2')"),
    "mapped": ("MemMappedNiftiFile('out/{name}.nii')", "np.zeros((2, 2, 2), 'i2')"),
    "path": ("PathOutput('out/{name}.bin')", "output_path().write_bytes(b'bytes') and None"),
    "own": ("Lines('out/{name}.txt')", "['a', 'b']"),
    "nested": ("{'a': [TextFile('out/{name}.txt'), 3], 'b': None}", "{'a': ['x', 0], 'b': 1}"),
}

HEAD = """
import numpy as np
import polars as pl
from matplotlib.figure import Figure
from jobtui_core import (
    CsvFile, FigureFile, JsonFile, MemMappedNiftiFile, NiftiFile, NumpyFile, ParquetFile,
    PathOutput, Persister, PickleFile, TextFile, make, output_path,
)

class Lines(Persister):
    def save(self, data):
        with open(self.filename, "w") as file:
            file.write("\\n".join(data))

    def load(self):
        with open(self.filename) as file:
            return file.read().split("\\n")

def figure():
    drawn = Figure(figsize=(1, 1))
    drawn.subplots().plot([1, 2])
    return drawn
"""

STEP = """
@make(output={output})
def make_{kind}(name):
    print("ran", name)
    return {value}

make_{kind}({kind!r})
"""


@dataclass
class Stages:
    """What was said and found of each kind of output, stage by stage."""

    root: Path
    rows: dict[str, dict[str, StepStatus]]
    printed: dict[str, str]
    files: dict[str, dict[str, bytes]]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    pytest.importorskip("matplotlib")
    pytest.importorskip("nibabel")
    root = tmp_path_factory.mktemp("project")
    (root / ".jobtui").mkdir()
    steps = (STEP.format(kind=kind, output=o, value=v) for kind, (o, v) in OUTPUTS.items())
    (root / "script.py").write_text(HEAD + "".join(steps))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JOBTUI_")}
    environment |= {"PYTHONPATH": str(CODE), "MPLCONFIGDIR": str(root / ".matplotlib")}

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "script.py"],
            cwd=root, env=environment, capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    found = Stages(root, {}, {}, {})

    def stage(name: str, change: Callable[[Path], object] | None = None) -> None:
        if change is not None:
            for path in (root / "out").iterdir():
                change(path)
        with pytest.MonkeyPatch.context() as patch:
            for variable in [one for one in os.environ if one.startswith("JOBTUI_")]:
                patch.delenv(variable)
            rows = status(open_project(root)).steps
        found.rows[name] = {row.name.removeprefix("make_"): row for row in rows}
        found.printed[name] = run()
        found.files[name] = {
            path.name.partition(".")[0]: path.read_bytes() for path in (root / "out").iterdir()
        }

    stage("never run")
    stage("unchanged")
    stage("edited", lambda path: path.write_bytes(b"by hand"))
    stage("gone", Path.unlink)
    return found


@pytest.fixture(params=OUTPUTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_an_output_that_nobody_touched_is_fresh(stages: Stages, kind: str) -> None:
    assert stages.rows["never run"][kind].verdict is Verdict.NEW
    assert f"ran {kind}\n" in stages.printed["never run"]
    assert stages.rows["unchanged"][kind].verdict is Verdict.FRESH
    assert not stages.rows["unchanged"][kind].notes
    assert stages.printed["unchanged"] == ""


def test_each_persister_is_known_by_name_where_sources_are_read() -> None:
    assert set(persisters.__all__) - {"Persister"} == PERSISTERS


def test_an_output_that_was_edited_is_noted_and_kept(stages: Stages, kind: str) -> None:
    row = stages.rows["edited"][kind]
    assert row.verdict is Verdict.FRESH
    assert any("was edited; the edited file is kept" in note for note in row.notes)
    assert stages.printed["edited"] == ""
    assert stages.files["edited"][kind] == b"by hand"


def test_an_output_that_is_gone_is_put_back_without_running(stages: Stages, kind: str) -> None:
    row = stages.rows["gone"][kind]
    assert row.verdict is Verdict.FRESH
    assert len(row.restores) == 1
    assert row.restores[0].startswith(f"out/{kind}.")
    assert stages.printed["gone"] == ""
    assert stages.files["gone"][kind] == stages.files["never run"][kind]
