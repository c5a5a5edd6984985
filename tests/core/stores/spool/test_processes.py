"""What one process leaves in the spool, and who sends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobtui_core.stores.spool import store as spool_module
from tests.core.forked import Forked
from tests.core.stores.spool.far import FarStore, opened
from tests.support import wait_until

REPOSITORY = Path(__file__).parents[4]

BEGINNING = """
import os, sys, time
from pathlib import Path
from jobtui_core.stores.spool import outbox
from tests.core.stores.spool.far import opened
outbox._FIRST_REST, outbox._WITHOUT_PROGRESS = 0.05, 1.0
base = Path(sys.argv[1])
def write(count, start=0):
    store = opened(base)
    for number in range(start, start + count):
        store.write(f"f/ab/{number}.entry", b"%d" % number)
    return store
"""


class Children:
    """Scripts that use one spool, and the store behind it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.far = FarStore(base)
        self.running: list[subprocess.Popen[str]] = []

    def start(self, code: str) -> subprocess.Popen[str]:
        """Start a script; it has come to its line ``print()`` when this returns."""
        path = self.base / f"script{len(self.running)}.py"
        path.write_text(BEGINNING + textwrap.dedent(code))
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.base),
            "PYTHONPATH": str(REPOSITORY),
        }
        child = subprocess.Popen(
            [sys.executable, str(path), str(self.base)],
            env=environment,
            cwd=self.base,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.running.append(child)
        assert child.stdout is not None
        child.stdout.readline()
        return child

    def end(self, child: subprocess.Popen[str]) -> str:
        """Wait for its end; give what it complained of."""
        _, errors = child.communicate(timeout=60)
        return errors

    def kill(self, child: subprocess.Popen[str]) -> None:
        child.kill()
        child.communicate(timeout=60)

    def say(self, name: str) -> None:
        (self.base / name).touch()

    def unsay(self, name: str) -> None:
        (self.base / name).unlink()

    @property
    def arrived(self) -> set[str]:
        return {one.name for one in self.far.inner.list()}

    @property
    def waiting(self) -> int:
        spool = self.base / ".jobtui" / "spool"
        return sum(path.is_file() for path in spool.glob("*/1-*/*"))


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    children = Children(tmp_path)
    yield children
    for child in children.running:
        if child.poll() is None:
            children.kill(child)
    spool_module._boxes.clear()
    spool_module._opened.clear()


def entries(count: int) -> set[str]:
    return {f"f/ab/{number}.entry" for number in range(count)}


def test_exit_waits_until_all_has_arrived(children: Children) -> None:
    children.say("hang")
    child = children.start("write(20); print(flush=True)")
    wait_until(lambda: children.far.log)
    assert child.poll() is None
    children.unsay("hang")
    assert children.end(child) == ""
    assert child.returncode == 0
    assert children.arrived == entries(20)
    assert len(children.far.log) == 20
    assert children.waiting == 0


@pytest.mark.parametrize(
    ("trouble", "words"), [("down", "does not answer"), ("denied", "refuses"), ("hang", "")]
)
def test_exit_does_not_wait_for_ever_and_says_what_is_left(
    children: Children, trouble: str, words: str
) -> None:
    children.say(trouble)
    child = children.start("write(3); print(flush=True)")
    errors = children.end(child)
    assert child.returncode == 0
    assert errors.startswith("jobtui: 3 results wait in .jobtui/spool and are sent by the next run")
    assert errors.count("\n") == 1
    assert words in errors
    assert children.waiting == 3
    children.unsay(trouble)
    assert children.end(children.start("write(1, 3); print(flush=True)")) == ""
    assert children.arrived == entries(4)
    assert children.waiting == 0


def test_an_interrupt_ends_the_wait_at_exit_at_once(children: Children) -> None:
    children.say("hang")
    child = children.start("""
    outbox._WITHOUT_PROGRESS = 60.0
    write(1)
    flush = outbox.Outbox.flush

    def told(box, timeout=None):
        print(flush=True)
        return flush(box, timeout)

    outbox.Outbox.flush = told
    """)
    child.send_signal(signal.SIGINT)
    errors = children.end(child)
    assert errors == "jobtui: 1 result waits in .jobtui/spool and is sent by the next run\n"
    assert children.waiting == 1


def test_what_a_killed_process_had_on_its_way_is_sent_by_the_next(children: Children) -> None:
    children.say("hang")
    child = children.start("write(30); print(flush=True); time.sleep(60)")
    wait_until(lambda: children.far.log)
    children.kill(child)
    assert children.waiting == 30
    children.unsay("hang")
    # One that reads is enough, and sees what was left at once.
    code = "assert opened(base).read('f/ab/7.entry') == b'7'; print(flush=True)"
    assert children.end(children.start(code)) == ""
    assert children.arrived == entries(30)
    assert children.waiting == 0
    assert not list((children.base / ".jobtui" / "spool").glob("*/1-*"))


def test_a_process_that_only_opens_the_store_sends_what_was_left(children: Children) -> None:
    children.say("down")
    children.kill(children.start("write(3); print(flush=True); time.sleep(60)"))
    children.unsay("down")
    assert children.end(children.start("opened(base); print(flush=True)")) == ""
    assert children.arrived == entries(3)


def test_what_is_only_looked_at_is_not_sent(children: Children) -> None:
    children.say("down")
    children.kill(children.start("write(3); print(flush=True); time.sleep(60)"))
    children.unsay("down")
    looking = opened(children.base, sends=False)
    assert looking.read("f/ab/1.entry") == b"1"
    assert {one.name for one in looking.list("f/")} == entries(3)
    code = """
    os.environ["JOBTUI_CHECK"] = "{}"
    assert opened(base).read("f/ab/1.entry") == b"1"
    opened(base, sends=False).read("f/ab/1.entry")
    print(flush=True)
    """
    assert children.end(children.start(code)) == ""
    assert children.waiting == 3
    assert children.far.log == []


def test_what_a_living_process_has_on_its_way_is_left_to_it(children: Children) -> None:
    children.say("hang")
    first = children.start("write(10); print(flush=True)")
    wait_until(lambda: len(children.far.log) == 4)
    second = children.start("""
    store = opened(base)
    assert store.read("f/ab/5.entry") == b"5"
    assert store.stat("f/ab/5.entry").size == 1
    assert store.write_if_absent("f/ab/5.entry", b"other") is False
    assert len(list(store.list("f/"))) == 10
    print(flush=True)
    """)
    assert children.end(second) == ""
    assert {pid for pid, _ in children.far.log} == {first.pid}
    children.unsay("hang")
    assert children.end(first) == ""
    assert sorted(children.far.log) == sorted((first.pid, name) for name in entries(10))


def test_a_later_write_by_another_process_wins(children: Children) -> None:
    children.say("down")
    first = children.start("write(3); print(flush=True); time.sleep(60)")
    children.end(children.start("opened(base).write('f/ab/1.entry', b'new'); print(flush=True)"))
    children.kill(first)
    children.unsay("down")
    assert children.end(children.start("opened(base); print(flush=True)")) == ""
    assert children.far.inner.read("f/ab/1.entry") == b"new"
    assert children.far.inner.read("f/ab/2.entry") == b"2"


def test_two_processes_that_find_the_same_leftovers_send_each_once(children: Children) -> None:
    children.say("down")
    children.kill(children.start("write(200); print(flush=True); time.sleep(60)"))
    children.unsay("down")
    children.say("hang")
    both = [children.start("print(flush=True); opened(base).read('a')") for _ in range(2)]
    children.unsay("hang")
    assert [children.end(one) for one in both] == ["", ""]
    assert sorted(name for _, name in children.far.log) == sorted(entries(200))
    assert children.waiting == 0


def test_a_forked_child_sees_what_its_parent_sends_and_leaves_it_to_it(
    children: Children,
) -> None:
    children.say("hang")
    store = opened(children.base)
    for number in range(3):
        store.write(f"f/ab/{number}.entry", b"%d" % number)
    wait_until(lambda: len(children.far.log) == 3)

    def child() -> tuple[bytes | None, int, int]:
        return store.read("f/ab/1.entry"), len(store.pending), store.flush()

    assert Forked(child).result() == (b"1", 0, 0)
    children.unsay("hang")
    assert store.flush() == 0
    assert len(children.far.log) == 3


def test_a_forked_child_sends_what_it_writes_itself(children: Children) -> None:
    store = opened(children.base)
    store.write("f/ab/0.entry", b"0")
    assert store.flush() == 0

    def child() -> tuple[int, int]:
        store.write("f/ab/1.entry", b"1")
        return os.getpid(), store.flush()

    pid, left = Forked(child).result()
    assert left == 0
    assert children.far.log == [(os.getpid(), "f/ab/0.entry"), (pid, "f/ab/1.entry")]


def test_what_a_forked_child_leaves_by_os_exit_its_parent_sends(children: Children) -> None:
    code = """
    import warnings
    store = write(1)
    store.flush()
    # Since 3.12 Python warns of every fork beside a thread, which is what this is about.
    warnings.simplefilter("ignore", DeprecationWarning)
    if os.fork() == 0:
        write(5, 1)
        os._exit(0)
    os.wait()
    print(flush=True)
    """
    children.say("down")
    child = children.start("(base / 'down').unlink()\n" + textwrap.dedent(code))
    assert children.end(child) == ""
    assert children.arrived == entries(6)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_multiprocessing_leave_nothing_behind(children: Children, method: str) -> None:
    code = f"""
    import multiprocessing

    def work(number):
        write(3, number)

    if __name__ == "__main__":
        with multiprocessing.get_context({method!r}).Pool(2) as pool:
            pool.map(work, [0, 3, 6, 9])
        opened(base)
        print(flush=True)
    """
    child = children.start(code)
    assert children.end(child) == ""
    assert children.arrived == entries(12)
    assert children.waiting == 0


def test_workers_of_loky_leave_nothing_behind(children: Children) -> None:
    pytest.importorskip("joblib", exc_type=ImportError)
    code = """
    from joblib import Parallel, delayed

    def work(number):
        write(3, number)

    if __name__ == "__main__":
        Parallel(n_jobs=2)(delayed(work)(number) for number in [0, 3, 6, 9])
        opened(base)
        print(flush=True)
    """
    child = children.start(code)
    assert children.end(child) == ""
    wait_until(lambda: children.arrived == entries(12))


def test_what_is_written_while_the_interpreter_ends_is_sent(children: Children) -> None:
    code = """
    import atexit
    atexit.register(lambda: write(5, 5))
    write(5)
    print(flush=True)
    """
    assert children.end(children.start(code)) == ""
    assert children.arrived == entries(10)
