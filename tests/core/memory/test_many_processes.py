"""Processes that make equal calls at once: one computes, whatever becomes of it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import ExitStack

import pytest

from jobtui_core import Memory
from jobtui_core.errors import CacheWarning
from jobtui_core.memory import flights, waiting
from tests.core.forked import Forked
from tests.core.isolation import clean_environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

PATIENCE = 30


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.001)


class Lab:
    """Functions that tell in files that they run, and run until they may end."""

    def __init__(self, folder):
        self.folder = folder
        self.memory = Memory(folder / "cache", verbose=0)

    def note(self, text):
        descriptor = os.open(self.folder / "ran", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{text}\n".encode())
        os.close(descriptor)

    @property
    def ran(self):
        path = self.folder / "ran"
        return path.read_text().split() if path.exists() else []

    def may_end(self):
        (self.folder / "end").touch()

    def wait_for_end(self):
        until((self.folder / "end").exists)


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


@pytest.fixture
def slow(lab):
    """A function that runs until the test lets it end."""
    return lab.memory.cache(make_slow(lab))


def make_slow(lab):
    def slow(x):
        lab.note(x)
        lab.wait_for_end()
        return [x]

    return slow


@pytest.fixture
def looks(monkeypatch):
    """Count looks at other processes, and take them often."""
    counted = []

    def pause(self):
        counted.append(1)
        return 0.001

    monkeypatch.setattr(waiting.Wait, "pause", pause)
    monkeypatch.setattr(waiting, "LOOK_UP", 0.001)
    return counted


def in_thread(action):
    """Run something in a thread; give what gives its result."""
    found = []
    thread = threading.Thread(target=lambda: found.append(action()), daemon=True)
    thread.start()

    def result():
        thread.join(PATIENCE)
        assert found, "it hangs, or failed"
        return found[0]

    return result


def test_forked_processes_compute_once(lab, slow):
    with ExitStack() as stack:
        children = [stack.enter_context(Forked(lambda: slow(1))) for _ in range(4)]
        until(lambda: lab.ran)
        # The others come, and wait.
        time.sleep(0.05)
        lab.may_end()
        assert [child.result() for child in children] == [[1]] * 4
    assert lab.ran == ["1"]


def test_a_process_waits_for_another_one(lab, slow, looks):
    with Forked(lambda: slow(1)) as child:
        until(lambda: lab.ran)
        result = in_thread(lambda: slow(1))
        until(lambda: len(looks) > 3)
        lab.may_end()
        assert result() == child.result() == [1]
    assert lab.ran == ["1"]


def test_a_killed_process_is_waited_for_no_longer(lab, slow, looks):
    with Forked(lambda: slow(1)) as child:
        until(lambda: lab.ran)
        result = in_thread(lambda: slow(1))
        until(lambda: len(looks) > 3)
        assert lab.ran == ["1"]
        child.send(signal.SIGKILL)
        until(lambda: len(lab.ran) == 2)
        lab.may_end()
        assert result() == [1]
    assert lab.ran == ["1", "1"]


def test_of_those_that_wait_for_a_killed_process_one_computes(lab, slow):
    with ExitStack() as stack:
        first = stack.enter_context(Forked(lambda: slow(1)))
        until(lambda: lab.ran)
        others = [stack.enter_context(Forked(lambda: slow(1))) for _ in range(3)]
        time.sleep(0.05)
        first.kill()
        until(lambda: len(lab.ran) == 2)
        time.sleep(0.1)
        lab.may_end()
        assert [one.result() for one in others] == [[1]] * 3
    assert lab.ran == ["1", "1"]


def test_a_stopped_process_is_not_waited_for(lab, slow, looks, monkeypatch):
    monkeypatch.setattr(waiting, "STOPPED_FOR", 0.05)
    with Forked(lambda: slow(1)) as child:
        until(lambda: lab.ran)
        child.send(signal.SIGSTOP)
        result = in_thread(lambda: slow(1))
        until(lambda: len(lab.ran) == 2)
        lab.may_end()
        assert result() == [1]
        child.send(signal.SIGCONT)
        assert child.result() == [1]


def test_a_wait_for_a_process_has_a_limit(lab, looks):
    slow = lab.memory.cache(make_slow(lab), single_flight=0.05)
    with Forked(lambda: slow(1)) as child:
        until(lambda: lab.ran)
        result = in_thread(lambda: slow(1))
        until(lambda: len(lab.ran) == 2)
        lab.may_end()
        assert result() == child.result() == [1]


def test_whom_a_call_waits_for_is_told(lab, slow, looks, caplog, monkeypatch):
    monkeypatch.setattr(waiting, "TELL_AFTER", 0.0)
    with (
        caplog.at_level(logging.INFO, "jobtui_core.memory"),
        Forked(lambda: slow(1)) as child,
    ):
        until(lambda: lab.ran)
        result = in_thread(lambda: slow(1))
        until(lambda: f"process {child.pid}" in caplog.text)
        lab.may_end()
        assert result() == [1]
    assert caplog.text.count("waiting for") == 1


def test_an_interrupt_ends_the_wait_at_once(lab, slow):
    def interrupted():
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            slow(1)
        except KeyboardInterrupt:
            return "interrupted"

    with Forked(lambda: slow(1)) as owner:
        until(lambda: lab.ran)
        with Forked(interrupted) as child:
            assert child.result() == "interrupted"
        lab.may_end()
        assert owner.result() == [1]
    assert lab.ran == ["1"]


def test_a_call_that_fails_is_taken_over(lab):
    @lab.memory.cache
    def flaky(x):
        lab.note(x)
        if len(lab.ran) == 1:
            lab.wait_for_end()
            raise RuntimeError("once")
        return [x]

    def failed():
        with pytest.raises(RuntimeError, match="once"):
            flaky(1)

    with Forked(failed) as first:
        until(lambda: lab.ran)
        with Forked(lambda: flaky(1)) as second, Forked(lambda: flaky(1)) as third:
            time.sleep(0.05)
            lab.may_end()
            first.result()
            assert second.result() == third.result() == [1]
    assert lab.ran == ["1", "1"]


def test_what_cannot_be_stored_is_not_computed_one_after_the_other(lab, tmp_path):
    """Of many processes the third and later compute together: two waits were in vain."""

    @lab.memory.cache
    def opened(x):
        lab.note(x)
        if len(lab.ran) >= 3:
            until(lambda: len(lab.ran) == 5)
        elif len(lab.ran) == 1:
            lab.wait_for_end()
        else:
            time.sleep(0.2)
        return (item for item in [x])

    ready = tmp_path / "ready"
    ready.touch()

    def call():
        with ready.open("a") as file:
            file.write("x")
        with pytest.warns(CacheWarning, match="cannot be stored"):
            return list(opened(1))

    with ExitStack() as stack:
        children = [stack.enter_context(Forked(call)) for _ in range(5)]
        until(lambda: lab.ran and ready.stat().st_size == 5)
        # One that came later would wait for the third, which waits for all.
        time.sleep(0.5)
        lab.may_end()
        assert [child.result() for child in children] == [[1]] * 5
    assert len(lab.ran) == 5


def test_a_child_does_not_wait_for_what_its_parent_computes(lab, slow):
    """The parent may be waiting for the child; and what is locked there stays locked."""
    result = in_thread(lambda: slow(1))
    until(lambda: lab.ran)
    other = lab.memory.cache(len)
    with Forked(lambda: (other([1, 2]), slow(1))) as child:
        # Neither the lock of the board nor the flight of another thread came with the fork.
        until(lambda: len(lab.ran) == 2)
        lab.may_end()
        assert child.result() == (2, [1])
    assert result() == [1]


def test_a_fork_takes_no_lock_away(lab, slow):
    """A child that ends, or gives its parent's lock back, lets nobody else in."""
    locks = lab.memory.store.locks
    with Forked(lambda: slow(1)) as owner:
        until(lambda: lab.ran)
        assert locks.take("other")
        with Forked(lambda: locks.release("other")) as child:
            child.result()
        with Forked(lambda: locks.take("other")) as child:
            assert child.result() is False
        locks.release("other")
        lab.may_end()
        assert owner.result() == [1]


def test_a_call_that_forks_ends_in_both(lab):
    """A function whose body forks, and goes on in the child, too."""

    @lab.memory.cache
    def forks(x):
        lab.note(x)
        return Forked(lambda: forks.func.__name__), x

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        child, _ = forks(1)
    with child:
        assert child.result() == "forks"
    assert flights.board().flights == {}


CIRCLE = """
import os, pathlib, sys, time
from jobtui_core import Memory

memory = Memory("cache", verbose=0)

def met(name):
    pathlib.Path(name).touch()
    while not (os.path.exists("one") and os.path.exists("two")):
        time.sleep(0.001)

@memory.cache(ignore=["deep"])
def one(x, deep):
    if not deep:
        return x
    met("one")
    return two(x, False) + 1

@memory.cache(ignore=["deep"])
def two(x, deep):
    if not deep:
        return x
    met("two")
    return one(x, False) + 1

print(globals()[sys.argv[1]](1, True))
"""


def test_two_processes_that_wait_for_each_other_do_not_hang(tmp_path):
    """Ignored arguments make it possible: each calls what the other one computes."""
    (tmp_path / "script.py").write_text(CIRCLE)
    started = [
        subprocess.Popen(
            [sys.executable, "script.py", name],
            cwd=tmp_path,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    said = [process.communicate(timeout=PATIENCE)[0] for process in started]
    # One of them at least did not wait; the other one did, or came late.
    assert sorted(said) in (["2\n", "2\n"], ["2\n", "3\n"])


def test_recursion_in_several_processes_computes_each_call_once(lab):
    @lab.memory.cache
    def fib(n):
        lab.note(n)
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    with ExitStack() as stack:
        children = [stack.enter_context(Forked(lambda n=n: fib(n))) for n in (16, 15, 14)]
        assert [child.result() for child in children] == [987, 610, 377]
    assert sorted(map(int, lab.ran)) == list(range(17))


async def test_an_event_loop_goes_on_while_a_task_waits(lab, looks):
    @lab.memory.cache
    async def slow(x):
        lab.note(x)
        lab.wait_for_end()
        return [x]

    with Forked(lambda: asyncio.run(slow(1))) as child:
        until(lambda: lab.ran)
        task = asyncio.create_task(slow(1))
        turns = 0
        while len(looks) < 4:
            await asyncio.sleep(0)
            turns += 1
        assert not task.done()
        assert turns > 4
        lab.may_end()
        assert await asyncio.wait_for(task, PATIENCE) == child.result() == [1]
    assert lab.ran == ["1"]


def test_where_nothing_can_be_locked_it_computes(lab, tmp_path):
    (tmp_path / "file").write_text("")
    ran = []

    @Memory(tmp_path / "file", verbose=0).cache
    def add(x):
        ran.append(x)
        return x + 1

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        assert [add(1), add(1)] == [2, 2]
    assert ran == [1, 1]


def test_locks_leave_nothing_behind(lab):
    @lab.memory.cache
    def add(x):
        return x + 1

    for number in range(50):
        add(number)
    hidden = [path for path in lab.memory.store.path.iterdir() if path.name.startswith(".")]
    assert [path.name for path in hidden if path.is_file()] == [".locks"]
    assert (lab.memory.store.path / ".locks").stat().st_size == 0
    names = [item.name for item in lab.memory.store.list()]
    assert len([name for name in names if name.endswith(".entry")]) == 50
    assert ".locks" not in names


def test_an_equal_result_that_another_process_deleted_is_computed_again(lab):
    """What is reused within a process stands only while its entry does."""

    @lab.memory.cache
    def add(x):
        lab.note(x)
        return x + 1

    assert [add(1), add(1), add(1)] == [2, 2, 2]
    with Forked(lambda: lab.memory.clear(warn=False)) as child:
        child.result()
    assert add(1) == 2
    with Forked(add.clear) as child:
        child.result()
    assert add(1) == 2
    assert lab.ran == ["1", "1", "1"]


SCRIPT = """
import os, pathlib, time
from jobtui_core import Memory, make

def note(text):
    descriptor = os.open("ran", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (text + "\\n").encode())
    os.close(descriptor)

@make
def step(x):
    note("step")
    while not pathlib.Path("end").exists():
        time.sleep(0.002)
    return [x]

@Memory("cache", verbose=0).cache
def cached(x):
    note("cached")
    time.sleep(0.05)
    return (x, x)

note("begun")
print(step(1), cached(1))
"""


def test_scripts_run_at_once_compute_once_and_their_records_tell(lab, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    started = [
        subprocess.Popen(
            [sys.executable, "script.py"],
            cwd=tmp_path,
            env={**clean_environment(), "JOBTUI_TRACE": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    until(lambda: lab.ran.count("begun") == 3 and "step" in lab.ran)
    time.sleep(0.1)
    lab.may_end()
    said = [process.communicate(timeout=PATIENCE)[0] for process in started]
    assert said == ["[1] (1, 1)\n"] * 3
    assert sorted(lab.ran) == ["begun"] * 3 + ["cached", "step"]
    states = []
    for path in tmp_path.glob(".jobtui/runs/*/events.jsonl"):
        events = [json.loads(line) for line in path.read_text().splitlines()]
        states += [one["state"] for one in events if one["event"] == "call_end"]
    assert sorted(states) == ["computed"] * 2 + ["hit"] * 4
