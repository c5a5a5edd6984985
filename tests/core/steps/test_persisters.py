"""Formats of output files: what each takes, what it gives back, and the same bytes each time."""

from __future__ import annotations

import gzip
import pickle
import sys
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pytest

from jobtui_core import (
    CsvFile,
    JsonFile,
    MemMappedNiftiFile,
    NumpyFile,
    ParquetFile,
    PickleFile,
    TextFile,
    make,
)
from jobtui_core.errors import CacheWarning

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "ÿ"]})
OTHER = pl.DataFrame({"a": [1, 2], "b": ["x", "ÿ"]})
LINES = "a,b\n1,x\n2,ÿ\n"


# Arrays


def test_a_npz_file_takes_a_dict_a_tuple_or_one_array(tmp_path):
    file = NumpyFile(tmp_path / "x.npz")
    file.save({"file": np.arange(2), "allow_pickle": np.ones(1)})
    assert {name: array.tolist() for name, array in file.load().items()} == {
        "file": [0, 1],
        "allow_pickle": [1.0],
    }
    file.save((np.arange(2), np.zeros((1, 1))))
    assert [array.tolist() for array in file.load().values()] == [[0, 1], [[0.0]]]
    assert list(np.load(tmp_path / "x.npz")) == ["arr_0", "arr_1"]
    file.save(np.arange(3))
    assert file.load()["arr_0"].tolist() == [0, 1, 2]


def test_a_npz_file_names_its_arrays_by_texts(tmp_path):
    with pytest.raises(TypeError, match="named by texts, not by 1"):
        NumpyFile(tmp_path / "x.npz").save({1: np.arange(2)})


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
def test_arrays_of_objects_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        NumpyFile(tmp_path / name).save(np.array([object()]))


def test_a_mode_that_numpy_does_not_have_is_refused_at_once():
    with pytest.raises(ValueError, match="mmap_mode must be None, 'r', 'r\\+' or 'c', not 'w'"):
        NumpyFile("x.npy", mmap_mode="w")


# Texts


@pytest.mark.parametrize("text", ["", "one\r\ntwo\n", "é\u2028ü"])
def test_a_text_comes_back_as_it_was(tmp_path, text):
    file = TextFile(tmp_path / "x.txt")
    file.save(text)
    assert file.load() == text


def test_a_text_has_the_encoding_that_was_asked_for(tmp_path):
    TextFile(tmp_path / "x.txt", encoding="latin-1").save("é")
    assert (tmp_path / "x.txt").read_bytes() == b"\xe9"
    assert TextFile(tmp_path / "x.txt", "latin-1").load() == "é"


def test_what_is_no_text_is_refused(tmp_path):
    with pytest.raises(TypeError, match="takes a str, not bytes"):
        TextFile(tmp_path / "x.txt").save(b"x")


# Tables


@pytest.mark.parametrize(
    "data",
    [
        FRAME,
        OTHER,
        [{"a": 1, "b": "x"}, {"b": "ÿ", "a": 2}],
        [("a", "b"), [1, "x"], (2, "ÿ")],
        np.array([["a", "b"], ["1", "x"], ["2", "ÿ"]]),
    ],
    ids=["pandas", "polars", "dicts", "tuples", "array"],
)
def test_a_table_is_the_same_csv_whatever_it_was(tmp_path, data):
    CsvFile(tmp_path / "x.csv").save(data)
    assert (tmp_path / "x.csv").read_text(encoding="utf-8") == LINES


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz"])
def test_a_csv_file_is_read_as_what_was_asked_for(tmp_path, name):
    file = tmp_path / name
    CsvFile(file).save(FRAME)
    assert CsvFile(file).load().equals(FRAME)
    assert CsvFile(file, frames="pandas").load().equals(FRAME)
    assert CsvFile(file, frames="polars").load().equals(OTHER)
    assert CsvFile(file, frames="rows").load() == [["a", "b"], ["1", "x"], ["2", "ÿ"]]


@pytest.mark.parametrize("data", [FRAME, OTHER, [("a",), (1,)]], ids=["pandas", "polars", "rows"])
def test_a_packed_csv_file_has_no_time_in_it(tmp_path, data):
    CsvFile(tmp_path / "x.csv.gz").save(data)
    packed = (tmp_path / "x.csv.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0"
    assert gzip.decompress(packed).decode().splitlines()[0].startswith("a")


def test_missing_values_of_dicts_are_empty(tmp_path):
    file = CsvFile(tmp_path / "x.csv", separator="\t")
    file.save([{"a": 1}, {"b": 2}])
    assert (tmp_path / "x.csv").read_text() == "a\tb\n1\t\n\t2\n"


def test_an_index_that_says_something_is_written(tmp_path):
    file = CsvFile(tmp_path / "x.csv")
    file.save(pd.DataFrame({"a": [1]}, index=pd.Index(["s1"], name="subject")))
    assert (tmp_path / "x.csv").read_text() == "subject,a\ns1,1\n"
    file.save(pd.Series([1, 2], name="a"))
    assert (tmp_path / "x.csv").read_text() == "a\n1\n2\n"
    file.save(pl.Series("a", [1, 2]))
    assert (tmp_path / "x.csv").read_text() == "a\n1\n2\n"


@pytest.mark.parametrize("data", [{"a": [1]}, "a,b", [1, 2], [{"a": 1}, (1,)]])
def test_what_is_no_table_is_refused(tmp_path, data):
    with pytest.raises(TypeError, match=r"CSV file"):
        CsvFile(tmp_path / "x.csv").save(data)


def test_frames_that_there_are_not_are_refused_at_once():
    with pytest.raises(ValueError, match="not 'xarray'"):
        CsvFile("x.csv", frames="xarray")


def test_without_a_library_of_frames_a_csv_file_gives_rows(tmp_path, monkeypatch):
    file = CsvFile(tmp_path / "x.csv")
    file.save([("a",), (1,)])
    monkeypatch.setattr("jobtui_core.steps.persisters.frames.find_spec", lambda name: None)
    assert file.load() == [["a"], ["1"]]


@pytest.mark.parametrize(
    "data",
    [FRAME, FRAME.set_index("b"), OTHER, FRAME["b"].to_frame()],
    ids=["pandas", "index", "polars", "one column"],
)
def test_a_parquet_file_gives_a_frame_of_whichever_made_it(tmp_path, data):
    file = ParquetFile(tmp_path / "x.parquet")
    file.save(data)
    found = file.load()
    assert type(found) is type(data)
    assert found.equals(data)


def test_a_parquet_file_of_polars_needs_no_pyarrow(tmp_path, monkeypatch):
    file = ParquetFile(tmp_path / "x.parquet")
    _without("pyarrow", monkeypatch)
    file.save(OTHER)
    assert file.load().equals(OTHER)


def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch):
    file = ParquetFile(tmp_path / "x.parquet")
    file.save(FRAME)
    _without("pyarrow", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match=r"install pyarrow \(pip install pyarrow"):
        file.save(FRAME)
    _without("pyarrow polars", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match="to read Parquet files, install pyarrow"):
        file.load()

    @make(output=ParquetFile("y.parquet"))
    def table():
        return FRAME

    with pytest.warns(CacheWarning, match=r"y\.parquet could not be written .*install pyarrow"):
        assert table() is FRAME


def test_what_is_no_frame_is_refused(tmp_path):
    with pytest.raises(TypeError, match="a frame of pandas or polars, not list"):
        ParquetFile(tmp_path / "x.parquet").save([1])


# All


SAMPLES = [
    (NumpyFile, "x.npy", np.arange(3)),
    (NumpyFile, "x.npz", {"a": np.arange(3)}),
    (PickleFile, "x.pkl", {"a": 1}),
    (JsonFile, "x.json", {"a": 1}),
    (TextFile, "x.txt", "text"),
    (CsvFile, "x.csv", FRAME),
    (CsvFile, "x.csv.gz", OTHER),
    (ParquetFile, "x.parquet", FRAME),
    (ParquetFile, "y.parquet", OTHER),
    (MemMappedNiftiFile, "x.nii", np.arange(8, dtype="i2").reshape(2, 2, 2)),
]


@pytest.mark.parametrize(("kind", "name", "data"), SAMPLES)
def test_the_same_result_is_the_same_bytes(tmp_path, kind, name, data):
    file = kind(tmp_path / name)
    file.save(data)
    first = (tmp_path / name).read_bytes()
    file.save(data)
    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize(("kind", "name", "data"), SAMPLES)
def test_what_is_at_a_url_is_loaded_as_from_a_file(tmp_path, kind, name, data):
    url = f"memory://{uuid.uuid4().hex}/{name}"
    make(lambda: data, kind(url))()
    kind(tmp_path / name).save(data)
    remote, local = kind(url).load(), kind(tmp_path / name).load()
    if isinstance(local, np.memmap):
        # What it was read from is gone by now.
        assert type(remote) is np.ndarray
        local = np.array(local)
    assert type(remote) is type(local)
    assert pickle.dumps(remote) == pickle.dumps(local)


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_an_array_at_a_url_is_whole_although_it_was_to_be_mapped(mode):
    url = f"memory://{uuid.uuid4().hex}/x.npy"
    make(lambda: np.arange(100_000), NumpyFile(url))()
    found = NumpyFile(url, mmap_mode=mode).load()
    assert found[-1] == 99_999


def test_no_library_is_loaded_before_it_is_needed(run, tmp_path):
    (tmp_path / "script.py").write_text(
        "import sys\n"
        "from jobtui_core import CsvFile, NumpyFile, ParquetFile, TextFile, make\n"
        "for persister in CsvFile, NumpyFile, ParquetFile, TextFile:\n"
        "    make(print, persister('x'))\n"
        "print({'numpy', 'pandas', 'polars', 'pyarrow', 'gzip', 'csv'} & set(sys.modules))\n"
    )
    assert run("script.py") == ["set()"]


def _without(packages, monkeypatch):
    """Make packages look as if they were not installed."""
    from importlib.util import find_spec

    hidden = packages.split()
    monkeypatch.setattr(
        "jobtui_core.steps.persisters.frames.find_spec",
        lambda name: None if name in hidden else find_spec(name),
    )
    for name in hidden:
        monkeypatch.setitem(sys.modules, name, None)
