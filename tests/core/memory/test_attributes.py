"""Attributes that a script sets of functions, steps, classes and modules count by value."""

from __future__ import annotations

import pytest

DECORATORS = {
    "step": ("from jobtui_core import make\n", "@make\n"),
    "memoized": (
        "from jobtui_core import Memory\nmemory = Memory('cache', verbose=0)\n",
        "@memory.cache\n",
    ),
}

HELPERS = "def f(x):\n    return f.k * x\n"
SETTINGS = "def read():\n    return NEW\n"
LATER = (
    "import settings\n"
    "def on_function(k): settings.read.k = k\n"
    "def on_module(k): settings.LEVEL = k\n"
    "def on_class(k): settings.C.k = k\n"
)

CALLED = "def f(x):\n    return f.k * x\n"
STEP = "@dec\ndef s(x):\n    print('ran')\n    return {}\n"
WRAPPED = (
    "import functools\ndef deco(g):\n"
    "    @functools.wraps(g)\n    def w(*a):\n        return g(*a) * w.k\n    return w\n"
    "@deco\ndef f(x):\n    return x\n"
)

READ = {
    "in a plain call": CALLED + "f.k = NUMBER\n" + STEP.format("f(x)"),
    "in a nested call": (
        CALLED + "def h(x):\n    return f(x)\nf.k = NUMBER\n" + STEP.format("h(x)")
    ),
    "by the step itself": CALLED + "f.k = NUMBER\n" + STEP.format("f.k * x"),
    "of an imported function": "from helpers import f\nf.k = NUMBER\n" + STEP.format("f(x)"),
    "through an imported module": "import helpers\nhelpers.f.k = NUMBER\n"
    + STEP.format("helpers.f(x)"),
    "by setattr and getattr": (
        "def f(x):\n    return getattr(f, 'k') * x\nsetattr(f, 'k', NUMBER)\n" + STEP.format("f(x)")
    ),
    "by a computed name": (
        "def f(x, name='k'):\n    return getattr(f, name) * x\nf.k = NUMBER\n" + STEP.format("f(x)")
    ),
    "from the dict": (
        "def f(x):\n    return f.__dict__['k'] * x\nf.k = NUMBER\n" + STEP.format("f(x)")
    ),
    "of the step": STEP.format("s.k * x") + "s.k = NUMBER\n",
    "of another step": "@dec\ndef t(x):\n    return x\nt.k = NUMBER\n" + STEP.format("t.k * x"),
    "of a lambda": "f = lambda x: f.k * x\nf.k = NUMBER\n" + STEP.format("f(x)"),
    "of a method": (
        "class C:\n    def m(self):\n        return C.m.k\nC.m.k = NUMBER\n"
        + STEP.format("C().m()")
    ),
    "by a wrapper": WRAPPED + "f.k = NUMBER\n" + STEP.format("f(x)"),
    "of a wrapper": (
        WRAPPED.replace("w.k", "1").replace("return x", "return f.k * x")
        + "f.k = NUMBER\n"
        + STEP.format("f(x)")
    ),
    "by a wrapper under the decorator": (
        WRAPPED.partition("@deco\n")[0]
        + STEP.format("x").replace("@dec\n", "@dec\n@deco\n")
        + "s.__wrapped__.k = NUMBER\n"
    ),
    "of a function made by another": (
        "def made():\n    def f(x):\n        return f.k * x\n    f.k = NUMBER\n    return f\n"
        "g = made()\n" + STEP.format("g(x)")
    ).replace("f.k = NUMBER", "f.k = json.loads('NUMBER')"),
    "in place": CALLED.replace("f.k", "f.k[0]")
    + "f.k = []\nf.k.append(NUMBER)\n"
    + STEP.format("f(x)"),
    "of a class": "class C:\n    pass\nC.k = NUMBER\n" + STEP.format("C.k * x"),
    "of a module that does not define it": (
        "import settings\nsettings.NEW = NUMBER\n" + STEP.format("settings.NEW * x")
    ),
    "of its own module, set from outside": (
        "import settings\nsettings.NEW = NUMBER\n" + STEP.format("settings.read() * x")
    ),
}


@pytest.fixture
def write(request, tmp_path):
    """Write the script, and the modules that it imports."""
    first, decorator = DECORATORS[getattr(request, "param", "step")]
    (tmp_path / "helpers.py").write_text(HELPERS)
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "later.py").write_text(LATER)

    def written(text, number):
        text = text.replace("@dec\n", decorator).replace("NUMBER", str(number))
        (tmp_path / "script.py").write_text(f"import json\n{first}{text}")

    return written


@pytest.mark.parametrize("case", READ)
def test_what_was_set_counts_by_its_value(write, run, case):
    text = READ[case] + "print(s(1))\n"
    for number in "27":
        write(text, number)
        assert run() == ["ran", number]


@pytest.mark.parametrize("write", DECORATORS, indirect=True)
@pytest.mark.parametrize("case", ["in a plain call", "of the step", "by a wrapper"])
def test_it_counts_for_steps_and_memoized_functions_and_is_known_again(write, run, case):
    text = READ[case] + "print(s(1))\n"
    for number, found in (("2", ["ran", "2"]), ("7", ["ran", "7"]), ("2", ["2"])):
        write(text, number)
        assert run() == found


def test_what_is_not_read_does_not(write, run):
    text = CALLED + STEP.format("f(x)") + "f.k = s.k = 3\nf.other = s.other = NUMBER\nprint(s(1))\n"
    write(text, 2)
    assert run() == ["ran", "3"]
    write(text, 7)
    assert run() == ["3"]


def test_it_counts_at_each_call(write, run):
    text = CALLED + STEP.format("f(x) + s.k") + "for f.k in 1, 2, 1:\n    s.k = f.k\n"
    write(text + "    print(s(1))\n", 0)
    assert run() == ["ran", "2", "ran", "4", "2"]


def test_a_cache_that_a_function_keeps_on_itself_does_not(write, run):
    text = (
        "def f(x):\n    if x not in f.known:\n        f.known[x] = x\n    return f.known[x]\n"
        "f.known = {}\n" + STEP.format("f(x)") + "print(s(1), s(1))\n"
    )
    write(text, 0)
    assert run() == ["ran", "1", "1"]
    assert run() == ["1", "1"]


@pytest.mark.parametrize(
    ("read", "change"),
    [
        ("getattr(settings.read, 'k', 1)", "on_function"),
        ("settings.LEVEL", "on_module"),
        ("settings.C.k", "on_class"),
        ("settings.C().m()", "on_class"),
    ],
)
def test_code_that_is_loaded_later_may_set_it(write, run, tmp_path, read, change):
    (tmp_path / "settings.py").write_text(
        SETTINGS + "LEVEL = 1\nclass C:\n    k = 1\n    def m(self): return self.k\n"
    )
    text = f"import settings\n{STEP.format(read)}print(s(1))\nimport later\n"
    write(f"{text}later.{change}(NUMBER)\nprint(s(1))\n", 2)
    assert run() == ["ran", "1", "ran", "2"]


def test_captured_values_are_told_apart_by_whose_they_are(write, run):
    made = "def made(n):\n    def f(x):\n        return n * x\n    return f\n"
    two = "a, b = made(json.loads('NUMBER')), made(9 - json.loads('NUMBER'))\n"
    text = made + two + STEP.format("a(x) - b(x)") + "print(s(1))\n"
    write(text, 2)
    assert run() == ["ran", "-5"]
    write(text, 7)
    assert run() == ["ran", "5"]
