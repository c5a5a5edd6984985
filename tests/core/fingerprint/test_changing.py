"""Globals that change behind their definitions: when a loaded function's fingerprint follows."""

from __future__ import annotations

import importlib
import sys

import pytest

from jobtui_core.fingerprint import loaded_fingerprint
from jobtui_core.fingerprint.touched import binds_attribute, may_change

CHANGED = {
    "an item set by another function": (
        "T = {'a': 1}\ndef change(): T['a'] = 2\ndef f(): return T['a']\n"
    ),
    "an item deleted": "T = {'a': 1}\ndef change(): del T['a']\ndef f(): return T.get('a')\n",
    "a list appended to": "T = [1]\ndef change(): T.append(2)\ndef f(): return T\n",
    "a set": "T = {1}\ndef change():\n    global T\n    T |= {2}\ndef f(): return T\n",
    "an inner list": "T = {'a': [1]}\ndef change(): T['a'].append(2)\ndef f(): return T['a']\n",
    "an inner list by another name": (
        "T = {'a': [1]}\ndef change():\n    inner = T['a']\n    inner.append(2)\n"
        "def f(): return T['a']\n"
    ),
    "another name": "T = [1]\nother = T\ndef change(): other.append(2)\ndef f(): return T[0:]\n",
    "an argument": (
        "T = [1]\ndef fill(x): x.append(2)\ndef change(): fill(T)\ndef f(): return T[0:]\n"
    ),
    "a bound method": "T = [1]\nadd = T.append\ndef change(): add(2)\ndef f(): return T[0:]\n",
    "what a function gives": (
        "T = [1]\ndef get(): return T\ndef change(): get().append(2)\ndef f(): return T[0:]\n"
    ),
    "what a generator gives": (
        "T = [1]\ndef get():\n    yield T\ndef change(): next(get()).append(2)\n"
        "def f(): return T[0:]\n"
    ),
    "a computed dict": (
        "import json\nT = json.loads('{\"a\": 1}')\ndef change(): T['a'] = 2\n"
        "def f(): return T['a']\n"
    ),
    "an object's attribute": (
        "class C: pass\nT = C()\nT.a = 1\ndef change(): T.a = 2\ndef f(): return T.a\n"
    ),
    "an object by its method": (
        "class C:\n    a = 1\n    def move(self): self.a += 1\n"
        "T = C()\ndef change(): T.move()\ndef f(): return T.a\n"
    ),
    "a class's attribute": "class T:\n    a = 1\ndef change(): T.a = 2\ndef f(): return T.a\n",
    "a class's method": (
        "class T:\n    def m(self): return 1\ndef other(self): return 2\n"
        "def change(): T.m = other\ndef f(): return T().m()\n"
    ),
    "a function bound anew": (
        "import sys\ndef g(): return 1\ndef other(): return 2\n"
        "def change(): sys.modules[__name__].g = other\ndef f(): return g()\n"
    ),
    "a number bound from outside": (
        "import sys\nT = 1\ndef change(): setattr(sys.modules[__name__], 'T', 2)\n"
        "def f(): return T\n"
    ),
    "a container in a default": (
        "T = [1]\ndef change(): T.append(2)\ndef g(x=T): return x\ndef f(): return g()\n"
    ),
    "a container behind a constant": (
        "A = [1]\nT = {'a': A}\ndef change(): A.append(2)\ndef f(): return T['a']\n"
    ),
    "a captured list": (
        "def make():\n    t = [1]\n    def change(): t.append(2)\n    def f(): return t[0:]\n"
        "    return f, change\nf, change = make()\n"
    ),
    "a captured number": (
        "def make():\n    t = 1\n    def change():\n        nonlocal t\n        t = 2\n"
        "    def f(): return t\n    return f, change\nf, change = make()\n"
    ),
    "a list behind a method": (
        "T = [1]\ndef change(): T.append(2)\nclass C:\n    def m(self): return T\n"
        "def f(): return C().m()\n"
    ),
}


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED)
def test_what_other_code_changes_counts_at_each_call(load, text: str) -> None:
    module = load(text)
    first = loaded_fingerprint(module.f).digest
    assert loaded_fingerprint(module.f).digest == first
    module.change()
    assert loaded_fingerprint(module.f).digest != first


def test_what_was_changed_before_the_first_call_counts_all_the_same(load) -> None:
    text = "T = {{}}\nT['a'] = {}\ndef f(): return T['a']\n"
    one, two, three = (loaded_fingerprint(load(text.format(n)).f) for n in (1, 2, 1))
    assert one.static.digest == two.static.digest
    assert one.digest == three.digest != two.digest


OWN = {
    "a cache": "T = {}\ndef f(x):\n    T[x] = 1\n    return T[x]\n",
    "a cache of a helper": (
        "T = {}\ndef g(x):\n    T[x] = 1\n    return T[x]\ndef f(x): return g(x)\n"
    ),
    "a list only appended to": "T = []\ndef f(x): T.append(x)\n",
    "a computed object": (
        "import json\nT = json.loads('{}')\ndef f(x):\n    T[x] = 1\n    return T[x]\n"
    ),
}


@pytest.mark.parametrize("text", OWN.values(), ids=OWN)
def test_what_a_function_changes_itself_stays_out(load, text: str) -> None:
    module = load(text)
    before = loaded_fingerprint(module.f).digest
    module.f(1)
    assert loaded_fingerprint(module.f).digest == before


def test_a_module_that_is_loaded_later_may_change_what_nobody_changed_before(load) -> None:
    text = "T = [1]\ndef f(): return T[0]\n"
    module = load(text, later="import sys\ndef change(module):\n    module.T[0] = 2\n")
    first = loaded_fingerprint(module.f).digest
    import later  # type: ignore[import-not-found]  # made by this test

    later.change(module)
    assert loaded_fingerprint(module.f).digest != first
    del sys.modules["later"]


def test_a_table_that_nobody_can_change_is_not_looked_at_again(load) -> None:
    text = (
        "TABLE_OF_ALL = {n: (n, str(n)) for n in range(3)}\nLISTED = [1, 2]\n"
        "def f(x):\n    return sum(LISTED) + TABLE_OF_ALL.get(x)[0] + len(LISTED)\n"
    )
    module = load(text)
    first = loaded_fingerprint(module.f)
    vars(module)["LISTED"].append(3)
    assert loaded_fingerprint(module.f) is first


MAY = {
    "x[1] = 2": True,
    "x.a.b = 2": True,
    "del x[0]": True,
    "x += [1]": True,
    "x.append(1)": True,
    "m.x.append(1)": True,
    "(a, x[0]) = 1, 2": True,
    "for x[0] in y: pass": True,
    "with y as x.a: pass": True,
    "f(x)": True,
    "y = x": True,
    "y = m.x": True,
    "y = [x]": True,
    "y = a or x": True,
    "y = x if a else b": True,
    "def f(): return x": True,
    "lambda: x": True,
    "if (y := x): pass": True,
    "def f(a=x): pass": True,
    "from m import x as y": True,
    "x.shuffle()": True,
    "x": False,
    "y = x[0]": False,
    "x.get(1)": False,
    "for a in x: pass": False,
    "y = 1 in x": False,
    "y = len(x) + sum(x)": False,
    "y = [a for a in x]": False,
    "y = f'{x}'": False,
    "y = x + x": False,
    "f(*x)": False,
    "if x: pass": False,
    "from m import x": False,
    "x = [1]": False,
}


@pytest.mark.parametrize("text", MAY)
def test_who_may_change_an_object_is_told_from_the_text(text: str) -> None:
    assert may_change("x", [text], handed=True) is MAY[text]


BINDS = {
    "m.x = 1": True,
    "m.x += 1": True,
    "m.x: int = 1": True,
    "m.x, y = 1, 2": True,
    "(y, m.x) = 1, 2": True,
    "[m.x] = y": True,
    "for m.x in y: pass": True,
    "with y as m.x: pass": True,
    "del m.x": True,
    "setattr(m, 'x', 1)": True,
    "m . x = 1": True,
    "m.x == 1": False,
    "x = 1": False,
    "f(x=m.x)": False,
    "m.xx = 1": False,
    "setattr(m, 'y', 1)": False,
    "m.x = (": False,
}


@pytest.mark.parametrize("text", BINDS)
def test_who_binds_a_name_from_outside_is_told_from_the_text(text: str) -> None:
    assert binds_attribute("x", [text]) is BINDS[text]


SHAPES = "import functools\n@functools.singledispatch\ndef area(x): return 0\n"
ROUND = "import shapes\n@shapes.area.register\ndef _(x: int): return {}\n"


def test_what_other_modules_register_counts(load) -> None:
    text = "import shapes\nimport round\ndef f(x): return shapes.area(x)\n"
    found = []
    for number in (1, 2, 1):
        module = load(text, shapes=SHAPES, round=ROUND.format(number))
        found.append(loaded_fingerprint(module.f).digest)
    assert found[0] == found[2] != found[1]


def test_what_is_registered_later_counts_from_then_on(load) -> None:
    text = "import shapes\ndef f(x): return shapes.area(x)\n"
    module = load(text, shapes=SHAPES, later=ROUND.format(1))
    before = loaded_fingerprint(module.f).digest
    importlib.import_module("later")
    assert loaded_fingerprint(module.f).digest != before
