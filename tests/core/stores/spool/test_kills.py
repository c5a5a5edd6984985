"""A process that is killed at any of its calls of the operating system leaves nothing wrong."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.stores.spool import outbox
from jobtui_core.stores.spool import store as spool_module
from tests.core.memory.faults.calls import come_between
from tests.core.stores.spool.far import opened

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

CONTENTS = {"f/ab/0.entry": b"one" * 50, "f/cd/1.entry": b"two", "g/ab/2.entry": b""}


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    spool_module._boxes.clear()
    spool_module._opened.clear()


def play(base: Path, say: int) -> None:
    """Write everything, say of each object that it was written, and wait until it has arrived."""
    store = opened(base)
    for number, (name, data) in enumerate(CONTENTS.items()):
        store.write(name, data)
        os.write(say, b"%d" % number)
    store.flush()
    store.write("f/ab/0.entry", b"again")
    os.write(say, b"3")
    store.flush()


def killed_at(base: Path, number: int) -> tuple[bool, bytes]:
    """Play in a child that is killed before its n-th call; tell whether, and what it said."""
    said, say = os.pipe()
    with warnings.catch_warnings():
        # From 3.12 on Python warns of forking beside threads: those that sent before are idle.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        # Nothing of the test may go on here, whatever happens.
        try:
            counted, lock, real_write = iter(range(1_000_000)), threading.Lock(), os.write

            def between(name: str, call: Callable[[], Any]) -> Any:
                with lock:
                    if next(counted) == number:
                        os.kill(os.getpid(), signal.SIGKILL)
                return call()

            come_between(between)
            os.write = real_write
            outbox._SENDERS = 1
            play(base, say)
        finally:
            os._exit(0)
    os.close(say)
    heard = b""
    while data := os.read(said, 100):
        heard += data
    os.close(said)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1]), heard


def test_what_was_written_arrives_whole_wherever_its_writer_is_killed(tmp_path: Path) -> None:
    number = 0
    while True:
        base = tmp_path / str(number)
        base.mkdir()
        killed, said = killed_at(base, number)
        store = opened(base)
        assert store.flush() == 0
        for index, (name, data) in enumerate(CONTENTS.items()):
            found = store.inner.read(name)
            wanted: set[bytes | None] = {data}
            if b"%d" % index not in said:
                wanted.add(None)
            if index == 0 and b"2" in said:
                wanted = {b"again"} if b"3" in said else {data, b"again"}
            assert found in wanted, (number, name, said)
            assert store.read(name) == found
        left = [path for path in (base / ".jobtui").glob("spool/*/1-*/*") if path.is_file()]
        assert left == [], number
        if not killed:
            break
        number += 3
    assert number > 60
