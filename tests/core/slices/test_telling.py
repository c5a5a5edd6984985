"""Asking a memoized function what it has is not a call of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.slices.test_static_keys import look, only

QUESTIONS = [
    "cached.explain(1)",
    "cached.entries()",
    "cached.cache_info()",
    "cached.check_call_in_cache(1)",
    "cached.hits",
    "cached.misses",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_function_that_is_asked_what_it_has_is_followed_as_before(
    tmp_path: Path, question: str
) -> None:
    found = look(tmp_path, f"cached(1)\nprint({question})\nfit(2)")
    assert not only(found, "cached").unfollowed
    assert not only(found, "fit").unfollowed
    assert not any(one.unfollowed for one in found.functions)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("text", ["fit({})", "if {}:\n    fit(2)"])
def test_what_rests_on_the_answer_is_marked(tmp_path: Path, question: str, text: str) -> None:
    found = look(tmp_path, f"cached(1)\n{text.format(question)}")
    assert "tells what is stored" in " ".join(only(found, "fit").unfollowed)


def test_a_function_among_the_arguments_of_a_question_is_passed_on(tmp_path: Path) -> None:
    found = look(tmp_path, "cached(1)\nprint(cached.explain(load))")
    assert any(one.unfollowed for one in found.functions if one.name == "load")
