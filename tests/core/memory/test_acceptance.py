"""Accepted edits when scripts run: which calls are answered by results of older code."""

from __future__ import annotations

import json

import pytest

from jobtui_core.aliases import read_aliases, remove_alias, write_alias
from jobtui_core.records import Acceptance
from jobtui_core.stores import LocalStore

SCRIPT = """
from jobtui_core import make
from helpers import scale

LIMITS = tuple(range(3))

@make
def total(items):
    print("ran")
    return scale(sum(items)) + len(LIMITS)

print(total([1, 2]))
"""

HELPERS = """
def scale(x):
    return 2 * x
"""


class Lab:
    """Runs a script over and over, and accepts edits by the codes that its runs recorded."""

    def __init__(self, folder, run):
        self.folder = folder
        self.store = LocalStore(folder / ".jobtui/cache")
        self._run = run

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def edit(self, name, old, new):
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def run(self, **environment):
        return self._run(JOBTUI_TRACE="1", **environment)

    def calls(self):
        """The newest run's calls, in the order in which they ended."""
        runs = (path.read_text() for path in self.folder.glob(".jobtui/runs/*/events.jsonl"))
        events = [[json.loads(line) for line in text.splitlines()] for text in runs]
        newest = max(events, key=lambda lines: lines[0]["time"])
        starts = {one["call"]: one for one in newest if one["event"] == "call_start"}
        ends = [one for one in newest if one["event"] == "call_end"]
        return [{**starts.get(end["call"], {}), **end} for end in ends]

    def code(self, name="total"):
        """The code of a function in the newest run."""
        return next(c["code"] for c in self.calls() if c["function"].endswith(f":{name}"))

    def accept(self, code, old, name="total"):
        """Accept an edit, both codes given."""
        alias = Acceptance(function=f"script:{name}", code=code, old=old, time=1.0)
        write_alias(self.store, alias)
        return alias

    def edited(self, name, old, new, function="total"):
        """Accept an edit whose code is learned by running it aside, in a store of its own."""
        before = self.code(function)
        self.edit(name, old, new)
        self.run(JOBTUI_STORE=str(self.folder / "aside"))
        after = self.code(function)
        assert before != after
        return self.accept(after, before, function)

    def keys(self):
        return {item.name for item in self.store.list("script%3Atotal/")}


@pytest.fixture
def lab(tmp_path, run):
    lab = Lab(tmp_path, run)
    lab.write("script.py", SCRIPT)
    lab.write("helpers.py", HELPERS)
    return lab


def test_an_accepted_edit_is_answered_by_the_result_of_the_old_code(lab):
    assert lab.run() == ["ran", "9"]
    lab.edited("helpers.py", "2 * x", "x * 2")
    assert lab.run() == ["9"]


def test_nothing_is_stored_under_the_new_code_and_taking_back_leaves_nothing_behind(lab):
    lab.run()
    before = lab.keys()
    alias = lab.edited("helpers.py", "2 * x", "x * 2")
    lab.run()
    assert lab.keys() == before
    remove_alias(lab.store, alias)
    assert lab.run() == ["ran", "9"]
    assert len(lab.keys()) == 2


def test_the_run_says_what_answered(lab):
    lab.run()
    (first,) = lab.calls()
    alias = lab.edited("helpers.py", "2 * x", "x * 2")
    lab.run()
    (call,) = lab.calls()
    assert call["state"] == "hit"
    assert call["key"] != first["key"] == call["entry"]
    assert call["code"] == alias.code
    assert call["accepted"] == [["script:total", alias.code, alias.old, ""]]


def test_a_second_real_edit_runs(lab):
    lab.run()
    lab.edited("helpers.py", "2 * x", "x * 2")
    lab.run()
    lab.edit("helpers.py", "x * 2", "x * 3")
    assert lab.run() == ["ran", "12"]


def test_the_own_result_comes_first(lab):
    lab.run()
    old = lab.code()
    lab.edit("helpers.py", "2 * x", "3 * x")
    assert lab.run() == ["ran", "12"]
    lab.accept(lab.code(), old)
    assert lab.run() == ["12"]


def test_acceptances_are_followed_from_edit_to_edit(lab):
    lab.run()
    first = lab.edited("helpers.py", "2 * x", "x * 2")
    second = lab.edited("helpers.py", "x * 2", "x + x")
    assert (second.old, lab.run()) == (first.code, ["9"])
    remove_alias(lab.store, first)
    assert lab.run() == ["ran", "9"]


def test_acceptances_in_a_circle_do_no_harm(lab):
    lab.run()
    alias = lab.edited("helpers.py", "2 * x", "x * 2")
    lab.accept(alias.old, alias.code)
    assert lab.run() == ["9"]
    lab.edit("script.py", "[1, 2]", "[3, 4]")
    assert lab.run() == ["ran", "17"]


def test_other_arguments_run_although_the_edit_is_accepted(lab):
    lab.run()
    lab.edited("helpers.py", "2 * x", "x * 2")
    lab.edit("script.py", "[1, 2]", "[3, 4]")
    assert lab.run() == ["ran", "17"]


def test_a_value_that_counts_by_content_is_not_accepted_with_the_code(lab):
    lab.run()
    lab.edited("helpers.py", "2 * x", "x * 2")
    lab.edit("script.py", "range(3)", "range(4)")
    assert lab.run() == ["ran", "10"]


def test_asking_whether_a_call_is_stored_follows_acceptances(lab):
    lab.edit("script.py", "print(total", "print(total.check_call_in_cache([1, 2]))\nprint(total")
    lab.run()
    lab.edited("helpers.py", "2 * x", "x * 2")
    assert lab.run() == ["True", "9"]


def test_memoized_functions_too(lab):
    lab.edit("script.py", "from jobtui_core import make", "from jobtui_core import Memory")
    lab.edit("script.py", "@make", "@Memory('cache').cache")
    lab.run()
    lab.store = LocalStore(lab.folder / "cache/jobtui")
    old = lab.code()
    lab.edit("helpers.py", "2 * x", "x * 2")
    lab.edit("script.py", "'cache'", "'aside'")
    lab.run()
    lab.edit("script.py", "'aside'", "'cache'")
    alias = lab.accept(lab.code(), old)
    assert read_aliases(lab.store) == (alias,)
    assert lab.run() == ["9"]


def test_outputs_are_put_back_from_the_old_result(lab):
    lab.edit("script.py", "import make", "import PickleFile, make")
    lab.edit("script.py", "@make", "@make(output=PickleFile('total.pkl'))")
    lab.run()
    lab.edited("helpers.py", "2 * x", "x * 2")
    (lab.folder / "total.pkl").unlink()
    assert lab.run() == ["9"]
    assert (lab.folder / "total.pkl").exists()


def test_aliases_that_cannot_be_read_cost_a_computation(lab):
    lab.run()
    alias = lab.edited("helpers.py", "2 * x", "x * 2")
    (folder,) = (lab.folder / ".jobtui/cache/alias").iterdir()
    (document,) = folder.iterdir()
    document.write_text("{")
    assert alias.old in document.name
    assert lab.run() == ["ran", "9"]


OUTER = """
from jobtui_core import make

@make
def inner(x):
    print("inner")
    return 2 * x

@make
def outer(x):
    print("outer")
    return inner(x) + 1

print(outer(5))
"""


@pytest.fixture
def nested(lab):
    lab.write("script.py", OUTER)
    lab.run()
    return lab


def test_a_step_around_an_accepted_one_runs_and_takes_the_old_result(nested):
    nested.edited("script.py", "2 * x", "x * 2", "inner")
    assert nested.run() == ["outer", "11"]
    inner, outer = nested.calls()
    assert [inner["state"], outer["state"]] == ["hit", "computed"]
    assert outer["accepted"] == inner["accepted"] != []
    assert nested.run() == ["11"]
    assert [call["accepted"] for call in nested.calls()] == [inner["accepted"]]


def test_taking_back_ends_what_was_computed_on_the_old_result(nested):
    alias = nested.edited("script.py", "2 * x", "3 * x", "inner")
    assert nested.run() == ["outer", "11"]
    remove_alias(nested.store, alias)
    assert nested.run() == ["outer", "inner", "16"]
    assert nested.run() == ["16"]


def test_taking_back_counts_where_no_run_is_recorded(nested):
    alias = nested.edited("script.py", "2 * x", "3 * x", "inner")
    assert nested._run() == ["outer", "11"]
    remove_alias(nested.store, alias)
    assert nested._run() == ["outer", "inner", "16"]


def test_accepting_for_both_runs_neither(nested):
    old = nested.code("outer")
    nested.edited("script.py", "2 * x", "x * 2", "inner")
    nested.accept(nested.code("outer"), old, "outer")
    assert nested.run() == ["11"]
