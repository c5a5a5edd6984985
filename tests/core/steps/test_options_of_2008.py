"""What ``make`` could be told in 2008: where results lie, why it runs, which errors count."""

from __future__ import annotations

import pickle

import pytest

from jobtui_core import JsonFile, Memory, Persister, make
from jobtui_core.errors import CacheWarning
from jobtui_core.stores import LocalStore

ran = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


def double(n):
    ran.append(n)
    return 2 * n


class Refuses(Persister):
    def save(self, data):
        raise OSError("no room")

    def load(self):
        raise NotImplementedError


def test_results_lie_in_the_folder_that_was_asked_for(tmp_path):
    f = make(double, JsonFile("x.json"), cachedir="mine")
    f(1), f(1)
    assert ran == [1]
    names = [one.name for one in LocalStore(tmp_path / "mine" / "jobtui").list()]
    assert any(name.endswith(".entry") for name in names)
    assert any(name.startswith("blobs/") for name in names)
    assert not (tmp_path / ".jobtui" / "cache").exists()
    (tmp_path / "x.json").unlink()
    assert make(double, JsonFile("x.json"), cachedir=tmp_path / "mine")(1) == 2
    assert (tmp_path / "x.json").is_file()
    assert ran == [1]


def test_there_is_one_place_for_results(tmp_path):
    with pytest.raises(TypeError, match="a memory or a cachedir, not both"):
        make(double, memory=Memory(tmp_path, verbose=0), cachedir="mine")


def test_debug_says_of_each_call_whether_it_runs_and_why(capsys):
    f = make(double, JsonFile("{n}.json"), debug=True)
    f(1), f(1), f(1), f(2)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("make: double(n=1) runs: ")
    assert lines[1:3] == ["make: double(n=1) is known"] * 2
    assert lines[3] == "make: double(n=2) runs: n: 1 → 2"
    assert len(lines) == 4


def test_debug_says_that_a_call_runs_because_somebody_asked(capsys, monkeypatch):
    f = make(double, debug=True)
    f(1)
    capsys.readouterr()
    monkeypatch.setattr(type(f), "_must_recompute", lambda self, key: True)
    f(1)
    assert capsys.readouterr().err == "make: double(n=1) runs: it is to be computed anew\n"


def test_nothing_is_said_unless_asked(capsys):
    make(double)(1)
    assert capsys.readouterr().err == ""


def test_an_output_that_cannot_be_written_is_an_error_if_asked(tmp_path):
    with pytest.raises(OSError, match="no room"):
        make(double, (Refuses("x.txt")), raise_errors=True)(1)
    with pytest.raises(OSError, match="no room"):
        make(double, (Refuses("x.txt")), raise_errors=True)(1)
    with pytest.warns(CacheWarning, match="no room"):
        assert make(double, Refuses("x.txt"))(1) == 2
    assert ran == [1, 1, 1]


def test_the_options_travel_with_the_step():
    f = pickle.loads(pickle.dumps(make(double, cachedir="mine", debug=True, raise_errors=True)))
    assert (f.cachedir, f.debug, f.raise_errors) == ("mine", True, True)
