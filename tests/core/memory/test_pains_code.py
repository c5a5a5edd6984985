"""Where ``joblib.Memory`` hurts, first part: code and its identity.

Each test names the joblib issues in which users tell of it.  All edits of the first table are made
at once, between processes that use all modules: an interpreter for each would take minutes.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest

from jobtui_core import Memory
from tests.core.isolation import clean_environment


@dataclass(frozen=True)
class Edit:
    """An edit of a module that memoizes functions, and whether it may matter."""

    what: str
    issues: tuple[int, ...]
    script: str
    old: str
    new: str
    runs: bool = True
    helpers: str = ""
    """Another module, in which the edit is made if there is one."""

    def __str__(self) -> str:
        return f"{self.what}, {', '.join(f'joblib #{number}' for number in self.issues)}"


EDITS = (
    Edit(
        "a helper beside it", (1026, 1287),
        "def helper(x):\n    return x + 1\n"
        "@memory.cache\ndef f(x):\n    print('ran')\n    return helper(x)\nresult = f(1)\n",
        "x + 1", "x + 2",
    ),
    Edit(
        "a helper of a helper in another module", (1026, 1287),
        "from HELPERS import scale\n"
        "@memory.cache\ndef f(x):\n    print('ran')\n    return scale(x)\nresult = f(1)\n",
        "x * 2", "x * 3",
        helpers="def inner(x):\n    return x * 2\ndef scale(x):\n    return inner(x)\n",
    ),
    Edit(
        "a global constant", (1026, 129),
        "LEVELS = {'a': [1, 2]}\n"
        "@memory.cache\ndef f(x):\n    print('ran')\n    return LEVELS['a'][x]\nresult = f(1)\n",
        "[1, 2]", "[1, 3]",
    ),
    Edit(
        "a method of a class that it makes", (1026,),
        "class Model:\n    def fit(self, x):\n        return x + 1\n"
        "@memory.cache\ndef f(x):\n    print('ran')\n    return Model().fit(x)\nresult = f(1)\n",
        "x + 1", "x + 2",
    ),
    Edit(
        "a method of the class of an argument", (1026, 981),
        "class Model:\n    def fit(self, x):\n        return x + 1\n"
        "@memory.cache\ndef f(m):\n    print('ran')\n    return m.fit(1)\nresult = f(Model())\n",
        "x + 1", "x + 2",
    ),
    Edit(
        "a function that is given to it", (59,),
        "def helper(x):\n    return x + 1\n"
        "@memory.cache\ndef f(g):\n    print('ran')\n    return g(1)\nresult = f(helper)\n",
        "x + 1", "x + 2",
    ),
    Edit(
        "the function itself", (680, 129),
        "@memory.cache\ndef f(x):\n    print('ran')\n    return x + 1\nresult = f(1)\n",
        "x + 1", "x + 2",
    ),
    Edit(
        "a docstring", (1587, 324),
        '@memory.cache\ndef f(x):\n    """One."""\n    print("ran")\n    return x\nresult = f(1)\n',
        "One.", "Two, and more.", runs=False,
    ),
    Edit(
        "a comment, the layout and an annotation", (1587, 324),
        "@memory.cache\ndef f(x):\n    print('ran')  # one\n    return x + 1\nresult = f(1)\n",
        "f(x):\n    print('ran')  # one\n", "f(\n    x: int,\n):\n\n    print('ran')\n", runs=False,
    ),
    Edit(
        "a function that it does not use", (1430, 1570),
        "def other():\n    return 1\n"
        "@memory.cache\ndef f(x):\n    print('ran')\n    return x + 1\nresult = f(1)\n",
        "return 1", "return 2", runs=False,
    ),
    Edit(
        "a print, with version= to say that code does not count", (680, 1533, 1710),
        "@memory.cache(version=1)\ndef f(x):\n    print('ran')\n    return x + 1\nresult = f(1)\n",
        "return x", "print('more')\n    return x", runs=False,
    ),
    Edit(
        "the version= in place of code", (680, 1710),
        "@memory.cache(version=1)\ndef f(x):\n    print('ran')\n    return x + 1\nresult = f(1)\n",
        "version=1", "version=2",
    ),
    Edit(
        "code that depends= names", (59,),
        "def table():\n    return 1\n"
        "@memory.cache(depends=[table])\n"
        "def f(x):\n    print('ran')\n    return x\nresult = f(1)\n",
        "return 1", "return 2",
    ),
    Edit(
        "the function under functools.wraps", (1371, 1746, 1234),
        "import functools\n"
        "def loud(g):\n    @functools.wraps(g)\n    def outer(*args):\n        return g(*args)\n"
        "    return outer\n"
        "@memory.cache\n@loud\ndef f(x):\n    print('ran')\n    return x + 1\nresult = f(1)\n",
        "x + 1", "x + 2",
    ),
    Edit(
        "the layer over it", (1371, 1606),
        "import functools\n"
        "def loud(g):\n    @functools.wraps(g)\n"
        "    def outer(*args):\n        return 1 + g(*args)\n    return outer\n"
        "@memory.cache\n@loud\ndef f(x):\n    print('ran')\n    return x\nresult = f(1)\n",
        "1 + g", "2 + g",
    ),
    Edit(
        "an argument of a decorator below", (1371, 1606),
        "import functools\n"
        "def times(n):\n    def decorate(g):\n        @functools.wraps(g)\n"
        "        def outer(*args):\n            return n * g(*args)\n        return outer\n"
        "    return decorate\n"
        "@memory.cache\n@times(2)\ndef f(x):\n    print('ran')\n    return x + 1\nresult = f(1)\n",
        "times(2)", "times(3)",
    ),
)  # fmt: skip

DRIVER = """
import contextlib, importlib, io, json, sys
told = {}
for name in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        module = importlib.import_module(name)
    told[name] = ["ran" in out.getvalue(), module.result]
print(json.dumps(told))
"""

HEAD = "from jobtui_core import Memory\nmemory = Memory('cache', verbose=0)\n"


class Life:
    """What all modules do before, after the edits, and once they are undone."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "driver.py").write_text(DRIVER)
        self.put(edited=False)
        self.first = self.run()
        self.again = self.run()
        self.put(edited=True)
        self.edited = self.run()
        self.put(edited=False)
        self.undone = self.run()
        self.moved = self.run(shutil.move(folder, folder.with_name("elsewhere")))

    def put(self, *, edited):
        for number, edit in enumerate(EDITS):
            texts = {f"s{number}": HEAD + edit.script}
            if edit.helpers:
                texts[f"h{number}"] = edit.helpers
            for name, text in tuple(texts.items()):
                if edited and name == list(texts)[-1]:
                    assert edit.old in text, edit
                    texts[name] = text.replace(edit.old, edit.new)
                source = texts[name].replace("HELPERS", f"h{number}")
                (self.folder / f"{name}.py").write_text(source)

    def run(self, folder=None):
        names = [f"s{number}" for number in range(len(EDITS))]
        done = subprocess.run(
            [sys.executable, "driver.py", *names], cwd=folder or self.folder,
            env=clean_environment(), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return [json.loads(done.stdout)[name] for name in names]


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    return Life(tmp_path_factory.mktemp("pains") / "project")


@pytest.mark.parametrize("number", range(len(EDITS)), ids=map(str, EDITS))
def test_an_edit_that_may_matter_runs_it_and_any_other_does_not(life, number):
    edit, before = EDITS[number], life.first[number][1]
    assert life.first[number][0]
    assert life.again[number] == [False, before]
    assert life.edited[number][0] == edit.runs
    if edit.runs and "=" not in edit.what:
        assert life.edited[number][1] != before


@pytest.mark.parametrize("number", range(len(EDITS)), ids=map(str, EDITS))
def test_results_of_earlier_code_are_there_when_an_edit_is_undone(life, number):
    """joblib #680, #129: an edit deleted all results of the function."""
    assert life.undone[number] == [False, life.first[number][1]]


@pytest.mark.parametrize("number", range(len(EDITS)), ids=map(str, EDITS))
def test_a_project_that_was_moved_keeps_its_results(life, number):
    """joblib #1152, #129: the path of the script was part of the key."""
    assert life.moved[number] == [False, life.first[number][1]]


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


def test_closures_of_one_factory_have_results_of_their_own(memory):
    """joblib #649, #1374, #1386, #1060."""

    def power(n):
        @memory.cache
        def f(x):
            return x**n

        return f

    square, cube = power(2), power(3)
    assert [square(3), cube(3), square(3), cube(3)] == [9, 27, 9, 27]


def test_functions_of_one_name_have_results_of_their_own_and_nobody_warns(memory):
    """joblib #649, #58, #1060: a name defined twice in one file."""

    def f(x):
        return x + 1

    first = memory.cache(f)

    def f(x):
        return x + 2

    second = memory.cache(f)
    assert [first(1), second(1), first(1), second(1)] == [2, 3, 2, 3]
    assert first.check_call_in_cache(1)
    assert second.check_call_in_cache(1)


def test_functions_under_one_decorator_without_wraps_have_results_of_their_own(memory):
    """joblib #1606: all of them are called ``inner``."""

    def decorate(g):
        def inner(x):
            return g(x)

        return memory.cache(inner)

    one, two = decorate(lambda x: x + 1), decorate(lambda x: x + 2)
    assert [one(1), two(1), one(1)] == [2, 3, 2]


def test_ignored_arguments_are_found_under_a_decorator(memory):
    """joblib #1164."""

    def layer(g):
        @functools.wraps(g)
        def outer(*args, **kwargs):
            return g(*args, **kwargs)

        return outer

    ran = []

    @memory.cache(ignore=["noise"])
    @layer
    def f(x, noise=0):
        ran.append(x)
        return x

    f(1, noise=1), f(1, noise=2)
    assert ran == [1]


def test_partials_and_curried_functions_do_not_evict_each_other(memory):
    """joblib #1497, #1301, #159."""
    ran = []

    def f(a, b):
        ran.append((a, b))
        return a * 10 + b

    def curried(a):
        return lambda b: f(a, b)

    cached = [memory.cache(functools.partial(f, n)) for n in (1, 2)]
    cached += [memory.cache(curried(n)) for n in (3, 4)]
    for _ in range(2):
        assert [g(5) for g in cached] == [15, 25, 35, 45]
    assert len(ran) == 4


SESSION = """
import linecache, sys
import __main__
def cell(number, kernel, text):
    name = f"/tmp/ipykernel_{kernel}/{number}.py"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), vars(__main__))
kernel, other = sys.argv[1:]
cell(1, kernel, "from jobtui_core import Memory\\nmemory = Memory('cache', verbose=0)\\n")
text = f"@memory.cache\\ndef f(x):\\n    print('ran')\\n    return x + 1\\n{other}\\n"
cell(kernel, kernel, text)
print(f(1))
"""


def test_a_notebooks_results_survive_restarts_and_edits_elsewhere_in_the_cell(tmp_path):
    """joblib #1570, #1302, #1498, #1210, #1096, #1430, #1035, #1069, #67."""
    (tmp_path / "session.py").write_text(SESSION)

    def run(kernel, other):
        return subprocess.run(
            [sys.executable, "session.py", kernel, other],
            cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip

    assert run("7", "y = 1") == ["ran", "2"]
    assert run("7", "y = 2") == ["2"]
    assert run("8", "def g(): return 3") == ["2"]
    entries = list((tmp_path / "cache").rglob("*.entry"))
    assert len(entries) == 1, "no litter for each version of a cell"


def test_projects_with_modules_of_one_name_share_a_cache(tmp_path):
    """joblib #549: each deleted what the other had stored."""
    for name, value in (("one", 1), ("two", 2)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "analysis.py").write_text(
            "from jobtui_core import Memory\n"
            f"@Memory({str(tmp_path / 'cache')!r}, verbose=0).cache\n"
            f"def f(x):\n    print('ran')\n    return x + {value}\n"
            "print(f(1))\n"
        )

    def run(name):
        return subprocess.run(
            [sys.executable, "analysis.py"],
            cwd=tmp_path / name, env=clean_environment(),
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip

    assert [run("one"), run("two")] == [["ran", "2"], ["ran", "3"]]
    assert [run("one"), run("two")] == [["2"], ["3"]]


def test_names_of_any_length_in_folders_of_any_depth_are_stored(tmp_path):
    """joblib #482, #1496, #1001, #12: file names beyond 255 bytes."""
    deep = tmp_path.joinpath(*["a" * 200] * 8)
    memory = Memory(deep, verbose=0)
    ran = []
    name = "f" * 300
    exec(f"def {name}(x):\n    ran.append(x)\n    return x", {"ran": ran}, space := {})
    cached = memory.cache(space[name])
    cached(1), cached(1)
    assert ran == [1]


def test_saving_a_script_between_its_import_and_the_first_call_relabels_nothing(tmp_path):
    """joblib files the old code's result under the new code (no issue known)."""
    text = (
        "import sys\nfrom pathlib import Path\nfrom jobtui_core import Memory\n"
        "@Memory('cache', verbose=0).cache\n"
        "def f(x):\n    print('ran')\n    return x + 1\n"
        "if sys.argv[1:]:\n"
        "    file = Path(__file__)\n"
        "    file.write_text(file.read_text().replace('x + 1', 'x + 5'))\n"
        "print(f(1))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(text)

    def run(*words):
        return subprocess.run(
            [sys.executable, "script.py", *words],
            cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip

    assert run("edit") == ["ran", "2"]
    assert "x + 5" in script.read_text()
    assert run() == ["ran", "6"]
    script.write_text(text)
    assert run() == ["2"]


def test_a_relative_location_is_that_of_the_moment_in_which_it_was_given(tmp_path, monkeypatch):
    """joblib #1684, #1828: a text and a path are one cache, and changing the folder moves none."""
    ran = []

    def f(x):
        ran.append(x)
        return x

    by_text, by_path = Memory("cache", verbose=0), Memory((tmp_path / "cache"), verbose=0)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    by_text.cache(f)(1)
    by_path.cache(f)(1)
    assert ran == [1]
    assert os.listdir(tmp_path / "elsewhere") == []
