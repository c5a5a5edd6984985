"""Copying between stores as people name them: places, functions, keys and runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from jobtui.cli import main
from jobtui_core import Memory
from jobtui_core.errors import StoreError, UnknownNameError
from jobtui_core.project import copy_plan, copy_results, copy_to_json, open_project
from jobtui_core.stores import LocalStore, MemoryStore, ReadOnlyStore, register_store_backend
from jobtui_core.tracing.sharing.records import from_bytes, parse_name
from jobtui_core.upkeep.contents import is_entry, key_in
from tests.core.isolation import clean_environment
from tests.core.project.test_overview import kept, settle

SCRIPT = """
from jobtui_core import JsonFile, make

@make(output=JsonFile("out/{n}.json"))
def table(n):
    return {"n": n}

@make
def double(n):
    return 2 * n

table(1), double(21)
"""


@pytest.fixture
def far():
    """A store that a URL leads to, empty."""
    store = MemoryStore("far")
    register_store_backend("faraway", lambda url: store)
    return store


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """A folder in which the script ran once; starting Python takes longer than all the rest."""
    folder = tmp_path_factory.mktemp("past")
    (folder / "jobtui.toml").write_text("")
    (folder / "script.py").write_text(SCRIPT)
    environment = {**clean_environment(), "JOBTUI_TRACE": "1", "JOBTUI_ROOT": str(folder)}
    subprocess.run([sys.executable, "script.py"], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture
def ran(tmp_path, past):
    """A project that ran its script once."""
    shutil.copytree(past, tmp_path, dirs_exist_ok=True)
    return open_project(tmp_path)


def entries(store):
    return sorted(one.name for one in store.list() if is_entry(one.name))


def records(store):
    return [one.name for one in store.list("runs/")]


def copied(project, *places, **chosen):
    plan = copy_plan(project, *places, **chosen)
    done = copy_results(project, plan)
    assert done.whole, done
    return done


def test_a_push_takes_results_files_sources_and_the_runs_records(ran, far):
    done = copied(ran, None, "faraway://lab")
    assert entries(far) == entries(ran.open_store())
    assert done.objects["blobs"] == done.objects["runs"] == 1
    (name,) = records(far)
    shared = from_bytes(far.read(name), name, None)
    assert [call.name for call in shared.trace.calls] == ["table", "double"]
    assert all(far.stat(f"code/{one.digest}.json") for one in shared.trace.analyses)
    assert not list(far.list("use/"))
    again = copied(ran, None, "faraway://lab")
    assert sum(again.objects.values()) == 0


def test_by_function_come_its_results_and_the_run_that_computed_them(ran, far):
    copied(ran, None, "faraway://lab", functions=["double"])
    (name,) = entries(far)
    assert "double" in name
    assert not list(far.list("blobs/"))
    assert len(records(far)) == 1


def test_by_run_comes_what_its_calls_gave(ran, far, run, tmp_path):
    (first,) = (tmp_path / ".jobtui" / "runs").iterdir()
    (tmp_path / "script.py").write_text(SCRIPT.replace("double(21)", "double(4)"))
    run(JOBTUI_TRACE="1", JOBTUI_ROOT=str(tmp_path))
    copied(ran, None, "faraway://lab", runs=[first.name])
    assert len(entries(far)) == 2
    assert [parse_name(name).run for name in records(far)] == [first.name]
    assert len(entries(ran.open_store())) == 3


def test_by_key_comes_one_result(ran, far):
    wanted = entries(ran.open_store())[0]
    copied(ran, None, "faraway://lab", keys=[key_in(wanted)[:8]])
    assert entries(far) == [wanted]


def test_what_was_pushed_can_be_pulled_elsewhere_by_run(ran, far, tmp_path):
    copied(ran, None, "faraway://lab")
    other = tmp_path / "other"
    other.mkdir()
    (other / "jobtui.toml").write_text("")
    project = open_project(other)
    (name,) = records(far)
    copied(project, "faraway://lab", None, runs=[parse_name(name).run[:16]])
    assert entries(project.open_store()) == entries(far)
    assert records(project.open_store()) == [name]
    assert list(project.open_store().list("blobs/"))


def test_what_was_pulled_is_fresh_before_anything_runs(ran, far, tmp_path, monkeypatch, capsys):
    copied(ran, None, "faraway://lab")
    other = tmp_path / "other"
    other.mkdir()
    (other / "jobtui.toml").write_text("")
    (other / "script.py").write_text(SCRIPT)
    monkeypatch.chdir(other)
    monkeypatch.setenv("JOBTUI_ROOT", str(other))
    for name in ("cache", "index"):
        (other / ".jobtui" / name).mkdir(parents=True)
    settle(other)
    assert main(["status"]) == 0
    assert capsys.readouterr().out.count(" new ") == 2
    # The answer is kept, and must not be given again.
    assert kept(other)
    assert main(["pull", "faraway://lab"]) == 0
    capsys.readouterr()
    assert main(["status", "--fail-if-stale"]) == 0
    told = capsys.readouterr().out
    assert told.count("fresh") == 2
    assert "computed by" in told
    assert not (other / ".jobtui" / "runs").exists()


MEMOIZED = """
from jobtui_core import Memory
memory = Memory("cache", verbose=0)

@memory.cache
def triple(n):
    return 3 * n

triple(5)
"""


def test_what_a_memory_in_the_project_keeps_travels_with_its_runs(
    ran, far, run, tmp_path, monkeypatch, capsys
):
    (tmp_path / "other.py").write_text(MEMOIZED)
    run("other.py", JOBTUI_TRACE="1", JOBTUI_ROOT=str(tmp_path))
    done = copied(ran, "cache", "faraway://lab")
    assert (done.objects["entries"], done.objects["runs"]) == (1, 1)
    (name,) = records(far)
    shared = from_bytes(far.read(name), name, None)
    assert not shared.project
    assert [(call.name, call.store) for call in shared.trace.calls] == [("triple", ".")]
    assert all(far.stat(f"code/{one.digest}.json") for one in shared.trace.analyses)
    there = tmp_path / "there"
    there.mkdir()
    (there / "jobtui.toml").write_text("")
    # Which folder a relative location means is known once the script has run.
    (there / "other.py").write_text(MEMOIZED.replace('"cache"', f'"{there}/cache"'))
    monkeypatch.chdir(there)
    monkeypatch.setenv("JOBTUI_ROOT", str(there))
    assert main(["pull", "faraway://lab", "--to", "./cache/jobtui"]) == 0
    capsys.readouterr()
    assert main(["status", "--fail-if-stale"]) == 0
    assert "fresh" in capsys.readouterr().out


def test_a_project_that_shares_no_runs_pushes_none(ran, far, tmp_path):
    (tmp_path / "jobtui.toml").write_text("share_runs = false\n")
    copied(open_project(tmp_path), None, "faraway://lab")
    assert records(far) == []
    assert entries(far)


def test_a_place_that_a_memory_was_given_is_as_good_as_its_store(ran, tmp_path):
    memory = Memory(tmp_path / "mine", verbose=0)
    memory.cache(abs)(-3)
    copied(ran, str(tmp_path / "mine"), str(tmp_path / "new"))
    assert entries(LocalStore(tmp_path / "new")) == entries(memory.store)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"functions": ["doubl"]}, "did you mean 'double'?"),
        ({"keys": ["0000"]}, "no result with the key '0000'"),
        ({"keys": ["x"]}, "no result with the key 'x'"),
        ({"runs": ["2001"]}, "no record of a run that ended '2001'"),
    ],
)
def test_unknown_names_are_said_with_the_nearest(ran, far, asked, told):
    with pytest.raises(UnknownNameError, match=told.replace("?", r"\?")):
        copy_plan(ran, None, "faraway://lab", **asked)


def test_a_cache_of_joblibs_is_refused_with_a_reason(ran, far, tmp_path):
    joblib = pytest.importorskip("joblib")
    joblib.Memory("theirs", verbose=0).cache(abs)(-1)
    with pytest.raises(StoreError, match="a cache of joblib's: its results are found by"):
        copy_plan(ran, "theirs", "faraway://lab")
    with pytest.raises(StoreError, match="a cache of joblib's"):
        copy_plan(ran, None, "theirs")


def test_a_store_is_not_copied_to_itself_nor_to_a_read_only_one_nor_over_other_files(ran, tmp_path):
    with pytest.raises(StoreError, match="to another one"):
        copy_plan(ran, None, str(tmp_path / ".jobtui" / "cache"))
    closed = ReadOnlyStore(MemoryStore("closed"))
    register_store_backend("closed", lambda url: closed)
    with pytest.raises(StoreError, match="read-only"):
        copy_plan(ran, None, "closed://lab")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("Introduction")
    with pytest.raises(StoreError, match="holds no results"):
        copy_plan(ran, None, str(tmp_path / "thesis"))


def test_a_plan_and_what_came_of_it_are_json(ran, far):
    plan = copy_plan(ran, None, "faraway://lab")
    told = json.loads(json.dumps(copy_to_json(plan)))
    assert told["dry_run"] is True
    done = json.loads(json.dumps(copy_to_json(plan, copy_results(ran, plan))))
    assert done["objects"] == told["objects"]
    assert done["whole"] is True
    assert done["error"] is None
