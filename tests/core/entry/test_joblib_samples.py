"""Caches as releases of joblib wrote them, by ``tests/data/joblib/program.py``; none is changed."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from jobtui_core.entry.joblib_cache import JoblibCache, is_joblib_cache

FOLDER = Path(__file__).parents[2] / "data" / "joblib"
RELEASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def test_there_are_releases_from_the_first_to_the_newest():
    assert RELEASES == ["0.11", "0.14.1", "1.0.1", "1.2.0", "1.3.2", "1.6.0"]


@pytest.mark.parametrize("release", RELEASES)
def test_calls_and_results_are_told_without_unpickling(release, monkeypatch):
    def never(*arguments):
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, never)
    assert is_joblib_cache(FOLDER / release)
    cache = JoblibCache(FOLDER / release)
    assert {call.function for call in cache.calls()} == {"program.fit", "program.trend"}
    found = {call.arguments["size"]: call for call in cache.calls("program.trend")}
    code = cache.code(f"program/trend/{found['4'].key}")
    assert code.endswith("return np.arange(size) * float(scale)\n")
    assert found["4"].arguments == {"size": "4", "scale": "3"}
    assert all(0 <= call.duration < 10 for call in found.values())
    # The time of a call is told since 1.3; until then there is that of its file.
    assert all((call.started is None) == (release < "1.3") for call in found.values())
    preview = cache.preview(found["4"])
    assert (preview.type.rpartition(".")[2], preview.dtype, preview.shape) == (
        "ndarray", "float64", (4,),
    )  # fmt: skip
    (packed,) = cache.calls("program.fit")
    assert "hunter2" not in str(packed.arguments)
    parts = dict(cache.preview(packed).items)
    assert (parts["x"].dtype, parts["x"].shape) == ("float32", (2, 3))
    assert [item.text for _, item in parts["y"].items] == ["'text'", "1.5"]


@pytest.mark.parametrize("release", RELEASES)
def test_one_result_is_deleted_and_the_others_stay_as_they_are(release, tmp_path):
    copy = Path(shutil.copytree(FOLDER / release, tmp_path / "cache"))
    cache = JoblibCache(copy)
    call = next(call for call in cache.calls() if call.arguments["size"] == "3")
    cache.delete(call)
    left = {path.relative_to(copy) for path in copy.rglob("*") if path.is_file()}
    before = {
        path.relative_to(FOLDER / release)
        for path in (FOLDER / release).rglob("*")
        if path.is_file()
    }
    assert before - left == {
        (call.folder / name).relative_to(copy) for name in ("output.pkl", "metadata.json")
    }
