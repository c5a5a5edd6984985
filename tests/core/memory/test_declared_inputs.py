"""``Memory.cache(inputs=…)``: what files hold counts like another argument."""

from __future__ import annotations

import pickle
import textwrap
from pathlib import Path

import pytest

from jobtui_core import Memory
from jobtui_core.errors import InputError, OutputError

ran = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


def words(path, sep=None):
    ran.append(path)
    return Path(path).read_text().split(sep)


def test_a_file_that_changed_is_another_call_and_back_again_the_first(memory, tmp_path):
    read = memory.cache(words, inputs=["{path}"])
    Path("a.txt").write_text("one")
    assert [read("a.txt"), read("a.txt")] == [["one"], ["one"]]
    Path("a.txt").write_text("one two")
    assert read("a.txt") == ["one", "two"]
    Path("a.txt").write_text("one")
    assert read("a.txt") == ["one"]
    assert len(ran) == 2


def test_a_file_that_every_call_reads_is_declared_by_name(memory):
    @memory.cache(inputs="table.txt")
    def look_up(n):
        ran.append(n)
        return Path("table.txt").read_text()[n]

    Path("table.txt").write_text("abc")
    assert [look_up(1), look_up(1)] == ["b", "b"]
    Path("table.txt").write_text("xyz")
    assert look_up(1) == "y"
    assert ran == [1, 1]


def test_a_function_that_calls_it_is_computed_again_too(run, tmp_path):
    (tmp_path / "script.py").write_text(
        textwrap.dedent(
            """
            from jobtui_core import Memory
            memory = Memory("cache", verbose=0)
            @memory.cache(inputs="table.txt")
            def table():
                return open("table.txt").read()
            @memory.cache
            def outer(n):
                print("ran")
                return table()[n]
            print(outer(0))
            """
        )
    )
    (tmp_path / "table.txt").write_text("a")
    assert run() == ["ran", "a"]
    assert run() == ["a"]
    (tmp_path / "table.txt").write_text("b")
    assert run() == ["ran", "b"]


def test_inputs_that_are_not_there_and_templates_that_lead_nowhere_are_errors(memory):
    read = memory.cache(words, inputs=["{path}"])
    with pytest.raises(InputError, match=r"words: its input gone.txt \(inputs='\{path\}'\)"):
        read("gone.txt")
    with pytest.raises(OutputError, match=r"did you mean \{path\}"):
        memory.cache(words, inputs=["{pth}"])("a.txt")
    with pytest.raises(OutputError):
        memory.cache(words, inputs=["{path.name}"])


def test_what_tells_of_inputs_may_be_chosen(memory):
    Path("a.txt").write_text("one")
    read = memory.cache(words, inputs=["{path}"], inputs_check="stat")
    assert [read("a.txt"), read("a.txt")] == [["one"], ["one"]]
    assert len(ran) == 1
    with pytest.raises(ValueError, match="inputs_check"):
        memory.cache(words, inputs=["{path}"], inputs_check="mtime")


def test_inputs_go_to_other_processes_with_the_function(memory):
    read = memory.cache(words, inputs=["{path}"], inputs_check="stat")
    again = pickle.loads(pickle.dumps(read))
    assert (again.inputs, again.inputs_check) == (("{path}",), "stat")


def test_why_a_call_would_miss_names_the_file(memory):
    Path("a.txt").write_text("one")
    read = memory.cache(words, inputs=["{path}"])
    read("a.txt")
    Path("a.txt").write_text("two")
    (reason,) = read.explain("a.txt").reasons
    assert (reason.kind, reason.subject) == ("input-changed", "a.txt")


def test_a_memory_that_keeps_nothing_reads_no_inputs():
    assert (
        Memory(None).cache(words, inputs=["{path}", "gone.txt"]).check_call_in_cache("a") is False
    )
