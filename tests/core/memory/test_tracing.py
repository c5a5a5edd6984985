"""What the trace of a run says about calls."""

from __future__ import annotations

import threading

import pytest

from jobtui_core import JsonFile, Memory, default_param, make, tracing
from jobtui_core.entry import entry_name, read_info
from jobtui_core.errors import CacheWarning
from jobtui_core.memory.project import project_store
from jobtui_core.records import CallState
from jobtui_core.tracing.read import read_run


@pytest.fixture
def traced(tmp_path):
    """Do something in a run, and give the run's records."""

    def trace(*actions):
        with tracing.enable_for_tests(tmp_path) as run:
            for action in actions:
                action()
        return read_run(run.folder)

    return trace


@make(inputs=["data.txt"], output=JsonFile("out.json"))
def load():
    with open("side.txt") as file:
        return file.read()


@make
def summary(n):
    return load() * n


def test_a_call_says_what_it_took_and_gave(tmp_path, traced):
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "side.txt").write_text("side")
    first, second = traced(load, load).calls
    assert (first.state, second.state) == (CallState.COMPUTED, CallState.HIT)
    assert first.name == "load"
    assert first.function.endswith(":load")
    assert first.kind == "step"
    for name in ("key", "result", "code", "inputs", "met", "outputs", "function"):
        assert getattr(first, name) == getattr(second, name)
        assert getattr(first, name)
    assert [path for path, _ in first.inputs] == ["data.txt"]
    assert [path for path, _ in first.met] == ["side.txt"]
    assert [path for path, _ in first.outputs] == ["out.json"]
    assert second.saved > 0


def test_the_entry_says_the_same(tmp_path, traced):
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "side.txt").write_text("side")
    inner, outer = sorted(traced(lambda: summary(2)).calls, key=lambda call: call.name)
    info = read_info(project_store(), entry_name(outer.function, outer.key))
    assert info.function == outer.function
    assert info.code == outer.code
    assert info.result == outer.result
    assert info.arguments["n"]["preview"] == "2"
    assert info.inner == [[inner.function, inner.key, inner.result]]
    assert {path for path, _ in info.inputs} == {"data.txt"}
    assert {path for path, _ in info.met} == {"side.txt"}
    assert info.run
    assert info.call == outer.id
    assert info.versions["python"]


def test_a_hit_carries_the_inner_calls_of_its_entry(tmp_path, traced):
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "side.txt").write_text("side")
    computed = {call.name: call for call in traced(lambda: summary(3)).calls}
    assert computed["load"].parent == computed["summary"].id
    (hit,) = traced(lambda: summary(3)).calls
    assert hit.state is CallState.HIT
    load_call = computed["load"]
    assert hit.inner == ((load_call.function, load_call.key, load_call.result),)


def test_a_failure_is_recorded_with_its_traceback(traced):
    @make
    def fails():
        raise KeyError("mine")

    def attempt():
        with pytest.raises(KeyError):
            fails()

    (call,) = traced(attempt).calls
    assert call.state is CallState.FAILED
    assert call.error.type == "KeyError"
    assert "in fails" in call.error.traceback


def test_a_missing_input_is_a_failed_call(traced):
    def attempt():
        with pytest.raises(FileNotFoundError):
            load()

    (call,) = traced(attempt).calls
    assert call.state is CallState.FAILED
    assert "data.txt does not exist" in call.error.message


def test_a_call_that_cannot_be_kept_says_why(tmp_path, traced):
    @Memory(tmp_path / ".cache").cache
    def locked(thing):
        return 1

    def attempt():
        with pytest.warns(CacheWarning):
            locked(threading.Lock())

    (call,) = traced(attempt).calls
    assert call.state is CallState.UNCACHED
    assert call.kind == "memoized"
    assert call.key is None
    assert "runs uncached" in call.notes[0]


def test_sources_behind_a_call_are_kept_once(traced):
    @make
    def f():
        return 1

    (call, _) = traced(f, f).calls
    assert b'"symbols"' in project_store().read(f"code/{call.code}.json")


def test_put_back_and_edited_outputs_are_noted(tmp_path, traced):
    @make(output=JsonFile("x.json"))
    def f():
        return 1

    f()
    (tmp_path / "x.json").unlink()
    (call,) = traced(f).calls
    assert call.notes == ("x.json was put back",)
    (tmp_path / "x.json").write_text("edited")
    with pytest.warns(CacheWarning):
        (call,) = traced(f).calls
    assert "was edited" in call.notes[0]


def test_where_an_entry_is_kept_is_told_unless_it_is_the_projects_store(tmp_path, traced):
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "side.txt").write_text("side")
    near = Memory("near").cache(str)
    far = Memory("memory://test-tracing").cache(str)
    calls = traced(load, lambda: near(1), lambda: near(1), lambda: far(1)).calls
    assert [call.store for call in calls] == [
        None,
        "near/jobtui",
        "near/jobtui",
        "memory://test-tracing/jobtui",
    ]


def test_parameters_are_recorded(traced):
    trace = traced(lambda: default_param("window", 52))
    assert trace.parameters["window"].value == 52
