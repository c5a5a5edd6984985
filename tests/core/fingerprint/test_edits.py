"""Which edits change the fingerprint of a function, and in which symbol."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from jobtui_core.fingerprint import Fingerprint

SMALL = {
    "script.py": '''
        """A script."""
        import math
        import numpy as np
        import helpers
        from helpers import detrend as dt, Model
        from pkg import thing
        from pkg.deep.inner import leaf
        from jobtui_core import Memory, NumpyFile, default_param, make

        memory = Memory("cache")
        WINDOW = default_param("window", 52)
        WEIGHTS = [1, 2, 3]
        LEVEL, SHIFT = 2, 3
        SCALED = LEVEL * 10
        log = []
        seen = {}
        options = {"a": 1}
        options["b"] = 2

        def kernel(width: int, shape: str = "box") -> list:
            """Weights."""
            # equal ones
            total: float = 1.0
            return [total / width] * width

        @make(output=NumpyFile("trend.npy"))
        def trend(series, window=SCALED):
            """Smooth."""
            log.append(len(series))
            return dt(np.convolve(series, kernel(window))) + thing(series)

        @memory.cache(ignore=["verbose"])
        def fit(series, verbose=0):
            import scipy.signal as sg
            model = Model(LEVEL)
            return model.fit(trend(series)) + sum(WEIGHTS) + leaf(sg)

        def reads_log():
            return len(log), options["a"]

        def adds(x):
            seen[x] = 1
            return x

        def unrelated():
            return helpers.other()

        def window_of():
            return WINDOW
        ''',
    "helpers.py": """
        import time
        from functools import lru_cache, partial

        FACTOR = 2
        TABLE = {"low": [1, (2, 3)], "high": FACTOR}

        def deco(n):
            def wrap(f):
                def inner(*a):
                    return f(*a) + n
                return inner
            return wrap

        def scale(x, by=FACTOR):
            return x * by

        double = partial(scale, by=2)
        square = lambda x: x * x

        @deco(3)
        @lru_cache
        def detrend(x):
            def line(y):
                return double(y)
            return square(line(x)) + TABLE["high"]

        def other():
            return time.time()

        class Base:
            rate = FACTOR

            def shared(self):
                return self.rate

        class Model(Base):
            '''Fits.'''
            size: int = 3

            def __init__(self, level):
                self.level = level

            def fit(self, x):
                return self.shared() + scale(x)
        """,
    "pkg/__init__.py": "from .impl import *\nfrom . import deep\n",
    "pkg/impl.py": """
        from ..pkg import deep
        __all__ = ["thing"]

        def thing(x):
            return other(x)

        def other(x):
            return thing(x - 1) if x else deep.inner.leaf(x)
        """,
    "pkg/deep/__init__.py": "from . import inner\n",
    "pkg/deep/inner.py": "def leaf(x):\n    return x\n",
}


class Edit(NamedTuple):
    """One change of ``SMALL`` and the symbols of ``fit`` in which it must show."""

    name: str
    file: str
    old: str
    new: str
    shows: str = ""


CHANGES = [
    Edit("the body", "script.py", "sum(WEIGHTS)", "max(WEIGHTS)", "script:fit"),
    Edit(
        "a default", "script.py", "fit(series, verbose=0)", "fit(series, verbose=1)", "script:fit"
    ),
    Edit(
        "an argument",
        "script.py",
        "(series, verbose=0)",
        "(series, verbose=0, *, k=1)",
        "script:fit",
    ),
    Edit(
        "an import inside",
        "script.py",
        "import scipy.signal as sg",
        "import scipy.stats as sg",
        "script:fit",
    ),
    Edit(
        "a step called",
        "script.py",
        "log.append(len(series))",
        "log.append(series)",
        "script:trend",
    ),
    Edit("a helper of a step", "script.py", "total / width", "total * width", "script:kernel"),
    Edit(
        "a default of a helper",
        "script.py",
        'shape: str = "box"',
        'shape: str = "hat"',
        "script:kernel",
    ),
    Edit("a list constant", "script.py", "[1, 2, 3]", "[1, 2, 4]", "script:WEIGHTS"),
    Edit(
        "an unpacked constant",
        "script.py",
        "LEVEL, SHIFT = 2, 3",
        "LEVEL, SHIFT = 4, 3",
        "script:LEVEL",
    ),
    Edit("a constant built of one", "script.py", "LEVEL * 10", "LEVEL * 11", "script:SCALED"),
    Edit("a decorator argument", "helpers.py", "@deco(3)", "@deco(4)", "helpers:detrend"),
    Edit("a decorator's wrapper", "helpers.py", "f(*a) + n", "f(*a) - n", "helpers:deco"),
    Edit(
        "a nested function",
        "helpers.py",
        "return double(y)",
        "return double(-y)",
        "helpers:detrend",
    ),
    Edit("a lambda", "helpers.py", "x * x", "x + x", "helpers:square"),
    Edit(
        "a partial", "helpers.py", "partial(scale, by=2)", "partial(scale, by=3)", "helpers:double"
    ),
    Edit("behind a partial", "helpers.py", "return x * by", "return x / by", "helpers:scale"),
    Edit("a nested constant", "helpers.py", "(2, 3)", "(2, 4)", "helpers:TABLE"),
    Edit("a constant in a constant", "helpers.py", "FACTOR = 2", "FACTOR = 3", "helpers:FACTOR"),
    Edit("a type of constant", "helpers.py", "FACTOR = 2", "FACTOR = 2.0", "helpers:FACTOR"),
    Edit("a method", "helpers.py", "self.shared() + scale(x)", "self.shared()", "helpers:Model"),
    Edit("a class attribute", "helpers.py", "size: int = 3", "size: int = 4", "helpers:Model"),
    Edit("an annotated field", "helpers.py", "size: int = 3", "size: float = 3", "helpers:Model"),
    Edit(
        "an inherited method", "helpers.py", "return self.rate", "return -self.rate", "helpers:Base"
    ),
    Edit("a base", "helpers.py", "class Model(Base)", "class Model", "helpers:Model"),
    Edit(
        "behind a star import",
        "pkg/impl.py",
        "return other(x)",
        "return other(-x)",
        "pkg.impl:thing",
    ),
    Edit("a recursive pair", "pkg/impl.py", "thing(x - 1)", "thing(x - 2)", "pkg.impl:other"),
    Edit("through a package", "pkg/deep/inner.py", "return x", "return -x", "pkg.deep.inner:leaf"),
    Edit(
        "what an alias means", "script.py", "import numpy as np", "import scipy as np", "script:np"
    ),
    Edit("which function is imported", "script.py", "detrend as dt", "scale as dt", "script:dt"),
]

IRRELEVANT = [
    Edit("a comment", "script.py", "# equal ones", "# all the same"),
    Edit("a comment removed", "script.py", "    # equal ones\n", ""),
    Edit("a docstring", "script.py", '"""Smooth."""', '"""Smooth it."""'),
    Edit("a docstring removed", "script.py", '    """Weights."""\n', ""),
    Edit("a docstring of a module", "script.py", '"""A script."""', '"""The script."""'),
    Edit("a docstring of a class", "helpers.py", "'''Fits.'''", "'''Fits it.'''"),
    Edit("layout", "script.py", "[total / width] * width", "(\n        [total/width]*width)"),
    Edit("quotes", "script.py", 'shape: str = "box"', "shape: str = 'box'"),
    Edit("annotations", "script.py", "width: int, shape: str", "width, shape: object"),
    Edit("a return annotation", "script.py", " -> list:", ":"),
    Edit("a local annotation", "script.py", "total: float = 1.0", "total = 1.0"),
    Edit("a bare local annotation", "script.py", "total: float", "count: int\n    total: float"),
    Edit("an output", "script.py", 'NumpyFile("trend.npy")', 'NumpyFile("t.npy")'),
    Edit("an ignored argument", "script.py", 'ignore=["verbose"]', "ignore=[]"),
    Edit("another function", "script.py", "return helpers.other()", "return 3"),
    Edit("a function nobody calls", "helpers.py", "return time.time()", "return 0"),
    Edit("a constant nobody uses", "script.py", "LEVEL, SHIFT = 2, 3", "LEVEL, SHIFT = 2, 4"),
    Edit("a list only appended to", "script.py", "log = []", "log = [1]"),
    Edit("a line above", "script.py", "import math\n", "import math\n\n\nimport os\n"),
    Edit("a parameter's default", "script.py", '("window", 52)', '("window", 26)'),
    Edit("pass", "script.py", "return helpers.other()", "pass\n    return helpers.other()"),
    Edit("a re-export's way", "pkg/__init__.py", "from .impl import *", "from .impl import thing"),
    Edit("the store", "script.py", 'Memory("cache")', 'Memory("elsewhere", verbose=0)'),
]

Differing = Callable[[Fingerprint, Fingerprint], set[str]]


@pytest.mark.parametrize("edit", CHANGES, ids=lambda edit: edit.name)
def test_an_edit_that_matters_changes_the_digest(project, differing: Differing, edit: Edit) -> None:
    project.write(SMALL)
    before = project.fingerprint("fit")
    project.edit(edit.file, edit.old, edit.new)
    after = project.fingerprint("fit")
    assert before.digest != after.digest
    assert edit.shows in differing(before, after)


@pytest.mark.parametrize("edit", IRRELEVANT, ids=lambda edit: edit.name)
def test_an_edit_that_cannot_matter_leaves_the_digest(project, edit: Edit) -> None:
    project.write(SMALL)
    before = project.fingerprint("fit")
    project.edit(edit.file, edit.old, edit.new)
    assert project.fingerprint("fit").digest == before.digest


def test_an_undone_edit_gives_the_old_digest(project) -> None:
    project.write(SMALL)
    before = project.fingerprint("fit")
    project.edit("helpers.py", "return x * by", "return x / by")
    project.edit("helpers.py", "return x / by", "return x * by")
    assert project.fingerprint("fit") == before


def test_a_moved_project_has_the_same_digests(project, tmp_path) -> None:
    project.write(SMALL)
    before = project.fingerprint("fit")
    elsewhere = type(project)(tmp_path / "somewhere" / "else")
    elsewhere.write(SMALL)
    assert elsewhere.fingerprint("fit").digest == before.digest


def test_the_path_says_how_a_function_reaches_a_symbol(project) -> None:
    project.write(SMALL)
    paths = {symbol.name: symbol.path for symbol in project.fingerprint("fit").symbols}
    assert paths["script:fit"] == ("fit",)
    assert paths["script:kernel"] == ("fit", "trend", "kernel")
    assert paths["helpers:scale"] == ("fit", "helpers.Model", "helpers.scale")
    assert paths["pkg.impl:other"] == ("fit", "trend", "pkg.impl.thing", "pkg.impl.other")


def test_symbols_carry_their_text_and_place(project) -> None:
    project.write(SMALL)
    symbols = {symbol.name: symbol for symbol in project.fingerprint("fit").symbols}
    leaf = symbols["pkg.deep.inner:leaf"]
    assert (leaf.source, leaf.file, leaf.line) == (
        "def leaf(x):\n    return x", "pkg/deep/inner.py", 1
    )  # fmt: skip
    assert symbols["script:trend"].source.startswith("def trend(")
    assert symbols["helpers:detrend"].source.startswith("@deco(3)\n@lru_cache\ndef detrend")
    assert symbols["script:WEIGHTS"].source == "WEIGHTS = [1, 2, 3]"


def test_libraries_are_listed_by_their_own_names(project) -> None:
    project.write(SMALL)
    found = project.fingerprint("fit").libraries
    assert {"numpy.convolve", "functools.lru_cache", "builtins.sum", "scipy.signal"} <= found
    assert "time.time" not in found


def test_steps_that_are_reached_are_listed(project) -> None:
    project.write(SMALL)
    assert project.fingerprint("fit").steps == ("script:trend",)
    assert project.fingerprint("trend").steps == ()


def test_nothing_in_an_ordinary_project_is_unfollowed(project) -> None:
    project.write(SMALL)
    assert project.fingerprint("fit").unfollowed == ()


def test_a_parameter_counts_by_value(project) -> None:
    project.write(SMALL)
    assert [(v.module, v.name) for v in project.fingerprint("window_of").values] == [
        ("script", "WINDOW")
    ]


def test_containers_that_are_read_count_by_content(project) -> None:
    project.write(SMALL)
    assert [ref.name for ref in project.fingerprint("reads_log").values] == ["log", "options"]
    assert project.fingerprint("adds").values == ()
