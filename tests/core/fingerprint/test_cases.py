"""Ways in which a function reaches code, one by one: what is followed, and what is said."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from jobtui_core.errors import ScriptError, UnknownNameError


class Case(NamedTuple):
    """Two versions of a project and what ``script.py:f`` makes of the difference."""

    name: str
    old: dict[str, str]
    new: dict[str, str]
    changes: bool = True
    function: str = "f"


def one(name: str, text: str, old: str, new: str, *, changes: bool = True) -> Case:
    """A case within one file, with ``@`` where the versions differ."""
    return Case(
        name,
        {"script.py": text.replace("@@", old)},
        {"script.py": text.replace("@@", new)},
        changes,
    )


OWN = "from jobtui_core import make, Memory, memoize\nmemory = Memory('c')\n"

CASES = [
    one("a conditional definition", "import sys\nif sys.x:\n    def g(): return 1\n"
        "else:\n    def g(): return @@\ndef f(): return g()", "2", "3"),
    one("the condition of a definition", "K = @@\nif K:\n    def g(): return 1\n"
        "else:\n    def g(): return 2\ndef f(): return g()", "1", "0"),
    one("a fallback for an import", "try:\n    import fast as g\nexcept ImportError:\n"
        "    def g(): return @@\ndef f(): return g()", "1", "2"),
    one("a definition under the main guard", "if __name__ == '__main__':\n    K = @@\n"
        "def f(): return K", "1", "2"),
    one("a function wrapped later", OWN + "def g(): return @@\nh = memory.cache(g)\n"
        "def f(): return h()", "1", "2"),
    one("a function wrapped under its name", OWN + "def g(): return @@\ng = memory.cache(g)\n"
        "def f(): return g()", "1", "2"),
    one("how a function is wrapped", OWN + "def g(): return 1\ng = memory.cache(@@)\n"
        "def f(): return g()", "g", "g, ignore=[]", changes=False),
    one("a decorator that is ours", OWN + "@@\ndef f(): return 1", "@make", "@memory.cache",
        changes=False),
    one("a decorator that goes", OWN + "@@def f(): return 1", "@make(history=False)\n", "",
        changes=False),
    one("a decorator of the project", "def d(g): return g\n@@def f(): return 1", "@d\n", ""),
    one("our decorator on a function inside", OWN + "def f():\n    @memory.cache(@@)\n"
        "    def g(): return 1\n    return g()", "ignore=[]", "verbose=0", changes=False),
    one("a memory made inside", OWN + "def f(where):\n    m = Memory(where)\n    @m.cache@@\n"
        "    def g(): return 1\n    return g()", "", "(ignore=[])", changes=False),
    one("the body behind a version", OWN + "@make(version=1)\ndef f(): return @@", "1", "2",
        changes=False),
    one("a version", OWN + "@make(version=@@)\ndef f(): return 1", "1", "2"),
    one("a version from a constant", OWN + "V = @@\n@make(version=V)\ndef f(): return 1", "1", "2"),
    one("no version", OWN + "@make(version=None)\ndef f(): return @@", "1", "2"),
    one("a helper behind a version", OWN + "def g(): return @@\n@make(version=1)\n"
        "def f(): return g()", "1", "2", changes=False),
    one("the version of a step called", OWN + "@make(version=@@)\ndef g(): return 1\n"
        "def f(): return g()", "1", "2"),
    one("the body of a versioned method", OWN + "class A:\n    @memory.cache(version=1)\n"
        "    def m(self): return @@\ndef f(): return A().m()", "1", "2", changes=False),
    one("a name in depends", OWN + "def g(): return @@\n@make(depends=['g'])\ndef f(): return 1",
        "1", "2"),
    one("a function in depends", OWN + "def g(): return @@\n@make(depends=[g])\n"
        "def f(): return 1", "1", "2"),
    one("a default argument", "def g(): return @@\ndef f(x=g): return x()", "1", "2"),
    one("a keyword-only default", "K = @@\ndef f(*, x=K): return x", "1", "2"),
    one("a name in a comprehension", "K = @@\ndef f(x): return [K * k for k in x]", "1", "2"),
    one("a comprehension's own name", "k = @@\ndef f(x): return [k for k in x]", "1", "2",
        changes=False),
    one("an argument of the same name", "g = @@\ndef f(g): return g()", "1", "2", changes=False),
    one("a variable of the same name", "g = @@\ndef f():\n    g = 3\n    return g", "1", "2",
        changes=False),
    one("a walrus inside a comprehension", "k = @@\ndef f(x): return [(k := y) for y in x], k",
        "1", "2", changes=False),
    one("a global declared so", "K = @@\ndef f():\n    def g():\n        global K\n"
        "        return K\n    K = 1\n    return g()", "1", "2"),
    one("a nonlocal", "K = @@\ndef f():\n    K = 1\n    def g():\n        nonlocal K\n"
        "        K += 1\n    return K", "1", "2", changes=False),
    one("a match pattern", "def f(x):\n    match x:\n        case {'a': y, **rest}: return @@",
        "y", "rest"),
    one("a literal pattern", "def f(x):\n    match x:\n        case @@: return 1", "None", "True"),
    one("an f-string", "K = @@\ndef f(): return f'{K:>{K}}'", "1", "2"),
    one("the format in an f-string", "def f(x): return f'{x:@@}'", ".1f", ".2f"),
    one("an empty format in an f-string", "def f(x): return f'{x@@}'", "", ":", changes=False),
    one("how text is cut", "def f(x): return @@", "'a' f'b{x}c' 'd'", "f'ab{x}cd'", changes=False),
    one("bytes and text", "def f(): return @@", "b'a'", "'a'"),
    one("numbers of another type", "def f(): return @@", "1", "True"),
    one("zero's sign", "def f(): return @@", "0.0", "-0.0"),
    one("hexadecimal", "def f(): return @@", "255", "0xff", changes=False),
    one("an async function", "@@ def f(): return 1", "async", ""),
    one("a metaclass", "class M(type): x = @@\nclass A(metaclass=M): pass\ndef f(): return A",
        "1", "2"),
    one("a type that a function is registered for", "import functools\n@functools.singledispatch\n"
        "def f(x): return 0\n@f.register\ndef _(x: @@): return 1", "int", "str"),
    one("a function that is registered", "import functools\n@functools.singledispatch\n"
        "def f(x): return 0\n@f.register(int)\ndef _(x): return @@", "1", "2"),
    one("a table of functions", "def g(): return @@\nT = {'g': g}\ndef f(k): return T[k]()",
        "1", "2"),
    one("a name for a function", "def g(): return @@\nh = g\ndef f(): return h()", "1", "2"),
    one("an attribute fetched by its name", "import helpers\ndef f(): return "
        "getattr(helpers, '@@')", "a", "b"),
    one("a method given as a value", "class A:\n    def m(self): return @@\n"
        "def f(x): return map(A.m, x)", "1", "2"),
    one("an enum", "import enum\nclass E(enum.Enum):\n    A = @@\ndef f(): return E.A", "1", "2"),
    one("words", "NAMES = '@@'.split()\ndef f(): return NAMES", "a b", "a c"),
    one("a compiled pattern", "import re\nP = re.compile('@@')\ndef f(x): return P.match(x)",
        "a", "b"),
    one("a path beside the file", "from pathlib import Path\nP = Path(__file__).parent / '@@'\n"
        "def f(): return P", "a", "b"),
    one("a file that only logs", "import logging\nlog = logging.getLogger(__name__)\n"
        "def f():\n    log.info('@@')", "a", "b"),
    Case("a package without __init__",
         {"script.py": "import lib.tools\ndef f(): return lib.tools.g()",
          "lib/tools.py": "def g(): return 1"},
         {"lib/tools.py": "def g(): return 2"}),
    Case("from a package without __init__",
         {"script.py": "from lib import tools\ndef f(): return tools.g()",
          "lib/tools.py": "def g(): return 1"},
         {"lib/tools.py": "def g(): return 2"}),
    Case("a constant bound from outside",
         {"script.py": "import conf\nconf.N = 3\ndef f(): return conf.N", "conf.py": "N = 1"},
         {"conf.py": "N = 2"}),
    Case("two imports that change places",
         {"script.py": "from a import g as x, h as y\ndef f(): return x() - y()",
          "a.py": "def g(): return 1\ndef h(): return 2"},
         {"script.py": "from a import h as x, g as y\ndef f(): return x() - y()"}),
    Case("a module that shadows the standard library",
         {"script.py": "import random\ndef f(): return random.g()",
          "random.py": "def g(): return 1"},
         {"random.py": "def g(): return 2"}),
    Case("modules that import each other",
         {"script.py": "from a import g\ndef f(): return g()",
          "a.py": "import b\ndef g(): return b.h()", "b.py": "import a\ndef h(): return a.g, 1"},
         {"b.py": "import a\ndef h(): return a.g, 2"}),
    Case("names that import each other",
         {"script.py": "from a import g\ndef f(): return g()",
          "a.py": "from b import h\ndef g(): return h()",
          "b.py": "from a import g\ndef h(): return g, 1"},
         {"b.py": "from a import g\ndef h(): return g, 2"}),
    Case("a relative import",
         {"script.py": "from p.q.r import f as f", "p/__init__.py": "", "p/q/__init__.py": "",
          "p/q/r.py": "from ..s import g\ndef f(): return g()", "p/s.py": "def g(): return 1"},
         {"p/s.py": "def g(): return 2"}, function="p/q/r.py:f"),
    Case("where a definition lies",
         {"script.py": "from a import g\ndef f(): return g()", "a.py": "def g(): return 1"},
         {"script.py": "from b import g\ndef f(): return g()", "b.py": "def g(): return 1"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_digest_changes_when_the_code_may_act_otherwise(project, case: Case) -> None:
    project.write(case.old)
    before = project.fingerprint(case.function)
    project.write(case.new)
    assert (project.fingerprint(case.function).digest != before.digest) is case.changes


UNFOLLOWED = {
    "globals": ("def f(): return globals()['g']", "f uses globals()"),
    "exec": ("def f(): exec('1')", "f uses exec()"),
    "eval": ("def f(): return eval('1')", "f uses eval()"),
    "import_module": (
        "import importlib\ndef f(): return importlib.import_module('a')",
        "f uses importlib.import_module()",
    ),
    "sys.modules": ("import sys\ndef f(): return sys.modules", "f uses sys.modules"),
    "a module passed on": ("import a\ndef f(): return dir(a)", "f uses module a as a value"),
    "a computed attribute": (
        "import a\ndef f(x): return getattr(a, x)",
        "f takes an attribute of module a by a computed name",
    ),
    "an unknown name": ("def f(): return nowhere", "f uses nowhere, which is not defined"),
    "an unknown attribute": ("import a\ndef f(): return a.no", "f uses a.no, which is not defined"),
    "a cache made by hand": (
        "D = {}\ndef f(x):\n    D[x] = 1\n    return D",
        "f reads D, which changes as it runs",
    ),
    "a list that a helper fills": (
        "L = []\ndef g(x): L.append(x)\ndef f(x):\n    g(x)\n    return L",
        "f reads L, which changes as it runs",
    ),
    "a computed object that it changes": (
        "import json\nD = json.loads('{}')\ndef f(x):\n    D[x] = 1\n    return D",
        "f reads D, which changes as it runs",
    ),
    "in a helper": ("def g(): return eval('1')\ndef f(): return g()", "g uses eval()"),
}


@pytest.mark.parametrize(("text", "sentence"), UNFOLLOWED.values(), ids=UNFOLLOWED)
def test_what_cannot_be_followed_is_said(project, text: str, sentence: str) -> None:
    project.write({"script.py": text, "a.py": "x = 1\n"})
    assert project.fingerprint("f").unfollowed == (sentence,)


FOLLOWED = {
    "a list that nobody changes": "L = [1]\ndef f(): return L[0]",
    "an empty list": "L = []\ndef f(): return L",
    "a list filled elsewhere": "L = [1]\ndef g(x): L.append(x)\ndef f(): return L",
    "a dict filled at top level": "D = {1: 2}\nD[2] = 3\ndef f(): return D",
    "a list only appended to": "L = []\ndef f(x):\n    L.append(x)\n    return x",
    "a counter in a dict": "D = {}\ndef f(x):\n    D[x] = 1\n    return x",
    "items counted up": "D = {'n': 0}\ndef f(x):\n    D['n'] += 1\n    return x",
    "a module used by its names": "import a\ndef f(): return a.x",
    "a library passed on": "import numpy as np\ndef f(g): return g(np)",
    "a parameter": "from jobtui_core import default_param\nN = default_param('n', 1)\n"
    "def f(): return N",
    "its own name": "def f(n): return f(n - 1)",
    "class names": "class A:\n    x = 1\n    y = x + 1\n    def m(self): return A.x\n"
    "def f(): return A",
    "super and __class__": "class A:\n    def m(self): return super().m(), __class__\n"
    "def f(): return A",
}


@pytest.mark.parametrize("text", FOLLOWED.values(), ids=FOLLOWED)
def test_what_can_be_followed_raises_no_doubt(project, text: str) -> None:
    project.write({"script.py": text, "a.py": "x = 1\n"})
    assert project.fingerprint("f").unfollowed == ()


VALUES = {
    "a parsed command line": "import argparse\nA = argparse.ArgumentParser().parse_args()",
    "a parsed file": "import json\nA = json.load(open('a'))",
    "the command line": "import sys\nA = sys.argv[1]",
    "an instance": "class C: pass\nA = C()",
    "a call of a helper": "def g(): return 1\nA = g()",
    "a comprehension": "A = [n for n in range(3)]",
    "a constant of a computed one": "import os\nB = os.getcwd()\nA = B + '/x'",
    "one of several": "A, B = divmod(7, 2)",
    "an open file": "with open('a') as A: pass",
    "a list": "A = [1]",
    "an empty dict": "A = {}",
    "a list in a tuple": "A = (1, [2])",
    "a list of words": "A = 'a b'.split()",
    "a copy": "A = {1: 2}.copy()",
    "a sum of lists": "A = [1] * 3 + [2]",
    "a list filled at top level": "A = []\nA.append(1)",
}


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES)
def test_a_computed_name_counts_by_value(project, text: str) -> None:
    project.write({"script.py": text + "\ndef f(): return A\n"})
    (value,) = project.fingerprint("f").values
    assert (value.module, value.name, value.rebound) == ("script", "A", False)


REBOUND = {
    "twice": "A = 1\nA = 2",
    "counted up": "A = 1\nA += 1",
    "in a function": "A = 1\ndef g():\n    global A\n    A = 2",
    "a loop variable": "for A in range(3): pass",
    "computed in a loop": "def g(n): return n\nfor n in range(3):\n    A = g(n)",
    "in one branch": "import sys\nA = 1\nif sys.x: A = 2",
}


@pytest.mark.parametrize("text", REBOUND.values(), ids=REBOUND)
def test_a_name_bound_several_times_counts_at_each_call(project, text: str) -> None:
    project.write({"script.py": text + "\ndef f(): return A\n"})
    (value,) = project.fingerprint("f").values
    assert (value.name, value.rebound) == ("A", True)


def test_a_chain_of_ten_thousand_functions_and_constants_is_followed(project) -> None:
    count = 10_000
    lines = ["K0 = 1", "def f0(): return K0"]
    lines += [f"K{n} = K{n - 1} + 1" for n in range(1, count)]
    lines += [f"def f{n}(): return f{n - 1}() + K{n}" for n in range(1, count)]
    project.write({"script.py": "\n".join(lines)})
    found = project.fingerprint(f"f{count - 1}")
    assert len(found.symbols) == 2 * count
    assert found.symbols[-1].path[0] == f"f{count - 1}"
    assert max(len(symbol.path) for symbol in found.symbols) < 30


def test_code_nested_deeply_has_a_normal_form(project) -> None:
    deep = " + ".join(["x"] * 700)
    project.write({"script.py": f"def f(x): return {deep}\n"})
    assert project.fingerprint("f").digest


def test_a_module_that_does_not_parse_is_said(project) -> None:
    project.write({"script.py": "import a\ndef f(): return a.g()\n", "a.py": "def g(:\n"})
    assert project.fingerprint("f").unfollowed
    project.write({"script.py": "def f(:\n"})
    with pytest.raises(ScriptError, match=r"script\.py"):
        project.fingerprint("f")


def test_a_function_that_is_not_there_is_an_error(project) -> None:
    project.write({"script.py": "x = 1\n"})
    with pytest.raises(UnknownNameError, match="'f'"):
        project.fingerprint("f")
