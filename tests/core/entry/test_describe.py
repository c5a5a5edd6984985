"""Texts about objects that have no ``repr`` of their own: what they hold, and no address."""

from __future__ import annotations

import time

import pytest

from jobtui_core.entry import describe, describe_argument
from jobtui_core.entry.describe import REDACTED, without_secrets


class Model:
    def __init__(self, **state):
        vars(self).update(state)


class Slotted:
    __slots__ = ("x",)


def test_an_object_is_told_by_what_it_holds():
    assert describe(Model(a=3, name="b")) == "Model(a=3, name='b')"
    assert describe_argument("self", [Model(a=1)]) == "[Model(a=1)]"


def test_one_that_shows_nothing_is_told_by_its_type():
    assert describe(Model()) == f"<{__name__}.Model>"
    assert describe(Slotted()) == f"<{__name__}.Slotted>"


def test_a_secret_that_an_object_holds_is_left_out():
    assert describe(Model(password="hunter2", a=1)) == "Model(password=<hidden>, a=1)"


@pytest.mark.parametrize("kind", ["str", "str | None", "dict[str, str]", "t.Optional[str]"])
def test_a_secret_that_is_a_default_of_a_function_is_left_out(kind):
    source = f"def f(a: int, password: {kind} = 'hunter2', b='x'):"
    assert without_secrets("", source) == source.replace("'hunter2'", REDACTED)


def test_an_object_that_holds_itself_comes_to_an_end():
    model = Model(a=1)
    model.own = model
    assert describe(model).startswith("Model(a=1, own=Model(a=1, own=")
    assert len(describe(Model(**{f"x{n}": "y" * 1000 for n in range(100)}))) <= 200


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (["fit.py", "--token=abc", "-v"], "['fit.py', '--token=<hidden>', '-v']"),
        (("--password", "abc", "x"), "('--password', '<hidden>', 'x')"),
        ("--api-key=abc", "'--api-key=<hidden>'"),
        ({"words": ["token=abc"]}, "{'words': ['token=<hidden>']}"),
        (["n=3", "--steps=4"], "['n=3', '--steps=4']"),
        ("the token is x = y", "'the token is x = y'"),
        (["a", 3], "['a', 3]"),
    ],
)
def test_secrets_among_the_words_of_a_command_line_are_left_out(value, shown):
    assert describe(value) == shown


@pytest.mark.parametrize("text", ["token" * 100_000, "password: " * 50_000, "x" * 1_000_000])
def test_a_repr_of_any_length_is_told_at_once(text):
    class Long:
        def __repr__(self):
            return text

    begun = time.process_time()
    shown = describe(Long())
    assert time.process_time() - begun < 1
    assert len(shown) <= 200
    assert shown.endswith("…")


def test_a_secret_that_hides_much_of_a_long_repr_shows_what_stands_behind():
    class Long:
        def __repr__(self):
            return f"Long(password='{'x' * 500}', rest={'y' * 5000})"

    shown = describe(Long())
    assert shown.startswith("Long(password=<hidden>, rest=yyy")
    assert shown.endswith("…")


def test_a_text_full_of_names_of_secrets_is_looked_through_at_once():
    begun = time.process_time()
    without_secrets("", "token" * 100_000)
    assert time.process_time() - begun < 5
