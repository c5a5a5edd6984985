"""Output files: written, put back, kept when edited, and never shared by two calls."""

from __future__ import annotations

import errno
import json
import os
import pickle
import threading
from collections import namedtuple

import numpy as np
import pytest

from jobtui_core import JsonFile, Memory, NumpyFile, Persister, PickleFile, make
from jobtui_core.errors import CacheWarning, OutputError

calls = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


# Outputs


@pytest.fixture
def trend():
    @make(output=NumpyFile("results/{name}.npy"))
    def trend(name, size=3):
        calls.append(name)
        return np.arange(size)

    return trend


def test_an_output_file_is_written_and_put_back(tmp_path, trend):
    trend("a")
    file = tmp_path / "results" / "a.npy"
    assert np.load(file).tolist() == [0, 1, 2]
    before = file.read_bytes()
    file.unlink()
    assert trend("a").tolist() == [0, 1, 2]
    assert file.read_bytes() == before
    assert calls == ["a"]
    assert [path.name for path in file.parent.iterdir()] == ["a.npy"]


def test_a_put_back_output_is_no_link_to_the_kept_copy(tmp_path, trend):
    trend("a")
    file = tmp_path / "results" / "a.npy"
    file.unlink()
    trend("a")
    assert file.stat().st_nlink == 1
    with file.open("r+b") as opened:
        opened.write(b"ruined")
    file.unlink()
    trend("a")
    assert np.load(file).tolist() == [0, 1, 2]


def test_an_output_edited_by_hand_is_kept(tmp_path, trend, monkeypatch):
    trend("a")
    file = tmp_path / "results" / "a.npy"
    file.write_text("by hand")
    with pytest.warns(CacheWarning, match=r"results/a\.npy was edited") as caught:
        assert trend("a").tolist() == trend("a").tolist() == [0, 1, 2]
    assert len(caught) == 1
    assert file.read_text() == "by hand"
    monkeypatch.setenv("JOBTUI_OUTPUTS", "restore")
    trend("a")
    assert np.load(file).tolist() == [0, 1, 2]
    assert calls == ["a"]


def test_an_edited_output_may_be_computed_again(tmp_path, trend, monkeypatch):
    trend("a")
    file = tmp_path / "results" / "a.npy"
    file.write_text("by hand")
    monkeypatch.setenv("JOBTUI_OUTPUTS", "recompute")
    trend("a")
    assert np.load(file).tolist() == [0, 1, 2]
    assert calls == ["a", "a"]


def test_a_missing_output_without_a_copy_is_computed_again(tmp_path):
    @make(output=JsonFile("x.json"), history=False)
    def facts():
        calls.append("facts")
        return {"a": 1}

    facts(), facts()
    assert calls == ["facts"]
    (tmp_path / "x.json").unlink()
    facts()
    assert calls == ["facts", "facts"]
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 1}


def test_a_lost_copy_is_computed_again(tmp_path, trend):
    trend("a")
    (tmp_path / "results" / "a.npy").unlink()
    for blob in (tmp_path / ".jobtui" / "cache" / "blobs").iterdir():
        blob.unlink()
    trend("a")
    assert calls == ["a", "a"]


def test_the_newest_call_owns_a_path(run, tmp_path):
    (tmp_path / "steps.py").write_text(
        "from jobtui_core import JsonFile, make\n"
        "@make(output=JsonFile('out.json'))\n"
        "def f(n):\n    print('ran')\n    return n\n"
    )
    for name, n in (("one.py", 1), ("two.py", 2)):
        (tmp_path / name).write_text(f"from steps import f\nf({n})\n")
    assert run("one.py") == ["ran"]
    assert run("two.py") == ["ran"]
    assert (tmp_path / "out.json").read_text() == "2\n"
    assert run("one.py") == []
    assert (tmp_path / "out.json").read_text() == "1\n"


def test_two_calls_of_one_run_on_one_path_are_an_error():
    @make(output=JsonFile("out.json"))
    def f(n):
        return n

    f(1), f(1)
    with pytest.raises(OutputError, match=r"out\.json: f\(n=1\) and f\(n=2\)"):
        f(2)


def test_a_call_that_failed_owns_nothing():
    @make(output=JsonFile("out.json"))
    def f(n):
        return 1 / n

    with pytest.raises(ZeroDivisionError):
        f(0)
    assert f(2) == 0.5


def test_parts_of_a_result_go_to_files_of_their_own(tmp_path):
    Pair = namedtuple("Pair", "left right")  # noqa: PYI024

    @make(output=(NumpyFile("a.npy"), {"b": PickleFile("b.pkl"), "c": None}, "constant"))
    def parts():
        calls.append("parts")
        return np.arange(2), {"b": {1, 2}, "c": [3]}, "whatever"

    for _ in range(2):
        array, rest, constant = parts()
        assert array.tolist() == [0, 1]
        assert rest == {"b": {1, 2}, "c": [3]}
        assert constant == "constant"
    assert calls == ["parts"]
    assert pickle.loads((tmp_path / "b.pkl").read_bytes()) == {1, 2}

    @make(output=(JsonFile("l.json"), "fixed"))
    def named():
        return Pair(1, 2)

    assert named() == Pair(1, "fixed")
    assert type(named()).__name__ == "Pair"


def test_a_result_of_another_shape_is_an_error(tmp_path):
    @make(output=(JsonFile("a.json"), JsonFile("b.json")))
    def three():
        return 1, 2, 3

    with pytest.raises(OutputError, match=r"declares 2 parts in a tuple, .* a tuple of 3"):
        three()

    @make(output={"a": JsonFile("a.json")})
    def other():
        return {"b": 1}

    with pytest.raises(OutputError, match=r"\['a'\].*\['b'\]"):
        other()
    assert not (tmp_path / "a.json").exists()


def test_a_declaration_that_cannot_work_is_refused_at_once():
    with pytest.raises(OutputError, match="takes a persister"):
        make(lambda: 1, output="x.npy")
    with pytest.raises(OutputError, match="only names of arguments"):
        make(lambda x: 1, output=JsonFile("{x.y}.json"))

    with pytest.raises(OutputError, match="two parts"):
        make(lambda: (1, 2), output=(JsonFile("a.json"), JsonFile("a.json")))()


def test_another_file_for_the_output_is_written(tmp_path):
    def f():
        calls.append("f")
        return 1

    make(f, output=JsonFile("a.json"))()
    make(f, output=JsonFile("b.json"))()
    assert (tmp_path / "b.json").read_text() == "1\n"


def test_a_persister_of_ones_own(tmp_path):
    class TextFile(Persister):
        def save(self, data):
            with open(self.filename, "w") as file:
                file.write(data)

        def load(self):
            with open(self.filename) as file:
                return file.read()

    @make(output=TextFile("deep/er/{n}.tar.txt"))
    def text(n):
        calls.append(n)
        return f"text {n}"

    assert text(3) == text(3) == TextFile("deep/er/3.tar.txt").load() == "text 3"
    assert calls == [3]


def test_an_output_that_cannot_be_written_costs_one_warning(tmp_path):
    (tmp_path / "results").write_text("a file")

    @make(output=NumpyFile("results/a.npy"))
    def f():
        calls.append("f")
        return np.arange(2)

    with pytest.warns(CacheWarning, match=r"results/a\.npy could not be written") as caught:
        f(), f()
    assert len(caught) == 1
    assert calls == ["f", "f"]


def test_a_persister_that_writes_nothing_is_an_error():
    class Lazy(Persister):
        def save(self, data):
            pass

        def load(self):
            pass

    with pytest.raises(OutputError, match=r"Lazy\.save did not write"):
        make(lambda: 1, output=Lazy("x"))()


def test_outputs_of_inner_steps_are_put_back_by_a_hit_of_the_outer(tmp_path):
    whole()
    (tmp_path / "part.json").unlink()
    assert whole() == 2
    assert calls == ["whole", "part"]
    assert (tmp_path / "part.json").read_text() == "1\n"


@make(output=JsonFile("part.json"))
def part():
    calls.append("part")
    return 1


@make
def whole():
    calls.append("whole")
    return part() + 1


# Persisters


def test_persisters_load_what_they_saved(tmp_path):
    arrays = NumpyFile(tmp_path / "x.npz")
    arrays.save({"a": np.arange(2), "b": np.ones(1)})
    assert arrays.load()["a"].tolist() == [0, 1]
    array = NumpyFile(tmp_path / "x.npy", mmap_mode="r")
    array.save([1, 2])
    assert isinstance(array.load(), np.memmap)
    odd = NumpyFile(tmp_path / "plain")
    odd.save(np.arange(3))
    assert (tmp_path / "plain").is_file()
    pickled = PickleFile(tmp_path / "x.pkl")
    pickled.save({1: object})
    assert pickled.load() == {1: object}


def test_json_takes_numbers_of_numpy(tmp_path):
    file = JsonFile(tmp_path / "x.json")
    file.save({"a": np.float64(1.5), "b": np.arange(2), "c": {3, 1}, "d": tmp_path, "e": "é"})
    assert file.load() == {"a": 1.5, "b": [0, 1], "c": [1, 3], "d": str(tmp_path), "e": "é"}
    assert "é" in (tmp_path / "x.json").read_text(encoding="utf-8")
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        file.save(object())


def test_another_results_file_is_put_back_even_where_edits_are_computed_again(
    tmp_path, trend, monkeypatch
):
    trend("a")
    trend("b", size=4)
    first, second = tmp_path / "results" / "a.npy", tmp_path / "results" / "b.npy"
    first.write_bytes(second.read_bytes())
    monkeypatch.setenv("JOBTUI_OUTPUTS", "recompute")
    trend("a")
    assert np.load(first).tolist() == [0, 1, 2]
    assert calls == ["a", "b"]


def test_a_memoized_function_over_a_step_puts_its_files_back(tmp_path):
    @Memory("cache").cache
    def twice():
        calls.append("twice")
        return 2 * part()

    twice()
    (tmp_path / "part.json").unlink()
    assert twice.check_call_in_cache()
    assert not (tmp_path / "part.json").exists()
    assert twice() == 2
    assert calls == ["twice", "part"]
    assert (tmp_path / "part.json").read_text() == "1\n"


def test_looking_whether_a_call_is_stored_looks_at_its_files(tmp_path, monkeypatch):
    @make(inputs=["{path}"], output=JsonFile("out.json"))
    def size(path):
        return len(path)

    (tmp_path / "in.txt").write_text("x")
    assert not size.check_call_in_cache("gone.txt")
    assert not size.check_call_in_cache("in.txt")
    size("in.txt")
    (tmp_path / "out.json").write_text("edited")
    assert size.check_call_in_cache("in.txt")
    monkeypatch.setenv("JOBTUI_OUTPUTS", "recompute")
    assert not size.check_call_in_cache("in.txt")
    (tmp_path / "in.txt").write_text("y")
    assert not size.check_call_in_cache("in.txt")


def test_a_script_run_by_another_is_a_run_of_its_own(run, tmp_path):
    (tmp_path / "inner.py").write_text(
        "from jobtui_core import JsonFile, default_param, make\n"
        "n = default_param('n', 1)\n"
        "@make(output=JsonFile('out.json'))\n"
        "def f(n):\n    print('ran', n)\n    return n\n"
        "f(n)\n"
    )
    (tmp_path / "script.py").write_text(
        "from jobtui_core import run_script\n"
        "run_script('inner.py', n=1)\nf = run_script('inner.py', n=2).f\nprint(f(1))\n"
    )
    assert run("inner.py") == ["ran", "1"]
    assert run() == ["ran", "2", "1"]
    assert run() == ["1"]
    assert (tmp_path / "out.json").read_text() == "1\n"


def test_an_output_is_in_its_place_although_the_disk_has_no_room_for_a_copy(tmp_path, monkeypatch):
    @make(output=NumpyFile("x.npy"))
    def full(n):
        return np.arange(n)

    def no_room(descriptor, views):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("jobtui_core.stores.local.os.writev", no_room)
    with pytest.warns(CacheWarning, match=r"cannot be written.*No space left"):
        assert full(1000).tolist() == list(range(1000))
    assert np.load(tmp_path / "x.npy").tolist() == list(range(1000))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".jobtui", "x.npy"]


# Nested declarations


def nested(n):
    calls.append(n)
    return [{"a": (n, "given"), "b": [n, {"c": n}]}, (0, n)]


def test_persisters_and_constants_are_nested_as_results_are(tmp_path):
    output = [{"a": (JsonFile("a.json"), None), "b": [3, {"c": PickleFile("c.pkl")}]}, ("k", 1.5)]
    step = make(nested, output)
    expected = [{"a": (7, "given"), "b": [3, {"c": 7}]}, ("k", 1.5)]
    assert step(7) == expected
    (tmp_path / "a.json").unlink()
    assert step(7) == expected
    assert calls == [7]
    assert JsonFile("a.json").load() == PickleFile("c.pkl").load() == 7


def test_another_constant_is_given_back_from_now_on():
    def with_constant(constant):
        return make(nested, [{"a": (JsonFile("a.json"), constant), "b": None}, None])(7)[0]["a"]

    assert with_constant(3) == (7, 3)
    assert with_constant(3) == (7, 3)
    assert calls == [7]
    assert with_constant(frozenset({4})) == (7, frozenset({4}))
    assert with_constant(3) == (7, 3)
    # What was declared before is kept with its own constant.
    assert calls == [7, 7]


def test_a_constant_that_cannot_be_told_from_others_is_not_mistaken_for_one():
    lock = threading.Lock()
    step = make(nested, [{"a": (JsonFile("a.json"), lock), "b": None}, None])
    with pytest.warns(CacheWarning):
        assert step(7)[0]["a"][1] is lock
