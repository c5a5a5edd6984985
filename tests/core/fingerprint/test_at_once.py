"""Several threads that work through one source for the first time come to the same."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from jobtui_core.fingerprint import facts, snapshot
from jobtui_core.fingerprint.definitions import definitions_of
from jobtui_core.sources import SourceModule, SourceTree
from jobtui_core.sources.tree import parse

T = TypeVar("T")


def at_once(action: Callable[[], T], threads: int = 4) -> list[T]:
    """Do the same in several threads that start together."""
    found: list[T] = []
    barrier = threading.Barrier(threads)

    def act() -> None:
        barrier.wait(10)
        found.append(action())

    every = [threading.Thread(target=act) for _ in range(threads)]
    for thread in every:
        thread.start()
    for thread in every:
        thread.join(30)
    assert len(found) == threads
    return found


def test_half_of_what_a_module_defines_is_shown_to_nobody(monkeypatch: Any) -> None:
    module = SourceModule("m", Path("/m.py"), "m.py", "def first(): pass\ndef second(): pass\n")
    names, elsewhere = facts._named, []

    def slow(body: Any) -> Any:
        for number, item in enumerate(names(body)):
            yield item
            if number == 0:
                monkeypatch.setattr(facts, "_named", names)
                elsewhere.extend(at_once(lambda: len(definitions_of(module, "second"))))

    monkeypatch.setattr(facts, "_named", slow)
    assert len(definitions_of(module, "first")) == 1
    assert elsewhere == [1] * 4


def test_a_text_that_is_parsed_by_several_has_one_tree() -> None:
    text = "\n".join(f"def f{n}(x):\n    return x + {n}" for n in range(2000))
    assert len({id(tree) for tree in at_once(lambda: parse(text))}) == 1


def test_a_file_that_is_found_by_several_is_one_module(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "mod.py").write_text("x = 1\n")
    tree = SourceTree(tmp_path, [tmp_path])
    reading, text = threading.Barrier(4), tree._text

    def slow(path: Path) -> str:
        reading.wait(10)
        return text(path)

    monkeypatch.setattr(tree, "_text", slow)
    modules = at_once(lambda: tree.module_at(tmp_path / "mod.py"))
    assert len({id(module) for module in modules}) == 1
    assert modules[0] is tree.module_at(tmp_path / "mod.py")


def test_an_import_elsewhere_does_not_disturb_a_look_at_what_is_loaded(monkeypatch: Any) -> None:
    class Turned:
        def __init__(self, turned: Any) -> None:
            self.turned = turned

        def __reversed__(self) -> Any:
            return self.turned

    class Modules(dict[str, Any]):
        imported = False

        def values(self) -> Any:
            found = super().values()
            if not self.imported:
                self.imported = True
                turned = reversed(found)
                self["another"] = sys
                return Turned(turned)
            return found

    monkeypatch.setattr(snapshot, "sys", SimpleNamespace(modules=Modules(os=os)))
    assert snapshot._stamp() == (2, id(sys))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_while_another_thread_reads_sources_can_read_them() -> None:
    began, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        from jobtui_core.sources.reading import reading

        with reading:
            began.set()
            go_on.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    began.wait(10)
    # Hooks run in reverse: the fork then waits for the other thread, and the child finds nothing
    # half done.
    os.register_at_fork(before=go_on.set)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        done = threading.Event()
        other = threading.Thread(target=lambda: (parse("a = 1  # in a child"), done.set()))
        other.start()
        os._exit(0 if done.wait(10) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join(10)
