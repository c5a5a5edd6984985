"""A cache of joblib's can be looked through: nothing is unpickled, nothing changed."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import zlib

import numpy as np
import pytest

from jobtui_core.entry.inert_previews import preview_of_pickle
from jobtui_core.entry.joblib_cache import JoblibCache, is_joblib_cache
from jobtui_core.errors import StoreError
from tests.core.isolation import clean_environment

joblib = pytest.importorskip("joblib")

PROGRAM = """
import sys
import joblib
import numpy as np

plain = joblib.Memory("cache", verbose=0)
small = joblib.Memory("cache", verbose=0, compress=3)


@plain.cache
def trend(size, scale=2, *, label="a"):
    print("trend ran", size)
    return np.arange(size) * scale


@small.cache
def fit(size, password="hunter2"):
    print("fit ran", size)
    return {"x": np.ones((size, 3), "f4"), "y": ["text", 1.5], "z": np.float64(2.5)}


if __name__ == "__main__":
    import program
    program.trend(3)
    program.trend(4, label=np.ones(2))
    program.fit(2)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("joblib")
    (folder / "program.py").write_text(PROGRAM)
    run(folder)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    import shutil

    return shutil.copytree(made, tmp_path / "copy")


def run(folder):
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


def test_functions_calls_arguments_times_and_sizes_are_told(folder):
    cache = JoblibCache(folder / "cache")
    assert {call.function for call in cache.calls()} == {"program.fit", "program.trend"}
    calls = sorted(cache.calls("program.trend"), key=lambda call: call.arguments["size"])
    assert "np.arange(size) * scale" in cache.code(f"program/trend/{calls[0].key}")
    assert [call.arguments["size"] for call in calls] == ["3", "4"]
    assert calls[1].arguments["label"] == "array([1., 1.])"
    assert all(call.started > 1e9 and 0 <= call.duration < 60 for call in calls)
    assert all(call.size > 200 for call in calls)
    assert is_joblib_cache(folder / "cache")
    assert is_joblib_cache(folder / "cache" / "joblib")
    assert not is_joblib_cache(folder / "nothing")


def test_secrets_among_the_arguments_are_not_shown(folder):
    (call,) = JoblibCache(folder / "cache").calls("program.fit")
    assert "hunter2" not in str(call)


def test_shapes_and_dtypes_come_from_the_pickles_instructions(folder, monkeypatch):
    def never(*arguments):
        raise AssertionError("something was unpickled")

    cache = JoblibCache(folder / "cache")
    monkeypatch.setattr(pickle, "load", never)
    monkeypatch.setattr(pickle, "loads", never)
    monkeypatch.setattr(pickle._Unpickler, "find_class", never)
    trend = next(call for call in cache.calls("program.trend") if call.arguments["size"] == "3")
    found = cache.preview(trend)
    assert (found.kind, found.shape, found.dtype) == ("array", (3,), "int64")
    (fit,) = cache.calls("program.fit")
    parts = dict(cache.preview(fit).items)
    assert (parts["x"].shape, parts["x"].dtype) == ((2, 3), "float32")
    assert [item.text for _, item in parts["y"].items] == ["'text'", "1.5"]
    assert parts["z"].text == "np.float64(2.5)"


def test_deleting_one_result_leaves_the_owner_the_others(folder):
    cache = JoblibCache(folder / "cache")
    call = next(call for call in cache.calls("program.trend") if call.arguments["size"] == "3")
    cache.delete(call)
    cache.delete(call)
    assert run(folder) == "trend ran 3\n"
    assert run(folder) == ""


def test_only_results_of_the_cache_can_be_deleted(folder, tmp_path):
    cache = JoblibCache(folder / "cache")
    call = next(cache.calls("program.fit"))
    other = tmp_path / ("0" * 32)
    other.mkdir()
    elsewhere = type(call)(function="x", key="0" * 32, folder=other)
    with pytest.raises(StoreError, match="no result"):
        cache.delete(elsewhere)
    assert other.is_dir()


def test_looking_changes_nothing(folder):
    def state():
        return sorted(
            (str(path), path.stat().st_mtime_ns) for path in (folder / "cache").rglob("*")
        )

    before = state()
    cache = JoblibCache(folder / "cache")
    for call in cache.calls():
        cache.preview(call)
    assert state() == before


def test_links_and_loops_in_a_cache_lead_nowhere(folder, tmp_path):
    (folder / "cache" / "joblib" / "loop").symlink_to(folder / "cache")
    assert len(list(JoblibCache(folder / "cache").calls())) == 3


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"input_args": 3, "duration": "x"}', "[" * 100_000, '{"time": 1e400}']
)
def test_metadata_that_is_nonsense_costs_its_facts_only(folder, text):
    for path in (folder / "cache").rglob("metadata.json"):
        path.write_text(text)
    calls = list(JoblibCache(folder / "cache").calls())
    assert len(calls) == 3
    assert {(str(call.arguments), call.started, call.duration) for call in calls} == {
        ("{}", None, None)
    }


def test_escapes_in_names_and_arguments_are_spelled_out(folder):
    call = next(JoblibCache(folder / "cache").calls())
    text = json.dumps({"input_args": {"a\x1b[31m": "b\x1b[2J"}})
    (call.folder / "metadata.json").write_text(text)
    again = next(c for c in JoblibCache(folder / "cache").calls() if c.key == call.key)
    assert "\x1b" not in str(again.arguments)


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path):
    with pytest.raises(StoreError, match="no joblib cache"):
        JoblibCache(tmp_path / "nothing")


class Hostile:
    def __reduce__(self):
        return os.system, ("echo harm",)


def pictured(data):
    return preview_of_pickle(io.BytesIO(data))


@pytest.mark.parametrize("protocol", range(6))
def test_hostile_pickles_are_pictured_and_not_run(protocol, capfd):
    data = pickle.dumps([Hostile(), 1], protocol)
    found = pictured(data)
    assert next(item.type for _, item in found.items).endswith("system")
    assert capfd.readouterr().out == ""


ENDLESS = b"\x80\x04" + b"]" + b"(" + b"K\x01" * 300_000
LONG = b"\x80\x04\x8d" + (1 << 60).to_bytes(8, "little") + b"abc"
FRAME = b"\x80\x04\x95" + (1 << 60).to_bytes(8, "little") + b"K\x01."
DEEP = b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."
DOUBLED = (
    b"\x80\x02]q\x00"
    + b"".join(
        b"]q" + bytes([i + 1]) + b"(h" + bytes([i]) + b"h" + bytes([i]) + b"e" for i in range(200)
    )
    + b"."
)
BOMB = zlib.compress(b"\x80\x04" + b"N0" * 10_000_000)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"hello", b".", b"0.", b"h\x00.", b"\x80\x04R.", b"\x80\x04]]a\x93.", ENDLESS,
     LONG, FRAME, DEEP, DOUBLED, BOMB, b"\x80\x02" + b"2" * 1000],
    ids=["empty", "zero", "text", "stop", "pop", "get", "reduce", "global", "endless", "long",
         "frame", "deep", "doubled", "bomb", "dup"],
)  # fmt: skip
def test_pickles_that_make_no_sense_or_no_end_are_pictured_within_bounds(data):
    assert len(repr(pictured(data))) < 100_000


@pytest.mark.parametrize(
    "value",
    [np.arange(3.0), np.zeros((2, 0)), np.array(["a"], object), np.array([1], ">i2"),
     np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]), np.array(["2026"], "M8[D]"),
     np.zeros(2, [("m", "f4", (2, 2))]), np.array("text")],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("write", [joblib.dump, pickle.dump], ids=["joblib", "pickle"])
def test_arrays_of_every_kind_tell_shape_and_dtype(value, write):
    file = io.BytesIO()
    write(value, file)
    found = pictured(file.getvalue())
    assert (found.kind, found.shape, found.dtype) == ("array", value.shape, str(value.dtype))
