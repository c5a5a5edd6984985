"""Functions of notebooks and prompts: their source is in memory, and names are bound again."""

from __future__ import annotations

import doctest
import linecache
import sys
from types import ModuleType
from typing import Any

import pytest

from jobtui_core.fingerprint import LoadedFingerprint, loaded_fingerprint

NAMES = {
    "IPython": "<ipython-input-{n}-0123456789ab>",
    "Jupyter": "/tmp/ipykernel_77/{n}.py",
    "the prompt of Python 3.13": "<python-input-{n}>",
}


class Session:
    """Runs cells in one namespace, their text kept as an interactive shell does."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name = name
        self.cells = 0
        self.patch = monkeypatch
        module = ModuleType("__main__")
        monkeypatch.setitem(sys.modules, "__main__", module)
        self.names: dict[str, Any] = vars(module)

    def run(self, text: str, *, kept: bool = True) -> None:
        self.cells += 1
        file = self.name.format(n=self.cells)
        if kept:
            lines = text.splitlines(keepends=True)
            self.patch.setitem(linecache.cache, file, (len(text), None, lines, file))
        exec(compile(text, file, "exec", dont_inherit=True), self.names)

    def of(self, name: str) -> LoadedFingerprint:
        return loaded_fingerprint(self.names[name])


@pytest.fixture(params=NAMES.values(), ids=NAMES)
def session(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Session:
    return Session(request.param, monkeypatch)


def test_a_cell_run_again_is_the_same_function(session: Session) -> None:
    session.run("def f(x):\n    return x + 1\n")
    before = session.of("f")
    session.run("'''Text.'''\n\ndef f(x: int) -> int:\n    '''Adds.'''\n    return x + 1  # one\n")
    assert session.of("f").digest == before.digest
    (symbol,) = before.static.symbols
    assert symbol.source == "def f(x):\n    return x + 1"
    assert before.matches_source


def test_an_edited_cell_is_another_function(session: Session) -> None:
    session.run("def f(x):\n    return x + 1\n")
    before = session.of("f").digest
    session.run("def f(x):\n    return x + 2\n")
    assert session.of("f").digest != before


def test_a_helper_of_another_cell_counts_and_what_that_uses(session: Session) -> None:
    session.run("def h(x): return x + 1\n")
    session.run("def g(x): return h(x)\n")
    session.run("def f(x): return g(x)\n")
    first = session.of("f").digest
    session.run("def h(x): return x + 2\n")
    second = session.of("f").digest
    session.run("def h2(x): return x + 3\ndef g(x): return h2(x)\n")
    third = session.of("f").digest
    session.run("def h2(x): return x + 4\n")
    fourth = session.of("f").digest
    session.run("def h(x): return x + 1\ndef g(x): return h(x)\n")
    assert len({first, second, third, fourth}) == 4
    assert session.of("f").digest == first


def test_values_of_other_cells_count_as_they_are_now(session: Session) -> None:
    session.run("rate = 1\ntable = {}\n")
    session.run("def f(x): return x * rate + table.get(x, 0)\n")
    first = session.of("f").digest
    session.run("rate = 2\n")
    second = session.of("f").digest
    session.run("table[1] = 5\n")
    third = session.of("f").digest
    session.run("rate = 1\ndel table[1]\n")
    assert len({first, second, third}) == 3
    assert session.of("f").digest == first


def test_a_decorator_of_a_cell_counts_and_ours_do_not(session: Session) -> None:
    wrapper = (
        "import functools\ndef deco(f):\n    @functools.wraps(f)\n"
        "    def inner(*a): return f(*a) + {}\n    return inner\n"
    )
    function = "@deco\ndef f(x): return x\n"
    session.run(wrapper.format(1))
    session.run(function)
    first = session.of("f").digest
    session.run(wrapper.format(2))
    session.run(function)
    assert session.of("f").digest != first
    session.run("from jobtui_core import make\n@make\ndef g(x): return x\n")
    plain = loaded_fingerprint(session.names["g"].func).digest
    session.run("def g(x): return x\n")
    assert session.of("g").digest == plain


def test_without_its_text_a_function_goes_by_its_code(session: Session) -> None:
    found = []
    for number in (1, 2, 1):
        session.run(f"def f(x):\n    return x + {number}\n", kept=False)
        found.append(session.of("f").digest)
    assert found[0] == found[2] != found[1]


def test_functions_of_doctests_have_their_text() -> None:
    text = ">>> def f(x):\n...     return x + 1  # one\n>>> found.append(fingerprint(f))\n"
    found: list[LoadedFingerprint] = []
    names = {"found": found, "fingerprint": loaded_fingerprint}
    test = doctest.DocTestParser().get_doctest(text, names, "session", None, None)
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
    assert found[0].static.symbols[0].source == "def f(x):\n    return x + 1  # one"
