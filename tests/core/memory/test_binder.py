"""Arguments of a call by name."""

from __future__ import annotations

import functools

import pytest

from jobtui_core.memory.binder import ArgumentBinder


def bound(function, *args, ignore=(), **kwargs):
    binder = ArgumentBinder(function, ignore)
    values = binder.bind(args, kwargs)
    return {binder.names[index]: values[index] for index in binder.counted}


def test_positions_and_names_bind_alike_with_defaults():
    def f(a, b=2, *, c=3):
        pass

    assert bound(f, 1) == bound(f, a=1) == bound(f, 1, 2, c=3) == {"a": 1, "b": 2, "c": 3}


def test_surplus_arguments_are_kept_under_stars():
    def f(a, *args, b=1, **kwargs):
        pass

    assert bound(f, 1, 2, 3, z=4) == {"a": 1, "*": (2, 3), "b": 1, "**": {"z": 4}}


def test_positional_only_arguments_leave_their_names_free():
    def f(a, /, b, **kwargs):
        pass

    assert bound(f, 1, 2, a=3) == {"a": 1, "b": 2, "**": {"a": 3}}

    def g(a, b=2, /):
        pass

    assert bound(g, 1) == {"a": 1, "b": 2}


def test_mutable_defaults_are_the_functions_own():
    def f(a=[]):  # noqa: B006
        pass

    assert ArgumentBinder(f).bind((), {})[0] is f.__defaults__[0]


def test_a_bad_call_is_a_type_error_and_a_value_error():
    def f(a):
        pass

    for wrong in (TypeError, ValueError):
        with pytest.raises(wrong, match=r"f\(\) missing 1 required positional argument: 'a'"):
            ArgumentBinder(f).bind((), {})
    with pytest.raises(TypeError, match="unexpected keyword argument 'b'"):
        ArgumentBinder(f).bind((1,), {"b": 2})


def test_ignored_arguments_do_not_count():
    def f(a, verbose=0, *args, **kwargs):
        pass

    assert bound(f, 1, 5, 7, x=1, ignore=["verbose", "*", "**"]) == {"a": 1}


def test_a_wrong_ignore_list_is_refused():
    def f(a, verbose=0):
        pass

    with pytest.raises(ValueError, match="did you mean 'verbose'"):
        ArgumentBinder(f, ["verbos"])
    with pytest.raises(ValueError, match="must be a list"):
        ArgumentBinder(f, "verbose")


def test_the_layer_that_is_called_gives_the_signature():
    def inner(a, b):
        pass

    @functools.wraps(inner)
    def outer(*args):
        return inner(*args)

    assert bound(outer, 1, 2) == {"*": (1, 2)}


def test_underscored_and_odd_names_bind():
    def f(_0, __=1, _bind=2):
        pass

    assert bound(f, 5) == {"_0": 5, "__": 1, "_bind": 2}


def test_builtins_without_a_signature_bind():
    assert bound(max, 1, 2, key=None) == {"*": (1, 2), "**": {"key": None}}


def test_arguments_by_name_hold_surplus_keywords():
    def f(a, *args, **kwargs):
        pass

    binder = ArgumentBinder(f)
    assert binder.mapping(binder.bind((1, 2), {"z": 3})) == {"a": 1, "*": (2,), "z": 3}
