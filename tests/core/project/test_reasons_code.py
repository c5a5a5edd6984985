"""Reasons about code: the symbol that was edited, the way to it, and a diff of nothing else."""

from __future__ import annotations

import pytest

from jobtui_core.diffs.classes import changed_members
from jobtui_core.project.judging.reasons import ordered
from jobtui_core.records import Reason, ReasonKind

HELPERS = """
from other import tool

SCALE = 3
API_TOKEN = "abc"

def deco(n):
    def wrap(f):
        return f
    return wrap

class Model:
    rate = 2

    def __init__(self, x):
        self.x = x

    @property
    def both(self):
        return self.x

    def fit(self):
        return self.x * self.rate

@deco(2)
def detrend(x):
    return [value - SCALE + tool(value) for value in x]

def build(x):
    return Model(x).fit(), API_TOKEN
"""

SCRIPT = """
import json
from jobtui_core import JsonFile, default_param, make
from helpers import detrend, build

window = default_param("window", 52, help="weeks")
with open("cfg.json") as file:
    cfg = json.load(file)
limit = 7

@make(inputs=["{path}"])
def read(path):
    with open(path) as file:
        return [float(line) for line in file]

@make(output=JsonFile("results/trend.json"))
def trend(series, window, mode="fast"):
    return [sum(detrend(series)[i : i + window]) for i in range(limit)]

@make
def report(values, top=3):
    return build(max(values)), cfg

series = read("data/co2.csv")
offset = 2
values = trend(series, window + offset)
print(report(values))
"""


@pytest.fixture
def big(empty):
    empty.write("helpers.py", HELPERS)
    empty.write("other.py", "def tool(x):\n    return x\n")
    empty.write("other2.py", "def tool(x):\n    return x + 1\n")
    empty.write("co2.py", SCRIPT)
    empty.write("data/co2.csv", "1\n2\n3\n4\n")
    empty.write("cfg.json", "{}")
    empty.run()
    return empty


def told(lab, step):
    kinds = (ReasonKind.UPSTREAM,)
    return [reason for reason in lab.row(step).reasons if reason.kind not in kinds]


def changes(reason):
    return [line for line in reason.diff.splitlines()[2:] if line[:1] in "+-"]


def test_a_table_that_is_edited_is_told_once(empty):
    empty.write("helpers.py", 'W = {"a": 1}\n\ndef weigh(x):\n    return x * W["a"]\n')
    empty.write(
        "co2.py",
        "from jobtui_core import make\nfrom helpers import weigh\n\n"
        "@make\ndef scaled(x):\n    return weigh(x)\n\nprint(scaled(2))\n",
    )
    empty.run()
    empty.edit("helpers.py", "1", "2")
    assert [reason.summary for reason in told(empty, "scaled")] == [
        'helpers.W: {"a": 1} → {"a": 2}'
    ]


@pytest.mark.parametrize(
    ("old", "new", "step", "subject", "summary", "path", "diff"),
    [
        (
            "self.x * self.rate", "self.x + self.rate", "report", "helpers:Model.fit",
            "helpers.Model.fit changed (via helpers.build)",
            ("report", "helpers.build", "helpers.Model.fit"),
            ["-    return self.x * self.rate", "+    return self.x + self.rate"],
        ),
        (
            "    @property\n", "", "report", "helpers:Model.both",
            "helpers.Model.both changed (via helpers.build)",
            ("report", "helpers.build", "helpers.Model.both"),
            ["-@property"],
        ),
        (
            "rate = 2", "rate = 3", "report", "helpers:Model.rate", "helpers.Model.rate: 2 → 3",
            ("report", "helpers.build", "helpers.Model.rate"), ["-rate = 2", "+rate = 3"],
        ),
        (
            "    def fit(self)", "    def more(self):\n        return 1\n\n    def fit(self)",
            "report", "helpers:Model.more", "helpers.Model.more is new (via helpers.build)",
            ("report", "helpers.build", "helpers.Model.more"),
            ["+def more(self):", "+    return 1"],
        ),
        (
            "class Model:", "class Model(dict):", "report", "helpers:Model",
            "helpers.Model changed (via helpers.build)",
            ("report", "helpers.build", "helpers.Model"), ["-class Model:", "+class Model(dict):"],
        ),
        (
            "@deco(2)", "@deco(3)", "trend", "helpers:detrend", "helpers.detrend changed",
            ("trend", "helpers.detrend"), ["-@deco(2)", "+@deco(3)"],
        ),
        (
            "return f\n    return wrap", "return f or 1\n    return wrap", "trend", "helpers:deco",
            "helpers.deco changed (via helpers.detrend)",
            ("trend", "helpers.detrend", "helpers.deco"),
            ["-        return f", "+        return f or 1"],
        ),
        (
            "SCALE = 3", "SCALE = 4", "trend", "helpers:SCALE", "helpers.SCALE: 3 → 4",
            ("trend", "helpers.detrend", "helpers.SCALE"), ["-SCALE = 3", "+SCALE = 4"],
        ),
    ],
)  # fmt: skip
def test_an_edit_is_told_by_its_symbol_path_and_diff(
    big, old, new, step, subject, summary, path, diff
):
    big.edit("helpers.py", old, new)
    (reason,) = told(big, step)
    assert reason.kind is ReasonKind.CODE_CHANGED
    assert (reason.subject, reason.summary) == (subject, summary)
    assert reason.path == path
    assert changes(reason) == diff


def test_an_import_from_elsewhere_shows_both_statements_and_what_came_and_went(big):
    big.edit("helpers.py", "from other import tool", "from other2 import tool")
    changed, came, went = told(big, "trend")
    assert changed.summary == (
        "helpers.tool is another one (via helpers.detrend): "
        "from other import tool → from other2 import tool"
    )
    assert (came.summary, went.summary) == (
        "other2.tool is used now",
        "other.tool is no longer used",
    )
    assert changes(came) == ["+def tool(x):", "+    return x + 1"]
    assert changes(went) == ["-def tool(x):", "-    return x"]


def test_a_call_that_was_taken_out_shows_what_is_no_longer_used(big):
    big.edit("helpers.py", " + tool(value)", "")
    changed, went = told(big, "trend")
    assert changed.subject == "helpers:detrend"
    assert (went.subject, went.summary) == ("other:tool", "other.tool is no longer used")


def test_a_default_is_part_of_its_function(big):
    big.edit("co2.py", "top=3", "top=4")
    (reason,) = told(big, "report")
    assert reason.subject == "co2:report"
    assert changes(reason) == ["-def report(values, top=3):", "+def report(values, top=4):"]


def test_a_secret_that_changed_is_not_shown(big):
    big.edit("helpers.py", '"abc"', '"xyz"')
    (reason,) = told(big, "report")
    assert reason.subject == "helpers:API_TOKEN"
    text = f"{reason.summary}{reason.diff}{reason.old}{reason.new}"
    assert "abc" not in text
    assert "xyz" not in text


def test_a_version_stands_for_the_code_and_shows_old_and_new(big):
    big.edit("co2.py", "@make\ndef report", "@make(version=2)\ndef report")
    (reason,) = told(big, "report")
    assert reason.kind is ReasonKind.VERSION_CHANGED
    assert reason.summary == "version of report: none → 2"
    assert changes(reason) == ["+@make(version=2)"]
    big.run()
    big.edit("co2.py", "version=2", "version=3")
    big.edit("co2.py", "top=3", "top=4")
    (reason,) = told(big, "report")
    assert (reason.old, reason.new) == ("2", "3")


def test_inputs_of_the_decorator_are_told_by_their_names(big):
    big.edit("co2.py", '@make(inputs=["{path}"])', '@make(inputs=["{path}", "cfg.json"])')
    (reason,) = told(big, "read")
    assert reason.kind is ReasonKind.VERSION_CHANGED
    assert reason.summary == "inputs of read: data/co2.csv → data/co2.csv, cfg.json"


def test_a_global_that_the_function_reads_is_told_by_its_name(big):
    big.edit("co2.py", 'open("cfg.json")', 'open("cfg2.json")')
    (reason,) = told(big, "report")
    assert (reason.kind, reason.subject) == (ReasonKind.CODE_CHANGED, "co2:cfg")
    assert reason.summary.startswith("co2.cfg, which report reads, changed: with open(")
    assert '+with open("cfg2.json") as file:' in reason.diff


def test_a_line_that_gives_an_argument_is_named(big):
    big.edit("co2.py", "offset = 2", "offset = 4")
    (reason,) = told(big, "trend")
    assert reason.kind is ReasonKind.SCRIPT_CHANGED
    assert reason.summary == "the lines that give window changed: offset = 2 → offset = 4"
    assert changes(reason) == ["-offset = 2", "+offset = 4"]


def test_several_edits_at_once_are_all_told_the_most_telling_first(big):
    big.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    big.edit("co2.py", "limit = 7", "limit = 8")
    big.edit("co2.py", "window + offset)", "window + offset, 'slow')")
    reasons = big.row("trend", window=26).reasons
    assert [(one.kind.value, one.subject) for one in reasons] == [
        ("code-changed", "co2:limit"),
        ("code-changed", "helpers:SCALE"),
        ("parameter-changed", "window"),
        ("script-changed", "mode"),
    ]


def test_the_order_of_reasons_goes_from_what_somebody_did_to_what_follows_from_it():
    kinds = [
        "failed", "never-run", "version-changed", "code-changed", "parameter-changed",
        "input-changed", "undeclared-file", "script-changed", "output-missing",
        "output-modified", "evicted", "upstream", "cannot-follow",
    ]  # fmt: skip
    made = [Reason(kind=ReasonKind(kind), subject="a", summary=kind) for kind in kinds]
    assert [one.kind.value for one in ordered(reversed(made))] == kinds
    vague = Reason(kind=ReasonKind.CODE_CHANGED, subject="a", summary="vague")
    shown = Reason(kind=ReasonKind.CODE_CHANGED, subject="b", summary="shown", diff="-a")
    assert ordered([vague, shown, vague]) == (shown, vague)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class A:\n    pass", "class A(B):\n    pass"),
        ("@a\nclass A:\n    x = 1", "@b\nclass A:\n    x = 1"),
        ("class A:\n    x, y = 1, 2", "class A:\n    x, y = 1, 3"),
        ("class A:\n    x = 1", "class A:\n    'doc'\n    x = 1"),
        ("class A:\n    def f(self):\n        'a'\n", "class A:\n    def f(self):\n        'b'\n"),
        ("class A(:", "class A:\n    pass"),
        ("x = 1", "class A:\n    pass"),
    ],
)
def test_a_class_whose_members_do_not_say_it_all_is_shown_as_a_whole(old, new):
    assert changed_members(old, new) == []
