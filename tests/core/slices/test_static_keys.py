"""Call sites have equal templates exactly when nothing that determines the call differs."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from jobtui_core.errors import ScriptError
from jobtui_core.slices import Analysis, CallSite, analyse
from jobtui_core.sources import SourceTree, import_path
from tests.core.slices.cases import DIFFERENT, EQUAL

HEAD = """
import sys
import random
import time
import numpy as np
from jobtui_core import Memory, default_param, make, NumpyFile

memory = Memory("cache")

@make
def load(path, n=1):
    return path

@make
def fit(data, alpha=0.5):
    return data

@memory.cache
def cached(data):
    return data
"""


def look(
    tmp_path: Path, text: str, helpers: str = "", head: str = HEAD, **options: object
) -> Analysis:
    """Analyse a script made of the common head and ``text``."""
    script = tmp_path / "script.py"
    script.write_text(head + textwrap.dedent(text))
    (tmp_path / "helpers.py").write_text(textwrap.dedent(helpers))
    tree = SourceTree(tmp_path, import_path(tmp_path, script))
    return analyse(tree, script, **options)  # type: ignore[arg-type]


def sites(analysis: Analysis, name: str = "fit") -> list[CallSite]:
    return [site for site in analysis.sites if site.name == name]


def only(analysis: Analysis, name: str = "fit") -> CallSite:
    (site,) = sites(analysis, name)
    return site


@pytest.mark.parametrize("case", EQUAL)
def test_what_cannot_matter_keeps_the_template(tmp_path: Path, case: str) -> None:
    before, after = EQUAL[case]
    one, two = sites(look(tmp_path, before)), sites(look(tmp_path, after))
    assert [site.template for site in one] == [site.template for site in two]
    assert one
    assert all(not site.unfollowed for site in (*one, *two))


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_may_matter_changes_the_template(tmp_path: Path, case: str) -> None:
    before, after = DIFFERENT[case]
    one, two = only(look(tmp_path, before)), only(look(tmp_path, after))
    first = (one.template, len(one.holes))
    second = (two.template, len(two.holes))
    assert first != second


UNSURE = {
    "unseeded random": "fit(random.random())",
    "unseeded numpy random": "fit(np.random.rand(3))",
    "unseeded generator": "fit(np.random.default_rng().normal())",
    "clock": "fit(time.time())",
    "environment": "import os\nfit(os.environ['HOME'])",
    "seed from nothing": "random.seed(1)\nrandom.seed()\nfit(random.random())",
    "generator from None": "fit(np.random.default_rng(None).normal())",
    "another clock": "import pandas as pd\nfit(pd.Timestamp.now())",
    "step in a filter": "fit(list(filter(load, ['x'])))",
    "step behind a function in a filter": (
        "def go(x):\n    return load(x)\nfit(list(filter(go, ['x'])))"
    ),
    "step behind a lambda": "fit(list(filter(lambda x: load(x), ['x'])))",
    "step behind a nested function": (
        "def outer():\n    def go(x):\n        return load(x)\n    return list(filter(go, ['x']))\n"
        "fit(outer())"
    ),
    "step in a method": ("class C:\n    def go(self):\n        return load('x')\nfit(C().go())"),
    "step in an initialiser": (
        "class C:\n    def __init__(self):\n        self.d = load('x')\nfit(C())"
    ),
    "step that is a method": (
        "class C:\n    @make\n    def go(self):\n        return 1\nfit(C().go())"
    ),
    "clock in a method": (
        "class C:\n    def now(self):\n        return time.time()\nfit(C().now())"
    ),
    "clock in an initialiser": (
        "class C:\n    def __init__(self):\n        self.now = time.time()\nfit(C())"
    ),
    "random method": (
        "class C:\n    def draw(self):\n        return random.random()\nfit(C().draw())"
    ),
    "clock in a helper": "def now():\n    return time.time()\nfit(now())",
    "clock decides": "if time.time() > 3:\n    fit(3)",
    "subprocess": "import subprocess\nfit(subprocess.check_output(['date']))",
    "exec": "exec('a = 3')\nfit(eval('a'))",
    "generator used by a step": ("rng = np.random.default_rng(1)\nload(rng)\nfit(rng.normal())"),
    "generator that was used before": (
        "rng = np.random.default_rng(1)\nrng.normal()\nload(rng)\nfit(rng.normal())"
    ),
    "list of a set": "fit(list({'a', 'b'}))",
    "set by its name": "names = set(load('x'))\nfit(tuple(names))",
    "first of equals in a set": "fit(max({'a', 'b'}, key=len))",
    "sum over a set": "fit(sum(len(k) / 3 for k in {'a', 'b'}))",
    "set that grew": "s = set()\nfor k in load('x'):\n    s.add(k)\nfit(list(s))",
    "union of sets": "fit(list({'a'} | set(load('x'))))",
    "loop over a set": "for k in {'a', 'b'}:\n    fit(k)",
    "collected from a set": "r = []\nfor k in set(load('x')):\n    r.append(k)\nfit(r)",
    "comprehension over a set": "fit([k for k in set(load('x'))])",
    "unpacked set": "a, b = {'a', 'b'}\nfit(a)",
    "starred set": "fit([*{'a', 'b'}])",
    "popped from a set": "s = {'a', 'b'}\nfit(s.pop())",
    "joined set": "fit(','.join({'a', 'b'}))",
    "array of a set": "fit(np.array(list(set(load('x')))))",
    "enumerated set": "fit([k for _, k in enumerate({'a', 'b'})])",
    "set listed in a helper": "def names(x):\n    return list(set(x))\nfit(names(load('x')))",
    "set walked through in a helper": (
        "def names(x):\n    found = set(x)\n    return [k for k in found]\nfit(names(load('x')))"
    ),
    "computed parameter name": "fit(default_param('a' + str(load('x')), 3))",
}


@pytest.mark.parametrize("case", UNSURE)
def test_what_cannot_be_seen_through_is_said(tmp_path: Path, case: str) -> None:
    assert only(look(tmp_path, UNSURE[case])).unfollowed


@pytest.mark.parametrize(
    "text",
    [
        "fit(sorted({'a', 'b'}))",
        "fit({'a', 'b'})",
        "fit(set(load('x')))",
        "fit(sorted(k for k in {'a', 'b'}))",
        "fit(any(k for k in set(load('x'))))",
        "fit('a' in set(load('x')))",
        "fit(len(set(load('x'))))",
        "fit({k.upper() for k in set(load('x'))})",
        "def names(x):\n    return sorted(set(x))\nfit(names(load('x')))",
        (
            "def names(x):\n    seen = set()\n    return [k for k in x if k not in seen]\n"
            "fit(names(load('x')))"
        ),
    ],
)
def test_sets_in_no_order_are_as_good_as_anything(tmp_path: Path, text: str) -> None:
    assert not only(look(tmp_path, text)).unfollowed


def test_a_method_that_is_a_step_is_declared(tmp_path: Path) -> None:
    text = "class C:\n    @make\n    def go(self):\n        return 1\nC().go()"
    (found,) = (one for one in look(tmp_path, text).functions if one.name == "go")
    assert found.identity == "script:C.go"
    assert found.unfollowed


def test_a_lambda_that_has_a_name_is_followed(tmp_path: Path) -> None:
    found = look(tmp_path, "go = lambda x: fit(x)\ngo(3)")
    assert not only(found).unfollowed
    assert not next(one for one in found.functions if one.name == "fit").unfollowed


WORDS = {
    "sys.argv": "fit(sys.argv[1])",
    "parser": "import argparse\np = argparse.ArgumentParser()\nfit(p.parse_args().n)",
    "words that may be None": (
        "import argparse\ndef main(words=None):\n    p = argparse.ArgumentParser()\n"
        "    fit(p.parse_args(words).n)\nmain()"
    ),
    "in a helper": (
        "import argparse\ndef parse(words=None):\n    p = argparse.ArgumentParser()\n"
        "    return p.parse_args(words)\nfit(parse().n)"
    ),
    "in a method": (
        "class Options:\n    def first(self):\n        return sys.argv[1]\nfit(Options().first())"
    ),
    "library": "import docopt\nfit(docopt.docopt('usage'))",
}


@pytest.mark.parametrize("case", WORDS)
def test_the_command_line_counts_however_it_is_read(tmp_path: Path, case: str) -> None:
    one, two = (only(look(tmp_path, WORDS[case], argv=(word,))) for word in ("a", "b"))
    assert one.template != two.template


def test_words_that_the_script_gives_itself_are_not_those_of_the_command_line(
    tmp_path: Path,
) -> None:
    text = "import argparse\nfit(argparse.ArgumentParser().parse_args(['x']).n)"
    one, two = (only(look(tmp_path, text, argv=(word,))) for word in ("a", "b"))
    assert one.template == two.template


def test_seeded_randomness_is_followed(tmp_path: Path) -> None:
    text = "random.seed(3)\nrng = np.random.default_rng(7)\nfit(rng.normal() + random.random())"
    assert not only(look(tmp_path, text)).unfollowed


def test_a_function_that_ends_the_script_ends_the_sites(tmp_path: Path) -> None:
    found = look(tmp_path, "def main():\n    fit(1)\n    sys.exit()\nmain()\nfit(2)")
    assert len(sites(found)) == 1


def test_holes_are_the_results_that_a_call_needs(tmp_path: Path) -> None:
    found = look(tmp_path, "a = load('x')\nb = load('y')\nc = fit(b)\nfit(c, a)")
    assert [site.holes for site in found.sites] == [(), (), (1,), (2, 0)]


def test_equal_results_give_equal_static_keys(tmp_path: Path) -> None:
    site = only(look(tmp_path, "d = load('x')\nfit(d)"))
    assert site.static_key(["abc"]) == site.static_key(["abc"])
    assert site.static_key(["abc"]) != site.static_key(["abd"])
    with pytest.raises(ValueError, match="1 results are needed"):
        site.static_key([])


def test_a_call_in_a_loop_does_not_wait_for_itself(tmp_path: Path) -> None:
    text = "r = []\nx = 0\nfor k in [1, 2]:\n    x = fit(x)\n    r.append(x)\nload(r)"
    found = look(tmp_path, text)
    assert only(found).holes == ()
    assert only(found).loop
    assert only(found, "load").holes == (0,)


def test_a_call_in_a_loop_waits_for_calls_before_the_loop(tmp_path: Path) -> None:
    text = "d = load('x')\nfor k in [1, 2]:\n    a = cached(d)\n    fit(a)"
    found = look(tmp_path, text)
    assert only(found, "cached").holes == (0,)
    assert only(found).holes == (1,)


def test_accumulating_in_a_loop_does_not_tie_its_calls_together(tmp_path: Path) -> None:
    before = "r = []\nfor k in [1, 2]:\n    fit(k)\n    r.append(cached(k))"
    after = "r = []\nfor k in [1, 2]:\n    fit(k)\n    r.append(cached(k + 1))"
    assert only(look(tmp_path, before)).template == only(look(tmp_path, after)).template


def test_parameters_take_their_overrides(tmp_path: Path) -> None:
    text = 'n = default_param("n", 3, help="how many")\nfit(n)'
    plain, given = look(tmp_path, text), look(tmp_path, text, overrides={"n": 4})
    assert only(plain).parameters == {"n": 3}
    assert only(given).parameters == {"n": 4}
    assert only(plain).template != only(given).template
    (parameter,) = given.parameters
    assert (parameter.name, parameter.type, parameter.default, parameter.value) == (
        "n",
        "int",
        3,
        4,
    )
    assert parameter.help == "how many"


def test_a_parameter_that_switches_a_branch_hides_its_calls(tmp_path: Path) -> None:
    text = 'n = default_param("n", 3)\nif n > 2:\n    fit(1)\nelse:\n    load("x")'
    assert [site.name for site in look(tmp_path, text).sites] == ["fit"]
    assert [site.name for site in look(tmp_path, text, overrides={"n": 1}).sites] == ["load"]


def test_argv_counts_only_where_it_is_read(tmp_path: Path) -> None:
    text = "fit(int(sys.argv[1]))\nload('x')"
    one, two = look(tmp_path, text, argv=["3"]), look(tmp_path, text, argv=["4"])
    assert only(one).template != only(two).template
    assert only(one, "load").template == only(two, "load").template


def test_argparse_reads_argv(tmp_path: Path) -> None:
    text = (
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('n')\nargs = parser.parse_args()\nfit(args.n)"
    )
    one, two = look(tmp_path, text, argv=["3"]), look(tmp_path, text, argv=["4"])
    assert only(one).template != only(two).template
    assert not only(one).unfollowed


def test_steps_in_helpers_are_found_with_the_way_to_them(tmp_path: Path) -> None:
    helpers = """
    from jobtui_core import make

    @make
    def prepare(x):
        return x

    def both(x):
        return prepare(prepare(x))
    """
    found = look(tmp_path, "import helpers\nhelpers.both(3)", helpers)
    assert [site.function for site in found.sites] == ["helpers:prepare", "helpers:prepare"]
    assert found.sites[1].holes == (0,)
    assert [position.file for position in found.sites[0].chain] == ["script.py", "helpers.py"]


@pytest.mark.parametrize(
    "line",
    [
        "import helpers\nfit(helpers.N)",
        "import helpers as h\nfit(h.N)",
        "from helpers import N\nfit(N)",
        "from helpers import N as m\nfit(m)",
        "from helpers import *\nfit(N)",
        "def f():\n    from helpers import N\n    return N\nfit(f())",
    ],
)
def test_constants_are_followed_through_every_import(tmp_path: Path, line: str) -> None:
    one, two = only(look(tmp_path, line, "N = 3")), only(look(tmp_path, line, "N = 4"))
    assert one.template != two.template
    assert not one.unfollowed


def test_globals_that_a_step_reads_count(tmp_path: Path) -> None:
    head = "from jobtui_core import make, default_param\nw = default_param('w', 3)\n"
    text = "limit = int('5')\n@make\ndef fit(x):\n    return x * w * limit\nfit(1)"
    one = only(look(tmp_path, text, head=head))
    two = only(look(tmp_path, text.replace("'5'", "'6'"), head=head))
    three = only(look(tmp_path, text, head=head, overrides={"w": 4}))
    assert len({one.template, two.template, three.template}) == 3
    assert one.parameters == {"w": 3}


@pytest.mark.parametrize(
    "text",
    [
        "list(filter(fit, [1, 2]))",
        "def run(x):\n    return fit(x)\nlist(filter(run, [1, 2]))",
        "class Model:\n    def run(self):\n        return fit(1)\nModel().run()",
        "import functools\nfunctools.reduce(fit, [1, 2])",
        "fs = [1]\nfs.append(fit)\nfs[1](3)",
    ],
)
def test_a_step_that_may_be_called_out_of_sight_is_said_to_be(tmp_path: Path, text: str) -> None:
    found = look(tmp_path, text)
    (declared,) = [item for item in found.functions if item.name == "fit"]
    assert declared.unfollowed
    assert not declared.reachable


def test_declared_functions_know_their_files_and_callers(tmp_path: Path) -> None:
    text = """
    @make(inputs=["{path}", "fixed.csv"], output=(NumpyFile("a/{path}.npy"), 3))
    def outer(path):
        return fit(path)

    outer("x.csv")
    """
    found = look(tmp_path, text)
    declared = {item.name: item for item in found.functions}
    assert declared["outer"].inputs == ("{path}", "fixed.csv")
    assert declared["outer"].outputs == ("a/{path}.npy",)
    assert declared["fit"].called_in == ("script:outer",)
    site = only(found, "outer")
    assert site.inputs == ("x.csv", "fixed.csv")
    assert site.outputs == ("a/x.csv.npy",)


def test_ignored_arguments_do_not_count(tmp_path: Path) -> None:
    text = "@memory.cache(ignore=['verbose'])\ndef work(x, verbose=0):\n    return x\n"
    one = only(look(tmp_path, text + "work(1)"), "work")
    two = only(look(tmp_path, text + "work(1, verbose=3)"), "work")
    assert one.template == two.template


def test_memoized_functions_in_call_form_are_found(tmp_path: Path) -> None:
    text = "def work(x):\n    return x\nquick = memory.cache(work)\nquick(3)\nmemory.eval(work, 4)"
    found = look(tmp_path, text)
    assert [site.function for site in sites(found, "work")] == ["script:work", "script:work"]
    assert {site.kind for site in sites(found, "work")} == {"memoized"}


def test_recursion_around_steps_is_said_and_does_not_hang(tmp_path: Path) -> None:
    text = "def down(n):\n    if n:\n        down(n - 1)\n    fit(n)\ndown(load('x'))"
    found = look(tmp_path, text)
    (declared,) = [item for item in found.functions if item.name == "fit"]
    assert declared.unfollowed or sites(found)


def test_syntax_errors_name_their_place(tmp_path: Path) -> None:
    with pytest.raises(ScriptError) as caught:
        look(tmp_path, "fit(3\nx = 4")
    assert caught.value.path == "script.py"
    assert caught.value.line


def test_an_analysis_survives_json(tmp_path: Path) -> None:
    import json

    found = look(tmp_path, 'n = default_param("n", 3)\nfor k in [1, 2]:\n    fit(k, n)')
    again = Analysis.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found


def test_the_digest_of_an_analysis_is_of_its_content(tmp_path: Path) -> None:
    one, two = look(tmp_path, "fit(3)"), look(tmp_path, "fit(4)")
    assert one.digest != two.digest
    assert one.digest == look(tmp_path, "fit(3)").digest


def test_long_chains_are_followed(tmp_path: Path) -> None:
    lines = ["a = fit(0)"] + ["a = fit(a)"] * 1500
    found = look(tmp_path, "\n".join(lines))
    assert found.sites[-1].holes == (1499,)
    assert not found.sites[-1].unfollowed
