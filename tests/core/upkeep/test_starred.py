"""Whatever is pruned, a run with a star stays, with all that it needs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobtui_core import JsonFile, Memory, make, tracing
from jobtui_core.limits import Limits, size_of
from jobtui_core.project import (
    collect,
    needed_by_stars,
    note_run,
    open_catalogues,
    open_project,
    pruning,
)
from jobtui_core.project.evidence.gathered import Evidence
from jobtui_core.project.pruning import prune_runs
from jobtui_core.root import load_config
from jobtui_core.stores import MemoryStore
from jobtui_core.tracing import removing
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.removing import remove_unseen
from jobtui_core.tracing.runnotes import change_notes
from jobtui_core.tracing.sharing.records import origin_of, record_name
from jobtui_core.upkeep import reducing
from jobtui_core.upkeep.contents import key_in
from jobtui_core.upkeep.reducing import reduce_store
from jobtui_core.upkeep.starred import NOTHING_NEEDED, Needed, needed_by, needed_by_starred
from tests.core.project_running.traces import Trace

RUNS = 6


def star(folder: Path) -> None:
    from dataclasses import replace

    change_notes(folder, lambda notes: replace(notes, starred=True))


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A project in which six runs computed and found results, with outputs that were kept."""
    root = tmp_path_factory.mktemp("lived")
    (root / "jobtui.toml").write_text("keep_runs = 2\n")

    @make
    def inner(n):
        return bytes([n]) * 3000

    @make(output=JsonFile(str(root / "{n}.json")))
    def outer(n):
        return {"n": n, "all": len(inner(n)) * [n]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOBTUI_ROOT", str(root))
        for number in range(RUNS):
            with tracing.enable_for_tests(root):
                # Each run shares half of what it needs with the one before.
                outer(number)
                outer(number + 1)
                inner(number + 10)
    return root


@pytest.fixture
def project(lived, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(lived, root)
    return open_project(root)


def ids(project) -> list[str]:
    return sorted(os.listdir(project.runs_folder))


def left(project) -> tuple[set[str], set[str], set[str]]:
    """Give the keys of results, the digests of outputs and the names of sources that there are."""
    names = [one.name for one in project.open_store().list()]
    return (
        {key_in(name) for name in names if name.endswith(".entry")},
        {name.removeprefix("blobs/") for name in names if name.startswith("blobs/")},
        {name for name in names if name.startswith("code/")},
    )


def test_a_run_needs_its_results_outputs_and_sources(project):
    run = ids(project)[2]
    star(project.runs_folder / run)
    needed = needed_by_starred(project.root)
    keys, outputs, sources = left(project)
    assert needed == needed_by(read_run(project.runs_folder / run))
    assert len(needed.keys) == 5
    assert needed.keys <= keys
    assert len(needed.outputs & outputs) == 2
    assert needed.sources & sources
    assert needed.runs == {run}


def test_whoever_deletes_results_learns_that_starred_runs_need_some(project):
    (catalogue,) = open_catalogues(project)
    list(catalogue.pages())
    assert needed_by_stars(project, catalogue.rows) == 0
    star(project.runs_folder / ids(project)[2])
    assert needed_by_stars(project, catalogue.rows) == 5


def test_old_runs_are_pruned_by_default(tmp_path):
    config = load_config(tmp_path)
    assert config.keep_runs == 1000
    assert size_of(config.keep_runs_size) == 1 << 30


def test_a_run_needs_the_figures_that_it_drew_and_the_entries_that_answered(tmp_path):
    trace = Trace(tmp_path, "2026-11-22T10-14-05-ab12").start()
    trace.call(1, "draw")
    trace.write("figure", call="1-1", name="f", png="a" * 32, svg="b" * 32, width=10, height=10)
    trace.called(
        1, "hit", key="1" * 32, entry="2" * 32, code="c" * 32, inner=[["a:f", "3" * 32, None]],
        accepted=[["a:f", "d" * 32, "e" * 32, ""]], outputs=[["x.npy", "f" * 32]],
    )  # fmt: skip
    trace.end()
    assert needed_by(read_run(trace.folder)) == Needed(
        keys=frozenset(digit * 32 for digit in "123"),
        outputs=frozenset(letter * 32 for letter in "abf"),
        sources=frozenset(f"code/{letter * 32}.json" for letter in "cde"),
        runs=frozenset([trace.run]),
    )


def test_without_stars_nothing_is_needed(project):
    note_run(project, "last", "no star", ["tag"])
    assert needed_by_starred(project.root) == NOTHING_NEEDED
    assert needed_by_starred(project.root / "nowhere") == NOTHING_NEEDED


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    starred=st.sets(st.integers(0, RUNS - 1)),
    size=st.none() | st.integers(0, 60_000),
    items=st.none() | st.integers(0, 15),
    age=st.none() | st.just(0.0),
    keep=st.none() | st.integers(1, RUNS),
)
def test_whatever_the_limits_are_what_is_needed_stays(
    lived, tmp_path_factory, starred, size, items, age, keep
):
    root = tmp_path_factory.mktemp("again") / "project"
    shutil.copytree(lived, root)
    project = open_project(root)
    chosen = [ids(project)[number] for number in starred]
    for run in chosen:
        star(project.runs_folder / run)
    before = left(project)
    needed = needed_by_starred(root)
    (catalogue,) = open_catalogues(project)
    list(catalogue.pages())
    looked = collect(project, catalogue, Limits(size, items, age), keep_runs=keep, dry_run=True)
    told = collect(project, catalogue, Limits(size, items, age), keep_runs=keep)
    assert told == looked
    keys, outputs, sources = left(project)
    assert needed.keys & before[0] <= keys
    assert needed.outputs & before[1] <= outputs
    assert needed.sources & before[2] <= sources
    assert set(chosen) <= set(ids(project))
    if not starred and items is not None:
        assert len(keys) <= items
    if age is not None:
        # And nothing else stays on their account.
        assert keys == needed.keys & before[0]
    shutil.rmtree(root)


def test_sources_of_starred_runs_are_not_among_those_that_are_too_many(project, monkeypatch):
    monkeypatch.setattr(reducing, "_MOST_SOURCES", 0)
    star(project.runs_folder / ids(project)[0])
    needed = needed_by_starred(project.root)
    before = left(project)[2]
    reduce_store(project.open_store(), Limits(items=100), needed=needed)
    assert left(project)[2] == needed.sources & before
    reduce_store(project.open_store(), Limits(items=100))
    assert left(project)[2] == set()


def test_shared_records_of_starred_runs_stay(tmp_path):
    store = MemoryStore()
    origin = origin_of(tmp_path)
    runs = [f"2026-11-22T10-14-0{number}-ab12" for number in range(4)]
    for run in runs:
        store.write(record_name(run, origin), b"{}")
    needed = Needed(runs=frozenset(runs[:1]))
    assert reduce_store(store, Limits(), keep_runs=2, needed=needed).runs == 1
    assert sorted(one.name for one in store.list()) == sorted(
        record_name(run, origin) for run in (runs[0], *runs[2:])
    )


def test_a_memory_that_makes_room_leaves_what_is_needed(project, monkeypatch):
    monkeypatch.setenv("JOBTUI_ROOT", str(project.root))
    star(project.runs_folder / ids(project)[1])
    needed = needed_by_starred(project.root).keys
    Memory(project.open_store(), verbose=0).reduce_size(items_limit=0)
    assert left(project)[0] == needed


def test_a_memory_with_a_limit_leaves_what_is_needed(project, monkeypatch):
    monkeypatch.setenv("JOBTUI_ROOT", str(project.root))
    star(project.runs_folder / ids(project)[1])
    needed = needed_by_starred(project.root).keys
    memory = Memory(project.open_store(), max_size=5000, verbose=0)

    @memory.cache
    def large(n):
        return bytes([n]) * 4000

    large(1), large(2), large(3)
    assert needed <= left(project)[0]
    assert len(left(project)[0]) <= len(needed) + 3


def test_starred_runs_are_not_pruned_nor_their_logs(project, monkeypatch):
    first, second, *_ = ids(project)
    for run in (first, second):
        (project.runs_folder / run / "output.log").write_text("said\n")
    star(project.runs_folder / first)
    monkeypatch.setattr(pruning, "_beyond", lambda project: (ids(project)[::-1], {first, second}))
    monkeypatch.setattr(Evidence, "superfluous", lambda self, runs: {first, second})
    assert prune_runs(project) == (second,)
    monkeypatch.setattr(Evidence, "superfluous", lambda self, runs: set())
    assert prune_runs(project) == ()
    assert (project.runs_folder / first / "output.log").exists()


def test_a_script_that_removes_runs_which_nobody_looks_at_leaves_starred_ones(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(removing, "_FEW", 3)
    monkeypatch.setattr(removing, "_TIMES", 1)
    monkeypatch.setattr(removing, "_AT_ONCE", 4)
    (tmp_path / "jobtui.toml").write_text("keep_runs = 5\n")
    folders = []
    for number in range(20):
        trace = Trace(tmp_path, f"2026-11-22T10-14-{number:02d}-ab12")
        trace.start(boot="another", pid=1, pid_start=1.0).end()
        folders.append(trace.folder)
    for folder in folders[:6]:
        star(folder)
    for _ in range(9):
        remove_unseen(tmp_path, tmp_path / ".jobtui/runs")
    found = sorted(os.listdir(tmp_path / ".jobtui/runs"))
    assert found[:6] == [folder.name for folder in folders[:6]]
    assert len(found) == 6
