"""``jobtui ls``, ``show`` and ``rm``: what is kept, of ours and of joblib's, and deleting of it."""

from __future__ import annotations

import io
import json
import pickle

import numpy as np
import pytest

from jobtui.cli import main
from jobtui.cli.candidates import candidates
from jobtui_core import Memory
from jobtui_core.entry.joblib_cache import JoblibCache
from jobtui_core.stores import LatencyStore, MemoryStore, register_store_backend


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    (tmp_path / "jobtui.toml").write_text("")
    monkeypatch.setenv("COLUMNS", "120")


def simulate(seed, password="hunter2", label="a\x1b[31mb"):
    return np.arange(seed) * 1.5


def table(n):
    return {"a": np.ones((n, 2)), "b": [1, "x"]}


@pytest.fixture
def kept():
    memory = Memory("cache", verbose=0)
    for seed in (3, 4):
        memory.cache(simulate)(seed)
    memory.cache(table)(5)
    return memory


@pytest.fixture
def theirs():
    joblib = pytest.importorskip("joblib")
    memory = joblib.Memory("theirs", verbose=0)
    cached = memory.cache(simulate)
    cached(3), cached(4)
    return cached


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def test_functions_are_listed_with_their_results_and_sizes(kept, capsys):
    assert main(["ls", "cache"]) == 0
    found = lines(capsys)
    assert [line.split()[1:3] for line in found] == [["2", "results"], ["1", "result"]]
    assert "test_kept:simulate" in found[0]
    assert all(" kB " in line or " B " in line for line in found)


def test_an_empty_store_of_the_project_says_so_and_where_else_to_look(kept, capsys):
    assert main(["ls"]) == 0
    nothing, elsewhere = lines(capsys)
    assert nothing.startswith("nothing is kept in ")
    assert "jobtui ls cache/" in elsewhere


def test_of_an_empty_place_on_another_machine_it_is_said_that_its_name_may_be_wrong(capsys):
    register_store_backend("faraway", lambda url: LatencyStore(MemoryStore("nothing"), 0.0))
    assert main(["ls", "faraway://lab/typo"]) == 0
    nothing, elsewhere = lines(capsys)
    assert nothing.startswith("nothing is kept in ")
    assert "check its name" in elsewhere


def test_results_of_a_function_tell_time_size_shape_and_arguments(kept, capsys):
    assert main(["ls", "cache", "simulate"]) == 0
    newest, oldest = lines(capsys)
    assert "ndarray float64 4" in newest
    assert "ndarray float64 3" in oldest
    assert "seed=4" in newest
    assert "hunter2" not in newest
    assert "\x1b" not in newest


def test_one_result_is_shown_whole_by_the_beginning_of_its_key(kept, capsys):
    main(["ls", "cache", "table"])
    key = lines(capsys)[0].split()[0]
    assert main(["show", "cache", key]) == 0
    text = capsys.readouterr().out
    assert "test_kept:table" in text
    assert "n =" in text
    assert "'a' numpy.ndarray  5 × 2  float64" in text


@pytest.mark.usefixtures("theirs")
def test_a_cache_of_joblibs_is_listed_without_unpickling(monkeypatch, capsys):
    def never(*arguments):
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, never)
    assert main(["ls", "theirs", "simulate"]) == 0
    found = lines(capsys)
    assert ["ndarray float64 4" in line for line in found] == [True, False]
    assert main(["show", "theirs", "simulate"]) == 0
    text = capsys.readouterr().out
    assert "return np.arange(seed) * 1.5" in text
    assert "seed =" in text
    assert "hunter2" not in text.partition("def simulate")[0]


def test_both_are_shown_where_both_lie(kept, theirs, tmp_path, capsys):
    (tmp_path / "theirs" / "joblib").rename(tmp_path / "cache" / "joblib")
    assert main(["ls", "cache", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(store["kind"], len(store["results"])) for store in found] == [
        ("jobtui", 3), ("joblib", 2),
    ]  # fmt: skip
    first = next(one for one in found[0]["results"] if one["arguments"].get("seed") == "4")
    assert first["result"]["shape"] == [4]
    assert set(first) == {
        "function", "key", "arguments", "started", "duration", "size", "written", "user", "host",
        "run", "versions", "files", "outputs", "problem", "result",
    }  # fmt: skip
    kept.clear()
    assert len(list(JoblibCache(tmp_path / "cache").calls())) == 2


def test_deleting_asks_and_only_a_yes_deletes(kept, monkeypatch, capsys):
    class Answers(io.StringIO):
        def isatty(self):
            return True

    for answer, code, left in (("\n", 1, 3), ("no\n", 1, 3), ("y\n", 0, 1)):
        monkeypatch.setattr("sys.stdin", Answers(answer))
        monkeypatch.setattr("sys.stdout", Answers())
        assert main(["rm", "cache", "simulate"]) == code
        entries = [item for item in kept.store.list() if item.name.endswith(".entry")]
        assert len(entries) == left
    monkeypatch.undo()


@pytest.mark.usefixtures("kept")
def test_without_a_terminal_deleting_needs_a_yes(capsys):
    assert main(["rm", "cache", "simulate"]) == 2
    told = capsys.readouterr()
    assert "--yes" in told.err
    assert "seed=4" in told.out
    assert main(["rm", "cache", "simulate", "--yes"]) == 0
    assert "deleted 2 results" in capsys.readouterr().out
    assert main(["ls", "cache", "simulate"]) == 2


def test_the_owner_of_a_joblib_cache_keeps_hitting_the_rest(theirs, capsys):
    calls = {call.arguments["seed"]: call.key for call in JoblibCache("theirs").calls()}
    assert main(["rm", "theirs", calls["3"][:10], "--yes"]) == 0
    assert not theirs.check_call_in_cache(3)
    assert theirs.check_call_in_cache(4)


def test_the_projects_own_store_is_meant_without_a_place(tmp_path, capsys):
    Memory(".jobtui/cache", verbose=0).cache(table)(2)
    (tmp_path / ".jobtui" / "cache" / "jobtui").rename(tmp_path / "moved")
    (tmp_path / "moved").rename(tmp_path / ".jobtui" / "cache" / "moved")
    (tmp_path / "jobtui.toml").write_text('store = ".jobtui/cache/moved"\n')
    assert main(["ls"]) == 0
    assert "table" in capsys.readouterr().out
    assert main(["show", "table"]) == 0
    assert candidates(["show", "t"]) == ["table"]


def test_a_damaged_entry_is_listed_with_what_is_wrong(kept, capsys):
    (item,) = [item for item in kept.store.list() if "table" in item.name]
    path = kept.store.local_path(item.name)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:50])
    assert main(["ls", "cache", "--json"]) == 0
    (store,) = json.loads(capsys.readouterr().out)
    (broken,) = [one for one in store["results"] if one["problem"]]
    assert "table" in broken["function"]
    key = broken["key"]
    assert main(["rm", "cache", key, "--yes"]) == 0
    assert kept.store.read(item.name) is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sho", "x"], "did you mean jobtui show?"),
        (["show"], "needs a function, a key or a filter"),
        (["ls", "./nowhere"], "is no folder"),
        (["ls", "cache", "simulat"], "did you mean 'simulate'?"),
        (["show", "cache", "00000"], "nothing is kept"),
        (["rm", "cache", "simulate", "--json"], "needs --yes too"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_wrong_use_is_said_in_one_line(words, told, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


@pytest.mark.usefixtures("kept")
def test_looking_changes_nothing(tmp_path, capsys):
    def state():
        return sorted((str(path), path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))

    before = state()
    main(["ls", "cache"]), main(["show", "cache", "simulate"])
    assert state() == before
