"""``dump`` and ``load``: files that joblib and we read from each other, whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import stat
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest

import jobtui_core
from jobtui_core.dumps import CompressorWrapper, compressors

joblib = pytest.importorskip("joblib")

RECORDS = np.array([(1, 2.5), (2, 3.5)], dtype=[("n", "<i4"), ("x", "<f8")])
VALUES = {
    "plain": {"a": [1, 2.5, "text", b"bytes", None, (True,)], "b": {3, 4}},
    "array": np.arange(12.0).reshape(3, 4),
    "fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "strided": np.arange(20)[::3],
    "scalar array": np.array(3.5),
    "empty": np.zeros((0, 3), "f4"),
    "objects": np.array(["a", None, {"b": 1}], dtype=object),
    "records": RECORDS,
    "dates": np.array(["2026-11-22", "NaT"], dtype="M8[D]"),
    "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
    "matrix": np.arange(4).reshape(2, 2).view(np.matrix),
    "nested": {"x": [np.arange(3), (np.ones(2), "y")]},
}
COMPRESSIONS = [0, True, 3, "gzip", ("zlib", 1), ("bz2", 3), ("lzma", 1), ("xz", 1)]


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        if one.dtype != other.dtype or one.shape != other.shape:
            return False
        return repr(one) == repr(other)
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
@pytest.mark.parametrize("name", VALUES)
def test_what_is_dumped_is_loaded_here_and_by_joblib(tmp_path, name, compress):
    file = tmp_path / "value.pkl"
    assert jobtui_core.dump(VALUES[name], file, compress=compress) == [str(file)]
    assert same(jobtui_core.load(file), VALUES[name])
    theirs = joblib.load(file)
    if name == "matrix":  # joblib gives an array where numpy is 2
        theirs = theirs.view(np.matrix)
    assert same(theirs, VALUES[name])


@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
@pytest.mark.parametrize("name", VALUES)
def test_what_joblib_dumped_is_loaded(tmp_path, name, compress):
    file = tmp_path / "value.pkl"
    joblib.dump(VALUES[name], file, compress=compress)
    assert same(jobtui_core.load(file), VALUES[name])


@pytest.mark.parametrize("protocol", range(6))
def test_every_pickle_protocol_is_written(tmp_path, protocol):
    file = tmp_path / "value.pkl"
    jobtui_core.dump(VALUES["nested"], file, protocol=protocol)
    assert same(jobtui_core.load(file), VALUES["nested"])
    assert same(joblib.load(file), VALUES["nested"])


def old_files():
    folder = Path(joblib.__file__).parent / "test" / "data"
    return sorted(p for p in folder.glob("joblib_0*") if ".npy" not in p.name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("file", old_files(), ids=lambda p: p.name)
def test_files_of_early_joblib_are_read_as_joblib_reads_them(file):
    def attempt(load):
        try:
            return load(file), None
        except Exception as error:
            return None, type(error)

    (theirs, their_error), (ours, our_error) = attempt(joblib.load), attempt(jobtui_core.load)
    assert our_error == their_error
    if theirs is not None:
        for one, other in zip(ours, theirs, strict=True):
            # joblib gives most matrices back as plain arrays where numpy is 2.
            assert type(one) is type(other) or type(one) is np.matrix
            np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_a_file_without_compression_can_be_mapped(tmp_path):
    file = tmp_path / "value.pkl"
    jobtui_core.dump(VALUES["nested"], file)
    found = jobtui_core.load(file, mmap_mode="r")
    assert isinstance(found["x"][0], np.memmap)
    assert found["x"][0].ctypes.data % 16 == 0
    assert same(np.array(found["x"][1][0]), np.ones(2))


@pytest.mark.parametrize(
    ("extension", "name"),
    [(".z", "zlib"), (".gz", "gzip"), (".bz2", "bz2"), (".xz", "xz"), (".lzma", "lzma"),
     (".zst", "zstd"), (".pkl", None)],
)  # fmt: skip
def test_the_extension_chooses_the_compression(tmp_path, extension, name):
    file = tmp_path / f"value{extension}"
    jobtui_core.dump(VALUES["array"], file)
    assert compressors.detect(file.read_bytes()[:8]) == name
    assert same(jobtui_core.load(file), VALUES["array"])


def test_gzip_files_of_several_streams_are_read_whole(tmp_path):
    plain = io.BytesIO()
    jobtui_core.dump(VALUES["array"], plain)
    data = plain.getvalue()
    file = tmp_path / "value.gz"
    file.write_bytes(gzip.compress(data[:100]) + gzip.compress(data[100:]))
    assert same(jobtui_core.load(file), VALUES["array"])


@pytest.mark.parametrize("compress", [0, "zlib", "gzip"])
def test_a_file_that_is_cut_short_is_an_error(tmp_path, compress):
    file = tmp_path / "value.pkl"
    jobtui_core.dump(np.random.default_rng(0).random(5000), file, compress=compress)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises((ValueError, EOFError), match="ends"):
        jobtui_core.load(file)


def test_a_length_that_an_old_file_claims_is_not_believed(tmp_path):
    file = tmp_path / "value.pkl"
    bomb = zlib.compress(bytes(1 << 20))
    file.write_bytes(b"ZF" + hex(1 << 40).ljust(19).encode() + bomb)
    with pytest.raises(ValueError, match="damaged"):
        jobtui_core.load(file)


class Unwilling:
    def __reduce__(self):
        raise RuntimeError("no")


def test_what_cannot_be_dumped_leaves_the_earlier_file_and_nothing_else(tmp_path):
    file = tmp_path / "value.pkl"
    jobtui_core.dump("before", file)
    with pytest.raises(RuntimeError, match="no"):
        jobtui_core.dump(Unwilling(), file)
    assert jobtui_core.load(file) == "before"
    assert os.listdir(tmp_path) == ["value.pkl"]


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path):
    file, link = tmp_path / "value.pkl", tmp_path / "link.pkl"
    jobtui_core.dump(1, file)
    file.chmod(0o640)
    link.symlink_to(file)
    jobtui_core.dump(2, link)
    assert link.is_symlink()
    assert jobtui_core.load(file) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    jobtui_core.dump("value", pipe)
    reader.join(30)
    assert jobtui_core.load(io.BytesIO(got[0])) == "value"


@pytest.mark.parametrize("compress", [10, -1, "nothing", ("zlib",), ("zlib", 99), ("no", 3)])
def test_a_compression_that_does_not_exist_is_refused(tmp_path, compress):
    with pytest.raises(ValueError, match="ompress"):
        jobtui_core.dump(1, tmp_path / "value.pkl", compress=compress)
    assert not os.listdir(tmp_path)


def test_arguments_in_the_wrong_order_are_told(tmp_path):
    with pytest.raises(ValueError, match="second argument"):
        jobtui_core.dump("value.pkl", [1, 2])


def test_big_endian_arrays_become_native_unless_told_otherwise(tmp_path):
    file = tmp_path / "value.pkl"
    array = np.arange(3, dtype=">i4")
    jobtui_core.dump(array, file)
    assert jobtui_core.load(file).dtype == np.dtype("<i4")
    assert jobtui_core.load(file, ensure_native_byte_order=False).dtype == array.dtype
    with pytest.raises(ValueError, match="mmap_mode"):
        jobtui_core.load(file, mmap_mode="r", ensure_native_byte_order=True)


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(compressors, "COMPRESSORS", dict(compressors.COMPRESSORS))
    for module in ("writing", "reading"):
        monkeypatch.setattr(f"jobtui_core.dumps.{module}.COMPRESSORS", compressors.COMPRESSORS)


@pytest.mark.usefixtures("registered")
def test_another_compressor_can_be_registered(tmp_path):
    mine = CompressorWrapper(bz2.BZ2File, prefix=b"BZ", extension=".mine")
    with pytest.raises(ValueError, match="registered already"):
        jobtui_core.register_compressor("gzip", mine)
    jobtui_core.register_compressor("mine", mine)
    file = tmp_path / "value.mine"
    jobtui_core.dump([1, 2], file)
    assert bz2.decompress(file.read_bytes())
    assert jobtui_core.load(file) == [1, 2]


@pytest.mark.parametrize(
    ("name", "one"),
    [(3, CompressorWrapper(gzip.GzipFile)), ("x", object()), ("x", CompressorWrapper(object))],
)
def test_a_compressor_that_is_none_is_refused(name, one):
    with pytest.raises(ValueError, match="compressor"):
        jobtui_core.register_compressor(name, one)


def test_a_compressor_whose_module_is_missing_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "lz4.frame", None)
    with pytest.raises(ValueError, match="lz4"):
        jobtui_core.dump(1, tmp_path / "value.lz4")
