"""Every way of reaching code, from both sides: a live function has the digest of its sources."""

from __future__ import annotations

import importlib

import pytest

from jobtui_core.fingerprint import loaded_fingerprint
from jobtui_core.fingerprint.layers import innermost
from tests.core.fingerprint.test_cases import CASES, FOLLOWED, UNFOLLOWED, Case

NOT_LOADABLE = {
    "a conditional definition",  # asks for an attribute that sys does not have
    "an attribute fetched by its name",  # imports a module that is not there
    "names that import each other",  # Python itself refuses
    "the body of a versioned method",  # Memory.cache has no version
}
LOADABLE = [case for case in CASES if case.name not in NOT_LOADABLE]
TEXTS = {
    **{name: text for name, (text, _) in UNFOLLOWED.items()},
    **FOLLOWED,
}


def live(function: str):
    """Give a function of a loaded script by its name there."""
    file, _, name = function.rpartition(":")
    module = importlib.import_module(file.removesuffix(".py").replace("/", ".") or "script")
    return innermost(getattr(module, name))


@pytest.mark.parametrize("case", LOADABLE, ids=lambda case: case.name)
def test_a_live_function_has_the_digest_of_its_sources(project, load, case: Case) -> None:
    text = case.old["script.py"].replace("make, Memory, memoize", "make, Memory")
    others = {name: text for name, text in case.old.items() if name != "script.py"}
    project.write(others)
    load(text)
    source = project.fingerprint(case.function)
    found = loaded_fingerprint(live(case.function))
    assert found.matches_source
    assert found.static.digest == source.digest


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_cannot_be_followed_is_the_same_from_both_sides(project, load, text: str) -> None:
    project.write({"a.py": "x = 1\n"})
    load(text)
    source = project.fingerprint("f")
    found = loaded_fingerprint(live("f"))
    assert found.static.digest == source.digest
    assert set(source.unfollowed) <= set(found.unfollowed)
