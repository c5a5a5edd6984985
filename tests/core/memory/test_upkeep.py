"""Looking through what is stored of a function: entries, why a call would miss, what to forget."""

from __future__ import annotations

import asyncio
import os
import pickle
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jobtui_core import JsonFile, Memory, make
from jobtui_core.memory import AsyncNotMemorizedFunc, BadCallError
from jobtui_core.records import ReasonKind
from jobtui_core.upkeep.contents import is_entry

ran = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


@pytest.fixture
def load(memory):
    @memory.cache
    def load(n, scale=1.0, *, password=""):
        ran.append(n)
        return [n * scale]

    return load


def no_pickle(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("something was unpickled")

    monkeypatch.setattr(pickle, "loads", refuse)
    monkeypatch.setattr(pickle, "Unpickler", refuse)


def names(memory):
    return sorted(one.name for one in memory.store.list() if is_entry(one.name))


# Counting


def test_hits_and_misses_are_counted_for_each_function(memory, load):
    other = memory.cache(abs)
    for n in (1, 2, 1, 1):
        load(n)
    other(-1)
    assert (load.hits, load.misses) == (2, 2)
    assert (other.hits, other.misses) == (0, 1)


def test_a_call_that_runs_whatever_is_stored_is_a_miss(load):
    load(1)
    load.call(1)
    assert (load.hits, load.misses) == (0, 2)
    load.call_and_shelve(1)
    assert (load.hits, load.misses) == (1, 2)


def test_calls_that_fail_or_cannot_be_stored_are_misses(memory):
    @memory.cache
    def fail(x):
        raise KeyError(x)

    with pytest.raises(KeyError):
        fail(1)
    assert (fail.hits, fail.misses) == (0, 1)


def test_counts_lose_nothing_to_other_threads(load):
    load(1)
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(500):
            load(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (load.hits, load.misses) == (2000, 1)
    assert load.hits == 2000, "to ask is not to count"


def test_cache_info_is_that_of_functools(load):
    for n in (1, 2, 1):
        load(n)
    info = load.cache_info()
    assert info == (1, 2, None, 2)
    assert info._fields == ("hits", "misses", "maxsize", "currsize")
    assert not hasattr(load, "cache_clear")


def test_coroutines_are_counted_too(memory):
    @memory.cache
    async def load(n):
        return n

    asyncio.run(load(1))
    asyncio.run(load(1))
    assert (load.hits, load.misses) == (1, 1)


# Entries


def test_entries_tell_of_calls_without_reading_results(memory, load, monkeypatch):
    before = time.time()
    load(1, password="secret")
    load(2, scale=np.float64(3))
    no_pickle(monkeypatch)
    found = {one.arguments["n"]: one for one in load.entries()}
    assert set(found) == {"1", "2"}
    one = found["1"]
    assert one.arguments == {"n": "1", "scale": "1.0", "password": "<hidden>"}
    assert one.function == load.identity
    assert before - 1 <= one.started <= time.time()
    assert 0 <= one.duration < 10
    assert one.size == memory.store.stat(f"{_folder(memory)}/{one.key[:2]}/{one.key}.entry").size
    assert one.is_current
    assert one.preview.text == "[1.0]"
    assert ran == [1, 2]


def _folder(memory):
    (folder,) = {name.partition("/")[0] for name in names(memory)}
    return folder


def test_entries_are_read_as_they_are_asked_for(load):
    load(1)
    assert isinstance(load.entries(), Iterator)


def test_a_use_is_told_by_the_entry(load):
    load(1)
    (one,) = load.entries()
    os.utime(load.store_backend.local_path(_name(load, one)), (1e9, 1e9))
    assert next(load.entries()).last_used == 1e9
    load(1)
    assert time.time() - 60 < next(load.entries()).last_used <= time.time()


def _name(function, one):
    (name,) = [
        item.name
        for item in function.store_backend.list()
        if item.name.endswith(f"{one.key}.entry")
    ]
    return name


def test_entries_of_other_functions_and_damaged_ones_are_left_out(memory, load):
    memory.cache(abs)(-1)
    for n in (1, 2):
        load(n)
    bad = next(name for name in names(memory) if "load" in name)
    memory.store.write(bad, b"garbage")
    assert len(list(load.entries())) == 1
    strange = bad.replace(bad.rpartition("/")[2], "0" * 32 + ".entry")
    memory.store.write(strange, memory.store.read(next(n for n in names(memory) if "abs" in n)))
    assert len(list(load.entries())) == 1


def test_an_entry_reads_as_the_call_it_is_of(load):
    load(1)
    text = str(next(load.entries()))
    assert "load(n=1, scale=1.0, password=<hidden>) of " in text
    assert text.endswith(" bytes")


# Forgetting


def test_a_call_that_is_forgotten_is_computed_again_and_others_are_not(load):
    load(1), load(2)
    assert load.forget(1) is True
    assert load.forget(n=1) is False
    load(1), load(2)
    assert ran == [1, 2, 1]


def test_a_call_that_fits_no_signature_cannot_be_forgotten(load):
    with pytest.raises(BadCallError):
        load.forget(1, 2, 3, 4)


def test_a_damaged_entry_can_be_forgotten(memory, load):
    load(1)
    memory.store.write(names(memory)[0], b"garbage")
    assert load.forget(1)
    assert names(memory) == []


def test_what_cannot_be_hashed_was_never_stored(load):
    assert load.forget(threading.Lock()) is False


def test_a_step_forgets_a_call_and_its_file_stays(tmp_path):
    @make(output=JsonFile("out.json"))
    def step(n):
        ran.append(n)
        return n

    step(1)
    assert step.forget(1)
    assert Path("out.json").exists()
    step(1)
    assert ran == [1, 1]


def test_a_method_forgets_and_explains_calls_of_its_instance(memory):
    class Model:
        def __init__(self, rate):
            self.rate = rate

        @memory.cache
        def fit(self, x):
            ran.append(x)
            return self.rate * x

    one, other = Model(1), Model(2)
    one.fit(1), other.fit(1)
    assert one.fit.explain(1).hit
    assert one.fit.forget(1)
    assert not one.fit.explain(1).hit
    assert other.fit.explain(1).hit


# Explaining


def kinds(explanation):
    return [reason.kind for reason in explanation.reasons]


def test_a_call_that_is_stored_would_be_a_hit(load, monkeypatch):
    load(1)
    no_pickle(monkeypatch)
    found = load.explain(1)
    assert found.hit
    assert found.reasons == ()
    assert found.nearest.arguments["n"] == "1"
    assert "a hit: load(n=1" in str(found)


def test_of_a_function_that_never_ran_there_is_no_result(load):
    found = load.explain(1)
    assert (found.hit, kinds(found), found.nearest) == (False, [ReasonKind.NEVER_RUN], None)
    assert str(found) == "load: a miss: no result of it is stored here"


def test_the_argument_that_is_another_is_named_with_both_values(load, monkeypatch):
    load(1, scale=2.0)
    load(7, scale=9.0)
    no_pickle(monkeypatch)
    found = load.explain(1, scale=3.0)
    assert [(r.kind, r.subject, r.old, r.new) for r in found.reasons] == [
        (ReasonKind.PARAMETER_CHANGED, "scale", "2.0", "3.0")
    ]
    assert found.nearest.arguments["scale"] == "2.0"
    assert str(found).startswith("load: a miss: scale: 2.0 → 3.0\n    the nearest result: load(n=1")
    assert ran == [1, 7]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0000281, "0 ms"),
        (0.3114, "311 ms"),
        (0.9999, "1.0 s"),
        (3.21, "3.2 s"),
        (4321.0, "4,321 s"),
    ],
)
def test_how_long_a_stored_call_took_is_written_for_people(load, seconds, text):
    load(1)
    (stored,) = load.entries()
    assert f", {text}, " in str(replace(stored, duration=seconds))


def test_what_a_function_of_a_prompt_reads_is_named_where_one_of_it_is_another(tmp_path):
    prompt = {"__name__": "__main__", "offset": 1}
    exec("def helper(x): return x + offset", prompt)
    exec("def shift(x): return helper(x)", prompt)
    shift = Memory(tmp_path / "prompt", verbose=0).cache(prompt["shift"])
    shift(1)
    exec("def helper(x): return x - offset", prompt)
    (reason,) = shift.explain(1).reasons
    assert reason.summary.startswith("a value that it reads is another one: one of helper, ")


def test_values_that_look_alike_are_said_to(load):
    load(np.arange(10_000))
    other = np.arange(10_000)
    other[5000] = -1
    (reason,) = load.explain(other).reasons
    assert "it looks the same" in reason.summary or reason.old != reason.new
    load(1, password="one")
    (reason,) = load.explain(1, password="two").reasons
    assert "one" not in str(reason.old) + str(reason.new)
    assert "looks the same: <hidden>" in reason.summary


@pytest.mark.parametrize("where", ["function", "helper"])
def test_code_that_changed_comes_with_its_diff(run, tmp_path, where):
    script = """
        from jobtui_core import Memory
        memory = Memory("cache", verbose=0)
        def helper(x):
            return x + 1
        @memory.cache
        def load(x):
            y = helper(x)
            return y * 2
        if "explain" not in globals().get("ASK", "{ask}"):
            load(1)
        else:
            found = load.explain(1)
            print(found.reasons[0].kind, found.hit, found.nearest.is_current)
            print(found)
        """
    old, new = {"function": ("y * 2", "y * 3"), "helper": ("x + 1", "x + 5")}[where]
    text = textwrap.dedent(script)
    (tmp_path / "script.py").write_text(text.replace("{ask}", "no"))
    run()
    (tmp_path / "script.py").write_text(text.replace("{ask}", "explain").replace(old, new))
    words = run()
    assert words[:3] == ["code-changed", "False", "False"]
    joined = " ".join(words)
    assert f"return {old}" in joined
    assert f"return {new}" in joined
    assert ("helper" in joined.partition("nearest")[0]) == (where == "helper")


def test_a_value_that_counts_and_is_another_one_is_told(memory, run, tmp_path):
    (tmp_path / "script.py").write_text(
        textwrap.dedent(
            """
            import sys
            from jobtui_core import Memory
            memory = Memory("cache", verbose=0)
            TABLE = list(range(int(open("size").read())))
            @memory.cache
            def load(x):
                return x + len(TABLE)
            print(load.explain(1))
            load(1)
            """
        )
    )
    (tmp_path / "size").write_text("3")
    run()
    (tmp_path / "size").write_text("4")
    assert any("TABLE" in word for word in run())


def test_a_damaged_entry_is_the_reason(memory, load):
    load(1)
    load(2)
    name = next(n for n in names(memory) if next(load.entries()).key in n)
    asked = next(load.entries()).arguments["n"]
    memory.store.write(name, b"garbage")
    found = load.explain(int(asked))
    assert not found.hit
    assert names(memory).count(name) == 1


def test_what_has_no_key_is_said(load):
    found = load.explain(threading.Lock())
    assert kinds(found) == [ReasonKind.CANNOT_FOLLOW]
    assert "lock" in str(found)


def test_a_validation_callback_is_named(memory):
    f = memory.cache(abs, cache_validation_callback=lambda metadata: False)
    f(-1)
    found = f.explain(-1)
    assert kinds(found) == [ReasonKind.CANNOT_FOLLOW]
    assert "cache_validation_callback" in str(found)


def test_a_step_tells_of_inputs_undeclared_files_and_outputs(tmp_path):
    @make(inputs=["{path}"], output=JsonFile("out.json"), history=False)
    def read(path, by="words"):
        Path("undeclared.txt").read_text()
        return Path(path).read_text().split()

    Path("data.txt").write_text("a b")
    Path("undeclared.txt").write_text("x")
    assert kinds(read.explain("data.txt")) == [ReasonKind.NEVER_RUN]
    read("data.txt")
    assert read.explain("data.txt").hit
    Path("data.txt").write_text("a b c")
    found = read.explain("data.txt")
    assert [(r.kind, r.subject) for r in found.reasons] == [(ReasonKind.INPUT_CHANGED, "data.txt")]
    Path("data.txt").unlink()
    assert "does not exist" in str(read.explain("data.txt"))
    Path("data.txt").write_text("a b")
    os.unlink("out.json")
    assert kinds(read.explain("data.txt")) == [ReasonKind.OUTPUT_MODIFIED]


def test_explaining_changes_nothing(memory, load):
    load(1)

    def state():
        found = []
        for folder, _, files in os.walk(memory.store.path):
            found += [(folder, name, os.stat(f"{folder}/{name}").st_mtime_ns) for name in files]
        return sorted(found)

    before = state()
    load.explain(1), load.explain(2), list(load.entries()), load.cache_info()
    assert state() == before
    assert (load.hits, load.misses) == (0, 1)


def test_hostile_entries_come_as_text(memory, load):
    load("\x1b[31mred\x1b[0m\n" * 3, scale=2)
    text = str(next(load.entries())) + str(load.explain("other", scale=2))
    assert "\x1b" not in text
    assert "\nred" not in text


# Where nothing is kept


def test_a_memory_that_keeps_nothing_has_the_same_interface():
    f = Memory(None).cache(abs)
    f(-1)
    assert list(f.entries()) == []
    assert f.forget(-1) is False
    assert f.cache_info() == (0, 0, None, 0)
    assert (f.hits, f.misses) == (0, 0)
    found = f.explain(-1)
    assert (found.hit, kinds(found)) == (False, [ReasonKind.NEVER_RUN])
    assert "nothing is kept" in str(found)


def test_so_has_a_coroutine_function():
    async def f(x):
        return x

    f = Memory(None).cache(f)
    assert isinstance(f, AsyncNotMemorizedFunc)
    assert not f.explain(1).hit
