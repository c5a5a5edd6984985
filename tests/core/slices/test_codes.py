"""Call sites under other code: what they were before an edit of the steps that they call."""

from __future__ import annotations

import textwrap

import pytest

from jobtui_core.slices import Ground, analyse, with_codes
from jobtui_core.sources import SourceTree, import_path

STRAIGHT = """
data = load("a")
print(fit(data))
"""

LOOP = """
for name in ["a", "b"]:
    data = load(name)
    print(fit(data))
print(fit(1))
"""

CARRIED = """
data = 0
for name in ["a", "b"]:
    data = fit(load(data))
"""

HEAD = """
from jobtui_core import make

@make
def load(path):
    return path

@make
def fit(data):
    return data
"""


def look(folder, text, *, codes=None, ground=None):
    script = folder / "script.py"
    script.write_text(textwrap.dedent(text))
    tree = SourceTree(folder, import_path(folder, script))
    return analyse(tree, script, codes=codes, ground=ground)


def templates(sites):
    return [(site.function, site.code, site.template) for site in sites]


@pytest.mark.parametrize(("edited", "head"), [("load", "load(path)"), ("fit", "fit(data)")])
@pytest.mark.parametrize("text", [STRAIGHT, LOOP], ids=["straight", "loop"])
def test_sites_under_the_old_code_are_those_of_the_old_source(tmp_path, text, edited, head):
    before = look(tmp_path, HEAD + text)
    old = {one.identity: one.code for one in before.functions if one.name == edited}
    now = HEAD.replace(f"def {head}:", f"def {head}:\n    print()") + text
    assert templates(look(tmp_path, now).sites) != templates(before.sites)
    under = look(tmp_path, now, codes=old)
    assert templates(under.sites) == templates(before.sites)


@pytest.mark.parametrize("name", ["load", "fit"])
@pytest.mark.parametrize("text", [STRAIGHT, LOOP], ids=["straight", "loop"])
def test_codes_are_exchanged_without_a_walk_where_no_loop_holds_them(tmp_path, text, name):
    ground = Ground()
    found = look(tmp_path, HEAD + text, ground=ground)
    codes = {f"script:{name}": "f" * 32}
    quick = with_codes(found, ground, codes)
    assert quick == look(tmp_path, HEAD + text, codes=codes).sites
    assert quick != found.sites


def test_what_a_loop_carries_from_turn_to_turn_needs_a_walk(tmp_path):
    ground = Ground()
    found = look(tmp_path, HEAD + CARRIED, ground=ground)
    assert with_codes(found, ground, {"script:fit": "f" * 32}) is None
