"""Texts about objects that have no ``repr`` of their own: what they hold, and no address."""

from __future__ import annotations

from jobtui_core.entry import describe, describe_argument


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


def test_an_object_that_holds_itself_comes_to_an_end():
    model = Model(a=1)
    model.own = model
    assert describe(model).startswith("Model(a=1, own=Model(a=1, own=")
    assert len(describe(Model(**{f"x{n}": "y" * 1000 for n in range(100)}))) <= 200
