"""What a name meant counts where it may mean something else by now: the number in each script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.slices.test_static_keys import look, only

_TWO = """
def f(x):
    return x * NUMBER

def g(x):
    return x

"""

MAY_MATTER = {
    "exchanged in a branch": _TWO + "if load('x'):\n    f = g\nfit(f(1))",
    "exchanged in a loop": _TWO + "for i in load('x'):\n    fit(f(i))\n    f = g",
    "exchanged before the end of a loop": _TWO + "for i in load('x'):\n    f = g\nfit(f(1))",
    "exchanged in a try": (
        _TWO + "try:\n    int(load('x'))\n    f = g\nexcept ValueError:\n    pass\nfit(f(1))"
    ),
    "perhaps deleted": _TWO + "if load('x'):\n    del f\nfit(f(1))",
    "imported, and exchanged in a branch": (
        "from helpers import f, g\nif load('x'):\n    f = g\nfit(f(1))"
    ),
    "a class, exchanged in a branch": (
        "class A:\n    k = NUMBER\n\nclass B:\n    k = 5\nif load('x'):\n    A = B\nfit(A.k)"
    ),
    "a value before a try": (
        "a = NUMBER\ntry:\n    int(load('x'))\n    a = 5\nexcept ValueError:\n    pass\nfit(a)"
    ),
    "a value before a with that lets errors be": (
        "import contextlib\na = NUMBER\n"
        "with contextlib.suppress(ValueError):\n    int(load('x'))\n    a = 5\nfit(a)"
    ),
    "an attribute of a function": "def f(x):\n    return f.k * x\nf.k = NUMBER\nfit(f(1))",
    "an attribute of a function that another calls": (
        "def f(x):\n    return f.k * x\n\ndef h(x):\n    return f(x)\nf.k = NUMBER\nfit(h(1))"
    ),
    "an attribute of a function by setattr": (
        "def f(x):\n    return f.k * x\nsetattr(f, 'k', NUMBER)\nfit(f(1))"
    ),
    "an attribute of the step": "fit.k = NUMBER\nfit(1)",
}


@pytest.mark.parametrize("case", MAY_MATTER)
def test_what_a_name_may_still_mean_changes_the_template(tmp_path: Path, case: str) -> None:
    one, two = (
        only(look(tmp_path, *(text.replace("NUMBER", number) for text in (MAY_MATTER[case], _TWO))))
        for number in "23"
    )
    assert one.template != two.template
