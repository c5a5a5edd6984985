"""Files that a step's function writes itself: promoted on success, left as they were otherwise."""

from __future__ import annotations

import sys
import threading
import uuid
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import Memory, PathOutput, TextFile, make, output_path
from jobtui_core.errors import OutputError

ran = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture
def segment():
    @make(output=PathOutput("results/{subject}.seg.txt"))
    def segment(subject, fail=False):
        ran.append(subject)
        output_path().write_text(f"labels of {subject}")
        if fail:
            raise ValueError(subject)
        return output_path()

    return segment


def test_a_file_that_the_function_wrote_is_put_into_its_place(tmp_path, segment):
    assert segment("a") == Path("results/a.seg.txt")
    assert (tmp_path / "results" / "a.seg.txt").read_text() == "labels of a"
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["a.seg.txt"]


def test_a_hit_gives_the_path_and_puts_the_file_back(tmp_path, segment):
    segment("a")
    (tmp_path / "results" / "a.seg.txt").unlink()
    assert segment("a") == Path("results/a.seg.txt")
    assert (tmp_path / "results" / "a.seg.txt").read_text() == "labels of a"
    assert ran == ["a"]


def test_a_function_that_fails_leaves_the_earlier_file(tmp_path, segment):
    file = tmp_path / "results" / "a.seg.txt"
    file.parent.mkdir()
    file.write_text("earlier")
    with pytest.raises(ValueError, match="a"):
        segment("a", fail=True)
    assert file.read_text() == "earlier"
    assert [path.name for path in file.parent.iterdir()] == ["a.seg.txt"]


def test_nobody_sees_the_file_before_it_is_whole(tmp_path):
    @make(output=PathOutput("results/x.nii.gz"))
    def write():
        path = output_path()
        assert path.is_absolute()
        assert path.name.endswith(".nii.gz")
        assert path == output_path(0)
        path.write_bytes(b"half")
        ran.append((tmp_path / "results" / "x.nii.gz").exists())
        path.write_bytes(b"whole")

    assert write() == Path("results/x.nii.gz")
    assert ran == [False]
    assert (tmp_path / "results" / "x.nii.gz").read_bytes() == b"whole"


def test_a_file_that_was_written_where_python_does_not_see_it_may_be_read_back(tmp_path):
    @make(output=PathOutput("x.txt"))
    def write():
        ran.append("write")
        import subprocess

        code = "import sys; open(sys.argv[1], 'w').write('by another')"
        subprocess.run([sys.executable, "-c", code, output_path()], check=True)
        assert output_path().read_text() == "by another"

    write(), write()
    assert ran == ["write"]


def test_several_files_are_told_by_their_number(tmp_path):
    @make(output={"a": PathOutput("a.txt"), "b": (TextFile("b.txt"), PathOutput("c.txt")), "n": 3})
    def write():
        output_path(0).write_text("A")
        output_path(1).write_text("C")
        return {"a": None, "b": ("B", str(output_path(1))), "n": 0}

    assert write() == {"a": Path("a.txt"), "b": ("B", Path("c.txt")), "n": 3}
    assert write() == {"a": Path("a.txt"), "b": ("B", Path("c.txt")), "n": 3}
    texts = {name: (tmp_path / f"{name}.txt").read_text() for name in "abc"}
    assert texts == {"a": "A", "b": "B", "c": "C"}


def test_a_file_may_be_uploaded_to_a_url():
    url = f"memory://{uuid.uuid4().hex}/x.txt"

    @make(output=PathOutput(url))
    def write():
        output_path().write_text("text")

    assert write() == url
    import fsspec

    assert fsspec.filesystem("memory").cat_file(url) == b"text"


def test_two_calls_on_one_file_are_an_error():
    @make(output=PathOutput("x.txt"))
    def write(n):
        output_path().write_text(str(n))

    write(1)
    with pytest.raises(OutputError, match=r"x\.txt: write\(n=1\) and write\(n=2\)"):
        write(2)


def test_a_function_that_writes_no_file_is_an_error(tmp_path):
    @make(output=PathOutput("x.txt"))
    def forgets():
        ran.append("forgets")

    @make(output=PathOutput("y.txt"))
    def asks():
        output_path()

    for step, name in ((forgets, "x"), (asks, "y")):
        with pytest.raises(OutputError, match=rf"did not write {name}\.txt, for which output_path"):
            step()
    with pytest.raises(OutputError):
        forgets()
    assert ran == ["forgets"] * 2


@pytest.mark.parametrize("given", [3, "x.txt", np.arange(2)])
def test_what_is_not_the_path_is_an_error(tmp_path, given):
    @make(output=PathOutput("x.txt"))
    def write():
        output_path().write_text("x")
        return given

    with pytest.raises(OutputError, match=r"output_path\(\), or nothing, not "):
        write()
    assert not [path for path in tmp_path.iterdir() if path.name != ".jobtui"]


def test_there_is_no_path_where_no_step_asks_for_one(tmp_path, segment):
    inner = Memory(tmp_path / "cache", verbose=0).cache(lambda: str(output_path()))

    @make(output=PathOutput("x.txt"))
    def outer(how):
        output_path().write_text("x")
        if how == "inner":
            inner()
        elif how == "plain":
            make(output_path)()
        else:
            output_path(1)

    for how in ("inner", "plain"):
        with pytest.raises(OutputError, match="is for the function of a step with output=PathOutp"):
            outer(how)
    with pytest.raises(OutputError, match=r"output_path\(1\): the step has 1 PathOutput"):
        outer("second")
    with pytest.raises(OutputError, match="while it runs"):
        output_path()
    with pytest.raises(OutputError):
        segment.func("a")


def test_a_thread_is_handed_the_name(tmp_path):
    @make(output=PathOutput("x.txt"))
    def write():
        path = output_path()
        thread = threading.Thread(target=path.write_text, args=("by a thread",))
        thread.start()
        thread.join()

    write()
    assert (tmp_path / "x.txt").read_text() == "by a thread"


def test_a_large_file_without_history_lies_once_on_the_disk(tmp_path):
    @make(output=PathOutput("large.bin"), history=False)
    def write():
        output_path().write_bytes(b"1" * 1_000_000)

    write()
    assert write() == Path("large.bin")
    sizes = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(sizes) < 1_100_000
