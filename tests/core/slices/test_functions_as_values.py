"""Steps that are stored, picked, completed and handed on are followed, or it is said that not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.slices.test_static_keys import look, sites

FOLLOWED = {
    "another name": "f = fit\nf(3)",
    "partial": "from functools import partial\npartial(fit, 3)()",
    "partial with a keyword": "from functools import partial\npartial(fit, alpha=0.5)(3)",
    "partial of a partial": "import functools as ft\nft.partial(ft.partial(fit), 3)(alpha=0.5)",
    "partial with a name": "from functools import partial\nf = partial(fit, data=3)\nf()",
    "picked from a table": "table = {'a': fit, 'b': load}\ntable['a'](3)",
    "picked by a known name": "k = 'a'\ntable = {'a': fit, 'b': load}\ntable[k](3)",
    "got from a table": "table = {'a': fit, 'b': load}\ntable.get('a')(3)",
    "picked from a list": "steps = [load, fit]\nsteps[1](3)",
    "unpacked": "f, g = fit, load\nf(3)",
    "handed to a function": "def apply(f, x):\n    return f(x)\napply(fit, 3)",
    "handed by keyword": "def apply(x, f=load):\n    return f(x)\napply(3, f=fit)",
    "default of a function": "def apply(x, f=fit):\n    return f(x)\napply(3)",
    "lambda in a table": "table = {'a': lambda x: fit(x)}\ntable['a'](3)",
    "given back": "def pick():\n    return fit\npick()(3)",
    "decided": "(fit if True else load)(3)",
    "by its name": "import sys, helpers\ngetattr(helpers, 'work')(3)",
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_a_function_that_is_handed_around_is_followed_to_its_call(
    tmp_path: Path, case: str
) -> None:
    helpers = "from jobtui_core import make\n@make\ndef work(x):\n    return x\n"
    name = "work" if "helpers" in FOLLOWED[case] else "fit"
    plain = "import helpers\nhelpers.work(3)" if name == "work" else "fit(3)"
    (one,) = sites(look(tmp_path, plain, helpers), name)
    found = look(tmp_path, FOLLOWED[case], helpers)
    (two,) = sites(found, name)
    assert one.template == two.template
    assert not two.unfollowed
    assert not any(declared.unfollowed for declared in found.functions if declared.name == name)


PICKED = {
    "by what a step gave": "(fit if load('x') else cached)(3)",
    "from a table": "table = {'a': fit, 'b': cached}\ntable[load('x')](3)",
    "in a loop": "for f in [fit, cached]:\n    f(3)",
    "in a loop over pairs": "for name, f in [('a', fit), ('b', cached)]:\n    f(3)",
    "in a loop over a table": "for name, f in {'a': fit, 'b': cached}.items():\n    f(3)",
    "in a comprehension": "[f(3) for f in (fit, cached)]",
    "in either branch": "f = fit\nif load('x'):\n    f = cached\nf(3)",
}


@pytest.mark.parametrize("case", PICKED)
def test_one_of_several_functions_has_a_site_for_each(tmp_path: Path, case: str) -> None:
    found = look(tmp_path, PICKED[case])
    named = [(site.name, site.chain[-1]) for site in found.sites if site.name != "load"]
    assert {name for name, _ in named} == {"fit", "cached"}
    assert len({place for _, place in named}) == 1
    assert not any(site.unfollowed for site in found.sites)
    assert not any(declared.unfollowed for declared in found.functions)


ESCAPED = {
    "kept by an object": "import types\no = types.SimpleNamespace()\no.f = fit\no.f(3)",
    "kept in a list": "fs = []\nfs.append(fit)\nfs[0](3)",
    "given to a library": "import functools\nfunctools.reduce(fit, [1, 2])",
    "sorting": "sorted([1, 2], key=lambda k: fit(k))",
    "given to a step": "load(fit)",
    "given to a class": (
        "class C:\n    def __init__(self, f):\n        self.f = f\n    def go(self):\n"
        "        return self.f(3)\nC(fit).go()"
    ),
    "table that was changed": "t = {'a': load}\nt['b'] = fit\nt['b'](3)",
    "rebound in a loop": "f = load\nfor k in [1, 2]:\n    f(k)\n    f = fit",
    "rebound in a try": "f = load\ntry:\n    f = fit\n    load('x')\nexcept ValueError:\n    f(3)",
    "computed name": "import helpers\ngetattr(helpers, load('x'))(3)\nfit(3)",
    "globals": "globals()['fi' + 't'](3)",
    "exec": "exec('fit(3)')",
    "recursion in a closure": (
        "def outer():\n    def go(n):\n        if n:\n            go(n - 1)\n        fit(n)\n"
        "    go(load('x'))\nouter()"
    ),
    "default that was changed": (
        "from functools import partial\na = [1]\ndef go(f=partial(fit, a)):\n    return f()\n"
        "a.append(2)\ngo()"
    ),
    "attribute of a module": "import helpers\nlist(filter(helpers.fit, [1]))",
}


@pytest.mark.parametrize("case", ESCAPED)
def test_a_function_that_gets_out_of_sight_is_said_to(tmp_path: Path, case: str) -> None:
    helpers = "from jobtui_core import make\n@make\ndef fit(x):\n    return x\n"
    found = look(tmp_path, ESCAPED[case], helpers)
    assert any(item.unfollowed for item in found.functions if item.name == "fit")


def test_what_a_partial_holds_may_change_before_it_is_called(tmp_path: Path) -> None:
    head = "from functools import partial\na = [1]\nf = partial(fit, a)\n"
    (plain,) = sites(look(tmp_path, head + "f()"))
    changed = look(tmp_path, head + "a.append(2)\nf()")
    assert not plain.unfollowed
    assert any(item.unfollowed for item in changed.functions if item.name == "fit")


def test_which_function_was_picked_counts(tmp_path: Path) -> None:
    before = "table = {'a': fit, 'b': cached}\ntable[load('x')](3)"
    after = "table = {'a': cached, 'b': fit}\ntable[load('x')](3)"
    one, two = sites(look(tmp_path, before)), sites(look(tmp_path, after))
    assert [site.template for site in one] != [site.template for site in two]
