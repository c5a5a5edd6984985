"""Accepting edits: what may be accepted, what verdicts say then, and that runs do the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jobtui_core.errors import AcceptError, StoreError, UnknownNameError
from jobtui_core.project import accept, accept_offer, accepted, open_project, status, unaccept
from jobtui_core.records import ReasonKind
from tests.core.isolation import clean_environment

NOTE = """
import os

def note(word):
    with open(os.environ["NOTES"], "a") as file:
        file.write(word + "\\n")
"""

HELPERS = """
from noting import note

RATE = 2
STEPS = [1, 2]

def scale(x):
    return RATE * x
"""

SCRIPT = """
from jobtui_core import default_param, make
from helpers import STEPS, scale
from noting import note

window = default_param("window", 3)

@make
def read():
    note("read")
    return [1, 2, 3]

@make
def trend(series, window):
    note("trend")
    return [scale(x) * window for x in series]

@make
def plot(series):
    note("plot")
    return len(series)

plot(trend(read(), window))
"""


class Lab:
    """A project whose steps note outside of it that they ran."""

    def __init__(self, folder: Path, notes: Path) -> None:
        self.folder = folder
        self.notes = notes
        (folder / "jobtui.toml").write_text("")
        self.write("noting.py", NOTE)
        self.write("helpers.py", HELPERS)
        self.write("co2.py", SCRIPT)

    @property
    def project(self):
        return open_project(self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(textwrap.dedent(text).lstrip())

    def edit(self, old, new, name="co2.py"):
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def run(self, script="co2.py", **environment):
        """Run a script, and tell which steps ran."""
        self.notes.write_text("")
        environment = {**clean_environment(), "NOTES": str(self.notes), **environment}
        del environment["JOBTUI_TRACE"]
        done = subprocess.run(
            [sys.executable, str(self.folder / script)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return self.notes.read_text().split()

    def verdicts(self, **overrides):
        return {
            row.name: f"{row.verdict.value}{' (accepted)' * row.accepted}"
            for row in status(self.project, overrides=overrides).steps
        }

    def row(self, name):
        return next(row for row in status(self.project).steps if row.name == name)

    def offer(self, step, **more):
        return accept_offer(self.project, step, **more)

    def accept(self, *steps):
        for step in steps:
            accept(self.project, self.offer(step))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A project that ran once, to be copied."""
    place = tmp_path_factory.mktemp("ran")
    (place / "project").mkdir()
    lab = Lab(place / "project", place / "notes")
    assert lab.run() == ["read", "trend", "plot"]
    return lab.folder


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A project that never ran."""
    for name in [name for name in os.environ if name.startswith("JOBTUI_")]:
        monkeypatch.delenv(name)
    (tmp_path / "project").mkdir()
    return Lab(tmp_path / "project", tmp_path / "notes")


@pytest.fixture
def lab(bare, ran):
    """A project that ran once."""
    shutil.copytree(ran, bare.folder, dirs_exist_ok=True)
    return bare


HELPER = ("RATE * x", "x * RATE", "helpers.py")
FRESH = {"read": "fresh", "trend": "fresh (accepted)", "plot": "fresh"}


def test_an_accepted_step_is_fresh_and_so_is_what_follows_it(lab):
    lab.edit(*HELPER)
    assert lab.verdicts() == {"read": "fresh", "trend": "stale", "plot": "unsure"}
    lab.accept("trend")
    assert lab.verdicts() == FRESH
    assert lab.run() == []
    assert lab.verdicts() == FRESH


def test_the_offer_shows_the_edit_and_writes_nothing(lab):
    lab.edit(*HELPER)
    offer = lab.offer("trend")
    (alias,) = offer.acceptances
    assert "-    return RATE * x" in alias.diff.splitlines()
    assert "+    return x * RATE" in alias.diff.splitlines()
    assert alias.symbols == ("helpers:scale",)
    assert (alias.script, alias.function) == ("co2.py", "co2:trend")
    assert alias.user
    assert alias.host
    assert offer.remaining == ()
    assert accepted(lab.project) == ()
    assert lab.verdicts()["trend"] == "stale"


def test_what_was_accepted_is_told_with_the_step(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    (told,) = lab.row("trend").acceptances
    assert (told,) == accepted(lab.project)
    assert "+    return x * RATE" in told.diff


def test_what_is_accepted_is_what_was_shown(lab):
    lab.edit(*HELPER)
    offer = lab.offer("trend")
    lab.edit("x * RATE", "x + RATE", "helpers.py")
    accept(lab.project, offer)
    assert lab.verdicts()["trend"] == "stale"
    assert lab.run() == ["trend", "plot"]


def test_taking_back_makes_it_stale_again_with_the_same_reason(lab):
    lab.edit(*HELPER)
    before = lab.row("trend").reasons
    lab.accept("trend")
    lab.run()
    (gone,) = unaccept(lab.project, "trend")
    assert gone.function == "co2:trend"
    assert lab.row("trend").reasons == before
    assert lab.verdicts() == {"read": "fresh", "trend": "stale", "plot": "unsure"}
    assert lab.run() == ["trend"]
    assert lab.verdicts() == {"read": "fresh", "trend": "fresh", "plot": "fresh"}


def test_a_second_real_edit_is_seen(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    lab.edit("x * RATE", "x * RATE + 1", "helpers.py")
    row = lab.row("trend")
    assert row.verdict.value == "stale"
    assert "-    return RATE * x" in row.reasons[0].diff
    assert lab.run() == ["trend", "plot"]


def test_edits_are_accepted_one_after_the_other(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    lab.run()
    lab.edit("x * RATE", "(x * RATE)", "helpers.py")
    lab.edit("    return [scale", "    print()\n    return [scale")
    lab.accept("trend")
    assert len(lab.row("trend").acceptances) == 2
    assert lab.verdicts() == FRESH
    assert lab.run() == []
    first, second = accepted(lab.project)
    assert unaccept(lab.project, "trend") == (second,)
    assert accepted(lab.project) == (first,)


def test_undoing_an_accepted_edit_is_plainly_fresh(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    lab.run()
    lab.edit("x * RATE", "RATE * x", "helpers.py")
    assert lab.verdicts() == {"read": "fresh", "trend": "fresh", "plot": "fresh"}
    assert lab.run() == []


def test_accepting_back_and_forth_is_harmless(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    lab.run()
    lab.edit("x * RATE", "RATE * x", "helpers.py")
    lab.run()
    (alias,) = accepted(lab.project)
    from dataclasses import replace

    from jobtui_core.aliases import write_alias

    write_alias(lab.project.open_store(), replace(alias, code=alias.old, old=alias.code))
    assert lab.verdicts() == {"read": "fresh", "trend": "fresh", "plot": "fresh"}
    lab.edit("RATE * x", "x * RATE", "helpers.py")
    assert lab.verdicts() == FRESH
    assert lab.run() == []


def test_accepting_twice_is_saying_it_once(lab):
    lab.edit(*HELPER)
    offer = lab.offer("trend")
    accept(lab.project, offer)
    accept(lab.project, offer)
    assert len(accepted(lab.project)) == 1


def test_another_reason_remains_and_is_told_before(lab):
    lab.edit(*HELPER)
    offer = lab.offer("trend", overrides={"window": 4})
    assert [reason.kind for reason in offer.remaining] == [ReasonKind.PARAMETER_CHANGED]
    accept(lab.project, offer)
    assert lab.verdicts(window=4)["trend"] == "stale"
    assert lab.verdicts() == FRESH


def test_what_waits_for_a_stale_step_may_be_accepted_and_waits_on(lab):
    lab.edit("[1, 2, 3]", "[1, 2, 4]")
    lab.edit(*HELPER)
    offer = lab.offer("trend")
    assert [reason.kind for reason in offer.remaining] == [ReasonKind.UPSTREAM]
    accept(lab.project, offer)
    assert lab.verdicts()["trend"] == "unsure"
    assert lab.run() == ["read", "trend", "plot"]


def test_an_upstream_that_comes_out_equal_leaves_an_accepted_step_alone(lab):
    lab.edit('    note("read")', '    note("read"); print()')
    lab.edit(*HELPER)
    lab.accept("trend")
    assert lab.run() == ["read"]
    assert lab.verdicts() == FRESH


def test_code_that_failed_is_not_accepted(lab):
    lab.edit("[scale(x) * window for x in series]", "1 / 0")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        lab.run()
    with pytest.raises(AcceptError, match=r"trend failed .*; run it again, or undo the edit"):
        lab.offer("trend")


REFUSED = [
    ("nothing changed", "", "", "trend", "trend is fresh: there is nothing to accept"),
    ("script", "trend(read(), window)", "trend(read(), window + 1)", "trend", "nothing of trend's"),
    ("upstream", "[1, 2, 3]", "[1, 2, 4]", "trend", "accept or run that first"),
    ("parameter", '"window", 3', '"window", 4', "trend", "nothing of trend's own code changed"),
    (
        "never ran",
        "plot(trend",
        "@make\ndef late(x):\n    return x\n\nlate(1)\nplot(trend",
        "late",
        "late never ran",
    ),
    ("not called", "plot(trend(read(), window))", "trend(read(), window)", "plot", "not called"),
]


@pytest.mark.parametrize(
    ("old", "new", "step", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_no_edit_of_code_is_refused_with_the_way_out(lab, old, new, step, words):
    if old:
        lab.edit(old, new)
    with pytest.raises(AcceptError, match=words):
        lab.offer(step)


def test_what_is_accepted_already_is_refused(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    with pytest.raises(AcceptError, match="fresh already, because an edit was accepted"):
        lab.offer("trend")
    with pytest.raises(AcceptError, match=r"accepted already; what remains: window: 3 → 4"):
        lab.offer("trend", overrides={"window": 4})


def test_unknown_steps_have_a_nearest_one(lab):
    with pytest.raises(UnknownNameError, match="'trend'"):
        lab.offer("trent")
    with pytest.raises(UnknownNameError, match="'trend'"):
        unaccept(lab.project, "trent")
    with pytest.raises(AcceptError, match="no edit of trend was accepted"):
        unaccept(lab.project, "trend")


def test_without_the_old_source_there_is_nothing_to_be_seen(lab):
    for path in (lab.folder / ".jobtui/cache/code").glob("*.json"):
        if "symbols" in json.loads(path.read_text()):
            path.unlink()
    lab.edit(*HELPER)
    with pytest.raises(AcceptError, match="no edit to be seen"):
        lab.offer("trend")


def test_an_acceptance_of_a_step_that_is_gone_can_be_taken_back(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    lab.write("co2.py", "from jobtui_core import make\n")
    assert [one.function for one in unaccept(lab.project, "trend")] == ["co2:trend"]
    assert accepted(lab.project) == ()


def test_all_acceptances_of_a_step_can_be_taken_back_at_once(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    lab.edit("x * RATE", "(RATE) * (x)", "helpers.py")
    lab.edit('note("trend")', 'note("trend" + "")')
    lab.accept("trend")
    assert len(unaccept(lab.project, "trend", every=True)) == 2
    assert accepted(lab.project) == ()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_store_that_cannot_be_written_is_said(lab):
    lab.edit(*HELPER)
    offer = lab.offer("trend")
    (lab.folder / ".jobtui/cache").chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            accept(lab.project, offer)
    finally:
        (lab.folder / ".jobtui/cache").chmod(0o700)


def test_a_store_with_something_in_the_way_is_said(lab):
    lab.edit(*HELPER)
    offer = lab.offer("trend")
    (lab.folder / ".jobtui/cache/alias").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        accept(lab.project, offer)
    assert lab.verdicts()["trend"] == "stale"


def test_hand_made_documents_do_not_hurt_a_verdict(lab):
    lab.edit(*HELPER)
    lab.accept("trend")
    (folder,) = (lab.folder / ".jobtui/cache/alias").iterdir()
    (document,) = folder.iterdir()
    document.write_text('{"version": 1, "function": 5}')
    (folder / "x.json").write_text("[")
    assert lab.verdicts()["trend"] == "stale"


# ------------------------------------------------------------------ verdict = what happens

VARIED = """
from jobtui_core import Memory, make
from tools import {names}
from noting import note

memory = Memory("cache", verbose=0)

{body}
"""

TOOLS = """
import functools
from noting import note

def scale(x):
    return 2 * x

def double(x):
    return scale(x)

class Model:
    level = 3

    def __init__(self, start):
        self.start = start

    def predict(self, x):
        return self.start + x

def marked(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

if len("a") == 1:
    def chosen(x):
        return 2 * x
else:
    def chosen(x):
        return 3 * x

TABLE = tuple(scale(x) for x in range(3))
LIMITS = (1, 2)
FOUND = [1, 2]
"""

NAMES = "FOUND, LIMITS, TABLE, Model, chosen, double, marked, scale"

ONE = """
@make
def fit(x):
    note("fit")
    return {expression}

@make
def show(x):
    note("show")
    return str(x)

show(fit(2))
"""


def one(expression):
    return ONE.format(expression=expression)


CASES = {
    # name: body, old, new, whether it can be accepted, which steps then run
    "helper of a helper": (one("double(x)"), "2 * x", "x * 2", True, []),
    "own body": (one("double(x)"), "double(x)", "double(x) + 0", True, []),
    "literal constant": (one("x + LIMITS[0]"), "(1, 2)", "(1, 3)", True, []),
    "value by content": (one("x + TABLE[1]"), "range(3)", "range(4)", False, []),
    "computed by the helper": (one("x + TABLE[1]"), "2 * x\n\ndef d", "x * 2\n\ndef d", False, []),
    "list": (one("x + FOUND[0]"), "FOUND = [1, 2]", "FOUND = [1, 3]", False, []),
    "method": (one("Model(1).predict(x)"), "self.start + x", "x + self.start", True, []),
    "class attribute": (one("Model.level + x"), "level = 3", "level = 4", False, []),
    "condition": (one("chosen(x)"), "    def chosen(x):\n        return 2 * x",
                  "    def chosen(x):\n        return x * 2", True, []),
    "object": (one("Model(x)"), "self.start + x", "x + self.start", True, ["show"]),
    "decorator": (
        one("x").replace("@make\ndef fit", "@make\n@marked\ndef fit"),
        "return function(*args)", "return (function(*args))  ", False, [],
    ),
    "decorator edited": (
        one("x").replace("@make\ndef fit", "@make\n@marked\ndef fit"),
        "        return function(*args)", "        print()\n        return function(*args)",
        False, [],
    ),
    "body below a decorator": (
        one("double(x)").replace("@make\ndef fit", "@make\n@marked\ndef fit"),
        "    return double(x)", "    return double(x) + 0", True, [],
    ),
    "helper below a decorator": (
        one("double(x)").replace("@make\ndef fit", "@make\n@marked\ndef fit"),
        "2 * x\n\ndef d", "x * 2\n\ndef d", True, [],
    ),
    "default": (one("double(x)").replace("fit(x)", "fit(x, y=scale(2))", 1),
                "y=scale(2)", "y=scale(3)", False, []),
    "default by the helper": (one("double(x)").replace("fit(x)", "fit(x, y=scale(2))", 1),
                              "2 * x\n\ndef d", "x * 2\n\ndef d", False, []),
    "memoized": (one("double(x)").replace("@make\ndef fit", "@memory.cache\ndef fit"),
                 "2 * x\n\ndef d", "x * 2\n\ndef d", True, []),
    "bound elsewhere": ("import tools\ntools.scale = lambda x: x\n" + one("double(x)"),
                        "2 * x\n\ndef d", "x * 2\n\ndef d", False, []),
    "loop": (
        one("double(x)").replace("show(fit(2))", "for n in [1, 2]:\n    show(fit(n))"),
        "2 * x\n\ndef d", "x * 2\n\ndef d", True, [],
    ),
    "new inputs": (
        one("double(x)") .replace("@make\ndef fit",
            "@make(inputs=['in.txt'])\ndef side(x):\n    return x\n\n@make\ndef fit"),
        "double(x)", "double(x) if x else side(x)", False, [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_after_accepting_is_what_happens(bare, name):
    body, old, new, can, then = CASES[name]
    bare.write("in.txt", "1")
    bare.write("tools.py", TOOLS)
    bare.write("co2.py", VARIED.format(names=NAMES, body=body))
    bare.run()
    assert set(bare.verdicts().values()) <= {"fresh", "unused"}
    tools, script = (bare.folder / file for file in ("tools.py", "co2.py"))
    edited = script if old in script.read_text() else tools
    bare.edit(old, new, edited.name)
    if not can:
        with pytest.raises(AcceptError):
            bare.accept("fit")
        return
    bare.accept("fit")
    verdicts = bare.verdicts()
    assert verdicts["fit"] == "fresh (accepted)"
    assert verdicts["show"] == ("unsure" if "show" in then else "fresh")
    assert bare.run() == then
    assert bare.verdicts() == {**verdicts, "show": "fresh"}
    assert bare.run() == []


INNER = """
from jobtui_core import make
from noting import note

@make
def inner(x):
    note("inner")
    return 2 * x

@make
def outer(x):
    note("outer")
    return inner(x) + 1

outer(5)
"""


@pytest.fixture
def nested(bare):
    bare.write("co2.py", INNER)
    assert bare.run() == ["outer", "inner"]
    return bare


def test_a_step_around_an_accepted_one_is_stale_until_it_is_accepted_too(nested):
    nested.edit("2 * x", "x * 2")
    offer = nested.offer("inner")
    assert [reason.kind for reason in offer.remaining] == [ReasonKind.UPSTREAM]
    accept(nested.project, offer)
    assert nested.verdicts() == {"outer": "stale", "inner": "unsure"}
    assert [r.subject for r in nested.row("outer").reasons] == ["co2:inner"]
    assert nested.row("outer").notes == ("the edit of inner is accepted for inner alone",)
    nested.accept("outer")
    assert nested.verdicts() == {"outer": "fresh (accepted)", "inner": "fresh"}
    assert nested.run() == []


def test_what_was_computed_on_an_accepted_result_goes_with_the_acceptance(nested):
    nested.edit("2 * x", "3 * x")
    nested.accept("inner")
    assert nested.run() == ["outer"]
    assert nested.verdicts() == {"outer": "fresh (accepted)", "inner": "fresh"}
    assert nested.run() == []
    unaccept(nested.project, "inner")
    assert nested.verdicts()["outer"] == "stale"
    assert nested.run() == ["outer", "inner"]
    assert nested.verdicts() == {"outer": "fresh", "inner": "fresh"}
